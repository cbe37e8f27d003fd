"""NeurIPS proceedings (and those of ICLR, made by the same program), from their pages.
https://proceedings.neurips.cc

A year is one page of titles and authors. In the sources file::

    years = [2023, 2024]
    abstracts = true                                  # read every paper's own page, too: thousands of requests
    base_url = "https://proceedings.iclr.cc"          # for ICLR since 2024
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import urljoin, urlsplit

from selectolax.lexbor import LexborHTMLParser, LexborNode

from worker.errors import Malformed, Misconfigured
from worker.formats import html, values
from worker.formats.items import each
from worker.normalise import identifiers
from worker.normalise.dates import partial_date
from worker.page import Page, Request, Site, Source, Window
from worker.record import Link, Record

API = "https://proceedings.neurips.cc"
_PAPER = re.compile(r"/(?:paper/)?([0-9]{4})/hash/([0-9a-f]{8,64})-Abstract(?:-[\w-]+)?\.html$")


def first(site: Site, window: Window) -> Iterator[Request]:
    """The page of each year."""
    for year in values.listed(site.options.get("years")):
        if not re.fullmatch(r"(?:19|20)[0-9]{2}", str(year)):
            raise Misconfigured(f"{site.name}: expected years such as 2024, found {year!r}")
        yield Request(f"{(site.base_url or API).rstrip('/')}/paper_files/paper/{year}")


def refetch(site: Site, page: Page) -> Iterator[Request]:
    """The page of each paper, where the sources file wants abstracts."""
    if site.options.get("abstracts") is True:
        for item in _items(page):
            if isinstance(item, dict):
                yield Request(urljoin(page.url, item["href"]))


def parse(page: Page) -> Iterator[Record | Malformed]:
    """A record a paper: of the page of a year, or of the page of one paper where these are read, too.

    Raises:
        Malformed: neither.
    """
    tree = _tree(page)
    metas = tree.css("meta[name^=citation_]")
    found = [_of_paper(tree, metas, page)] if metas else _items(page)
    if not found:
        raise Malformed(f"{page.url}: expected papers of proceedings, found none", page.body)
    if not metas and page.options.get("abstracts") is True:
        return iter(())
    return each(found, lambda item: _record(item, page), page.url)


def _tree(page: Page) -> LexborHTMLParser:
    return html.tree(page.text(), page.url)


def _items(page: Page) -> list[Any]:
    """Title, authors and address of each paper of a year."""
    found = []
    for item in _tree(page).css("li"):
        link = next((one for one in item.css("a") if _PAPER.search(urlsplit(_href(one)).path)), None)
        if link is not None:
            people = item.css_first(".paper-authors") or item.css_first("i")
            names = re.split(r"\s*,\s*", values.text(people.text() if people is not None else None) or "")
            found.append({"href": _href(link), "title": link.text(), "names": names, "abstract": None, "pdf": None})
    return found


def _href(link: LexborNode) -> str:
    return (link.attributes.get("href") or "").strip()


def _of_paper(tree: LexborHTMLParser, metas: list[LexborNode], page: Page) -> dict[str, Any]:
    """What a paper's own page says, in Highwire's words and in its abstract."""
    told: dict[str, list[str]] = {}
    for meta in metas:
        told.setdefault(meta.attributes.get("name") or "", []).append(meta.attributes.get("content") or "")

    def only(name: str) -> str | None:
        return told[name][0] if name in told else None

    abstract = tree.css_first(".paper-abstract")
    if abstract is None:
        heading = next((one for one in tree.css("h4, h2") if one.text(strip=True).lower() == "abstract"), None)
        after = heading.next if heading is not None else None
        while after is not None and not after.text(strip=True):
            after = after.next
        abstract = after
    return {
        "href": page.url,
        "title": only("citation_title"),
        "names": told.get("citation_author", []),
        "abstract": abstract.text() if abstract is not None else None,
        "pdf": only("citation_pdf_url"),
        "volume": only("citation_volume"),
        "first": only("citation_firstpage"),
        "last": only("citation_lastpage"),
        "doi": only("citation_doi"),
    }


def _record(item: dict[str, Any], page: Page) -> Record | None:
    address = urljoin(page.url, item["href"])
    place = _PAPER.search(urlsplit(address).path)
    if place is None:
        raise ValueError(f"expected the address of a paper, found {item['href']!r}")
    year, number = place.groups()
    title = values.text(item["title"])
    abstract, state = values.abstract(item.get("abstract"))
    is_iclr = "iclr" in (urlsplit(page.url).hostname or "")
    pdf = values.address(item.get("pdf"))
    return Record(
        source_key=number,
        title=title,
        title_language=values.spoken(title),
        abstract=abstract,
        abstract_language=values.spoken(abstract),
        abstract_state=state,
        authors=tuple(one for name in item["names"] if (one := values.person(name)) is not None),
        identifiers=identifiers.of(doi=item.get("doi")),
        kind="conference",
        version="proceedings",
        date=partial_date(year),
        venue=("ICLR" if is_iclr else "NeurIPS") + f" {year}",
        volume=values.text(item.get("volume")),
        pages=values.pages(item.get("first"), item.get("last")),
        links=tuple(sorted([Link(address), *([Link(pdf, "pdf")] if pdf else [])])) if values.address(address) else (),
    )


SOURCE = Source(
    name="neurips",
    title="NeurIPS proceedings",
    revision=1,
    parse=parse,
    first=first,
    refetch=refetch,
    base_url=API,
    needs=("PUBCAT_CONTACT",),
    deduplicates=True,
    trust=28,
    seconds_between_requests=1.0,
    host_group="neurips",
    media="html",
)
