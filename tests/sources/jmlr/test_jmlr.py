"""JMLR: pages between minus signs, a number in brackets, volumes by their page."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.sources.test_sources import page_of
from worker.errors import Malformed, Misconfigured
from worker.page import Page, Site, Window
from worker.record import Record
from worker.sources import jmlr


def test_pages_stand_between_minus_signs():
    first, second, without = jmlr.SOURCE.read(page_of(Path(__file__).with_name("page.html")))
    assert isinstance(first, Record)
    assert (first.source_key, first.volume, first.issue, first.pages) == ("v25/23-0001", "25", "2", "1-86")
    assert [link.kind for link in first.links] == ["code", "landing", "pdf"]
    assert isinstance(second, Record)
    assert (second.volume, second.date) == ("24", "2023")
    assert isinstance(without, Malformed)


def test_volumes():
    (request,) = jmlr.first(Site("jmlr", options={"volumes": "v25"}), Window())
    assert request.url == "https://jmlr.org/papers/v25/"
    with pytest.raises(Misconfigured):
        list(jmlr.first(Site("jmlr", options={"volumes": ["../../etc"]}), Window()))
    with pytest.raises(Malformed, match="no papers"):
        jmlr.SOURCE.read(Page("u", b"<html><body>JMLR</body></html>"))
