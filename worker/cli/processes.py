"""A Celery worker and a scheduler as child processes of one home: watched, started again, stopped with us."""

from __future__ import annotations

import fcntl
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from worker.environment import NO_BROKER
from worker.errors import IngestError

ROOT = Path(__file__).resolve().parents[2]
AT_ONCE_S = 2.0
"""Who lives shorter than that died at once."""
LONGEST_PAUSE_S = 30.0
"""Between two starts of a child that dies again and again."""
WARM_STOP_S = 20.0
"""A worker may finish what it has in hand for so long; then it is killed, and its claims run out by themselves."""


class Busy(IngestError):
    """Another process of ours runs this home."""


@dataclass
class Child:
    """One program to keep alive."""

    name: str
    arguments: Sequence[str]
    process: subprocess.Popen[bytes] | None = None
    started_at: float = 0.0
    died_at: float | None = None
    pause_s: float = 0.0


@dataclass
class Children:
    """The worker and the scheduler of one home."""

    home: Path
    environment: Mapping[str, str]
    log: IO[bytes] | None
    """Where they write; their own standard error when nowhere is named."""
    children: list[Child] = field(default_factory=list)
    n_restarts: int = 0
    watched_at: float = 0.0

    def watch(self) -> None:
        """Starts what does not run; one that dies at once is left alone for longer and longer."""
        self.watched_at = time.monotonic()
        for child in self.children:
            if child.process is not None and child.process.poll() is None:
                continue
            now = time.monotonic()
            if child.process is not None:
                if child.died_at is None:
                    child.died_at = now
                    _kill_group(child.process.pid)  # what a killed leader left behind
                    lived_s = now - child.started_at
                    child.pause_s = 0.0 if lived_s > AT_ONCE_S else min(LONGEST_PAUSE_S, 2 * child.pause_s + 0.5)
                if now < child.died_at + child.pause_s:
                    continue
                self.n_restarts += 1
            self._start(child)

    def _start(self, child: Child) -> None:
        child.process = subprocess.Popen(
            [sys.executable, "-m", "celery", "--quiet", "-A", "worker.tasks", *child.arguments],
            env=dict(self.environment),
            cwd=self.home,
            stdin=subprocess.DEVNULL,
            stdout=self.log,
            stderr=self.log,
            start_new_session=True,
        )
        child.started_at, child.died_at = time.monotonic(), None
        _remember(self.home, [c.process.pid for c in self.children if c.process is not None])

    def alive(self) -> dict[str, bool]:
        """Which of them live."""
        return {child.name: child.process is not None and child.process.poll() is None for child in self.children}

    def stop(self) -> None:
        """Ends them: what they have in hand is finished, if that does not take too long."""
        living = [child.process for child in self.children if child.process is not None]
        for process in living:
            with suppress(ProcessLookupError):
                process.send_signal(signal.SIGTERM)
        ends_at = time.monotonic() + WARM_STOP_S
        for process in living:
            with suppress(subprocess.TimeoutExpired):
                process.wait(max(0.1, ends_at - time.monotonic()))
            _kill_group(process.pid)
            process.wait()


@contextmanager
def sole(home: Path) -> Iterator[None]:
    """Only we run this home. What a killed predecessor left running is ended first.

    Raises:
        Busy: somebody else does.
    """
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    lock = os.open(home / "up.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Busy(f"{home} is run by process {_known(home)[0]} already; pubcat down stops it") from None
        _end_leftovers(home)
        _remember(home, [])
        yield
        (home / "up.json").unlink(missing_ok=True)
    finally:
        os.close(lock)


@contextmanager
def running(home: Path, environment: Mapping[str, str], workers: int, log: Path | None = None) -> Iterator[Children]:
    """A worker of so many processes and a scheduler, as long as the block lasts.

    Without a broker there are no bells to ring: the worker sees to the schedule itself.
    """
    number = ["--concurrency", str(workers)]
    quiet = ["--loglevel", "WARNING"]
    worker = [
        "worker",
        *quiet,
        *number,
        "--without-gossip",
        "--without-mingle",
        "--hostname",
        f"pubcat-{os.getpid()}@%h",
    ]
    programs = [Child("worker", worker)]
    if environment.get("PUBCAT_BROKER_URL") != NO_BROKER:
        programs.append(Child("scheduler", ["beat", *quiet, "--pidfile", ""]))
    path = os.pathsep.join([str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])])
    out = log.open("ab") if log is not None else None
    children = Children(
        home,
        {**environment, "PYTHONPATH": path, "PYTHONSAFEPATH": "1"},
        out,
        programs,
    )
    try:
        children.watch()
        yield children
    finally:
        children.stop()
        if out is not None:
            out.close()


def stop(home: Path) -> bool:
    """Ends whoever runs this home, and waits for it; true when there was anybody."""
    with suppress(FileNotFoundError):
        lock = os.open(home / "up.lock", os.O_RDWR | os.O_CLOEXEC)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            told = 0
            ends_at = time.monotonic() + 3 * WARM_STOP_S
            while time.monotonic() < ends_at:
                # One that begins this moment has not written its number yet; and number 0 would be ourselves.
                if (pid := _known(home)[0]) and pid != told:
                    told = pid
                    with suppress(ProcessLookupError):
                        os.kill(pid, signal.SIGTERM)
                with suppress(BlockingIOError):
                    fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    return True
                time.sleep(0.1)
            raise Busy(f"process {_known(home)[0]} does not stop") from None
        else:
            return _end_leftovers(home)
        finally:
            os.close(lock)
    return False


def _remember(home: Path, children: list[int]) -> None:
    part = home / "up.json.part"
    part.write_text(json.dumps({"pid": os.getpid(), "children": children}))
    part.replace(home / "up.json")


def _known(home: Path) -> tuple[int, list[int]]:
    try:
        known = json.loads((home / "up.json").read_text())
        return int(known["pid"]), [int(pid) for pid in known["children"]]
    except (OSError, ValueError, KeyError, TypeError):
        return 0, []


def _end_leftovers(home: Path) -> bool:
    """Kills children of a predecessor that was itself killed; only processes that are plainly ours."""
    found = [pid for pid in _known(home)[1] if "worker.tasks" in _command_line(pid)]
    for pid in found:
        _kill_group(pid)
    (home / "up.json").unlink(missing_ok=True)
    return bool(found)


def _command_line(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
    except OSError:
        done = subprocess.run(["ps", "-o", "command=", "-p", str(pid)], capture_output=True, text=True, check=False)
        return done.stdout


def _kill_group(leader: int) -> None:
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(leader, signal.SIGKILL)
