"""Crossref: two versions that name each other, notes that withdraw, a cursor that never ends."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from worker.errors import Malformed, Misconfigured, Transient
from worker.page import Page, Question, Site, Window
from worker.record import Identifier, Record
from worker.sources import crossref

SITE = Site(
    "crossref", options={"ror": "https://ror.org/05c22rx21", "orcids": ["0000-0002-1825-0097"]}, contact="a@b.c"
)


def test_versions_of_one_work_carry_each_others_identifier():
    page = Page("page", Path(__file__).with_name("page.json").read_bytes())
    article, preprint, notice, withdrawn = [r for r in crossref.SOURCE.read(page) if isinstance(r, Record)][:4]
    both = {Identifier("doi", "10.5555/jml.2024.017"), Identifier("doi", "10.5555/preprint.9")}
    assert set(article.identifiers) == set(preprint.identifiers) == both
    assert (article.version, preprint.version) == ("journal", "preprint")
    assert (notice.kind, notice.is_retracted, withdrawn.is_retracted) == ("erratum", False, True)
    assert notice.identifiers == (Identifier("doi", "10.5555/jml.2025.003"),)


def test_the_walk_asks_for_changes_with_a_day_to_spare_and_ends_at_a_page_that_is_not_full():
    by_place, by_person = crossref.first(SITE, Window(date(2026, 3, 1)))
    assert parse_qs(urlsplit(by_place.url).query) == {
        "filter": ["ror-id:https://ror.org/05c22rx21,from-index-date:2026-02-28"],
        "rows": ["100"],
        "cursor": ["*"],
    }
    assert "orcid:0000-0002-1825-0097,from-index-date:2026-02-28" in by_person.url
    full = {"message": {"total-results": 150, "next-cursor": "a+/b==", "items": [{}] * 100}}
    second = crossref.next_page(SITE, Page(by_place.key, json.dumps(full).encode()))
    assert second is not None
    assert parse_qs(urlsplit(second.url).query)["cursor"] == ["a+/b=="]
    rest = {"message": {"total-results": 150, "next-cursor": "a+/b==", "items": [{}] * 50}}
    assert crossref.next_page(SITE, Page(second.key, json.dumps(rest).encode())) is None
    with pytest.raises(Misconfigured):
        list(crossref.first(Site("crossref", options={"orcids": ["nobody"]}), Window()))


def test_our_address_goes_with_every_request_and_is_stored_with_none():
    request = crossref.ask(SITE, Question("doi", "10.1002/(sici)1097-4571(199806)49:8<693::aid-asi4>3.0.co;2-o"))
    assert request is not None
    assert urlsplit(request.url).path.count("/") == 2
    signed = crossref.authorise(SITE, request)
    assert signed.url.endswith("?mailto=a%40b.c")
    assert signed.key == request.key
    assert crossref.ask(SITE, Question("doi", "10.48550/arxiv.2310.03419")) is None


def test_what_only_looks_like_success():
    empty = Page("https://api.crossref.org/works?cursor=*&rows=100", b'{"message":{"total-results":9,"items":[]}}')
    with pytest.raises(Transient):
        crossref.check(empty)
    refusal = Page("u", b'{"status":"failed","message-type":"validation-failure","message":[{"type":"x"}]}')
    with pytest.raises(Malformed):
        crossref.SOURCE.read(refusal)
    assert crossref.SOURCE.read(Page("u", b'{"status":"ok","message-type":"member-list","message":{"items":[]}}')) == []
