"""Batches that meet: what one decides while another is half done is what it would decide before or after it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from tests.line import DAY, ask, bring, lines
from worker import run
from worker.match import keys
from worker.pipeline import deduplicate, identify, parse
from worker.pipeline import papers as papers_stage
from worker.tools import Tools

WORK = {
    "title": "Sparse lattices and the memory of slowly drifting rivers",
    "authors": "Ada Lovelace; Emmy Noether; Alan Turing",
    "year": 2021,
}


def once(monkeypatch: pytest.MonkeyPatch, module: Any, name: str, act: Callable[[], None]) -> None:
    """Lets something happen right before a function is called for the first time."""
    real = getattr(module, name)
    left = [act]

    def first(*arguments: Any, **named: Any) -> Any:
        if left:
            left.pop()()
        return real(*arguments, **named)

    monkeypatch.setattr(module, name, first)


def beside(tools: Tools, act: Callable[[], object]) -> Callable[[], None]:
    """Begins something in a thread and goes on when it has ended, or waits for us; call the answer to join it."""
    thread = threading.Thread(target=act)
    thread.start()
    until = time.monotonic() + 10
    while thread.is_alive() and time.monotonic() < until:
        if ask(tools, "select from pg_locks where not granted and database is not null and locktype = 'advisory'"):
            break
        time.sleep(0.01)
    return thread.join


def papers(tools: Tools) -> list[dict[str, Any]]:
    return [line for line in lines(tools) if line["entity"] == "paper"]


def test_a_record_that_got_a_paper_meanwhile_is_decided_again(
    tools: Tools, rival: Tools, monkeypatch: pytest.MonkeyPatch
) -> None:
    def meet() -> None:
        bring(rival, "beta", [{"id": "b", **WORK, "abstract": "Rivers remember. " * 9}], drain=False)
        assert run.take_next(rival)
        assert run.take_next(rival)
        assert [paper["records"] for paper in papers(rival)] == [["alpha:a", "beta:b"]]

    bring(tools, "alpha", [{"id": "a", **WORK}], drain=False)
    assert run.take_next(tools)
    once(monkeypatch, papers_stage, "write", meet)
    run.drain(tools)
    (paper,) = papers(tools)
    assert paper["records"] == ["alpha:a", "beta:b"]
    assert paper["abstract"].startswith("Rivers remember.")


def test_what_another_batch_finds_about_a_changed_record_is_not_forgotten(
    tools: Tools, rival: Tools, monkeypatch: pytest.MonkeyPatch
) -> None:
    def meet() -> None:
        bring(rival, "beta", [{"id": "b", **WORK}], drain=False)
        assert run.take_next(rival)
        assert run.take_next(rival)
        assert [paper["records"] for paper in papers(rival)] == [["alpha:a", "beta:b"]]

    bring(tools, "alpha", [{"id": "a", **WORK}])
    bring(tools, "alpha", [{"id": "a", **WORK, "venue": "Annals of Rivers"}], drain=False, as_of=DAY + timedelta(1))
    assert run.take_next(tools)
    once(monkeypatch, deduplicate, "_newly_crowded", meet)
    run.drain(tools)
    (paper,) = papers(tools)
    assert paper["records"] == ["alpha:a", "beta:b"]
    assert paper["venue"] == "Annals of Rivers"


def test_who_finds_a_key_crowded_waits_for_those_who_did_not(
    tools: Tools, rival: Tools, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keys, "CAP", 3)
    monkeypatch.setattr(keys, "CAP_TITLE", 3)
    joins = []

    def meet() -> None:
        bring(rival, "beta", [{"id": f"b{n}", **WORK} for n in range(3)], drain=False)
        assert run.take_next(rival)
        joins.append(beside(tools, lambda: run.take_next(rival)))

    bring(tools, "alpha", [{"id": "a0", **WORK}, {"id": "a1", **WORK}], drain=False)
    assert run.take_next(tools)
    once(monkeypatch, papers_stage, "write", meet)
    assert run.take_next(tools)
    joins[0]()
    run.drain(tools)
    assert sorted(paper["records"] for paper in papers(tools)) == [[name] for name in sorted(
        ["alpha:a0", "alpha:a1", "beta:b0", "beta:b1", "beta:b2"]
    )]  # fmt: skip


def test_a_record_that_dies_meanwhile_leaves_no_paper(
    tools: Tools, rival: Tools, monkeypatch: pytest.MonkeyPatch
) -> None:
    joins = []

    def meet() -> None:
        ask(rival, "update catalog.record set deleted = true returning 1")
        with rival.transaction() as cursor:
            cursor.execute(
                "insert into ops.work (kind, work_key, args, priority) select 'deduplicate', 'it died',"
                " jsonb_build_object('changed', jsonb_agg(record_id)), 10 from catalog.record"
            )
        joins.append(beside(tools, lambda: run.take_next(rival)))

    bring(tools, "alpha", [{"id": "a", **WORK}], drain=False)
    assert run.take_next(tools)
    once(monkeypatch, papers_stage, "write", meet)
    assert run.take_next(tools)
    joins[0]()
    run.drain(tools)
    assert papers(tools) == []


def test_people_computed_while_a_batch_brings_another_mention_are_computed_again(
    tools: Tools, rival: Tools, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = {**WORK, "id": "a", "authors": "Ada Lovelace"}
    other = {**WORK, "id": "b", "authors": "Ada Lovelace", "title": "On quite another thing, told at some length"}
    bring(tools, "alpha", [one])

    def meet() -> None:
        bring(rival, "beta", [other], drain=False)
        assert run.take_next(rival)
        assert run.take_next(rival)

    once(monkeypatch, identify, "_write", meet)
    bring(tools, "alpha", [{**one, "authors": "Ada LOVELACE"}], name="later", as_of=DAY + timedelta(days=1))
    (person,) = [line for line in lines(tools) if line["entity"] == "person"]
    assert person["names"] == ["Ada LOVELACE", "Ada Lovelace"]


def told(tools: Tools, title: str, day: int, name: str) -> Callable[[], None]:
    """What brings a page, of this name and day, with one record."""
    row = {**WORK, "id": "a", "title": title}
    return lambda: bring(tools, "alpha", [row], name=name, as_of=DAY + timedelta(days=day), drain=False)


@pytest.mark.parametrize(
    ("day", "name", "title"),
    [(3, "third", "The third thing said of this work"), (3, "other", "The first thing said of this work"),
     (3, "first", "The first thing said of this work"), (1, "third", "The third thing said of this work")],
    ids=["something else", "the same again", "the same page again", "something older"],
)  # fmt: skip
def test_two_pages_that_speak_of_one_record_meet(
    tools: Tools, rival: Tools, monkeypatch: pytest.MonkeyPatch, day: int, name: str, title: str
) -> None:
    """The later one is believed, although the earlier one was half read when it came."""
    joins = []

    def meet() -> None:
        def come() -> None:
            told(rival, title, day, name)()
            run.take_next(rival)

        joins.append(beside(tools, come))

    told(tools, "The first thing said of this work", 0, "first")()
    run.drain(tools)
    told(tools, "The second thing said of this work", 2, "second")()
    once(monkeypatch, parse, "_replace", meet)
    assert run.take_next(tools)
    joins[0]()
    run.drain(tools)
    (paper,) = papers(tools)
    assert paper["title"] == (title if day > 2 else "The second thing said of this work")


def test_a_later_payload_that_says_the_same_can_win(tools: Tools) -> None:
    """Of two records of one source in one paper the one seen later is believed, whichever page brought that news."""
    rows = {
        "a": {"id": "a", **WORK, "doi": "10.5555/1", "pages": "1-9"},
        "b": {"id": "b", **WORK, "doi": "10.5555/1", "pages": "1-10"},
    }
    for name, row in rows.items():
        bring(tools, "alpha", [row], name=name)
    (before,) = papers(tools)
    loser = next(row for row in rows.values() if row["pages"] != before["pages"])
    another = {**WORK, "id": "c", "title": "A note that is here to make this page another one"}
    bring(tools, "alpha", [loser, another], name="later", as_of=DAY + timedelta(days=1))
    after = next(paper for paper in papers(tools) if "alpha:a" in paper["records"])
    assert after["records"] == ["alpha:a", "alpha:b"]
    assert after["pages"] == loser["pages"]
