"""Proceedings: a year on one page, every paper's own page only where the sources file wants abstracts."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from tests.sources.test_sources import page_of
from worker.errors import Malformed, Misconfigured
from worker.page import Page, Site, Window
from worker.record import Record
from worker.sources import neurips

YEAR = page_of(Path(__file__).with_name("page.html"))
PAPER = page_of(Path(__file__).with_name("page_paper.html"))


def test_papers_are_read_once_from_the_year_or_from_their_own_pages():
    plain, thorough = Site("neurips"), Site("neurips", options={"abstracts": True})
    assert list(neurips.refetch(plain, YEAR)) == []
    assert len(neurips.SOURCE.read(YEAR)) == 2
    requests = list(neurips.refetch(thorough, YEAR))
    assert requests[0].url == PAPER.url
    assert neurips.SOURCE.read(replace(YEAR, options=thorough.options)) == []
    (paper,) = neurips.SOURCE.read(PAPER)
    assert isinstance(paper, Record)
    assert list(neurips.refetch(thorough, PAPER)) == []
    assert paper.source_key == neurips.SOURCE.read(YEAR)[0].source_key  # type: ignore[union-attr]
    assert (paper.abstract, paper.abstract_state, paper.pages) == ("We keep few memories.", "whole", "12-29")


def test_proceedings_of_iclr_come_from_the_same_program():
    there = "https://proceedings.iclr.cc/paper_files/paper/2025"
    found = neurips.SOURCE.read(replace(YEAR, url=there))
    assert {one.venue for one in found if isinstance(one, Record)} == {"ICLR 2025"}
    (request,) = neurips.first(
        Site("iclr", base_url="https://proceedings.iclr.cc", options={"years": [2025]}), Window()
    )
    assert request.url == there
    with pytest.raises(Misconfigured):
        list(neurips.first(Site("iclr", options={"years": ["last"]}), Window()))
    with pytest.raises(Malformed, match="found none"):
        neurips.SOURCE.read(Page("u", b"<html><body><p>We are moving.</p></body></html>"))
