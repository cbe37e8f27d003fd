"""EndNote XML files, brought or fetched. How they are read is told in ``worker/formats/endnote.py``."""

from worker.formats import addresses, endnote
from worker.page import Source

SOURCE = Source(
    name="endnote",
    title="EndNote XML files",
    revision=1,
    parse=endnote.parse,
    first=addresses.first,
    media="xml",
)
