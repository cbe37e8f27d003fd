"""Known pairs and what must be said of them. A misjudged pair arrives in ``pairs.jsonl`` before its fix does."""

from typing import Any

import pytest

from tests.match.records import KNOWN, known
from worker.match.keys import blocking_keys
from worker.match.verdict import judge


@pytest.mark.parametrize("pair", KNOWN, ids=[pair["why"] for pair in KNOWN])
def test_known_pair(pair: dict[str, Any]) -> None:
    a, b = known("1", **pair["a"]), known("2", **pair["b"])
    verdict = judge(a, b)
    assert verdict.kind == pair["verdict"], verdict.text


@pytest.mark.parametrize(
    "pair", [pair for pair in KNOWN if pair["verdict"] != "different"], ids=lambda pair: str(pair["why"])
)
def test_known_pair_is_found(pair: dict[str, Any]) -> None:
    """What a curator or the rules would merge must share a key, else nobody ever looks."""
    a, b = known("1", **pair["a"]), known("2", **pair["b"])
    assert set(blocking_keys(a)) & set(blocking_keys(b))


def test_two_single_authors_with_one_title_are_two_papers() -> None:
    """Paperoni merged on the title alone."""
    title = "Learning to Rank for Recommender Systems"
    a = known("1", title=title, authors=["Maria Lopes"], date="2021")
    b = known("2", title=title, authors=["Erik Lindqvist"], date="2021")
    assert judge(a, b).kind == "different"


def test_samy_is_not_yoshua_bengio() -> None:
    """Paperoni compared family names."""
    title = "Taking on the Curse of Dimensionality in Joint Distributions"
    a = known("1", title=title, authors=["Samy Bengio"], date="2000")
    b = known("2", title=title, authors=["Yoshua Bengio"], date="2000")
    both = known("3", title=title, authors=["S. Bengio", "Y. Bengio"], date="2000")
    assert judge(a, b).kind == "different"
    assert judge(a, both).kind == "same"
    assert judge(b, both).kind == "same"


def test_laval_is_not_montreal() -> None:
    """Paperoni's fuzzy comparison took one university for the other: reports of both bear one name."""
    title = "Rapport annuel sur l'intelligence artificielle"
    a = known("1", title=title, authors=["Université Laval"], date="2021")
    b = known("2", title=title, authors=["Université de Montréal"], date="2021")
    assert judge(a, b).kind == "different"


def test_punctuation_in_a_title_does_not_count() -> None:
    a = known("1", title="Attention: Is All You Need", authors=["Ashish Vaswani", "Noam Shazeer"])
    b = known("2", title="Attention Is All You Need!", authors=["Ashish Vaswani", "Noam Shazeer"])
    verdict = judge(a, b)
    assert verdict.kind == "same"
    assert "same_title" in {reason.name for reason in verdict.reasons}


def test_introduction_is_not_every_introduction() -> None:
    """Paperoni found one title inside the other."""
    a = known("1", title="Introduction", authors=["Jane Doe"], date="2020")
    b = known("2", title="Introduction to Statistical Relational Learning", authors=["Jane Doe"], date="2020")
    assert judge(a, b).kind == "different"
