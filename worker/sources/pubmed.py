"""PubMed, by the E-utilities (no key for three requests a second, ``NCBI_API_KEY`` for ten).
https://www.ncbi.nlm.nih.gov/books/NBK25499/

A harvest is one search kept on the server, and the articles it finds, some hundred a page; changes are found by the day
an entry was modified. PubMed hands out 10,000 articles of a search: a larger one is walked year by year of
publication. In the sources file::

    query = "Mila[Affiliation] AND Quebec[Affiliation]"
    first_year = 2000                   # both or neither
    last_year = 2026
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

from worker.errors import Expired, Malformed, Transient
from worker.formats import pubmed, values, xml
from worker.page import Page, Question, Request, Site, Source, Window
from worker.record import Record

API = "https://eutils.ncbi.nlm.nih.gov/entrez/eutils"
PER_PAGE = 200
MOST = 10_000
"""Articles of one search that can be had."""
_ERROR = re.compile(rb"<(?:ERROR|Error)>\s*([^<]{1,300})")


def first(site: Site, window: Window) -> Iterator[Request]:
    """One search; with a day only what was modified since then, else one search a year of publication."""
    query = site.options.get("query")
    if not isinstance(query, str) or not query.strip():
        return
    if window.since is not None:
        since = window.since.strftime("%Y/%m/%d")
        yield _search(site, query, {"datetype": "mdat", "mindate": since, "maxdate": "3000"})
        return
    begin = site.options.get("first_year")
    end = site.options.get("last_year")
    if isinstance(begin, int) and isinstance(end, int) and 1700 <= begin <= end <= 2100:
        for year in range(begin, end + 1):
            yield _search(site, query, {"datetype": "pdat", "mindate": str(year), "maxdate": str(year)})
        return
    yield _search(site, query, {})


def next_page(site: Site, page: Page) -> Request | None:
    """After a search its first articles; after articles the next ones, while there are any.

    Raises:
        Malformed: more articles than PubMed hands out, or not told how many.
    """
    asked = dict(parse_qsl(urlsplit(page.url).query))
    if "/esearch.fcgi" in page.url:
        root = xml.parse(page.body, page.url)
        key, environment = xml.text(root, "QueryKey"), xml.text(root, "WebEnv")
        n = values.count(xml.text(root, "Count"))
        if n is None:
            raise Malformed(f"{page.url}: expected a <Count>, found {xml.text(root, 'Count')!r}", page.body)
        if n > MOST:
            raise Malformed(
                f"{page.url}: {n} articles, but PubMed hands out {MOST}: set first_year and last_year of the source"
            )
        if not n or not key or not environment:
            return None
        return _fetch(site, {"query_key": key.strip(), "WebEnv": environment.strip(), "n": str(n)}, 0)
    start = (values.count(asked.get("retstart")) or 0) + PER_PAGE
    if "WebEnv" not in asked or start >= min(MOST, total(page) or 0):
        return None
    return _fetch(site, asked, start)


def ask(site: Site, question: Question) -> Request | None:
    """An article by PubMed's own number; a search would answer with numbers only."""
    if question.by == "pmid":
        return Request(f"{_base(site)}/efetch.fcgi?{_query({'db': 'pubmed', 'id': question.value, 'retmode': 'xml'})}")
    return None


def total(page: Page) -> int | None:
    """How many articles the search finds."""
    return values.count(dict(parse_qsl(urlsplit(page.url).query)).get("n"))


def check(page: Page) -> None:
    """Refuses what only looks like an answer.

    Raises:
        Expired: the search is no longer kept.
        Transient: an error of the service.
    """
    if page.status != 200:
        return
    error = _ERROR.search(page.body[:4096])
    if error is None:
        return
    said = error[1].decode("utf-8", "replace").strip()
    if re.search(r"(?i)webenv|query_key|history|expired", said):
        raise Expired(f"{page.url}: PubMed says {said}")
    raise Transient(f"{page.url}: PubMed says {said}")


def authorise(site: Site, request: Request) -> Request:
    """Who asks: the product, our address, and the key when there is one."""
    told = {"tool": "pubcat"}
    if site.contact:
        told["email"] = site.contact
    if key := site.secrets.get("NCBI_API_KEY", "").strip():
        told["api_key"] = key
    return replace(request, url=f"{request.url}&{urlencode(told)}")


def parse(page: Page) -> Iterator[Record | Malformed]:
    """A record an article, a tombstone a withdrawn number; a search has none of its own."""
    root = xml.root_name(page.body)
    if root is not None and root[1] == b"eSearchResult":
        if (error := _ERROR.search(page.body)) is not None:
            raise Malformed(f"{page.url}: PubMed says {error[1].decode('utf-8', 'replace').strip()}", page.body)
        return
    yield from pubmed.parse(page)


def _base(site: Site) -> str:
    return (site.base_url or API).rstrip("/")


def _query(told: dict[str, str]) -> str:
    return urlencode(told, quote_via=quote, safe="/[]:")


def _search(site: Site, term: str, dates: dict[str, str]) -> Request:
    told = {"db": "pubmed", "term": term.strip(), "usehistory": "y", "retmax": "0", **dates}
    return Request(f"{_base(site)}/esearch.fcgi?{_query(told)}")


def _fetch(site: Site, told: dict[str, str], start: int) -> Request:
    """``n`` is ours: how many articles the search has; PubMed ignores it."""
    query = {"db": "pubmed", "retmode": "xml", "query_key": told["query_key"], "WebEnv": told["WebEnv"]}
    query |= {"retstart": str(start), "retmax": str(PER_PAGE), "n": told["n"]}
    return Request(f"{_base(site)}/efetch.fcgi?{_query(query)}")


SOURCE = Source(
    name="pubmed",
    title="PubMed",
    revision=1,
    parse=parse,
    first=first,
    next=next_page,
    ask=ask,
    total=total,
    check=check,
    authorise=authorise,
    base_url=API,
    needs=("PUBCAT_CONTACT",),
    may_use=("NCBI_API_KEY",),
    answers=("pmid",),
    deduplicates=True,
    trust=38,
    seconds_between_requests=0.4,
    host_group="ncbi",
    media="xml",
)
