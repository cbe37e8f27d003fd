"""One engine a process, and the transactions that everything writes through."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from struct import Struct
from struct import error as OutOfRange
from typing import Any

import psycopg
from psycopg.abc import Buffer
from psycopg.adapt import PyFormat
from psycopg.rows import dict_row
from psycopg.types.array import BaseListDumper, ListBinaryDumper, ListDumper
from sqlalchemy import Engine, create_engine, make_url
from sqlalchemy.exc import DBAPIError


class _Numbers(ListBinaryDumper):
    """``bigint[]`` written in one go, binary: Postgres reads it without a look at every digit."""

    oid = psycopg.adapters.types["int8"].array_oid

    def dump(self, obj: list[int]) -> Buffer | None:
        try:
            if None in obj:
                fields = [_MISSING if number is None else _EIGHT + _long(number) for number in obj]
                return _array(1, 1, _INT8, len(obj), 1) + b"".join(fields)
            return _array(1, 0, _INT8, len(obj), 1) + _EIGHT + _EIGHT.join(map(_long, obj))
        except OutOfRange as error:
            raise psycopg.DataError("a number is out of the range of bigint") from error


_INT8 = psycopg.adapters.types["int8"].oid
_EIGHT, _MISSING = b"\0\0\0\x08", b"\xff\xff\xff\xff"
_array = Struct(">iiiii").pack
_long = Struct(">q").pack


class _Texts(ListDumper):
    """An array of texts written in one go, when none of them needs an escape or is missing."""

    def dump(self, obj: list[str]) -> Buffer | None:
        if None not in obj:
            text = '","'.join(obj)
            if "\\" not in text and text.count('"') == 2 * len(obj) - 2:
                return b'{"%s"}' % text.encode()
        return super().dump(obj)


class _Bytes(ListDumper):
    """``bytea[]`` written in one go, when none of them is missing."""

    oid = psycopg.adapters.types["bytea"].array_oid

    def dump(self, obj: list[bytes]) -> Buffer | None:
        if None in obj:
            return super().dump(obj)
        return b'{"\\\\x%s"}' % '","\\\\x'.join([one.hex() for one in obj]).encode()


_WHOLE: dict[type, type[BaseListDumper]] = {int: _Numbers, str: _Texts, bytes: _Bytes}


class _Lists(ListDumper):
    """Lists as parameters: the batches of every stage are lists of numbers, texts or hashes, which psycopg writes
    element by element (a twelfth of the worker's time). All numbers are ``bigint``, so a statement is prepared once."""

    def get_key(self, obj: list[Any], format: PyFormat) -> Any:
        kind = type(obj[0]) if obj else None
        return (list, kind) if kind in _WHOLE else super().get_key(obj, format)

    def upgrade(self, obj: list[Any], format: PyFormat) -> BaseListDumper:
        kind = type(obj[0]) if obj else None
        return _WHOLE[kind](list, self._tx) if kind in _WHOLE else super().upgrade(obj, format)


psycopg.adapters.register_dumper(list, _Lists)

Cursor = psycopg.Cursor[tuple[Any, ...]]
Rows = list[dict[str, Any]]


IDLE_S = 120
"""A session that holds a transaction so long without a word is ended: its process is frozen, and others wait for its
locks."""


def engine(url: str, *, role: str = "pubcat", pool_size: int = 4) -> Engine:
    """An engine for ``postgresql://`` URLs; ``role`` shows in ``pg_stat_activity``.

    Connections are tested before use (a restarted server costs one reconnect), a network that swallows packets is
    noticed within half a minute, and no statement waits for a lock longer than 20 s: the work is tried again later
    instead.
    """
    return create_engine(
        make_url(url).set(drivername="postgresql+psycopg"),
        pool_size=pool_size,
        max_overflow=4,
        pool_pre_ping=True,
        connect_args={
            "application_name": role,
            "connect_timeout": 5,
            "keepalives_idle": 10,
            "keepalives_interval": 5,
            "keepalives_count": 4,
            "tcp_user_timeout": 30_000,
            "options": f"-c lock_timeout=20s -c idle_in_transaction_session_timeout={IDLE_S}s -c timezone=UTC",
        },
    )


@contextmanager
def transaction(bind: Engine) -> Iterator[Cursor]:
    """A cursor in one transaction: committed at the end, rolled back on any exception.

    A plain psycopg cursor, because the hot path speaks COPY and arrays. Errors are psycopg's, too.
    """
    try:
        pooled = bind.raw_connection()
    except DBAPIError as error:
        raise error.orig or error from error
    try:
        connection: psycopg.Connection[Any] = pooled.driver_connection  # type: ignore[assignment]
        with connection.transaction(), connection.cursor() as cursor:
            yield cursor
    finally:
        pooled.close()


_AWAY = ("08", "53", "57", "58", "55P03", "25P03", "25006")
"""SQLSTATE classes and codes: connection, resources, operator, system; lock time-out, idle too long, read-only."""


def is_away(error: BaseException) -> bool:
    """Whether Postgres could not serve us just now, whatever we asked. It may have committed before it went."""
    if not isinstance(error, psycopg.Error):
        return False
    if error.sqlstate is None:
        return isinstance(error, psycopg.OperationalError | psycopg.InterfaceError)
    return error.sqlstate.startswith(_AWAY)


def is_race(error: BaseException) -> bool:
    """Whether another transaction was there first: the same transaction, tried again, sees what that one wrote."""
    return isinstance(
        error, psycopg.errors.SerializationFailure | psycopg.errors.DeadlockDetected | psycopg.errors.UniqueViolation
    )


def rows(cursor: Cursor, query: str, parameters: Any = None) -> Rows:
    """Rows as dictionaries, for readers that are not in a hurry."""
    with cursor.connection.cursor(row_factory=dict_row) as named:
        return named.execute(query, parameters).fetchall()
