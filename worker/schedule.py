"""When sources are synced: slots computed in the schedule's zone, taken by primary key, time from Postgres.

Any number of schedulers may run: ``(schedule, slot)`` is taken once. Missed slots are not made up one by one: the
latest one due stands for all of them.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from catalog.engine import Cursor
from worker.pipeline import harvests, switches
from worker.settings import Sources

ONCE = 2**31 - 1
"""Seconds between the slots of a schedule that has one slot only; it leaves when that slot is taken."""


def once(cursor: Cursor, names: Iterable[str]) -> dict[str, str]:
    """Asks whichever scheduler comes first to sync these sources now, beside their plan: {source: schedule}."""
    cursor.execute(
        "insert into ops.schedule (schedule, source, every_s)"
        " select source || ' once ' || clock_timestamp(), source, %s"
        " from unnest(%s::text[]) as asked(source) returning source, schedule",
        (ONCE, list(names)),
    )
    return dict(cursor.fetchall())


def slot_before(now: datetime, every_s: int, at: str | None, zone: str) -> datetime:
    """The latest slot at or before ``now``, as a UTC moment.

    Without ``at`` slots count from 1970 in UTC. With it they fall on that local time every ``every_s`` seconds,
    which must be whole days; a local time that a change of clocks skips falls on the first valid instant after
    it, and a repeated one on its first occurrence.
    """
    if at is None:
        return datetime.fromtimestamp(now.timestamp() // every_s * every_s, UTC)
    place = ZoneInfo(zone)
    hour, minute = (int(part) for part in at.split(":"))
    days = max(1, every_s // 86_400)
    local = now.astimezone(place).date()
    for back in range(days * 2 + 2):
        day = local - timedelta(days=back)
        if day.toordinal() % days:
            continue
        naive = datetime(day.year, day.month, day.day, hour, minute, tzinfo=place, fold=0)
        slot = naive.astimezone(UTC)
        if slot.astimezone(place).replace(tzinfo=None) != naive.replace(tzinfo=None):
            slot = _first_valid(naive, place)
        if slot <= now:
            return slot
    raise AssertionError("a slot lies within two periods")


def _first_valid(skipped: datetime, place: ZoneInfo) -> datetime:
    """The instant at which the clocks jumped over a local time that does not exist."""
    before = skipped.replace(fold=1).astimezone(UTC)
    after = skipped.replace(fold=0).astimezone(UTC)
    low, high = min(before, after), max(before, after)
    offset = low.astimezone(place).utcoffset()
    while high - low > timedelta(seconds=1):
        middle = low + (high - low) / 2
        if middle.astimezone(place).utcoffset() == offset:
            low = middle
        else:
            high = middle
    return high.replace(microsecond=0)


def slot_after(slot: datetime, every_s: int, at: str | None, zone: str) -> datetime:
    """The slot that follows this one, which a change of clocks may bring nearer or put off."""
    margin = timedelta(hours=3 if at else 0)
    return slot_before(slot + timedelta(seconds=every_s) + margin, every_s, at, zone)


def arrange(cursor: Cursor, sources: Sources) -> None:
    """Writes the schedules of the sources file, and takes away those it has no more or whose source is off; what an
    admin paused stays paused."""
    on = switches.switched(cursor, sources).by_name
    wanted = [c for c in on.values() if c.every_s is not None and c.enabled]
    names = [c.name for c in wanted]
    # Only what differs: a conflict locks its row even when it changes nothing, and this runs every second.
    cursor.execute(
        """
        insert into ops.schedule as s (schedule, source, every_s, at, zone)
        select n.source, n.source, n.every_s, n.at, n.zone
        from unnest(%s::text[], %s::int[], %s::text[], %s::text[]) as n(source, every_s, at, zone)
        left join ops.schedule k on k.schedule = n.source
        where k.schedule is null or (k.every_s, k.at, k.zone) is distinct from (n.every_s, n.at, n.zone)
        order by n.source
        on conflict (schedule) do update set every_s = excluded.every_s, at = excluded.at, zone = excluded.zone
        """,
        (names, [c.every_s for c in wanted], [c.at for c in wanted], [c.zone for c in wanted]),
    )
    cursor.execute(
        "delete from ops.schedule where schedule = source and not paused and source <> all(%s::text[])", (names,)
    )


def take_slots(cursor: Cursor, sources: Sources) -> int:
    """Takes the slots that are due and starts their harvests; how many were taken."""
    due = cursor.execute(
        "select schedule, source, every_s, at, zone, clock_timestamp(), since from ops.schedule s where not paused"
    ).fetchall()
    taken = 0
    on = switches.switched(cursor, sources).by_name if due else {}
    for schedule, source, every_s, at, zone, now, since in due:
        configured = on.get(source)
        if configured is None or not configured.enabled:
            continue
        slot = since if every_s == ONCE else slot_before(now, every_s, at, zone)
        # A scheduler that slept since it looked takes no slot that a later one stands for already.
        cursor.execute(
            "insert into ops.schedule_slot (schedule, slot) select %(schedule)s, %(slot)s where not exists ("
            "select from ops.schedule_slot where schedule = %(schedule)s and slot > %(slot)s) on conflict do nothing",
            {"schedule": schedule, "slot": slot},
        )
        if cursor.rowcount != 1:
            continue
        taken += 1
        if every_s == ONCE:
            cursor.execute("delete from ops.schedule where schedule = %s", (schedule,))
        harvest_id, new = harvests.start_sweep(cursor, configured, requested_by="schedule")
        if new:
            cursor.execute(
                "update ops.schedule_slot set harvest_id = %s where schedule = %s and slot = %s",
                (harvest_id, schedule, slot),
            )
    return taken
