"""EndNote's XML export, and what Bookends, Zotero and JabRef write like it. Every text may be in ``<style>`` runs."""

from __future__ import annotations

import re
from collections.abc import Iterator

from worker.errors import Malformed
from worker.formats import parts, values, xml
from worker.normalise import identifiers, texts
from worker.page import Page
from worker.record import Author, Record

_KINDS = {
    "6": "book", "9": "book", "28": "book", "44": "book", "5": "chapter", "52": "chapter", "53": "chapter",
    "17": "article", "43": "article", "19": "article", "23": "newspaper article", "10": "conference",
    "47": "conference", "32": "thesis", "27": "report", "46": "report", "59": "dataset", "34": "unpublished",
    "12": "webpage", "13": "other",
}  # fmt: skip


def parse(page: Page) -> Iterator[Record | Malformed]:
    """A record a ``<record>``."""
    return xml.records(page, record, "record")


def record(element: xml.Element) -> Record | None:
    """What one reference says.

    Raises:
        ValueError: neither title, abstract nor identifier.
    """
    type_ = xml.child(element, "ref-type")
    if type_ is None and xml.child(element, "titles") is None:
        raise ValueError("expected <ref-type> or <titles>, found neither")
    named = (type_.get("name") or "") if type_ is not None else ""
    kind, version = parts.kind_of(named)
    if kind is None:
        kind, version = parts.kind_of(_KINDS.get((xml.text(type_) or "").strip(), named))
    urls = [
        (url, holder)
        for holder in ("related-urls", "pdf-urls")
        for one in xml.children(xml.child(element, "urls", holder), "url")
        if (url := _plain(one)) and url.startswith(("http://", "https://"))
    ]
    doi = _DOI.search(f"{_said(element, 'electronic-resource-num') or ''} {_said(element, 'doi') or ''}")
    year = _said(element, "dates", "year")
    day = next((_plain(one) for one in xml.below(element, "date")), None)
    key = _said(element, "label")
    people = xml.children(xml.child(element, "contributors", "authors"), "author")
    held = (*identifiers.of(doi=doi[0] if doi else None), *parts.from_addresses(*(url for url, _ in urls)))
    journal = _said(element, "periodical", "full-title") or _said(element, "periodical", "abbr-1")
    return parts.work(
        key,
        title=xml.text(element, "titles", "title"),
        abstract=xml.text(element, "abstract"),
        language=values.language(_said(element, "language")),
        authors=parts.found(_author(one) for one in people),
        identifiers=identifiers.united(held),
        kind=kind,
        version=version,
        date=_date(year, day),
        venue=_said(element, "titles", "secondary-title") or journal,
        volume=_said(element, "volume"),
        issue=_said(element, "number"),
        pages=parts.pages(_said(element, "pages")),
        publisher=_said(element, "publisher"),
        topics=values.words(
            word
            for one in xml.children(xml.child(element, "keywords"), "keyword")
            for word in re.split(r"[;\r\n]+", xml.text(one) or "")
        ),
        links=parts.links(*((url, "pdf" if holder == "pdf-urls" else "landing") for url, holder in urls)),
    )


_DOI = re.compile(r"10\.[0-9]{4,9}/\S+")


def _said(element: xml.Element, *path: str) -> str | None:
    return _plain(xml.child(element, *path))


def _plain(element: xml.Element | None) -> str | None:
    return texts.clean(xml.text(element)) if element is not None else None


def _author(element: xml.Element) -> Author | None:
    """``Family, Given``; a name that ends with a comma is an organisation."""
    name = _plain(element) or ""
    return values.group(name.rstrip(", ")) if name.endswith(",") else values.named(name)


def _date(year: str | None, day: str | None) -> str | None:
    read = parts.date(year or "")
    if read is None:
        return parts.date(day or "")
    whole = parts.date(f"{day} {read[:4]}") if day and not re.search(r"[0-9]{4}", day) else parts.date(day or "")
    return whole if whole and whole.startswith(read[:4]) and len(whole) > len(read) else read
