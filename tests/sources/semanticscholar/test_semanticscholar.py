"""Semantic Scholar: places called token, batches with gaps, answers that are people or mere apologies."""

from __future__ import annotations

import json
from urllib.parse import parse_qs, urlsplit

import pytest

from worker.errors import Malformed, Transient
from worker.page import Page, Question, Site, Window
from worker.sources import semanticscholar

SITE = Site(
    "semanticscholar",
    options={"authors": [1741101], "query": '"Mila" +learning', "papers": [f"CorpusId:{n}" for n in range(700)]},
    secrets={"S2_API_KEY": "secret\n"},
)


def test_the_bulk_search_goes_on_at_a_token_that_is_no_secret():
    by_author, by_query, *batches = semanticscholar.first(SITE, Window())
    content = json.dumps({"total": 9, "token": "PCOF-x9", "data": [{}]}).encode()
    second = semanticscholar.next_page(SITE, Page(by_query.key, content))
    assert second is not None
    assert parse_qs(urlsplit(second.key).query)["token"] == ["PCOF-x9"]
    last = json.dumps({"total": 9, "token": None, "data": [{}]}).encode()
    assert semanticscholar.next_page(SITE, Page(second.key, last)) is None
    listed = json.dumps({"offset": 0, "next": 200, "data": [{}]}).encode()
    further = semanticscholar.next_page(SITE, Page(by_author.key, listed))
    assert further is not None
    assert urlsplit(further.url).path == "/graph/v1/author/1741101/papers"
    assert parse_qs(urlsplit(further.url).query)["offset"] == ["200"]
    assert [len(json.loads(request.body or b"")["ids"]) for request in batches] == [500, 200]
    assert len({request.key for request in batches}) == 2


def test_the_key_is_a_header_and_a_batch_stays_one():
    (*_, batch) = semanticscholar.first(SITE, Window())
    signed = semanticscholar.authorise(SITE, batch)
    assert signed.headers == {"x-api-key": "secret"}
    assert signed.body == batch.body
    page = Page(batch.key, b'[null, {"paperId": "0123456789abcdef0123456789abcdef01234567", "title": "Found"}, null]')
    assert len(semanticscholar.SOURCE.read(page)) == 1
    assert semanticscholar.next_page(SITE, page) is None


@pytest.mark.parametrize(
    ("by", "value", "path"),
    [
        ("doi", "10.5555/a/b", "/paper/DOI:10.5555%2Fa%2Fb"),
        ("arxiv", "hep-th/9901001", "/paper/ARXIV:hep-th%2F9901001"),
        ("pmcid", "PMC12", "/paper/PMCID:12"),
        ("corpusid", "470667", "/paper/CorpusId:470667"),
        ("title", "Sparse?", "/paper/search/match"),
    ],
)
def test_questions(by, value, path):
    request = semanticscholar.ask(SITE, Question(by, value))
    assert request is not None
    assert urlsplit(request.url).path == f"/graph/v1{path}"
    assert semanticscholar.ask(SITE, Question("openreview", "AbCdEf1234")) is None


def test_what_is_no_paper():
    people = b'[{"authorId": "1741101", "name": "Ada Exemple"}]'
    assert semanticscholar.SOURCE.read(Page("u", people)) == []
    assert semanticscholar.SOURCE.read(Page("u", b'{"total": 0, "offset": 0}')) == []
    with pytest.raises(Malformed, match="not found"):
        semanticscholar.SOURCE.read(Page("u", b'{"error": "Paper with id 0 not found"}'))
    with pytest.raises(Transient):
        semanticscholar.check(Page("u", b'{"message": "Too Many Requests", "code": "429"}'))
