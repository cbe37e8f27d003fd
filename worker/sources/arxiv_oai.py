"""arXiv by OAI-PMH: every paper of a category with its abstract, authors and licence, each day's changes in a few
requests. https://info.arxiv.org/help/oa/index.html

arXiv allows one request in three seconds over all its services and machines; its dates are those of changed metadata,
and its resumption tokens live for a day. In the sources file::

    sets = ["cs:cs:LG", "stat:stat:ML"]
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

from worker.formats import oai
from worker.page import Page, Question, Request, Site, Source, Window

API = "https://oaipmh.arxiv.org/oai"


def first(site: Site, window: Window) -> Iterator[Request]:
    """One walk a set, from the day before the window begins: arXiv's evening is the next day elsewhere."""
    since = window.since - timedelta(days=1) if window.since else None
    yield from oai.first(_site(site), Window(since))


def next_page(site: Site, page: Page) -> Request | None:
    """The page the resumption token leads to."""
    return oai.next_page(_site(site), page)


def ask(site: Site, question: Question) -> Request | None:
    """A paper by its number."""
    return oai.ask(_site(site), question)


def _site(site: Site) -> Site:
    told: dict[str, Any] = {"prefix": "arXiv", "identifier": "oai:arXiv.org:{arxiv}", **site.options}
    return replace(site, base_url=site.base_url or API, options=told)


SOURCE = Source(
    name="arxiv_oai",
    title="arXiv, by OAI-PMH",
    revision=1,
    parse=oai.parse,
    first=first,
    next=next_page,
    ask=ask,
    total=oai.total,
    listed=oai.listed,
    check=oai.check,
    base_url=API,
    answers=("arxiv",),
    deduplicates=True,
    trust=20,
    seconds_between_requests=3.0,
    concurrency=1,
    host_group="arxiv",
    media="xml",
)
