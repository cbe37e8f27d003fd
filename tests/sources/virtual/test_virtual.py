"""Virtual conference sites: an oral and a poster are one paper, an institution is a word and not its beginning."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from tests.sources.test_sources import page_of
from worker.errors import Misconfigured
from worker.page import Site, Window
from worker.record import Identifier, Record
from worker.sources import virtual

PAGE = page_of(Path(__file__).with_name("page.json"))


def test_two_events_of_one_paper_are_one_record_with_the_better_of_both():
    (paper,) = virtual.SOURCE.read(PAGE)
    assert isinstance(paper, Record)
    assert (len(paper.authors), paper.abstract) == (2, "We keep few memories.")
    assert [place.name for place in paper.authors[0].affiliations] == ["Mila", "Université de Montréal"]
    assert {link.kind for link in paper.links} == {"landing", "pdf", "code"}
    assert paper.authors[0].identifiers == (Identifier("openreview_profile", "~Ada_Exemple1"),)
    assert (paper.venue, paper.date, paper.version) == ("NeurIPS 2025", "2025", "proceedings")


def test_only_papers_of_the_institutions_named_unless_none_is():
    titles = [one.title for one in virtual.SOURCE.read(replace(PAGE, options={})) if isinstance(one, Record)]
    assert titles == ["Sparse Memories for Recurrent Learners", "Elsewhere"]
    assert (virtual.total(PAGE), len(virtual.listed(PAGE))) == (5, 5)


def test_a_conference_has_its_home_and_a_year():
    site = Site("virtual", options={"conferences": ["neurips-2025", "cvpr-2026"]})
    assert [request.url for request in virtual.first(site, Window())] == [
        "https://neurips.cc/static/virtual/data/neurips-2025-orals-posters.json",
        "https://cvpr.thecvf.com/static/virtual/data/cvpr-2026-orals-posters.json",
    ]
    with pytest.raises(Misconfigured, match="neurips-2025"):
        list(virtual.first(Site("virtual", options={"conferences": ["nips"]}), Window()))
