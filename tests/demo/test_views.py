"""The four views say what the facts say, in the manner of four sources, and always in the same bytes."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from worker.demo import institute
from worker.demo.institute import CARDS, MARKER, paper


@given(st.text(alphabet=st.characters(categories=["L", "P", "Zs"])))
def test_an_inverted_index_gives_the_text_back(text):
    positions = {n: word for word, held in institute.inverted_index(text).items() for n in held}
    assert [positions[n] for n in sorted(positions)] == text.split()


@pytest.mark.parametrize("state", ["whole", "untitled", "unauthored", "cut", "stopped", "untitled stopped", "bare"])
def test_a_card_shows_the_beginning_of_its_abstract(state):
    abstract = paper("climate-change").abstract
    head, rest = institute.shown_abstract(abstract, state, MARKER["en"])
    shown = head.replace(MARKER["en"], "") + rest
    assert abstract.startswith(shown)
    assert (shown == abstract) == (state in ("whole", "untitled", "unauthored"))
    assert bool(shown) == (state != "bare")


@pytest.mark.parametrize("language", ["fr", "en"])
def test_a_listing_page_has_its_cards_and_its_noise(language):
    page = institute.listing_page(language)
    assert page.count('class="card publication"') == len(CARDS[language]) >= 20
    assert page.count("course-card__title") == 2
    assert page.count(MARKER[language].removeprefix("… ")) == sum(state != "bare" for _, state in CARDS[language])
    assert "cookie" in page
    assert sum(state.startswith("untitled") for _, state in CARDS[language]) >= 4
    assert institute.listing_page(language, 1).count('class="card publication"') == 0


def test_at_least_eight_cards_need_another_source():
    elsewhere = {work["title"] for work in institute.openalex_works() if work["abstract_inverted_index"]}
    elsewhere |= {note["content"]["title"]["value"] for note in institute.openreview_notes()}
    shown: dict[str, set[str]] = {}
    for key, state in (*CARDS["fr"], *CARDS["en"], *institute.CAPTURE):
        shown.setdefault(key, set()).add(state)
    lacking = [key for key, states in shown.items() if "whole" not in states and paper(key).title in elsewhere]
    assert len(lacking) >= 8


def test_a_paper_on_both_pages_shows_the_same():
    french, english = dict(CARDS["fr"]), dict(CARDS["en"])
    shared = french.keys() & english.keys()
    assert len(shared) >= 8
    assert {key for key in shared if french[key] != english[key]} == set()


def test_both_languages_announce_the_same_courses():
    assert [c.path for c in institute.COURSES["fr"]] == [c.path for c in institute.COURSES["en"]]
    assert len({c.path for c in institute.COURSES["fr"]}) == 2


def test_openalex_holds_what_makes_it_hard():
    works = institute.openalex_works()
    assert len({work["id"] for work in works}) == len(works) >= 60
    assert sum(work["abstract_inverted_index"] is None for work in works) >= 5
    assert [work["title"] for work in works if "is_authors_truncated" in institute.as_listed(work)] == [
        "A deep learning framework for neuroscience"
    ]
    preprints = {w["title"]: w["publication_year"] for w in works if w["type"] == "preprint"}
    assert preprints["Tackling Climate Change with Machine Learning"] == 2019
    assert sum(title in preprints for title in (w["title"] for w in works if w["type"] != "preprint")) == 6


def test_openreview_holds_the_new_venues_and_one_withdrawn_note():
    notes = institute.openreview_notes()
    assert 25 <= len(notes) <= 30
    venues = [note["content"]["venueid"]["value"] for note in notes]
    assert sum(venue.endswith("/Withdrawn_Submission") for venue in venues) == 1
    assert all(note["id"] == note["forum"] for note in notes)


def test_the_spreadsheet_is_as_untidy_as_intended():
    rows = list(csv.DictReader(io.StringIO(institute.faculty_csv().removeprefix("\ufeff"))))
    assert len({row["id"] for row in rows}) == len(rows) == len(institute.FACULTY)
    titles = {row["title"] for row in rows}
    assert {"Simultaneous Localization and Mapping: Part I", "Simultaneous Localization and Mapping: Part II"} <= titles
    assert {"Dependency Parsing of Turkish", "Erratum: Dependency Parsing of Turkish"} <= titles
    assert any(not row["year"] for row in rows)
    assert any("et al." in row["authors"] for row in rows)
    assert any("Reinforcment" in title for title in titles)


@pytest.mark.parametrize(
    ("style", "expected"),
    [
        ("full", "Pierre-Luc Bacon; Harm de Vries"),
        ("initials", "P. L. Bacon; H. de Vries"),
        ("family first", "Bacon, Pierre-Luc; de Vries, Harm"),
        ("et al.", "P. L. Bacon; et al."),
    ],
)
def test_author_lists_are_written_in_four_ways(style, expected):
    assert institute.written(("Pierre-Luc Bacon", "Harm de Vries"), style) == expected


def test_the_same_facts_give_the_same_bytes():
    first = (institute.openalex_works(), institute.openreview_notes())
    for cached in (institute.papers, institute.paper, institute.openalex_works, institute.openreview_notes):
        cached.cache_clear()
    assert (institute.openalex_works(), institute.openreview_notes()) == first
