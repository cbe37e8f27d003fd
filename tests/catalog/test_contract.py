"""The committed contract is that of the database; the docs written from it are those of today."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

import psycopg
import pytest

from catalog import dictionary
from catalog.engine import Cursor

HOW = (
    "python -m catalog.dictionary DATABASE_URL writes it anew; raise the version in 80_contract.sql and say so in"
    " 81_changelog.sql"
)


@pytest.fixture
def cursor(database: str) -> Iterator[Cursor]:
    with psycopg.connect(database) as connection, connection.cursor() as found:
        yield found


def test_views_are_those_of_the_committed_contract(cursor: Cursor) -> None:
    committed = json.loads(dictionary.CONTRACT.read_text(encoding="utf-8"))
    found = dictionary.contract(cursor)
    assert found == committed, HOW
    assert [list(columns) for columns in found.values()] == [list(columns) for columns in committed.values()], HOW


def test_only_allowed_types_and_nothing_without_comment(cursor: Cursor) -> None:
    for view, columns in dictionary.contract(cursor).items():
        if "(" not in view:
            assert set(columns.values()) <= dictionary.TYPES, view
    silent = cursor.execute(
        "select view_name, column_name from analytics.data_dictionary"
        " where coalesce(comment, '') = '' or coalesce(view_comment, '') = ''"
    ).fetchall()
    assert silent == []
    assert all(dictionary.comments(cursor).values())


def without_examples(text: str) -> str:
    return re.sub(r"(?m)^(\| (?:[^|\\]|\\.)+ \| (?:[^|\\]|\\.)+ \| (?:[^|\\]|\\.)+ \|).*$", r"\1", text)


def test_the_data_dictionary_is_of_today(cursor: Cursor) -> None:
    committed = dictionary.DICTIONARY.read_text(encoding="utf-8")
    assert without_examples(committed) == without_examples(dictionary.dictionary(cursor, {})), HOW
    rows = re.findall(r"(?m)^\| \w+ \| .* \| (`?)[^|]*\|$", committed)
    assert sum(mark == "`" for mark in rows) > 0.7 * len(rows)


def test_the_diagram_is_of_today(cursor: Cursor) -> None:
    assert dictionary.DIAGRAM.read_text(encoding="utf-8") == dictionary.diagram(dictionary.contract(cursor)), HOW


def test_lines_of_the_diagram_join(cursor: Cursor) -> None:
    """Every column that the diagram calls a key joins: same type on both sides."""
    found = dictionary.contract(cursor)
    for target, view, column in re.findall(r"(\w+) \|\|--o\{ (\w+) : (\w+)", dictionary.diagram(found)):
        key = dictionary.OTHER_NAMES.get(column, column)
        assert found[view][column] == found[target][key], (view, column)
        cursor.execute(f"select 1 from analytics.{view} v join analytics.{target} t on t.{key} = v.{column} limit 1")  # noqa: S608


def test_sample_queries_are_those_of_the_docs() -> None:
    assert dictionary.SAMPLES_VIEW.read_text(encoding="utf-8") == dictionary.samples_view(), HOW
