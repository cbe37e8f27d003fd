"""A few of the random sequences; all of them: ``python -m tests.decisions --times 1000``."""

from __future__ import annotations

import pytest

from tests.decisions.sequences import problems
from worker.tools import Tools


@pytest.mark.parametrize("seed", range(3))
def test_the_catalog_depends_on_payloads_and_decisions_only(tools: Tools, second: Tools, seed: int) -> None:
    for number in range(4):
        done, said = problems(tools, second, 100_000 + 4 * seed + number)
        assert not said
        assert done.made
