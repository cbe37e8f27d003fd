"""``pubcat up``: everything in the foreground."""

from __future__ import annotations

import os
import signal
import threading
from pathlib import Path
from typing import Annotated

import typer

from worker.cli import common

app = common.single()


@app.command(epilog=common.example("pubcat up --workers 4"))
def up(
    workers: Annotated[int, typer.Option(min=1, max=256, help="Worker processes.")] = 2,
    port: Annotated[int, typer.Option(min=0, max=65535, help="Where /healthz and /metrics answer.")] = 8765,
    host: Annotated[str, typer.Option(help="On which address.")] = "127.0.0.1",
) -> None:
    """Run servers (unless URLs name others), a worker and a scheduler, and start again what dies.

    Answers /livez, /readyz (also /healthz), /metrics and /version. Ctrl-C, SIGTERM or the end of its terminal
    stops everything cleanly.
    """
    from worker import embedded
    from worker.cli import health, processes
    from worker.environment import NO_BROKER
    from worker.pipeline import publish

    over = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, lambda *_: over.set())
    home = embedded.home()
    with processes.sole(home), common.session() as tools:
        environment = {
            **os.environ,
            "PUBCAT_HOME": str(home),
            "PUBCAT_DATABASE_URL": tools.database_url,
            "PUBCAT_BROKER_URL": tools.broker_url or NO_BROKER,
        }
        with (
            processes.running(home, environment, workers) as children,
            health.serving(tools, children, host, port) as at,
        ):
            common.say(f"up: {workers} worker processes and a scheduler; {at}/healthz and /metrics; Ctrl-C stops all")
            if why := publish.why_not_streamed(tools.broker_url):
                common.say(why)
            while not over.wait(1.0):
                _heal(home)
                children.watch()
            common.say("stopping")


def _heal(home: Path) -> None:
    """Starts embedded servers again that died; what cannot be started now is tried again in a second."""
    from worker import embedded
    from worker.environment import given
    from worker.errors import Misconfigured

    ours = {"database": not given("PUBCAT_DATABASE_URL"), "broker": not given("PUBCAT_BROKER_URL")}
    try:
        if embedded.heal(home, **ours):
            common.say("an embedded server had died; it runs again")
    except Misconfigured as error:
        common.say(str(error))
