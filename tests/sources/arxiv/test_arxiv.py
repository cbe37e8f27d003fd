"""arXiv: apologies that look like success, a walk that stops at what is old, papers withdrawn and old numbers."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from worker.errors import Malformed, Transient
from worker.formats.arxiv_xml import is_withdrawn
from worker.page import Page, Question, Site, Window
from worker.record import Record
from worker.sources import arxiv

BODY = Path(__file__).with_name("page.xml").read_bytes()
SITE = Site("arxiv", options={"query": "cat:cs.LG"})


def test_a_withdrawn_paper_says_so_and_an_error_is_no_paper():
    paper, withdrawn, error = arxiv.SOURCE.read(Page("u", BODY))
    assert isinstance(paper, Record)
    assert isinstance(withdrawn, Record)
    assert (paper.is_retracted, withdrawn.is_retracted) == (False, True)
    assert withdrawn.source_key == "math/0309136"
    assert [one.scheme for one in paper.identifiers] == ["arxiv", "doi"]
    assert paper.topics == ("stat.ML", "cs.LG")
    assert isinstance(error, Malformed)
    assert "incorrect id format" in str(error)


@pytest.mark.parametrize(
    ("comment", "abstract", "withdrawn"),
    [
        ("", "We study drugs withdrawn from the market due to liver injury.", False),
        ("", "When the stimulus is withdrawn, mice relax.", False),
        ("8 pages. Withdrawn from ICLR, accepted at TMLR", "", False),
        ("", "This paper has been withdrawn by the author due to an error.", True),
        ("12 pages, withdrawn", "", True),
        ("Lemma 2 is wrong; the paper has been withdrawn", "", True),
    ],
)
def test_what_is_withdrawn_is_the_paper(comment, abstract, withdrawn):
    assert is_withdrawn(comment, abstract) is withdrawn


def test_a_walk_of_changes_stops_at_what_is_older():
    (whole,) = arxiv.first(SITE, Window())
    second = arxiv.next_page(SITE, Page(whole.key, BODY))
    assert second is not None
    assert parse_qs(urlsplit(second.url).query)["start"] == ["200"]
    third = arxiv.next_page(SITE, Page(second.key, BODY))
    assert third is not None
    assert arxiv.next_page(SITE, Page(third.key, BODY)) is None
    assert arxiv.total(Page(whole.key, BODY)) == 450
    (changes,) = arxiv.first(SITE, Window(date(2020, 1, 1)))
    assert changes.url.endswith("&sortOrder=descending#since=2020-01-01")
    assert arxiv.next_page(SITE, Page(changes.key, BODY)) is None
    assert arxiv.total(Page(changes.key, BODY)) is None


@pytest.mark.parametrize(
    ("body", "error"),
    [
        (BODY[: BODY.index(b"<entry>")] + b"</feed>", Transient),
        (b"<html><body>Busy</body></html>", Malformed),
    ],
)
def test_what_only_looks_like_success(body, error):
    with pytest.raises(error):
        arxiv.check(Page("https://export.arxiv.org/api/query?search_query=x", body))


def test_questions():
    by_number = arxiv.ask(SITE, Question("arxiv", "hep-th/9901001"))
    assert by_number is not None
    assert parse_qs(urlsplit(by_number.url).query)["id_list"] == ["hep-th/9901001"]
    by_title = arxiv.ask(SITE, Question("title", 'A "title": of (two) halves'))
    assert by_title is not None
    assert parse_qs(urlsplit(by_title.url).query)["search_query"] == ['ti:"A title of two halves"']
    assert arxiv.next_page(SITE, Page(by_title.key, BODY)) is None
    assert arxiv.ask(SITE, Question("title", "?")) is None
