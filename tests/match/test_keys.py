"""Keys are few, stable and selective, and what is one work shares one."""

import subprocess
import sys
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from tests.match.records import known
from worker.match.keys import (
    ABSTRACT,
    ABSTRACT_PIECE,
    AUTHOR_TITLE,
    CAP,
    ENDING,
    IDENTIFIER,
    KINDS,
    PAGES,
    SHORT_TITLE,
    TITLE,
    blocking_keys,
    is_crowded,
)


def kinds(**said: Any) -> set[int]:
    return {kind for kind, _ in blocking_keys(known(**said))}


def test_every_kind_has_a_name_and_identifiers_are_told_apart() -> None:
    found = blocking_keys(
        known(
            title="AutoDAN: Generating Stealthy Jailbreak Prompts",
            authors=["Ada Quill", "Bo Renn"],
            identifiers=[["doi", "10.1/a"], ["arxiv", "2001.00001"]],
            abstract="We generate prompts that look harmless and are not. " * 4,
        )
    )
    assert {kind for kind, _ in found} <= KINDS.keys()
    assert sum(kind == IDENTIFIER for kind, _ in found) == 2
    assert len(found) == len(set(found))
    assert all(-(2**63) <= key < 2**63 for _, key in found)


def test_keys_are_equal_in_every_process() -> None:
    program = (
        "from tests.match.records import known; from worker.match.keys import blocking_keys;"
        "print(blocking_keys(known(title='Étude of Graph Kernels for Molecules', authors=['Ada Quill'])))"
    )
    here = blocking_keys(known(title="Étude of Graph Kernels for Molecules", authors=["Ada Quill"]))
    there = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout
    assert there.strip() == str(here)


def test_short_titles_and_columns_are_no_key_alone() -> None:
    assert TITLE not in kinds(title="Introduction", authors=["Ada Quill"])
    assert SHORT_TITLE in kinds(title="Introduction", authors=["Ada Quill"])
    assert TITLE not in kinds(title="Guest Editors' Introduction", date="2001", venue="SIGMOD Record")
    one = blocking_keys(known(title="Author Index", date="2001", venue="VLDB"))
    other = blocking_keys(known(title="Author Index", date="2002", venue="VLDB"))
    assert not set(one) & set(other)


@given(st.integers(120, 400), st.sampled_from(["", "Abstract ", "Abstract. ", "Résumé : "]))
def test_a_cut_abstract_meets_the_whole(cut: int, heading: str) -> None:
    whole = (
        "Agents that plan with sparse maps fail when their world changes slowly. We show on six simulated towns that"
        " a small memory of surprising places is enough to recover the reward, and that nothing need be trained anew."
        " The memory holds forty places. We also report what did not work: maps that grow without bound, and maps"
        " that forget by age alone."
    )
    a = blocking_keys(known(abstract=heading + whole[:cut], abstract_state="cut"))
    b = blocking_keys(known(title="Planning with Sparse Maps", abstract=whole))
    assert {ABSTRACT, ABSTRACT_PIECE} <= {kind for kind, _ in set(a) & set(b)}


def test_an_edit_at_the_start_of_an_abstract_leaves_a_piece() -> None:
    whole = (
        "Agents that plan with sparse maps fail when their world changes slowly we show on six simulated towns"
        " that a small memory of surprising places is enough to recover the reward"
    )
    a = blocking_keys(known(abstract=whole))
    b = blocking_keys(known(abstract="In this paper: " + whole))
    assert set(a) & set(b)


def test_how_many_may_share_a_key() -> None:
    """An identifier is a key for any number, a whole title for more than two telling words."""
    assert not is_crowded(SHORT_TITLE, CAP)
    assert is_crowded(SHORT_TITLE, CAP + 1)
    assert not is_crowded(TITLE, CAP + 1)
    assert is_crowded(TITLE, 1_000)
    assert not is_crowded(IDENTIFIER, 1_000)


def shared_kinds(a: dict[str, Any], b: dict[str, Any]) -> set[int]:
    return {kind for kind, _ in set(blocking_keys(known(**a))) & set(blocking_keys(known(**b)))}


def test_the_more_bear_a_family_name_the_more_of_the_title_stands_beside_it() -> None:
    titles = ("Learning Sparse Maps of Caves under Water", "Learning Heavy Tails from Few Samples")
    li, quill = ([{"title": title, "authors": [name]} for title in titles] for name in ("Bo Li", "Ada Quillington"))
    assert AUTHOR_TITLE not in shared_kinds(*li)
    assert AUTHOR_TITLE in shared_kinds(*quill)
    whole, slip = "Learning Sparse Maps of Caves under Water", "Learning Sparse Maps of Caves below Water"
    assert AUTHOR_TITLE in shared_kinds({"title": whole, "authors": ["Bo Li"]}, {"title": slip, "authors": ["Bo Li"]})


def test_ends_of_titles_are_long_enough_to_be_rare_and_may_begin_with_a_slip() -> None:
    field = ("A Study of Grammatical Error Correction", "Better Scores for Grammatical Error Correction")
    assert ENDING not in shared_kinds(*({"title": title} for title in field))
    slip = ("Polychaete Undulatory Movements", "Rolychaete Undulatory Movements")
    assert ENDING in shared_kinds(*({"title": title} for title in slip))
    prefixed = ("Harnessing Reinforcement Learning for Adaptive MCMC", "Reinforcement Learning for Adaptive MCMC")
    assert ENDING in shared_kinds(*({"title": title} for title in prefixed))


def test_a_place_in_print_is_a_key_whatever_the_title() -> None:
    a: dict[str, Any] = {
        "title": "The Strength of Weak Hints",
        "authors": ["R. Quill"],
        "pages": "197-227",
        "volume": "5(2)",
    }
    b: dict[str, Any] = {
        "title": "Combining Estimates 29",
        "authors": ["Robert Quill"],
        "pages": "pp. 197--227",
        "volume": "vol. 5",
    }
    shared = set(blocking_keys(known(**a))) & set(blocking_keys(known(**b)))
    assert {kind for kind, _ in shared} == {PAGES}
    assert PAGES not in kinds(**{**a, "pages": "197"})
    assert PAGES not in kinds(**{**a, "authors": []})
