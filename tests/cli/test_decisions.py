"""What people decide, by command line: merged, split, fixed, taken back; refused when it contradicts."""

from __future__ import annotations

from typing import Any

import pytest

from tests.cli.program import Done, Program
from worker.demo import institute

ALPHA = """id,title,authors,year,doi,venue
1,Turtles all the way down,Ann Lee; Bo Li,2021,10.5555/12345671,Journal of Turtles
2,A completely other matter of kernels,Dan Poe,2019,,Annals
"""
BETA = """id,title,authors,year,doi,venue
x,Turtles all the way down,A. Lee; B. Li,2021,10.5555/12345671,J. Turtles
y,Cores: a wholly different text,D. Poe; Eve Moe,2020,,Annals
"""


@pytest.fixture(scope="module")
def filled(pubcat: Program) -> Program:
    """Two sources, three papers."""
    for source, text in (("alpha", ALPHA), ("beta", BETA)):
        (pubcat.home / f"{source}.csv").write_text(text)
        assert pubcat("ingest", f"{source}.csv", "--source", source).code == 0
    return pubcat


def sole(done: Done) -> dict[str, Any]:
    assert done.code == 0, done.err
    [line] = done.lines
    return dict(line)


def digest(program: Program) -> str:
    return program("dump", "--canonical", "--digest").out


def key(program: Program, name: str) -> str:
    return str(sole(program("papers", "show", name, "--json"))["paper_key"])


def test_a_merge_holds_and_an_undo_gives_the_number_back(filled: Program) -> None:
    before = digest(filled)
    ours, theirs = key(filled, "alpha:2"), key(filled, "beta:y")
    rehearsed = sole(filled("papers", "merge", ours, theirs, "--dry-run", "--json"))
    assert rehearsed["dry_run"] is True
    assert rehearsed["papers"][0]["records"] == ["alpha:2", "beta:y"]
    assert digest(filled) == before
    made = sole(filled("papers", "merge", ours, theirs, "--why", "one talk", "--by", "Ann", "--json"))
    assert (made["kind"], made["by"], made["why"]) == ("same", "Ann", "one talk")
    assert made["redirects"] == [{"paper": theirs, "now": ours}]
    assert key(filled, theirs) == ours
    assert digest(filled) != before
    filled("reindex", "--all", "--parser")
    assert key(filled, "beta:y") == ours
    again = filled("papers", "merge", ours, "beta:y")
    assert (again.code, "said already" in again.err) == (0, True)
    no = filled("papers", "different", "alpha:2", "beta:y")
    assert no.code == 1
    assert f"pubcat undo {made['decision']}" in no.err
    assert "Ann" in no.err
    taken = sole(filled("undo", "--json"))
    assert taken["undoes"] == made["decision"]
    assert key(filled, "beta:y") == theirs
    assert digest(filled) == before
    assert filled("undo", str(made["decision"])).code == 1
    listed = filled("undo", "--list", "--json").lines
    assert [(row["kind"], row["is_live"]) for row in listed] == [("undo", True), ("same", False)]


def test_a_split_is_firm_and_merging_it_again_is_refused(filled: Program) -> None:
    paper = key(filled, "alpha:1")
    before = digest(filled)
    made = sole(filled("papers", "split", paper, "beta:x", "--json"))
    assert made["about"] == [["beta:x"], ["alpha:1"]]
    assert key(filled, "alpha:1") == paper
    assert key(filled, "beta:x") != paper
    filled("reindex", "--all")
    assert key(filled, "beta:x") != paper
    assert filled("papers", "merge", "alpha:1", "beta:x").code == 1
    assert filled("papers", "split", paper).code == 1
    assert filled("undo", str(made["decision"])).code == 0
    assert digest(filled) == before


def test_fixed_values_win_and_say_who(filled: Program) -> None:
    before = digest(filled)
    paper = key(filled, "alpha:1")
    filled("papers", "set", "beta:x", "title", "Turtles, revised", "--by", "Ann", "--why", "erratum")
    filled("papers", "lock", paper, "venue")
    (filled.home / "alpha.csv").write_text(ALPHA.replace("Journal of Turtles", "Journal of Tortoises"))
    assert filled("ingest", "alpha.csv", "--source", "alpha", "--as-of", "2030-01-01").code == 0
    shown = sole(filled("papers", "show", paper, "--json"))
    assert (shown["title"], shown["venue_name"], shown["is_locked"]) == ("Turtles, revised", "Journal of Turtles", True)
    why = sole(filled("papers", "show", paper, "--why", "title", "--json"))
    assert why["records"][0]["source"] == "Ann"
    assert "erratum" in why["records"][0]["reason"]
    query = (
        "select field_name, actor from field_provenance where is_manual and field_name in ('title', 'venue') order by 1"
    )
    rows = filled("sql", "--format", "json", query).lines
    assert [row["field_name"] for row in rows] == ["title", "venue"]
    assert rows[0]["actor"] == "Ann"
    assert filled("papers", "set", paper, "colour", "red").code == 1
    assert filled("papers", "set", paper, "n_citations", "many").code == 1
    assert filled("papers", "set", paper, "publication_year", "soon").code == 1
    (filled.home / "alpha.csv").write_text(ALPHA)
    assert filled("ingest", "alpha.csv", "--source", "alpha", "--as-of", "2031-01-01").code == 0
    for _ in range(2):
        assert filled("undo").code == 0
    assert digest(filled) == before


def test_names_that_lead_nowhere_are_sentences(filled: Program) -> None:
    for arguments in (
        ("papers", "merge", "p-999", "p-1"),
        ("papers", "different", "p-1", "p-1"),
        ("papers", "split", "p-1", "beta:y"),
        ("papers", "lock", "gamma:1", "title"),
        ("undo", "999"),
    ):
        done = filled(*arguments)
        assert done.code == 1
        assert done.err.startswith("pubcat: ")
        assert "bug" not in done.err
    assert filled("papers", "merge", "p-1").code == 2


def test_a_decision_waits_for_a_record_that_is_not_here_yet(filled: Program) -> None:
    made = filled("papers", "merge", "alpha:2", "beta:z")
    assert (made.code, "waits" in made.err) == (0, True)
    (filled.home / "beta.csv").write_text(BETA + "z,Yet another name of it all,Fay Roe,2001,,\n")
    assert filled("ingest", "beta.csv", "--source", "beta").code == 0
    assert key(filled, "beta:z") == key(filled, "alpha:2")
    assert filled("undo").code == 0
    assert key(filled, "beta:z") != key(filled, "alpha:2")


def test_the_history_of_a_paper_names_people_and_sources(filled: Program) -> None:
    paper = key(filled, "alpha:1")
    assert filled("papers", "set", paper, "venue", "NeurIPS", "--by", "Ann").code == 0
    told = filled("papers", "history", paper, "--json").lines
    assert told[0]["what"] == "created"
    assert [row["at"] for row in told] == sorted(row["at"] for row in told)
    changes = [(row["field"], row["new"], row["by"]) for row in told if row["what"] == "changed"]
    assert ("venue", "NeurIPS", "Ann") in changes
    assert "became" in filled("papers", "history", paper).out
    assert len(filled("papers", "history", paper, "--limit", "1", "--json").lines) == 1
    assert filled("undo").code == 0


def test_a_course_is_corrected_and_stays_so(filled: Program) -> None:
    (filled.home / "listing.html").write_text(institute.listing_page("fr"))
    assert filled("ingest", "listing.html", "--source", "listing", "--as-of", "2026-03-20").code == 0
    listed = filled("courses", "list", "--json").lines
    course = listed[0]["course_key"]
    before = digest(filled)
    rehearsed = filled("courses", "set", course, "provider_name", "Mila", "--dry-run", "--json")
    assert (rehearsed.code, digest(filled)) == (0, before)
    assert filled("courses", "set", course, "provider_name", "Mila").code == 0
    assert filled("courses", "set", course, "instructors", "Ann Lee; Bo Li").code == 0
    assert digest(filled) != before
    filled("reindex", "--all", "--parser")
    shown = sole(filled("courses", "show", course, "--json"))
    assert (shown["provider_name"], shown["instructor_names_text"]) == ("Mila", "Ann Lee; Bo Li")
    again = filled("courses", "list", "--json").lines
    assert [row["offering_id"] for row in again] == [row["offering_id"] for row in listed]
    days = "select min(last_seen_at - first_seen_at) >= interval '0' as ok from {}"
    for view in ("courses_calendar", "source_records"):
        assert filled("sql", "--format", "json", days.format(view)).lines == [{"ok": True}]
    assert filled("courses", "set", course, "colour", "red").code == 1
    assert filled("courses", "set", "c-999", "provider", "x").code == 1
    for _ in range(2):
        assert filled("undo").code == 0
    assert digest(filled) == before
