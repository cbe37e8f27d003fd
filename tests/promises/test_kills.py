"""Killing the worker again and again changes nothing but the time it takes."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from tests.cli.program import Program

KILLS = 10


def _workers(home: Path) -> list[int]:
    """Every process of the Celery worker that this home runs."""
    try:
        children = set(json.loads((home / "up.json").read_text())["children"])
    except (OSError, ValueError, KeyError):
        return []
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                command = (entry / "cmdline").read_bytes().split(b"\0")
                group = os.getpgid(int(entry.name))
            except OSError:
                continue
            if b"worker.tasks" in command and b"beat" not in command and group in children:
                found.append(int(entry.name))
    return found


def test_the_worker_killed_ten_times_gives_the_same_catalog(program: Callable[[], Program]) -> None:
    calm, wild = program(), program()
    assert calm("demo").code == 0
    digest = calm("dump", "--canonical", "--digest").out
    dice = random.Random(7)
    running = subprocess.Popen(
        [sys.executable, "-m", "worker", "demo"],
        env=wild.environment,
        cwd=wild.home,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    kills = 0
    until = time.monotonic() + 200
    while kills < KILLS and running.poll() is None and time.monotonic() < until:
        time.sleep(dice.uniform(1.0, 3.5))
        workers = _workers(wild.home / "data")
        for pid in workers:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                continue
        kills += bool(workers)
    out, err = running.communicate(timeout=200)
    assert running.returncode == 0, err
    assert kills == KILLS
    assert wild("dump", "--canonical", "--digest").out == digest, out
