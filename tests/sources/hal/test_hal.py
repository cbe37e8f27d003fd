"""HAL: one deposit told in two languages, a DOI as somebody typed it, a cursor that stands still at the end."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from worker.errors import Malformed, Transient
from worker.page import Page, Question, Site, Window
from worker.record import Record
from worker.sources import hal

SITE = Site("hal", options={"collection": "MILA"})


def test_a_deposit_in_two_languages_is_two_records_of_one_work():
    page = Page("page", Path(__file__).with_name("page.json").read_bytes())
    french, english, thesis = [one for one in hal.SOURCE.read(page) if isinstance(one, Record)][:3]
    assert french.identifiers == english.identifiers
    assert (french.source_key, english.source_key) == ("hal-04000001", "hal-04000001@en")
    assert (french.title_language, english.title_language) == ("fr", "en")
    assert (french.abstract_language, english.abstract_language) == ("fr", "en")
    assert english.abstract == "We keep few memories, and the error stays low."
    assert french.authors[1].affiliations[0].name == "Universität Beispiel"
    assert (thesis.kind, len(thesis.authors)) == ("thesis", 1)


def test_the_walk_through_a_collection_ends_where_the_cursor_stands_still():
    (start,) = hal.first(SITE, Window(date(2026, 1, 1)))
    address = urlsplit(start.url)
    assert address.path == "/search/MILA/"
    assert parse_qs(address.query)["fq"] == ["modifiedDate_tdate:[2025-12-31T00:00:00Z TO *]"]
    content = json.dumps({"response": {"numFound": 2, "docs": [{}]}, "nextCursorMark": "A/="}).encode()
    second = hal.next_page(SITE, Page(start.key, content))
    assert second is not None
    assert parse_qs(urlsplit(second.url).query)["cursorMark"] == ["A/="]
    assert hal.next_page(SITE, Page(second.key, content)) is None
    with pytest.raises(Transient):
        hal.check(Page(start.key, b'{"response": {"numFound": 2, "docs": []}, "nextCursorMark": "*"}'))


def test_a_doi_is_asked_in_both_spellings():
    request = hal.ask(SITE, Question("doi", "10.5555/conf.2024.1"))
    assert request is not None
    assert parse_qs(urlsplit(request.url).query)["q"] == ['doiId_s:("10.5555/CONF.2024.1" OR "10.5555/conf.2024.1")']
    with pytest.raises(Malformed, match="undefined field"):
        hal.SOURCE.read(Page("u", b'{"error": {"code": 400, "msg": "undefined field nope_s"}}'))
