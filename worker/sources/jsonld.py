"""Works in JSON-LD and codemeta.json, brought or fetched. How they are read is told in ``worker/formats/jsonld.py``."""

from worker.formats import addresses, jsonld
from worker.page import Source

SOURCE = Source(
    name="jsonld",
    title="Works in JSON-LD and codemeta.json",
    revision=1,
    parse=jsonld.parse,
    first=addresses.first,
    media="json",
)
