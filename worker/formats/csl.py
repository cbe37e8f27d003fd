"""CSL-JSON and CSL-YAML: what Zotero, Mendeley, pandoc, doi.org and proceedings give.
https://docs.citationstyles.org/en/stable/specification.html, https://citeproc-js.readthedocs.io/en/latest/csl-json/markup.html
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from worker.errors import Malformed
from worker.formats import parts, values, yaml
from worker.formats.items import documents, each, fields, unread
from worker.normalise import identifiers
from worker.normalise.dates import partial_date
from worker.page import Page
from worker.record import Author, Identifier, Record

_HOLDERS = ("items", "references", "data", "entries")
_WEAK = re.compile(r"(?i)(?:item|ref|temp|zotero)?[-_]?[0-9]{1,9}|temp_id_[0-9]+")
_KNOWN = fields(
    "id type title title-short short-title shortTitle titleShort author editor translator container-author "
    "collection-editor composer director interviewer recipient reviewed-author original-author issued accessed "
    "available-date event-date original-date submitted container-title container-title-short journalAbbreviation "
    "collection-title collection-number volume number-of-volumes issue number page page-first number-of-pages "
    "chapter-number section edition version publisher publisher-place archive archive_location archive-place DOI doi "
    "URL url PDF pdf ISBN ISSN PMID PMCID abstract abstracts language keyword keywords categories note annote genre "
    "medium event event-title event-place citation-label citation-key citekey call-number source status scale "
    "jurisdiction authority references reviewed-title original-title original-publisher original-publisher-place "
    "first-reference-note-number year-suffix locator custom license copyright dimensions software "
    "part-number part-title printing-number supplement-number volume-title division year-suffix"
)


def parse(page: Page) -> Iterator[Record | Malformed]:
    """A record an item, of a list, of an object that holds one, or of a single item.

    Raises:
        Malformed: neither JSON nor YAML of such a shape.
    """
    start = page.body.lstrip(b"\xef\xbb\xbf \t\r\n")[:1]
    told = documents(page) if start in (b"[", b"{") else [yaml.read(page.body, page.url)]
    items: list[Any] = []
    for content in told:
        if isinstance(content, dict):
            held = next((content[name] for name in _HOLDERS if isinstance(content.get(name), list)), None)
            content = held if held is not None and "title" not in content else [content]
        elif not isinstance(content, list | Malformed):
            raise Malformed(f"{page.url}: expected CSL items, found {str(content)[:60]!r}", page.body)
        items.extend(content if isinstance(content, list) else [content])
    return each(items, record, page.url)


def record(item: dict[str, Any]) -> Record:
    """What one item says.

    Raises:
        ValueError: neither title, abstract nor identifier.
    """
    kind, version = parts.kind_of(values.text(item.get("type")) or "")
    told = _plain(item.get("id")) or _plain(item.get("citation-key")) or _plain(item.get("citation-label"))
    doi = identifiers.normalise("doi", told)
    key = doi.value if doi else told if told and not _WEAK.fullmatch(told) else None
    venue = values.text(item.get("container-title")) or values.text(item.get("event-title"))
    url = values.address(item.get("URL") or item.get("url"))
    held = identifiers.united(
        identifiers.of(
            doi=values.listed(item.get("DOI") or item.get("doi"))[:1],
            pmid=_plain(item.get("PMID")),
            pmcid=_plain(item.get("PMCID")),
            isbn=re.split(r"[\s,;]+", _plain(item.get("ISBN")) or "") if kind == "book" else None,
        ),
        parts.from_addresses(url, told if told and "//" in told else None),
    )
    if kind == "article" and version == "journal" and values.text(item.get("type")) == "article":
        kind, version = ("preprint", "preprint") if _is_preprint(item, held) else (kind, version)
    return parts.work(
        key,
        title=values.text(item.get("title")),
        abstract=values.text(item.get("abstract")),
        language=values.language(item.get("language")),
        authors=parts.found(_author(one) for one in values.listed(item.get("author"))),
        identifiers=held,
        kind=kind,
        version=version,
        date=_date(item.get("issued")),
        venue=venue,
        volume=values.text(item.get("volume")),
        issue=values.text(item.get("issue")) or (values.text(item.get("number")) if kind == "report" else None),
        pages=parts.pages(values.text(item.get("page"))),
        publisher=values.text(item.get("publisher")),
        links=parts.links((url, "landing"), (values.address(item.get("PDF") or item.get("pdf")), "pdf")),
        topics=_topics(item.get("keyword") or item.get("keywords") or item.get("categories")),
        licence=values.licence(item.get("license") or item.get("copyright")),
        unread=unread(item.keys() - _KNOWN),
    )


def _is_preprint(item: dict[str, Any], held: tuple[Identifier, ...]) -> bool:
    genre = (values.text(item.get("genre")) or "").lower()
    return "preprint" in genre or any(one.scheme == "arxiv" for one in held)


def _plain(value: Any) -> str | None:
    return values.text(value)


def _author(one: Any) -> Author | None:
    """``literal`` is whole and has no parts, unless the parts stand beside it."""
    if isinstance(one, str):
        return values.named(one)
    if not isinstance(one, dict):
        return None
    family, given = values.text(one.get("family")), values.text(one.get("given"))
    held = identifiers.of(orcid=[one.get("ORCID") or one.get("orcid")])
    if family is None and given is None:
        whole = values.text(one.get("literal"))
        if whole is None:
            return values.named(values.text(one.get("name")) or "")
        return values.named(whole) if "," in whole and len(whole.split()) < 5 else values.group(whole)
    particles = (values.text(one.get(f"{kind}-particle")) for kind in ("dropping", "non-dropping"))
    last = " ".join(part for part in (*particles, family) if part)
    return values.person(None, given, last, held)


def _date(issued: Any) -> str | None:
    """``date-parts``, or what stands in ``raw`` or ``literal``; a season alone is a year."""
    if isinstance(issued, list):
        issued = issued[0] if issued else None
    if isinstance(issued, dict):
        held = values.listed(issued.get("date-parts"))
        first = held[0] if held and isinstance(held[0], list) else held
        read = partial_date([_number(one) for one in first]) if first else None
        if read is None and "year" in issued:
            read = partial_date([_number(issued.get(name)) for name in ("year", "month", "day") if issued.get(name)])
        return read or parts.date(values.text(issued.get("raw")) or values.text(issued.get("literal")) or "")
    return parts.date(values.text(issued) or "")


def _number(value: Any) -> Any:
    return int(value) if isinstance(value, str) and value.strip().isdecimal() and len(value) < 10 else value


def _topics(told: Any) -> tuple[str, ...]:
    if isinstance(told, str):
        told = told.replace(";", ",").split(",")
    return values.words(one for one in values.listed(told) if isinstance(one, str))
