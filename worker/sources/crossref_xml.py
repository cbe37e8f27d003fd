"""Crossref XML files, brought or fetched. How they are read is told in ``worker/formats/crossref_xml.py``."""

from worker.formats import addresses, crossref_xml
from worker.page import Source

SOURCE = Source(
    name="crossref_xml",
    title="Crossref XML files",
    revision=1,
    parse=crossref_xml.parse,
    first=addresses.first,
    trust=45,
    media="xml",
)
