"""A mention of a person that is known already calls for nothing; whatever may change who is who calls for its block."""

from __future__ import annotations

import random
from collections.abc import Callable, Collection, Mapping
from datetime import timedelta
from itertools import count
from typing import Any

import pytest

from catalog.engine import Cursor
from tests.line import DAY, ask, bring
from worker import ledger, run
from worker.pipeline import identify, mentions
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
        " (select array_agg(s.paper_id order by s.paper_id)"
        "  from catalog.authorship s join catalog.author_name n using (name_id)"
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


GIVEN = (
    "X.", "X. M.", "Xiao", "Xiao Ming", "Xiao-Ming", "Xiaoming", "Xiaoming H.", "Xin", "Xu Lan", "X. Lan", "Xue", "Xun",
)  # fmt: skip
IDS = ("", "", "", "~Xiao_Wang1", "~Xiao_Wang2", "~Xiao_Wang3")


@pytest.mark.parametrize("seed", range(4))
def test_some_people_of_a_large_block_are_computed_as_the_whole_block_would_be(
    tools: Tools, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    monkeypatch.setattr(mentions, "MANY", 0)
    dice = random.Random(seed)
    parts: list[int] = []
    large = mentions.large

    def counted(cursor: Cursor, some: Mapping[int, Collection[int | None]]) -> dict[int, set[int]]:
        found = large(cursor, some)
        parts.append(len(found))
        return found

    monkeypatch.setattr(mentions, "large", counted)
    told = 0
    for step in range(60):
        number = dice.randrange(told) if step > 15 and dice.random() < 0.5 else (told := told + 1) - 1
        written = dice.random() > 0.2
        row = {
            "id": f"n{number}",
            "title": f"{'abcdefghijklmnopqrstuvwxyz'[number % 26] * 9} of lattice {number}",
            "authors": f"{dice.choice(GIVEN)} Wang" if written else "Emmy Noether",
            "authorids": dice.choice(IDS) if written else "",
        }
        bring(tools, "alpha", [row], as_of=DAY + timedelta(days=step))
        if step % 6 == 5:
            found = people(tools)
            with monkeypatch.context() as whole:
                whole.setattr(mentions, "MANY", 1 << 30)
                again(tools)
            assert people(tools) == found
    assert sum(parts) > 10


def test_initials_find_the_only_one_left_whom_they_can_stand_for(tools: Tools, monkeypatch: pytest.MonkeyPatch) -> None:
    def told(number: int, author: str) -> None:
        row = {"id": f"n{number}", "title": f"{'abcdef'[number] * 9} of lattice {number}", "authors": author}
        bring(tools, "alpha", [row], as_of=DAY + timedelta(days=next(numbers)))

    monkeypatch.setattr(mentions, "MANY", 0)
    for number, given in enumerate(("X.", "X. Q.", "X. R.", "Xiao", "Xin", "Xu")):
        told(number, f"{given} Wang")
    told(5, "Emmy Noether")
    assert ["X. Wang"] in [names for _, _, names, *_ in people(tools)]
    told(4, "Emmy Noether")
    assert ["X. Q. Wang", "X. R. Wang", "X. Wang", "Xiao Wang"] in [names for _, _, names, *_ in people(tools)]
