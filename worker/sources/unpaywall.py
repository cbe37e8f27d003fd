"""Unpaywall: where a work may be read freely, by its DOI. https://unpaywall.org/products/api

It answers single questions (100,000 a day), and its snapshot is JSON Lines of the same objects. Our address is part of
every question; a placeholder is refused.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any
from urllib.parse import quote

from worker.errors import Malformed, Throttled
from worker.formats import parts, values
from worker.formats.items import documents, each, fields, unread
from worker.normalise import identifiers, texts
from worker.normalise.dates import partial_date
from worker.page import Page, Question, Request, Site, Source
from worker.record import Affiliation, Author, Link, PaperKind, Record

API = "https://api.unpaywall.org/v2"

_KNOWN = fields(
    "doi doi_url title genre is_paratext published_date year journal_name journal_issns journal_issn_l publisher is_oa "
    "oa_status has_repository_copy best_oa_location first_oa_location oa_locations oa_locations_embargoed updated "
    "data_standard z_authors journal_is_oa journal_is_in_doaj abstract is_abstract_oa x_reported_noncompliant_copies"
)
_KINDS: dict[str, PaperKind] = {
    "journal-article": "article",
    "proceedings-article": "conference",
    "posted-content": "preprint",
    "book": "book",
    "monograph": "book",
    "book-chapter": "book_chapter",
    "dissertation": "thesis",
    "dataset": "dataset",
    "report": "report",
}


def ask(site: Site, question: Question) -> Request | None:
    """What is known of one DOI."""
    if question.by != "doi":
        return None
    return Request(f"{(site.base_url or API).rstrip('/')}/{quote(question.value, safe='/')}")


def authorise(site: Site, request: Request) -> Request:
    """With our address, which is never stored."""
    return replace(request, url=f"{request.url}?email={quote(site.contact or '')}")


def check(page: Page) -> None:
    """Falls silent when our address is refused.

    Raises:
        Throttled: it is; a day is enough for somebody to notice.
    """
    if page.status == 422:
        raise Throttled("Unpaywall refuses the address in PUBCAT_CONTACT: it must be one that people read", 86_400)


def parse(page: Page) -> Iterator[Record | Malformed]:
    """A record a DOI: of a single answer, of a search, or of lines of the snapshot.

    Raises:
        Malformed: no answer of Unpaywall, or one that says what was wrong.
    """
    found = documents(page)
    if len(found) == 1 and isinstance(found[0], dict) and "doi" not in found[0]:
        content = found[0]
        if "results" not in content:
            told = content.get("message") or content.get("HTTP_status_code") or content
            raise Malformed(f"{page.url}: expected a DOI, found {str(told)[:200]!r}", page.body)
        found = [one.get("response", one) for one in values.objects(content["results"])]
    elif len(found) == 1 and isinstance(found[0], list):
        found = found[0]
    return each(found, _record, page.url)


def _record(work: dict[str, Any]) -> Record | None:
    own = identifiers.normalise("doi", work["doi"])
    if own is None:
        raise ValueError(f"expected a DOI, found {work['doi']!r}")
    best = work.get("best_oa_location")
    places = values.objects(work.get("oa_locations"))
    kind = _KINDS.get(str(work.get("genre"))) if not values.flag(work.get("is_paratext")) else "front_matter"
    title = values.text(work.get("title"))
    return Record(
        source_key=own.value,
        title=title,
        title_language=values.spoken(title),
        authors=tuple(one for person in values.objects(work.get("z_authors")) if (one := _author(person)) is not None),
        identifiers=identifiers.united((own,), *(_elsewhere(place) for place in places)),
        kind=kind,
        version=parts.VERSIONS.get(kind),
        date=_date(work),
        venue=values.text(work.get("journal_name")),
        publisher=values.text(work.get("publisher")),
        links=_links([best, *places] if isinstance(best, dict) else places),
        oa_status=_oa_status(work),
        licence=values.licence(values.inner(best, "license")),
        updated_at=values.moment(work.get("updated")),
        unread=unread(work.keys() - _KNOWN),
    )


def _date(work: dict[str, Any]) -> str | None:
    """Unpaywall writes the first for a day or month that publishers do not tell: such a date is read without it."""
    date = partial_date(work.get("published_date"))
    return re.sub(r"(?:-01){1,2}$", "", date) if date else partial_date(work.get("year"))


def _author(person: dict[str, Any]) -> Author | None:
    """``raw_author_name`` since 2024, names in parts before."""
    told = person.get("affiliation")
    places = [place.get("name") if isinstance(place, dict) else place for place in values.listed(told)]
    places += values.listed(person.get("raw_affiliation_strings"))
    affiliations = [Affiliation(name) for place in places if (name := texts.clean(place))]
    if values.text(person.get("family")) is None and values.text(person.get("given")) is None:
        if person.get("raw_author_name"):
            return values.person(person.get("raw_author_name"), affiliations=affiliations)
        return values.group(person.get("name"))
    held = identifiers.of(orcid=person.get("ORCID"))
    return values.person(given=person.get("given"), family=person.get("family"), held=held, affiliations=affiliations)


def _elsewhere(place: dict[str, Any]) -> tuple[Any, ...]:
    """The archive's own number of a copy."""
    found = [identifiers.from_url(place.get(name)) for name in ("url_for_landing_page", "url", "url_for_pdf")]
    return tuple(one for one in found if one is not None and one.scheme in ("arxiv", "pmcid", "hal", "openreview"))


def _links(places: list[dict[str, Any]]) -> tuple[Link, ...]:
    """The first free PDF and the first page that is none of the DOI's own."""
    pdf = next((found for place in places if (found := values.address(place.get("url_for_pdf")))), None)
    pages = (values.address(place.get("url_for_landing_page")) for place in places)
    landing = next((found for found in pages if found and "doi.org/" not in found), None)
    return tuple(sorted([*([Link(pdf, "pdf")] if pdf else []), *([Link(landing)] if landing else [])]))


def _oa_status(work: dict[str, Any]) -> str | None:
    """As told; from the free copies where older data tells no word."""
    told = values.text(work.get("oa_status"))
    if told is not None or not isinstance(work.get("is_oa"), bool):
        return told.lower() if told else None
    if not work["is_oa"]:
        return "closed"
    best = work.get("best_oa_location")
    if values.inner(best, "host_type") == "repository":
        return "green"
    if values.flag(work.get("journal_is_oa")) or values.flag(work.get("journal_is_in_doaj")):
        return "gold"
    return "hybrid" if values.text(values.inner(best, "license")) else "bronze"


SOURCE = Source(
    name="unpaywall",
    title="Unpaywall",
    revision=1,
    parse=parse,
    ask=ask,
    authorise=authorise,
    check=check,
    base_url=API,
    needs=("PUBCAT_CONTACT",),
    answers=("doi",),
    deduplicates=True,
    trust=55,
    seconds_between_requests=0.2,
    host_group="unpaywall",
    media="json",
)
