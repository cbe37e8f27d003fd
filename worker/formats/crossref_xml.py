"""Crossref's XML of works: deposits, UNIXREF and UNIXSD answers, and the records of its OAI-PMH service.
https://www.crossref.org/documentation/schema-library/

A journal, a conference or a book holds the works deposited with it; each work is a record, and what holds them is one
only when it stands alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from worker.errors import Malformed
from worker.formats import parts, values, xml
from worker.formats.jats import in_year_of_issue, said
from worker.normalise import identifiers, texts
from worker.normalise.dates import partial_date
from worker.page import Page
from worker.record import Affiliation, Author, PaperKind, Record, VersionKind

HOLDERS = (
    "journal", "conference", "book", "posted_content", "dissertation", "report-paper", "database", "standard",
    "peer_review", "sa_component", "pending_publication", "grant",
)  # fmt: skip
_ITEMS = ("journal_article", "conference_paper", "content_item", "dataset", "component")
_WHOLE = {
    "journal": ("journal_metadata",),
    "conference": ("proceedings_metadata", "proceedings_series_metadata"),
    "book": ("book_metadata", "book_series_metadata", "book_set_metadata"),
    "report-paper": ("report-paper_metadata", "report-paper_series_metadata"),
    "database": ("database_metadata",),
    "standard": ("standard_metadata",),
}
_KINDS: dict[str, tuple[PaperKind, VersionKind | None]] = {
    "journal_article": ("article", "journal"),
    "conference_paper": ("conference", "proceedings"),
    "content_item": ("book_chapter", None),
    "dataset": ("dataset", None),
    "component": ("other", None),
    "journal": ("other", None),
    "conference": ("book", None),
    "book": ("book", None),
    "posted_content": ("preprint", "preprint"),
    "dissertation": ("thesis", None),
    "report-paper": ("report", None),
    "database": ("dataset", None),
    "standard": ("report", None),
    "peer_review": ("review", None),
    "pending_publication": ("other", None),
}
_NOT_PREPRINTS = ("letter", "report", "dissertation", "other", "working_paper")


@dataclass(frozen=True)
class _Home:
    """What all works of one holder share."""

    venue: str | None = None
    volume: str | None = None
    issue: str | None = None
    publisher: str | None = None
    date: str | None = None


def parse(page: Page) -> Iterator[Record | Malformed]:
    """A record a work, in order; an answer that knows no such DOI is ``Malformed`` and says so."""
    for element in xml.elements(page.body, page.url, "query", "doi_record", "crossref", *HOLDERS):
        if isinstance(element, Malformed):
            yield element
            continue
        yield from records(element, page.url)


def records(element: xml.Element, where: str) -> Iterator[Record | Malformed]:
    """The works in any element that holds some."""
    holders = [element] if xml.local(element) in HOLDERS else list(xml.outermost(element, HOLDERS))
    if not holders:
        complaint = next((xml.text(one) for one in xml.below(element, "error", "msg")), None)
        if element.get("status") == "unresolved" or complaint:
            yield Malformed(f"{where}: Crossref says {' '.join((complaint or 'unresolved').split())[:200]}")
        else:
            yield Malformed(f"{where}: expected a work, found <{xml.local(element)}> without any")
    for holder in holders:
        for item, home in _works(holder):
            try:
                found = _record(item, home, xml.local(holder))
            except (ValueError, TypeError, AttributeError, KeyError) as error:
                yield Malformed(f"{where}, <{xml.local(item)}>: {error}", (xml.text(item) or "").encode()[:2048])
                continue
            if found is not None:
                yield found


def _works(holder: xml.Element) -> Iterator[tuple[xml.Element, _Home]]:
    home = _home(holder)
    items = [one for one in xml.children(holder, *_ITEMS) if xml.local(one) != "component"]
    if items:
        yield from ((item, home) for item in items)
        return
    whole = next(xml.children(holder, *_WHOLE.get(xml.local(holder), ())), None)
    yield (whole if whole is not None else holder), home


def _home(holder: xml.Element) -> _Home:
    name = xml.local(holder)
    if name == "journal":
        issue = xml.child(holder, "journal_issue")
        return _Home(
            venue=_plain(holder, "journal_metadata", "full_title"),
            volume=_plain(issue, "journal_volume", "volume"),
            issue=_plain(issue, "issue"),
            date=_published(issue),
        )
    if name == "conference":
        whole = next(xml.children(holder, *_WHOLE[name]), None)
        return _Home(
            venue=_plain(whole, "proceedings_title") or _plain(holder, "event_metadata", "conference_name"),
            volume=_plain(whole, "volume"),
            publisher=_plain(whole, "publisher", "publisher_name"),
            date=_published(whole),
        )
    if name == "book":
        whole = next(xml.children(holder, *_WHOLE[name]), None)
        return _Home(
            venue=_title(whole) if whole is not None else None,
            volume=_plain(whole, "volume"),
            publisher=_plain(whole, "publisher", "publisher_name"),
            date=_published(whole),
        )
    if name == "database":
        whole = xml.child(holder, "database_metadata")
        return _Home(
            venue=_title(whole) if whole is not None else None,
            publisher=_plain(whole, "publisher", "publisher_name"),
            date=_published(whole),
        )
    return _Home()


def _record(item: xml.Element, home: _Home, holder: str) -> Record | None:
    name = xml.local(item)
    is_whole = name not in _ITEMS
    own = _doi(item)
    kind, version = _KINDS[holder if is_whole else name]
    if holder == "posted_content" and (item.get("type") or "preprint") in _NOT_PREPRINTS:
        kind, version = "other", None
    title = _title(item) or (_plain(item, "full_title") or _plain(item, "proceedings_title") if is_whole else None)
    pages = xml.child(item, "pages")
    told = values.pages(xml.text(pages, "first_page"), xml.text(pages, "last_page")) if pages is not None else None
    resources = xml.children(xml.child(item, "doi_data"), "resource")
    date = _published(item) or home.date
    isbns = [xml.text(one) for one in xml.children(item, "isbn")] if kind == "book" else []
    language = values.language(item.get("language"))
    return parts.work(
        own,
        title=title,
        abstract=_abstract(item),
        language=language,
        authors=_authors(item),
        identifiers=identifiers.of(doi=own, isbn=isbns),
        kind=kind,
        version=version,
        date=date,
        venue=None if is_whole else home.venue,
        volume=home.volume,
        issue=home.issue,
        pages=told or _number(item),
        publisher=home.publisher
        or _plain(item, "publisher", "publisher_name")
        or _plain(item, "institution", "institution_name"),
        links=parts.links(*((xml.text(one), "landing") for one in resources)),
        licence=next((values.licence(xml.text(one)) for one in xml.below(item, "license_ref")), None),
    )


def _plain(element: xml.Element | None, *path: str) -> str | None:
    return texts.clean(xml.markup(xml.child(element, *path))) if element is not None else None


def _doi(item: xml.Element) -> str | None:
    found = identifiers.normalise("doi", xml.text(item, "doi_data", "doi"))
    return found.value if found else None


def _title(item: xml.Element) -> str | None:
    titles = xml.child(item, "titles")
    if titles is None:
        return None
    title = texts.clean(said(xml.child(titles, "title"))) or texts.clean(
        said(xml.child(titles, "original_language_title"))
    )
    subtitle = texts.clean(said(xml.child(titles, "subtitle")))
    return values.titled(title, subtitle)


def _abstract(item: xml.Element) -> str | None:
    told = [
        one for one in xml.children(item, "abstract") if (one.get("abstract-type") or "") in ("", "abstract", "main")
    ]
    return next((found for one in told if (found := said(one)) and not found.isspace()), None)


def _authors(item: xml.Element) -> tuple[Author, ...]:
    listed = xml.child(item, "contributors")
    people = list(listed) if listed is not None else list(xml.children(item, "person_name"))
    if any(xml.local(one) == "person_name" for one in people):
        # Some publishers deposit where the authors were as another author.
        people = [one for one in people if xml.local(one) != "organization" or not _PLACE.search(xml.text(one) or "")]
    return parts.found(_author(one) for one in people if one.get("contributor_role", "author") == "author")


_PLACE = re.compile(r"(?i)\b(?:universit|college\b|departe?ment|school of|faculty of|hospital\b)")


def _author(one: xml.Element) -> Author | None:
    if xml.local(one) == "organization":
        return values.group(xml.text(one))
    if xml.local(one) != "person_name":
        return None
    held = identifiers.of(orcid=[xml.text(told) for told in xml.children(one, "ORCID")])
    return values.person(None, xml.text(one, "given_name"), xml.text(one, "surname"), held, _places(one))


def _places(one: xml.Element) -> list[Affiliation]:
    found = []
    for place in xml.children(one, "affiliation"):
        if name := texts.clean(xml.text(place)):
            found.append(Affiliation(name))
    for institution in xml.children(xml.child(one, "affiliations"), "institution"):
        rors = identifiers.of(ror=[xml.text(told) for told in xml.children(institution, "institution_id")])
        if name := texts.clean(xml.text(institution, "institution_name")):
            found.append(Affiliation(name, rors))
    return found


_DATES = ("publication_date", "posted_date", "review_date")


def _published(item: xml.Element | None) -> str | None:
    """A day in the year of the printed issue, by which the work is cited; else the first day it was published. The day
    a manuscript was accepted counts only when nothing else is told."""
    if item is None:
        return None
    told = list(xml.children(item, *_DATES)) or list(xml.children(item, "acceptance_date", "approval_date"))
    for one in xml.children(item, "database_date"):
        told.extend(xml.children(one, "publication_date", "creation_date"))
    return in_year_of_issue([(one.get("media_type") != "print", found) for one in told if (found := _day(one))])


def _day(element: xml.Element) -> str | None:
    year, month, day = (((xml.text(element, name)) or "").strip() for name in ("year", "month", "day"))
    if not year.isdecimal():
        return None
    if month.isdecimal() and 1 <= int(month) <= 12:
        whole = f"{year}-{int(month):02}" + (f"-{int(day):02}" if day.isdecimal() else "")
        return partial_date(whole) or partial_date(year)
    return partial_date(year)


def _number(item: xml.Element) -> str | None:
    """An article number, where there are no pages."""
    for one in xml.below(item, "item_number"):
        if one.get("item_number_type") in ("article_number", "article-number", None, "sequence-number"):
            return texts.clean(xml.text(one))
    return None
