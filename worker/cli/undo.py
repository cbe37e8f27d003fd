"""``pubcat undo``: takes a decision back, and lists all that were made."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from worker.cli import common, decide

if TYPE_CHECKING:
    from catalog.engine import Cursor
    from worker.pipeline.decisions import Draft

app = common.single()


@app.command(epilog=common.example("pubcat undo --list", "pubcat undo --dry-run", "pubcat undo 3"))
def undo(
    number: Annotated[
        int | None, typer.Argument(metavar="[N]", help="Number of the decision; the last one in force, if not given.")
    ] = None,
    list_: Annotated[bool, typer.Option("--list", help="List all decisions, the last first.")] = False,
    why: decide.Why = None,
    by: decide.By = None,
    dry_run: decide.DryRun = False,
    json: common.Json = False,
) -> None:
    """Take a decision back: the catalog is as if it had not been made. Taking back an undo makes it again.

    Nothing is ever erased: who took back what, and when, stays in the list.
    """
    if list_:
        _list(number, json=json)
        return
    decide.command(lambda cursor: _draft(cursor, number), by, why, dry_run=dry_run, json=json)


def _draft(cursor: Cursor, number: int | None) -> Draft:
    from worker.pipeline import decisions

    return decisions.undoing(cursor, number)


def _list(number: int | None, *, json: bool) -> None:
    from worker.pipeline import decisions

    with common.reading() as cursor:
        found = decisions.listed(cursor, None if number is None else [number])
    rows = [{**row, "what": row["text"].partition(": ")[2], "holds": row["is_live"]} for row in found]
    names = {"decision": "no.", "at": "when", "by": "by", "what": "what", "holds": "holds"}
    common.show(rows, names, json=json, empty="nobody has decided anything yet")
