"""What is read in a record before anything is compared."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.match.records import known
from worker.match.facts import Name
from worker.match.venues import same_series, venue


@pytest.mark.parametrize(
    ("names", "read"),
    [
        (["Yoshua Bengio", "LeCun, Y."], [("bengio", "yoshua"), ("lecun", "y")]),
        (["Blum", "A.", "Furst", "M. L.", "& Kearns", "M."], [("blum", "a"), ("furst", "m"), ("kearns", "m")]),
        (["Avrim Blum and Merrick Furst"], [("blum", "avrim"), ("furst", "merrick")]),
        (["A. Blum; M. Furst & others"], [("blum", "a"), ("furst", "m")]),
        (["CORPORATE The Access Team"], [("access", "")]),
        (["Jörg-Peter van der Müller"], [("vandermuller", "jorg")]),
        (["?"], []),
    ],
)
def test_authors(names: list[str], read: list[tuple[str, str]]) -> None:
    found = known(title="Anything at all", authors=names).authors
    assert [(name.family, name.given[0] if name.given else "") for name in found] == read


@pytest.mark.parametrize("names", [["A. Blum", "et al."], ["A. Blum et al."], ["A. Blum and others"], ["A. Blum ..."]])
def test_a_list_that_says_it_is_not_whole(names: list[str]) -> None:
    found = known(title="Anything at all", authors=names)
    assert found.authors == (Name("blum", ("a",)),)
    assert not found.all_authors


@given(
    st.sampled_from(["Ada", "Bo", "Li", "Jean-Luc", "Hyun-woo"]),
    st.sampled_from(["", " M.", " Jo"]),
    st.sampled_from(["Quill", "Xu", "McKay", "DeWitt", "Garcia-Molina"]),
)
def test_plain_names_read_the_same_on_the_short_way(given: str, middle: str, family: str) -> None:
    """``Quill, Ada M.`` takes the long way, ``Ada M. Quill`` the short one."""
    short = known(title="Anything", authors=[f"{given}{middle} {family}"]).authors
    numbered = known(title="Anything", authors=[f"{given}{middle} {family} 0002"]).authors
    long = known(title="Anything", authors=[f"{family}, {given}{middle}"]).authors
    assert short == long == numbered


@pytest.mark.parametrize(
    ("title", "numbers", "part"),
    [
        ("A Theory of Hints, Part II", {"2"}, "2"),
        ("A Theory of Hints: Part Two", {"2"}, "2"),
        ("A Theory of Hints II", {"2"}, "2"),
        ("The DARPA 2020 Challenge for Vision", {"2020"}, ""),
        ("Vitamin C and I", {"1"}, "1"),
        ("I Robot in the Wild", set(), ""),
        ("B2B Markets for GPT4 Agents", {"4"}, ""),
    ],
)
def test_numbers_of_a_title(title: str, numbers: set[str], part: str) -> None:
    found = known(title=title)
    assert (set(found.numbers), found.part) == (numbers, part)


@pytest.mark.parametrize(
    ("title", "genre", "rest"),
    [
        ("Erratum: A Theory", "correction", "erratum a theory"),
        ("A Theory - Corrigendum", "correction", "a theory corrigendum"),
        ("Correction to: A Theory of Hints", "correction", "correction to a theory of hints"),
        ("Author Correction: A Theory of Hints", "correction", "author correction a theory of hints"),
        ("Regression and Label Correction", "", "regression and label correction"),
        ("Correction of Lens Errors in the Field", "", "correction of lens errors in the field"),
        ("Reply to: A Theory", "reply", "reply to a theory"),
        ("A Theory of Hints - Book Review", "review", "a theory of hints"),
        ("Guest Editors' Introduction", "column", "guest editors introduction"),
        ("A Theory of Hints (Extended Abstract)", "", "a theory of hints"),
        ("Tutorial: A Theory of Hints", "", "a theory of hints"),
        ("Schapire (1996), Experiments with a New Algorithm", "", "experiments with a new algorithm"),
    ],
)
def test_genre_and_decoration(title: str, genre: str, rest: str) -> None:
    found = known(title=title)
    assert (found.genre, found.title) == (genre, rest)


@pytest.mark.parametrize(
    ("name", "kind", "acronym"),
    [
        ("In Proc. 26th ACM Sympos. Theory Comput.", "conference", "stoc"),
        ("SIGMOD Conference", "conference", "sigmod"),
        ("International Conference on Management of Data", "conference", "sigmod"),
        ("ACM SIGMOD Record", "journal", "sigmod record"),
        ("The VLDB Journal - The International Journal on Very Large Data Bases", "journal", "vldb journal"),
        ("Very Large Data Bases", "conference", "vldb"),
        ("Machine Learning", "journal", ""),
        ("In Machine Learning: Proceedings of the Thirteenth International Conference", "conference", ""),
        ("arXiv (Cornell University)", "preprint", ""),
        ("CoRR", "preprint", ""),
        ("PhD thesis, MIT", "thesis", ""),
        ("Technical Report UCSC-CRL-87-26", "report", ""),
        ("Cambridge", "", ""),
    ],
)
def test_venues(name: str, kind: str, acronym: str) -> None:
    found = venue(name)
    assert found is not None
    assert (found.kind, found.acronym) == (kind, acronym)


def test_series() -> None:
    def same(one: str, other: str) -> bool | None:
        a, b = venue(one), venue(other)
        assert a is not None
        assert b is not None
        assert same_series(a, b) == same_series(b, a)
        return same_series(a, b)

    assert same("SIAM J. Comput.", "SIAM Journal on Computing")
    assert same("NeurIPS", "Advances in Neural Information Processing Systems 5")
    assert same("Pattern Recognition Letters", "Annals of Statistics") is False
    assert same("ECML", "European Conference on Machine Learning") is None


@given(st.text(max_size=60), st.lists(st.text(max_size=20), max_size=3), st.text(max_size=30))
def test_any_text_can_be_read(title: str, authors: list[str], place: str) -> None:
    found = known(title=title or "x", authors=authors, venue=place or None, abstract=title * 3 or None)
    assert found.compact == found.title.replace(" ", "")
    assert all(name.family for name in found.authors)


@pytest.mark.parametrize(
    ("pages", "volume", "read"),
    [
        ("pp. 382-391.", None, ("", "382", "382-391")),
        ("1234–45", "12(3)", ("12", "1234", "1234-1245")),
        ("22 , 705-726", None, ("22", "705", "705-726")),
        ("14, 83", None, ("", "14", "")),
        ("382-381", "vol. 9", ("9", "382", "")),
        ("e123", "EuroCOLT '95", ("", "123", "")),
        ("n. pag.", None, ("", "", "")),
    ],
)
def test_pages_and_volume(pages: str, volume: str | None, read: tuple[str, str, str]) -> None:
    found = known(title="Anything at all", pages=pages, volume=volume)
    assert (found.volume, found.first_page, found.pages) == read


@pytest.mark.parametrize(
    ("venue", "volume", "year"),
    [
        ("Proc. 1991 Workshop on Hints", None, 1991),
        ("in EuroCOLT '95", None, 1995),
        ("ICML’19", None, 2019),
        ("FOCS-90", None, 1990),
        ("Proceedings of stoc93", None, 1993),
        ("NIPS-14", None, 0),
        ("Machine Learning 17", None, 0),
        ("Technical Report ucsc-crl-94-33", None, 0),
        ("SIAM Journal on Computing", "22 (1993)", 1993),
        ("SIAM Journal on Computing", "22(4)", 0),
    ],
)
def test_a_year_that_stands_with_the_venue(venue: str, volume: str | None, year: int) -> None:
    assert known(title="Anything at all", venue=venue, volume=volume).year == year
    assert known(title="Anything at all", venue=venue, volume=volume, date="1987").year == 1987


@pytest.mark.parametrize(
    ("raw", "title"),
    [
        ("'Bounds on the error of hints, and more', neural information 8", "bounds on the error of hints and more"),
        ('"Improving Hints in Small Networks," in Advances', "improving hints in small networks"),
        ("'One Size Fits All of Them': An Idea of Old", "one size fits all of them an idea of old"),
        ("'Tis the Season for Users' Hints", "tis the season for users hints"),
    ],
)
def test_a_title_in_quotation_marks_ends_with_them(raw: str, title: str) -> None:
    assert known(title=raw).title == title
