"""``pubcat demo``: the whole pipeline at work."""

from __future__ import annotations

import signal
from typing import Annotated

import typer

from worker.cli import common

app = common.single()


@app.command(epilog=common.example("pubcat demo"))
def demo(
    keep: Annotated[bool, typer.Option("--keep", help="Leave the servers up at the end.")] = False,
) -> None:
    """Harvest a sample institute on this machine: real servers, a real queue, real HTTP on the loopback address.

    It lives in a home of its own and touches nothing else. Run it again: nothing is new, nothing changed.
    """
    from worker.demo import run

    common.quiet_logs()
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    raise typer.Exit(run.demo(keep=keep))
