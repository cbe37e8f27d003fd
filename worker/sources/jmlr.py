"""Journal of Machine Learning Research, from the pages of its volumes. https://jmlr.org/papers/

In the sources file: ``volumes = [25, 26]``. A page tells titles, authors and pages; abstracts stand on every paper's
own page, and other sources have them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import urljoin

from selectolax.lexbor import LexborNode

from worker.errors import Malformed, Misconfigured
from worker.formats import html, parts, values
from worker.formats.items import each
from worker.normalise import texts
from worker.normalise.dates import partial_date
from worker.page import Page, Request, Site, Source, Window
from worker.record import Link, Record

API = "https://jmlr.org"
_WHERE = re.compile(
    r"(?:(?P<volume>\d{1,4})\s*)?\((?P<number>[\w.]{1,20})\)\s*:\s*(?P<pages>\d{1,9}(?:\s*[-–—−]+\s*\d{1,9})?)"
    r"\s*,\s*(?P<year>\d{4})"
)
_KEY = re.compile(r"(v?\d{1,4}/[\w-]{1,200})\.(?:html|bib)$")
"""Both bounded: a megabyte of digits would be looked through once for each digit."""


def first(site: Site, window: Window) -> Iterator[Request]:
    """The page of each volume."""
    for volume in values.listed(site.options.get("volumes")):
        if not re.fullmatch(r"v?[0-9]{1,3}", str(volume)):
            raise Misconfigured(f"{site.name}: expected volumes such as 25, found {volume!r}")
        yield Request(f"{(site.base_url or API).rstrip('/')}/papers/v{str(volume).removeprefix('v')}/")


def parse(page: Page) -> Iterator[Record | Malformed]:
    """A record a paper.

    Raises:
        Malformed: no page of a volume.
    """
    tree = html.tree(page.text(), page.url)
    found = []
    for title in tree.css("dl > dt"):
        body = title.next
        while body is not None and body.tag != "dd" and body.tag != "dt":
            body = body.next
        if body is not None and body.tag == "dd":
            found.append(_item(title, body))
    if not found:
        raise Malformed(f"{page.url}: expected a volume of JMLR, found no papers", page.body)
    return each(found, lambda item: _record(item, page.url), page.url)


def _item(title: LexborNode, body: LexborNode) -> dict[str, Any]:
    people = body.css_first("b") or body.css_first("i")
    links = {(one.text(strip=True).lower()): one.attributes.get("href") or "" for one in body.css("a")}
    return {
        "title": title.text(),
        "people": (values.text(people.text()) or "") if people is not None else "",
        "text": texts.clean(body.text()) or "",
        "links": links,
    }


def _record(item: dict[str, Any], url: str) -> Record | None:
    title, links = values.text(item["title"]), item["links"]
    where = _WHERE.search(item["text"])
    key = next((found[1] for one in links.values() if (found := _KEY.search(one))), None)
    if key is None:
        raise ValueError(f"expected a link to the paper's page or bib, found {', '.join(links) or 'no links'}")
    told = re.search(r"/v(\d+)/", url)
    volume = where["volume"] if where and where["volume"] else told[1] if told else None
    landing, pdf = (urljoin(url, links[name]) if links.get(name) else None for name in ("abs", "pdf"))
    code = urljoin(url, links["code"]) if links.get("code") else None
    addresses = ((landing, "landing"), (pdf, "pdf"), (code, "code"))
    return Record(
        source_key=key if key.startswith("v") else f"v{key}",
        title=title,
        title_language=values.spoken(title),
        authors=tuple(one for name in re.split(r"\s*,\s*", item["people"]) if (one := values.person(name)) is not None),
        kind="article",
        version="journal",
        date=partial_date(where["year"]) if where else None,
        venue="Journal of Machine Learning Research",
        volume=volume,
        issue=where["number"] if where else None,
        pages=parts.pages(where["pages"]) if where else None,
        links=tuple(sorted(Link(one, kind) for one, kind in addresses if values.address(one) and one)),
    )


SOURCE = Source(
    name="jmlr",
    title="Journal of Machine Learning Research",
    revision=1,
    parse=parse,
    first=first,
    base_url=API,
    needs=("PUBCAT_CONTACT",),
    deduplicates=True,
    trust=28,
    seconds_between_requests=2.0,
    host_group="jmlr",
    media="html",
)
