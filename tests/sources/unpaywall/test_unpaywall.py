"""Unpaywall: our address in every question and in no stored one; a status where old data has none."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from worker.errors import Malformed
from worker.page import Page, Question, Site
from worker.record import Identifier, Record
from worker.sources import unpaywall

SITE = Site("unpaywall", contact="someone@institute.example")


def test_our_address_goes_with_the_question_and_is_not_stored():
    request = unpaywall.ask(SITE, Question("doi", "10.5555/a#b"))
    assert request is not None
    signed = unpaywall.authorise(SITE, request)
    assert signed.url == "https://api.unpaywall.org/v2/10.5555/a%23b?email=someone%40institute.example"
    assert signed.key == request.key
    assert unpaywall.ask(SITE, Question("title", "Sparse Memories")) is None


@pytest.mark.parametrize(
    ("told", "date"), [("2013-01-01", "2013"), ("2013-05-01", "2013-05"), ("2013-01-15", "2013-01-15"), (None, "2014")]
)
def test_no_day_is_made_up(told, date):
    body = json.dumps({"doi": "10.5555/a", "published_date": told, "year": 2014}).encode()
    record: Any
    (record,) = unpaywall.SOURCE.read(Page("u", body))
    assert record.date == date


def test_a_copy_in_an_archive_tells_its_number():
    page = Page("page", Path(__file__).with_name("page.json").read_bytes())
    record: Any
    (record,) = unpaywall.SOURCE.read(page)
    assert isinstance(record, Record)
    assert Identifier("arxiv", "2311.01234") in record.identifiers
    assert (record.oa_status, record.licence) == ("hybrid", "cc-by")


def test_a_status_is_concluded_from_the_copies_where_none_is_told():
    page = Page("page", Path(__file__).with_name("page_snapshot.jsonl").read_bytes())
    gold, closed, broken = unpaywall.SOURCE.read(page)
    assert isinstance(gold, Record)
    assert isinstance(closed, Record)
    assert (gold.oa_status, closed.oa_status) == ("gold", "closed")
    assert isinstance(broken, Malformed)
    with pytest.raises(Malformed, match="Please use your own email"):
        unpaywall.SOURCE.read(
            Page("u", b'{"HTTP_status_code": 422, "error": true, "message": "Please use your own email"}')
        )
