"""Feeds: RSS, Atom and JSON Feed, of archives, journals and institutes.

In the sources file a feed is a page: ``pages = ["https://lab.example/feed.xml"]``. A feed is a window: what is no
longer in it is not gone. An entry is known by its id (``guid``, ``id``), else by its address, else by its words. An
entry that carries no number of a paper is news, unless ``publications = true`` says that everything in it is a paper.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Iterator
from typing import Any
from urllib.parse import urljoin

import feedparser

from worker.errors import Malformed, Permanent
from worker.formats import values, xml
from worker.formats.addresses import first
from worker.formats.entries import content_key
from worker.formats.items import each, fields, unread
from worker.normalise import identifiers
from worker.normalise.dates import partial_date
from worker.page import Page, Request, Site, Source
from worker.record import Author, Identifier, Link, Record, VersionKind

_KNOWN = fields(
    "id url external_url title content_html content_text summary image banner_image date_published date_modified "
    "author authors tags language attachments"
)
_ARCHIVES = ("doi", "arxiv", "openreview", "acl", "pmlr", "hal", "pmid", "pmcid")
_ANNOUNCED = re.compile(r"(?s)^arXiv:(\S+) Announce Type: ([\w-]+)\s+Abstract:\s*")
"""How arXiv's RSS begins every description."""


def next_page(site: Site, page: Page) -> Request | None:
    """The next part of a feed that comes in parts: ``next_url``, or links ``next`` and ``prev-archive`` (RFC 5005)."""
    if _is_json(page):
        address = values.address(values.inner(page.json(), "next_url"))
        return Request(address) if address else None
    links = _parsed(page).feed.get("links", ())
    for relation in ("next", "prev-archive"):
        for link in links:
            if link.get("rel") == relation and link.get("href"):
                return Request(urljoin(page.url, str(link["href"])))
    return None


def check(page: Page) -> None:
    """Says so when a feed is gone for good.

    Raises:
        Permanent: it is.
    """
    if page.status == 410:
        raise Permanent(f"{page.url}: this feed is gone for good (HTTP 410); take it out of the sources file")


def parse(page: Page) -> Iterator[Record | Malformed]:
    """A record an entry.

    Raises:
        Malformed: no feed.
    """
    if _is_json(page):
        content = page.json()
        if not isinstance(content, dict) or "jsonfeed.org" not in str(content.get("version")):
            raise Malformed(f"{page.url}: expected a JSON Feed, found {str(content)[:80]!r}", page.body)
        return each(values.listed(content.get("items")), lambda item: _of_json(item, content, page), page.url)
    feed = _parsed(page)
    if not feed.version:
        raise Malformed(f"{page.url}: expected a feed, found {page.body[:60]!r}", page.body)
    return each([dict(entry) for entry in feed.entries], lambda entry: _of_entry(entry, feed.feed, page), page.url)


def _is_json(page: Page) -> bool:
    return page.body.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] in (b"{", b"[")


def _parsed(page: Page) -> Any:
    """The feed as feedparser reads it: from bytes in memory, so that nothing is fetched or opened."""
    if b"<!ENTITY" in page.body[:65_536]:
        raise Malformed(f"{page.url}: expected a feed without declared entities, found <!ENTITY", page.body)
    try:
        xml.parse(page.body, page.url)
    except Malformed as error:
        # Broken feeds are feedparser's art; its time grows with the square of their depth.
        if "depth" in str(error):
            raise
    told = {"content-type": page.media_type, "content-location": page.url}
    return feedparser.parse(io.BytesIO(page.body), response_headers=told, sanitize_html=False)


def _of_entry(entry: dict[str, Any], feed: Any, page: Page) -> Record | None:
    """RSS and Atom in feedparser's words."""
    contents = [one.get("value") for one in values.objects(entry.get("content"))]
    summary = values.text(entry.get("summary"))
    announced = _ANNOUNCED.match(summary or "")
    if announced and summary:
        contents, summary = [summary[announced.end() :]], None
    published = entry.get("published") or entry.get("updated")
    if announced and announced[2] != "new":
        published = None  # The day it was announced again says nothing of the paper's.
    addresses = [entry.get("link"), *(one.get("href") for one in values.objects(entry.get("links")))]
    people = [one.get("name") for one in values.objects(entry.get("authors"))] or values.listed(entry.get("author"))
    return _record(
        page,
        key=entry.get("id") or entry.get("link"),
        title=entry.get("title"),
        whole=contents,
        summary=summary,
        people=people,
        dates=(published, entry.get("updated") or entry.get("published")),
        addresses=addresses,
        said=[entry.get("id"), entry.get("prism_doi"), entry.get("dc_identifier"), entry.get("arxiv_doi")],
        topics=[one.get("term") for one in values.objects(entry.get("tags"))],
        language=entry.get("language") or feed.get("language"),
        venue=entry.get("prism_publicationname"),
        licence=entry.get("license") or entry.get("rights"),
    )


def _of_json(item: dict[str, Any], feed: dict[str, Any], page: Page) -> Record | None:
    """JSON Feed 1.0 and 1.1. https://www.jsonfeed.org/version/1.1/"""
    people = values.objects(item.get("authors") or item.get("author")) or values.objects(feed.get("authors"))
    return _record(
        page,
        key=item.get("id") or item.get("url"),
        title=item.get("title"),
        whole=[item.get("content_html"), item.get("content_text")],
        summary=item.get("summary"),
        people=[one.get("name") for one in people],
        dates=(item.get("date_published"), item.get("date_modified") or item.get("date_published")),
        addresses=[item.get("url"), item.get("external_url")],
        said=[item.get("id")],
        topics=values.listed(item.get("tags")),
        language=item.get("language") or feed.get("language"),
        strange=[name for name in item if name not in _KNOWN and not name.startswith("_")],
    )


def _record(
    page: Page,
    *,
    key: Any,
    title: Any,
    whole: list[Any],
    summary: Any,
    people: Iterable[Any],
    dates: tuple[Any, Any],
    addresses: list[Any],
    said: list[Any],
    topics: list[Any],
    language: Any,
    venue: Any = None,
    licence: Any = None,
    strange: Iterable[str] = (),
) -> Record | None:
    title, tongue = values.text(title), values.language(language)
    abstract, state = values.abstract(whole)
    if abstract is None:
        # A summary may be the beginning of more, even where it ends like a sentence.
        abstract, state = values.abstract(summary)
        state = "unknown" if state == "whole" else state
    held = _identifiers([*addresses, *said])
    if not held and (title is None or page.options.get("publications") is not True):
        return None
    shown = re.sub(r"^(oai:arXiv\.org:.+)v\d+$", r"\1", values.text(key) or "")
    version: VersionKind | None = "preprint" if any(one.scheme == "arxiv" for one in held) else None
    return Record(
        source_key=shown or content_key(title, abstract, held),
        title=title,
        title_language=values.spoken(title, tongue),
        abstract=abstract,
        abstract_language=values.spoken(abstract, tongue),
        abstract_state=state,
        authors=tuple(_people(people)),
        identifiers=held,
        kind="preprint" if version else None,
        version=version,
        date=partial_date(dates[0]),
        venue=values.text(venue),
        language=tongue,
        links=tuple(sorted({Link(found) for one in addresses[:1] if (found := values.address(one))})),
        topics=values.words(topics),
        licence=values.licence(licence),
        updated_at=partial_date(dates[1]),
        unread=unread(strange),
    )


def _people(told: Iterable[Any]) -> Iterator[Author]:
    """Names one by one; several in one field stand between commas or semicolons."""
    for one in told:
        names = re.split(r"\s*;\s*|\s*,\s*(?!Jr\b)(?=\S+ \S)", values.text(one) or "")
        for name in names:
            author = values.person(re.sub(r"^[\w.+-]+@\S+\s*\((.*)\)$", r"\1", name)) if "@" not in name[-20:] else None
            if author is not None:
                yield author


def _identifiers(told: Iterable[Any]) -> tuple[Identifier, ...]:
    found: list[Identifier] = []
    for one in told:
        shown = values.text(one) or ""
        address = identifiers.from_url(shown)
        if address is not None and address.scheme in _ARCHIVES:
            found.append(address)
            found.extend(filter(None, [identifiers.implies(address)]))
        elif shown.lower().startswith(("doi:", "10.")):
            found.extend(identifiers.of(doi=shown))
        elif shown.startswith("oai:arXiv.org:"):
            found.extend(identifiers.of(arxiv=shown.removeprefix("oai:arXiv.org:")))
    return identifiers.united(tuple(found))


SOURCE = Source(
    name="feed",
    title="RSS, Atom and JSON feeds",
    revision=1,
    parse=parse,
    first=first,
    next=next_page,
    check=check,
    trust=65,
    media="any",
)
