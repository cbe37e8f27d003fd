"""Two workers against one over the same stored pages: wall time, CPU, and what they lost waiting for each other.

Each worker is a process of its own that polls the ledger. Quote the ratio only from a machine with nothing else to do.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from statistics import median

from bench import scaledata
from bench.home import Server, server, worker
from bench.meter import Reading, figure, measured, table
from worker import run
from worker.pipeline import dump


def main(records: int, repeat: int) -> None:
    """Medians of paired runs; the catalogs must be equal."""
    readings: dict[int, list[Reading]] = {1: [], 2: []}
    races: list[int] = []
    with server() as here:
        for _ in range(repeat):
            digests = set()
            for count in (1, 2):
                reading, digest, lost = _drained(here, records, count)
                readings[count].append(reading)
                digests.add(digest)
                races.append(lost if count == 2 else 0)
            if len(digests) > 1:
                raise RuntimeError("one worker and two made different catalogs")
    table(
        ("workers", "wall s", "workers s", "postgres s", "records/s"),
        [
            (
                count,
                median(r.wall_s for r in some),
                median(r.worker_cpu_s for r in some),
                median(r.postgres_cpu_s for r in some),
                records / median(r.wall_s for r in some),
            )
            for count, some in readings.items()
        ],
    )
    pairs = list(zip(readings[1], readings[2], strict=True))
    figure("two_workers_wall", [one.wall_s / two.wall_s for one, two in pairs], "times one")
    figure("two_workers_cpu", [two.cpu_s / one.cpu_s for one, two in pairs], "times one")
    figure("two_workers_deadlocks", max(races), "deadlocks")


def _drained(here: Server, records: int, count: int) -> tuple[Reading, str, int]:
    """The cost of the line after the pages are stored, the digest, and deadlocks that Postgres broke."""
    with here.tools() as tools:
        scaledata.store(tools, records)
        with measured(here.postmaster) as reading:
            processes = [
                subprocess.Popen(
                    [sys.executable, "-m", "bench.workers", tools.database_url], cwd=Path(__file__).resolve().parents[1]
                )
                for _ in range(count)
            ]
            for process in processes:
                process.wait()
            run.drain(tools)
        scaledata.counts(tools)
        with tools.transaction() as cursor:
            row = cursor.execute("select deadlocks from pg_stat_database where datname = current_database()").fetchone()
            return reading, dump.digest(cursor), int(row[0]) if row else 0


if __name__ == "__main__":
    with worker(sys.argv[1]) as mine:
        run.drain(mine)
