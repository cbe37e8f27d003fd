"""Kill storm: workers, schedulers, Postgres or the broker die by SIGKILL at random moments of a harvest."""

from __future__ import annotations

import argparse
import random
import time
from dataclasses import dataclass, field

from tests.lab import accounts, rabbit
from tests.lab.far import Bibliography
from tests.lab.home import PATIENCE_S, Home, home, kill
from tests.lab.report import Report
from worker import embedded

ROLES = ("worker", "scheduler", "postgres", "broker")
DONE = "select count(*) from ops.work where state = 'done'"
_OPEN = """
    select (select count(*) from ops.work where state in ('queued', 'leased') {but})
         + (select count(*) from ops.touched_block) + (select count(*) from ops.harvest where state = 'running')"""
OPEN = _OPEN.format(but="")
OPEN_BUT_EVENTS = _OPEN.format(but="and kind <> 'publish'")


@dataclass
class Storm:
    """What one storm did."""

    role: str
    kills: int = 0
    waits_s: list[float] = field(default_factory=list)
    """From each kill to the next finished work."""
    n_work: int = 0
    n_harvests: int = 1


def strike(role: str, at: Home, dice: random.Random) -> bool:
    """Kills one process, or process group, of that role; false when none was there."""
    match role:
        case "worker":
            pool = at.pool()
            if pool and dice.random() < 0.5:
                return kill(dice.choice(pool))
            return kill(next(iter(at.children()), None), group=True)
        case "scheduler":
            return kill(next(iter(at.children()[1:]), None), group=True)
        case "postgres":
            return kill(at.postmaster())
        case _:
            return rabbit.strike(at.broker) if at.broker else kill(at.valkey())


def storm(role: str, times: int, at: Home, dice: random.Random) -> Storm:
    """Harvests while killing, and then waits until everything is done.

    Raises:
        TimeoutError: something never came to its end.
    """
    done = Storm(role)
    at.pubcat("sync", "--no-wait")
    while done.kills < times:
        at.until(DONE, lambda n: n > 0)
        time.sleep(dice.uniform(0.0, 1.5))
        if not at.ask(OPEN):
            # Nothing is left to disturb: everything is read again from stored bytes, or asked for again.
            again = ("reindex", "--all", "--parser", "--no-wait") if done.n_harvests % 2 else ("sync", "--no-wait")
            at.pubcat(*again)
            done.n_harvests += 1
        before = at.ask(DONE) or 0
        if not strike(role, at, dice):
            time.sleep(0.2)
            continue
        struck_at = time.monotonic()
        # What a dying process had under way may still finish: progress is what is done after that.
        settled = at.ask(DONE)
        at.until(DONE, lambda n, more=max(before, settled or 0): n > more or not at.ask(OPEN))
        done.waits_s.append(time.monotonic() - struck_at)
        done.kills += 1
    settle(at)
    done.n_work = at.ask("select count(*) from ops.work") or 0
    return done


def settle(at: Home, still_open: str = OPEN) -> None:
    """Waits until nothing is open.

    Raises:
        TimeoutError: something still is, and nothing has moved for a while.
    """
    moved_at, last = time.monotonic(), -1
    while left := _unless_away(at.ask(still_open)):
        now = at.ask(DONE) or 0
        if now != last:
            moved_at, last = time.monotonic(), now
        if time.monotonic() - moved_at > PATIENCE_S:
            raise TimeoutError(f"{left} pieces of work are left and nothing moves")
        time.sleep(0.3)


def _unless_away(count: int | None) -> int:
    return 1 if count is None else count


def fault_free(bibliography: Bibliography, sources: str) -> tuple[str, int]:
    """Digest and work rows of a run that nobody disturbs."""
    with home(sources, broker="none") as calm, embedded.using(calm.data, broker=False):
        calm.pubcat("sync")
        with calm.tools() as tools:
            lost, doubled, wrong = accounts.audit(tools)
            assert (lost, doubled) == (0, 0), wrong
            return accounts.digest(tools), calm.ask("select count(*) from ops.work") or 0


def main(argv: list[str]) -> int:
    """Runs storms one after the other over the same bibliography."""
    parser = argparse.ArgumentParser(prog="python -m tests.lab kill", description=__doc__)
    parser.add_argument("--role", nargs="+", choices=ROLES, default=list(ROLES))
    parser.add_argument("--times", type=int, default=20, help="kills a role")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--records", type=int, default=5_000)
    parser.add_argument("--per-page", type=int, default=1, help="records on a page; fewer make more work rows")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--digest", help="of an earlier run without faults and with the same options: saves that run")
    parser.add_argument("--broker", help="another broker than the embedded one: amqp://..., redis://..., none")
    asked = parser.parse_args(argv)

    report = Report(("role", "kills", "runs", "work rows", "lost", "doubled", "digest", "worst s", "median s"))
    bibliography = Bibliography(asked.records, asked.per_page)
    with bibliography.served() as base_url:
        sources = bibliography.sources(base_url)
        if asked.digest:
            expected = asked.digest
        else:
            expected, n_work = fault_free(bibliography, sources)
            report.figure("work_rows_fault_free", n_work, "rows")
        report.figure("digest_fault_free", expected)
        for role in asked.role:
            with home(sources, broker=asked.broker) as at:
                at.up(asked.workers)
                try:
                    done = storm(role, asked.times, at, random.Random(f"{asked.seed} {role}"))
                except TimeoutError as error:
                    report.must(False, f"{role}: {error}")
                    continue
                with at.tools() as tools:
                    lost, doubled, wrong = accounts.audit(tools)
                    found = accounts.digest(tools)
                    same = found == expected
            waits = sorted(done.waits_s)
            worst, median = waits[-1], waits[len(waits) // 2]
            report.row(
                role, done.kills, done.n_harvests, done.n_work, lost, doubled, "equal" if same else "OTHER",
                f"{worst:.1f}", f"{median:.1f}",
            )  # fmt: skip
            report.figure(f"{role}_kills", done.kills, "kills")
            report.figure(f"{role}_work_rows", done.n_work, "rows")
            report.figure(f"{role}_digest", found)
            report.figure(f"{role}_lost", lost, "effects")
            report.figure(f"{role}_doubled", doubled, "effects")
            report.figure(f"{role}_worst_kill_to_progress", f"{worst:.1f}", "s")
            report.must(not wrong, f"{role}: {wrong}")
            report.must(same, f"{role}: the catalog is another than without faults")
            report.must(worst < 90.0, f"{role}: {worst:.0f} s from a kill to progress")
    return report.end()
