"""Maps of a site: pages that match, with their twins in other languages, on the same host; nothing unfolds."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from worker.errors import Malformed, Misconfigured
from worker.page import Page, Site, Window
from worker.sources import listing

BODY = Path(__file__).with_name("page_sitemap.xml").read_bytes()
SITE = Site(
    "lab", "https://lab.example", options={"sitemaps": ["/sitemap.xml"], "pages": ["/news"], "match": "/publication/"}
)


@pytest.mark.parametrize(("name", "body"), [("sitemap.xml", BODY), ("sitemap.xml.gz", gzip.compress(BODY))])
def test_pages_that_match_on_the_same_host_with_their_twins(name: str, body: bytes) -> None:
    page = Page(f"https://lab.example/{name}", body)
    assert [request.url for request in listing.refetch(SITE, page)] == [
        "https://lab.example/publication/1",
        "https://lab.example/fr/publication/1",
    ]
    assert listing.SOURCE.read(page) == []
    assert listing.next_page(SITE, page) is None


def test_a_map_of_maps_leads_to_maps() -> None:
    index = b"<sitemapindex><sitemap><loc>https://lab.example/a.xml</loc></sitemap></sitemapindex>"
    page = Page("https://lab.example/sitemap.xml", index)
    assert [request.url for request in listing.refetch(SITE, page)] == ["https://lab.example/a.xml"]
    assert [request.url for request in listing.first(SITE, Window())] == [
        "https://lab.example/news",
        "https://lab.example/sitemap.xml",
    ]


def test_what_a_map_may_not_be() -> None:
    bomb = Page("https://lab.example/sitemap.xml.gz", gzip.compress(b" " * (60 << 20)))
    cut = Page("https://lab.example/sitemap.xml.gz", gzip.compress(BODY)[:-12])
    for page in (bomb, cut, Page("https://lab.example/sitemap.xml.gz", b"\x1f\x8bno")):
        with pytest.raises(Malformed):
            list(listing.refetch(SITE, page))
    wrong = Site("lab", "https://lab.example", options={"match": "("})
    with pytest.raises(Misconfigured, match="no pattern"):
        list(listing.refetch(wrong, Page("https://lab.example/sitemap.xml", BODY)))
    assert list(listing.refetch(SITE, Page("https://lab.example/", b"<html><body>no map</body></html>"))) == []
