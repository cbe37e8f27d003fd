"""What a worker does when its own process, its database or its work fails it."""

from __future__ import annotations

import os
import random
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import psycopg
import pytest

from tests import line
from worker import heart, ledger, run
from worker.errors import Raced
from worker.ledger import NewWork, Work
from worker.pipeline import parse
from worker.tools import Tools

ROWS = [{"id": "1", "title": "Turtles all the way down", "authors": "Ann Lee", "year": 2021}]


def _claimed(tools: Tools) -> Work:
    with tools.transaction() as cursor:
        work = ledger.claim_next(cursor)
    assert work is not None
    return work


def _row(tools: Tools) -> tuple[object, ...]:
    [row] = line.ask(tools, "select state, errors, crashes, crashes_alone from ops.work where kind = 'parse'")
    return row


@pytest.fixture
def short_lease(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ledger, "LEASE_S", 1.0)


def test_a_parser_that_holds_the_interpreter_keeps_its_lease(
    tools: Tools, short_lease: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    line.bring(tools, "desk", ROWS, drain=False)
    work = _claimed(tools)
    with tools.heart.holding(work):
        # One call of a C function that never lets go: no other thread of this process runs meanwhile.
        sum(range(80_000_000))
        with psycopg.connect(tools.database_url) as connection:
            row = connection.execute("select lease_until > clock_timestamp() from ops.work").fetchone()
    assert row == (True,)


def test_the_heart_stops_with_its_work(tools: Tools, short_lease: None) -> None:
    line.bring(tools, "desk", ROWS, drain=False)
    with tools.heart.holding(_claimed(tools)):
        pass
    time.sleep(1.5)
    assert line.ask(tools, "select lease_until < clock_timestamp() from ops.work") == [(True,)]


def _comes_true(tools: Tools, query: str, parameters: tuple[Any, ...] = ()) -> bool:
    """Whether the answer becomes true within half a minute."""
    until = time.monotonic() + 30.0
    while time.monotonic() < until:
        if line.ask(tools, query, parameters) == [(True,)]:
            return True
        time.sleep(0.1)
    return False


def test_the_heart_does_not_beat_for_a_frozen_worker(tools: Tools, short_lease: None) -> None:
    line.bring(tools, "desk", ROWS, drain=False)
    work = _claimed(tools)
    ((claimed_until,),) = line.ask(tools, "select lease_until from ops.work")
    frozen = os.fork()
    if frozen == 0:
        with heart.Heart(tools.database_url).holding(work):
            time.sleep(60)
        os._exit(0)
    try:
        assert _comes_true(tools, "select lease_until > %s from ops.work", (claimed_until,))
        os.kill(frozen, signal.SIGSTOP)
        assert _comes_true(tools, "select lease_until < clock_timestamp() from ops.work")
    finally:
        os.kill(frozen, signal.SIGKILL)
        os.waitpid(frozen, 0)


@contextmanager
def _losing(monkeypatch: pytest.MonkeyPatch, when: Callable[[], bool]) -> Iterator[None]:
    """The first COMMIT for which ``when`` holds is done by Postgres, but its answer is lost with the connection."""
    commit = psycopg.Transaction._commit_gen
    lost = False

    def lossy(self: Any) -> Any:
        nonlocal lost
        yield from commit(self)
        if when() and not lost:
            lost = True
            self.connection.close()
            raise psycopg.OperationalError("server closed the connection unexpectedly")

    with monkeypatch.context() as patched:
        patched.setattr(psycopg.Transaction, "_commit_gen", lossy)
        yield
    assert lost


def test_a_lost_answer_to_commit_is_read_back(tools: Tools, monkeypatch: pytest.MonkeyPatch) -> None:
    line.bring(tools, "desk", ROWS, drain=False)
    wrote = False
    write = parse.write

    def noted(*arguments: object) -> None:
        nonlocal wrote
        write(*arguments)  # type: ignore[arg-type]
        wrote = True

    monkeypatch.setattr(parse, "write", noted)
    with _losing(monkeypatch, lambda: wrote):
        assert run.take_next(tools)
    assert wrote
    assert _row(tools) == ("done", 0, 0, 0)
    assert line.ask(tools, "select n_records from ops.harvest") == [(1,)]


def test_a_claim_whose_answer_was_lost_is_given_back_at_once(tools: Tools, monkeypatch: pytest.MonkeyPatch) -> None:
    line.bring(tools, "desk", ROWS, drain=False)
    with _losing(monkeypatch, lambda: True), pytest.raises(psycopg.OperationalError):
        run.take_next(tools)
    assert _row(tools)[0] == "leased"
    run.drain(tools)
    assert _row(tools) == ("done", 0, 0, 0)


def test_lost_races_and_a_database_that_is_away_are_not_counted(tools: Tools, monkeypatch: pytest.MonkeyPatch) -> None:
    line.bring(tools, "desk", ROWS, drain=False)
    faults: list[Exception] = [
        psycopg.errors.SerializationFailure("could not serialize"),
        psycopg.errors.DeadlockDetected("deadlock detected"),
        Raced("the component grew"),
        psycopg.errors.LockNotAvailable("lock timeout"),
        psycopg.errors.AdminShutdown("terminating connection"),
        psycopg.errors.DiskFull("no space left on device"),
        psycopg.OperationalError("connection refused"),
    ]
    load = parse.load

    def faulty(*arguments: object) -> object:
        if faults:
            raise faults.pop(0)
        return load(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(parse, "load", faulty)
    monkeypatch.setattr(random, "uniform", lambda low, high: 0.01)
    run.drain(tools)
    assert _row(tools) == ("done", 0, 0, 0)
    assert not faults


def _expire(tools: Tools) -> None:
    with tools.transaction() as cursor:
        cursor.execute("update ops.work set lease_until = clock_timestamp() where state = 'leased'")


PARSERS = {
    "a crash": ("import ctypes; ctypes.string_at(0)", "SIGSEGV"),
    "a memory hog": ("bytearray(3 << 30)", "MiB of memory"),
    "an exit": ("import os; os._exit(3)", "code 3"),
}


@pytest.mark.parametrize("name", PARSERS)
def test_poison_is_set_apart_and_buried_with_its_bytes(
    tools: Tools, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    statement, reason = PARSERS[name]
    (tmp_path / "sitecustomize.py").write_text(
        f"from worker.pipeline import parse\ndef read(loaded):\n    {statement}\nparse.read = read\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    most = ledger.MOST_CRASHES_ALONE if name == "a crash" else 1  # each attempt is the start of a program
    monkeypatch.setattr(ledger, "MOST_CRASHES_ALONE", most)
    line.bring(tools, "desk", ROWS, drain=False)
    for _ in range(ledger.TRUSTED_CRASHES):
        _claimed(tools)
        _expire(tools)
    monkeypatch.setattr(random, "uniform", lambda low, high: 0.01)
    run.drain(tools)
    assert _row(tools) == ("dead", 0, 3, most)
    [(stage, sha256, detail)] = line.ask(tools, "select stage, sha256, detail from ops.dead_letter")
    assert (stage, reason in detail) == ("parse", True), detail
    assert line.ask(tools, "select count(*) from raw.payload where sha256 = %s", (sha256,)) == [(1,)]


def test_innocent_work_whose_workers_were_killed_is_done_alone(tools: Tools) -> None:
    line.bring(tools, "desk", ROWS, drain=False)
    for _ in range(7):
        _claimed(tools)
        _expire(tools)
    run.drain(tools)
    assert _row(tools) == ("done", 0, 7, 0)
    assert line.ask(tools, "select title from catalog.paper") == [("Turtles all the way down",)]


def test_work_without_memory_is_set_apart(tools: Tools, monkeypatch: pytest.MonkeyPatch) -> None:
    line.bring(tools, "desk", ROWS, drain=False)

    def hungry(loaded: object) -> None:
        raise MemoryError

    monkeypatch.setattr(parse, "read", hungry)
    run.drain(tools)
    assert _row(tools) == ("done", 0, ledger.TRUSTED_CRASHES, 0)


def test_reasons_that_postgres_would_refuse_are_kept(tools: Tools) -> None:
    with tools.transaction() as cursor:
        ledger.add(cursor, [NewWork("enrich", "one", {"papers": []})])
    work = _claimed(tools)
    with tools.transaction() as cursor:
        ledger.fail(cursor, replace(work), ValueError("a\x00b \ud800"))
        ledger.bury(cursor, work, [ledger.Letter("enrich", ValueError("a\x00b \ud800"))])
    assert line.ask(tools, "select state from ops.work") == [("dead",)]
