"""``pubcat up`` and ``pubcat down``: a real worker, a real broker, watched and started again."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from tests.cli.program import Program
from worker import embedded


@contextmanager
def up(pubcat: Program) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """The program in the foreground, and where it answers."""
    process = subprocess.Popen(
        [sys.executable, "-m", "worker", "up", "--workers", "1", "--port", "0"],
        env=pubcat.environment,
        cwd=pubcat.home,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stderr is not None
        said = next(line for line in process.stderr if "/healthz" in line)
        found = re.search(r"http://\S+?(?=/healthz)", said)
        assert found is not None
        yield process, found[0]
    finally:
        process.terminate()
        process.wait(60)


def get(address: str) -> tuple[int, str]:
    """Status and body."""
    try:
        with urllib.request.urlopen(address, timeout=10) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as refusal:
        return refusal.code, refusal.read().decode()


def until(holds: Callable[[], Any], patience_s: float = 45.0) -> None:
    """Waits for something to become true."""
    ends_at = time.monotonic() + patience_s
    while not holds():
        assert time.monotonic() < ends_at
        time.sleep(0.2)


def children(pubcat: Program) -> list[int]:
    """Process ids of the worker and the scheduler."""
    return list(json.loads((pubcat.home / "data" / "up.json").read_text())["children"])


def works(pubcat: Program) -> bool:
    """A worker process gave a sign of life."""
    return bool(json.loads(pubcat("status", "--json").out)["workers"])


def test_up_works_heals_and_goes_down(pubcat: Program) -> None:
    with up(pubcat) as (process, address):
        until(lambda: get(f"{address}/readyz")[0] == 200)
        assert get(f"{address}/livez") == (200, "ok\n")
        assert get(f"{address}/healthz")[0] == 200
        assert get(f"{address}/nowhere")[0] == 404
        until(lambda: works(pubcat))

        done = pubcat("ingest", "desk.csv", "--source", "desk", "--json")
        assert (done.code, done.lines[0]["new"]) == (0, 3), done.err
        leased = "select distinct worker from ops.work where kind = 'parse'"
        [(claimed,)] = pubcat.ask(leased)
        assert not str(claimed).endswith(f":{process.pid}")
        assert 'ingest_records_total{outcome="new",source="desk"} 3.0' in get(f"{address}/metrics")[1]

        second = pubcat("up")
        assert (second.code, "already" in second.err) == (4, True)

        before = children(pubcat)
        os.kill(before[0], signal.SIGKILL)
        until(lambda: children(pubcat)[0] != before[0])
        assert children(pubcat)[1] == before[1]
        until(lambda: get(f"{address}/readyz")[0] == 200)

        assert pubcat("down").code == 0
        assert process.wait(60) == 0
        assert embedded.running(pubcat.home / "data") is None
        for pid in children_left(before):
            raise AssertionError(f"process {pid} is still there")
    assert "nothing" in pubcat("down").err


def children_left(pids: list[int]) -> list[int]:
    """Those of them that live."""
    left = []
    for pid in pids:
        try:
            os.kill(pid, 0)
            left.append(pid)
        except ProcessLookupError:
            continue
    return left


def test_what_a_killed_up_left_is_ended_by_the_next(pubcat: Program) -> None:
    with up(pubcat) as (process, _):
        left = children(pubcat)
        process.kill()
        process.wait()
    assert children_left(left)
    assert pubcat("down").code == 0
    until(lambda: not children_left(left))


def test_the_end_of_a_terminal_stops_what_a_command_started(pubcat: Program) -> None:
    """Looking again and again keeps the servers it started, and leaves none behind."""
    home = pubcat.home / "other"
    watching = subprocess.Popen(
        [sys.executable, "-m", "worker", "status", "--watch", "--json"],
        env=pubcat.environment | {"PUBCAT_HOME": str(home)},
        cwd=pubcat.home,
        stdout=subprocess.PIPE,
    )
    assert watching.stdout is not None
    seen = set()
    for _ in range(3):
        assert watching.stdout.readline()
        seen.add((home / "postgres" / "postmaster.pid").read_text().splitlines()[0])
    assert len(seen) == 1
    watching.send_signal(signal.SIGHUP)
    assert watching.wait(60) == 130
    assert embedded.running(home) is None
