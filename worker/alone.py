"""Work that ended several processes gets one of its own, with limited memory and time; there it harms nobody else."""

from __future__ import annotations

import ctypes
import json
import os
import signal
import subprocess
import sys
from dataclasses import asdict
from typing import TYPE_CHECKING

import structlog

from worker.errors import Crashed, Fenced
from worker.ledger import Work

if TYPE_CHECKING:
    from worker.tools import Tools

log = structlog.get_logger("pubcat")

MEMORY_BYTES = 2 << 30
CPU_S = 180
LONGEST_S = 900.0
"""Work that neither ends nor computes for so long hangs."""
OUT_OF_MEMORY = 12
PR_SET_PDEATHSIG = 1


def perform(work: Work, tools: Tools) -> None:
    """Does one piece of work in a child; the child finishes the row itself.

    Raises:
        Crashed: the child died, and of what.
    """
    child = subprocess.Popen(
        [sys.executable, "-m", "worker.alone"],
        stdin=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
    )
    told = {"work": asdict(work), "database_url": tools.database_url, "broker_url": tools.broker_url}
    try:
        child.communicate(json.dumps(told).encode(), timeout=LONGEST_S)
    except subprocess.TimeoutExpired:
        raise Crashed(f"alone, it did not end within {LONGEST_S:.0f} s") from None
    finally:
        child.kill()
        child.wait()
    if child.returncode:
        raise Crashed(_said(child.returncode))


def _said(code: int) -> str:
    if code == OUT_OF_MEMORY:
        return f"alone, it needs more than {MEMORY_BYTES >> 20} MiB of memory"
    if code == -signal.SIGXCPU:
        return f"alone, it needs more than {CPU_S} s of processor time"
    if code < 0:
        return f"alone, it ended by {signal.Signals(-code).name}"
    return f"alone, it ended with code {code}"


def main() -> None:
    """The child: limits itself, reads its work from standard input, does it."""
    import resource

    from worker import logs, run
    from worker.tools import Tools

    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_S, CPU_S + 5))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    logs.configure()
    told = json.load(sys.stdin)
    tools = Tools(told["database_url"], told["broker_url"], role="pubcat alone")
    try:
        run.perform_here(Work(**told["work"]), tools)
    except Fenced as error:
        log.warning("fenced", reason=str(error))  # somebody else has the work: no crash of it
    except MemoryError:
        os._exit(OUT_OF_MEMORY)


if __name__ == "__main__":
    main()
