"""Every reader of files with mutated bytes, shortly; ``python -m tests.lab fuzz --bytes 10000000`` is the long run."""

from __future__ import annotations

import pytest

from tests.lab.fuzz import fuzz
from worker.formats.files import FORMATS

READERS = sorted({format.adapters[0] for format in FORMATS.values()} - {"listing", "feed"})


@pytest.mark.parametrize("name", READERS)
def test_mutated_bytes_give_records_or_malformed(name: str) -> None:
    outcome = fuzz(name, 60_000)
    assert not outcome.wrong
    assert outcome.n_records
