"""Every source, asked about anything: an address that can be sent, or no question; and no secret in what is stored."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.sources.far import FAR
from tests.sources.test_walks import ADAPTERS, adapter
from worker.http import SECRET_HEADERS
from worker.page import Page, Question, Request, Site, Window
from worker.settings import SHIPPED_SOURCES

ASKING = [name for name in ADAPTERS if adapter(name).answers]
SECRET = "hush-hush"
VALUES = {
    "doi": "10.1002/(sici)1097-4571(199806)49:8<693::aid-asi4>3.0.co;2-o",
    "arxiv": "hep-th/9901001",
    "title": 'A "title": of (two) halves?',
    "abstract": "We keep few memories, and errors stay low.",
    "pmid": "39000001",
    "pmcid": "PMC9000001",
    "hal": "hal-04000001",
    "acl": "2024.acl-long.1",
    "s2": "0" * 40,
    "corpusid": "470667",
    "dblp": "conf/iclr/ExempleM24",
    "openreview": "AbCdEf1234",
    "openalex": "W2741809807",
    "affiliation": "Mila, Montréal",
}


def site(name: str) -> Site:
    """The source with every credential it may have."""
    source = adapter(name)
    secrets = {one: SECRET for one in (*source.needs, *source.may_use) if one != "PUBCAT_CONTACT"}
    secrets |= {"OPENREVIEW_TOKEN": SECRET, "ORCID_TOKEN": SECRET}
    options = {**(FAR[name].options if name in FAR else {}), "search_api": True}
    if name == "oai":
        options["identifier"] = "oai:HAL:{hal}"
    return Site(name, "https://far.example/api", f"{SECRET}@institute.example", secrets, options)


def is_sendable(request: Request) -> bool:
    return request.url.isascii() and request.url.startswith("https://") and " " not in request.url


@pytest.mark.parametrize("name", ASKING)
@settings(max_examples=60, deadline=None)
@given(text=st.text(max_size=120))
def test_any_text_makes_a_question_or_none(name: str, text: str) -> None:
    for by in adapter(name).answers:
        request = adapter(name).ask(site(name), Question(by, text))
        assert request is None or is_sendable(request), by


@pytest.mark.parametrize("name", ASKING)
def test_what_a_source_says_it_answers_it_answers(name: str) -> None:
    source = adapter(name)
    asked = {by: source.ask(site(name), Question(by, VALUES[by])) for by in source.answers}
    unanswered = {by for by, request in asked.items() if request is None}
    assert unanswered <= {"arxiv", "doi", "pmcid"}, "what depends on the value or on the sources file"
    assert len(unanswered) < len(asked)
    for request in filter(None, asked.values()):
        assert is_sendable(request)
        assert source.next(site(name), Page(request.key, b'{"data": [], "results": [], "notes": []}')) is None


@pytest.mark.parametrize("name", [*FAR, *ASKING])
def test_no_secret_is_stored(name: str) -> None:
    source = adapter(name)
    requests = list(source.first(site(name), Window()))
    requests += filter(None, [source.ask(site(name), Question(by, VALUES[by])) for by in source.answers])
    assert requests
    for request in requests:
        signed = source.authorise(site(name), request)
        assert SECRET not in signed.key
        kept = {held for header, held in signed.headers.items() if header.lower() not in SECRET_HEADERS}
        assert not any(SECRET in held for held in kept), "a header of this name is written down"
        assert replace(signed, url=request.url, headers=request.headers) == request, "all else stays as it was"


def test_every_adapter_that_is_no_file_format_stands_in_the_sources_file() -> None:
    text = SHIPPED_SOURCES.read_text(encoding="utf-8")
    walked = {name.partition("-")[0] for name in FAR} | set(ASKING) | {"unpaywall", "ror"}
    assert {name for name in walked if f'kind = "{name}"' not in text} <= {"oai"}
