"""``pubcat reindex``: decides or reads again what is stored."""

from __future__ import annotations

from typing import Annotated

import typer

from worker.cli import common

app = common.single()


@app.command(epilog=common.example("pubcat reindex --all --dry-run", "pubcat reindex --all"))
def reindex(
    all_: Annotated[bool, typer.Option("--all", help="Everything.")] = False,
    source: Annotated[str | None, typer.Option(help="What this source says.")] = None,
    paper: Annotated[str | None, typer.Option(help="One paper: p-000123 or any id.")] = None,
    parser: Annotated[
        bool, typer.Option("--parser", help="Read the stored bytes again, too; alone: all of them.")
    ] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would be done.")] = False,
    no_wait: Annotated[bool, typer.Option("--no-wait", help="Write the work down and leave.")] = False,
    json: common.Json = False,
) -> None:
    """Decide stored records again by the present rules; no network. Can be interrupted, and goes on where it was."""
    n_chosen = sum((all_, source is not None, paper is not None))
    if n_chosen > 1 or not (n_chosen or parser):
        raise typer.BadParameter("say what: --all, --source NAME, --paper ID or --parser", param_hint="reindex")
    from worker.cli import progress, sync
    from worker.cli.paper_decisions import sole
    from worker.pipeline import reindex as reindexing

    with common.session() as tools:
        with tools.transaction() as cursor:
            paper_id = sole(cursor, paper) if paper is not None else None
            plan = reindexing.plan(cursor, source=source, paper_id=paper_id)
        what = f"{plan.n_records:,} records in {plan.n_slices:,} slices"
        common.say(
            f"plan: {f'{plan.n_observations:,} stored pages read again, ' if parser else ''}{what} decided again"
        )
        if dry_run or not plan.n_records:
            if json:
                common.print_json({**vars(plan), "dry_run": dry_run})
            return
        with tools.transaction() as cursor:
            started = reindexing.start(cursor, source=source, paper_id=paper_id, parser=parser)
            newest = cursor.execute("select coalesce(max(event_id), 0) from catalog.event").fetchone()
        if no_wait:
            with tools.transaction() as cursor:
                sync.report(progress.look(cursor, [started]), json=json, waited=False)
            return
        state = progress.settle(tools, [started], expected=plan.n_records)
        with tools.transaction() as cursor:
            row = cursor.execute("select count(*) from catalog.event where event_id > %s", newest).fetchone()
    code = sync.report(state, json=json)
    common.say(f"{row[0] if row else 0:,} papers or courses changed")
    raise typer.Exit(code)
