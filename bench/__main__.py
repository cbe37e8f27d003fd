"""``python -m bench ingest FILE...``: what the whole line costs, against COPY of the same rows in the same run.

Prints one table and last lines ``FIGURE name value unit``. CPU seconds are user + system of this process and of
every Postgres process of an embedded server started for the run; ratios are what to quote, rates depend on the
machine.
"""

from __future__ import annotations

import argparse
import shutil
import tempfile
import time
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path

import psycopg

from bench.meter import Reading, measured, postmaster_of
from catalog import migrate
from worker import embedded, logs, run
from worker.formats import cuts, files
from worker.pipeline import ingest, unpack
from worker.settings import Sources
from worker.tools import Tools

TABLES = (
    "record",
    "record_key",
    "paper",
    "member",
    "identifier",
    "authorship",
    "author_name",
    "author",
    "event",
    "verdict",
)
SOURCE_OF = {"acl_anthology_2021-02": "acl", "ml_venues_2020-2026": "venues", "paperlists_1987-2025": "paperlists"}


def main() -> None:
    """Reads the arguments and runs the one measurement there is so far."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("what", choices=["ingest"])
    parser.add_argument("files", nargs="+", type=Path)
    parser.add_argument("--records", type=int, default=None, help="read only so many of each file")
    given = parser.parse_args()
    logs.configure(level="WARNING")
    home = Path(tempfile.mkdtemp(prefix="pubcat-bench-"))
    home.chmod(0o755)
    try:
        with embedded.using(home, broker=False) as servers:
            _ingest(servers.database_url, given.files, given.records)
    finally:
        shutil.rmtree(home, ignore_errors=True)


def _ingest(url: str, files: list[Path], most: int | None) -> None:
    migrate.migrate(url)
    with psycopg.connect(url) as connection:
        row = connection.execute("show data_directory").fetchone()
        assert row is not None
        postmaster = postmaster_of(Path(row[0]) / "postmaster.pid")
    tools = Tools(url, sources=Sources(Path("bench"), {}), role="pubcat bench")
    first = _pass(tools, postmaster, files, most)
    second = _pass(tools, postmaster, files, most)
    with tools.transaction() as cursor:
        n_records = cursor.execute("select count(*) from catalog.record").fetchone()[0]  # type: ignore[index]
        n_papers = cursor.execute("select count(*) from catalog.paper").fetchone()[0]  # type: ignore[index]
        n_bad = cursor.execute("select count(*) from ops.work where state <> 'done'").fetchone()[0]  # type: ignore[index]
    limit = _limit(tools, postmaster)
    print(f"{'pass':<12}{'wall s':>8}{'worker cpu':>12}{'postgres cpu':>14}{'rec/cpu-s':>11}{'rec/s':>9}{'peak MB':>9}")
    for name, reading in (("first", first), ("again", second), ("copy limit", limit)):
        print(
            f"{name:<12}{reading.wall_s:>8.1f}{reading.worker_cpu_s:>12.1f}{reading.postgres_cpu_s:>14.1f}"
            f"{n_records / max(reading.cpu_s, 1e-9):>11,.0f}{n_records / reading.wall_s:>9,.0f}{reading.peak_mb:>9.0f}"
        )
    print(f"{n_records} records, {n_papers} papers, {n_bad} pieces of work not done")
    print(f"FIGURE ingest {n_records / first.cpu_s:.0f} records/cpu-s")
    print(f"FIGURE ingest_wall {n_records / first.wall_s:.0f} records/s")
    print(f"FIGURE unchanged {n_records / second.cpu_s:.0f} records/cpu-s")
    print(f"FIGURE of_copy_limit {limit.cpu_s / first.cpu_s:.3f} ratio")
    print(f"FIGURE peak_memory {first.peak_mb:.0f} MB")
    tools.close()


def _pass(tools: Tools, postmaster: int, files: list[Path], most: int | None) -> Reading:
    """Every file through the whole line, pages of the files in turn."""
    with measured(postmaster) as reading:
        for path in files:
            _store(tools, path, most)
        run.drain(tools)
    return reading


def _store(tools: Tools, path: Path, most: int | None) -> None:
    name = next((source for stem, source in SOURCE_OF.items() if path.name.startswith(stem)), path.stem.split(".")[0])
    with path.open("rb") as raw:
        where, unpacked = next(unpack.opened(raw, str(path)))
        head, stream = unpack.head_of(unpacked)
        form = files.recognise(head, where)
        configured = ingest.reader(tools.sources, name, form)
        bodies = ingest.pages(stream, form, str(path))
        if most is not None:
            bodies = islice(bodies, -(-most // cuts.PAGE_RECORDS))
        with tools.transaction() as cursor:
            ingest.store(cursor, configured, str(path), form, DAY, bodies)


DAY = datetime(2026, 1, 1, tzinfo=UTC)


def _limit(tools: Tools, postmaster: int) -> Reading:
    """COPY of the very rows the ingest wrote into the same indexed tables, empty: the physical limit."""
    with tools.transaction() as cursor:
        rows: dict[str, bytes] = {}
        for table in TABLES:
            with cursor.copy(f"copy catalog.{table} to stdout (format binary)") as out:
                rows[table] = b"".join(bytes(chunk) for chunk in out)
    with tools.transaction() as cursor:
        cursor.execute("truncate " + ", ".join(f"catalog.{table}" for table in TABLES))
    time.sleep(1.0)
    with measured(postmaster) as reading, tools.transaction() as cursor:
        for table in TABLES:
            with cursor.copy(f"copy catalog.{table} from stdin (format binary)") as copy:
                for start in range(0, len(rows[table]), 1 << 20):
                    copy.write(rows[table][start : start + (1 << 20)])
    return reading


main()
