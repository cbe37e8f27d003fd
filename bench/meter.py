"""CPU seconds and memory of this process, its children and a whole embedded Postgres; tables and figures."""

from __future__ import annotations

import os
import re
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

TICKS = os.sysconf("SC_CLK_TCK")


@dataclass
class Reading:
    """What a measured block cost. ``peak_mb`` is the largest resident size of this process inside the block."""

    wall_s: float = 0.0
    worker_cpu_s: float = 0.0
    postgres_cpu_s: float = 0.0
    peak_mb: float = 0.0

    @property
    def cpu_s(self) -> float:
        """User and system seconds of every process that took part."""
        return self.worker_cpu_s + self.postgres_cpu_s


@dataclass
class Stages:
    """CPU seconds by kind of work: of the worker, and of its Postgres processes."""

    postmaster: int
    worker_s: dict[str, float] = field(default_factory=lambda: defaultdict(float))
    postgres_s: dict[str, float] = field(default_factory=lambda: defaultdict(float))

    def start(self) -> None:
        """From here on time is spent on the first piece of work."""
        self._mine, self._theirs = time.process_time(), tree_cpu_s(self.postmaster)

    def done(self, kind: str) -> None:
        """What was spent since the last piece of work was for this kind."""
        mine, theirs = time.process_time(), tree_cpu_s(self.postmaster)
        self.worker_s[kind] += mine - self._mine
        self.postgres_s[kind] += theirs - self._theirs
        self._mine, self._theirs = mine, theirs


def postmaster_of(pid_file: Path) -> int:
    """The postmaster's process number."""
    return int(pid_file.read_text().split("\n", 1)[0])


def tree_cpu_s(root: int) -> float:
    """User and system seconds of a process, its living children and those it has waited for."""
    total, waiting = 0.0, [root]
    while waiting:
        pid = waiting.pop()
        try:
            fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
            waiting.extend(map(int, Path(f"/proc/{pid}/task/{pid}/children").read_text().split()))
        except OSError:
            continue
        total += sum(int(field) for field in fields[11:15]) / TICKS
    return total


def peak_mb(pid: int | str = "self") -> float:
    """The largest resident size of a process since ``forget_peak``, in MB."""
    found = re.search(r"VmHWM:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text())
    return int(found[1]) / 1024 if found else 0.0


def forget_peak() -> None:
    """Begins the peak anew (Linux: ``clear_refs`` 5)."""
    Path("/proc/self/clear_refs").write_text("5")


@contextmanager
def measured(postmaster: int | None) -> Iterator[Reading]:
    """Fills a reading with what happens inside."""
    reading = Reading()
    forget_peak()
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


def table(head: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """Prints rows below a head, numbers to the right."""
    texts = [[_text(cell) for cell in row] for row in rows]
    widths = [max(len(line[i]) for line in [list(head), *texts]) for i in range(len(head))]
    for line in [list(head), *texts]:
        padded = [cell.rjust(width) for cell, width in zip(line, widths, strict=True)]
        print("  ".join([line[0].ljust(widths[0]), *padded[1:]]))


def _text(cell: object) -> str:
    if isinstance(cell, float):
        return f"{cell:,.0f}" if abs(cell) >= 100 else f"{cell:.3g}"
    return f"{cell:,}" if isinstance(cell, int) else str(cell)


def figure(name: str, values: float | Sequence[float], unit: str) -> None:
    """Prints the median of some runs as a last line that programs read."""
    value = median(values) if isinstance(values, Sequence) else values
    print(f"FIGURE {name} {value:.4g} {unit}" if abs(value) < 1000 else f"FIGURE {name} {value:.0f} {unit}")
