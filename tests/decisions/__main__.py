"""``python -m tests.decisions --times 1000 --seed 0``: random sequences of decisions, each compared with its replay.

Prints what went wrong and one line ``FIGURE name value unit`` a figure; the exit code is 0 when everything held.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from uuid import uuid4

import psycopg

from catalog import migrate
from tests.decisions.sequences import STEPS, problems
from worker import embedded
from worker.cli import common
from worker.settings import Sources
from worker.tools import Tools

VACUUM_EVERY = 25
"""Databases are emptied row by row between sequences, so they must be swept now and then."""


def main() -> int:
    """Runs the sequences; 1 when something did not hold."""
    asked = argparse.ArgumentParser(prog="python -m tests.decisions", description=__doc__)
    asked.add_argument("--times", type=int, default=1000, help="how many sequences (1000)")
    asked.add_argument("--seed", type=int, default=0, help="number of the first (0)")
    asked.add_argument("--steps", type=int, default=STEPS, help=f"steps of each ({STEPS})")
    options = asked.parse_args()
    common.quiet_logs()
    home = Path(tempfile.mkdtemp(prefix="pubcat-decisions-"))
    home.chmod(0o755)
    steps: Counter[str] = Counter()
    bad = 0
    began = time.process_time()
    try:
        with embedded.using(home) as found:
            _careless(found.database_url)
            one, other = (_database(found.database_url) for _ in range(2))
            for seed in range(options.seed, options.seed + options.times):
                done, said = problems(one, other, seed, options.steps)
                steps += done.steps
                bad += bool(said)
                for line in said:
                    print(f"seed {seed}: {line}", flush=True)
                if seed % VACUUM_EVERY == 0:
                    print(f"seed {seed} done", file=sys.stderr, flush=True)
                    _sweep(one, other)
            for tools in (one, other):
                tools.close()
    finally:
        shutil.rmtree(home, ignore_errors=True)
    for name, count in sorted(steps.items()):
        print(f"{name:<14} {count}")
    print(f"FIGURE decision_sequences {options.times} sequences")
    print(f"FIGURE decision_sequences_broken {bad} sequences")
    print(f"FIGURE decision_sequences_cpu {(time.process_time() - began):.0f} s")
    return 1 if bad else 0


def _careless(url: str) -> None:
    """Nothing dies here: waiting for the disk is most of the time otherwise."""
    with psycopg.connect(url, autocommit=True) as connection:
        for setting in ("fsync", "full_page_writes", "synchronous_commit"):
            connection.execute(f"alter system set {setting} = off")
        connection.execute("select pg_reload_conf()")


def _database(url: str) -> Tools:
    name = f"decisions_{uuid4().hex[:8]}"
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f'create database "{name}"')
    own = f"{url.rsplit('/', 1)[0]}/{name}"
    migrate.migrate(own)
    return Tools(own, sources=Sources(Path("tests"), {}), role="pubcat decisions")


def _sweep(*all_tools: Tools) -> None:
    for tools in all_tools:
        with psycopg.connect(tools.database_url.replace("+psycopg", ""), autocommit=True) as connection:
            connection.execute("vacuum analyze")


if __name__ == "__main__":
    sys.exit(main())
