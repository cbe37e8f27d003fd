"""dblp: namesakes told apart by id, publications that stay whole over pages, a search that may not be asked."""

from __future__ import annotations

import json
import re
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from worker.errors import Malformed, Misconfigured
from worker.page import Page, Question, Request, Site, Window
from worker.record import Identifier, Record
from worker.sources import dblp

SITE = Site("dblp", base_url=dblp.API, options={"people": ["12/3456-1"], "streams": ["conf/iclr"]})


def records(name: str) -> list[Record]:
    page = Page("page", Path(__file__).with_name(name).read_bytes())
    return [one for one in dblp.SOURCE.read(page) if isinstance(one, Record)]


def query(request: Request | None) -> str:
    assert request is not None
    return parse_qs(urlsplit(request.url).query)["query"][0]


@pytest.mark.parametrize("name", ["page.json", "page_sparql.json", "page_rdf.txt", "page_dump.xml"])
def test_the_number_of_a_namesake_goes_and_the_persons_id_stays(name):
    first = records(name)[0]
    assert [author.name for author in first.authors] == ["Ada Exemple", "Jörg-Peter van der Muster"]
    assert Identifier("dblp_pid", "12/3456-1") in first.authors[0].identifiers
    assert first.source_key == "conf/iclr/ExempleM24"


def test_the_twin_at_arxiv_carries_its_number():
    twin = records("page.json")[1]
    assert (twin.version, {one.scheme for one in twin.identifiers}) == ("preprint", {"arxiv", "dblp", "doi"})


def test_a_page_holds_whole_publications_and_a_short_one_is_the_last():
    by_person, by_stream = dblp.first(SITE, Window())
    assert "<https://dblp.org/pid/12/3456-1>" in query(by_person)
    assert "<https://dblp.org/streams/conf/iclr>" in query(by_stream)
    rows = [{"publ": {"value": f"https://dblp.org/rec/conf/x/{n}"}} for n in range(dblp.PER_PAGE) for _ in range(2)]
    full = json.dumps({"results": {"bindings": rows}}).encode()
    second = dblp.next_page(SITE, Page(by_person.key, full))
    assert re.search(r"LIMIT 200 OFFSET 200\b", query(second))
    short = json.dumps({"results": {"bindings": rows[2:]}}).encode()
    assert second is not None
    assert dblp.next_page(SITE, Page(second.key, short)) is None
    with pytest.raises(Misconfigured):
        list(dblp.first(Site("dblp", options={"streams": ["> } DROP"]}), Window()))


def test_titles_are_asked_of_the_search_only_where_the_sources_file_allows_it():
    assert dblp.ask(SITE, Question("title", "Sparse Memories")) is None
    allowed = Site("dblp", base_url=dblp.API, options={"search_api": True})
    request = dblp.ask(allowed, Question("title", "Sparse Memories!"))
    assert request is not None
    assert request.url.startswith("https://dblp.org/search/publ/api?q=sparse%20memories&")
    assert "10.5555/CONF" in query(dblp.ask(SITE, Question("doi", "10.5555/conf.2024.1")))
    assert "abs-2311-01234>" in query(dblp.ask(SITE, Question("arxiv", "2311.01234")))
    assert dblp.ask(SITE, Question("doi", '10.5555/a"b')) is None


def test_what_is_no_rdf_is_said():
    for broken in (b"@prefix a: <b> .\na:c a:d [", b"@prefix a: <b> .\na:c nobody:d 1 .", b"<http://x> <y> (1) ."):
        with pytest.raises(Malformed):
            dblp.SOURCE.read(Page("u", broken))
