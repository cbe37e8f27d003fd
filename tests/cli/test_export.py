"""Exports as people ask for them: to standard output, into files, into folders; read back by other programs."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import duckdb
import pandas
import polars
import pyarrow.parquet as pq
import pytest

from tests.cli.program import Program

VIEWS = ("papers", "authors", "authorships", "source_records", "courses_calendar", "field_provenance", "freshness")


@pytest.fixture(scope="module")
def filled(pubcat: Program) -> Program:
    """Three papers, one of them with a title that would like to be a formula."""
    extra = pubcat.home / "more.csv"
    extra.write_text('id,title,authors,year\n4,"=HYPERLINK(""http://127.0.0.1/"")","Ann Lee; Group of Friends",2024\n')
    assert pubcat("ingest", str(pubcat.home / "desk.csv"), str(extra), "--source", "desk").code == 0
    return pubcat


@pytest.mark.parametrize(
    ("format", "start"),
    [
        ("csv", '"paper_id"'),
        ("jsonl", '{"paper_id"'),
        ("bibtex", "@"),
        ("ris", "TY  - "),
        ("csl", "["),
        ("ics", "BEGIN"),
    ],
)
def test_standard_output(filled: Program, format: str, start: str) -> None:
    done = filled("export", "--format", format)
    assert (done.code, done.err) == (0, "")
    assert done.out.startswith(start)


def test_text_formats_hold_every_paper(filled: Program) -> None:
    assert filled("export", "-f", "bibtex").out.count("\n}\n") == 4
    assert filled("export", "-f", "ris").out.count("TY  - ") == 4
    assert len(json.loads(filled("export", "-f", "csl").out)) == 4
    one = filled("export", "-f", "ris", "--query", "select paper_id from papers where publication_year = 2024")
    assert "TI  - =HYPERLINK" in one.out
    assert one.out.count("TY  - ") == 1


def test_a_snapshot_is_read_by_everybody(filled: Program) -> None:
    folder = filled.home / "snapshots" / "2026-01-01"
    assert filled("export", "-f", "parquet", "-o", str(folder)).code == 0
    manifest = json.loads((folder / "manifest.json").read_text())
    assert {one["view"] for one in manifest["files"]} >= set(VIEWS)
    for one in manifest["files"]:
        file = folder / one["file"]
        assert hashlib.sha256(file.read_bytes()).hexdigest() == one["sha256"]
        assert pq.read_table(file).num_rows == one["rows"]
        assert polars.read_parquet(file).height == one["rows"]
        assert len(pandas.read_parquet(file)) == one["rows"]
        assert len(duckdb.read_parquet(str(file))) == one["rows"]
    assert (folder / "LICENCE.md").exists()
    assert (filled.home / "snapshots" / "latest").resolve() == folder.resolve()
    with duckdb.connect() as connection:
        connection.execute((folder / "schema.sql").read_text())


def test_csv_into_a_folder_and_duckdb(filled: Program) -> None:
    folder = filled.home / "tables"
    done = filled("export", "-f", "csv", "-o", str(folder), "--json")
    assert {line["view"] for line in done.lines} >= set(VIEWS)
    assert "\"'=HYPERLINK" in (folder / "papers.csv").read_text()
    file = filled.home / "catalog.duckdb"
    assert filled("export", "-f", "duckdb", "-o", str(file)).code == 0
    with duckdb.connect(str(file), read_only=True) as connection:
        assert connection.sql("select count(*) from papers").fetchall() == [(4,)]
        [found, *_] = connection.sql("select comment from duckdb_columns() where column_name = 'n_authors'").fetchall()
    assert found[0]


def test_one_view_into_one_file(filled: Program) -> None:
    file = filled.home / "authors.jsonl"
    assert filled("export", "-f", "jsonl", "--view", "authors", "-o", str(file)).code == 0
    assert "display_name" in json.loads(file.read_text().splitlines()[0])


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("-f", "csv", "--view", "papper"), 1, "there are author"),
        (("-f", "parquet", "-o", "-"), 2, "is no text"),
        (("-f", "bibtex", "--view", "papers"), 2, "--view chooses tables"),
        (("-f", "csv", "--query", "select 1"), 2, "--query chooses papers"),
        (("-f", "ris", "--query", "select nothing"), 1, "the query failed"),
        (("-f", "docx"), 2, "Invalid value"),
    ],
)
def test_wrong_calls_are_told(filled: Program, arguments: tuple[str, ...], code: int, said: str) -> None:
    done = filled("export", *arguments)
    assert done.code == code
    assert said in done.err


def test_a_failed_export_leaves_the_old_file(filled: Program, tmp_path: Path) -> None:
    file = tmp_path / "papers.bib"
    file.write_text("old")
    assert filled("export", "-f", "bibtex", "-o", str(file), "--query", "select 1/0 as paper_id").code == 1
    assert file.read_text() == "old"
    assert [found.name for found in tmp_path.iterdir()] == ["papers.bib"]


def test_a_report_of_the_catalog(filled: Program) -> None:
    done = filled("report", "--title", "The <desk>", "-o", "sub/report.html")
    assert done.code == 0, done.err
    page = (filled.home / "sub" / "report.html").read_text()
    assert "<h1>The &lt;desk&gt;</h1>" in page
    assert "<b>4</b><span>papers</span>" in page
    assert "Annals of Examples" in page
    assert filled("report", "-o", "-").out.startswith("<!doctype html>")
