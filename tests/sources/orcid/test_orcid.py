"""ORCID: claims of one work are one record, the one who claims is one of its authors, a list of people leads on."""

from __future__ import annotations

import json
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from worker.errors import Malformed, Misconfigured
from worker.page import Page, Site, Window
from worker.record import Identifier, Record
from worker.sources import orcid

SITE = Site("orcid", options={"people": ["https://orcid.org/0000-0002-1825-0097"], "ror": "05c22rx21"})


def test_claims_of_one_work_are_one_record_of_its_claimant():
    page = Page("page", Path(__file__).with_name("page.json").read_bytes())
    work, chapter, empty = orcid.SOURCE.read(page)
    assert isinstance(work, Record)
    assert work.source_key == "0000-0002-1825-0097:102"
    assert {one.scheme for one in work.identifiers} == {"doi", "arxiv"}
    assert work.authors[0].identifiers == (Identifier("orcid", "0000-0002-1825-0097"),)
    assert (work.authors[0].name, work.authors_state) == ("Ada Exemple", "cut")
    assert isinstance(chapter, Record)
    assert (chapter.kind, chapter.identifiers) == ("book_chapter", ())
    assert isinstance(empty, Malformed)


def test_the_people_of_an_organisation_are_read_one_by_one():
    by_name, by_place = orcid.first(SITE, Window())
    assert by_name.url == "https://pub.orcid.org/v3.0/0000-0002-1825-0097/record"
    assert by_name.headers == {"Accept": "application/json"}
    assert parse_qs(urlsplit(by_place.url).query)["q"] == ['ror-org-id:"https://ror.org/05c22rx21"']
    people = {"num-found": 300, "expanded-result": [{"orcid-id": "0000-0002-1825-0097"}, {"orcid-id": "no iD"}]}
    page = Page(by_place.key, json.dumps(people).encode())
    assert [request.url for request in orcid.refetch(SITE, page)] == [by_name.url]
    second = orcid.next_page(SITE, page)
    assert second is not None
    assert parse_qs(urlsplit(second.url).query)["start"] == ["200"]
    assert orcid.next_page(SITE, Page(second.key, page.body)) is None
    assert orcid.SOURCE.read(page) == []
    with pytest.raises(Misconfigured):
        list(orcid.first(Site("orcid", options={"people": ["0000-0002-1825-0098"]}), Window()))


def test_a_locked_record_says_so():
    locked = (
        b'{"response-code": 409, "developer-message": "409 Conflict: The ORCID record is locked", "error-code": 9018}'
    )
    with pytest.raises(Malformed, match="locked"):
        orcid.SOURCE.read(Page("u", locked))


def test_a_login_without_a_token_is_none():
    assert orcid.SOURCE.login is not None
    with pytest.raises(Malformed, match="expected a token"):
        orcid.SOURCE.login.read(Page("u", b"[]"))
