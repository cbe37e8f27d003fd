"""Names, venues and printed references."""

from __future__ import annotations

import gzip
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.formats.captures import papers
from tests.shared import SHARED, needs_shared
from worker.formats.citations import author_names, citation, is_venue, name_likeness, venue_name


@pytest.mark.parametrize(
    ("text", "names", "state"),
    [
        ("Thomas Coste", ("Thomas Coste",), "whole"),
        ("David M. Krueger", ("David M. Krueger",), "whole"),
        ("Thomas Coste, Usman Anwar, and Robert Kirk.", ("Thomas Coste", "Usman Anwar", "Robert Kirk"), "whole"),
        ("Marie Tremblay et Jean-François Côté", ("Marie Tremblay", "Jean-François Côté"), "whole"),
        ("Esther van den Berg · Pierluca D'Oro", ("Esther van den Berg", "Pierluca D'Oro"), "whole"),
        ("Jane Doe1,2*, John Smith2", ("Jane Doe", "John Smith"), "whole"),
        ("Jane Doe, John Smith, et al.", ("Jane Doe", "John Smith"), "cut"),
        ("Hao Yu, Jesujoba O. Alabi, …, Dietrich Klakow", ("Hao Yu", "Jesujoba O. Alabi", "Dietrich Klakow"), "cut"),
        ("Coste, T., Anwar, U., & Kirk, R.", ("Coste, T.", "Anwar, U.", "Kirk, R."), "whole"),
        ("Auteurs : Élise Gagnon, Pierre-Luc Bacon", ("Élise Gagnon", "Pierre-Luc Bacon"), "whole"),
    ],
)
def test_lines_of_names(text: str, names: tuple[str, ...], state: str) -> None:
    assert author_names(text) == (names, state)


@pytest.mark.parametrize(
    "text",
    [
        "Fair Normalizing Flows",
        "Deep Learning",
        "Réseaux de neurones profonds",
        "Learn more",
        "TACTiS-2: Better, Faster, Simpler Attentional Copulas for Multivariate Time Series",
        "International Conference on Learning Representations",
        "ICLR 2024",
        "12 March 2024",
        "",
        "…",
    ],
)
def test_lines_that_are_no_names(text: str) -> None:
    assert author_names(text) is None


@needs_shared
def test_real_names_are_told_from_real_titles() -> None:
    stock = papers()
    names = sorted({name for paper in stock for name in paper.authors})
    assert sum(name_likeness(name) >= 2 for name in names) / len(names) > 0.97
    lines = gzip.decompress((SHARED / "scale" / "ml_venues_2020-2026.jsonl.gz").read_bytes()).split(b"\n")
    titles = {json.loads(line)["title"] for line in lines[:20000] if line}
    assert sum(author_names(title) is not None for title in titles) / len(titles) < 0.003


@pytest.mark.parametrize(
    ("text", "title", "first", "venue", "year"),
    [
        (
            "Lu, J., Zhong, B., & Tang, J. (2024). Zero-shot Protein Conformation Sampling. Nature Methods.",
            "Zero-shot Protein Conformation Sampling", "Lu, J.", "Nature Methods", "2024",
        ),
        (
            'Q. Bertrand, J. Bose and G. Gidel. "On the Stability of Iterative Retraining." In ICLR, 2024.',
            "On the Stability of Iterative Retraining", "Q. Bertrand", "ICLR", "2024",
        ),
        (
            "Ling Pan, Moksh Jain. Pre-Training and Fine-Tuning Generative Flow Networks. ICLR, 2024.",
            "Pre-Training and Fine-Tuning Generative Flow Networks", "Ling Pan", "ICLR", "2024",
        ),
        (
            "Marie Tremblay (2021). « Une étude des réseaux profonds ». Revue d'intelligence artificielle.",
            "Une étude des réseaux profonds", "Marie Tremblay", "Revue d'intelligence artificielle", "2021",
        ),
        (
            "Synaptic Geometry of Plasticity. Roman Pogodin, Jonathan Cornford. NeurIPS 2023",
            "Synaptic Geometry of Plasticity", "Roman Pogodin", "NeurIPS", "2023",
        ),
    ],
)  # fmt: skip
def test_printed_references(text: str, title: str, first: str, venue: str, year: str) -> None:
    found = citation(text)
    assert found is not None
    assert (found.title, found.authors[0], found.venue, found.year) == (title, first, venue, year)


def test_venues() -> None:
    assert is_venue("International Conference on Machine Learning (published)")
    assert is_venue("ICLR 2024")
    assert is_venue("In Proceedings of the 41st International Conference")
    assert not is_venue("Reward Model Ensembles Help Mitigate Overoptimization")
    assert venue_name("In ICLR, 2024.") == "ICLR"
    assert venue_name("Nature Methods 12 (3), pp. 4-5, 2020") is not None


@given(st.text(max_size=300))
def test_any_text_is_read_without_error(text: str) -> None:
    author_names(text)
    citation(text)
    is_venue(text)
    venue_name(text)
