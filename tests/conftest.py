"""Real servers for all tests: one embedded Postgres and Valkey a run, a fresh database a test."""

from __future__ import annotations

import os
import shutil
import signal
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest

from catalog import migrate
from worker import embedded
from worker.settings import Sources
from worker.tools import Tools

# Started in the background of a shell, or by nohup: the programs tests interrupt would inherit deafness.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)
if signal.getsignal(signal.SIGHUP) is signal.SIG_IGN:
    signal.signal(signal.SIGHUP, signal.SIG_DFL)


@pytest.fixture(scope="session", autouse=True)
def clean_environment() -> Iterator[None]:
    """No variable of the person who runs the tests changes what they test."""
    kept = {name: os.environ.pop(name) for name in list(os.environ) if name.startswith("PUBCAT_")}
    yield
    os.environ.update(kept)


@pytest.fixture(scope="session")
def servers(clean_environment: None) -> Iterator[embedded.Servers]:
    """Embedded servers in a home of their own, stopped and removed at the end."""
    home = Path(tempfile.mkdtemp(prefix="pubcat-tests-"))
    home.chmod(0o755)
    try:
        with embedded.using(home) as found:
            yield found
    finally:
        shutil.rmtree(home, ignore_errors=True)


@pytest.fixture(scope="session")
def template(servers: embedded.Servers) -> str:
    """The name of a migrated, empty database that others are copied from."""
    name = f"template_{uuid4().hex[:12]}"
    with psycopg.connect(servers.database_url, autocommit=True) as connection:
        connection.execute(f'create database "{name}"')
    migrate.migrate(_at(servers.database_url, name))
    return name


@contextmanager
def _fresh(servers: embedded.Servers, template: str) -> Iterator[str]:
    name = f"test_{uuid4().hex[:12]}"
    with psycopg.connect(servers.database_url, autocommit=True) as connection:
        connection.execute(f'create database "{name}" template "{template}"')
    with psycopg.connect(_at(servers.database_url, name)) as connection:
        # The template may be older than the longest wait for a refresh.
        connection.execute("update ops.refresh set refreshed_at = clock_timestamp()")
    yield _at(servers.database_url, name)
    with psycopg.connect(servers.database_url, autocommit=True) as connection:
        connection.execute(f'drop database "{name}" with (force)')


@pytest.fixture
def database(servers: embedded.Servers, template: str) -> Iterator[str]:
    """The URL of a fresh, migrated database."""
    with _fresh(servers, template) as url:
        yield url


@pytest.fixture
def tools(database: str) -> Iterator[Tools]:
    """Tools on a fresh database, with no source configured and no broker."""
    made = Tools(database, sources=Sources(Path("tests"), {}), role="pubcat tests")
    yield made
    made.close()


@pytest.fixture
def second(servers: embedded.Servers, template: str) -> Iterator[Tools]:
    """Tools on another fresh database, to compare with."""
    with _fresh(servers, template) as url:
        made = Tools(url, sources=Sources(Path("tests"), {}), role="pubcat tests")
        yield made
        made.close()


def _at(url: str, name: str) -> str:
    return f"{url.rsplit('/', 1)[0]}/{name}"
