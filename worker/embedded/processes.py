"""Programs started, watched and asked on the loopback address."""

from __future__ import annotations

import os
import socket
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO

from worker.embedded.files import open_in, size_of
from worker.embedded.owners import Owner
from worker.errors import Misconfigured

RETRY_S = 20.0
"""How long a failing start is tried again: after a kill -9 the old shared memory may live on for a moment."""
RECOVERY_S = 600.0
"""How long a live server may take to replay its log before we call it hung."""
STOP_S = 120.0
ANSWER_S = 5.0
LOG_BYTES = 10_000_000
_children: list[subprocess.Popen[bytes]] = []


def clean_environment() -> Mapping[str, str]:
    """Nothing of the caller's: PGPORT, PGDATA and locale settings would change what the servers do."""
    return {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C", "TZ": "UTC"}


def launch(
    home: Path,
    owner: Owner,
    program: Path,
    arguments: Sequence[str],
    name: str,
    *,
    cwd: Path,
    stdin: bytes = b"",
    pass_fds: Sequence[int] = (),
) -> subprocess.Popen[bytes]:
    """Start a server in a session of its own, its words going to ``NAME.log`` in the home."""
    with _log(home, name) as log:
        process = subprocess.Popen(
            owner.command(program, arguments),
            cwd=cwd,
            env=clean_environment(),
            stdin=subprocess.PIPE,
            stdout=log,
            stderr=log,
            start_new_session=True,
            pass_fds=pass_fds,
        )
    _children.append(process)
    assert process.stdin is not None
    with suppress(BrokenPipeError), process.stdin as pipe:
        pipe.write(stdin)
    return process


def _log(home: Path, name: str) -> IO[bytes]:
    path = home / f"{name}.log"
    if size_of(path) > LOG_BYTES:
        path.replace(path.with_suffix(".log.1"))
    return open(open_in(home, path.name, os.O_APPEND), "wb")


def run_to_end(
    home: Path, owner: Owner, program: Path, arguments: Sequence[str], *, cwd: Path, stdin: bytes = b""
) -> None:
    """Run a program to its end.

    Raises:
        Misconfigured: it failed; with its last words.
    """
    done = subprocess.run(
        owner.command(program, arguments),
        cwd=cwd,
        env=clean_environment(),
        input=stdin,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        check=False,
        start_new_session=True,
    )
    if done.returncode != 0 or b"FATAL" in done.stdout or b"ERROR" in done.stdout:
        words = done.stdout.decode(errors="replace").strip().splitlines() or [f"exit code {done.returncode}"]
        raise Misconfigured(f"Making the database in {home} failed: {program.name}: {words[-1]}")


def reap() -> None:
    """Let go of servers that ended: until then their process ids stay taken."""
    for process in list(_children):
        if process.poll() is not None:
            with suppress(ValueError):
                _children.remove(process)


def lives(process: subprocess.Popen[bytes] | None, otherwise: Callable[[], bool]) -> Callable[[], bool]:
    """Whether the server we started lives; one that somebody else started is asked otherwise."""
    if process is None:
        return otherwise
    return lambda: process.poll() is None


def wait(answers: Callable[[], bool], alive: Callable[[], bool]) -> bool:
    """Wait until a live server answers; it may have a long log to replay."""
    until(lambda: answers() or not alive(), RECOVERY_S)
    return answers()


def until(done: Callable[[], bool], patience_s: float) -> bool:
    """Wait until it is done; false when patience ends first."""
    deadline = time.monotonic() + patience_s
    pause_s = 0.005
    while not done():
        if time.monotonic() > deadline:
            return False
        time.sleep(pause_s)
        pause_s = min(0.05, pause_s * 1.2)
    return True


def is_free(port: int) -> bool:
    """Nobody listens on this port of the loopback address."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True


def ask(port: int, request: bytes, lines: int = 0) -> bytes:
    """What answers there, as far as one read goes (or this many lines); nothing when nobody does."""
    answer = b""
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=ANSWER_S) as connection:
            connection.sendall(request)
            while part := connection.recv(4096):
                answer += part
                if answer.count(b"\n") >= lines:
                    break
    except OSError:
        return answer
    return answer
