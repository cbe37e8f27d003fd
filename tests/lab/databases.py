"""Databases of the lab: one throw-away server, copies made from templates in a blink."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import count
from pathlib import Path

import psycopg

from catalog import migrate
from worker import embedded
from worker.settings import Sources, load_sources
from worker.tools import Tools

_numbers = count(1)


@dataclass(frozen=True)
class Server:
    """An embedded Postgres, and a Valkey for what is published. Workers die here, the server does not: no fsync."""

    url: str
    broker_url: str
    folder: Path
    template: str | None = None
    """What new databases are copies of; without it they are made by the migrations."""

    def named(self, name: str) -> str:
        """The URL of one of its databases."""
        return f"{self.url.rsplit('/', 1)[0]}/{name}"

    def _run(self, statement: str) -> None:
        with psycopg.connect(self.url, autocommit=True) as connection:
            connection.execute(statement)

    def copy(self, template: str | None = None) -> str:
        """The name of a new database: a copy of another, or an empty migrated one."""
        name = f"lab_{next(_numbers)}"
        template = template or self.template
        self._run(f'create database "{name}"' + (f' template "{template}"' if template else ""))
        if template is None:
            migrate.migrate(self.named(name))
        return name

    def drop(self, name: str) -> None:
        """Removes a database, whoever is still in it."""
        self._run(f'drop database if exists "{name}" with (force)')

    @contextmanager
    def tools(self, name: str, *, url: str | None = None) -> Iterator[Tools]:
        """Tools on one of its databases, with the sources of the lab, else the shipped ones, of which none is due."""
        path = self.folder / "sources.toml"
        sources = load_sources(path) if path.exists() else _unscheduled(load_sources())
        made = Tools(url or self.named(name), self.broker_url, sources=sources, role="pubcat lab")
        try:
            yield made
        finally:
            made.close()


def _unscheduled(sources: Sources) -> Sources:
    return replace(sources, by_name={name: replace(one, every_s=None) for name, one in sources.by_name.items()})


@contextmanager
def server() -> Iterator[Server]:
    """A server of our own, removed at the end."""
    folder = Path(tempfile.mkdtemp(prefix="pubcat-lab-"))
    folder.chmod(0o755)
    try:
        with embedded.using(folder / "data") as found:
            made = Server(found.database_url, found.broker_url, folder)
            for setting in ("fsync", "full_page_writes", "synchronous_commit"):
                made._run(f"alter system set {setting} = off")
            made._run("select pg_reload_conf()")
            yield replace(made, template=made.copy())
    finally:
        shutil.rmtree(folder, ignore_errors=True)
