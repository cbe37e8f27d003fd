"""What tests of several workers share."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from worker.settings import Sources
from worker.tools import Tools


@pytest.fixture
def rival(database: str) -> Iterator[Tools]:
    """A second worker on the database of ``tools``."""
    made = Tools(database, sources=Sources(Path("tests"), {}), role="pubcat tests")
    yield made
    made.close()
