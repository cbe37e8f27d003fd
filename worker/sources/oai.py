"""Any repository that speaks OAI-PMH 2.0: institutional repositories, HAL, DataCite, PubMed Central, journals.

In the sources file::

    base_url = "https://repository.example/oai"
    prefix = "oai_dc"              # or arXiv, mods, marcxml, marc21, jats, pmc_fm, oai_datacite
    sets = ["com_1", "col_2_3"]    # one walk each; without it everything is walked
    granularity = "second"         # for a repository that refuses days
    identifier = "oai:HAL:{hal}"   # how it makes its identifiers, to answer single questions
"""

from worker.formats import oai
from worker.page import Source

SOURCE = Source(
    name="oai",
    title="OAI-PMH repository",
    revision=1,
    parse=oai.parse,
    first=oai.first,
    next=oai.next_page,
    ask=oai.ask,
    total=oai.total,
    listed=oai.listed,
    check=oai.check,
    answers=("hal", "arxiv", "doi", "pmcid"),
    trust=48,
    seconds_between_requests=2.0,
    concurrency=1,
    media="xml",
)
