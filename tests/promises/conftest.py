"""Programs with homes of their own, stopped and removed at the end."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.cli.program import Program
from worker import embedded
from worker.settings import SHIPPED_SOURCES


@pytest.fixture
def program() -> Iterator[Callable[[], Program]]:
    """Makes ``pubcat`` in a fresh home, with the shipped sources."""
    homes: list[Path] = []

    def make() -> Program:
        home = Path(tempfile.mkdtemp(prefix="pubcat-promise-"))
        homes.append(home)
        (home / "sources.toml").write_bytes(SHIPPED_SOURCES.read_bytes())
        return Program(home)

    yield make
    for home in homes:
        embedded.stop(home / "data")
        shutil.rmtree(home, ignore_errors=True)
