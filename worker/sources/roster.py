"""The roster of an institute, brought or fetched. How it is read is told in ``worker/formats/roster.py``."""

from worker.formats import addresses, roster
from worker.page import Source

SOURCE = Source(
    name="roster",
    title="Roster of an institute",
    revision=1,
    parse=roster.parse,
    first=addresses.first,
)
