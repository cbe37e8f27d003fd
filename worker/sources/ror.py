"""ROR, the registry of research organisations (a free client id gives more room). https://ror.readme.io/docs/rest-api

It holds no works: people ask it which organisation an affiliation means (``pubcat sources organisation``), and write
the answer into the sources file. Papers get the ROR ids of affiliations from the sources that tell them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from urllib.parse import quote

from worker.errors import Malformed
from worker.formats import organisations
from worker.page import Page, Question, Request, Site, Source
from worker.record import Record

API = "https://api.ror.org/v2"


def ask(site: Site, question: Question) -> Request | None:
    """The organisations an affiliation may mean, or the one of an id."""
    base = (site.base_url or API).rstrip("/")
    if question.by == "affiliation":
        return Request(f"{base}/organizations?affiliation={quote(question.value, safe='')}")
    return Request(f"{base}/organizations/{quote(question.value, safe='')}") if question.by == "ror" else None


def authorise(site: Site, request: Request) -> Request:
    """With the client id, when somebody registered: 2,000 requests in five minutes instead of 50."""
    told = site.secrets.get("ROR_CLIENT_ID", "").strip()
    return replace(request, headers={**request.headers, "Client-Id": told}) if told else request


def parse(page: Page) -> Iterator[Record | Malformed]:
    """No record, for organisations are no works; what cannot be read is said.

    Raises:
        Malformed: no answer of ROR.
    """
    return iter([one for one in organisations.read(page) if isinstance(one, Malformed)])


SOURCE = Source(
    name="ror",
    title="Research Organization Registry",
    revision=1,
    parse=parse,
    ask=ask,
    authorise=authorise,
    base_url=API,
    needs=("PUBCAT_CONTACT",),
    may_use=("ROR_CLIENT_ID",),
    answers=("affiliation",),
    seconds_between_requests=6.0,
    host_group="ror",
    media="json",
)
