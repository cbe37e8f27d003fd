"""DataCite XML files, kernel 2.2 to 4.6, brought or fetched. How they are read is told in ``formats/datacite.py``."""

from worker.formats import addresses, datacite
from worker.page import Source

SOURCE = Source(
    name="datacite_xml",
    title="DataCite XML files",
    revision=1,
    parse=datacite.parse_xml,
    first=addresses.first,
    trust=42,
    media="xml",
)
