"""CITATION.cff files, brought or fetched. How they are read is told in ``worker/formats/cff.py``."""

from worker.formats import addresses, cff
from worker.page import Source

SOURCE = Source(
    name="cff",
    title="CITATION.cff files",
    revision=1,
    parse=cff.parse,
    first=addresses.first,
    media="text",
)
