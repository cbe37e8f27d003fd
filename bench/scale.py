"""A million papers: what a record costs as the catalog grows, and what asking and deciding again cost.

Windows are parts of one mixture (``bench/multiply.py``), each drained to the end; of later ones more records are told
by another source already, as in any catalog that fills.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from bench import scaledata
from bench.home import Server, server, wait_for_vacuum
from bench.meter import Reading, Stages, figure, measured, table
from worker import run
from worker.pipeline import reindex
from worker.tools import Tools

SMALL = 2
"""Parts of the load that make a catalog of some ten thousand papers."""


@dataclass(frozen=True)
class Window:
    """One part of the load."""

    n_records: int
    n_papers: int
    reading: Reading
    wal_bytes: int
    refresh_s: float
    """CPU seconds of prepared tables: they follow the clock, not the records, and are told apart."""
    stages: Stages

    @property
    def cpu_s(self) -> float:
        """CPU seconds of the line itself."""
        return self.reading.cpu_s - self.refresh_s

    def us(self, seconds: float) -> float:
        """Microseconds a record."""
        return 1e6 * seconds / self.n_records

    @property
    def by_stage(self) -> str:
        """Microseconds a record of the stages that cost most, worker and Postgres."""
        worker_s, postgres_s = self.stages.worker_s, self.stages.postgres_s
        return "  ".join(
            f"{kind} {self.us(worker_s[kind]):.0f} + {self.us(postgres_s[kind]):.0f}"
            for kind in ("parse", "deduplicate", "identify")
        )


def main(records: int, steps: list[str], seed: int) -> None:
    """Loads part by part, then the steps asked for; every figure is of this run."""
    folder = Path(tempfile.mkdtemp(prefix="pubcat-scale-"))
    try:
        print(f"making {records:,} records (seed {seed}) ...", flush=True)
        subprocess.run(
            [sys.executable, "-m", "bench.multiply", str(folder), str(records), str(seed)],
            check=True,
            cwd=Path(__file__).resolve().parents[1],
        )
        with server() as here, here.tools() as tools:
            parts = sorted(folder.iterdir())
            windows = load(here, tools, parts)
            told = records_of(windows)
            print("the first of them once more, in an empty catalog:", flush=True)
            with here.tools() as empty:
                wait_for_vacuum(empty)
                small = load(here, empty, parts[:SMALL])[-1]
            _slope(windows, small)
            if "again" in steps:
                _again(here, tools, folder, told)
            if "reindex" in steps:
                _reindex(here, tools)
            if "latency" in steps:
                from bench import latency

                figure("scale_latency_p95", latency.idle(tools, 100)[1], "s")
            if "search" in steps:
                from bench import search

                run.refresh(tools)
                search.measure(tools)
            _sizes(tools)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def load(here: Server, tools: Tools, parts: list[Path]) -> list[Window]:
    """Ingests part after part; a line a window while it runs."""
    windows: list[Window] = []
    before = 0
    for part in parts:
        wal = _wal(tools)
        stages = Stages(here.postmaster)
        stages.start()
        tools.progress = stages.done
        with measured(here.postmaster) as reading:
            for file in sorted(part.iterdir()):
                source = file.name.partition(".")[0]
                scaledata.bring(tools, source, scaledata.cut(file), f"{part.name}/{file.name}")
            run.drain(tools)
        tools.progress = None
        refresh_s = stages.worker_s["refresh"] + stages.postgres_s["refresh"]
        n_records, n_papers = scaledata.counts(tools)
        windows.append(Window(n_records - before, n_papers, reading, _wal(tools) - wal, refresh_s, stages))
        last = windows[-1]
        print(
            f"  {n_records:>9,} records {n_papers:>9,} papers  worker {last.us(reading.worker_cpu_s):4.0f}"
            f"  postgres {last.us(last.cpu_s - reading.worker_cpu_s):4.0f} us/record ({last.by_stage})"
            f"  refresh {refresh_s:.1f} s"
            f"  WAL {last.wal_bytes / last.n_records:6,.0f} B/record  peak {reading.peak_mb:4.0f} MB"
            f"  {last.n_records / reading.wall_s:6,.0f} records/s",
            flush=True,
        )
        before = n_records
    return windows


def records_of(windows: list[Window]) -> int:
    """Records loaded."""
    return sum(window.n_records for window in windows)


def _slope(windows: list[Window], small: Window) -> None:
    """The last tenth of the load against the window around ten thousand papers, measured right after it: a shared
    machine is not as fast as it was when the load began."""
    tail = windows[-max(1, len(windows) // 10) :]
    large = sum(w.cpu_s for w in tail) / sum(w.n_records for w in tail)
    whole = sum(w.cpu_s for w in windows)
    table(
        ("window", "records", "papers", "worker us", "postgres us", "refresh s", "WAL B/record", "peak MB"),
        [
            (
                i,
                w.n_records,
                w.n_papers,
                w.us(w.reading.worker_cpu_s),
                w.us(w.cpu_s - w.reading.worker_cpu_s),
                w.refresh_s,
                w.wal_bytes / w.n_records,
                w.reading.peak_mb,
            )
            for i, w in enumerate(windows)
        ],
    )
    figure("scale_papers", windows[-1].n_papers, "papers")
    figure("scale_ingest", records_of(windows) / whole, "records/cpu-s")
    figure("scale_slope", large / (small.cpu_s / small.n_records), "ratio")
    figure("scale_refresh", sum(w.refresh_s for w in windows) / whole, "ratio")
    figure("scale_peak_memory", max(w.reading.peak_mb for w in windows), "MB")
    figure("scale_wal", sum(w.wal_bytes for w in windows) / records_of(windows), "bytes/record")


def _again(here: Server, tools: Tools, folder: Path, records: int) -> None:
    """Everything once more in other pages: nothing changes."""
    with tools.transaction() as cursor:
        events = cursor.execute("select count(*) from catalog.event").fetchone()
    with measured(here.postmaster) as reading:
        for part in sorted(folder.iterdir()):
            for file in sorted(part.iterdir()):
                source = file.name.partition(".")[0]
                scaledata.bring(tools, source, scaledata.cut(file, 1), f"{part.name}/{file.name}")
            run.drain(tools)
    with tools.transaction() as cursor:
        same = cursor.execute("select count(*) from catalog.event").fetchone() == events
    figure("scale_unchanged", records / reading.cpu_s, "records/cpu-s")
    figure("scale_unchanged_events", 0 if same else 1, "wrong")


def _reindex(here: Server, tools: Tools) -> None:
    """Every stored record decided again by the present rules."""
    start = time.perf_counter()
    with measured(here.postmaster) as reading:
        with tools.transaction() as cursor:
            plan = reindex.plan(cursor)
            planned_s = time.perf_counter() - start
            reindex.start(cursor)
        run.drain(tools)
    scaledata.counts(tools)
    figure("scale_reindex_plan", planned_s, "s")
    figure("scale_reindex", plan.n_records / reading.cpu_s, "records/cpu-s")
    figure("scale_reindex_peak_memory", reading.peak_mb, "MB")


def _sizes(tools: Tools) -> None:
    """Bytes of heap and indexes, and rows that are dead, table by table."""
    with tools.transaction() as cursor:
        rows = cursor.execute(
            """
            select schemaname || '.' || relname, n_live_tup, n_dead_tup, autovacuum_count,
                   pg_table_size(relid) / 1e6, pg_indexes_size(relid) / 1e6
            from pg_stat_user_tables where pg_total_relation_size(relid) > 8e6
            order by pg_total_relation_size(relid) desc
            """
        ).fetchall()
        total = cursor.execute("select pg_database_size(current_database()) / 1e9").fetchone()
    table(
        ("table", "rows", "dead", "vacuums", "heap MB", "index MB"),
        [(name, live, dead, vacuums, float(heap), float(index)) for name, live, dead, vacuums, heap, index in rows],
    )
    assert total is not None
    figure("scale_size", float(total[0]), "GB")
    figure("scale_dead", sum(row[2] for row in rows) / max(1, sum(row[1] for row in rows)), "ratio")


def _wal(tools: Tools) -> int:
    with tools.transaction() as cursor:
        row = cursor.execute("select pg_current_wal_insert_lsn() - '0/0'::pg_lsn").fetchone()
    assert row is not None
    return int(row[0])
