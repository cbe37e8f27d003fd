"""The work ledger: one claim at a time, no effect without the token, nothing forgotten."""

from __future__ import annotations

import os
import subprocess
import sys
import threading

import pytest

from worker import ledger
from worker.errors import Fenced, Malformed, Transient
from worker.ledger import NewWork
from worker.tools import Tools


def _add(tools: Tools, key: str = "one", kind: str = "enrich") -> int:
    with tools.transaction() as cursor:
        return ledger.add(cursor, [NewWork(kind, key, {"papers": []})])[0]


def test_the_same_work_is_called_for_only_once(tools: Tools) -> None:
    _add(tools)
    with tools.transaction() as cursor:
        assert ledger.add(cursor, [NewWork("enrich", "one")]) == []


def test_a_claimed_row_is_nobody_elses(tools: Tools) -> None:
    number = _add(tools)
    with tools.transaction() as cursor:
        assert ledger.claim(cursor, number) is not None
    with tools.transaction() as cursor:
        assert ledger.claim(cursor, number) is None
        assert ledger.claim_next(cursor) is None


def test_a_hundred_claims_at_once_give_each_row_once(tools: Tools) -> None:
    for i in range(30):
        _add(tools, str(i))
    taken: list[int] = []

    def take() -> None:
        while True:
            with tools.transaction() as cursor:
                work = ledger.claim_next(cursor)
            if work is None:
                return
            taken.append(work.work_id)

    threads = [threading.Thread(target=take) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(taken) == len(set(taken)) == 30


def test_a_stale_token_writes_nothing(tools: Tools) -> None:
    number = _add(tools)
    with tools.transaction() as cursor:
        first = ledger.claim(cursor, number)
        assert first is not None
        cursor.execute("update ops.work set lease_until = clock_timestamp() - interval '1 second'")
    with tools.transaction() as cursor:
        second = ledger.claim(cursor, number)
    assert second is not None
    assert second.token == first.token + 1
    assert second.crashes == 1
    with pytest.raises(Fenced), tools.transaction() as cursor:
        ledger.finish(cursor, first)
    with tools.transaction() as cursor:
        assert not ledger.beat(cursor, first.work_id, first.token)
        assert ledger.beat(cursor, second.work_id, second.token)
        ledger.finish(cursor, second)


def test_a_passing_error_waits_and_a_lasting_one_is_buried(tools: Tools) -> None:
    number = _add(tools)
    with tools.transaction() as cursor:
        work = ledger.claim(cursor, number)
        assert work is not None
        assert not ledger.fail(cursor, work, Transient("HTTP 503", retry_after_s=30))
        row = cursor.execute(
            "select state, errors, crashes, not_before > clock_timestamp() + interval '25 s' from ops.work"
        ).fetchone()
    assert row == ("queued", 1, 0, True)
    with tools.transaction() as cursor:
        cursor.execute("update ops.work set not_before = clock_timestamp()")
        work = ledger.claim(cursor, number)
        assert work is not None
        assert ledger.fail(cursor, work, Malformed("not what it claims"))
        assert cursor.execute("select state from ops.work").fetchone() == ("dead",)


def test_work_that_keeps_killing_its_worker_is_buried(tools: Tools) -> None:
    number = _add(tools)
    for _ in range(ledger.MOST_CRASHES + 1):
        with tools.transaction() as cursor:
            assert ledger.claim(cursor, number) is not None
            cursor.execute("update ops.work set lease_until = clock_timestamp() - interval '1 second'")
    with tools.transaction() as cursor:
        ledger.reconcile(cursor)
        assert cursor.execute("select state from ops.work").fetchone() == ("dead",)
        assert cursor.execute("select error_class from ops.dead_letter").fetchone() == ("Poison",)


def test_bells_are_rung_again_only_after_a_while(tools: Tools) -> None:
    number = _add(tools)
    with tools.transaction() as cursor:
        assert ledger.unrung(cursor) == [(number, "enrich")]
        assert ledger.unrung(cursor) == []
        cursor.execute("update ops.work set rung_at = clock_timestamp() - interval '1 minute'")
        assert ledger.unrung(cursor) == [(number, "enrich")]


def test_the_same_dead_letter_is_written_once(tools: Tools) -> None:
    number = _add(tools)
    letter = ledger.Letter("parse", Malformed("no record on this page"), "mila", b"\1" * 32, None)
    with tools.transaction() as cursor:
        work = ledger.claim(cursor, number)
        assert work is not None
        assert ledger.bury(cursor, work, [letter]) == 1
        assert ledger.bury(cursor, work, [letter]) == 0


def test_what_a_killed_process_held_is_free_at_once(tools: Tools) -> None:
    number = _add(tools)
    holder = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    with tools.transaction() as cursor:
        assert ledger.claim(cursor, number) is not None
        held_by = ledger.me().removesuffix(str(os.getpid())) + str(holder.pid)
        cursor.execute("update ops.work set worker = %s", (held_by,))
        ledger.reconcile(cursor)
        assert ledger.claim(cursor, number) is None
    holder.kill()
    holder.wait()
    with tools.transaction() as cursor:
        ledger.reconcile(cursor)
        assert ledger.claim(cursor, number) is not None
