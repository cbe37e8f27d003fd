"""``pubcat rebuild``: works the whole catalog out again, somewhere else, from what was given."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Annotated, Any

import typer

from worker.cli import common

if TYPE_CHECKING:
    from worker.pipeline.rebuild import Given
    from worker.tools import Tools

app = common.single()

FACTS = {
    "payloads": "payloads", "pages": "pages read", "decisions": "decisions", "records": "records", "papers": "papers",
    "unreadable": "unreadable", "seconds": "seconds", "digest": "digest here", "rebuilt_digest": "digest there",
    "equal": "equal",
}  # fmt: skip


@app.command(
    epilog=common.example(
        "pubcat rebuild --from-raw --into ./rebuilt",
        "pubcat rebuild --from-raw --into postgresql://me@localhost/rebuilt",
    )
)
def rebuild(
    into: Annotated[
        str, typer.Option(metavar="URL", help="An empty Postgres database, or a new folder for an embedded one.")
    ],
    from_raw: Annotated[bool, typer.Option("--from-raw", help="From stored payloads and people's decisions.")] = False,
    json: common.Json = False,
) -> None:
    """Rebuild the catalog in an empty database from stored payloads and decisions, and compare the two.

    Nothing is asked of any source. Exit code 0 when both digests are equal, else 1. This database is only read.
    """
    if not from_raw:
        raise typer.BadParameter("--from-raw is the only way there is", param_hint="rebuild")
    from worker import run

    started = time.monotonic()
    with common.session(broker=False) as tools, _target(tools, into) as other:
        given, digest = _copy(tools, other)
        with _progress("reading", given.n_pages) as advance:
            other.progress = lambda kind: advance(1) if kind == "parse" else None
            run.drain(other)
        run.refresh(other)
        told = _compare(other, given, digest)
    told["seconds"] = round(time.monotonic() - started, 1)
    if json:
        common.print_json(told)
    else:
        common.facts([(heading, told[name]) for name, heading in FACTS.items()])
    raise typer.Exit(0 if told["equal"] else 1)


@contextmanager
def _target(tools: Tools, into: str) -> Iterator[Tools]:
    """Tools on the empty database, brought to the present shape; all sources are off, so nothing is asked.

    Raises:
        Misconfigured: it holds anything.
    """
    from dataclasses import replace
    from pathlib import Path

    from catalog import migrate
    from worker import embedded
    from worker.pipeline import rebuild as rebuilding
    from worker.tools import Tools

    silent = {name: replace(source, enabled=False) for name, source in tools.sources.by_name.items()}
    with ExitStack() as stack:
        url = into if "://" in into else stack.enter_context(embedded.using(Path(into), broker=False)).database_url
        other = Tools(url, sources=replace(tools.sources, by_name=silent), role="pubcat rebuild")
        stack.callback(other.close)
        with other.transaction() as cursor:
            rebuilding.refuse_unless_empty(cursor)
        migrate.migrate(url)
        yield other


def _copy(tools: Tools, other: Tools) -> tuple[Given, str]:
    """What was given, and the digest of the catalog at that moment: workers may go on meanwhile."""
    from worker.pipeline import dump
    from worker.pipeline import rebuild as rebuilding

    with tools.transaction() as source, other.transaction() as target:
        source.execute("set transaction isolation level repeatable read, read only")
        with _progress("copying", rebuilding.size(source)) as advance:
            return rebuilding.copy(source, target, advance), dump.digest(source)


def _compare(other: Tools, given: Given, digest: str) -> dict[str, Any]:
    from worker.pipeline import dump

    with other.transaction() as there:
        [counts] = common.rows(
            there,
            "select (select count(*) from catalog.record) as records, (select count(*) from catalog.paper) as papers,"
            " (select count(*) from ops.dead_letter) as unreadable",
        )
        rebuilt = dump.digest(there)
    return {
        "payloads": given.n_payloads,
        "pages": given.n_pages,
        "decisions": given.n_decisions,
        **counts,
        "digest": digest,
        "rebuilt_digest": rebuilt,
        "equal": digest == rebuilt,
    }


@contextmanager
def _progress(what: str, total: int) -> Iterator[Callable[[int], None]]:
    """A bar on a terminal, nothing elsewhere."""
    if not common.is_terminal():
        yield lambda n: None
        return
    from rich.progress import Progress

    with Progress(console=common.console(stderr=True), transient=True) as bar:
        task = bar.add_task(what, total=total)
        yield lambda n: bar.advance(task, n)
