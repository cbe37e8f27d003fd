"""CITATION.cff: how a software or a data set wants to be cited. https://citation-file-format.github.io/

The file is a record of the software, and one more of the paper it prefers to be cited by. What it lists as references
is the work of others and stays out.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from worker.errors import Malformed
from worker.formats import parts, values, yaml
from worker.formats.items import each
from worker.normalise import identifiers
from worker.page import Page
from worker.record import Affiliation, Author, Identifier, PaperKind, Record, VersionKind

_KINDS: dict[str, tuple[PaperKind, VersionKind | None]] = {
    "conference-paper": ("conference", "proceedings"),
    "magazine-article": ("article", "journal"),
    "newspaper-article": ("article", "journal"),
    "proceedings": ("book", None),
}


def parse(page: Page) -> Iterator[Record | Malformed]:
    """One or two records.

    Raises:
        Malformed: not such a file.
    """
    content = yaml.read(page.body, page.url)
    if not isinstance(content, dict) or "cff-version" not in content:
        raise Malformed(f"{page.url}: expected cff-version, found {str(content)[:60]!r}", page.body)
    told: list[Any] = [content]
    if isinstance(content.get("preferred-citation"), dict):
        told.append(content["preferred-citation"])
    return each(told, record, page.url)


def record(item: dict[str, Any]) -> Record:
    """What the file, or a reference in it, says.

    Raises:
        ValueError: neither title, abstract nor identifier.
    """
    type_ = values.text(item.get("type")) or "software"
    kind, version = _KINDS.get(type_) or parts.kind_of(type_)
    url = values.address(item.get("url"))
    code = values.address(item.get("repository-code") or item.get("repository"))
    told = (item.get("journal"), item.get("collection-title"), values.inner(item.get("conference"), "name"))
    held = _identifiers(item, url)
    doi = next((one.value for one in held if one.scheme == "doi"), None)
    return parts.work(
        doi,
        title=values.text(item.get("title")),
        abstract=values.text(item.get("abstract")),
        authors=parts.found(_author(one) for one in values.objects(item.get("authors"))),
        identifiers=held,
        kind=kind,
        version=version,
        date=_date(item),
        venue=next(filter(None, map(values.text, told)), None),
        volume=values.text(item.get("volume")),
        issue=values.text(item.get("issue")),
        pages=values.pages(item.get("start"), item.get("end")) or parts.pages(values.text(item.get("pages"))),
        publisher=values.text(values.inner(item.get("publisher"), "name")),
        links=parts.links((url, "landing"), (code, "code")),
        topics=values.words(values.listed(item.get("keywords"))),
        licence=values.licence(item.get("license")),
    )


def _identifiers(item: dict[str, Any], url: str | None) -> tuple[Identifier, ...]:
    """Its own DOI; of several in ``identifiers`` the first, which by custom stands for all versions."""
    told = [item.get("doi")]
    told += [one.get("value") for one in values.objects(item.get("identifiers")) if one.get("type") == "doi"]
    doi = next((held for one in told if (held := identifiers.of(doi=one))), ())
    return identifiers.united(doi, parts.from_addresses(url))


def _date(item: dict[str, Any]) -> str | None:
    for name in ("date-released", "date-published", "issue-date"):
        if (read := parts.date(values.text(item.get(name)) or "")) is not None:
            return read
    year, month = values.text(item.get("year")), values.text(item.get("month"))
    if year and month and month.isdecimal() and len(month) < 3:
        return parts.date(f"{year}-{int(month):02}") or parts.date(year)
    return parts.date(year or "")


def _author(one: dict[str, Any]) -> Author | None:
    family = " ".join(
        part for name in ("name-particle", "family-names") if (part := values.text(one.get(name))) is not None
    )
    given = values.text(one.get("given-names"))
    if not family and not given:
        return values.group(one.get("name"))
    place = values.text(one.get("affiliation"))
    at = (Affiliation(place),) if place else ()
    return values.person(None, given, family, identifiers.of(orcid=one.get("orcid")), at)
