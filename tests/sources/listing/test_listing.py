"""What the walker of all sources does not ask of a listing: its requests, its keys, its two kinds of bytes."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from worker.errors import Malformed, Misconfigured
from worker.page import Page, Site, Window
from worker.record import CourseRecord, Record
from worker.sources.listing import SOURCE

HERE = Path(__file__).parent
URL = "https://institute.example/fr/recherche/publications"


def page(name: str, url: str = URL, **options: Any) -> Page:
    return Page(url, (HERE / name).read_bytes(), as_of=date(2026, 3, 20), options=options)


def test_one_request_for_every_page() -> None:
    pages = [{"url": "/fr/publications", "language": "fr"}, "https://other.example/en/papers"]
    site = Site("lab", base_url="https://lab.example", options={"pages": pages})
    assert [request.url for request in SOURCE.first(site, Window())] == [
        "https://lab.example/fr/publications",
        "https://other.example/en/papers",
    ]
    assert [r.url for r in SOURCE.first(Site("lab", base_url="https://lab.example/p"), Window())] == [
        "https://lab.example/p"
    ]


@pytest.mark.parametrize("options", [{}, {"pages": []}, {"pages": [{"language": "fr"}]}, {"pages": [3]}])
def test_a_listing_without_addresses_is_a_matter_for_the_operator(options: dict[str, Any]) -> None:
    with pytest.raises(Misconfigured, match="lab"):
        list(SOURCE.first(Site("lab", options=options), Window()))


def test_html_pages_lead_on_and_captures_do_not() -> None:
    following = SOURCE.next(Site("lab"), page("page_cards.html"))
    assert following is not None
    assert following.url == f"{URL}?page=1"
    assert SOURCE.next(Site("lab"), page("page_fr.txt")) is None


def test_bytes_tell_html_from_text_whatever_the_media_type_says() -> None:
    for name, media_type in (("page_cards.html", "text/plain"), ("page_fr.txt", "text/html; charset=utf-8")):
        body = (HERE / name).read_bytes()
        told = SOURCE.read(Page(URL, body, media_type, as_of=date(2026, 3, 20)))
        assert told == SOURCE.read(Page(URL, body, as_of=date(2026, 3, 20)))


def test_a_capture_in_another_encoding_says_the_same() -> None:
    body = (HERE / "page_fr.txt").read_bytes()
    told = SOURCE.read(page("page_fr.txt"))
    for encoded in (b"\xef\xbb\xbf" + body, body.decode().encode("utf-16"), body.replace(b"\n", b"\r\n")):
        assert SOURCE.read(Page(URL, encoded, as_of=date(2026, 3, 20))) == told


def test_the_years_left_out_come_from_the_page_alone() -> None:
    body = (HERE / "page_fr.txt").read_bytes()
    starts = []
    for as_of in (date(2025, 3, 20), datetime(2026, 3, 20, 23, 59, tzinfo=UTC), None):
        course = next(one for one in SOURCE.read(Page(URL, body, as_of=as_of)) if isinstance(one, CourseRecord))
        starts.append(course.offerings[0].start_date)
    assert starts == ["2025-04-15", "2026-04-15", None]


def test_a_page_has_the_language_and_selectors_configured_for_it() -> None:
    body = "<div class=x><p class=t>Graph Attention Networks</p></div>" * 2
    body += "<div class=k><h3>Cours</h3><p>12 mai 2026</p></div>"
    pages = [{"url": "/other", "selectors": {"item": "h9"}}, {
        "url": "/a", "language": "fr", "selectors": {"item": ".x", "title": ".t", "course_item": ".k"},
    }]  # fmt: skip
    told = SOURCE.read(Page("https://lab.example/a", body.encode(), options={"pages": pages}))
    paper, course = told
    assert isinstance(paper, Record)
    assert isinstance(course, CourseRecord)
    assert (paper.title, course.title, course.language) == ("Graph Attention Networks", "Cours", "fr")


def test_the_keys_of_cards_are_their_addresses_and_stay_when_the_page_changes() -> None:
    told = {one.source_key for one in SOURCE.read(page("page_cards.html")) if isinstance(one, Record)}
    assert told == {
        f"https://institute.example/fr/publications/{name}" for name in ("recompense", "diversite", "graphes")
    }
    body = (HERE / "page_cards.html").read_bytes().replace(b"Mikhail Galkin", b"M. Galkin")
    later = SOURCE.read(Page(URL, body, as_of=date(2026, 3, 20)))
    assert told <= {one.source_key for one in later if isinstance(one, Record)}


@pytest.mark.parametrize("body", [b"", b" \n\r\n", b"\x00" * 50, b"\xff\xfe", b"%PDF-1.7 \xe2\xe3", b"{}", b"<html>"])
def test_what_is_no_page_says_so(body: bytes) -> None:
    with pytest.raises(Malformed, match="expected an institute's page, found n"):
        SOURCE.read(Page(URL, body))


def test_a_page_nested_without_end_is_refused_at_once() -> None:
    with pytest.raises(Malformed, match="elements in each other"):
        SOURCE.read(Page(URL, b"<html>" + b"<div>" * 300_000))
    assert SOURCE.next(Site("lab"), Page(URL, b"<html>" + b"<div>" * 300_000)) is None
