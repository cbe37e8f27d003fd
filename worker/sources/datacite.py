"""DataCite, DOIs by its REST API (no key): data sets, software, preprints (arXiv's among them).
https://support.datacite.org/docs/api

A harvest walks one query by cursor; changes are found by the moment of update. In the sources file, either or both::

    ror = "05c22rx21"                       # works whose creators were there
    query = "client.uid:cern.zenodo"        # DataCite's own syntax
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

from worker.errors import Malformed, Transient
from worker.formats import datacite, values
from worker.formats.items import each
from worker.normalise import identifiers
from worker.page import Page, Question, Request, Site, Source, Window
from worker.record import Record

API = "https://api.datacite.org"
PER_PAGE = 200
FOUND_PER_QUESTION = 5
_ALWAYS = {"affiliation": "true", "publisher": "true", "disable-facets": "true"}


def first(site: Site, window: Window) -> Iterator[Request]:
    """One walk through what the query finds, updated since the day before the window begins."""
    clauses = []
    ror = identifiers.normalise("ror", site.options.get("ror"))
    if ror is not None:
        clauses.append(f'creators.affiliation.affiliationIdentifier:"https://ror.org/{ror.value}"')
    told = site.options.get("query")
    if isinstance(told, str) and told.strip():
        clauses.append(f"({told.strip()})")
    if not clauses:
        return
    if window.since is not None:
        clauses.append(f"updated:[{window.since - timedelta(days=1)} TO *]")
    query = {"query": " AND ".join(clauses), "page[cursor]": "1", "page[size]": str(PER_PAGE)}
    yield _request(site, "/dois", {**query, **_ALWAYS})


def next_page(site: Site, page: Page) -> Request | None:
    """The page the next link leads to, at the address we were told to ask."""
    content = page.json()
    query = dict(parse_qsl(urlsplit(page.url).query))
    link = values.inner(content, "links", "next")
    if not isinstance(link, str) or "page[cursor]" not in query or not values.listed(content.get("data")):
        return None
    following = dict(parse_qsl(urlsplit(link).query)).get("page[cursor]")
    if not following or following == query["page[cursor]"]:
        return None
    return _request(site, "/dois", {**query, "page[cursor]": following})


def ask(site: Site, question: Question) -> Request | None:
    """A DOI, an arXiv paper by the DOI arXiv gives it, or works by the words of their title."""
    match question.by:
        case "doi" | "arxiv":
            doi = question.value if question.by == "doi" else f"10.48550/arxiv.{question.value}"
            return _request(site, f"/dois/{quote(doi, safe='/')}", {"affiliation": "true", "publisher": "true"})
        case "title":
            words = " ".join(re.findall(r"[^\W_]+", question.value)[:40])
            found = {"query": f"titles.title:({words.lower()})", "page[size]": str(FOUND_PER_QUESTION), **_ALWAYS}
            return _request(site, "/dois", found) if words else None
        case _:
            return None


def total(page: Page) -> int | None:
    """How many DOIs the query finds."""
    return values.count(values.inner(page.json(), "meta", "total"))


def listed(page: Page) -> list[str]:
    """The DOIs of a list."""
    return [str(one.get("id")) for one in values.objects(values.inner(page.json(), "data"))]


def check(page: Page) -> None:
    """Refuses an empty first page of a query that finds something.

    Raises:
        Transient: that.
    """
    if page.status != 200:
        return
    content = page.json()
    at_start = dict(parse_qsl(urlsplit(page.url).query)).get("page[cursor]") == "1"
    if at_start and (total(page) or 0) > 0 and not values.listed(values.inner(content, "data")):
        raise Transient(f"{page.url}: {total(page)} DOIs, but an empty page")


def parse(page: Page) -> Iterator[Record | Malformed]:
    """A record a DOI: of a list, of a single answer, or of DataCite's own JSON of one work.

    Raises:
        Malformed: no answer of DataCite, or one that says what was wrong.
    """
    content = page.json()
    if isinstance(content, dict) and "data" not in content:
        if "errors" in content:
            told = [values.text(one.get("title")) for one in values.objects(content["errors"])]
            raise Malformed(f"{page.url}: DataCite says {'; '.join(filter(None, told))[:300]}", page.body)
        content = {"data": [content]}
    if isinstance(content, list):
        content = {"data": content}
    if not isinstance(content, dict):
        raise Malformed(f"{page.url}: expected DOIs, found {str(content)[:80]!r}", page.body)
    return each(values.listed(content["data"]), datacite.record, page.url, page.seen)


def _request(site: Site, path: str, query: dict[str, str]) -> Request:
    base = (site.base_url or API).rstrip("/")
    return Request(f"{base}{path}?{urlencode(query, quote_via=quote, safe=':*/')}")


SOURCE = Source(
    name="datacite",
    title="DataCite",
    revision=1,
    parse=parse,
    first=first,
    next=next_page,
    ask=ask,
    total=total,
    listed=listed,
    check=check,
    base_url=API,
    needs=("PUBCAT_CONTACT",),
    answers=("doi", "arxiv", "title"),
    trust=42,
    seconds_between_requests=0.5,
    host_group="datacite",
    media="json",
)
