"""Freeze: workers stopped past their lease and resumed find their work done by others, and write nothing."""

from __future__ import annotations

import argparse
import os
import random
import signal
import sys
import time
from contextlib import suppress
from pathlib import Path

import psycopg

from catalog import engine
from tests.lab import accounts, workers
from tests.lab.databases import server
from tests.lab.far import Bibliography
from tests.lab.report import Report, quiet
from worker import ledger
from worker.pipeline import harvests
from worker.tools import Tools

LEASE_S = 1.0
IDLE_S = 2
"""As leases, a small part of the real one: whoever is frozen with locks in hand loses them."""
WORKERS = 3


def _heart_of(pid: int) -> list[int]:
    """The helper that extends the leases of this worker."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with suppress(OSError, IndexError):
                parent = (entry / "stat").read_bytes().rpartition(b")")[2].split()[1]
                if int(parent) == pid and b"heart_exec" in (entry / "cmdline").read_bytes():
                    found.append(int(entry.name))
    return found


def _held(tools: Tools, pids: list[int], frozen: set[int]) -> tuple[int, str, int, int] | None:
    """Some work in hand: (work_id, kind, token, process). None that was frozen before: often enough is poison."""
    with tools.transaction() as cursor:
        cursor.execute(
            "select work_id, kind, token, split_part(worker, ':', 4)::int from ops.work where state = 'leased'"
            " and work_id <> all(%s) order by random() limit 1",
            (list(frozen),),
        )
        row = cursor.fetchone()
    return row if row and row[3] in pids else None


def _row(tools: Tools, work_id: int) -> tuple[object, ...]:
    """All of a work row that its worker may write."""
    with tools.transaction() as cursor:
        row = cursor.execute(
            "select state, token, finished_at, errors, crashes, last_error,"
            " coalesce(lease_until > clock_timestamp(), false) from ops.work where work_id = %s",
            (work_id,),
        ).fetchone()
    assert row is not None
    return row


def _until(tools: Tools, work_id: int, token: int, patience_s: float) -> bool:
    """Waits until somebody else has claimed and finished the work."""
    ends_at = time.monotonic() + patience_s
    while time.monotonic() < ends_at:
        state, now, *_ = _row(tools, work_id)
        if now != token and state == "done":
            return True
        if now == token and state != "leased":
            return False
        time.sleep(0.02)
    return False


def main(argv: list[str]) -> int:
    """Freezes one worker after the other in the middle of its work."""
    parser = argparse.ArgumentParser(prog="python -m tests.lab freeze", description=__doc__)
    parser.add_argument("--times", type=int, default=10)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--records", type=int, default=300)
    asked = parser.parse_args(argv)
    quiet()
    dice = random.Random(asked.seed)
    ledger.LEASE_S, engine.IDLE_S = LEASE_S, IDLE_S

    report = Report(("frozen while at", "times", "of them with the heart", "stale writes"))
    counts: dict[str, list[int]] = {}
    bibliography = Bibliography(asked.records, per_page=1, seed=31, delay_s=0.03)
    with server() as at, bibliography.served() as base_url:
        (at.folder / "sources.toml").write_text(bibliography.sources(base_url))
        name = at.copy()
        pids = [workers.fork(at, name, workers.serve) for _ in range(WORKERS)]
        try:
            with at.tools(name) as tools:
                done = tries = 0
                frozen: set[int] = set()
                while done < asked.times and tries < 100 * asked.times:
                    tries += 1
                    _start_if_idle(tools)
                    held = _held(tools, pids, frozen)
                    if held is None:
                        time.sleep(0.01)
                        continue
                    frozen.add(held[0])
                    result = _freeze(tools, *held, dice)
                    if result is None:
                        continue
                    with_heart, stale = result
                    done += 1
                    count = counts.setdefault(held[1], [0, 0, 0])
                    for place, value in enumerate((1, with_heart, stale)):
                        count[place] += value
                    print(f"freeze {done}: {held[1]}", file=sys.stderr, flush=True)
                _settle(tools)
        finally:
            for pid in pids:
                os.kill(pid, signal.SIGKILL)
                os.waitpid(pid, 0)
        with at.tools(name) as tools:
            lost, doubled, wrong = accounts.audit(
                tools, but=frozenset({"records written again though nothing changed"})
            )
    for kind, count in sorted(counts.items()):
        report.row(kind, *count)
    n_frozen, _, stale = (sum(column) for column in zip(*counts.values(), strict=True))
    report.figure("frozen", n_frozen, "workers")
    report.figure("stale_writes", stale, "writes")
    report.figure("lost", lost, "effects")
    report.figure("doubled", doubled, "effects")
    report.must(n_frozen == asked.times, f"only {n_frozen} workers were caught at work")
    report.must(not stale, f"{stale} writes with a token that was no longer theirs")
    report.must(not wrong, str(wrong))
    return report.end()


def _freeze(tools: Tools, work_id: int, kind: str, token: int, pid: int, dice: random.Random) -> tuple[int, int] | None:
    """(whether the heart was frozen too, stale writes); None when the work was over before the signal came."""
    frozen = [pid, *(_heart_of(pid) if dice.random() < 0.5 else [])]
    for one in frozen:
        os.kill(one, signal.SIGSTOP)
    try:
        if _row(tools, work_id)[:2] != ("leased", token):
            return None
        overtaken = _until(tools, work_id, token, 8 * LEASE_S)
        before = _row(tools, work_id)
    finally:
        for one in reversed(frozen):
            with suppress(ProcessLookupError):
                os.kill(one, signal.SIGCONT)
    if before[1] == token and before[-1]:
        return len(frozen) - 1, 1  # something extended the lease of a frozen worker
    if not overtaken:
        return None  # the work was over, or nobody came to it in time
    time.sleep(0.5)
    return len(frozen) - 1, int(_row(tools, work_id) != before)


def _start_if_idle(tools: Tools) -> None:
    with tools.transaction() as cursor:
        if cursor.execute(workers.OPEN).fetchone() == (0,):
            for source in ("desk", "openalex"):
                harvests.start_sweep(cursor, tools.sources.get(source))


def _settle(tools: Tools, patience_s: float = 120.0) -> None:
    ends_at = time.monotonic() + patience_s
    while time.monotonic() < ends_at:
        with suppress(psycopg.OperationalError), tools.transaction() as cursor:
            if cursor.execute(workers.OPEN).fetchone() == (0,):
                return
        time.sleep(0.1)
