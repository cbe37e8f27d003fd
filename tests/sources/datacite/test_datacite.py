"""DataCite: the version graph, a hidden DOI as a tombstone, a cursor that comes as a link."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from worker.errors import Malformed, Transient
from worker.page import Page, Question, Site, Window
from worker.record import Identifier, Record
from worker.sources import datacite

SITE = Site("datacite", base_url="http://127.0.0.1:1", options={"ror": "05c22rx21"})


def test_a_preprint_names_what_it_became_and_code_names_no_paper():
    page = Page("page", Path(__file__).with_name("page.json").read_bytes())
    preprint, code, hidden, thesis = (one for one in datacite.SOURCE.read(page) if isinstance(one, Record))
    assert set(preprint.identifiers) == {
        Identifier("arxiv", "2311.01234"),
        Identifier("doi", "10.48550/arxiv.2311.01234"),
        Identifier("doi", "10.5555/jml.2024.017"),
    }
    assert preprint.date == "2023-11-02"
    assert set(code.identifiers) == {Identifier("doi", f"10.5281/zenodo.90000{n}") for n in (0, 1)}
    assert (hidden.deleted, thesis.deleted) == (True, False)
    assert (thesis.kind, thesis.date, thesis.title_language) == ("thesis", "2019", "fr")


def test_the_link_to_the_next_page_is_followed_at_the_address_we_were_told():
    (start,) = datacite.first(SITE, Window(date(2026, 1, 1)))
    query = parse_qs(urlsplit(start.url).query)
    assert query["query"][0].endswith('ror.org/05c22rx21" AND updated:[2025-12-31 TO *]')
    assert (query["affiliation"], query["publisher"], query["page[cursor]"]) == (["true"], ["true"], ["1"])
    content = {
        "data": [{}],
        "links": {"next": "https://api.datacite.org/dois?page%5Bcursor%5D=xyz"},
        "meta": {"total": 9},
    }
    second = datacite.next_page(SITE, Page(start.key, json.dumps(content).encode()))
    assert second is not None
    assert second.url.startswith("http://127.0.0.1:1/dois?")
    assert parse_qs(urlsplit(second.url).query)["page[cursor]"] == ["xyz"]
    assert datacite.next_page(SITE, Page(second.key, json.dumps(content).encode())) is None
    with pytest.raises(Transient):
        datacite.check(Page(start.key, b'{"data": [], "meta": {"total": 9}}'))


def test_an_arxiv_number_is_asked_by_its_doi():
    request = datacite.ask(SITE, Question("arxiv", "2311.01234"))
    assert request is not None
    assert urlsplit(request.url).path == "/dois/10.48550/arxiv.2311.01234"
    with pytest.raises(Malformed, match="doesn't exist"):
        datacite.SOURCE.read(Page("u", b'{"errors": [{"status": "404", "title": "The resource doesn\'t exist."}]}'))
