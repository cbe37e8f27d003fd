"""``reindex --all``: the plan, killed on the way and gone on with, live syncs beside it; then a rebuild from raw.

Nothing may change: no event but those of the live records, and the rebuilt catalog has the same digest.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from bench import latency, scaledata
from bench.home import Server, server
from bench.meter import Reading, figure, measured, table
from worker import run
from worker.pipeline import dump, rebuild, reindex
from worker.tools import Tools

LIVE = 20
"""Single records that arrive while everything is decided again."""


def main(records: int) -> None:
    """One run over the first ``records`` lines of the real files."""
    with server() as here, here.tools() as tools:
        with measured(here.postmaster) as first:
            scaledata.ingested(tools, records)
        n_records, _ = scaledata.counts(tools)
        digest = _digest(tools)
        with here.tools() as other:
            rebuilt = _rebuilt(here, tools, other)
            same = _digest(other) == digest
        events = _events(tools)
        again, plan_s, progress, waits = _reindexed(here, tools)
        changed = _events(tools) - events - LIVE
    rows = [
        (name, r.wall_s, r.worker_cpu_s, r.postgres_cpu_s, n_records / r.cpu_s, r.peak_mb)
        for name, r in (("first ingest", first), ("rebuild", rebuilt), ("reindex", again))
    ]
    table(("pass", "wall s", "worker s", "postgres s", "records/cpu-s", "peak MB"), rows)
    figure("rebuild", n_records / rebuilt.cpu_s, "records/cpu-s")
    figure("rebuild_to_first", first.cpu_s / rebuilt.cpu_s, "ratio")
    figure("rebuild_same_digest", int(same), "of 1")
    figure("reindex", n_records / again.cpu_s, "records/cpu-s")
    figure("reindex_plan", plan_s, "s")
    figure("reindex_progress", progress, "of the plan")
    figure("reindex_changed", changed, "events")
    figure("reindex_live_p95", waits[1], "s")


def _digest(tools: Tools) -> str:
    with tools.transaction() as cursor:
        return dump.digest(cursor)


def _events(tools: Tools) -> int:
    with tools.transaction() as cursor:
        row = cursor.execute("select count(*) from catalog.event").fetchone()
    assert row is not None
    return int(row[0])


def _rebuilt(here: Server, tools: Tools, other: Tools) -> Reading:
    """What was given is copied and everything worked out again: the same code as ``pubcat rebuild``."""
    with measured(here.postmaster) as reading:
        with tools.transaction() as source, other.transaction() as target:
            rebuild.copy(source, target, lambda size: None)
        run.drain(other)
    scaledata.counts(other)
    return reading


def _reindexed(here: Server, tools: Tools) -> tuple[Reading, float, float, tuple[float, float, float]]:
    """Cost, seconds of the plan, what was counted against what was planned, and waits of live records."""
    start = time.perf_counter()
    with tools.transaction() as cursor:
        plan = reindex.plan(cursor)
    plan_s = time.perf_counter() - start
    with measured(here.postmaster) as reading:
        with tools.transaction() as cursor:
            harvest_id = reindex.start(cursor)
        _killed(tools, lambda: _done(tools, harvest_id) > plan.n_records / 3)
        second = latency.process(tools.database_url, "work")
        try:
            waits = latency.beside(tools.database_url, range(LIVE))
            run.drain(tools)
        finally:
            second.terminate()
            second.wait()
        run.drain(tools)
    scaledata.counts(tools)
    return reading, plan_s, _done(tools, harvest_id) / plan.n_records, waits


def _killed(tools: Tools, enough: Callable[[], bool]) -> None:
    """A worker that is killed the hard way when a part is done."""
    worker = latency.process(tools.database_url, "work")
    while not enough() and worker.poll() is None:
        time.sleep(0.1)
    worker.kill()
    worker.wait()


def _done(tools: Tools, harvest_id: int) -> int:
    with tools.transaction() as cursor:
        row = cursor.execute("select n_records from ops.harvest where harvest_id = %s", (harvest_id,)).fetchone()
    assert row is not None
    return int(row[0])
