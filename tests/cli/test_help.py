"""Help is quick, and ends with an example that runs."""

from __future__ import annotations

import re
import resource
import shlex
from typing import Any

import pytest
import typer

from tests.cli.program import Program
from worker.cli.main import COMMANDS, load


def every_command() -> list[list[str]]:
    """All commands and subcommands, as people type them."""
    found: list[list[str]] = []
    for name in COMMANDS:
        command = load(name)
        found.append([name])
        found += [[name, sub] for sub in getattr(command, "commands", {})]
    return found


def help_of(path: list[str]) -> str:
    """What ``--help`` prints for a command."""
    command: Any = load(path[0])
    for name in path[1:]:
        command = command.commands[name]
    with typer.Context(command, info_name=" ".join(["pubcat", *path])) as context:
        return str(command.get_help(context))


def test_help_answers_at_once(pubcat: Program) -> None:
    """The processor's time of the best of three, because the machine may be busy with other things."""
    taken = []
    for _ in range(3):
        began = resource.getrusage(resource.RUSAGE_CHILDREN)
        assert pubcat("--help").code == 0
        ended = resource.getrusage(resource.RUSAGE_CHILDREN)
        taken.append(ended.ru_utime + ended.ru_stime - began.ru_utime - began.ru_stime)
    assert min(taken) < 0.3


def test_help_names_every_command(pubcat: Program) -> None:
    said = pubcat("--help").out
    assert all(re.search(rf"^  {name} ", said, re.M) for name in COMMANDS)


@pytest.mark.parametrize("path", every_command(), ids=" ".join)
def test_help_ends_with_an_example(path: list[str]) -> None:
    said = help_of(path)
    example = said.split("Example")[-1].strip().splitlines()[-1].strip()
    assert "Example" in said
    assert "pubcat" in example


@pytest.mark.parametrize("path", every_command(), ids=" ".join)
def test_the_example_is_a_call_the_command_understands(path: list[str]) -> None:
    """Options and arguments of every example parse; what they do is tested elsewhere."""
    for line in help_of(path).split("Example")[-1].splitlines():
        words = re.search(r"\bpubcat (.*)$", line)
        if not words:
            continue
        name, *arguments = shlex.split(words[1].partition(" > ")[0])
        command: Any = load(name)
        while hasattr(command, "commands"):
            command = command.commands[arguments.pop(0)]
        command.make_context(name, arguments, resilient_parsing=False).close()


def test_an_unknown_command_is_a_wrong_call(pubcat: Program) -> None:
    done = pubcat("statsu")
    assert done.code == 2
    assert "Did you mean 'status'" in done.err


def test_version(pubcat: Program) -> None:
    assert re.fullmatch(r"pubcat \S+( \(checkout\))?\n", pubcat("--version").out)
