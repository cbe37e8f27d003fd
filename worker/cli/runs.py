"""``pubcat runs``: what was asked of sources, and how it ended."""

from __future__ import annotations

from typing import Annotated

import typer

from worker.cli import common

app = common.group("List, show, cancel or confirm runs.", "pubcat runs list")

_LIST = """
    select harvest_id as run, source, kind, state, n_pages as pages, n_records as records, n_new as new,
           n_changed as changed, n_dead as unreadable, requested_by, started_at, finished_at,
           extract(epoch from coalesce(finished_at, clock_timestamp()) - started_at)::float8 as seconds, error
    from ops.harvest
    where (%(source)s::text is null or source = %(source)s) and (%(all)s or kind <> 'question')
    order by harvest_id desc limit %(limit)s
"""
_WORK = """
    select work_id as work, kind, state, errors, crashes, not_before, last_error from ops.work
    where harvest_id = %s and (state <> 'done' or last_error is not null) order by work_id limit 50
"""


@app.command("list", epilog=common.example("pubcat runs list", "pubcat runs list --all --json"))
def list_(
    source: Annotated[str | None, typer.Option(help="Only of this source.")] = None,
    all_: Annotated[bool, typer.Option("--all", help="The questions of enrichment, too.")] = False,
    limit: Annotated[int, typer.Option(min=1, max=100_000, help="At most so many.")] = 20,
    json: common.Json = False,
) -> None:
    """List runs, newest first."""
    with common.reading() as cursor:
        found = common.rows(cursor, _LIST, {"source": source, "all": all_, "limit": limit})
    columns = {"run": "run", "source": "source", "kind": "kind", "state": "state", "started_at": "started",
               "seconds": "seconds", "pages": "pages", "records": "records", "new": "new", "changed": "changed",
               "unreadable": "unreadable", "error": "remark"}  # fmt: skip
    common.show(found, columns, json=json, empty="no runs yet; pubcat sync starts one")


@app.command(epilog=common.example("pubcat runs show 1"))
def show(run: Annotated[int, typer.Argument(help="Its number.")], json: common.Json = False) -> None:
    """Show one run, what it still has to do, and what went wrong."""
    from worker.errors import Misconfigured

    with common.reading() as cursor:
        found = common.rows(cursor, "select * from ops.harvest where harvest_id = %s", (run,))
        if not found:
            raise Misconfigured(f"no run has the number {run}; see pubcat runs list --all")
        work = common.rows(cursor, _WORK, (run,))
    if json:
        common.print_json({**found[0], "work": work})
        return
    common.facts([(name, value) for name, value in found[0].items() if name != "stream"])
    if work:
        typer.echo()
        columns = {"work": "work", "kind": "kind", "state": "state", "errors": "errors", "crashes": "crashes",
                   "not_before": "not before", "last_error": "last error"}  # fmt: skip
        common.show(work, columns)


@app.command(epilog=common.example("pubcat runs cancel 1"))
def cancel(run: Annotated[int, typer.Argument(help="Its number.")]) -> None:
    """Ask this run for no further pages. What came already is still read and merged."""
    from worker.errors import Misconfigured

    with common.session(broker=False) as tools, tools.transaction() as cursor:
        # The token rises, so that a worker which has the request in hand writes nothing any more.
        cursor.execute(
            "update ops.work set state = 'done', token = token + 1, lease_until = null, last_error = 'cancelled',"
            " finished_at = clock_timestamp()"
            " where harvest_id = %s and state in ('queued', 'leased') and kind in ('fetch', 'reindex')",
            (run,),
        )
        cursor.execute(
            "update ops.harvest set state = 'cancelled', error = 'cancelled from the command line',"
            " finished_at = clock_timestamp() where harvest_id = %s and state = 'running'",
            (run,),
        )
        if cursor.rowcount != 1:
            raise Misconfigured(f"run {run} is not running; see pubcat runs list")
    common.say(f"run {run} is cancelled")


@app.command(epilog=common.example("pubcat runs confirm 1"))
def confirm(
    run: Annotated[int, typer.Argument(help="Its number.")],
    json: common.Json = False,
) -> None:
    """Say that what looked wrong in a suspect run is right: it counts as done, and may hide what it would hide.

    The next run is compared with this one.
    """
    from worker.cli import progress, sync
    from worker.cli.decide import me
    from worker.errors import Misconfigured
    from worker.pipeline import harvests

    with common.session() as tools:
        with tools.transaction() as cursor:
            if not harvests.confirm(cursor, run, me(None)):
                raise Misconfigured(f"run {run} is not suspect; see pubcat runs list")
        state = progress.settle(tools, [run])
    raise typer.Exit(sync.report(state, json=json))
