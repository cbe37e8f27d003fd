"""The Celery worker as a process: without a broker it works, starving it ends, killed it leaves nobody behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg

from tests import line
from tests.cli.program import ROOT
from worker.tools import Tools

ROWS = [{"id": "1", "title": "Turtles all the way down", "authors": "Ann Lee", "year": 2021}]
IMPATIENT = """
import sys
from celery.bin.celery import main
from worker import tasks
tasks.STARVED_S = 1.5
sys.argv = ["celery", "--quiet", "-A", "worker.tasks", "worker", "--concurrency", "1", "--loglevel", "WARNING"]
main()
"""


@contextmanager
def _worker(database: str) -> Iterator[subprocess.Popen[bytes]]:
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PUBCAT_DATABASE_URL": database, "PUBCAT_BROKER_URL": "none"}
    process = subprocess.Popen(
        [sys.executable, "-c", IMPATIENT], env=environment, stderr=subprocess.DEVNULL, start_new_session=True
    )
    try:
        yield process
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _until_done(tools: Tools, patience_s: float = 60.0) -> None:
    ends_at = time.monotonic() + patience_s
    while line.ask(tools, "select count(*) from ops.work where state = 'done' and kind = 'deduplicate'") != [(1,)]:
        assert time.monotonic() < ends_at
        time.sleep(0.2)


def _members(group: int) -> list[int]:
    """Living processes of a process group."""
    found = []
    for name in os.listdir("/proc"):
        if name.isdigit():
            try:
                with open(f"/proc/{name}/stat", "rb") as stat:
                    fields = stat.read().rpartition(b")")[2].split()
            except OSError:
                continue
            if int(fields[2]) == group and fields[0] != b"Z":
                found.append(int(name))
    return found


def test_without_a_broker_the_work_is_done_and_nobody_outlives_a_killed_worker(tools: Tools, database: str) -> None:
    line.bring(tools, "desk", ROWS, drain=False)
    with _worker(database) as process:
        _until_done(tools)
        pool = [pid for pid in _members(process.pid) if pid != process.pid]
        assert pool
        process.kill()
        process.wait()
        ends_at = time.monotonic() + 30
        while set(_members(process.pid)) & set(pool):
            assert time.monotonic() < ends_at
            time.sleep(0.2)


def test_a_worker_that_can_claim_nothing_leaves(tools: Tools, database: str) -> None:
    line.bring(tools, "desk", ROWS, drain=False)
    with psycopg.connect(database) as holder:
        holder.execute("select from ops.work for update")
        with _worker(database) as process:
            assert process.wait(60) == 70
