"""``pubcat status``: one screen."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Annotated, Any

import typer

from worker.cli import common

if TYPE_CHECKING:
    from catalog.engine import Cursor

app = common.single()

_SOURCES = """
    select source_name as source, last_status as state, last_success_at, n_records as records,
           n_new_last_run as new, expected_every_hours, is_late, last_error as remark
    from analytics.freshness order by source_name
"""
_WORK = """
    select kind, count(*) filter (where state = 'queued' and not_before <= clock_timestamp())::int4 as ready,
           count(*) filter (where state = 'queued' and not_before > clock_timestamp())::int4 as later,
           count(*) filter (where state = 'leased')::int4 as running,
           extract(epoch from max(clock_timestamp() - not_before))::float8 as oldest_s
    from ops.work where state in ('queued', 'leased') group by kind order by min(priority)
"""
_RUNS = """
    select harvest_id as run, source, kind, n_pages as pages, n_expected as expected, n_records as records,
           n_dead as unreadable, extract(epoch from clock_timestamp() - started_at)::float8 as seconds
    from ops.harvest where state = 'running' and kind <> 'question' order by harvest_id
"""
_SUMS = """
    select (select count(*) from catalog.paper) as papers, (select count(*) from catalog.author) as authors,
           (select count(*) from catalog.course) as courses,
           (select count(*) from ops.dead_letter where resolved_at is null) as dead_letters,
           (select count(*) from ops.worker where role = 'worker'
            and seen_at > clock_timestamp() - interval '15 s') as workers,
           (select count(*) from ops.harvest where kind = 'question' and state = 'running') as questions,
           clock_timestamp() as now
"""


@app.command(epilog=common.example("pubcat status", "pubcat status --json"))
def status(
    watch: Annotated[bool, typer.Option("--watch", help="Show it anew every second, until Ctrl-C.")] = False,
    json: common.Json = False,
) -> None:
    """Show sources, open work, running runs, workers and dead letters on one screen."""
    from worker import embedded

    # Held as long as we look: embedded servers that nobody else uses would start and stop every second.
    with embedded.servers(broker=False):
        while True:
            with common.reading() as cursor:
                found = _look(cursor)
            if watch and not json and common.console().is_terminal:
                common.console().clear()
            _print(found, json=json)
            if not watch:
                return
            time.sleep(1.0)


def _look(cursor: Cursor) -> dict[str, Any]:
    [sums] = common.rows(cursor, _SUMS)
    return {
        **sums,
        "sources": common.rows(cursor, _SOURCES),
        "work": common.rows(cursor, _WORK),
        "runs": common.rows(cursor, _RUNS),
    }


def _print(found: dict[str, Any], *, json: bool) -> None:
    if json:
        common.print_json(found)
        return
    typer.echo(
        f"{found['papers']:,} papers, {found['authors']:,} authors, {found['courses']:,} courses;"
        f" {found['workers']} workers; {found['dead_letters']} dead letters"
        + ("" if not found["dead_letters"] else " (pubcat dead list)")
    )
    if found["sources"]:
        typer.echo()
        names = {"source": "source", "state": "last run", "success": "last success", "records": "records",
                 "new": "new", "late": "late", "remark": "remark"}  # fmt: skip
        common.show([_source(row, found["now"]) for row in found["sources"]], names)
    if found["runs"]:
        typer.echo()
        names = {"run": "run", "source": "source", "kind": "kind", "pages": "pages", "records": "records",
                 "expected": "of", "unreadable": "unreadable", "running": "running for"}  # fmt: skip
        common.show([{**row, "running": common.span(row["seconds"])} for row in found["runs"]], names)
    if found["work"]:
        typer.echo()
        names = {"kind": "open work", "ready": "ready", "running": "running", "later": "later", "oldest": "oldest"}
        common.show([{**row, "oldest": common.span(row["oldest_s"])} for row in found["work"]], names)


def _source(row: dict[str, Any], now: Any) -> dict[str, Any]:
    late = f"every {common.span(3600 * row['expected_every_hours'])}" if row["is_late"] else ""
    return {**row, "success": common.ago(row["last_success_at"], now), "late": late}
