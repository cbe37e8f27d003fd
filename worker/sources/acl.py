"""ACL Anthology, from the XML its pages are made of. https://github.com/acl-org/acl-anthology

A collection is one file. In the sources file::

    collections = ["2024.acl", "2024.emnlp", "P18"]

Its BibTeX (``anthology+abstracts.bib.gz``) is read, too. The files are CC0; papers since 2016 are CC BY 4.0, earlier
ones CC BY-NC-SA 3.0.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from worker.errors import Malformed, Misconfigured
from worker.formats import bibtex, parts, values, xml
from worker.formats.bibtex_entries import has_entry
from worker.formats.items import each, fields, unread
from worker.normalise import identifiers
from worker.normalise.dates import partial_date
from worker.page import Page, Request, Site, Source, Window
from worker.record import Affiliation, Author, Link, Record

API = "https://raw.githubusercontent.com/acl-org/acl-anthology/master/data/xml"
SITE = "https://aclanthology.org"

_KNOWN = fields(
    "title author editor pages abstract url doi bibkey attachment revision erratum retracted removed award video "
    "pwccode pwcdataset language note issue journal mrf booktitle month year publisher address isbn edition meta "
    "speaker venue semantic-scholar"
)


def first(site: Site, window: Window) -> Iterator[Request]:
    """The file of each collection."""
    for one in values.listed(site.options.get("collections")):
        if not isinstance(one, str) or not re.fullmatch(r"[12][0-9]{3}\.[a-z][a-z0-9_]*|[A-Z][0-9]{2}", one):
            raise Misconfigured(f"{site.name}: expected collections such as 2024.acl or P18, found {one!r}")
        yield Request(f"{(site.base_url or API).rstrip('/')}/{one}.xml")


def parse(page: Page) -> Iterator[Record | Malformed]:
    """A record a paper; front matter is none, and a paper that was removed is a tombstone.

    Raises:
        Malformed: neither the Anthology's XML nor BibTeX.
    """
    if not page.body.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<") and has_entry(page.body):
        return bibtex.parse(page)
    root = xml.parse(page.body, page.url)
    if xml.local(root) != "collection":
        raise Malformed(f"{page.url}: expected a <collection>, found <{xml.local(root)}>", page.body)
    collection = xml.attribute(root, "id") or ""
    found = [
        _told(paper, volume, collection)
        for volume in xml.children(root, "volume")
        for paper in xml.children(volume, "paper")
    ]
    return each(found, _record, page.url)


def _told(paper: xml.Element, volume: xml.Element, collection: str) -> dict[str, Any]:
    meta = xml.child(volume, "meta")
    told: dict[str, Any] = {
        "names": sorted({xml.local(one) for one in paper}),
        "collection": collection,
        "volume": xml.attribute(volume, "id"),
        "is_journal": xml.attribute(volume, "type") == "journal",
        "paper": xml.attribute(paper, "id"),
        "title": xml.markup(xml.child(paper, "title")),
        "abstract": xml.markup(xml.child(paper, "abstract")),
        "authors": [_person(one) for one in xml.children(paper, "author")],
        "is_retracted": xml.child(paper, "retracted") is not None,
        "is_removed": xml.child(paper, "removed") is not None,
    }
    for name in ("url", "doi", "pages", "language", "year", "month"):
        told[name] = xml.text(paper, name)
    for name in ("booktitle", "publisher", "year", "month", "journal-title", "journal-volume", "journal-issue"):
        told[f"meta-{name}"] = xml.markup(xml.child(meta, name)) if meta is not None else None
    return told


def _person(author: xml.Element) -> dict[str, Any]:
    return {
        "first": xml.text(author, "first"),
        "last": xml.text(author, "last"),
        "orcid": xml.attribute(author, "orcid"),
        "affiliation": [xml.text(one) for one in xml.children(author, "affiliation")],
    }


def _record(paper: dict[str, Any]) -> Record | None:
    key = _key(paper)
    own = identifiers.of(acl=key)
    if not own:
        raise ValueError(f"expected an Anthology id, found {key!r}")
    if paper["is_removed"]:
        return Record(source_key=own[0].value, identifiers=own, deleted=True)
    language = values.language(paper["language"])
    title = values.text(paper["title"])
    abstract, state = values.abstract(paper["abstract"])
    date = _date(paper)
    year = int(date[:4]) if date else None
    journal = values.text(paper["meta-journal-title"]) or (
        values.text(paper["meta-booktitle"]) if paper["is_journal"] else None
    )
    is_workshop = "workshop" in (paper["meta-booktitle"] or "").lower()
    url = _pdf(paper, own[0].value)
    return Record(
        source_key=own[0].value,
        title=title,
        title_language=values.spoken(title, language),
        abstract=abstract,
        abstract_language=values.spoken(abstract, language),
        abstract_state=state,
        authors=tuple(one for told in paper["authors"] if (one := _author(told)) is not None),
        identifiers=identifiers.united(own, identifiers.of(doi=paper["doi"])),
        kind="article" if paper["is_journal"] else "workshop" if is_workshop else "conference",
        version="journal" if paper["is_journal"] else "workshop" if is_workshop else "proceedings",
        date=date,
        venue=journal or values.text(paper["meta-booktitle"]),
        volume=values.text(paper["meta-journal-volume"]),
        issue=values.text(paper["meta-journal-issue"]),
        pages=parts.pages(paper["pages"]),
        publisher=values.text(paper["meta-publisher"]),
        language=language,
        links=tuple(sorted([Link(f"{SITE}/{own[0].value}"), Link(url, "pdf")])),
        licence=None if year is None else "cc-by" if year >= 2016 else "cc-by-nc-sa",
        is_retracted=paper["is_retracted"],
        unread=unread(set(paper["names"]) - _KNOWN),
    )


def _key(paper: dict[str, Any]) -> str:
    """As the paper's own url says; else from the numbers of collection, volume and paper."""
    told = values.text(paper["url"])
    if told and "/" not in told:
        return told
    collection, volume, number = paper["collection"], paper["volume"], paper["paper"]
    if "." in collection:
        return f"{collection}-{volume}.{number}"
    if collection.startswith("W") or collection == "C69" or (collection == "D19" and int(volume) >= 5):
        return f"{collection}-{int(volume):02}{int(number):02}"
    return f"{collection}-{int(volume)}{int(number):03}"


def _pdf(paper: dict[str, Any], key: str) -> str:
    return values.address(paper["url"]) or f"{SITE}/{key}.pdf"


def _date(paper: dict[str, Any]) -> str | None:
    year, month = (paper[name] or paper[f"meta-{name}"] for name in ("year", "month"))
    spelled = partial_date(f"{re.split(r'[-–—/]| to ', month)[0]} {year}") if month and year else None
    return spelled or partial_date(values.text(year))


def _author(told: dict[str, Any]) -> Author | None:
    places = [Affiliation(name) for name in values.words(told["affiliation"])]
    return values.person(None, told["first"], told["last"], identifiers.of(orcid=told["orcid"]), places)


SOURCE = Source(
    name="acl",
    title="ACL Anthology",
    revision=1,
    parse=parse,
    first=first,
    base_url=API,
    needs=("PUBCAT_CONTACT",),
    deduplicates=True,
    trust=26,
    seconds_between_requests=1.0,
    host_group="github",
    media="any",
)
