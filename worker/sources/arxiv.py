"""arXiv by its query API (Atom, no key). https://info.arxiv.org/help/api/user-manual.html

One request every three seconds over all of arXiv's services and all our machines. A harvest walks one query, the last
updated first, so that one for changes may stop early. In the sources file::

    query = 'cat:cs.LG AND au:"Bengio"'      # arXiv's own syntax; it knows no affiliations worth searching

Whole archives are harvested by OAI-PMH, which tells deletions and has no limit of 30,000.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

from worker.errors import Malformed, Transient
from worker.formats import values, xml
from worker.formats.arxiv_xml import is_withdrawn
from worker.formats.items import each, fields, unread
from worker.normalise import identifiers
from worker.normalise.dates import partial_date
from worker.page import Page, Question, Request, Site, Source, Window
from worker.record import Affiliation, Author, Link, Record

API = "https://export.arxiv.org/api"
PER_PAGE = 200
MOST = 30_000
"""Results of one query; more are refused."""
FOUND_PER_QUESTION = 5

_KNOWN = fields(
    "id title updated published summary author link category primary_category comment journal_ref doi rights "
    "contributor"
)
_SINCE = re.compile(r"since=(\d{4}-\d{2}-\d{2})")


def first(site: Site, window: Window) -> Iterator[Request]:
    """One walk through what the query finds. The day a harvest of changes begins stands behind the address, where no
    server sees it."""
    query = site.options.get("query")
    if isinstance(query, str) and query.strip():
        asked = {"search_query": query.strip(), "start": "0", "max_results": str(PER_PAGE)}
        yield _request(site, {**asked, "sortBy": "lastUpdatedDate", "sortOrder": "descending"}, window.since)


def next_page(site: Site, page: Page) -> Request | None:
    """So many results further on, until there are no more, or until they are older than what was asked for."""
    query = dict(parse_qsl(urlsplit(page.url).query))
    since = _since(page)
    if "start" not in query or "search_query" not in query:
        return None
    start = (values.count(query["start"]) or 0) + (values.count(query.get("max_results")) or PER_PAGE)
    root = _root(page)
    if start >= min(_count(root, "totalResults") or 0, MOST):
        return None
    updated = [values.text(xml.text(entry, "updated")) or "" for entry in xml.children(root, "entry")]
    if since is not None and updated and min(updated)[:10] < since:
        return None
    return _request(site, {**query, "start": str(start)}, since)


def ask(site: Site, question: Question) -> Request | None:
    """A paper by its number, or the papers with the words of a title."""
    if question.by == "arxiv":
        return _request(site, {"id_list": question.value, "max_results": "1"})
    if question.by == "title":
        words = " ".join(re.findall(r"[^\W_]+", question.value)[:30])
        return (
            _request(site, {"search_query": f'ti:"{words}"', "max_results": str(FOUND_PER_QUESTION)}) if words else None
        )
    return None


def total(page: Page) -> int | None:
    """How many results the query has; unknown to a harvest of changes, which does not walk to its end."""
    if _since(page) is not None:
        return None
    found = _count(_root(page), "totalResults")
    return None if found is None else min(found, MOST)


def check(page: Page) -> None:
    """Refuses an empty page before the end of the results.

    Raises:
        Transient: that.
    """
    if page.status != 200:
        return
    root = _root(page)
    found, start = _count(root, "totalResults") or 0, _count(root, "startIndex") or 0
    if start < min(found, MOST) and xml.child(root, "entry") is None:
        raise Transient(f"{page.url}: an empty page at {start} of {found} results")


def parse(page: Page) -> Iterator[Record | Malformed]:
    """A record a paper, in its latest version.

    Raises:
        Malformed: no answer of arXiv.
    """
    root = _root(page)
    return each([_told(entry) for entry in xml.children(root, "entry")], _record, page.url)


def _request(site: Site, query: dict[str, str], since: object = None) -> Request:
    asked = urlencode(query, quote_via=quote, safe=":")
    return Request(f"{(site.base_url or API).rstrip('/')}/query?{asked}{f'#since={since}' if since else ''}")


def _since(page: Page) -> str | None:
    found = _SINCE.fullmatch(urlsplit(page.url).fragment)
    return found[1] if found else None


def _root(page: Page) -> xml.Element:
    root = xml.parse(page.body, page.url)
    if xml.local(root) != "feed":
        raise Malformed(f"{page.url}: expected an Atom feed, found <{xml.local(root)}>", page.body)
    return root


def _count(root: xml.Element, name: str) -> int | None:
    return values.count(xml.text(root, name))


def _told(entry: xml.Element) -> dict[str, Any]:
    """The texts of an entry by their names; people, links and categories as they are."""
    told: dict[str, Any] = {xml.local(one): xml.text(one) for one in entry}
    told["author"] = [
        (xml.text(one, "name"), [xml.text(place) for place in xml.children(one, "affiliation")])
        for one in xml.children(entry, "author")
    ]
    told["category"] = [xml.attribute(one, "term") for one in xml.children(entry, "category")]
    primary = xml.child(entry, "primary_category")
    told["primary_category"] = xml.attribute(primary, "term") if primary is not None else None
    told["link"] = [
        (xml.attribute(one, "href"), xml.attribute(one, "rel"), xml.attribute(one, "title"))
        for one in xml.children(entry, "link")
    ]
    return told


def _record(entry: dict[str, Any]) -> Record | None:
    address = values.text(entry["id"]) or ""
    if "/api/errors" in address:
        raise ValueError(f"expected a paper, arXiv says {values.text(entry.get('summary'))!r}")
    own = identifiers.normalise("arxiv", address)
    if own is None:
        raise ValueError(f"expected an arXiv number, found {address!r}")
    title = values.text(entry["title"])
    abstract, state = values.abstract(entry.get("summary"))
    topics = values.words([entry.get("primary_category"), *entry["category"]])
    return Record(
        source_key=own.value,
        title=title,
        title_language=values.spoken(title),
        abstract=abstract,
        abstract_language=values.spoken(abstract),
        abstract_state=state,
        authors=tuple(one for name, places in entry["author"] if (one := _author(name, places)) is not None),
        identifiers=identifiers.united((own,), identifiers.of(doi=(values.text(entry.get("doi")) or "").split())),
        kind="preprint",
        version="preprint",
        date=partial_date(entry.get("published")),
        venue="arXiv",
        links=tuple(sorted(_links(own.value, entry["link"]))),
        topics=topics,
        licence=values.licence(entry.get("rights")),
        is_retracted=is_withdrawn(values.text(entry.get("comment")), abstract),
        updated_at=values.moment(entry.get("updated")),
        unread=unread(entry.keys() - _KNOWN),
    )


def _author(name: str | None, places: list[str | None]) -> Author | None:
    return values.person(name, affiliations=[Affiliation(shown) for shown in values.words(places)])


def _links(number: str, told: list[tuple[str | None, str | None, str | None]]) -> Iterator[Link]:
    """Without versions: the address of a paper is that of its newest version."""
    yield Link(f"https://arxiv.org/abs/{number}")
    if any(title == "pdf" for _, _, title in told):
        yield Link(f"https://arxiv.org/pdf/{number}", "pdf")


SOURCE = Source(
    name="arxiv",
    title="arXiv",
    revision=1,
    parse=parse,
    first=first,
    next=next_page,
    ask=ask,
    total=total,
    check=check,
    base_url=API,
    needs=("PUBCAT_CONTACT",),
    answers=("arxiv", "title"),
    deduplicates=True,
    trust=34,
    seconds_between_requests=3.0,
    concurrency=1,
    host_group="arxiv",
    media="xml",
)
