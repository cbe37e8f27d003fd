"""How soon a single changed record is visible as a paper: on an idle system, and during a bulk load."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path
from statistics import quantiles

import orjson

from bench import scaledata
from bench.home import server, worker
from bench.meter import figure, table
from worker import run
from worker.tools import Tools

IDLE, LOADED = 60, 20
"""Single records that arrive."""


def main(records: int) -> None:
    """Single records against an idle catalog of ``records``, then beside a bulk load by two workers."""
    with server() as here, here.tools() as tools:
        scaledata.ingested(tools, records)
        scaledata.counts(tools)
        quiet = idle(tools, IDLE)
        print(f"idle: p50 {quiet[0]:.3f} s, p95 {quiet[1]:.3f} s", flush=True)
        busy = _beside_a_load(tools)
    table(("system", "p50 s", "p95 s", "max s"), [("idle", *quiet), ("bulk load", *busy)])
    figure("latency_idle_p95", quiet[1], "s")
    figure("latency_bulk_p95", busy[1], "s")


def idle(tools: Tools, samples: int) -> tuple[float, float, float]:
    """p50, p95 and the longest wait from the arrival of bytes to the committed paper, one worker with nothing else."""
    waits: list[float] = []
    for number in range(samples):
        start = time.perf_counter()
        _arrive(tools, number)
        run.drain(tools)
        waits.append(time.perf_counter() - start)
        _check(tools, number)
    return _summary(waits)


def _beside_a_load(tools: Tools) -> tuple[float, float, float]:
    """The same while another process loads files and two workers drain the ledger."""
    loaders = [process(tools.database_url, role) for role in ("load", "work", "work")]
    try:
        time.sleep(5.0)
        return beside(tools.database_url, range(IDLE, IDLE + LOADED))
    finally:
        for one in loaders:
            one.terminate()
            one.wait()


def beside(url: str, numbers: range) -> tuple[float, float, float]:
    """The waits of single records while somebody else does the work."""
    waits = []
    with worker(url) as mine:
        for number in numbers:
            start = time.perf_counter()
            _arrive(mine, number)
            while not _is_there(mine, number):
                time.sleep(0.02)
            waits.append(time.perf_counter() - start)
            time.sleep(0.2)
    return _summary(waits)


def process(url: str, role: str) -> subprocess.Popen[bytes]:
    """A process that loads, or one that works, until it is ended."""
    root = Path(__file__).resolve().parents[1]
    return subprocess.Popen([sys.executable, "-m", "bench.latency", url, role], cwd=root)


def _arrive(tools: Tools, number: int) -> None:
    """One record comes by itself, as an event of a source brings it."""
    row = {"id": f"single-{number}", "title": f"Single arrivals seen in a catalog of many, part {number}"}
    scaledata.bring(
        tools, "events", iter([orjson.dumps({**row, "authors": "Ada Lovelace", "year": 2025})]), f"{number}"
    )


def _is_there(tools: Tools, number: int) -> bool:
    with tools.transaction() as cursor:
        row = cursor.execute(
            "select exists (select from catalog.record join catalog.member using (record_id)"
            " where source = 'events' and source_key = %s)",
            (f"single-{number}",),
        ).fetchone()
    return bool(row and row[0])


def _check(tools: Tools, number: int) -> None:
    assert _is_there(tools, number), f"record {number} became no paper"


def _summary(waits: list[float]) -> tuple[float, float, float]:
    cuts = quantiles(waits, n=20)
    return cuts[9], cuts[18], max(waits)


def _role(url: str, role: str) -> None:
    """One process of the bulk load: stores the scale files again and again under new names, or works."""
    with worker(url) as tools:
        turn = 0
        while True:
            if role == "load":
                for source in scaledata.SOURCES:
                    scaledata.bring(tools, f"{source}{turn}", scaledata.pages(source, 60_000), f"{source}{turn}")
                turn += 1
                time.sleep(30)
            elif not run.take_next(tools):
                time.sleep(0.05)


if __name__ == "__main__":
    _role(sys.argv[1], sys.argv[2])
