"""Extends the leases of one worker process: ``python -I -S heart_exec.py``, fed by ``worker.heart``.

A process of its own, because nothing inside a worker is sure to run while a parser holds the interpreter. It reads
claims from its standard input and ends with whoever wrote them. Until a claim is old enough to need extending it
imports nothing, so quick work costs a pipe and no database connection.
"""

from __future__ import annotations

import json
import os
import select
import signal
import sys
import time
from dataclasses import dataclass
from typing import Any

HUNG_S = 3_600.0
"""Work that lasts longer hangs: its process is killed, which counts as a crash of that work."""


@dataclass
class _Held:
    token: int
    since: float
    next_at: float


def main() -> None:
    """Reads ``+ID TOKEN`` and ``-ID`` lines after one line of settings; beats in between."""
    worker = os.getppid()
    lines = _Lines(sys.stdin.fileno())
    first, *came = lines.read(None)
    settings: dict[str, Any] = json.loads(first)
    sys.path[:] = settings["path"]
    os.environ["PUBCAT_LEASE_S"] = str(settings["lease_s"])
    period_s = settings["lease_s"] / 4
    held: dict[int, _Held] = {}
    while True:
        for line in came:
            number = int(line[1:].split()[0])
            if line[0] == "+":
                held[number] = _Held(int(line.split()[1]), time.monotonic(), time.monotonic() + period_s)
            else:
                held.pop(number, None)
        due_at = min((claim.next_at for claim in held.values()), default=None)
        came = lines.read(None if due_at is None else max(0.0, due_at - time.monotonic()))
        now = time.monotonic()
        due = {number: claim for number, claim in held.items() if claim.next_at <= now}
        if came or not due:
            continue
        if any(now - claim.since > HUNG_S for claim in due.values()):
            os.kill(worker, signal.SIGKILL)
            return
        for claim in due.values():
            claim.next_at = now + period_s
        if not _is_stopped(worker):
            _beat(settings, {number: claim.token for number, claim in due.items()})


class _Lines:
    """Whole lines of a pipe, with a time limit; ends the program at the end of the pipe."""

    def __init__(self, pipe: int) -> None:
        self._pipe = pipe
        self._rest = ""

    def read(self, timeout_s: float | None) -> list[str]:
        """What came, at the latest when the time is over; without a limit at least one line."""
        lines: list[str] = []
        while not lines:
            if not select.select([self._pipe], [], [], timeout_s)[0]:
                return []
            came = os.read(self._pipe, 65_536)
            if not came:
                sys.exit()
            *lines, self._rest = (self._rest + came.decode()).split("\n")
        return lines


def _is_stopped(worker: int) -> bool:
    """Whether the worker was frozen (SIGSTOP): it must lose its leases, as if it were gone."""
    try:
        with open(f"/proc/{worker}/stat", "rb") as stat:
            return stat.read().rpartition(b")")[2].split()[0] in (b"T", b"t")
    except (OSError, IndexError):
        return False


def _beat(settings: dict[str, Any], claims: dict[int, int]) -> None:
    import psycopg

    from worker import ledger

    try:
        with psycopg.connect(settings["url"], connect_timeout=5, application_name="pubcat heart") as connection:
            for work_id, token in claims.items():
                ledger.beat(connection.cursor(), work_id, token)
    except psycopg.Error:
        return  # tried again a period later; a lease outlives three missed beats


if __name__ == "__main__":
    main()
