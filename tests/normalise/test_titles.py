"""One title printed in several ways gives one key; different titles keep different keys."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from worker.normalise.titles import plain_tex, repaired, title_key


@pytest.mark.parametrize(
    "ways",
    [
        ("Attention: Is All You Need", "Attention Is All You Need", "attention  is all you need."),
        (r"$\beta$-VAE on $L_1$ Balls", "β-VAE on L₁ Balls", r"\(\beta\)-VAE on L1 balls"),
        ("Étude de l’apprentissage", "Etude de l'apprentissage", r"\'Etude de l'apprentissage"),
        ("Étude de l’apprentissage", "Ã‰tude de lâ€™apprentissage", "E\u0301tude de l&rsquo;apprentissage"),
        ("François", "FranÃ§ois", "FranÃƒÂ§ois", "Fran&ccedil;ois", r"Fran{\c c}ois", r"Fran\c{c}ois"),
        ("Search & Rescue", "Search and Rescue", "Search &amp; Rescue", "Search &amp;amp; Rescue"),
        ("Straße", "STRASSE", "Strasse"),
        ("H2O in the ﬁeld", "H<sub>2</sub>O in the field", r"H$_2$O in the \textit{field}"),
        ("Erdős and Łukasz", r"Erd\H{o}s and \L{}ukasz"),
        ("An O(log n) Bound", r"An $O(\log n)$ Bound", r"An $\mathcal{O}(\log n)$ bound\footnote{Work in progress.}"),
        ("{B}ayesian {D}eep Learning", "Bayesian Deep Learning"),
    ],
)
def test_ways_to_print_one_title(ways: tuple[str, ...]) -> None:
    assert len({title_key(way) for way in ways}) == 1, [title_key(way) for way in ways]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Part I", "Part II"),
        ("Learning 2", "Learning 3"),
        ("机器学习", "深度学习"),
        ("Введение", "Заключение"),
        ("α-divergence", "β-divergence"),
    ],
)
def test_what_differs_stays_different(one: str, other: str) -> None:
    assert title_key(one) != title_key(other)
    assert title_key(one)


def test_signs_alone_are_no_title() -> None:
    assert title_key("?!… —") == ""


def test_accents_of_tex_become_letters() -> None:
    assert plain_tex(r"Ren{\'e} G\"odel, na{\"\i}ve, \O rsted, \v{S}koda") == "René Gödel, naïve, Ørsted, Škoda"


def test_good_text_is_not_repaired() -> None:
    assert repaired("Âge, Ã, São Paulo, «naïve»") == "Âge, Ã, São Paulo, «naïve»"


@given(st.text())
def test_folding_twice_is_folding_once(text: str) -> None:
    key = title_key(text)
    assert title_key(key) == key
    assert key == " ".join(key.split())


@given(st.text(alphabet="abcXYZéàüßłøñ αβ123", max_size=40))
def test_text_decoded_wrongly_is_repaired(text: str) -> None:
    assert title_key(text.encode().decode("cp1252", "ignore")) == title_key(text) or not _survives(text)


def _survives(text: str) -> bool:
    """Whether Windows-1252 has a character for every byte, so that nothing was lost."""
    try:
        text.encode().decode("cp1252")
    except UnicodeDecodeError:
        return False
    return True


@given(st.text(alphabet=st.characters(max_codepoint=127), max_size=60))
def test_case_does_not_count(text: str) -> None:
    assert title_key(text.upper()) == title_key(text.lower()) or "\\" in text or "&" in text or "<" in text
