"""Paperoni exports, brought or fetched. How they are read is told in ``worker/formats/paperoni.py``."""

from worker.formats import addresses, paperoni
from worker.page import Source

SOURCE = Source(
    name="paperoni",
    title="Paperoni exports",
    revision=1,
    parse=paperoni.parse,
    first=addresses.first,
    media="json",
)
