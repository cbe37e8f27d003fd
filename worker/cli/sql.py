"""``pubcat sql``: the read-only analyst."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

import typer

from worker.cli import common

if TYPE_CHECKING:
    from catalog.engine import Cursor

app = common.single()


class Format(StrEnum):
    """How answers are printed."""

    table = "table"
    csv = "csv"
    json = "json"


@app.command(
    epilog=common.example(
        'pubcat sql "select paper_key, title from papers order by paper_id limit 5"',
        'pubcat sql --format csv "select * from authorships"',
    )
)
def sql(
    query: Annotated[str | None, typer.Argument(help="One SQL query; - reads it from standard input.")] = None,
    format: Annotated[Format, typer.Option(help="How to print the answer; json is one object a line.")] = Format.table,
) -> None:
    """Query the views of schema analytics; nothing can be changed, and a query may take 60 seconds.

    Runs as a login of its own that sees these views only. Without QUERY psql opens, if it is installed. The views
    and their columns: select * from data_dictionary
    """
    if query is None and sys.stdin.isatty():
        _psql()
        return
    text = sys.stdin.read() if query in (None, "-") else str(query)
    import psycopg

    with (
        _analyst() as (address, options),
        psycopg.connect(address, application_name="pubcat sql", connect_timeout=5, options=options) as connection,
        connection.cursor() as cursor,
    ):
        _print(_answers(cursor, text), format)


@contextmanager
def _analyst() -> Iterator[tuple[str, str]]:
    """Address and settings of a reader's connection.

    Where the database user may not make logins, its own is used, read-only.
    """
    import psycopg

    from catalog import roles
    from worker import embedded

    with embedded.servers(broker=False) as found:
        with common.reading(prepared=True):
            """The schema and what is prepared are current now."""
        try:
            yield roles.reader_url(found.database_url), ""
        except psycopg.errors.InsufficientPrivilege:
            common.say("this database user may not make a login for readers: the query runs as itself, read-only")
            settings = "-c default_transaction_read_only=on -c search_path=analytics -c statement_timeout=60s"
            yield found.database_url, f"{settings} -c timezone=UTC"


def _answers(cursor: Cursor, text: str) -> Iterator[Mapping[str, Any]]:
    """A row of the names of the columns, then the rows of the query.

    Raises:
        Misconfigured: Postgres does not understand it, or refuses to write.
    """
    import psycopg

    from worker.errors import Misconfigured

    try:
        cursor.execute(text.encode(), prepare=True)
        if cursor.description is not None:
            names = _distinct(column.name for column in cursor.description)
            yield dict.fromkeys(names)
            for row in cursor:
                yield dict(zip(names, row, strict=True))
    except psycopg.Error as error:
        said = error.diag.message_primary or str(error)
        hint = f" {error.diag.message_hint}" if error.diag.message_hint else ""
        raise Misconfigured(f"the query failed: {said}.{hint}") from error


def _distinct(names: Iterable[str]) -> list[str]:
    """Names of columns, numbered where a query uses one twice, as ``select count(*), count(doi)`` does."""
    known: dict[str, None] = {}
    for name in names:
        free = (name, *(f"{name}_{number}" for number in range(2, 2000)))
        known[next(one for one in free if one not in known)] = None
    return list(known)


def _print(found: Iterator[Mapping[str, Any]], format: Format) -> None:
    columns = next(found, {})
    match format:
        case Format.json:
            common.show(found, {}, json=True)
        case Format.csv:
            import csv

            out = csv.writer(sys.stdout, lineterminator="\n")
            out.writerow(columns)
            for row in found:
                out.writerow([_cell(value) for value in row.values()])
        case Format.table:
            common.show(found, {name: name for name in columns}, empty="no rows")


def _cell(value: Any) -> Any:
    import orjson

    return orjson.dumps(value).decode() if isinstance(value, list | dict) else value


def _psql() -> None:
    """Opens psql as a reader.

    Raises:
        Misconfigured: there is none.
    """
    from urllib.parse import unquote, urlsplit, urlunsplit

    from worker.errors import Misconfigured

    program = shutil.which("psql")
    if program is None:
        raise Misconfigured('psql is not installed; give a query: pubcat sql "select count(*) from papers"')
    with _analyst() as (address, options):
        parts = urlsplit(address)
        # A password on the command line is seen by everybody on the machine.
        bare = urlunsplit(parts._replace(netloc=f"{parts.username}@{parts.netloc.rpartition('@')[2]}"))
        environment = {**os.environ, "PGOPTIONS": options}
        if parts.password:
            environment["PGPASSWORD"] = unquote(parts.password)
        subprocess.run([program, bare], env=environment, check=False)
