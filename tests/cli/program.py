"""The real program in a process of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg

from worker import embedded

ROOT = Path(__file__).resolve().parents[2]
SOURCES = """
[sources.desk]
kind = "table"
title = "The desk"

[sources.shelf]
kind = "table"
pages = ["https://shelf.example/list.csv"]
base_url = "https://shelf.example"

[sources.quiet]
kind = "table"
enabled = false

[sources.librarian]
kind = "crossref"

[sources.ror]
kind = "ror"
"""
CSV = """id,title,authors,venue,year,doi,abstract
1,Turtles all the way down,Ann Lee; Bo Li,Journal of Turtles,2021,10.5555/12345671,We stand on turtles.
2,"Graphs, and ""More"" of them",Chloé Öst; Ann Lee,Annals of Examples,2022,,"A text
on two lines."
3,A third title without peers,Dan Poe,Annals of Examples,2023,10.5555/12345673,
"""


@dataclass(frozen=True)
class Done:
    """How a command ended."""

    code: int
    out: str
    err: str

    @property
    def lines(self) -> list[Any]:
        """Standard output as JSON lines."""
        return [json.loads(line) for line in self.out.splitlines()]


@dataclass(frozen=True)
class Program:
    """``pubcat`` in one home."""

    home: Path

    def __call__(self, *arguments: str, stdin: str = "", **environment: str) -> Done:
        """Runs one command to its end."""
        done = subprocess.run(
            [sys.executable, "-m", "worker", *arguments],
            input=stdin.encode(),
            capture_output=True,
            env=self.environment | environment,
            cwd=self.home,
            timeout=120,
            check=False,
        )
        return Done(done.returncode, done.stdout.decode(), done.stderr.decode())

    def ask(self, query: str) -> list[Any]:
        """Rows of a query that no analyst may ask, straight from the database of this home."""
        found = embedded.running(self.home / "data")
        assert found is not None
        with psycopg.connect(found.database_url) as connection:
            return connection.execute(query.encode()).fetchall()

    @property
    def environment(self) -> dict[str, str]:
        """As bare as ``env -i`` makes it."""
        return {
            "PATH": os.environ["PATH"],
            "HOME": str(self.home),
            "PYTHONPATH": str(ROOT),
            "PYTHONSAFEPATH": "1",
            "PUBCAT_HOME": str(self.home / "data"),
            "PUBCAT_SOURCES": str(self.home / "sources.toml"),
        }
