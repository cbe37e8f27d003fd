"""Rows in the binary format of COPY, for the tables that get several narrow rows a record.

Field by field, psycopg needs some 3 microseconds a row; one ``struct`` for a whole row needs a fifth of that.
https://www.postgresql.org/docs/current/sql-copy.html (binary format)
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from struct import Struct

from catalog.engine import Cursor

NULL = b"\xff\xff\xff\xff"
"""A field without a value."""
NO_TEXTS = Struct(">iiii").pack(12, 0, 0, 25)
"""A field of type text[] that holds an array of nothing."""
_HEAD = b"PGCOPY\n\xff\r\n\0" + bytes(8)
_TAIL = b"\xff\xff"
_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_length = Struct(">i").pack
_long = Struct(">iq").pack
_bool = Struct(">i?").pack
_array = Struct(">iiiii").pack
_TEXT_OID = 25


def copy_in(cursor: Cursor, table: str, columns: str, rows: Sequence[bytes]) -> None:
    """Writes packed rows; nothing for none."""
    if rows:
        with cursor.copy(f"copy {table} ({columns}) from stdin (format binary)") as copy:
            copy.write(b"".join((_HEAD, *rows, _TAIL)))


def text(value: str) -> bytes:
    """A field of type text, its length before it."""
    data = value.encode()
    return _length(len(data)) + data


def optional_texts(values: Iterable[str | None]) -> list[bytes]:
    """Fields of type text, some without a value."""
    return [NULL if value is None else text(value) for value in values]


def number(value: int) -> bytes:
    """A field of type bigint."""
    return _long(8, value)


def truth(value: bool) -> bytes:
    """A field of type boolean."""
    return _bool(1, value)


def moment(value: datetime | None) -> bytes:
    """A field of type timestamptz: microseconds since the year 2000."""
    return NULL if value is None else _long(8, (value - _EPOCH) // _MICROSECOND)


def texts(values: Iterable[str]) -> bytes:
    """A field of type text[], which holds no nulls; none for none."""
    body = array(values)
    return NULL if body is None else _length(len(body)) + body


def array(values: Iterable[str]) -> bytes | None:
    """What stands in a field of type text[]; None for none."""
    fields = [text(value) for value in values]
    return _array(1, 0, _TEXT_OID, len(fields), 1) + b"".join(fields) if fields else None


def jsonb(document: bytes) -> bytes:
    """What stands in a field of type jsonb: a version number, then JSON."""
    return b"\x01" + document


def field(body: bytes | None) -> bytes:
    """A field from what stands in it."""
    return NULL if body is None else _length(len(body)) + body
