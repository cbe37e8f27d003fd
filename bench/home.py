"""A throw-away embedded Postgres for measurements, and fresh databases in it."""

from __future__ import annotations

import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import psycopg
from sqlalchemy import make_url

from bench.meter import postmaster_of
from catalog import migrate
from worker import embedded, logs
from worker.settings import Sources
from worker.tools import Tools


@dataclass(frozen=True)
class Server:
    """An embedded Postgres of this run; ``postmaster`` is the root of its processes."""

    url: str
    postmaster: int
    data: Path
    template: str

    @contextmanager
    def database(self) -> Iterator[str]:
        """The address of a fresh, migrated database; dropped at the end."""
        name = f"bench_{uuid4().hex[:12]}"
        with psycopg.connect(self.url, autocommit=True) as connection:
            connection.execute(f'create database "{name}" template "{self.template}"')
        yield _at(self.url, name)
        with psycopg.connect(self.url, autocommit=True) as connection:
            connection.execute(f'drop database "{name}" with (force)')

    @contextmanager
    def tools(self) -> Iterator[Tools]:
        """The tools of one worker on a fresh database, without any configured source."""
        with self.database() as url, worker(url) as tools:
            yield tools


@contextmanager
def worker(url: str) -> Iterator[Tools]:
    """The tools of one worker on a database that exists."""
    logs.configure(level="WARNING")
    tools = Tools(url, sources=Sources(Path("bench"), {}), role="pubcat bench")
    try:
        yield tools
    finally:
        tools.close()


@contextmanager
def server() -> Iterator[Server]:
    """An embedded Postgres in a folder of its own, with the settings of the product; removed at the end."""
    home = Path(tempfile.mkdtemp(prefix="pubcat-bench-"))
    home.chmod(0o755)
    try:
        with embedded.using(home, broker=False) as servers:
            name = f"template_{uuid4().hex[:12]}"
            with psycopg.connect(servers.database_url, autocommit=True) as connection:
                connection.execute(f'create database "{name}"')
                row = connection.execute("show data_directory").fetchone()
            assert row is not None
            data = Path(row[0])
            migrate.migrate(_at(servers.database_url, name))
            yield Server(servers.database_url, postmaster_of(data / "postmaster.pid"), data, name)
    finally:
        shutil.rmtree(home, ignore_errors=True)


def wait_for_vacuum(tools: Tools) -> None:
    """Until nobody tidies up after a load, two minutes at most: that cost would be taken for what comes next."""
    under_way = "select exists (select from pg_stat_activity where backend_type = 'autovacuum worker')"
    for _ in range(120):
        time.sleep(1.0)
        with tools.transaction() as cursor:
            row = cursor.execute(under_way).fetchone()
        if row is None or not row[0]:
            return


def _at(url: str, name: str) -> str:
    return make_url(url).set(database=name).render_as_string(hide_password=False)
