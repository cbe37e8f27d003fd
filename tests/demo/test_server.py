"""The far side of HTTP behaves as the real ones do, over real sockets."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator, Mapping
from http.client import HTTPConnection, HTTPResponse
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

import pytest

from tests.shared import SHARED, needs_shared
from worker.demo import institute
from worker.demo.server import environment, notes_server, serve


def get(
    base_url: str, path: str, headers: Mapping[str, str] | None = None, method: str = "GET"
) -> tuple[HTTPResponse, bytes]:
    """One request; the response and its body."""
    address = urlsplit(base_url)
    connection = HTTPConnection(str(address.hostname), address.port, timeout=10)
    try:
        connection.request(method, address.path + path, headers=dict(headers or {}))
        response = connection.getresponse()
        return response, response.read()
    finally:
        connection.close()


def ask(base_url: str, path: str, **query: object) -> Any:
    """One JSON answer."""
    response, body = get(base_url, f"{path}?{urlencode(query)}")
    assert response.status == 200, body
    return json.loads(body)


@pytest.fixture(scope="module")
def base_url() -> Iterator[str]:
    with serve() as url:
        yield url


ROUTES = {
    institute.PATHS["fr"]: "text/html; charset=utf-8",
    institute.PATHS["en"]: "text/html; charset=utf-8",
    institute.CAPTURE_PATH: "text/plain; charset=utf-8",
    institute.FACULTY_PATH: "text/csv; charset=utf-8",
    "/openalex/works": "application/json; charset=utf-8",
    "/openreview/notes?content.venueid=ICLR.cc/2024/Conference": "application/json; charset=utf-8",
}


@pytest.mark.parametrize(("path", "media_type"), ROUTES.items())
def test_every_route_answers_and_remembers(base_url, path, media_type):
    response, body = get(base_url, path)
    assert (response.status, response.headers["Content-Type"]) == (200, media_type)
    assert len(body) > 500

    packed, packed_body = get(base_url, path, {"Accept-Encoding": "gzip, br"})
    assert packed.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed_body) == body
    assert get(base_url, path, {"If-None-Match": packed.headers["ETag"]})[0].status == 304

    again, nothing = get(base_url, path, {"If-None-Match": f'"other", {response.headers["ETag"]}'})
    assert (again.status, nothing) == (304, b"")
    assert get(base_url, path, {"If-None-Match": '"other"'})[0].status == 200

    head, nothing = get(base_url, path, method="HEAD")
    assert (head.status, head.headers["Content-Length"], nothing) == (200, str(len(body)), b"")


@pytest.mark.parametrize(
    ("since", "status"),
    [("Fri, 20 Mar 2026 13:00:00 GMT", 304), ("Fri, 20 Mar 2026 12:59:59 GMT", 200), ("yesterday", 200)],
)
def test_a_date_is_a_validator_too(base_url, since, status):
    assert get(base_url, institute.PATHS["fr"], {"If-Modified-Since": since})[0].status == status


def test_an_etag_outranks_a_date(base_url):
    headers = {"If-Modified-Since": "Fri, 20 Mar 2026 13:00:00 GMT", "If-None-Match": '"other"'}
    assert get(base_url, institute.PATHS["fr"], headers)[0].status == 200


@pytest.mark.parametrize("path", ["/", "/fr", "/openalex/works/W1", "/openreview/profiles", "/openalex/authors"])
def test_elsewhere_is_nothing(base_url, path):
    assert get(base_url, path)[0].status == 404


def test_requests_are_counted_by_route():
    with serve() as url:
        get(url, institute.PATHS["fr"])
        get(url, institute.PATHS["fr"] + "?page=0")
        get(url, "/nowhere")
        assert json.loads(get(url, "/_requests")[1]) == {institute.PATHS["fr"]: 2, "/nowhere": 1}


def test_the_environment_points_every_source_here(base_url):
    assert all(url.startswith(base_url) for url in environment(base_url).values())
    assert len(environment(base_url)) == 4


# -- OpenAlex


@pytest.mark.parametrize("per_page", [7, 25, 100])
def test_a_cursor_walks_every_listed_work_once_and_ends(base_url, per_page):
    seen, cursor, pages = [], "*", 0
    while cursor:
        query = {"filter": "authorships.institutions.lineage:i4210164802", "per_page": per_page, "cursor": cursor}
        answer = ask(base_url, "/openalex/works", **query)
        seen += [work["id"] for work in answer["results"]]
        cursor, pages = answer["meta"]["next_cursor"], pages + 1
        assert pages < 40
    listed = [work["id"] for work in institute.openalex_works() if institute.in_institute_list(work)]
    assert seen == listed
    assert answer["meta"]["count"] == len(listed)
    assert len(listed) > 2 * 25


def test_a_truncated_author_list_is_whole_at_its_own_address(base_url):
    listed = ask(base_url, "/openalex/works", filter="doi:10.1038/s41593-019-0520-2")["results"][0]
    assert listed["is_authors_truncated"] is True
    whole = ask(base_url, f"/openalex/works/{listed['id'].rpartition('/')[2]}")
    assert len(listed["authorships"]) < len(whole["authorships"]) == 32
    assert "is_authors_truncated" not in whole


@pytest.mark.parametrize(
    "name", ["doi:10.7554/eLife.22901", "https://doi.org/10.7554/elife.22901", "10.7554/ELIFE.22901"]
)
def test_a_work_goes_by_its_doi_however_written(base_url, name):
    work = ask(base_url, f"/openalex/works/{quote(name, safe='')}", select="id,title")
    assert work == {"id": work["id"], "title": "Towards deep learning with segregated dendrites"}


def test_several_dois_are_one_question(base_url):
    answer = ask(
        base_url, "/openalex/works", filter="doi:10.1038/nature14539|https://doi.org/10.1109/72.279181|10.1/none"
    )
    assert [work["publication_year"] for work in answer["results"]] == [2015, 1994]


@pytest.mark.parametrize(
    "query",
    [
        {"search": "Deep Reinforcment Learning that Matters"},
        {"filter": "title.search:learning matters reinforcement deep that"},
        {"search": "Two runs of the same code with different seeds may tell opposite stor"},
    ],
)
def test_words_find_a_work_though_misspelled_or_cut(base_url, query):
    found = ask(base_url, "/openalex/works", **query)["results"]
    assert found[0]["title"] == "Deep Reinforcement Learning That Matters"


def test_works_beyond_the_institute_answer_questions_only(base_url):
    title = "Gradient-based learning applied to document recognition"
    assert ask(base_url, "/openalex/works", search=title)["meta"]["count"] == 1
    of_institute = ask(base_url, "/openalex/works", search=title, filter="institutions.ror:05c22rx21")
    assert of_institute["results"] == []


@pytest.mark.parametrize("query", ["filter=nonsense:1", "per_page=0", "per_page=101", "cursor=stale", "page=x"])
def test_openalex_refuses_what_it_does_not_know(base_url, query):
    response, body = get(base_url, f"/openalex/works?{query}")
    assert response.status == 400
    assert json.loads(body)["message"]


# -- OpenReview


def test_after_walks_every_note_of_a_venue_once_and_ends(base_url):
    seen: list[str] = []
    while True:
        after = {"after": seen[-1]} if seen else {}
        answer = ask(base_url, "/openreview/notes", **{"content.venueid": "ICML.cc/2023/Conference"}, limit=4, **after)
        if not answer["notes"]:
            break
        seen += [note["id"] for note in answer["notes"]]
        assert len(seen) <= answer["count"]
    wanted = {each.openreview for each in institute.papers() if each.venueid == "ICML.cc/2023/Conference"}
    assert len(seen) == len(set(seen)) == len(wanted) >= 10
    assert set(seen) == wanted


def test_offsets_count_from_the_start(base_url):
    query = {"content.venueid": "ICLR.cc/2024/Conference"}
    notes = ask(base_url, "/openreview/notes", **query)["notes"]
    assert ask(base_url, "/openreview/notes", **query, offset=2, limit=3)["notes"] == notes[2:5]


def test_one_note_by_id(base_url):
    answer = ask(base_url, "/openreview/notes", id="1sxiBaGEtg")
    assert answer["count"] == 1
    assert answer["notes"][0]["content"]["title"]["value"].startswith("Hyena Hierarchy")


@pytest.mark.parametrize("filters", [{"content.colour": "blue"}, {"paperhash": "x"}, {"id": "none"}, {}])
def test_what_nobody_knows_finds_nothing(base_url, filters):
    assert ask(base_url, "/openreview/notes", **filters) == {"notes": [], "count": 0}


def test_words_of_an_abstract_find_its_note(base_url):
    term = "Ask a language model to polish a text and it will touch its own ki"
    answer = ask(base_url, "/openreview/notes/search", term=term, type="terms", content="all", source="forum")
    assert [note["id"] for note in answer["notes"]] == ["bQWE2UqXmf"]
    assert ask(base_url, "/openreview/notes/search", term="glaciers of Patagonia") == {"notes": [], "count": 0}


def test_a_file_of_notes_answers_too(tmp_path):
    note = {"id": "abcdefghij", "content": {"title": {"value": "Étude of Bare Titles"}, "year": {"value": "2024"}}}
    older = {"id": "zyxwvutsrq", "content": {"title": "A Note of the First Version"}}
    path = tmp_path / "notes.json"
    path.write_text(json.dumps({"notes": [older, note]}), encoding="utf-8")
    with notes_server(path) as url:
        assert ask(url, "/notes", id="abcdefghij") == {"notes": [note], "count": 1}
        assert ask(url, "/notes/search", term="etude bare titles")["notes"] == [note]
        assert ask(url, "/notes/search", term="note of the first version")["notes"] == [older]
        assert get(url, "/openreview/notes")[0].status == 404


@needs_shared
def test_the_seed_is_found_by_the_first_words_of_its_abstracts():
    path = SHARED / "seed" / "openreview_notes_v2.json"
    with notes_server(path) as url:
        for note in json.loads(path.read_bytes())["notes"]:
            term = note["content"]["abstract"]["value"][:140]
            assert ask(url, "/notes/search", term=term)["notes"][0] == note
        assert ask(url, "/notes", **{"content.venueid": "ICLR.cc/2024/Conference"})["count"] == 11
