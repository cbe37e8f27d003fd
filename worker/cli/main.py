"""The program ``pubcat``: its commands by name. What a command needs is imported when it is called."""

from __future__ import annotations

import os
import signal
import sys
from importlib import import_module
from typing import Annotated, Any

import typer
from typer.core import TyperCommand, TyperGroup

COMMANDS = {
    "demo": ("demo", "Show the whole pipeline at work on a sample institute, on this machine."),
    "up": ("up", "Run everything in the foreground: servers, worker, scheduler, /healthz, /metrics."),
    "down": ("down", "Stop what this home started."),
    "sync": ("sync", "Bring sources up to date."),
    "ingest": ("ingest", "Read files, folders, addresses or standard input."),
    "reindex": ("reindex", "Decide or read again what is stored; no network."),
    "status": ("status", "Show sources, open work, workers and dead letters on one screen."),
    "runs": ("runs", "List, show, cancel or confirm runs."),
    "dead": ("dead", "List, show, retry or discard what could not be read."),
    "sources": ("sources", "List, show or test sources, or switch them on and off."),
    "schedule": ("schedule", "List, set or pause when sources are synced."),
    "papers": ("papers", "Search papers, show one with its reasons, and decide."),
    "authors": ("authors", "Search authors, show one with their papers, and decide who is who."),
    "roster": ("roster", "Say who belongs to the institute, and see which authors they are."),
    "courses": ("courses", "List courses, show one, or correct one."),
    "review": ("review", "Decide pairs that may be one work, side by side."),
    "undo": ("undo", "Take a decision back, or list all of them."),
    "events": ("events", "Follow or replay what changed."),
    "sql": ("sql", "Query the catalog as a read-only analyst."),
    "export": ("export", "Write the catalog as CSV, Parquet, BibTeX, a calendar and more."),
    "report": ("report", "Write the catalog in pictures, as one HTML page."),
    "dump": ("dump", "Print the whole catalog as sorted JSON Lines, or its digest."),
    "rebuild": ("rebuild", "Work everything out again in an empty database, and compare."),
    "db": ("db", "Migrate or check the database, and let people read it."),
    "doctor": ("doctor", "Check this installation and say what to do."),
}
"""Command -> (module of worker/cli, what it does). The module holds a ``typer.Typer`` called ``app``."""

FAILED, BUSY = 1, 4
"""Exit codes of errors; 2 is a wrong call, 3 says that a part of the work failed."""


class Lazy(TyperGroup):
    """Knows its commands by one line each; loads the one that is called."""

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """Puts the real command in the place of its one line."""
        if args and args[0] in COMMANDS:
            self.commands[args[0]] = load(args[0])
        return super().resolve_command(ctx, args)


def load(name: str) -> TyperCommand | TyperGroup:
    """The command of that name, from its module."""
    command = typer.main.get_command(import_module(f"worker.cli.{COMMANDS[name][0]}").app)
    command.name = name
    return command  # type: ignore[return-value]


def _version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import PackageNotFoundError, version

        try:
            typer.echo(f"pubcat {version('pubcat')}")
        except PackageNotFoundError:
            typer.echo("pubcat 0 (checkout)")
        raise typer.Exit


app = typer.Typer(
    name="pubcat",
    cls=Lazy,
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110},
    epilog="\b\nExample:\n  pubcat demo",
)


@app.callback()
def pubcat(
    version: Annotated[
        bool, typer.Option("--version", help="Say which version this is.", callback=_version, is_eager=True)
    ] = False,
) -> None:
    """Keeps a research institute's publication catalog true by itself."""


def program() -> TyperGroup:
    """All commands, known by one line each."""
    group = typer.main.get_command(app)
    assert isinstance(group, TyperGroup)
    group.commands.update(
        {name: TyperCommand(name, help=line, short_help=line) for name, (_, line) in COMMANDS.items()}
    )
    return group


def main() -> None:
    """Runs one command; whatever goes wrong becomes one sentence and an exit code."""
    for number in (signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(number) is signal.SIG_DFL:  # not under nohup
            # As Ctrl-C: what is claimed is given back, and what this command started is stopped.
            signal.signal(number, signal.default_int_handler)
    try:
        program()(prog_name="pubcat")
    except KeyboardInterrupt:
        sys.exit(130)
    except Exception as error:
        if os.environ.get("PUBCAT_DEBUG"):
            raise
        print(f"pubcat: {sentence(error)}", file=sys.stderr)
        sys.exit(BUSY if type(error).__name__ == "Busy" else FAILED)


def sentence(error: BaseException) -> str:
    """What went wrong and what to do, in one line."""
    from worker.errors import IngestError

    said = " ".join(str(error).split())
    package = type(error).__module__.partition(".")[0]
    if isinstance(error, IngestError):
        return said
    if package in ("psycopg", "sqlalchemy") and "Operational" in type(error).__name__:
        said = said.partition("(Background on this error")[0].removeprefix("(psycopg.OperationalError) ").strip()
        return f"the database does not answer: {said}. Check PUBCAT_DATABASE_URL, or run: pubcat doctor"
    if package in ("psycopg", "sqlalchemy"):
        return f"the database refuses: {said}"
    if package in ("redis", "kombu"):
        return f"the broker does not answer: {said}. Check PUBCAT_BROKER_URL, or run: pubcat doctor"
    if isinstance(error, OSError) and error.strerror:
        return f"{error.filename}: {error.strerror}" if error.filename else error.strerror
    return f"{type(error).__name__}: {said}. This is a bug; PUBCAT_DEBUG=1 shows where it happened"
