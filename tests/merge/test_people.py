"""Who is who: ids first, names where nothing keeps apart, ambiguity stays apart; order never matters."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from worker.merge.people import Mention, Person, people
from worker.normalise.names import name_key
from worker.record import Identifier


def mention(name: str, *ids: str, n: int = 1, coauthors: Sequence[str] = ()) -> Mention:
    identifiers = tuple(Identifier(*text.split(":", 1)) for text in ids)
    return Mention(name, name_key(name), identifiers, n, frozenset(coauthors))


def groups(mentions: Sequence[Mention]) -> set[frozenset[int]]:
    return {frozenset(person.mentions) for person in people(mentions)}


def test_one_full_name_is_one_person() -> None:
    (person,) = people([mention("Yoshua Bengio", n=3), mention("Bengio, Yoshua"), mention("YOSHUA BENGIO")])
    assert person.identity == "name:yoshua bengio"
    assert person.display_name == "Yoshua Bengio"
    assert (person.given, person.family) == ("Yoshua", "Bengio")
    assert person.method == "name"


def test_initials_join_the_only_full_name() -> None:
    assert groups([mention("Y. Bengio"), mention("Yoshua Bengio")]) == {frozenset({0, 1})}


def test_initials_of_two_people_stay_apart() -> None:
    found = groups([mention("S. Bengio"), mention("Samy Bengio"), mention("Sarah Bengio")])
    assert found == {frozenset({0}), frozenset({1}), frozenset({2})}


@pytest.mark.parametrize("ids", [(), ("openalex:A1",), ("orcid:0000-0001-2345-6789",)])
def test_samy_and_yoshua_are_brothers_not_one(ids: tuple[str, ...]) -> None:
    found = people([mention("Samy Bengio", *ids), mention("Yoshua Bengio", *ids), mention("Bengio")])
    assert len(found) == 3
    assert len({person.identity for person in found}) == 3


def test_an_orcid_joins_what_the_names_do_not() -> None:
    orcid = "orcid:0000-0001-2345-6789"
    (person,) = people([mention("Maria Garcia", orcid), mention("Mary Garcia", orcid)])
    assert person.identity == orcid
    assert person.method == "orcid"


def test_two_profiles_of_one_name_are_two_people_and_a_bare_mention_is_neither() -> None:
    mentions = [
        mention("Hao Wang", "openreview_profile:~Hao_Wang1"),
        mention("Hao Wang", "openreview_profile:~Hao_Wang3"),
        mention("Hao Wang"),
    ]
    found = people(mentions)
    assert [p.identity for p in found] == [
        "name:hao wang",
        "openreview_profile:~Hao_Wang1",
        "openreview_profile:~Hao_Wang3",
    ]
    assert found[0].confidence < 0.5


def test_co_authors_tell_namesakes_apart() -> None:
    mentions = [
        mention("Hao Wang", "openreview_profile:~Hao_Wang1", coauthors=["ann lee"]),
        mention("Hao Wang", "openreview_profile:~Hao_Wang3", coauthors=["bo chen"]),
        mention("Hao Wang", coauthors=["bo chen", "eve adams"]),
    ]
    assert groups(mentions) == {frozenset({0}), frozenset({1, 2})}


def test_ids_of_different_schemes_do_not_contradict() -> None:
    mentions = [mention("Doina Precup", "orcid:1"), mention("Doina Precup", "openreview_profile:~Doina_Precup1")]
    (person,) = people(mentions)
    assert person.identity == "orcid:1"
    assert len(person.identifiers) == 2


def test_a_weaker_id_never_overrules_an_orcid() -> None:
    shared = "openalex:A5"
    assert len(people([mention("Li Wei", "orcid:1", shared), mention("Li Wei", "orcid:2", shared)])) == 2
    profiles = [mention("Li Wei", "orcid:1", f"openreview_profile:~Li_Wei{i}") for i in (1, 2)]
    assert len(people(profiles)) == 1


def test_middle_names_join_only_when_all_agree() -> None:
    assert groups([mention("John Smith"), mention("John A. Smith")]) == {frozenset({0, 1})}
    three = [mention("John Smith"), mention("John A. Smith"), mention("John B. Smith")]
    assert len(people(three)) == 3


def test_blanks_in_a_family_name_do_not_count() -> None:
    assert groups([mention("Yann LeCun"), mention("Yann Le Cun"), mention("LeCun, Y.")]) == {frozenset({0, 1, 2})}


def test_a_name_in_signs_only_is_somebody() -> None:
    found = people([Mention("***", ""), Mention("---", "")])
    assert len({person.identity for person in found}) == 2


NAMES = ["John Smith", "J. Smith", "John A. Smith", "John B. Smith", "Smith, Jane", "J. A. Smith", "Smith", "Jon Smith"]
IDS = [*(f"orcid:{i}" for i in range(3)), *(f"openalex:A{i}" for i in range(3)), "openreview_profile:~J_Smith1"]
MENTIONS = st.lists(
    st.builds(
        lambda name, ids, n, friends: mention(name, *ids, n=n, coauthors=friends),
        st.sampled_from(NAMES),
        st.lists(st.sampled_from(IDS), max_size=3, unique=True),
        st.integers(1, 5),
        st.lists(st.sampled_from(["ann lee", "bo chen", "cy young"]), max_size=2, unique=True),
    ),
    max_size=9,
)


def natural(persons: Sequence[Person], mentions: Sequence[Mention]) -> list[object]:
    return [
        (p.identity, p.display_name, p.identifiers, p.method, p.confidence,
         sorted(repr((m.name, sorted(m.identifiers), sorted(m.coauthors))) for m in (mentions[i] for i in p.mentions)))
        for p in persons
    ]  # fmt: skip


@given(MENTIONS, st.randoms(use_true_random=False))
def test_order_does_not_matter(mentions: list[Mention], random: object) -> None:
    shuffled = list(mentions)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert natural(people(mentions), mentions) == natural(people(shuffled), shuffled)


@given(MENTIONS)
def test_everybody_is_one_person_and_identities_differ(mentions: list[Mention]) -> None:
    found = people(mentions)
    assert sorted(i for person in found for i in person.mentions) == list(range(len(mentions)))
    assert len({person.identity for person in found}) == len(found)


@given(MENTIONS)
def test_saying_it_twice_changes_nothing(mentions: list[Mention]) -> None:
    once, twice = people(mentions), people(mentions + mentions)
    n = len(mentions)
    assert [p.identity for p in once] == [p.identity for p in twice]
    for a, b in zip(once, twice, strict=True):
        assert {i % n for i in b.mentions} == set(a.mentions)


@given(MENTIONS)
def test_two_orcids_are_never_one_person(mentions: list[Mention]) -> None:
    for person in people(mentions):
        told = [{i.value for i in mentions[m].identifiers if i.scheme == "orcid"} for m in person.mentions]
        assert len(set().union(*(values for values in told if len(values) == 1))) <= 1
        assert sum(i.scheme == "orcid" for i in person.identifiers) <= 1
