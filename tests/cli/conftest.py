"""A home whose servers stay up while the tests of a module run."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.program import CSV, SOURCES, Program
from worker import embedded


@pytest.fixture(scope="module")
def pubcat() -> Iterator[Program]:
    """The program in a fresh home with two sources and one CSV file."""
    home = Path(tempfile.mkdtemp(prefix="pubcat-cli-"))
    home.chmod(0o755)
    (home / "sources.toml").write_text(SOURCES)
    (home / "desk.csv").write_text(CSV)
    try:
        with embedded.using(home / "data"):
            yield Program(home)
    finally:
        shutil.rmtree(home, ignore_errors=True)
