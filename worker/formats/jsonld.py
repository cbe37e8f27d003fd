"""One work described in schema.org's words: JSON-LD files of repositories, and codemeta.json of software.
https://schema.org/CreativeWork, https://codemeta.github.io/terms/
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from worker.errors import Malformed
from worker.formats import parts, values
from worker.formats.items import documents, each
from worker.normalise import identifiers
from worker.page import Page
from worker.record import Affiliation, Author, Identifier, PaperKind, Record, VersionKind

_KINDS: dict[str, tuple[PaperKind, VersionKind | None]] = {
    "scholarlyarticle": ("article", "journal"),
    "medicalscholarlyarticle": ("article", "journal"),
    "article": ("article", None),
    "techarticle": ("article", None),
    "blogposting": ("other", None),
    "newsarticle": ("other", None),
    "report": ("report", None),
    "book": ("book", None),
    "chapter": ("book_chapter", None),
    "thesis": ("thesis", None),
    "dataset": ("dataset", None),
    "datacatalog": ("dataset", None),
    "review": ("review", None),
}
_OTHER_WORKS = (
    "creativework softwaresourcecode softwareapplication collection publicationissue poster project webpage workflow "
    "presentationdigitaldocument digitaldocument mediaobject videoobject imageobject computationalworkflow "
    "learningresource"
)
_WORKS = frozenset((*_KINDS, *_OTHER_WORKS.split()))


def parse(page: Page) -> Iterator[Record | Malformed]:
    """A record a work: of a single object, of a list, or of a graph; people, places and courses are passed over.

    Raises:
        Malformed: no JSON-LD of a work.
    """
    works: list[Any] = []
    for content in documents(page):
        told = content.get("@graph", content) if isinstance(content, dict) else content
        works += [one for one in values.listed(told) if not isinstance(one, dict) or _type(one) in _WORKS]
    if not any(isinstance(one, dict) for one in works):
        raise Malformed(f"{page.url}: expected a work in JSON-LD, found {page.body[:80]!r}", page.body)
    return each(works, record, page.url)


def record(item: dict[str, Any]) -> Record:
    """What one object says.

    Raises:
        ValueError: neither title, abstract nor identifier.
    """
    kind, version = _KINDS.get(_type(item), ("other", None))
    home = next(iter(values.objects(item.get("isPartOf") or item.get("periodical"))), {})
    volume, issue = (
        home.get("volumeNumber") or item.get("volumeNumber"),
        home.get("issueNumber") or item.get("issueNumber"),
    )
    while "PublicationVolume" in str(home.get("@type")) or "PublicationIssue" in str(home.get("@type")):
        inner = next(iter(values.objects(home.get("isPartOf"))), None)
        if inner is None or inner is home:
            break
        volume, issue = volume or inner.get("volumeNumber"), issue or inner.get("issueNumber")
        home = inner
    held = _identifiers(item)
    url = values.address(item.get("url")) or values.address(item.get("@id"))
    own = next((one.value for one in held if one.scheme == "doi"), None)
    people = item.get("author") or item.get("creator") or item.get("agents")
    return parts.work(
        own or values.text(item.get("@id")) or values.text(item.get("identifier")) or url,
        title=_said(item.get("name")) or _said(item.get("headline")) or _said(item.get("title")),
        abstract=_said(item.get("abstract")) or _said(item.get("description")),
        language=_language(item.get("inLanguage")),
        authors=parts.found(_author(one) for one in values.listed(people)),
        identifiers=held,
        kind=kind,
        version=version,
        date=next((read for name in _DATES if (read := parts.date(values.text(item.get(name)) or ""))), None),
        venue=_said(home.get("name")) or _said(values.inner(item.get("publication"), "name")),
        volume=values.text(volume),
        issue=values.text(issue),
        pages=values.pages(item.get("pageStart"), item.get("pageEnd"))
        or parts.pages(values.text(item.get("pagination"))),
        publisher=_said(values.inner(item.get("publisher"), "name")) or values.text(item.get("publisher")),
        links=parts.links((url, "landing"), (values.address(item.get("codeRepository")), "code")),
        topics=_topics(item.get("keywords") or item.get("tags")),
        licence=_licence(item.get("license") or item.get("licenseId")),
    )


_DATES = ("datePublished", "dateCreated", "dateModified")


def _type(item: dict[str, Any]) -> str:
    """The first type that is a work, without its vocabulary, in lower case."""
    told = [re.split(r"[/#:]", one)[-1].lower() for one in values.listed(item.get("@type")) if isinstance(one, str)]
    return next((one for one in told if one in _WORKS), told[0] if told else "")


def _said(value: Any) -> str | None:
    """A text, or the text of ``{"@value": ...}``."""
    if isinstance(value, list):
        return next((said for one in value if (said := _said(one))), None)
    return values.text(value.get("@value")) if isinstance(value, dict) else values.text(value)


def _language(value: Any) -> str | None:
    if isinstance(value, dict):
        value = value.get("alternateName") or value.get("name")
    return values.language(value)


_DOI = re.compile(r"(?i)(?:doi:\s*|10\.[0-9]{4,9}/|https?://(?:dx\.)?doi\.org/)")


def _identifiers(item: dict[str, Any]) -> tuple[Identifier, ...]:
    told: list[Any] = [item.get("@id"), item.get("doi"), item.get("sameAs"), item.get("url")]
    for one in values.listed(item.get("identifier")):
        if isinstance(one, dict):
            value = one.get("value") or one.get("@id") or one.get("@value")
            scheme = str(one.get("propertyID") or "").rpartition("/")[2].lower()
            told.append(f"doi:{value}" if scheme == "doi" else value)
        else:
            told.append(one)
    found: list[Identifier] = []
    for one in told:
        for value in values.listed(one):
            if isinstance(value, str) and _DOI.match(value):
                if not any(held.scheme == "doi" for held in found):
                    found.extend(identifiers.of(doi=value))
            else:
                found.extend(parts.from_addresses(value))
    return identifiers.united(tuple(found))


def _author(one: Any) -> Author | None:
    if isinstance(one, str):
        return values.named(one)
    if not isinstance(one, dict):
        return None
    if "person" in one and isinstance(one["person"], dict):
        one = one["person"]
    name, given, family = _said(one.get("name")), values.text(one.get("givenName")), values.text(one.get("familyName"))
    if str(one.get("@type")).lower().endswith(("organization", "consortium")) and not family:
        return values.group(name)
    addresses = (one.get("@id"), one.get("sameAs"), one.get("identifier"))
    held = identifiers.of(orcid=[told for told in addresses if isinstance(told, str)])
    at = []
    for place in values.listed(one.get("affiliation")):
        shown = _said(place.get("name")) if isinstance(place, dict) else values.text(place)
        if shown:
            at.append(Affiliation(shown, identifiers.of(ror=place.get("@id")) if isinstance(place, dict) else ()))
    return values.person(None if family else name, given, family, held, at)


def _topics(told: Any) -> tuple[str, ...]:
    if isinstance(told, str):
        told = told.split(",")
    return values.words(
        one.get("name") if isinstance(one, dict) else one for one in values.listed(told) if isinstance(one, dict | str)
    )


def _licence(told: Any) -> str | None:
    first = next(iter(values.listed(told)), None)
    return values.licence(first.get("@id") or first.get("url") if isinstance(first, dict) else first)
