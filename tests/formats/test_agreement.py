"""A title and an abstract are one work only when their words say so."""

from __future__ import annotations

import random
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.formats.captures import capture, papers
from tests.shared import needs_shared
from worker.errors import Malformed
from worker.formats import listing_text
from worker.formats.agreement import AGREE, Abstract, Page, cohesion, stem
from worker.normalise.titles import title_key
from worker.record import Record

REWARD = """A policy tuned against one learned reward model ends up exploiting its errors. An ensemble of reward models
and a cautious estimate among them make overoptimization almost vanish."""
PROTEIN = """Proteins are restless, and molecular dynamics crosses their energy barriers slowly. A score-based model
trained on crystal structures samples new conformations of the same protein without simulation data."""
FRENCH = """Nous proposons une méthode d'apprentissage par renforcement pour la traduction automatique des langues peu
dotées, et montrons que des récompenses simples suffisent à améliorer les traductions."""


@pytest.mark.parametrize(
    ("title", "abstract", "same"),
    [
        ("Reward Model Ensembles Help Mitigate Overoptimization", REWARD, True),
        ("Reward Model Ensembles Help Mitigate Overoptimization", PROTEIN, False),
        ("A Score-based Framework for Zero-shot Protein Conformation Sampling", PROTEIN, True),
        ("A Score-based Framework for Zero-shot Protein Conformation Sampling", REWARD, False),
        ("Traduction automatique et renforcement pour langues peu dotées", FRENCH, True),
        ("Une étude des modèles pour les données de santé", FRENCH, False),
        ("Learning Models for Large Data", REWARD, False),
    ],
)
def test_words_decide(title: str, abstract: str, same: bool) -> None:
    background = [Abstract(text) for text in (REWARD, PROTEIN, FRENCH) if text != abstract]
    own = Abstract(abstract)
    assert (Page([own, *background]).probability(title, own) >= AGREE) is same


def test_what_the_whole_page_speaks_of_tells_nothing() -> None:
    """On a page about generative flow networks those words pair no two lines."""
    theme = "Generative flow networks sample objects in proportion to a reward. "
    first = Abstract(theme + "Here they are taught to route parcels through a crowded harbour at night.")
    others = [
        Abstract(theme + f"Here they are taught to {act}.")
        for act in ("fold proteins from sequences", "prune decision trees", "compose melodies", "design alloys")
    ]
    page = Page([first, *others])
    assert page.probability("Generative Flow Networks for Alloy Design", first) < AGREE
    assert page.probability("Generative Flow Networks for Alloy Design", others[-1]) >= AGREE
    assert page.probability("Routing Parcels through a Harbour with Generative Flow Networks", first) >= AGREE


@pytest.mark.parametrize(
    "words",
    [("learning", "learned", "learns"), ("proteins", "protein"), ("optimization", "optimize"), ("modèles", "modèle")],
)
def test_inflections_share_a_stem(words: tuple[str, ...]) -> None:
    assert len({stem(word.replace("è", "e")) for word in words}) == 1


def test_halves_of_one_abstract_hold_together_better_than_two_abstracts() -> None:
    half = "The cautious estimate among reward models keeps overoptimization away even when preference labels err."
    assert cohesion(half, REWARD) > 0.3 > cohesion(half, PROTEIN)


@given(st.text(max_size=300), st.lists(st.text(max_size=500), min_size=1, max_size=4))
def test_a_probability_is_one_whatever_the_texts(title: str, texts: list[str]) -> None:
    abstracts = [Abstract(text) for text in texts]
    assert 0 <= Page(abstracts).probability(title, abstracts[0]) <= 1
    assert 0 <= cohesion(title, texts[0]) <= 1


@needs_shared
def test_random_captures_are_paired_rightly() -> None:
    """Over 250 captures of real papers: under 0.5 % of the pairs made are wrong, under 4 % of the right ones missed."""
    chance = random.Random(20260320)
    stock = papers()
    made = wrong = right = due = titles = found_titles = abstracts = found_abstracts = 0
    for _ in range(250):
        text, left = capture(chance, stock)
        try:
            records = listing_text.read(text, "capture", date(2026, 3, 20))
        except Malformed:
            records = []
        pairs = {title_key(one.title): title_key(one.abstract) for one in left if one.title and one.abstract}
        shown = {title_key(one.title) for one in left if one.title}
        told = {title_key(one.abstract) for one in left if one.abstract}
        got = [(title_key(r.title or ""), title_key(r.abstract or "")) for r in records if isinstance(r, Record)]
        due += len(pairs)
        titles, found_titles = titles + len(shown), found_titles + len(shown & {title for title, _ in got})
        abstracts, found_abstracts = abstracts + len(told), found_abstracts + len(told & {text for _, text in got})
        for title, abstract in got:
            if title in shown and abstract in told:
                made += 1
                right += pairs.get(title) == abstract
                wrong += pairs.get(title) != abstract
    assert due > 800
    assert wrong / made < 0.005
    assert 1 - right / due < 0.04
    assert found_titles / titles > 0.99
    assert found_abstracts / abstracts > 0.99
