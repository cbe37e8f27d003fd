"""Crash points: each kind of work is killed before and after every message it sends to Postgres, or loses the reply."""

from __future__ import annotations

import argparse
import os
import random
import sys
import time
from dataclasses import dataclass, field

import psycopg
import redis

from tests.lab import accounts
from tests.lab.databases import Server, server
from tests.lab.far import Bibliography
from tests.lab.proxy import Mode, Proxy, Strike, proxied
from tests.lab.report import Report, quiet
from worker import ledger, run
from worker.pipeline import harvests, reindex
from worker.tools import Tools

TICK = "tick"
KINDS = ("fetch", "parse", "deduplicate", "identify", "enrich", "publish", "reindex", "refresh", TICK)
PATIENCE_S = 60.0
SMALL = Bibliography(9, per_page=3, seed=11)


@dataclass
class Scene:
    """A database in which one piece of work of a kind is next."""

    kind: str
    template: str
    work_id: int = 0
    n_messages: int = 0
    failures: list[str] = field(default_factory=list)


def scenes(at: Server) -> list[Scene]:
    """Runs the whole line once; keeps the state before the last work of each kind: by then there is much to decide.

    What a reindex calls for afterwards finds nothing to change, so it counts only where there is nothing else.
    """
    found: dict[str, Scene] = {}
    name = at.copy()
    with at.tools(name) as tools, tools.transaction() as cursor:
        for source in ("desk", "openalex"):
            harvests.start_sweep(cursor, tools.sources.get(source))
    again = False
    while True:
        with at.tools(name) as tools:
            kind, work_id, asks = _next(tools)
        if kind is None and not again:
            again = True
            with at.tools(name) as tools, tools.transaction() as cursor:
                reindex.start(cursor)
            continue
        if kind is None:
            break
        if kind in found and not again and not asks:
            at.drop(found.pop(kind).template)
        if kind not in found:
            found[kind] = Scene(kind, at.copy(name), work_id)
        with at.tools(name) as tools:
            assert run.take(tools, work_id)
    with at.tools(name) as tools, tools.transaction() as cursor:
        cursor.execute("insert into ops.schedule (schedule, source, every_s) values ('desk by hand', 'desk', 86400)")
    found[TICK] = Scene(TICK, name)
    return [found[kind] for kind in KINDS]


def _next(tools: Tools) -> tuple[str | None, int, bool]:
    """The work that a worker would take now, and whether it is of a question, whose answer may change nothing."""
    with tools.transaction() as cursor:
        ledger.reconcile(cursor)
        cursor.execute("update ops.work set not_before = clock_timestamp() where state = 'queued'")
        row = cursor.execute(
            "select w.kind, work_id, coalesce(h.kind = 'question', false) from ops.work w"
            " left join ops.harvest h using (harvest_id) where w.state = 'queued' order by priority, work_id limit 1"
        ).fetchone()
    return (row[0], row[1], row[2]) if row else (None, 0, False)


def attempt(at: Server, proxy: Proxy, scene: Scene, strike: Strike) -> tuple[str, dict[str, int], tuple[int, int]]:
    """One worker process, struck as told, in a fresh copy of the scene; then somebody else finishes everything.

    The digest, the accounts that do not agree, and the events handed on: how many, and how many twice.
    """
    name = at.copy(scene.template)
    try:
        with redis.Redis.from_url(at.broker_url) as client:
            client.flushdb()
        proxy.strike = strike
        pid = os.fork()
        if pid == 0:
            os._exit(_child(at, proxy.url(at.named(name)), scene))
        strike.pid = pid
        _reap(pid)
        with at.tools(name) as tools:
            _finish(tools)
            _, _, wrong = accounts.audit(tools)
            return accounts.digest(tools), wrong, accounts.streamed(at.broker_url)
    finally:
        at.drop(name)


def _patiently(at: Server, proxy: Proxy, scene: Scene, strike: Strike) -> tuple[str, dict[str, int], tuple[int, int]]:
    """As ``attempt``, once more when the machine is so busy that nobody answers the lab itself."""
    for _ in range(5):
        try:
            return attempt(at, proxy, scene, strike)
        except psycopg.OperationalError:
            time.sleep(2.0)
            strike.seen = 0
            strike.struck.clear()
    raise TimeoutError("Postgres does not answer the lab")


def _child(at: Server, url: str, scene: Scene) -> int:
    """The worker to be struck; the reason it ends by itself is of no interest."""
    try:
        time.sleep(0.005)
        with at.tools("", url=url) as tools:
            if scene.kind == TICK:
                run.tick(tools)
            else:
                run.take(tools, scene.work_id)
    except Exception:
        return 1
    return 0


def _reap(pid: int) -> None:
    ends_at = time.monotonic() + PATIENCE_S
    while os.waitpid(pid, os.WNOHANG) == (0, 0):
        if time.monotonic() > ends_at:
            os.kill(pid, 9)
            os.waitpid(pid, 0)
            raise TimeoutError("the worker hangs")
        time.sleep(0.002)


def _finish(tools: Tools) -> None:
    """What the other workers and the scheduler do afterwards, without their waits."""
    ends_at = time.monotonic() + PATIENCE_S
    while True:
        run.tick_quietly(tools)
        with tools.transaction() as cursor:
            cursor.execute("update ops.work set not_before = clock_timestamp() where state = 'queued'")
        while run.take_next(tools):
            pass
        with tools.transaction() as cursor:
            row = cursor.execute(
                "select (select count(*) from ops.work where state in ('queued', 'leased'))"
                " + (select count(*) from ops.harvest where state = 'running')"
            ).fetchone()
        if row == (0,):
            return
        if time.monotonic() > ends_at:
            raise TimeoutError("work that nobody can finish")


def walk(at: Server, proxy: Proxy, scene: Scene, every: int, dice: random.Random, modes: list[Mode], stop: bool) -> int:
    """Strikes at every ``every``-th message in every mode; the number of points. Failures stay with the scene."""
    counting = Strike()
    expected, wrong, events = _patiently(at, proxy, scene, counting)
    scene.n_messages = counting.seen
    if wrong or events[1]:
        scene.failures.append(f"without any fault: {wrong}, {events[1]} events twice")
    points = 0
    for k in range(1 + dice.randrange(every), counting.seen + 1, every):
        for mode in modes:
            if stop and scene.failures:
                return points
            strike = Strike(k, mode)
            points += 1
            try:
                found, wrong, told = _patiently(at, proxy, scene, strike)
            except TimeoutError as error:
                scene.failures.append(f"message {k}, {mode.value}: {error}")
                continue
            if not strike.struck.is_set():
                scene.failures.append(f"message {k}, {mode.value}: never came")
            if found != expected or wrong or told != events:
                other = "" if found == expected else "another catalog, "
                said = "" if told == events else f"{told[0]} events instead of {events[0]}, {told[1]} twice, "
                scene.failures.append(f"message {k}, {mode.value}: {other}{said}{wrong or ''}")
    return points


def main(argv: list[str]) -> int:
    """Walks through all kinds of work."""
    parser = argparse.ArgumentParser(prog="python -m tests.lab crash-points", description=__doc__)
    parser.add_argument("--kind", nargs="+", choices=KINDS, default=list(KINDS))
    parser.add_argument("--every", type=int, default=1, help="only every n-th message")
    parser.add_argument("--mode", nargs="+", choices=[mode.name.lower() for mode in Mode], help="all by default")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--stop", action="store_true", help="leave at the first failure")
    asked = parser.parse_args(argv)
    modes = [Mode[name.upper()] for name in asked.mode] if asked.mode else list(Mode)
    quiet()
    ledger.REFRESH_S = 0

    report = Report(("kind", "messages", "points", "passed", "failed"))
    total = failed = 0
    with server() as at, SMALL.served() as base_url, proxied(at.url) as proxy:
        (at.folder / "sources.toml").write_text(SMALL.sources(base_url))
        for scene in scenes(at):
            if scene.kind not in asked.kind:
                continue
            points = walk(at, proxy, scene, asked.every, random.Random(f"{asked.seed} {scene.kind}"), modes, asked.stop)
            bad = len(scene.failures)
            report.row(scene.kind, scene.n_messages, points, points - bad, bad)
            print(f"{scene.kind}: {points} points, {bad} failed", file=sys.stderr, flush=True)
            total, failed = total + points, failed + bad
            for sentence in scene.failures[:5]:
                report.must(False, f"{scene.kind}, {sentence}")
            if asked.stop and bad:
                break
    report.figure("crash_points", total, "points")
    report.figure("crash_points_passed", total - failed, "points")
    return report.end()
