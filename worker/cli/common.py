"""What commands share: servers and a current schema, tables for people, JSON lines for programs."""

from __future__ import annotations

import hashlib
import os
import re
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

    from catalog.engine import Cursor
    from worker.tools import Tools

ROOT = Path(__file__).resolve().parents[2]
Json = Annotated[bool, typer.Option("--json", help="One JSON object a line.")]
Row = Mapping[str, Any]


def group(help: str, command: str) -> typer.Typer:
    """A group of commands; ``command`` is an example that runs."""
    return typer.Typer(
        help=help, no_args_is_help=True, rich_markup_mode=None, add_completion=False, epilog=example(command)
    )


def single() -> typer.Typer:
    """A module of one command."""
    return typer.Typer(rich_markup_mode=None, add_completion=False)


def example(*commands: str) -> str:
    """The end of a help text: commands that run as they stand."""
    return "\n".join(["\b", "Example:" if len(commands) == 1 else "Examples:", *(f"  {c}" for c in commands)])


def say(message: str) -> None:
    """One line for people, on standard error."""
    print(f"pubcat: {message}", file=sys.stderr, flush=True)


# -- servers and the database


@contextmanager
def session(*, broker: bool = True) -> Iterator[Tools]:
    """Servers that answer, a current schema, and the tools of this process.

    Embedded servers that do not run are started, brought to the present shape, and stopped at the end.

    Raises:
        Misconfigured: no server, a database of another shape, or a sources file that cannot be read.
    """
    from worker import embedded
    from worker.tools import Tools

    quiet_logs()
    with embedded.servers(broker=broker) as found:
        tools = Tools(found.database_url, found.broker_url or None, role="pubcat command line")
        try:
            make_current(tools)
            yield tools
        finally:
            tools.close()


def make_current(tools: Tools) -> None:
    """Migrates the embedded database; asks for it elsewhere.

    Raises:
        Misconfigured: a database of ours to look at only, and of another shape.
    """
    with tools.transaction() as cursor:
        if is_current(cursor):
            return
    _migrate(tools.database_url)


def _migrate(database_url: str) -> None:
    from catalog import engine, migrate
    from worker.environment import given
    from worker.errors import Misconfigured

    bind = engine.engine(database_url)
    try:
        if migrate.is_current(bind):
            return
    finally:
        bind.dispose()
    if given("PUBCAT_DATABASE_URL"):
        raise Misconfigured("the database has another shape than this release needs; run: pubcat db migrate")
    migrate.migrate(database_url)


def is_current(cursor: Cursor) -> bool:
    """Whether tables and views are those of this release, told without Alembic, whose import takes 0.2 s.

    False may also mean that the files do not tell: then Alembic is asked.
    """
    versions = [path.read_text(encoding="utf-8") for path in (ROOT / "migrations" / "versions").glob("*.py")]
    made = {found[1] for text in versions if (found := re.search(r'^revision[^=\n]*= "(\w+)"', text, re.M))}
    left = {found[1] for text in versions if (found := re.search(r'^down_revision[^=\n]*= "(\w+)"', text, re.M))}
    views = "\0".join(path.read_text(encoding="utf-8") for path in sorted((ROOT / "catalog" / "views").glob("*.sql")))
    row = cursor.execute(
        "select to_regclass('public.alembic_version'), obj_description(to_regnamespace('analytics'), 'pg_namespace')"
    ).fetchone()
    if row is None or row[0] is None or not str(row[1]).endswith(hashlib.sha256(views.encode()).hexdigest()):
        return False
    present = {found[0] for found in cursor.execute("select version_num from public.alembic_version")}
    return present == made - left


@contextmanager
def reading(seconds: int = 60, *, prepared: bool = False) -> Iterator[Cursor]:
    """A cursor that can only read, everything as of one moment; the analysts' views need no schema name.

    ``seconds`` is the longest a statement may take; 0 sets no limit. With ``prepared`` the prepared tables and the
    text index tell what the catalog says now.
    """
    import psycopg

    from worker import embedded
    from worker.environment import given

    options = (
        "-c default_transaction_read_only=on -c default_transaction_isolation=repeatable\\ read"
        " -c search_path=analytics,catalog,ops,raw -c timezone=UTC"
        f" -c statement_timeout={seconds}s"
    )
    with embedded.servers(broker=False) as found:
        while True:
            with (
                psycopg.connect(
                    found.database_url, application_name="pubcat reader", connect_timeout=5, options=options
                ) as connection,
                connection.cursor() as cursor,
            ):
                if is_current(cursor):
                    if prepared and not given("PUBCAT_DATABASE_URL"):
                        _prepare(cursor, found.database_url)
                    connection.rollback()
                    yield cursor
                    return
            _migrate(found.database_url)


def _prepare(cursor: Cursor, database_url: str) -> None:
    """Computes what is prepared for readers, unless a worker does so in its own time.

    Nobody reads an embedded database but through us, so whoever fills it leaves this to the first reader.
    """
    from catalog import marts
    from worker import ledger

    if ledger.somebody_works(cursor) or not marts.are_dirty(cursor):
        return
    from worker import run
    from worker.tools import Tools

    if is_terminal():
        say("the catalog changed: preparing tables for readers")
    tools = Tools(database_url, role="pubcat command line")
    try:
        run.refresh(tools)
    finally:
        tools.close()


def rows(cursor: Cursor, query: str, parameters: Any = None) -> list[dict[str, Any]]:
    """The answer of a query as dictionaries."""
    from psycopg.rows import dict_row

    with cursor.connection.cursor(row_factory=dict_row) as named:
        return named.execute(query.encode(), parameters).fetchall()


def quiet_logs() -> None:
    """Logs go to standard error, warnings only; what matters is told by the commands themselves."""
    import logging

    import structlog

    debug = bool(os.environ.get("PUBCAT_DEBUG"))
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper("%H:%M:%S", utc=True),
            # The default shows all local variables: whole pages, and half a minute for each.
            structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO if debug else logging.CRITICAL),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=False,
    )


def known(what: str, text: str, ids: list[int]) -> list[int]:
    """The numbers that a text means.

    Raises:
        Misconfigured: there are none.
    """
    from worker.errors import Misconfigured

    if not ids:
        raise Misconfigured(f"no {what} is known as {text!r}; try pubcat {what}s search WORDS")
    return ids


def sole(what: str, text: str, ids: list[int]) -> int:
    """The one number that a text means.

    Raises:
        Misconfigured: there is none, or several.
    """
    from worker.errors import Misconfigured

    if len(known(what, text, ids)) > 1:
        raise Misconfigured(f"{text!r} is on {', '.join(f'{what[0]}-{i:06d}' for i in ids)}: name one of them")
    return ids[0]


# -- output


@cache
def console(*, stderr: bool = False) -> Console:
    """Where tables and bars go: as wide as the terminal, or as wide as they like in a file."""
    from rich.console import Console

    terminal = (sys.stderr if stderr else sys.stdout).isatty()
    return Console(stderr=stderr, width=None if terminal else 4000, highlight=False, soft_wrap=False, emoji=False)


def is_terminal() -> bool:
    """Whether somebody watches: progress bars are for them only."""
    return sys.stderr.isatty()


def show(found: Iterable[Row], columns: Mapping[str, str], *, json: bool = False, empty: str = "nothing found") -> None:
    """Rows as a table (``columns``: name -> heading), or whole as JSON lines."""
    if json:
        for row in found:
            print_json(row)
        return
    from rich.table import Table
    from rich.text import Text

    listed = list(found)
    if not listed:
        say(empty)
        return
    table = Table(box=None, pad_edge=False, header_style="bold", show_edge=False)
    for name, heading in columns.items():
        number = all(isinstance(row[name], int | float | None) for row in listed)
        table.add_column(heading, justify="right" if number else "left", overflow="fold", no_wrap=number)
    for row in listed:
        table.add_row(*(Text(plain(row[name])) for name in columns))
    _put(table)


def facts(pairs: Sequence[tuple[str, Any]]) -> None:
    """Name and value, one a line; what is not known is left out."""
    from rich.table import Table
    from rich.text import Text

    table = Table.grid(padding=(0, 2))
    table.add_column(style="bold", no_wrap=True)
    table.add_column(overflow="fold")
    for name, value in pairs:
        if value not in (None, "", []):
            table.add_row(name, Text(plain(value)))
    _put(table)


def _put(table: Table) -> None:
    """Prints a table without the blanks that fill its last column."""
    with console().capture() as caught:
        console().print(table)
    print("\n".join(line.rstrip() for line in caught.get().splitlines()))


def plain(value: Any) -> str:
    """A value as people read it."""
    match value:
        case None:
            return ""
        case bool():
            return "yes" if value else "no"
        case datetime():
            return value.astimezone(UTC).strftime("%Y-%m-%d %H:%M")
        case float():
            return f"{value:.2f}".rstrip("0").rstrip(".")
        case list() | tuple():
            return "; ".join(plain(item) for item in value)
        case _:
            return str(value)


def print_json(row: Row) -> None:
    """One JSON object on one line; unread bytes are shown in hexadecimal."""
    import orjson

    sys.stdout.buffer.write(orjson.dumps(dict(row), default=_json_value, option=orjson.OPT_APPEND_NEWLINE))


def _json_value(value: Any) -> Any:
    if isinstance(value, bytes | memoryview):
        return bytes(value).hex()
    if isinstance(value, Decimal):
        whole = value.is_finite() and abs(value) < 1 << 63 and value == value.to_integral_value()
        return int(value) if whole else float(value)
    return str(value)


def ago(moment: datetime | None, now: datetime) -> str:
    """How long ago, in the unit that tells most."""
    if moment is None:
        return "never"
    return f"{span((now - moment).total_seconds())} ago"


def span(seconds: float) -> str:
    """A length of time in one unit."""
    for size, unit in ((86_400, "d"), (3600, "h"), (60, "min")):
        if seconds >= 2 * size or seconds == size:
            return f"{seconds / size:.0f} {unit}"
    return f"{max(0.0, seconds):.0f} s"


def a_day(text: str) -> date:
    """A day as ``YYYY-MM-DD``.

    Raises:
        typer.BadParameter: anything else.
    """
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise typer.BadParameter(f"{text!r} is no day; write YYYY-MM-DD") from error
