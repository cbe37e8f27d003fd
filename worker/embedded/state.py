"""What a home remembers of its servers, and who may change it."""

from __future__ import annotations

import fcntl
import json
import os
import random
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

from worker.embedded.files import open_in, try_lock, write_whole
from worker.embedded.owners import owner_of
from worker.embedded.processes import is_free, reap
from worker.errors import Misconfigured

PORTS = range(15_000, 32_000)
"""Below every system's ephemeral range, so no outgoing connection sits on our port after a restart."""


@dataclass(frozen=True)
class Server:
    """One server of the home."""

    port: int
    password: str = field(repr=False)
    kept: bool = False
    """Stays until ``stop``, whoever leaves."""


@dataclass(frozen=True)
class State:
    """What the home remembers (``servers.json``, readable by its owner alone)."""

    place: Path
    database: Server
    broker: Server

    @property
    def database_dir(self) -> Path:
        return self.place / "postgres"

    @property
    def broker_dir(self) -> Path:
        return self.place / "valkey"


def first_state(home: Path) -> State:
    """A new home: no ports yet, new passwords."""
    return save(
        home,
        State(home, Server(0, secrets.token_urlsafe(24)), Server(0, secrets.token_urlsafe(24))),
    )


def load(home: Path) -> State | None:
    """What the home remembers, or None for a new one.

    Raises:
        Misconfigured: the home belongs to somebody else, or its state is no state.
    """
    try:
        raw = json.loads((home / "servers.json").read_text())
        place = home / raw["place"]
        return State(place, Server(**raw["database"]), Server(**raw["broker"]))
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise Misconfigured(f"{home / 'servers.json'} cannot be read: {error}") from error


def save(home: Path, state: State) -> State:
    """Remember it, whole or not at all."""
    place = "" if state.place == home else str(state.place)
    text = json.dumps({"place": place, "database": asdict(state.database), "broker": asdict(state.broker)})
    write_whole(home / "servers.json", text, owner_of(home) if home.stat().st_uid else None, 0o600)
    return state


@contextmanager
def locked(home: Path) -> Iterator[None]:
    """Only we start or stop servers of this home now. Waits; the lock falls with its process.

    Raises:
        Misconfigured: we may not write there.
    """
    try:
        home.mkdir(mode=0o700, parents=True, exist_ok=True)
        lock = open_in(home, "lock")
    except OSError as error:
        raise Misconfigured(
            f"{home} cannot be written ({error.strerror}): set PUBCAT_HOME to a folder of yours"
        ) from error
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
    finally:
        os.close(lock)


def is_locked(path: Path) -> bool:
    """Whether a living process holds this lock."""
    reap()
    try:
        file = os.open(path, os.O_RDWR | os.O_CLOEXEC)
    except FileNotFoundError:
        return False
    try:
        return not try_lock(file)
    finally:
        os.close(file)


def with_free_port(server: Server, taken: int) -> Server:
    """The same port as ever when it is free, else another one; a server that starts anew is not kept yet."""
    if server.port and is_free(server.port):
        return replace(server, kept=False)
    for port in random.sample(PORTS, 200):
        if port != taken and is_free(port):
            return replace(server, port=port, kept=False)
    raise Misconfigured(
        "No free port on 127.0.0.1 for an embedded server: set PUBCAT_DATABASE_URL and PUBCAT_BROKER_URL"
    )
