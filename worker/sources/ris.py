"""References in tagged lines, brought or fetched: RIS, Medline (nbib), ISI/Web of Science, EndNote and refer.

How they are read is told in ``worker/formats/tagged.py``.
"""

from worker.formats import addresses, tagged_records
from worker.page import Source

SOURCE = Source(
    name="ris",
    title="RIS, Medline, ISI and EndNote files (tagged lines)",
    revision=1,
    parse=tagged_records.parse,
    first=addresses.first,
    media="text",
)
