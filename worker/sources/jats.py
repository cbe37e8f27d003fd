"""JATS and NLM XML files, brought or fetched. How they are read is told in ``worker/formats/jats.py``."""

from worker.formats import addresses, jats
from worker.page import Source

SOURCE = Source(
    name="jats",
    title="JATS and NLM XML files",
    revision=1,
    parse=jats.parse,
    first=addresses.first,
    trust=45,
    media="xml",
)
