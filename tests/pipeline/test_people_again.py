"""A mention of a person that is known already calls for nothing; whatever may change who is who calls for its block."""

from __future__ import annotations

from collections.abc import Callable
from itertools import count
from typing import Any

import pytest

from tests.line import ask, bring
from worker import ledger, run
from worker.pipeline import identify
from worker.tools import Tools

numbers = count(1)
ADA, OTHER = "~Ada_Lovelace1", "~Ada_Lovelace2"


def tell(tools: Tools, *authors: tuple[str, str | None]) -> bool:
    """Brings another paper of these authors up to its batch; whether people are to be computed again."""
    number = next(numbers)
    row = {
        "id": f"n{number}",
        "title": f"Lattice number {number} of {'abcdefghijklmnopqrstuvwxyz'[number % 26] * 9} and what it remembers",
        "authors": "; ".join(name for name, _ in authors),
        "authorids": "; ".join(told or "" for _, told in authors),
    }
    bring(tools, "alpha", [row], drain=False)
    while ask(tools, "select from ops.work where kind in ('parse', 'deduplicate') and state <> 'done'"):
        assert run.take_next(tools)
    called = bool(ask(tools, "select from ops.touched_block"))
    run.drain(tools)
    return called


def people(tools: Tools) -> list[tuple[Any, ...]]:
    """Everybody: names, ids, and the papers that bear them."""
    return ask(
        tools,
        "select a.identity, a.display_name, a.names, a.identifiers, a.method,"
        " (select array_agg(s.paper_id order by 1) from catalog.authorship s join catalog.author_name n using (name_id)"
        "  where coalesce(s.author_id, n.author_id) = a.author_id)"
        " from catalog.author a order by a.block, a.identity",
    )


def again(tools: Tools) -> None:
    """Computes all people anew."""
    with tools.transaction() as cursor:
        cursor.execute(
            "insert into ops.touched_block (blocks) select array_agg(distinct block) from catalog.author_name"
        )
    run.drain(tools)
    assert not ask(tools, "select from ops.touched_block")


@pytest.mark.parametrize(
    ("first", "then", "called"),
    [
        ([("Ada Lovelace", None)], ("Ada Lovelace", None), False),
        ([("Ada Lovelace", ADA)], ("Ada Lovelace", ADA), False),
        ([("Ada Lovelace", ADA)], ("Ada Lovelace", None), True),
        ([("Ada Lovelace", ADA), ("Ada Lovelace", None)], ("Ada Lovelace", None), False),
        ([("Ada Lovelace", None)], ("Ada Lovelace", ADA), True),
        ([("Ada Lovelace", ADA)], ("Ada Lovelace", OTHER), True),
        ([("Ada Lovelace", ADA), ("Ada Lovelace", OTHER)], ("Ada Lovelace", OTHER), True),
        ([("Ada Lovelace", ADA)], ("ADA LOVELACE", ADA), True),
        ([("Ada Lovelace", ADA)], ("Augusta Lovelace", None), True),
        ([("Ada Lovelace", ADA)], ("A. Lovelace", None), True),
    ],
)
def test_only_what_is_told_anew_calls_for_people(
    tools: Tools, first: list[tuple[str, str | None]], then: tuple[str, str | None], called: bool
) -> None:
    for one in first:
        assert tell(tools, one)
    if first[-1][1] == OTHER:
        assert not tell(tools, first[0])  # who has most papers bears the name
    assert tell(tools, then) == called
    found = people(tools)
    again(tools)
    assert people(tools) == found


def test_many_blocks_are_computed_part_by_part_and_what_is_urgent_goes_between(
    tools: Tools, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(identify, "BLOCKS", 2)
    names = ["Ada Lovelace", "Emmy Noether", "Alan Turing", "Kurt Gödel", "Grace Hopper"]
    tell(tools, *((name, None) for name in names))
    assert ask(tools, "select count(*) from ops.work where kind = 'identify'") == [(3,)]
    assert [names for _, _, names, *_ in people(tools)] == [[name] for name in sorted(names, key=block_of(tools))]
    found = people(tools)
    with tools.transaction() as cursor:
        cursor.execute("insert into ops.touched_block (blocks) select array_agg(block) from catalog.author_name")
        ledger.reconcile(cursor)
    assert run.take_next(tools)
    assert ask(tools, "select count(*) from ops.touched_block where work_id is not null") == [(2,)]
    urgent = {"id": "urgent", "title": "What cannot wait for people", "authors": "Mary Somerville"}
    bring(tools, "alpha", [urgent], drain=False)
    assert run.take_next(tools)
    assert ask(tools, "select state from ops.work where kind = 'parse' order by work_id desc limit 1") == [("done",)]
    run.drain(tools)
    assert not ask(tools, "select from ops.touched_block")
    assert [one for one in people(tools) if one[2] != ["Mary Somerville"]] == found


def block_of(tools: Tools) -> Callable[[str], int]:
    """What people are sorted by in ``people``."""
    query = "select s.credited_as, n.block from catalog.authorship s join catalog.author_name n using (name_id)"
    return dict(ask(tools, query)).__getitem__
