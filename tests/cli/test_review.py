"""``pubcat review``, driven by keys: in memory with every answer looked up, and once in a real terminal."""

from __future__ import annotations

import asyncio
import json
import os
import pty
import re
import select
import subprocess
import sys
import time
from collections.abc import Callable

import pytest
from textual.widgets import Static

from tests.cli.doubts import ALPHA, BETA
from tests.cli.program import Program
from tests.line import ask, bring
from worker.cli import review
from worker.cli.review_screen import Review
from worker.tools import Tools


@pytest.fixture
def doubtful(tools: Tools) -> Tools:
    """Two sources, six papers, three doubts."""
    bring(tools, "alpha", ALPHA)
    bring(tools, "beta", BETA)
    return tools


def doubts(tools: Tools) -> list[review.Doubt]:
    with tools.transaction() as cursor:
        return review.queue(cursor)


def press(tools: Tools, *keys: str, look: Callable[[Review], None] = lambda app: None) -> dict[str, int] | None:
    """Presses keys one by one; the counts the screen ends with."""
    app = Review(tools, doubts(tools), "Ann")

    async def drive() -> None:
        async with app.run_test(size=(110, 40)) as pilot:
            for key in keys:
                await pilot.press(key)
                await pilot.pause()
            if app.is_running:
                look(app)

    asyncio.run(drive())
    return app.return_value


def shown(app: Review, part: str) -> str:
    from rich.console import Console

    console = Console(width=200, record=True, file=open(os.devnull, "w"))  # noqa: SIM115
    console.print(app.query_one(part, Static).content)
    return console.export_text()


def homes(tools: Tools) -> list[set[str]]:
    """Papers as the records they are made of."""
    return [
        set(row[0])
        for row in ask(
            tools,
            "select array_agg(r.source || ':' || r.source_key) from catalog.member join catalog.record r"
            " using (record_id) group by paper_id having count(*) > 1 order by paper_id",
        )
    ]


def test_the_likeliest_pair_comes_first(doubtful: Tools) -> None:
    found = doubts(doubtful)
    assert [str(one.a) for one in found] == ["alpha:1", "alpha:2", "alpha:3"]
    assert [one.score for one in found] == sorted((one.score for one in found), reverse=True)
    assert all(one.reasons for one in found)


def test_both_records_and_the_evidence_are_shown(doubtful: Tools) -> None:
    def look(app: Review) -> None:
        assert "1 of 3" in shown(app, "#top")
        assert "Slow turtles in the far north" in shown(app, "#a")
        assert "doi:10.5555/12345679" in shown(app, "#b")
        assert "not told" in shown(app, "#a")
        assert re.search(r"\+\d\.\d .*titles", shown(app, "#reasons"))

    press(doubtful, look=look)
    assert list(review.differing("Slow turtles in the North", "slow turtles of the north")) == [
        ("Slow ", False),
        ("turtles ", False),
        ("in ", True),
        ("the ", False),
        ("North", False),
    ]


def test_yes_no_and_skip_are_written_down(doubtful: Tools) -> None:
    assert press(doubtful, "y", "n", "s") == {"same": 1, "different": 1, "skipped": 1}
    assert homes(doubtful) == [{"alpha:1", "beta:x"}]
    made = ask(doubtful, "select kind, actor, why from catalog.decision order by decision_id")
    assert made == [("same", "Ann", "review"), ("different", "Ann", "review")]
    assert [str(one.a) for one in doubts(doubtful)] == ["alpha:3"]


def test_undo_goes_back_and_takes_back(doubtful: Tools) -> None:
    def look(app: Review) -> None:
        assert "1 of 3" in shown(app, "#top")
        assert "no longer holds" in shown(app, "#said")

    press(doubtful, "y", "u", look=look)
    assert homes(doubtful) == []
    assert len(doubts(doubtful)) == 3
    press(doubtful, "u", look=lambda app: None)
    assert press(doubtful, "s", "u", "y", "q") == {"same": 1, "different": 0, "skipped": 0}
    assert homes(doubtful) == [{"alpha:1", "beta:x"}]


def test_keys_typed_ahead_of_the_last_pair_do_nothing(doubtful: Tools) -> None:
    app = Review(doubtful, doubts(doubtful), "Ann")

    async def drive() -> None:
        async with app.run_test() as pilot:
            for _ in range(3):
                app.action_answer("s")
            app.action_answer("y")
            await pilot.pause()

    asyncio.run(drive())
    assert app.return_value == {"same": 0, "different": 0, "skipped": 3}


def test_a_pair_decided_meanwhile_is_not_asked(doubtful: Tools) -> None:
    app = Review(doubtful, doubts(doubtful), "Ann")
    press(doubtful, "y")

    async def drive() -> None:
        async with app.run_test() as pilot:
            await pilot.pause()
            assert "2 of 3" in shown(app, "#top")

    asyncio.run(drive())


def test_in_a_real_terminal(pubcat: Program, request: pytest.FixtureRequest) -> None:
    """A pseudo-terminal, the program, three keys: what was pressed is in the ledger."""
    for source, rows in (("alpha", ALPHA), ("beta", BETA)):
        (pubcat.home / f"{source}.jsonl").write_text("\n".join(map(json.dumps, rows)))
        assert pubcat("ingest", f"{source}.jsonl", "--source", source).code == 0
    listed = pubcat("review", "--json").lines
    assert [(row["a"]["record"], row["b"]["record"]) for row in listed] == [
        ("alpha:1", "beta:x"),
        ("alpha:2", "beta:y"),
        ("alpha:3", "beta:z"),
    ]
    assert listed[0]["evidence"][0]["sentence"].endswith(".")
    assert pubcat("review").code == 1
    screen = ""

    def open_terminal() -> tuple[subprocess.Popen[bytes], int]:
        ours, theirs = pty.openpty()
        running = subprocess.Popen(
            [sys.executable, "-m", "worker", "review", "--by", "Ann"],
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            env=pubcat.environment | {"TERM": "xterm-256color", "COLUMNS": "100", "LINES": "40"},
            cwd=pubcat.home,
        )
        request.addfinalizer(running.kill)
        os.close(theirs)
        return running, ours

    def until(words: str) -> None:
        nonlocal screen
        end = time.monotonic() + 60
        while words not in re.sub(r"\x1b\[[0-9;?]*[ -/]*[@-~]", "", screen):
            assert time.monotonic() < end, screen[-2000:]
            if select.select([ours], [], [], 0.2)[0]:
                screen += os.read(ours, 65536).decode(errors="replace")
        screen = ""

    running, ours = open_terminal()
    until("1 of 3")
    os.write(ours, b"y")
    until("2 of 3")
    os.write(ours, b"n")
    until("3 of 3")
    os.write(ours, b"q")
    end = time.monotonic() + 30
    while time.monotonic() < end:
        try:
            screen += os.read(ours, 65536).decode(errors="replace")
        except OSError:  # the far end is closed
            break
    assert running.wait(30) == 0
    assert "1 same, 1 different, 0 skipped" in screen
    os.close(ours)
    made = [(row["kind"], row["by"]) for row in pubcat("undo", "--list", "--json").lines]
    assert made == [("different", "Ann"), ("same", "Ann")]
    running, ours = open_terminal()
    until("1 of 1")
    os.close(ours)
    running.wait(30)  # nobody is there to press a key
    said = pubcat("papers", "show", "alpha:1", "--why-same", "beta:x", "--json").lines
    assert (said[0]["one_paper"], said[0]["verdict"]) == (True, "unsure")
    assert "Ann" in said[0]["decision"]
    assert "Ann" in pubcat("papers", "show", "alpha:2", "--why-same", "beta:y").out
    assert pubcat("papers", "merge", *listed[2]["same"][3:]).code == 0
    done = pubcat("review")
    assert (done.code, done.out) == (0, "Nothing to review: every pair of records is decided.\n")
    assert (pubcat("review", "--json").code, pubcat("review", "--json").out) == (0, "")
