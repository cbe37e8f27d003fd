"""What sources ask for: first pages, next pages, single questions; and that no secret leaves its place."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from worker.errors import Malformed, Misconfigured
from worker.page import Page, Question, Request, Site, Window
from worker.sources import openalex, openreview, table

NOTES = Site(
    "openreview",
    options={"venues": ["ICLR.cc/2024/Conference", "ICLR.cc/2019/Conference/-/Blind_Submission"]},
    secrets={"OPENREVIEW_TOKEN": "secret-token"},
)
WORKS = Site(
    "openalex",
    options={"institution": "https://openalex.org/I4210164802", "filter": "publication_year:2024"},
    secrets={"OPENALEX_API_KEY": "secret-key\n"},
)


def answer(request: Request, content: Any) -> Page:
    return Page(url=request.key, body=json.dumps(content).encode())


def query(request: Request | None) -> dict[str, str]:
    assert request is not None
    return {name: values[0] for name, values in parse_qs(urlsplit(request.url).query).items()}


def test_openreview_walks_each_venue_until_an_empty_page() -> None:
    by_venue, by_invitation = openreview.first(NOTES, Window())
    assert query(by_venue) == {"content.venueid": "ICLR.cc/2024/Conference", "limit": "1000", "sort": "id"}
    assert query(by_invitation)["invitation"] == "ICLR.cc/2019/Conference/-/Blind_Submission"
    assert by_venue.url.startswith("https://api2.openreview.net/notes?")
    assert by_venue.headers == {}
    assert openreview.authorise(NOTES, by_venue).headers == {"Authorization": "Bearer secret-token"}
    page = answer(by_venue, {"notes": [{"id": "aaaaaaaaa"}, {"id": "bbbbbbbbb"}], "count": 3})
    second = openreview.next_page(NOTES, page)
    assert second is not None
    assert query(second) == {**query(by_venue), "after": "bbbbbbbbb"}
    third = openreview.next_page(NOTES, answer(second, {"notes": [{"id": "ccccccccc"}], "count": 1}))
    assert query(third)["after"] == "ccccccccc"
    assert third is not None
    assert openreview.next_page(NOTES, answer(third, {"notes": []})) is None
    assert openreview.next_page(NOTES, answer(third, {"notes": [{"id": "ccccccccc"}]})) is None
    assert openreview.total(page) == 3
    assert openreview.total(answer(second, {"notes": [{"id": "ccccccccc"}], "count": 1})) is None


def test_openreview_questions_are_one_page() -> None:
    by_id = openreview.ask(NOTES, Question("openreview", "ylhiMfpqkm"))
    assert query(by_id) == {"id": "ylhiMfpqkm"}
    by_title = openreview.ask(NOTES, Question("title", 'What: a "title" (of 2/3) & more?'))
    assert query(by_title)["term"] == "What a title of 2 3 more"
    assert query(by_title)["source"] == "forum"
    assert openreview.ask(NOTES, Question("doi", "10.1000/x")) is None
    assert openreview.ask(NOTES, Question("title", "?!")) is None
    for request in (by_id, by_title):
        assert request is not None
        assert openreview.next_page(NOTES, answer(request, {"notes": [{"id": "aaaaaaaaa"}]})) is None


def test_openalex_walks_by_cursor_and_keeps_the_key_out_of_what_is_stored() -> None:
    (first,) = openalex.first(WORKS, Window())
    assert query(first) == {
        "filter": "authorships.institutions.lineage:i4210164802,publication_year:2024",
        "per_page": "100",
        "cursor": "*",
    }
    signed = openalex.authorise(WORKS, first)
    assert query(signed) == {**query(first), "api_key": "secret-key"}
    assert signed.key == first.key
    page = answer(first, {"meta": {"count": 101, "next_cursor": "abc=="}, "results": [{}]})
    second = openalex.next_page(WORKS, page)
    assert query(second) == {**query(first), "cursor": "abc=="}
    assert second is not None
    assert openalex.next_page(WORKS, answer(second, {"meta": {"next_cursor": None}, "results": [{}]})) is None
    assert openalex.next_page(WORKS, answer(second, {"meta": {"next_cursor": "abd"}, "results": []})) is None
    with pytest.raises(Malformed, match="expected meta beside the results"):
        openalex.next_page(WORKS, answer(second, {"results": [{}]}))
    assert openalex.total(page) == 101


def test_openalex_without_a_key_sends_none() -> None:
    site = Site("openalex", options={"filter": "doi:10.1000/x"}, secrets={"OPENALEX_API_KEY": " \n"})
    (first,) = openalex.first(site, Window())
    assert openalex.authorise(site, first) == first
    assert list(openalex.first(Site("openalex"), Window())) == []


@pytest.mark.parametrize(
    ("by", "value", "path"),
    [
        ("doi", "10.1890/0012-9658(2006)87[2832:tiopma]2.0.co;2",
         "/works/doi:10.1890/0012-9658(2006)87%5B2832:tiopma%5D2.0.co%3B2"),
        ("doi", "10.1000/a?b#c", "/works/doi:10.1000/a%3Fb%23c"),
        ("arxiv", "2310.03419", "/works/doi:10.48550/arxiv.2310.03419"),
        ("openalex", "W2741809807", "/works/W2741809807"),
        ("pmid", "29456894", "/works/pmid:29456894"),
        ("title", "Deep AND Wide!", "/works"),
    ],
)  # fmt: skip
def test_openalex_questions(by: str, value: str, path: str) -> None:
    request = openalex.ask(WORKS, Question(by, value))
    assert request is not None
    assert urlsplit(request.url).path == path
    assert by != "title" or query(request)["search"] == "deep and wide"
    page = answer(request, {"meta": {"count": 1, "next_cursor": None}, "results": [{}]})
    assert openalex.next_page(WORKS, page) is None
    assert openalex.ask(WORKS, Question("openreview", "ylhiMfpqkm")) is None


def test_openalex_asks_again_for_works_whose_authors_are_cut_off() -> None:
    (first,) = openalex.first(WORKS, Window())
    whole, told, full = "https://openalex.org/W11", "https://openalex.org/W12", "https://openalex.org/W13"
    results = [
        {"id": whole, "authorships": [{}]},
        {"id": told, "authorships": [{}], "is_authors_truncated": True},
        {"id": full, "authorships": [{}] * 100},
        {"id": "https://openalex.org/W14", "authorships": [{}] * 100, "is_authors_truncated": False},
    ]
    again = list(openalex.refetch(WORKS, answer(first, {"meta": {}, "results": results})))
    assert [urlsplit(request.url).path for request in again] == ["/works/W12", "/works/W13"]
    assert all("secret" not in request.key for request in again)
    single = {"id": full, "title": "All of them", "authorships": [{"author": {"display_name": "Ada Example"}}] * 100}
    (record,) = openalex.SOURCE.read(answer(again[1], single))
    assert record.authors_state == "whole"  # type: ignore[union-attr]


def test_tables_are_fetched_where_the_sources_file_says() -> None:
    site = Site("faculty", base_url="https://institute.example/data/", options={"pages": [{"url": "/a.csv"}, "b.csv"]})
    assert [request.url for request in table.SOURCE.first(site, Window())] == [
        "https://institute.example/a.csv",
        "https://institute.example/data/b.csv",
    ]
    with pytest.raises(Misconfigured):
        list(table.SOURCE.first(Site("faculty"), Window()))
    with pytest.raises(Misconfigured):
        list(table.SOURCE.first(Site("faculty", options={"pages": [{}]}), Window()))


@given(title=st.text(max_size=200))
def test_any_title_makes_a_question_or_none(title: str) -> None:
    for ask, site in ((openreview.ask, NOTES), (openalex.ask, WORKS)):
        request = ask(site, Question("title", title))
        assert request is None or request.url.isascii()
