"""A capture's lines become papers and courses; nothing else on the page does."""

from __future__ import annotations

import contextlib
import time
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.shared import SHARED, needs_shared
from worker.errors import Malformed
from worker.formats import listing_text
from worker.record import AnyRecord, CourseRecord, Record

PAGE = date(2026, 3, 20)
TITLE = "Reward Model Ensembles Help Mitigate Overoptimization"
ABSTRACT = (
    "A policy tuned against one learned reward model ends up exploiting its errors. We train an ensemble of reward "
    "models and optimise the cautious e… (voir plus)stimate among them; overoptimization almost vanishes."
)
OTHER = (
    "We study how proteins move between folds. A score-based model trained on crystal struc… (voir plus)tures "
    "proposes new conformations of the same protein, without any simulation data."
)
COHORT = "Inscrivez-vous à la prochaine cohorte du 3 au 7 mai."
SCRAPS = (
    TITLE,
    ABSTRACT,
    OTHER,
    COHORT,
    "Thomas Coste",
    "Publications",
    "",
    "2024",
    "En savoir plus",
    "…",
    "A",
    "a, b",
)


def read(*lines: str) -> list[AnyRecord]:
    return listing_text.read("\n".join(lines), "capture", PAGE)


def papers(found: list[AnyRecord]) -> list[Record]:
    return [one for one in found if isinstance(one, Record)]


@needs_shared
def test_the_seed_page() -> None:
    text = (SHARED / "seed" / "listing_page_fr.txt").read_text("utf-8")
    found = listing_text.read(text, "seed", PAGE, "fr", "Mila")
    courses = [one for one in found if isinstance(one, CourseRecord)]
    records = papers(found)
    assert [one.title for one in courses] == [
        "TRAIL : IA responsable pour les professionnels et les leaders",
        "Avantage IA : productivité dans la fonction publique",
    ]
    (trail,), (avantage,) = (one.offerings for one in courses)
    assert (trail.start_date, trail.year_inferred, trail.date_kind) == ("2026-04-15", True, "start")
    assert trail.registration_status == "open"
    assert [session.date for session in avantage.sessions] == ["2026-04-28", "2026-04-30"]
    assert (avantage.mode, avantage.year_inferred) == ("online", False)
    assert len(records) == 11
    assert [one.title for one in records if one.title] == [
        "Pre-Training and Fine-Tuning Generative Flow Networks",
        TITLE,
    ]
    assert [[a.name for a in one.authors] for one in records if one.authors] == [
        ["Thomas Coste", "Usman Anwar", "Robert Kirk", "David M. Krueger"]
    ]
    assert all(one.abstract and "voir plus" not in one.abstract for one in records)
    assert "compositional objects from a given unnormalized" in (records[0].abstract or "")
    assert [one.abstract_state for one in records] == ["whole", "cut", *["whole"] * 9]


@needs_shared
@pytest.mark.parametrize(
    ("name", "titles", "abstracts"),
    [
        ("en_directory_esther-derman", 0, 1),
        ("en_home_kep", 1, 1),
        ("en_home_page0", 3, 1),
        ("en_home_ref", 4, 0),
        ("en_publications_p22_probabilistic-models", 1, 1),
        ("fr_annuaire_ling-pan", 0, 2),
        ("fr_annuaire_veronica-chelu", 0, 1),
    ],
)
def test_real_captures(name: str, titles: int, abstracts: int) -> None:
    text = (SHARED / "listing_pages" / "mila_text" / f"{name}.txt").read_text("utf-8")
    found = listing_text.read(text, name, PAGE)
    assert found == papers(found)
    assert sum(one.title is not None for one in papers(found)) == titles
    assert sum(one.abstract is not None for one in papers(found)) == abstracts


@needs_shared
@pytest.mark.parametrize("name", ["en_directory_guillaume-rabusseau", "fr_lidile_event_llm"])
def test_captures_without_publications_say_so(name: str) -> None:
    text = (SHARED / "listing_pages" / "mila_text" / f"{name}.txt").read_text("utf-8")
    with pytest.raises(Malformed, match="no publication or course"):
        listing_text.read(text, name, PAGE)


def test_a_title_before_its_abstract_is_its_title() -> None:
    (one,) = papers(read("Publications", TITLE, "Thomas Coste", "Usman Anwar", ABSTRACT))
    assert (one.title, len(one.authors), one.authors_state) == (TITLE, 2, "whole")
    assert one.abstract is not None
    assert "cautious estimate among" in one.abstract


def test_a_title_before_another_papers_abstract_is_another_record() -> None:
    """Whose names stand between the two cannot be known; they stay with the title, marked so."""
    first, second = papers(read("Publications", TITLE, "Thomas Coste", OTHER))
    assert (first.title, first.abstract, first.authors_state) == (TITLE, None, "unknown")
    assert second.title is None
    assert second.abstract is not None
    assert second.source_key != first.source_key


def test_a_poorer_capture_is_another_record() -> None:
    """Its key differs, so that it never takes the place of what was told before."""
    (rich,) = papers(read("Publications", TITLE, ABSTRACT))
    (bare,) = papers(read("Publications", TITLE))
    (nameless,) = papers(read("Publications", ABSTRACT))
    assert len({rich.source_key, bare.source_key, nameless.source_key}) == 3
    assert papers(read("Menu", "Publications", TITLE, "", ABSTRACT))[0].source_key == rich.source_key


def test_names_on_one_line_or_one_a_line() -> None:
    for lines in (["Thomas Coste", "Usman Anwar"], ["Thomas Coste, Usman Anwar"], ["Thomas Coste · Usman Anwar"]):
        (one,) = papers(read("Publications", TITLE, *lines, ABSTRACT))
        assert [author.name for author in one.authors] == ["Thomas Coste", "Usman Anwar"]


def test_a_short_title_that_looks_like_a_name_is_found_by_its_abstract() -> None:
    abstract = "Reflected diffusions stay inside a domain. … (see more) We train reflected diffusion models on images."
    (one,) = papers(read("Publications", "Reflected Diffusion Models", "Aaron Lou", abstract))
    assert one.title == "Reflected Diffusion Models"


def test_such_a_title_takes_nothing_from_the_title_above_it() -> None:
    abstract = "Reflected diffusions stay inside a domain. … (see more) We train reflected diffusion models on images."
    first, second = papers(read("Publications", TITLE, "Thomas Coste", "Reflected Diffusion", "Aaron Lou", abstract))
    assert (first.title, first.abstract, [a.name for a in first.authors]) == (TITLE, None, ["Thomas Coste"])
    assert (second.title, [a.name for a in second.authors]) == ("Reflected Diffusion", ["Aaron Lou"])


def test_what_stands_with_a_title_describes_it() -> None:
    (one,) = papers(
        read("Publications", TITLE, "Thomas Coste", "ICLR 2024 (poster)", "doi:10.5555/Abc.1", "2024-01-16", ABSTRACT)
    )
    assert one.venue == "ICLR"
    assert one.date in ("2024", "2024-01-16")
    assert [identifier.value for identifier in one.identifiers] == ["10.5555/abc.1"]


def test_printed_references_are_read() -> None:
    (one,) = papers(read("Publications", "[1] Ling Pan, Moksh Jain. Fine-Tuning Generative Flow Networks. ICLR, 2024."))
    assert (one.title, len(one.authors), one.date) == ("Fine-Tuning Generative Flow Networks", 2, "2024")


@pytest.mark.parametrize(
    "line",
    [
        "Nous utilisons des témoins pour analyser l’utilisation de notre site web. Vous pouvez les refuser.",
        "Paramètre des cookies",
        "Lecteur Multimédia",
        "Do you accept the use of cookies to measure the audience of our sites?",
        "En savoir plus",
        "Suivant ›",
        "© 2026 Institut. Tous droits réservés.",
        "Photo of Yoshua Bengio",
        "1 2 3 … 22",
    ],
)
def test_banners_and_menus_are_no_records(line: str) -> None:
    alone = read("Publications", TITLE, "Thomas Coste", ABSTRACT)
    for lines in (
        [line, "Publications", TITLE, "Thomas Coste", ABSTRACT],
        ["Publications", TITLE, "Thomas Coste", ABSTRACT, line],
    ):
        assert read(*lines) == alone


def test_news_is_no_paper() -> None:
    news = (
        "Hugo Larochelle appointed Scientific Director",
        "An adjunct professor at the university and former head of a laboratory, he is a pioneer in deep learning and "
        "one of the most respected researchers of the country.",
    )
    assert read(*news, "Publications", TITLE, ABSTRACT) == read("Publications", TITLE, ABSTRACT)


def test_a_course_in_a_paper_title_is_no_course() -> None:
    found = read(
        "Publications", "Implementation of a Pediatric Trauma Course: A Pilot Study", "Abbie Naus", "Ayla Gerk"
    )
    assert [type(one) for one in found] == [Record]


def test_a_second_paragraph_belongs_to_its_abstract() -> None:
    more = "Our experiments show that the ensemble of reward models needs no further preference labels."
    (one,) = papers(read("Publications", TITLE, ABSTRACT, more))
    assert (one.abstract or "").endswith(more)


def test_two_abstracts_in_a_row_are_two_papers() -> None:
    assert len(papers(read("Publications", ABSTRACT, OTHER))) == 2


@settings(max_examples=60, deadline=None)
@given(
    ending=st.sampled_from(["\n", "\r\n", "\r"]),
    trail=st.sampled_from(["", " ", "\u00a0", "\t "]),
    lead=st.sampled_from(["", "  ", "\u00a0"]),
    bom=st.booleans(),
)
def test_margins_and_line_ends_change_nothing(ending: str, trail: str, lead: str, bom: bool) -> None:
    lines = ["Publications", TITLE, "Thomas Coste", ABSTRACT, OTHER]
    text = ("\ufeff" if bom else "") + ending.join(lead + line + trail for line in lines)
    assert listing_text.read(text, "capture", PAGE) == read(*lines)


@settings(max_examples=200, deadline=None)
@given(st.lists(st.sampled_from(SCRAPS) | st.text(max_size=80), max_size=14))
def test_any_lines_give_records_or_malformed(lines: list[str]) -> None:
    try:
        found = read(*lines)
    except Malformed:
        return
    assert found
    assert len({one.source_key for one in found}) == len(found)


@pytest.mark.parametrize(
    "line", [ABSTRACT, "Jane Doe, ", "a " * 40, "(", "Titre du cours\nApprenez. Cohorte le 3 mai. "]
)
def test_time_grows_with_the_length_alone(line: str) -> None:
    """Ten times the lines take less than forty times the time, at the best of three tries on a shared machine."""

    def seconds(count: int) -> float:
        tries = []
        for _ in range(3):
            started = time.process_time()
            with contextlib.suppress(Malformed):
                read(*["Publications", *[line] * count])
            tries.append(time.process_time() - started)
        return min(tries)

    assert seconds(3000) < 40 * max(seconds(300), 0.01)
