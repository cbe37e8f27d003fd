"""``pubcat roster``: the example of the how-to, and how wrong calls end."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.cli.program import ROOT, Program

HOW_TO = (ROOT / "docs" / "how-to" / "say-who-belongs.md").read_text(encoding="utf-8")
[TABLE] = re.findall(r"```csv\n(.*?)```", HOW_TO, re.DOTALL)
COMMANDS = re.findall(r"^pubcat ([^#\n]*?) *(?:#.*)?$", HOW_TO, re.M)


@pytest.fixture(scope="module")
def filled(pubcat: Program) -> Program:
    (pubcat.home / "roster.csv").write_text(TABLE)
    assert pubcat("ingest", "desk.csv", "--source", "desk").code == 0
    return pubcat


def test_a_dry_run_writes_nothing(filled: Program) -> None:
    done = filled("roster", "import", "roster.csv", "--dry-run", "--json")
    assert (done.code, done.lines) == (
        0, [{"members": 3, "new": 3, "changed": 0, "unchanged": 0, "absent": 0, "unreadable": 0}],
    )  # fmt: skip
    assert filled.ask("select count(*) from raw.observation where source = 'roster'") == [(0,)]
    assert filled.ask("select count(*) from catalog.record where entity = 'member'") == [(0,)]


def test_the_how_to_runs(filled: Program) -> None:
    import shlex

    assert len(COMMANDS) == 4
    said = [filled(*shlex.split(command)) for command in COMMANDS]
    assert [done.code for done in said] == [0, 0, 0, 0], [done.err for done in said]
    assert re.search(r"Bo Li +Professor +2019-01-01 +a-\d+ +The only author of this name", said[2].out)
    assert re.search(r"Ann Lee +PhD student +2021-09-01 +2023-08-31 +a-\d+", said[2].out)
    assert "No author of this name or with one of these ids yet." in said[2].out
    assert "Turtles" in said[3].out
    assert "third title" not in said[3].out


def test_again_changes_nothing(filled: Program) -> None:
    before = filled("dump", "--canonical", "--digest").out
    again = filled("roster", "import", "roster.csv", "--json")
    assert (again.code, again.lines[0]["new"], again.lines[0]["changed"], again.lines[0]["unchanged"]) == (0, 0, 0, 3)
    assert filled("dump", "--canonical", "--digest").out == before
    listed = filled("roster", "list", "--json").lines
    assert [row["member_name"] for row in listed] == ["Nobody Yet", "Ann Lee", "Ann Lee", "Bo Li"]


def test_what_cannot_be_read_is_told(filled: Program) -> None:
    done = filled("roster", "import", "-", stdin="nom,orcid,fin\nBo Li,,2024\nAnn Lee,0000-0002-1825-0098,\n")
    assert (done.code, "expected an ORCID" in done.err, "2 known from before" in done.err) == (3, True, True), done.err
    letters = filled("dead", "list", "--json").lines
    assert ["expected an ORCID" in letter["detail"] for letter in letters if letter["source"] == "roster"] == [True]


@pytest.mark.parametrize(
    ("arguments", "stdin", "code", "said"),
    [
        (["-"], "colour,size\nred,3\n", 1, "expected a header row with a column of names"),
        (["-"], "name,end\nAnn Lee,whenever\n", 1, "expected a date such as"),
        (["-"], "", 1, "an empty file"),
        (["nowhere.csv"], "", 1, "No such file"),
        (["-", "--source", "a:b"], "name\nAnn Lee\n", 2, "needs a plain name"),
        (["-", "--as-of", "May"], "name\nAnn Lee\n", 2, "write YYYY-MM-DD"),
    ],
)
def test_wrong_calls(filled: Program, arguments: list[str], stdin: str, code: int, said: str) -> None:
    before = filled.ask("select count(*) from raw.observation")
    done = filled("roster", "import", *arguments, stdin=stdin)
    assert (done.code, said in done.err) == (code, True), done.err
    assert filled.ask("select count(*) from raw.observation") == before


def test_several_files_are_no_roster(filled: Program, tmp_path: Path) -> None:
    import zipfile

    with zipfile.ZipFile(tmp_path / "book.zip", "w") as book:
        book.writestr("a.csv", TABLE)
        book.writestr("b.csv", TABLE)
    done = filled("roster", "import", str(tmp_path / "book.zip"))
    assert (done.code, "expected one table, found 2 files" in done.err) == (1, True), done.err
