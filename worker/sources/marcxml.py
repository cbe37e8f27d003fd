"""MARCXML files, brought or fetched. How they are read is told in ``worker/formats/marc.py``."""

from worker.formats import addresses, marc
from worker.page import Source

SOURCE = Source(
    name="marcxml",
    title="MARCXML files",
    revision=1,
    parse=marc.parse,
    first=addresses.first,
    media="xml",
)
