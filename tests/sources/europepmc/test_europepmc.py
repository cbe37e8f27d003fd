"""Europe PMC: a cursor that is over when it stands still, addresses of people that are no places."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from worker.errors import Malformed, Transient
from worker.page import Page, Question, Site, Window
from worker.record import Record
from worker.sources import europepmc

SITE = Site("europepmc", options={"query": 'AFF:"Mila"'})


def test_the_walk_ends_where_the_cursor_stands_still():
    (start,) = europepmc.first(SITE, Window(date(2026, 1, 1)))
    query = parse_qs(urlsplit(start.url).query)
    assert query["query"] == ['(AFF:"Mila") AND UPDATE_DATE:[2025-12-31 TO 3000-12-31]']
    content = {"hitCount": 2, "nextCursorMark": "b", "resultList": {"result": [{"id": "1", "source": "MED"}]}}
    second = europepmc.next_page(SITE, Page(start.key, json.dumps(content).encode()))
    assert second is not None
    assert parse_qs(urlsplit(second.url).query)["cursorMark"] == ["b"]
    assert europepmc.next_page(SITE, Page(second.key, json.dumps(content).encode())) is None
    nothing = Page(start.key, b'{"hitCount": 2, "resultList": {"result": []}}')
    assert europepmc.next_page(SITE, nothing) is None
    with pytest.raises(Transient):
        europepmc.check(nothing)


def test_a_place_keeps_no_mail_address_and_a_lite_list_of_authors_is_cut():
    page = Page("page", Path(__file__).with_name("page.json").read_bytes())
    whole, lite, withdrawn = (record for record in europepmc.SOURCE.read(page) if isinstance(record, Record))
    assert whole.authors[0].affiliations[0].name == "Mila, Montréal, QC, Canada"
    assert (len(lite.authors), lite.authors_state, lite.abstract_state) == (2, "cut", "cut")
    assert (whole.is_retracted, withdrawn.is_retracted) == (False, True)


@pytest.mark.parametrize(
    ("types", "kind"),
    [(["Published Erratum"], "erratum"), (["Review", "Journal Article"], "review"), (["Correction"], "erratum")],
)
def test_kinds_are_those_of_medline_and_its_own(types, kind):
    entry = {"source": "MED", "id": "1", "title": "A title.", "journalInfo": {}, "pubTypeList": {"pubType": types}}
    record: Any
    (record,) = europepmc.SOURCE.read(Page("u", json.dumps({"resultList": {"result": [entry]}}).encode()))
    assert (record.kind, record.version) == (kind, "journal")


@pytest.mark.parametrize(
    ("first", "online", "issue", "date"),
    [
        ("2025-08-01", None, "2025 Aug", "2025-08"),
        ("2025-08-01", "2025-08-01", "2025 Aug", "2025-08-01"),
        ("2025-07-22", "2025-07-22", "2025 Aug", "2025-07-22"),
        ("2025-08-01", None, "2025 Aug 1", "2025-08-01"),
        ("2025-08-01", None, None, "2025-08-01"),
        (None, None, "2025 Aug", "2025-08"),
    ],
)
def test_the_first_of_a_month_may_stand_for_the_month(first, online, issue, date):
    entry = {"source": "MED", "id": "1", "title": "A title.", "firstPublicationDate": first}
    entry |= {"electronicPublicationDate": online} if online else {}
    entry["journalInfo"] = {"printPublicationDate": "2025-08-01"} | ({"dateOfPublication": issue} if issue else {})
    record: Any
    (record,) = europepmc.SOURCE.read(Page("u", json.dumps({"resultList": {"result": [entry]}}).encode()))
    assert record.date == date


def test_questions_by_number_and_by_title():
    asked = europepmc.ask(SITE, Question("pmid", "39000001"))
    assert asked is not None
    assert parse_qs(urlsplit(asked.url).query)["query"] == ["EXT_ID:39000001 AND SRC:MED"]
    assert europepmc.ask(SITE, Question("title", "…")) is None
    with pytest.raises(Malformed, match="bad query"):
        europepmc.SOURCE.read(Page("u", b'{"errCode": 404, "errMsg": "bad query"}'))
