"""Slots: five schedulers, killed at random, take a thousand slots in ten time zones over two changes of clocks."""

from __future__ import annotations

import argparse
import os
import random
import signal
import time
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from tests.lab import workers
from tests.lab.databases import Server, server
from tests.lab.report import Report, quiet
from worker import run
from worker.tools import Tools

ZONES = {
    "America/Toronto": "02:30",
    "America/St_Johns": "00:01",
    "America/Sao_Paulo": "05:30",
    "Europe/Paris": "02:30",
    "Europe/London": "01:15",
    "Africa/Cairo": "00:00",
    "Asia/Kolkata": "05:45",
    "Asia/Beirut": "00:00",
    "Australia/Lord_Howe": "02:00",
    "Pacific/Chatham": "02:45",
}
"""Zones and a time of day that a change of clocks skips or repeats in most of them."""
SCHEDULERS = 5

CLOCK = """
    create schema lab;
    create table lab.moment (now timestamptz not null);
    create function lab.clock_timestamp() returns timestamptz language sql stable as 'select now from lab.moment';
"""
"""Postgres is the only clock of schedulers, so the lab sets it: this name is found before that of the system."""


@dataclass(frozen=True, order=True)
class Due:
    """One slot, as the calendar of its zone says."""

    at: datetime
    schedule: str


def calendar(first: date, last: date) -> list[Due]:
    """Every slot of every zone, found by walking through the minutes of the day in UTC: another way than the product.

    A skipped local time falls on the first minute after the gap; a repeated one counts once, the first time.
    """
    found = []
    for zone, at in ZONES.items():
        place = ZoneInfo(zone)
        hour, minute = map(int, at.split(":"))
        for number in range((last - first).days + 1):
            day = first + timedelta(days=number)
            wanted = datetime(day.year, day.month, day.day, hour, minute)  # noqa: DTZ001
            moment = datetime(day.year, day.month, day.day, tzinfo=UTC) - timedelta(hours=15)
            while moment.astimezone(place).replace(tzinfo=None) < wanted:
                moment += timedelta(minutes=1)
            found.append(Due(moment, zone))
    return sorted(found)


def _begin(at: Server, name: str, now: datetime) -> None:
    with at.tools(name) as tools, tools.transaction() as cursor:
        cursor.execute(CLOCK.encode())
        cursor.execute("insert into lab.moment values (%s)", (now,))
        for zone, hour in ZONES.items():
            cursor.execute(
                "insert into ops.schedule (schedule, source, every_s, at, zone) values (%s, %s, 86400, %s, %s)",
                (zone, _source(zone), hour, zone),
            )
        cursor.execute(f'alter database "{name}" set search_path = lab, pg_catalog, public')


def _source(zone: str) -> str:
    return zone.lower().replace("/", "-").replace("_", "-")


def _schedule(tools: Tools) -> None:
    while True:
        run.tick_quietly(tools)
        time.sleep(0.002)


def _wait(tools: Tools, wanted: list[Due], report: Report) -> bool:
    """Waits until these slots are taken and their harvests are over; false when they are not. Patience ends with the
    first slot that nobody took."""
    ends_at = time.monotonic() + (0.5 if report.failures else 30.0)
    while time.monotonic() < ends_at:
        with tools.transaction() as cursor:
            cursor.execute(
                "select (select count(*) from ops.schedule_slot s, unnest(%s::text[], %s::timestamptz[]) as w(name, at)"
                " where s.schedule = w.name and s.slot = w.at),"
                " (select count(*) from ops.harvest where state = 'running')",
                ([due.schedule for due in wanted], [due.at for due in wanted]),
            )
            if cursor.fetchone() == (len(wanted), 0):
                return True
        time.sleep(0.005)
    return False


def _set(tools: Tools, now: datetime) -> None:
    with tools.transaction() as cursor:
        cursor.execute("update lab.moment set now = %s", (now,))


def _kill_and_start(at: Server, name: str, pids: list[int], dice: random.Random) -> None:
    """One scheduler dies wherever it is, another takes its place."""
    victim = pids.pop(dice.randrange(len(pids)))
    os.kill(victim, signal.SIGKILL)
    os.waitpid(victim, 0)
    pids.append(workers.fork(at, name, _schedule))


def main(argv: list[str]) -> int:
    """Moves the clock of Postgres from slot to slot."""
    parser = argparse.ArgumentParser(prog="python -m tests.lab slots", description=__doc__)
    parser.add_argument("--days", type=int, default=100, help="days round each change of clocks; ten slots a day")
    parser.add_argument("--kill-every", type=int, default=5, help="a scheduler dies at about every n-th slot")
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args(argv)
    quiet()
    dice = random.Random(asked.seed)

    seasons = [_season(middle, asked.days // 2) for middle in (date(2026, 3, 31), date(2026, 10, 28))]
    report = Report(("zone", "at", "slots", "taken", "missed", "elsewhere", "runs", "slots of one run"))
    kills = 0
    with server() as at:
        text = "".join(f'[sources.{_source(zone)}]\nkind = "openalex"\n' for zone in ZONES)
        (at.folder / "sources.toml").write_text(text)
        os.environ |= {
            f"PUBCAT_BASE_URL_{_source(zone).upper().replace('-', '_')}": "http://127.0.0.1:9" for zone in ZONES
        }
        name = at.copy()
        _begin(at, name, seasons[0][1][0].at - timedelta(seconds=1))
        pids = [workers.fork(at, name, _schedule) for _ in range(SCHEDULERS)]
        try:
            with at.tools(name) as tools:
                for missed, slots in seasons:
                    _set(tools, slots[0].at - timedelta(seconds=1))
                    report.must(_wait(tools, missed, report), "the latest slot before a pause was not made up")
                    for due in slots:
                        _set(tools, due.at + timedelta(seconds=dice.randrange(50)))
                        if dice.randrange(asked.kill_every) == 0:
                            _kill_and_start(at, name, pids, dice)
                            kills += 1
                        report.must(_wait(tools, [due], report), f"{due.schedule}: nobody took {due.at}")
        finally:
            for pid in pids:
                os.kill(pid, signal.SIGKILL)
                os.waitpid(pid, 0)
        _tell(at, name, [due for season in seasons for part in season for due in part], report)
    report.figure("slots", sum(len(slots) for _, slots in seasons), "slots")
    report.figure("slots_made_up_after_a_pause", sum(len(missed) for missed, _ in seasons), "slots")
    report.figure("schedulers_killed", kills, "kills")
    return report.end()


def _season(middle: date, days: int) -> tuple[list[Due], list[Due]]:
    """(the latest slot of each zone before, which stands for all that were missed; the slots of these days)."""
    first = middle - timedelta(days=days // 2)
    slots = calendar(first, first + timedelta(days=days - 1))
    earlier = [due for due in calendar(first - timedelta(days=3), first) if due.at < slots[0].at]
    return list({due.schedule: due for due in earlier}.values()), slots


def _tell(at: Server, name: str, expected: list[Due], report: Report) -> None:
    """Compares what was taken with the calendar."""
    with at.tools(name) as tools, tools.transaction() as cursor:
        cursor.execute("select schedule, slot, harvest_id from ops.schedule_slot")
        taken = {Due(slot, schedule): run_id for schedule, slot, run_id in cursor.fetchall()}
        cursor.execute("select source, count(*) from ops.harvest group by source")
        runs = dict(cursor.fetchall())
    for zone, hour in ZONES.items():
        wanted = {due for due in expected if due.schedule == zone}
        found = {due for due in taken if due.schedule == zone}
        once = len({taken[due] for due in found if taken[due]})
        n_runs = runs.get(_source(zone), 0)
        report.row(zone, hour, len(wanted), len(found & wanted), len(wanted - found), len(found - wanted), n_runs, once)
        report.must(
            wanted == found, f"{zone}: missed {sorted(wanted - found)[:3]}, elsewhere {sorted(found - wanted)[:3]}"
        )
        report.must(
            n_runs == once == len(wanted), f"{zone}: {n_runs} runs, {once} of them of one slot, {len(wanted)} slots"
        )
