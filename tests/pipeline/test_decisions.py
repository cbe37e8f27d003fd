"""What people decided holds: by natural names, before evidence, and whoever comes first."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.line import ask, bring, digest
from worker import run
from worker.cli import paper_decisions
from worker.cli.decide import decide
from worker.ledger import Work
from worker.pipeline import decisions, deduplicate, rulings
from worker.pipeline.decisions import Subject
from worker.tools import Memory, Tools

TURTLES = {
    "title": "On the slow growth of turtles in the far north",
    "authors": "Ada Lovelace; Alan Turing",
    "year": 2020,
}
KERNELS = {"title": "Kernels, and what became of them", "authors": "Emmy Noether", "year": 2011}
FLOWS = {"title": "Rivers that flow uphill: a census", "authors": "Grace Hopper", "year": 2015}


def said(tools: Tools, draft: Callable[[Any], decisions.Draft]) -> int:
    return int(decide(tools, draft, by="Ann", why=None).decision["decision"])


def homes(tools: Tools) -> set[frozenset[str]]:
    """Papers as the records they are made of."""
    rows = ask(
        tools,
        "select array_agg(r.source || ':' || r.source_key) from catalog.member join catalog.record r using (record_id)"
        " group by paper_id",
    )
    return {frozenset(row[0]) for row in rows}


def test_what_is_like_one_of_them_joins_what_people_joined(tools: Tools) -> None:
    bring(tools, "alpha", [{"id": "1", **TURTLES}, {"id": "2", **KERNELS}])
    said(tools, lambda cursor: paper_decisions.merging(cursor, ["alpha:1", "alpha:2"]))
    bring(tools, "beta", [{"id": "x", **TURTLES}, {"id": "y", **KERNELS}])
    assert homes(tools) == {frozenset(("alpha:1", "alpha:2", "beta:x", "beta:y"))}


def test_numbers_that_led_to_a_paper_follow_their_first_record(tools: Tools) -> None:
    for number, work in enumerate((TURTLES, KERNELS, FLOWS), 1):
        bring(tools, "alpha", [{"id": str(number), **work}], name=str(number))
    said(tools, lambda cursor: paper_decisions.merging(cursor, ["2", "3"]))
    whole = said(tools, lambda cursor: paper_decisions.merging(cursor, ["1", "2"]))
    assert ask(tools, "select from_id, to_id from catalog.redirect order by 1") == [(2, 1), (3, 1)]
    said(tools, lambda cursor: decisions.undoing(cursor, whole))
    assert ask(tools, "select from_id, to_id from catalog.redirect order by 1") == [(3, 2)]
    assert homes(tools) == {frozenset(("alpha:1",)), frozenset(("alpha:2", "alpha:3"))}


def test_a_value_outlives_the_record_it_was_set_on(tools: Tools) -> None:
    bring(tools, "alpha", [{"id": "1", **TURTLES}])
    bring(tools, "beta", [{"id": "x", **TURTLES}])
    said(tools, lambda cursor: paper_decisions.fixing(cursor, "alpha:1", "title", "Turtles", "set"))
    with tools.transaction() as cursor:
        cursor.execute("update catalog.record set deleted = true where source = 'alpha'")
        cursor.execute(
            "insert into ops.work (kind, work_key, args, priority)"
            " values ('deduplicate', 'gone', '{\"changed\": [1]}', 1)"
        )
    run.drain(tools)
    assert ask(tools, "select paper_id, title, n_records from catalog.paper") == [(1, "Turtles", 1)]
    assert ask(tools, "select is_manual, actor from analytics.field_provenance where field_name = 'title'") == [
        (True, "Ann")
    ]


@pytest.mark.parametrize("first", ["batch", "decision"])
def test_a_decision_and_a_batch_that_meet(tools: Tools, first: str) -> None:
    """Each was begun before the other was there; whoever writes last has seen both."""
    bring(tools, "alpha", [{"id": "1", **TURTLES}])
    bring(tools, "beta", [{"id": "x", **TURTLES}], drain=False)
    with tools.transaction() as cursor:
        cursor.execute("update ops.work set not_before = 'infinity' where state = 'queued' and kind = 'deduplicate'")
    run.drain(tools)
    draft = decisions.different("paper", [[Subject("alpha", "1")], [Subject("beta", "x")]])
    with tools.transaction() as cursor:
        number = decisions.write(cursor, draft, "Ann", None)
        decisions.call(cursor, number, draft)
    if first == "decision":
        run.drain(tools)
    with tools.transaction() as cursor:
        cursor.execute("update ops.work set not_before = clock_timestamp() where state = 'queued'")
    run.drain(tools)
    assert homes(tools) == {frozenset(("alpha:1",)), frozenset(("beta:x",))}


def test_nobody_s_decisions_cost_no_look_at_any_record(tools: Tools) -> None:
    bring(tools, "alpha", [{"id": str(n), **TURTLES, "title": f"Turtles, part {n}"} for n in range(50)])
    with tools.transaction() as cursor:
        ids = [row[0] for row in cursor.execute("select record_id from catalog.record")]
        assert rulings.touched(cursor, ids) == set()
        for query in (rulings.TOUCHED, rulings.RULING):
            plan = cursor.execute(
                f"explain (analyze, costs off, timing off) {query}", {"records": ids, "entity": "paper"}
            ).fetchall()
            told = "\n".join(row[0] for row in plan)
            assert "never executed" in told
            assert not any("record" in line and "loops=" in line for line in told.splitlines())


def test_a_rehearsal_is_the_real_thing(tools: Tools) -> None:
    bring(tools, "alpha", [{"id": "1", **TURTLES}, {"id": "2", **KERNELS}])
    before = digest(tools)
    seen = decide(tools, lambda cursor: paper_decisions.merging(cursor, ["1", "2"]), by="Ann", why=None, dry_run=True)
    assert digest(tools) == before
    assert ask(tools, "select count(*) from catalog.decision") == [(0,)]
    made = decide(tools, lambda cursor: paper_decisions.merging(cursor, ["1", "2"]), by="Ann", why=None)
    assert [paper["records"] for paper in made.papers] == [paper["records"] for paper in seen.papers]
    with tools.transaction() as cursor:
        deduplicate.deduplicate(cursor, Memory(), Work(0, "deduplicate", {"decisions": [made.decision["decision"]]}, 0))
