"""Short, seeded runs of the lab's parts; the long ones are commands (docs/explanation/reliability.md)."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.lab import bugs
from tests.lab.__main__ import parts

SHORT = (
    "kill --role worker postgres --times 2 --records 40 --workers 1",
    "crash-points --every 30",
    "flush --what flush triple --times 1 --records 20",
    "freeze --times 3 --records 60",
    "slots --days 2",
    "shuffle --times 3",
    "bugs page_kept_before_it_is_finished zone_ignored",
)


def _lab(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-m", "tests.lab", *arguments], capture_output=True, text=True, check=False)


def test_the_lab_lists_its_parts() -> None:
    done = _lab("--help")
    assert done.returncode == 0
    for name, line in parts().items():
        assert line, name
        assert name in done.stdout


@pytest.mark.parametrize("command", SHORT, ids=lambda command: command.partition(" ")[0])
def test_what_is_broken_on_purpose_stays_whole(command: str) -> None:
    done = _lab(*command.split())
    assert done.returncode == 0, done.stdout + done.stderr[-2000:]


def test_every_deliberate_mistake_fits_the_code() -> None:
    assert [bug.name for bug in bugs.bugs() if not bug.fits] == []
