"""``pubcat sync``: brings sources up to date."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from worker.cli import common

if TYPE_CHECKING:
    from worker.cli.progress import State
    from worker.settings import Configured
    from worker.tools import Tools

app = common.single()

COLUMNS = {
    "source": "source",
    "run": "run",
    "state": "state",
    "pages": "pages",
    "records": "records",
    "new": "new",
    "changed": "changed",
    "dead": "unreadable",
    "error": "remark",
}


@app.command(epilog=common.example("pubcat sync --no-wait"))
def sync(
    sources: Annotated[list[str] | None, typer.Argument(metavar="[SOURCE]...", help="All that are on.")] = None,
    full: Annotated[bool, typer.Option("--full", help="Everything; so it is unless --since is given.")] = False,
    since: Annotated[str | None, typer.Option(metavar="DATE", help="Only what changed since that day.")] = None,
    no_wait: Annotated[bool, typer.Option("--no-wait", help="Write the work down and leave.")] = False,
    json: common.Json = False,
) -> None:
    """Ask sources what is new, and bring the catalog up to date.

    When a worker is up its progress is shown; else the work is done here. Doing it twice changes nothing more.
    """
    if full and since:
        raise typer.BadParameter("--full and --since exclude each other")
    from worker.cli import progress
    from worker.errors import Misconfigured
    from worker.pipeline import harvests

    day = common.a_day(since) if since else None
    with common.session() as tools:
        chosen = _chosen(tools, sources or [])
        started = []
        for configured in chosen:
            try:
                with tools.transaction() as cursor:
                    started.append(harvests.start_sweep(cursor, configured, since=day)[0])
            except Misconfigured as error:
                common.say(str(error))
        if not started:
            raise typer.Exit(1)
        if no_wait:
            with tools.transaction() as cursor:
                state = progress.look(cursor, started)
        else:
            state = progress.settle(tools, started)
    code = report(state, json=json, waited=not no_wait)
    raise typer.Exit(code or (3 if len(started) < len(chosen) else 0))


def _chosen(tools: Tools, names: list[str]) -> list[Configured]:
    """The sources of these names, or all that are on and have something to walk through.

    Raises:
        Misconfigured: a name nobody knows, or a source that is off.
    """
    from worker.errors import Misconfigured
    from worker.pipeline import switches

    with tools.transaction() as cursor:
        sources = switches.switched(cursor, tools.sources)
    if not names:
        on = [c for _, c in sorted(sources.by_name.items()) if c.enabled and c.walks]
        if not on:
            raise Misconfigured(f"no source is on; see pubcat sources list, and edit {sources.path}")
        return on
    chosen = [sources.get(name) for name in dict.fromkeys(names)]
    for configured in chosen:
        if not configured.enabled:
            raise Misconfigured(f"{configured.name} is off: {configured.why_off}")
    return chosen


def report(state: State, *, json: bool, waited: bool = True) -> int:
    """Prints what the runs brought; the exit code: 0, 3 when something is short, 1 when all failed."""
    common.show([_row(h) for h in state.harvests], COLUMNS, json=json)
    if not waited:
        common.say("the work is in the ledger; follow it with pubcat status --watch")
        return 0
    if state.n_open:
        wait = common.span(state.next_due_s or 0)
        common.say(f"{state.n_open} pieces of work wait, the next for {wait}; pubcat sync goes on with them")
    return exit_code(state)


def exit_code(state: State) -> int:
    """0 when every run ended well, 1 when each of them failed, 3 in between."""
    if state.harvests and all(h["state"] == "failed" for h in state.harvests):
        return 1
    bad = any(h["state"] != "done" or h["n_dead"] for h in state.harvests)
    return 3 if bad or state.n_open else 0


def _row(harvest: dict[str, Any]) -> dict[str, Any]:
    names = {"pages": "n_pages", "records": "n_records", "new": "n_new", "changed": "n_changed", "dead": "n_dead"}
    row: dict[str, Any] = {"source": harvest["source"], "run": harvest["harvest_id"], "state": harvest["state"]}
    row.update({name: harvest[column] for name, column in names.items()})
    return {**row, "seconds": round(harvest["seconds"], 3), "error": harvest["error"]}
