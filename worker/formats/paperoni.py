"""Papers as Paperoni exports them, of its second and its present version, to move over from it.
https://github.com/mila-iqia/paperoni

A paper has releases; the published one is what the record tells, and the others show in its identifiers. Dates carry
their precision as a number: 0 unknown, 1 year, 2 month, 3 day.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from worker.errors import Malformed
from worker.formats import parts, values
from worker.formats.items import documents, each
from worker.normalise import identifiers
from worker.normalise.dates import partial_date
from worker.page import Page
from worker.record import Affiliation, Author, Identifier, Link, Record

_SCHEMES = {
    "doi": "doi", "arxiv": "arxiv", "openreview": "openreview", "dblp": "dblp", "openalex": "openalex", "pmid": "pmid",
    "pubmed": "pmid", "pmc": "pmcid", "pubmedcentral": "pmcid", "semantic_scholar": "s2", "corpusid": "corpusid",
    "acl": "acl", "orcid": "orcid", "hal": "hal",
}  # fmt: skip
_KINDS = {
    "journal": "article",
    "conference": "conference",
    "workshop": "workshop",
    "preprint": "preprint",
    "book": "book",
}
_PROCEEDINGS = re.compile(r"(?i)conference|proceedings|advances in")
_RANKS = ("journal", "conference", "book", "workshop", "symposium", "unknown", "preprint")


def parse(page: Page) -> Iterator[Record | Malformed]:
    """A record a paper, of a list, of an object that holds one, or of JSON Lines.

    Raises:
        Malformed: no papers of Paperoni.
    """
    papers: list[Any] = []
    for content in documents(page):
        if isinstance(content, dict):
            content = content.get("papers") or content.get("results") or content
        papers.extend(content if isinstance(content, list) else [content])
    return each(papers, record, page.url)


def record(paper: dict[str, Any]) -> Record:
    """What one paper says.

    Raises:
        ValueError: neither title, abstract nor identifier.
        KeyError: it has no releases, so it is none of Paperoni's.
    """
    releases = values.objects(paper["releases"])
    release: dict[str, Any] = min(releases, key=_rank, default={})
    venue = _venue(release)
    kind, version = parts.kind_of(_KINDS.get(str(venue.get("type")), ""))
    if kind is None and values.text(venue.get("name")) and str(release.get("status")) == "published":
        version = "proceedings" if _PROCEEDINGS.search(str(venue.get("name"))) else None
    links = values.objects(paper.get("links"))
    return parts.work(
        values.text(paper.get("paper_id") or paper.get("key") or paper.get("id")),
        title=values.text(paper.get("title")),
        abstract=values.text(paper.get("abstract")),
        authors=parts.found(_author(one) for one in values.objects(paper.get("authors"))),
        identifiers=identifiers.united(tuple(one for link in links for one in _identifier(link))),
        kind=kind,
        version=version,
        date=_date(venue) or next((date for one in sorted(releases, key=_rank) if (date := _date(_venue(one)))), None),
        venue=values.text(venue.get("name")),
        volume=values.text(venue.get("volume")),
        pages=parts.pages(release.get("pages")),
        publisher=values.text(venue.get("publisher")),
        links=tuple(sorted({link for one in links for link in _link(one)})),
        topics=values.words(one.get("name") for one in values.objects(paper.get("topics"))),
        n_citations=values.count(paper.get("citation_count")),
    )


def _venue(release: dict[str, Any]) -> dict[str, Any]:
    venue = release.get("venue")
    return venue if isinstance(venue, dict) else {}


def _rank(release: dict[str, Any]) -> tuple[int, int, str]:
    """Published before preprint, then by kind of venue, then by name: never by the order they stand in."""
    venue = _venue(release)
    status = str(release.get("status"))
    order = 0 if status == "published" and values.text(venue.get("name")) else 1 if status != "preprint" else 2
    kind = str(venue.get("type"))
    return order, _RANKS.index(kind) if kind in _RANKS else len(_RANKS), str(venue.get("name"))


def _date(venue: dict[str, Any]) -> str | None:
    told = venue.get("date")
    precision = values.count(told.get("precision") if isinstance(told, dict) else venue.get("date_precision"))
    read = partial_date(values.text(told.get("text")) if isinstance(told, dict) else values.text(told))
    if read is None or precision == 0:
        return None
    return read[: {1: 4, 2: 7}.get(precision or 3, 10)]


def _author(one: dict[str, Any]) -> Author | None:
    told = one.get("author")
    person: dict[str, Any] = told if isinstance(told, dict) else one
    held: list[Identifier] = []
    for link in values.objects(person.get("links")):
        type_ = str(link.get("type")).lower()
        if type_ == "openreview":
            held.extend(identifiers.of(openreview_profile=link.get("link")))
        elif type_ in ("orcid", "openalex"):
            held.extend(identifiers.of(**{type_: link.get("link")}))
    at = [
        Affiliation(name)
        for place in values.objects(one.get("affiliations"))
        if (name := values.text(place.get("name"))) is not None
    ]
    return values.person(one.get("display_name") or person.get("name"), None, None, tuple(sorted(set(held))), at)


def _identifier(link: dict[str, Any]) -> tuple[Identifier, ...]:
    type_ = str(link.get("type")).lower().partition(".")[0]
    told = link.get("link")
    if type_ == "mlr" and isinstance(told, str):
        return identifiers.of(pmlr=told if told.startswith("v") else f"v{told}")
    if type_ in _SCHEMES:
        return identifiers.of(**{_SCHEMES[type_]: told})
    return parts.from_addresses(told)


def _link(link: dict[str, Any]) -> tuple[Link, ...]:
    type_ = str(link.get("type")).lower()
    kind = "pdf" if "pdf" in type_ else "code" if "git" in type_ else "video" if "video" in type_ else "landing"
    return parts.links((values.address(link.get("url")) or values.address(link.get("link")), kind))
