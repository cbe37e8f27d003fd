"""``pubcat down``: stops what this home started."""

from __future__ import annotations

from worker.cli import common

app = common.single()


@app.command(epilog=common.example("pubcat down"))
def down() -> None:
    """Stop the worker, the scheduler and the embedded servers of this home (PUBCAT_HOME)."""
    from worker import embedded
    from worker.cli import processes

    home = embedded.home()
    ended = processes.stop(home)
    stopped = embedded.stop(home)
    common.say("stopped" if ended or stopped else f"nothing of {home} runs")
