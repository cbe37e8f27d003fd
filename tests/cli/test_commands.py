"""A file goes in, answers come out: every command against real servers."""

from __future__ import annotations

import gzip
import json
import os
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.cli.program import CSV, ROOT, Done, Program
from worker.demo import server


@pytest.fixture(scope="module")
def filled(pubcat: Program) -> Program:
    """The program after its first ingest."""
    done = pubcat("ingest", "desk.csv", "--source", "desk", "--json")
    assert done.code == 0, done.err
    file, total = done.lines
    assert (file["format"], file["records"], file["new"], file["dead"]) == ("csv", 3, 3, 0)
    assert (total["papers"], total["changed"]) == (3, 0)
    return pubcat


def sole(done: Done) -> dict[str, Any]:
    assert done.code == 0, done.err
    [line] = done.lines
    return dict(line)


def test_again_changes_nothing(filled: Program) -> None:
    before = filled("dump", "--canonical", "--digest").out
    events = filled("events", "replay").out
    done = filled("ingest", "desk.csv", "--source", "desk", "--json")
    assert (done.lines[1]["new"], done.lines[1]["changed"], done.lines[1]["unchanged"]) == (0, 0, 3)
    assert filled("dump", "--canonical", "--digest").out == before
    assert filled("events", "replay").out == events


def test_compressed_and_piped_say_the_same(filled: Program) -> None:
    before = filled("dump", "--canonical", "--digest").out
    (filled.home / "desk.csv.gz").write_bytes(gzip.compress(CSV.encode()))
    assert filled("ingest", "desk.csv.gz", "--source", "desk", "--json").lines[0]["unchanged"] == 3
    assert filled("ingest", "-", "--source", "desk", "--json", stdin=CSV).lines[0]["unchanged"] == 3
    assert filled("dump", "--canonical", "--digest").out == before


def test_search_and_show(filled: Program) -> None:
    found = filled("papers", "search", "turtles", "--json").lines
    assert [row["title"] for row in found] == ["Turtles all the way down"]
    assert {row["title"] for row in filled("papers", "search", "öst", "--json").lines} == {'Graphs, and "More" of them'}
    key = found[0]["paper_key"]
    by_doi = sole(filled("papers", "show", "https://doi.org/10.5555/12345671", "--json"))
    assert by_doi == sole(filled("papers", "show", key, "--json"))
    assert by_doi == sole(filled("papers", "show", "desk:1", "--json"))
    assert by_doi["author_names_text"] == "Ann Lee; Bo Li"
    assert "Journal of Turtles" in filled("papers", "show", key).out
    assert filled("papers", "search", "unheardof").code == 1
    assert filled("papers", "show", "p-999999").code == 1


def test_why(filled: Program) -> None:
    """A second source that differs loses by a rule that is told as a sentence."""
    (filled.home / "other.csv").write_text(
        "id,title,authors,year,doi\nx,Turtles all the way down,A. Lee; B. Li,2021,10.5555/12345671\n"
    )
    assert filled("ingest", "other.csv", "--source", "other").code == 0
    said = sole(filled("papers", "show", "desk:1", "--why", "authors", "--json"))
    assert [(row["outcome"], row["source"]) for row in said["records"]] == [("kept", "desk"), ("lost", "other")]
    people = filled("papers", "show", "desk:1", "--why", "authors").out
    assert "Ann Lee; Bo Li" in people
    assert str(said["reason"]) in people
    wrong = filled("papers", "show", "desk:1", "--why", "colour")
    assert wrong.code == 1
    assert "no field" in wrong.err


def test_authors(filled: Program) -> None:
    [lee] = filled("authors", "search", "lee", "--json").lines
    assert lee["n_papers"] == 2
    shown = sole(filled("authors", "show", str(lee["author_key"]), "--json"))
    assert len(shown["papers"]) == 2


def test_sql(filled: Program) -> None:
    query = "select title, publication_year from papers where doi is not null order by 2"
    assert filled("sql", "--format", "json", query).lines == [
        {"title": "Turtles all the way down", "publication_year": 2021},
        {"title": "A third title without peers", "publication_year": 2023},
    ]
    assert filled("sql", "--format", "csv", query).out.splitlines()[0] == "title,publication_year"
    assert filled("sql", "-", stdin="select 41 + 1 as answer").out.split() == ["answer", "42"]
    wrong = filled("sql", "select * from paperz")
    assert (wrong.code, wrong.out) == (1, "")
    assert 'relation "paperz" does not exist' in wrong.err


@pytest.mark.parametrize(
    "query",
    [
        "delete from catalog.record",
        "create table x ()",
        "commit; delete from catalog.record",
        "select nextval('ops.work_work_id_seq')",
        "select * from catalog.paper",
        "select set_config('role', 'pubcat', false), query_to_xml('select * from raw.payload', true, true, '')",
    ],
)
def test_sql_cannot_write(filled: Program, query: str) -> None:
    before = filled("sql", "--format", "json", "select count(*) from source_records").out
    assert filled("sql", query).code == 1
    assert filled("sql", "--format", "json", "select count(*) from source_records").out == before


def test_bad_files_leave_their_neighbours_alone(filled: Program) -> None:
    bad = filled.home / "bad"
    bad.mkdir()
    (bad / "empty.csv").touch()
    (bad / "garbage.csv").write_bytes(bytes(range(256)) * 10)
    (bad / "good.csv").write_text(CSV)
    (bad / "half.csv.gz").write_bytes(gzip.compress(CSV.encode())[:60])
    (bad / "pages.json").write_text('[{"id": 1, "title": ')
    done = filled("ingest", "bad", "nowhere.csv", "--source", "desk", "--json")
    assert done.code == 3
    states = {Path(row["file"]).name: row["state"] for row in done.lines[:-1]}
    failed = dict.fromkeys(["empty.csv", "garbage.csv", "half.csv.gz", "pages.json", "nowhere.csv"], "failed")
    assert states == failed | {"good.csv": "done"}
    for sentence in ("an empty file", "expected a table", "compressed stream is broken", "no such file"):
        assert sentence in done.err
    assert filled("ingest", "bad/empty.csv", "--source", "desk").code == 1
    assert "Traceback" not in done.err


def test_what_nobody_could_read_is_a_dead_letter(filled: Program) -> None:
    (filled.home / "torn.jsonl").write_text('{"id": 1, "title": "A line that is whole"}\n{"id": 2, "title": \n')
    done = filled("ingest", "torn.jsonl", "--source", "torn", "--json")
    assert (done.code, done.lines[0]["records"], done.lines[0]["dead"]) == (3, 1, 1)
    [letter] = filled("dead", "list", "--source", "torn", "--json").lines
    number = str(letter["letter"])
    assert '"title"' in filled("dead", "show", number, "--bytes").out
    assert filled("dead", "retry", number).code == 3
    assert len(filled("dead", "list", "--source", "torn", "--json").lines) == 1
    assert filled("dead", "discard", "--source", "torn").code == 0
    assert filled("dead", "list", "--source", "torn", "--json").out == ""
    assert filled("dead", "retry").code == 2


def test_a_dry_run_writes_nothing(filled: Program) -> None:
    before = filled("runs", "list", "--json").out
    seen = sole(filled("ingest", "desk.csv", "--source", "desk", "--dry-run", "--json"))
    assert (seen["papers"], seen["adapter"], seen["first"]) == (3, "table", "Turtles all the way down")
    assert filled("runs", "list", "--json").out == before


def test_unknown_and_sleeping_sources(filled: Program) -> None:
    unknown = filled("sync", "nobody")
    assert unknown.code == 1
    assert "no source is called 'nobody'" in unknown.err
    asleep = filled("sync", "quiet")
    assert asleep.code == 1
    assert "enabled = true" in asleep.err
    assert filled("ingest", "desk.csv").code == 2
    assert filled("ingest", "desk.csv", "--source", "desk", "--as-of", "yesterday").code == 2
    assert filled("ingest", "desk.csv", "--source", "desk", "--format", "papyrus").code == 1


def test_unique_is_remembered(filled: Program) -> None:
    query = "select deduplicates from catalog.source where source = 'list'"
    rows = "id,title,year\na,The very same title of two works,2020\n"
    (filled.home / "list.csv").write_text(rows)
    filled("ingest", "list.csv", "--source", "list", "--unique")
    assert filled.ask(query) == [(True,)]
    filled("ingest", "list.csv", "--source", "list")
    assert filled.ask(query) == [(True,)]


def test_status_runs_schedule_and_sources(filled: Program) -> None:
    status = sole(filled("status", "--json"))
    assert status["papers"]
    assert any(row["source"] == "desk" for row in status["sources"])
    assert "papers" in filled("status").out
    runs = filled("runs", "list", "--source", "desk", "--json").lines
    assert {row["kind"] for row in runs} == {"file"}
    assert sole(filled("runs", "show", str(runs[0]["run"]), "--json"))["state"] == runs[0]["state"]
    assert filled("runs", "cancel", str(runs[0]["run"])).code == 1
    assert {row["source"]: row["on"] for row in filled("sources", "list", "--json").lines} == {
        "desk": True,
        "librarian": False,
        "quiet": False,
        "ror": False,
        "shelf": True,
    }
    assert filled("sources", "test", "desk").code == 1
    assert filled("schedule", "set", "desk", "--every", "1d", "--at", "05:30", "--zone", "America/Toronto").code == 0
    [row] = filled("schedule", "list", "--json").lines
    assert (row["schedule"], row["every_s"], row["at"]) == ("desk by hand", 86_400, "05:30")
    assert filled("schedule", "pause", "desk by hand").code == 0
    assert filled("schedule", "list", "--json").lines[0]["paused"] is True
    assert filled("schedule", "set", "desk", "--every", "2h", "--at", "05:30").code == 2
    assert filled("schedule", "pause", "nothing").code == 1


def test_sources_are_switched_by_hand_and_shown_on_one_screen(filled: Program) -> None:
    assert filled("sources", "enable", "quiet").out == "quiet is on\n"
    assert {row["source"]: row["on"] for row in filled("sources", "list", "--json").lines}["quiet"] is True
    assert filled("sources", "disable", "shelf").out == "shelf is off\n"
    assert "shelf" not in {row["source"] for row in filled("sources", "test", "--json").lines}
    asleep = filled("sync", "shelf")
    assert asleep.code == 1
    assert "switched off by hand: pubcat sources enable shelf" in asleep.err
    shown = sole(filled("sources", "show", "shelf", "--json"))
    assert (shown["on"], shown["does"], shown["every"]) == (False, "harvested", None)
    assert shown["budget"] == "1/s, 2 at once, counted as shelf"
    screen = filled("sources", "show", "shelf").out
    assert len(screen.splitlines()) < 25
    assert "https://shelf.example" in screen
    assert filled("sources", "disable", "quiet").code == filled("sources", "enable", "shelf").code == 0
    assert filled("sources", "enable", "nobody").code == 1
    wanting = filled("sources", "test", "librarian")
    assert wanting.code == 1
    assert "set PUBCAT_CONTACT first" in wanting.out
    assert filled("sources", "enable", "librarian").out == "librarian is off: set PUBCAT_CONTACT to turn it on\n"
    row = next(row for row in filled("sources", "list", "--json").lines if row["source"] == "librarian")
    assert (row["does"], row["needs"], row["budget"]) == ("asked", ["PUBCAT_CONTACT"], "2/s")
    assert filled("sources", "disable", "librarian").code == 0


def test_a_source_that_only_answers_is_asked_about_a_paper_everybody_knows(filled: Program) -> None:
    work = {"message-type": "work", "message": {"DOI": "10.1038/nature14539", "title": ["Deep learning"], "new": 1}}
    answer = server.Answer(json.dumps(work).encode(), "application/json")
    with server.serving(lambda path, query: answer if path.startswith("/works/") else None) as base_url:
        seen = sole(filled("sources", "test", "librarian", "--json", PUBCAT_BASE_URL_LIBRARIAN=base_url))
    assert (seen["titles"], seen["fields_nobody_knows"]) == (["Deep learning"], ["new"])
    assert seen["request"].endswith("/works/10.1038%2Fnature14539")


def test_an_affiliation_is_looked_up(filled: Program) -> None:
    asleep = filled("sources", "organisation", "Mila")
    assert (asleep.code, "set PUBCAT_CONTACT" in asleep.err) == (1, True)
    body = (ROOT / "tests" / "sources" / "ror" / "page.json").read_bytes()
    answer = server.Answer(body, "application/json")
    with server.serving(lambda path, query: answer if query.get("affiliation") else None) as base_url:
        done = filled("sources", "organisation", "Mila, Montréal", "--json", PUBCAT_BASE_URL_ROR=base_url)
    assert [(row["ror"], row["sure"]) for row in done.lines] == [("05c22rx21", True), ("0161xgx34", False)]


def test_sync_over_http(filled: Program) -> None:
    """What a server answers comes in; asked again it says "not modified", and nothing changes."""
    answers = {"/list.csv": server.Answer(CSV.encode(), "text/csv")}
    with server.serving(lambda path, query: answers.get(path)) as base_url:
        first = filled("sync", "shelf", "--json", PUBCAT_BASE_URL_SHELF=base_url)
        assert (first.code, first.lines[0]["new"]) == (0, 3), first.err
        seen = sole(filled("sources", "test", "shelf", "--json", PUBCAT_BASE_URL_SHELF=base_url))
        assert seen["read"] == "3 papers, 0 courses, 0 unreadable"
        digest, events = filled("dump", "--canonical", "--digest").out, filled("events", "replay").out
        again = filled("sync", "shelf", "--json", PUBCAT_BASE_URL_SHELF=base_url)
        assert (again.code, again.lines[0]["new"], again.lines[0]["changed"]) == (0, 0, 0)
        assert filled("dump", "--canonical", "--digest").out == digest
        assert filled("events", "replay").out == events
        answers.clear()
        gone = filled("sync", "shelf", "--json", PUBCAT_BASE_URL_SHELF=base_url)
        assert (gone.code, gone.lines[0]["state"]) == (1, "failed")
        assert "404" in gone.lines[0]["error"]
        assert filled("dump", "--canonical", "--digest").out == digest
        both = filled("sync", "desk", "shelf", PUBCAT_BASE_URL_SHELF=base_url)
        assert both.code == 1
        assert "desk: expected pages" in both.err
    assert filled("sync", "--full", "--since", "2024-01-01").code == 2


def test_reindex_changes_nothing(filled: Program) -> None:
    before = filled("dump", "--canonical", "--digest").out
    assert "plan:" in filled("reindex", "--all", "--dry-run").err
    done = filled("reindex", "--all")
    assert done.code == 0, done.err
    assert "0 papers or courses changed" in done.err
    assert filled("dump", "--canonical", "--digest").out == before
    assert filled("reindex").code == 2


def test_dump_db_doctor_events(filled: Program) -> None:
    lines = filled("dump", "--canonical").lines
    assert {line["entity"] for line in lines} >= {"paper", "person"}
    assert len(filled("dump", "--canonical", "--digest").out.strip()) == 64
    assert filled("dump").code == 2
    assert filled("db", "check").code == 0
    assert filled("db", "migrate").code == 0
    checks = {row["check"]: row["level"] for row in filled("doctor", "--json").lines}
    assert {checks[name] for name in ("versions", "database", "broker", "schema", "clock")} == {"ok"}
    replayed = filled("events", "replay", "--limit", "2").lines
    assert [event["kind"] for event in replayed] == ["created", "created"]
    followed = filled("events", "follow", "--after", "0", "--for", "0.5").lines
    assert followed[:2] == replayed


def test_mistakes_of_the_environment_are_sentences(filled: Program) -> None:
    for variables, words in (
        ({"PUBCAT_DATABASE_URL": "postgresql://x:y@127.0.0.1:1/z"}, "the database does not answer"),
        ({"PUBCAT_SOURCES": "/nowhere.toml"}, "sources file /nowhere.toml"),
        ({"PUBCAT_CONTACT": "you@example.com"}, "PUBCAT_CONTACT"),
    ):
        done = filled("sync", **variables)
        assert done.code == 1
        assert words in done.err
        assert "Traceback" not in done.err
        assert done.err.startswith("pubcat: ")
    assert "Traceback" in filled("sync", PUBCAT_SOURCES="/nowhere.toml", PUBCAT_DEBUG="1").err


def test_another_database_is_never_migrated_unasked(filled: Program) -> None:
    """A given database of another shape is left as it is until somebody says so."""
    import psycopg

    from worker import embedded

    found = embedded.running(filled.home / "data")
    assert found is not None
    with psycopg.connect(found.database_url, autocommit=True) as connection:
        connection.execute("create database elsewhere")
    elsewhere = found.database_url.rsplit("/", 1)[0] + "/elsewhere"
    done = filled("status", PUBCAT_DATABASE_URL=elsewhere)
    assert done.code == 1
    assert "run: pubcat db migrate" in done.err
    assert filled("db", "migrate", PUBCAT_DATABASE_URL=elsewhere).code == 0
    assert filled("status", PUBCAT_DATABASE_URL=elsewhere).code == 0


def test_no_escape_codes_in_pipes(filled: Program) -> None:
    assert "\x1b" not in filled("status").out + filled("papers", "search", "turtles").out


def test_a_folder_called_worker_is_not_our_program(filled: Program) -> None:
    (filled.home / "worker").mkdir(exist_ok=True)
    assert filled("--version").code == 0
    assert str(ROOT) in filled.environment["PYTHONPATH"]
    assert os.access(sys.executable, os.X_OK)


def test_columns_of_one_name_are_all_shown(filled: Program) -> None:
    found = filled("sql", "--format", "csv", "select count(*), count(abstract), count(doi) from papers where false")
    assert found.out == "count,count_2,count_3\n0,0,0\n"


def test_what_is_not_there_is_said(filled: Program) -> None:
    for what in ("retry", "discard"):
        done = filled("dead", what, "987654")
        assert (done.code, "987654" in done.err) == (1, True)
    (filled.home / "empty").mkdir()
    done = filled("ingest", "empty", "--source", "desk")
    assert (done.code, "no file in this folder" in done.err) == (1, True)
    assert filled("papers", "search", "turtles", "--lang", "de").code == 2
    assert filled("export", "--format", "ics", "--query", "select 1").code == 2
    assert filled("authors", "search", "?!").code == 1
    assert sole(filled("reindex", "--parser", "--dry-run", "--json"))["n_records"]
