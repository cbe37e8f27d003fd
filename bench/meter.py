"""CPU seconds and memory of this process, its children and a whole embedded Postgres."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")


@dataclass
class Reading:
    """What a measured block cost."""

    wall_s: float = 0.0
    worker_cpu_s: float = 0.0
    postgres_cpu_s: float = 0.0
    peak_mb: float = 0.0

    @property
    def cpu_s(self) -> float:
        """User and system seconds of every process that took part."""
        return self.worker_cpu_s + self.postgres_cpu_s


def postmaster_of(pid_file: Path) -> int:
    """The postmaster's process number."""
    return int(pid_file.read_text().split("\n", 1)[0])


def tree_cpu_s(root: int) -> float:
    """User and system seconds of a process, its living children and those it has waited for."""
    parents: dict[int, list[int]] = {}
    spent: dict[int, float] = {}
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            fields = (entry / "stat").read_text().rsplit(")", 1)[1].split()
        except OSError:
            continue
        pid = int(entry.name)
        parents.setdefault(int(fields[1]), []).append(pid)
        spent[pid] = sum(int(field) for field in fields[11:15]) / TICKS
    total, waiting = 0.0, [root]
    while waiting:
        pid = waiting.pop()
        total += spent.get(pid, 0.0)
        waiting.extend(parents.get(pid, ()))
    return total


def peak_mb(pid: int | str = "self") -> float:
    """The largest resident size of a process so far, in MB."""
    found = re.search(r"VmHWM:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text())
    return int(found[1]) / 1024 if found else 0.0


@contextmanager
def measured(postmaster: int | None) -> Iterator[Reading]:
    """Fills a reading with what happens inside."""
    reading = Reading()
    start = time.perf_counter()
    mine = time.process_time() + _children_s()
    theirs = tree_cpu_s(postmaster) if postmaster else 0.0
    yield reading
    reading.wall_s = time.perf_counter() - start
    reading.worker_cpu_s = time.process_time() + _children_s() - mine
    reading.postgres_cpu_s = (tree_cpu_s(postmaster) if postmaster else 0.0) - theirs
    reading.peak_mb = peak_mb()


def _children_s() -> float:
    times = os.times()
    return times.children_user + times.children_system
