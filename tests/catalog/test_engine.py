"""Lists as parameters, and packed rows, against a real Postgres."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest

from catalog import copying
from worker.tools import Tools


@pytest.mark.parametrize(
    ("kind", "values"),
    [
        ("bigint[]", [1, -5, 1 << 60]),
        ("bigint[]", [1, None, 3]),
        ("bigint[]", [None, 3]),
        ("bigint[]", []),
        ("bigint[]", [[1, 2], [3, 4]]),
        ("smallint[]", [1, 2]),
        ("bool[]", [True, False]),
        ("float8[]", [1.5, 2.0]),
        ("bytea[]", [b"\0a", b'"\\', b"", b"{},NULL"]),
        ("bytea[]", [b"a", None]),
        ("bytea[]", [None, b"a"]),
        ("text[]", ["a b", "NULL", " x,{}", "", "né\u2028"]),
        ("text[]", ['a"b', "c\\", ""]),
        ("text[]", ["a", None, "NULL"]),
        ("text[]", [None, "a"]),
        ("text[]", [["a", "b"], ["c", "d"]]),
    ],
)
def test_a_list_arrives_as_it_was_sent(tools: Tools, kind: str, values: list[Any]) -> None:
    with tools.transaction() as cursor:
        assert cursor.execute(f"select %s::{kind}", (values,)).fetchone() == (values,)


def test_a_number_that_is_no_bigint_is_an_error_of_the_database(tools: Tools) -> None:
    for numbers in ([1, 1 << 63], [None, 1 << 63], [1, None, -(1 << 63) - 1]):
        with tools.transaction() as cursor, pytest.raises(psycopg.DataError):
            cursor.execute("select %s::bigint[]", (numbers,))


def test_a_list_without_a_cast_is_compared_with_what_stands_beside_it(tools: Tools) -> None:
    with tools.transaction() as cursor:
        row = cursor.execute("select 2 = any(%s), 'x' = any(%s)", ([1, 2], ["x", "y"])).fetchone()
    assert row == (True, True)


def test_packed_rows_hold_texts_arrays_json_and_nulls(tools: Tools) -> None:
    with tools.transaction() as cursor:
        cursor.execute("create temporary table packed (a text, b text[], c jsonb, d text)")
        row = copying.text("é\n") + copying.texts(["x", "", '"']) + copying.field(copying.jsonb(b'{"k": [1]}'))
        copying.copy_in(cursor, "packed", "a, b, c, d", [b"\0\4" + row + copying.NULL] * 2)
        copying.copy_in(cursor, "packed", "a, b, c, d", [])
        expected = ("é\n", ["x", "", '"'], {"k": [1]}, None)
        assert cursor.execute("select * from packed").fetchall() == [expected, expected]
