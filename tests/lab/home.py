"""A home for one run: ``pubcat up`` as people start it, its processes by role, and a look at its ledger."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import psycopg

from worker import embedded
from worker.embedded.postgres import postmaster
from worker.embedded.state import load
from worker.settings import Sources
from worker.tools import Tools

ROOT = Path(__file__).resolve().parents[2]
PATIENCE_S = 240.0
"""Nothing moving for so long is a loss."""


@dataclass
class Home:
    """A folder with servers, a sources file and, between ``up`` and ``down``, everything that runs."""

    path: Path
    broker: str | None = None
    """An external broker, or ``none``; the embedded one when nothing is said."""
    lease_s: float | None = None
    process: subprocess.Popen[bytes] | None = None

    @property
    def data(self) -> Path:
        """``PUBCAT_HOME``."""
        return self.path / "data"

    @property
    def environment(self) -> dict[str, str]:
        """As bare as ``env -i`` makes it; Celery lets no root accept pickles, which one of the mistakes does."""
        more = {"PUBCAT_BROKER_URL": self.broker} if self.broker else {}
        if self.lease_s:
            more["PUBCAT_LEASE_S"] = str(self.lease_s)
        return {
            "PATH": os.environ["PATH"],
            "HOME": str(self.path),
            "PYTHONPATH": str(ROOT),
            "PYTHONSAFEPATH": "1",
            "C_FORCE_ROOT": "1",
            "PUBCAT_HOME": str(self.data),
            "PUBCAT_SOURCES": str(self.path / "sources.toml"),
            **more,
        }

    def pubcat(self, *arguments: str, fails: bool = False) -> str:
        """Runs one command; its output."""
        command = [sys.executable, "-m", "worker", *arguments]
        done = subprocess.run(command, env=self.environment, cwd=self.path, capture_output=True, text=True, check=False)
        if done.returncode not in (0, 3) and not fails:
            raise RuntimeError(f"{' '.join(arguments)}: {done.stderr[-2000:]}")
        return done.stdout

    def up(self, workers: int = 2) -> None:
        """Starts everything and waits until a worker works."""
        with (self.path / "up.log").open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "worker", "up", "--workers", str(workers), "--port", "0"],
                env=self.environment,
                cwd=self.path,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        self.until("select count(*) from ops.worker where role = 'worker'", lambda n: n > 0)

    def down(self) -> None:
        """Stops everything."""
        if self.process is not None:
            self.process.terminate()
            try:
                self.process.wait(60)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        embedded.stop(self.data)

    def url(self) -> str:
        """The database, whether it answers or not."""
        state = load(self.data)
        if state is None:
            return ""
        return f"postgresql://pubcat:{state.database.password}@127.0.0.1:{state.database.port}/pubcat"

    def ask(self, query: str) -> int | None:
        """One number; None when the database does not answer."""
        try:
            with psycopg.connect(self.url(), connect_timeout=3, autocommit=True) as connection:
                row = connection.execute(query).fetchone()
        except psycopg.Error:
            return None
        return int(row[0]) if row else None

    def until(self, query: str, holds: object, patience_s: float = PATIENCE_S) -> None:
        """Waits for a number to be right.

        Raises:
            TimeoutError: it never was.
        """
        ends_at = time.monotonic() + patience_s
        while (found := self.ask(query)) is None or not holds(found):  # type: ignore[operator]
            if time.monotonic() > ends_at:
                raise TimeoutError(f"{query}: {found}")
            time.sleep(0.2)

    @contextmanager
    def tools(self) -> Iterator[Tools]:
        """Tools to look with."""
        made = Tools(self.url(), sources=Sources(Path(), {}), role="pubcat lab")
        try:
            yield made
        finally:
            made.close()

    # -- its processes

    def children(self) -> list[int]:
        """Leaders of the worker's and the scheduler's process groups."""
        with suppress(OSError, ValueError, KeyError):
            return [int(pid) for pid in json.loads((self.data / "up.json").read_text())["children"]]
        return []

    def pool(self) -> list[int]:
        """The processes of the worker's pool."""
        leader = self.children()[:1]
        found = []
        for entry in Path("/proc").iterdir():
            if entry.name.isdigit() and leader:
                with suppress(OSError, IndexError):
                    stat = (entry / "stat").read_bytes().rpartition(b")")[2].split()
                    if int(stat[1]) == leader[0] and b"worker.tasks" in (entry / "cmdline").read_bytes():
                        found.append(int(entry.name))
        return found

    def postmaster(self) -> int | None:
        """The postmaster."""
        state = load(self.data)
        found = postmaster(state.database_dir) if state else None
        return found[0] if found else None

    def valkey(self) -> int | None:
        """The embedded broker: the process that holds its lock file open."""
        wanted = self.data / "valkey.lock"
        for entry in Path("/proc").iterdir():
            if entry.name.isdigit():
                with suppress(OSError):
                    if b"valkey-server" not in (entry / "cmdline").read_bytes():
                        continue
                    if any(os.path.samefile(fd, wanted) for fd in (entry / "fd").iterdir() if fd.exists()):
                        return int(entry.name)
        return None

    def broker_url(self) -> str:
        """The broker's address, whether it answers or not."""
        state = load(self.data)
        assert state is not None
        return self.broker or f"redis://:{state.broker.password}@127.0.0.1:{state.broker.port}/0"


@contextmanager
def home(sources: str, *, broker: str | None = None, lease_s: float | None = None) -> Iterator[Home]:
    """A fresh home with that sources file, stopped and removed at the end."""
    path = Path(tempfile.mkdtemp(prefix="pubcat-lab-"))
    path.chmod(0o755)
    (path / "sources.toml").write_text(sources)
    made = Home(path, broker, lease_s)
    try:
        yield made
    finally:
        made.down()
        shutil.rmtree(path, ignore_errors=True)


def kill(pid: int | None, number: int = signal.SIGKILL, *, group: bool = False) -> bool:
    """Sends a signal to one of ours; false when it is gone already."""
    if not pid:
        return False
    with suppress(ProcessLookupError):
        (os.killpg if group else os.kill)(pid, number)
        return True
    return False
