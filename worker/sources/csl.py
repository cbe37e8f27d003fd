"""CSL-JSON and CSL-YAML files, brought or fetched. How they are read is told in ``worker/formats/csl.py``."""

from worker.formats import addresses, csl
from worker.page import Source

SOURCE = Source(
    name="csl",
    title="CSL-JSON and CSL-YAML files",
    revision=1,
    parse=csl.parse,
    first=addresses.first,
    media="any",
)
