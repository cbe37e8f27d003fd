"""MODS files, brought or fetched. How they are read is told in ``worker/formats/mods.py``."""

from worker.formats import addresses, mods
from worker.page import Source

SOURCE = Source(
    name="mods",
    title="MODS files",
    revision=1,
    parse=mods.parse,
    first=addresses.first,
    media="xml",
)
