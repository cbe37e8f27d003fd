"""``pubcat dump``: the catalog as text that does not depend on how it came about."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from worker.cli import common

app = common.single()


@app.command(epilog=common.example("pubcat dump --canonical --digest", "pubcat dump --canonical > catalog.jsonl"))
def dump(
    canonical: Annotated[bool, typer.Option("--canonical", help="Sorted JSON Lines with natural keys only.")] = False,
    digest: Annotated[bool, typer.Option("--digest", help="Only the SHA-256 of the lines.")] = False,
) -> None:
    """Print every paper, person and course as one JSON line.

    No serial numbers and no clock: equal catalogs give equal bytes, whatever the order, the batches or the crashes.
    """
    if not canonical:
        raise typer.BadParameter(
            "--canonical is the only dump there is; pubcat sql answers questions", param_hint="dump"
        )
    from worker.pipeline import dump as dumping

    with common.reading(seconds=0) as cursor:
        if digest:
            typer.echo(dumping.digest(cursor))
            return
        for line in dumping.canonical(cursor):
            sys.stdout.buffer.write(line)
    sys.stdout.buffer.flush()
