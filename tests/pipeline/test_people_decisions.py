"""People decide who is who: across names, against ids, for good; numbers lead on and come back."""

from __future__ import annotations

from typing import Any

import pytest

from tests.line import ask, bring, digest
from worker import run
from worker.cli import author_decisions
from worker.cli.decide import decide
from worker.errors import Misconfigured
from worker.pipeline import decisions, reindex
from worker.tools import Tools

WORKS = (
    ("1", "A long text about the habits of turtles", "Ann Lee; Bo Li"),
    ("2", "Kernels and what becomes of them in the north", "Ann Moe; Bo Li"),
    ("3", "Another long text on bandits and their habits", "A. Lee"),
)


def rows(*numbers: int) -> list[dict[str, Any]]:
    return [{"id": key, "title": title, "authors": names, "year": 2020} for key, title, names in
            (WORKS[number] for number in numbers)]  # fmt: skip


def people(tools: Tools) -> dict[str, int]:
    """Name -> number of each person, spellings joined."""
    found = ask(tools, "select array_to_string(names, '; '), author_id from catalog.author order by 1")
    return {str(name): int(number) for name, number in found}


def merge(tools: Tools, *authors: int) -> int:
    made = decide(tools, lambda cursor: author_decisions.merging(cursor, [str(a) for a in authors]), by="x", why=None)
    return int(made.decision["decision"])


def test_two_names_are_one_person_until_undone(tools: Tools, second: Tools) -> None:
    bring(tools, "alpha", rows(0, 1, 2))
    before, was = digest(tools), people(tools)
    assert set(was) == {"A. Lee; Ann Lee", "Ann Moe", "Bo Li"}
    made = merge(tools, was["Ann Moe"], was["A. Lee; Ann Lee"])
    now = people(tools)
    assert set(now) == {"A. Lee; Ann Lee; Ann Moe", "Bo Li"}
    older, younger = sorted((was["Ann Moe"], was["A. Lee; Ann Lee"]))
    assert now["A. Lee; Ann Lee; Ann Moe"] == older
    assert ask(tools, "select from_author_id, to_author_id from analytics.author_redirects") == [(younger, older)]
    assert ask(tools, "select is_locked, identity_method from analytics.authors where is_locked") == [(True, "manual")]
    assert ask(tools, "select count(*) from analytics.authorships where author_id = %s", (older,)) == [(3,)]
    with tools.transaction() as cursor:
        reindex.start(cursor, parser=True)
    run.drain(tools)
    assert people(tools) == now
    with tools.transaction() as source, second.transaction() as target:
        for table in ("decision", "decision_about"):
            with (
                source.copy(f"copy catalog.{table} to stdout") as out,
                target.copy(f"copy catalog.{table} from stdin") as into,
            ):
                for block in out:
                    into.write(block)
    for number in (2, 0, 1):
        bring(second, "alpha", rows(number), name=str(number))
    assert digest(second) == digest(tools)
    decide(tools, lambda cursor: decisions.undoing(cursor, made), by="x", why=None)
    assert people(tools) == was
    assert ask(tools, "select count(*) from analytics.author_redirects") == [(0,)]
    assert digest(tools) == before


def test_a_spelling_leaves_and_stays_away(tools: Tools) -> None:
    bring(tools, "alpha", rows(0, 1, 2))
    was = people(tools)
    lee = was["A. Lee; Ann Lee"]
    decide(tools, lambda cursor: author_decisions.splitting(cursor, str(lee), ["A. Lee"]), by="x", why="two people")
    assert {"A. Lee", "Ann Lee"} <= set(people(tools))
    bring(tools, "beta", rows(0, 1, 2))
    bring(tools, "beta", [{"id": "9", "title": "Yet another story altogether", "authors": "A. Lee; Ann Lee"}], name="b")
    assert {"A. Lee", "Ann Lee"} <= set(people(tools))
    now = people(tools)
    with pytest.raises(Misconfigured, match="pubcat undo"):
        merge(tools, now["A. Lee"], now["Ann Lee"])
    with pytest.raises(Misconfigured, match="one spelling"):
        decide(tools, lambda cursor: author_decisions.splitting(cursor, str(now["Ann Lee"]), []), by="x", why=None)
    decide(tools, lambda cursor: decisions.undoing(cursor), by="x", why=None)
    assert people(tools)["A. Lee; Ann Lee"] == lee


def test_a_person_merged_by_people_falls_apart_again(tools: Tools) -> None:
    bring(tools, "alpha", rows(0, 1, 2))
    was = people(tools)
    merge(tools, was["Ann Moe"], was["A. Lee; Ann Lee"])
    [whole] = [number for name, number in people(tools).items() if "Moe" in name]
    decide(tools, lambda cursor: author_decisions.splitting(cursor, str(whole), []), by="x", why=None)
    assert people(tools) == was
