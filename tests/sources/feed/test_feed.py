"""Feeds: three families read alike, parts that lead to parts, a feed that is gone, nothing ever opened or fetched."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from worker.errors import Malformed, Misconfigured, Permanent
from worker.page import Page, Site, Window
from worker.record import Record
from worker.sources import feed

HERE = Path(__file__).parent
SITE = Site(
    "feed", base_url="https://lab.example", options={"pages": ["/feed.xml", {"url": "https://other.example/f"}]}
)


def page(name: str) -> Page:
    return Page(f"https://lab.example/{name}", (HERE / name).read_bytes(), "application/xml")


def test_what_arxiv_announces_is_a_paper_with_its_number():
    everything = replace(page("page_rss.xml"), options={"publications": True})
    announced, news = (one for one in feed.SOURCE.read(everything) if isinstance(one, Record))
    assert feed.SOURCE.read(page("page_rss.xml")) == [announced]
    assert [one.scheme for one in announced.identifiers] == ["arxiv"]
    assert [author.name for author in announced.authors] == ["Ada Exemple", "Jörg-Peter van der Muster"]
    assert announced.abstract == "We keep few memories, and $x < y$ holds."
    assert (announced.version, announced.licence) == ("preprint", "cc-by")
    assert (announced.date, announced.updated_at) == (None, "2023-11-07")  # replaced that day, published before
    fresh = replace(everything, body=everything.body.replace(b"Announce Type: replace", b"Announce Type: new"))
    assert next(one.date for one in feed.SOURCE.read(fresh) if isinstance(one, Record)) == "2023-11-07"
    assert (news.abstract_state, news.identifiers) == ("cut", ())


def test_parts_lead_to_parts():
    assert [request.url for request in feed.SOURCE.first(SITE, Window())] == [
        "https://lab.example/feed.xml",
        "https://other.example/f",
    ]
    older = feed.next_page(SITE, page("page_atom.xml"))
    assert older is not None
    assert older.url == "https://lab.example/feed-2023.atom"
    following = feed.next_page(SITE, page("page_json.json"))
    assert following is not None
    assert following.url == "https://lab.example/feed2.json"
    assert feed.next_page(SITE, page("page_rss.xml")) is None
    with pytest.raises(Misconfigured):
        list(feed.SOURCE.first(Site("feed"), Window()))
    with pytest.raises(Misconfigured, match="address"):
        list(feed.SOURCE.first(Site("feed", options={"pages": [{"language": "en"}]}), Window()))


def test_bytes_are_never_an_address_or_a_file(tmp_path):
    secret = tmp_path / "secret.xml"
    secret.write_bytes((HERE / "page_rss.xml").read_bytes())
    for body in (str(secret).encode(), b"http://127.0.0.1:9/feed.xml", b"<html><body>no feed</body></html>"):
        with pytest.raises(Malformed):
            feed.SOURCE.read(Page("u", body))
    bomb = b'<!DOCTYPE rss [<!ENTITY a "aaaa">]><rss version="2.0"><channel><title>&a;</title></channel></rss>'
    with pytest.raises(Malformed, match="entities"):
        feed.SOURCE.read(Page("u", bomb))


def test_a_feed_that_is_gone_says_so():
    with pytest.raises(Permanent, match="gone for good"):
        feed.check(Page("https://lab.example/feed.xml", b"", status=410))
