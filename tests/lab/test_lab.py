"""The lab itself: every part says what it does. Short runs of the parts stand in their own tests."""

from __future__ import annotations

import subprocess
import sys

from tests.lab import kill
from tests.lab.__main__ import parts


def test_the_lab_lists_its_parts() -> None:
    done = subprocess.run([sys.executable, "-m", "tests.lab", "--help"], capture_output=True, text=True, check=False)
    assert done.returncode == 0
    for name, line in parts().items():
        assert line, name
        assert name in done.stdout


def test_a_short_kill_storm() -> None:
    arguments = "--role worker scheduler postgres broker --times 2 --records 60 --workers 1"
    assert kill.main(arguments.split()) == 0
