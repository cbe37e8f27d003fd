"""The README tells the truth: commands, variables, files and folders it names exist."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from worker.cli.main import COMMANDS

ROOT = Path(__file__).resolve().parents[1]
README = (ROOT / "README.md").read_text()


def test_every_command_it_shows_exists() -> None:
    shown = set(re.findall(r"(?:\./)?pubcat ([a-z]+)", README)) - {"test"}
    assert shown
    assert shown <= set(COMMANDS)


def test_every_link_leads_somewhere() -> None:
    for target in re.findall(r"\]\(([^)#]+)\)", README):
        assert (ROOT / target).exists(), target


@pytest.mark.parametrize("name", sorted(set(re.findall(r"PUBCAT_[A-Z_]+[A-Z]", README))))
def test_every_variable_is_read_somewhere(name: str) -> None:
    texts = [path.read_text() for path in (ROOT / "worker").rglob("*.py")]
    assert any(name in text for text in texts)


def test_the_folders_it_lists_are_there() -> None:
    for folder in re.findall(r"^\| (?:\[)?([a-z]+)/", README, re.M):
        assert (ROOT / folder).is_dir(), folder
