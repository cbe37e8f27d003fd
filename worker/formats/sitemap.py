"""Sitemaps: the pages a site has, by its own list. https://www.sitemaps.org/protocol.html

A map of pages, or a map of maps; perhaps compressed as a file. Pages may name their twins in other languages.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass

from worker.errors import Malformed
from worker.formats import values, xml
from worker.page import Page

MOST_BYTES = 50 << 20
"""The protocol's own limit for one map, uncompressed."""


@dataclass(frozen=True)
class Sitemap:
    """Addresses of further maps, and of pages with those of their twins, each once and in order."""

    maps: tuple[str, ...] = ()
    pages: tuple[str, ...] = ()


def is_sitemap(page: Page) -> bool:
    """Whether the bytes are a map, told by their root element; compressed ones by their name."""
    if page.body.startswith(b"\x1f\x8b"):
        return page.url.partition("?")[0].endswith(".xml.gz")
    root = xml.root_name(page.body[:65_536])
    return root is not None and root[1] in (b"urlset", b"sitemapindex")


def read(page: Page) -> Sitemap:
    """The map.

    Raises:
        Malformed: it is none, or larger than a map may be.
    """
    root = xml.parse(_plain(page), page.url)
    if xml.local(root) not in ("urlset", "sitemapindex"):
        raise Malformed(f"{page.url}: expected a sitemap, found <{xml.local(root)}>", page.body)
    maps = [address for one in xml.children(root, "sitemap") if (address := values.address(xml.text(one, "loc")))]
    pages: list[str] = []
    for one in xml.children(root, "url"):
        told = [xml.text(one, "loc"), *(xml.attribute(twin, "href") for twin in xml.children(one, "link"))]
        pages += [address for address in map(values.address, told) if address]
    return Sitemap(tuple(dict.fromkeys(maps)), tuple(dict.fromkeys(pages)))


def _plain(page: Page) -> bytes:
    if not page.body.startswith(b"\x1f\x8b"):
        return page.body
    unpacking = zlib.decompressobj(31)
    try:
        body = unpacking.decompress(page.body, MOST_BYTES + 1)
    except zlib.error as error:
        raise Malformed(f"{page.url}: the compressed map is broken ({error})", page.body) from error
    if len(body) > MOST_BYTES or not unpacking.eof:
        raise Malformed(f"{page.url}: expected a whole map of at most {MOST_BYTES >> 20} MB", page.body)
    return body
