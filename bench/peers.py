"""dlt's merge load and Pubcat's whole line over the same file, in turn, each into the same Postgres.

dlt (pinned below) is installed into a throw-away environment. It reads the lines with orjson, and merges by the
source's key into one table and a child table of authors; it does not ask which rows are one work, keeps no bytes, no
provenance and no people. Both are run on an empty database, then again with the same records.
"""

from __future__ import annotations

import gzip
import subprocess
import sys
import tempfile
import venv
from pathlib import Path
from statistics import median

import orjson

from bench import scaledata
from bench.home import Server, server
from bench.meter import Reading, figure, measured, table
from worker import run

DLT = ["dlt[postgres]==1.31.0", "psycopg2-binary", "orjson"]
SOURCE = "venues"

_SCRIPT = """
import sys, gzip, dlt, orjson
file, url, work = sys.argv[1:4]
def rows():
    with gzip.open(file) as lines:
        for line in lines:
            yield orjson.loads(line)
resource = dlt.resource(rows, name="paper", primary_key="id",
                        write_disposition={"disposition": "merge", "strategy": "upsert"})
pipeline = dlt.pipeline("peer", destination=dlt.destinations.postgres(url), dataset_name="peer", pipelines_dir=work)
for package in pipeline.run(resource).load_packages:
    package.raise_on_failed_jobs() if hasattr(package, "raise_on_failed_jobs") else None
"""


def main(records: int, repeat: int) -> None:
    """Medians of paired runs over the first ``records`` lines of one real file."""
    with tempfile.TemporaryDirectory(prefix="pubcat-peers-") as folder, server() as here:
        place = Path(folder)
        place.chmod(0o755)
        python = _install(place)
        n_records = _take(place / "papers.jsonl.gz", records)
        readings: dict[str, list[Reading]] = {"dlt first": [], "dlt again": [], "pubcat first": [], "pubcat again": []}
        for number in range(repeat):
            for name, reading in (*_dlt(here, place, python, number), *_pubcat(here, place)):
                readings[name].append(reading)
    table(
        ("load", "wall s", "process s", "postgres s", "records/cpu-s"),
        [
            (
                name,
                median(r.wall_s for r in some),
                median(r.worker_cpu_s for r in some),
                median(r.postgres_cpu_s for r in some),
                n_records / median(r.cpu_s for r in some),
            )
            for name, some in readings.items()
        ],
    )
    for which in ("first", "again"):
        theirs, ours = readings[f"dlt {which}"], readings[f"pubcat {which}"]
        figure(f"dlt_{which}", [n_records / r.cpu_s for r in theirs], "records/cpu-s")
        figure(f"pubcat_{which}", [n_records / r.cpu_s for r in ours], "records/cpu-s")
        figure(f"pubcat_to_dlt_{which}", [t.cpu_s / o.cpu_s for t, o in zip(theirs, ours, strict=True)], "ratio")


def _install(place: Path) -> Path:
    """A virtual environment with the peer in it."""
    venv.create(place / "venv", with_pip=True)
    python = place / "venv" / "bin" / "python"
    subprocess.run([python, "-m", "pip", "install", "-q", "--disable-pip-version-check", *DLT], check=True)
    return python


def _take(file: Path, records: int) -> int:
    """Writes the first lines of the source, each key once as the peer asks; how many there are."""
    seen: set[str] = set()
    with gzip.open(file, "wb", 1) as out:
        for line in scaledata.lines(SOURCE, scaledata.WHOLE):
            key = orjson.loads(line)["id"]
            if key not in seen and len(seen) < records:
                seen.add(key)
                out.write(line)
    return len(seen)


def _dlt(here: Server, place: Path, python: Path, number: int) -> list[tuple[str, Reading]]:
    """First load and merge of the same again, each in a process of its own as people run it."""
    script = place / "peer.py"
    script.write_text(_SCRIPT)
    found = []
    with here.database() as url:
        for name in ("dlt first", "dlt again"):
            with measured(here.postmaster) as reading:
                subprocess.run(
                    [python, script, place / "papers.jsonl.gz", url, place / f"work{number}"],
                    check=True,
                    env={"PATH": "/usr/bin:/bin", "HOME": str(place), "RUNTIME__DLTHUB_TELEMETRY": "false"},
                    stdout=sys.stderr,
                )
            found.append((name, reading))
    return found


def _pubcat(here: Server, place: Path) -> list[tuple[str, Reading]]:
    """The whole line: read, deduplicated by content, merged, with provenance, people and events."""
    found = []
    with here.tools() as tools:
        for shift, name in enumerate(("pubcat first", "pubcat again")):
            with measured(here.postmaster) as reading:
                scaledata.bring(tools, SOURCE, scaledata.cut(place / "papers.jsonl.gz", shift), "papers.jsonl")
                run.drain(tools)
            scaledata.counts(tools)
            found.append((name, reading))
    return found
