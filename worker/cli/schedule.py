"""``pubcat schedule``: when sources are synced."""

from __future__ import annotations

from typing import Annotated

import typer

from worker.cli import common

app = common.group("List, set or pause when sources are synced.", "pubcat schedule list")

_LIST = """
    select s.schedule, s.source, s.every_s, s.at, s.zone, s.paused, last.slot as last_slot, last.harvest_id as run
    from ops.schedule s left join lateral (
        select slot, harvest_id from ops.schedule_slot t where t.schedule = s.schedule order by slot desc limit 1
    ) last on true order by s.schedule
"""


@app.command("list", epilog=common.example("pubcat schedule list"))
def list_(json: common.Json = False) -> None:
    """List the schedules: those of the sources file, and those set here."""
    from worker import schedule as scheduling
    from worker.settings import load_sources

    with common.session(broker=False) as tools, tools.transaction() as cursor:
        scheduling.arrange(cursor, load_sources())
        found = common.rows(cursor, _LIST)
        [clock] = common.rows(cursor, "select clock_timestamp() as now")
    for row in found:
        timing = row["every_s"], row["at"], row["zone"]
        slot = scheduling.slot_before(clock["now"], *timing)
        due = row["last_slot"] is None or row["last_slot"] < slot
        row["next_slot"] = None if row["paused"] else slot if due else scheduling.slot_after(slot, *timing)
        row["every"] = common.span(row["every_s"])
    columns = {"schedule": "schedule", "source": "source", "every": "every", "at": "at", "zone": "zone",
               "paused": "paused", "last_slot": "last (UTC)", "next_slot": "next (UTC)", "run": "run"}  # fmt: skip
    common.show(found, columns, json=json, empty="no schedules; give sources `every` in the sources file")


@app.command("set", epilog=common.example("pubcat schedule set mila --every 1d --at 05:30 --zone America/Toronto"))
def set_(
    source: Annotated[str, typer.Argument(help="A configured source.")],
    every: Annotated[str, typer.Option(help="30m, 6h, 1d, 1w ...")],
    at: Annotated[str | None, typer.Option(metavar="HH:MM", help="Local time, for whole days or weeks.")] = None,
    zone: Annotated[str, typer.Option(help="IANA time zone of --at.")] = "UTC",
) -> None:
    """Set when a source is synced, whatever the sources file says: its own schedule is paused."""
    from worker import schedule as scheduling
    from worker.errors import Misconfigured
    from worker.settings import check_times, load_sources, span_s

    sources = load_sources()
    sources.get(source)
    try:
        seconds = span_s(every)
        check_times(seconds, at, zone)
    except Misconfigured as error:
        raise typer.BadParameter(str(error)) from error
    with common.session(broker=False) as tools, tools.transaction() as cursor:
        scheduling.arrange(cursor, sources)
        cursor.execute(
            "insert into ops.schedule as s (schedule, source, every_s, at, zone) values (%s, %s, %s, %s, %s)"
            " on conflict (schedule) do update set every_s = excluded.every_s, at = excluded.at,"
            " zone = excluded.zone, paused = false",
            (f"{source} by hand", source, seconds, at, zone),
        )
        cursor.execute("update ops.schedule set paused = true where schedule = %s", (source,))
    common.say(f"{source} is synced every {common.span(seconds)}{f' at {at} {zone}' if at else ''}")


@app.command(epilog=common.example("pubcat schedule pause mila", "pubcat schedule pause mila --resume"))
def pause(
    schedule: Annotated[str, typer.Argument(help="Its name, as pubcat schedule list shows it.")],
    resume: Annotated[bool, typer.Option("--resume", help="Go on.")] = False,
) -> None:
    """Pause a schedule, or let it go on; a missed slot is made up once."""
    from worker import schedule as scheduling
    from worker.errors import Misconfigured
    from worker.settings import load_sources

    with common.session(broker=False) as tools, tools.transaction() as cursor:
        scheduling.arrange(cursor, load_sources())
        cursor.execute("update ops.schedule set paused = %s where schedule = %s", (not resume, schedule))
        if cursor.rowcount != 1:
            raise Misconfigured(f"no schedule is called {schedule!r}; see pubcat schedule list")
    common.say(f"{schedule} {'goes on' if resume else 'is paused'}")
