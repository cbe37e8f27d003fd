"""Names as sources print them: cleaned, split, folded."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from worker.normalise.names import block_key, clean_name, keys, name_key, split_name


@pytest.mark.parametrize(
    ("raw", "clean"),
    [
        ("Andrew Clark 0001", "Andrew Clark"),
        ("Jane Doe1,2*", "Jane Doe"),
        ("Jane  Doe †", "Jane Doe"),
        ("Jane Doe 1,2", "Jane Doe"),
        ("Jane¹ Doe²", "Jane Doe"),
        ("Bertram Lud&#228;scher", "Bertram Ludäscher"),
        (r"Ren{\'e} Just", "René Just"),
        ("FranÃ§ois Chollet", "François Chollet"),
        ("Zoe\u0308 Doe", "Zoë Doe"),
        ("Lauren O'Neil-Smith", "Lauren O'Neil-Smith"),
        ("李明", "李明"),
        ("123 *", ""),
    ],
)
def test_clean(raw: str, clean: str) -> None:
    assert clean_name(raw) == clean


@pytest.mark.parametrize(
    ("name", "given", "family"),
    [
        ("Yoshua Bengio", "Yoshua", "Bengio"),
        ("Bengio, Yoshua", "Yoshua", "Bengio"),
        ("BENGIO Yoshua", "Yoshua", "BENGIO"),
        ("Bengio Y", "Y", "Bengio"),
        ("Bowman SR", "SR", "Bowman"),
        ("Smith J.K.", "J.K.", "Smith"),
        ("blum a. b.", "a. b.", "blum"),
        ("Li XU", "Li", "XU"),
        ("d.p. helmbold", "d.p.", "helmbold"),
        ("Y.Bengio", "Y.", "Bengio"),
        ("Laurens van der Maaten", "Laurens", "van der Maaten"),
        ("Maaten, Laurens van der", "Laurens", "van der Maaten"),
        ("Yann Le Cun", "Yann", "Le Cun"),
        ("Quoc V. Le", "Quoc V.", "Le"),
        ("Abdullah Al Maruf", "Abdullah", "Al Maruf"),
        ("Van Nguyen", "Van", "Nguyen"),
        ("Smith, Jr., John", "John", "Smith"),
        ("John Smith, Jr.", "John", "Smith"),
        ("John Smith III", "John", "Smith"),
        ("李明", "明", "李"),
        ("Plato", None, "Plato"),
        ("", None, None),
    ],
)
def test_split(name: str, given: str | None, family: str | None) -> None:
    assert split_name(name) == (given, family)


@pytest.mark.parametrize(
    "ways",
    [
        ("Jörg-Peter Müller", "Müller, Jörg-Peter", "Jorg Peter Muller", "MÜLLER Jörg-Peter", "JÃ¶rg-Peter MÃ¼ller"),
        ("Laurens van der Maaten", "van der Maaten, Laurens", "Maaten, Laurens van der"),
        ("J.-P. Serre", "Serre, J.-P.", "Serre J.-P.", "J. P. Serre", "J.P. Serre"),
        ("Rui Fan 0001", "Rui Fan", "Fan, Rui*"),
    ],
)
def test_ways_to_print_one_name(ways: tuple[str, ...]) -> None:
    assert len({name_key(way) for way in ways}) == 1, [name_key(way) for way in ways]
    assert len({block_key(way) for way in ways}) == 1


def test_blocks_hold_namesakes_together_and_others_apart() -> None:
    assert block_key("Yann Le Cun") == block_key("LeCun, Y.") == "lecun y"
    assert block_key("Samy Bengio") != block_key("Yoshua Bengio")
    assert block_key("Plato") == "plato"


@given(st.text(max_size=40))
def test_any_text_is_a_name_or_nothing(text: str) -> None:
    clean = clean_name(text)
    assert clean_name(clean) == clean
    given, family = split_name(text)
    assert (family is None) == (clean == "")
    assert given is None or given
    assert (block_key(text) == "") == (name_key(text) == "")


@given(st.text(alphabet="abcdéü", min_size=2, max_size=8), st.text(alphabet="abcdéü", min_size=3, max_size=8))
def test_order_does_not_count(given: str, family: str) -> None:
    given, family = given.title(), family.title()
    assert name_key(f"{given} {family}") == name_key(f"{family}, {given}")


WORDS = [
    "Ada",
    "J.",
    "Jean-Paul",
    "Van",
    "der",
    "O'Neil",
    "McDonald",
    "Smith-Jones",
    "Jr.",
    "NG",
    "Müller",
    "X",
    "0001",
]


def test_a_name_has_one_block_whichever_way_it_is_printed() -> None:
    """Else the block would be that of the spelling that came first."""
    ways = ["García López, Ana", "Ana García-López", "Ana Garcia Lopez", "GARCÍA LÓPEZ, Ana"]
    assert {keys(way) for way in ways} == {("ana garcia lopez", "lopez a")}


@given(st.lists(st.sampled_from(WORDS), min_size=1, max_size=4).map(" ".join))
def test_both_keys_at_once_are_the_two_keys(name: str) -> None:
    assert keys(name) == (name_key(name), block_key(name_key(name)))
    assert split_name(name) == split_name(clean_name(name))
