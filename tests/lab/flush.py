"""Flush: queues emptied, bells tripled and shuffled, garbage and forged messages among them, or no broker at all."""

from __future__ import annotations

import argparse
import pickle
import random
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import redis
from celery import Celery
from kombu.connection import Connection

from tests.lab import accounts
from tests.lab.far import Bibliography
from tests.lab.home import Home, home
from tests.lab.kill import DONE, OPEN, OPEN_BUT_EVENTS, fault_free, settle
from tests.lab.report import Report
from worker.tasks import QUEUE

ABSENT = "redis://127.0.0.1:1/0"


class Evil:
    """Unpickled, it leaves a file: proof that somebody executed a message."""

    def __init__(self, marker: str) -> None:
        self.marker = marker

    def __reduce__(self) -> tuple[Callable[[str], object], tuple[str]]:
        return _leave, (self.marker,)


def _leave(marker: str) -> None:
    Path(marker).write_text("executed")


def _is_redis(url: str) -> bool:
    return url.startswith("redis")


def empty(url: str) -> int:
    """Loses everything the broker holds; RabbitMQ loses our queue whole, with its binding."""
    if _is_redis(url):
        with redis.Redis.from_url(url) as client:
            client.flushall()
    else:
        with Connection(url) as connection, suppress(*connection.channel_errors):
            connection.channel().queue_delete(QUEUE)
    return 1


def unbind(url: str) -> None:
    """Deletes what Kombu remembers of bindings: messages then lead nowhere."""
    if _is_redis(url):
        with redis.Redis.from_url(url) as client:
            for key in client.keys("_kombu.binding.*"):
                client.delete(key)


def garbage(url: str, marker: str, dice: random.Random) -> int:
    """Sends what no message should be; how much."""
    evil = pickle.dumps(((Evil(marker),), {}, {}))
    strange: list[dict[str, Any]] = [
        {"body": evil, "content_type": "application/x-python-serialize", "content_encoding": "binary",
         "headers": {"task": "fetch", "id": "forged", "lang": "py"}},
        {"body": evil, "content_type": "application/x-python-serialize", "content_encoding": "binary"},
        {"body": b"{", "content_type": "application/json", "content_encoding": "utf-8",
         "headers": {"task": "parse", "id": "broken", "lang": "py"}},
        {"body": b"plain words", "content_type": "text/plain", "content_encoding": "utf-8"},
        {"body": b"!!python/object/apply:os.system ['touch " + marker.encode() + b"']",
         "content_type": "application/x-yaml", "content_encoding": "utf-8", "headers": {"task": "tick", "id": "yaml"}},
    ]  # fmt: skip
    dice.shuffle(strange)
    with Connection(url) as connection:
        producer = connection.Producer()
        for one in strange:
            producer.publish(one.pop("body"), exchange=QUEUE, routing_key=QUEUE, **one)
    with Celery("stranger", broker=url) as stranger:
        wrong: list[tuple[str, list[Any], dict[str, Any]]] = [
            ("no.such.task", [], {}), ("fetch", ["x"], {}), ("fetch", [-1], {}), ("parse", [10**30], {}),
            ("parse", [], {}), ("deduplicate", [[1]], {}), ("tick", [1, 2, 3], {}), ("enrich", [999_999_999], {}),
            ("publish", [], {"work_id": None}), ("fetch", [], {"source": "nobody"}), ("reindex", [True], {}),
        ]  # fmt: skip
        for task, args, kwargs in wrong:
            stranger.send_task(task, args=args, kwargs=kwargs, queue=QUEUE, retry=False)
    sent = 5 + len(wrong)
    if _is_redis(url):
        raw = (
            b"\x00\xff",
            b"[]",
            b"{}",
            b'{"body": 1}',
            b"null",
            evil,
            b'{"body":"e30=","headers":[],"properties":{}}',
        )
        with redis.Redis.from_url(url) as client:
            client.lpush(QUEUE, *raw)
        sent += len(raw)
    return sent


def triple(url: str, bells: list[tuple[int, str]], dice: random.Random) -> int:
    """Rings each bell three times more, in any order."""
    with Celery("echo", broker=url) as echo:
        every = bells * 3
        dice.shuffle(every)
        for work_id, kind in every:
            echo.send_task(kind, args=[work_id], queue=QUEUE, retry=False)
    return len(bells) * 3


def _new(at: Home, after: int) -> list[tuple[int, str]]:
    with at.tools() as tools, tools.transaction() as cursor:
        return cursor.execute(
            "select work_id, kind from ops.work where work_id > %s order by work_id limit 500", (after,)
        ).fetchall()


def disturb(what: str, times: int, at: Home, dice: random.Random) -> dict[str, int]:
    """Harvests while the broker misbehaves, and waits until everything is done; counts of what was done to it.

    Raises:
        TimeoutError: something never came to its end.
    """
    counts = {"flushes": 0, "garbage": 0, "bells sent again": 0}
    at.pubcat("sync", "--no-wait")
    rung = 0
    for n in range(times if what != "absent" else 0):
        at.until(DONE, lambda n: n > 0)
        time.sleep(dice.uniform(0.0, 0.6))
        if not at.ask(OPEN):
            at.pubcat("reindex", "--all", "--parser", "--no-wait")
        if what == "flush":
            counts["flushes"] += empty(at.broker_url())
            if n % 3 == 0:
                unbind(at.broker_url())
            continue
        bells = _new(at, rung)
        rung = max((number for number, _ in bells), default=rung)
        counts["bells sent again"] += triple(at.broker_url(), bells, dice)
        counts["garbage"] += garbage(at.broker_url(), str(at.path / "executed"), dice)
    settle(at, OPEN_BUT_EVENTS if what == "absent" else OPEN)
    return counts


@contextmanager
def _at(sources: str, what: str, broker: str | None) -> Iterator[Home]:
    with home(sources, broker=ABSENT if what == "absent" else broker) as at:
        at.up(2)
        yield at


def main(argv: list[str]) -> int:
    """One run a misfortune, each compared with the run that nobody disturbed."""
    parser = argparse.ArgumentParser(prog="python -m tests.lab flush", description=__doc__)
    parser.add_argument(
        "--what", nargs="+", choices=("flush", "absent", "triple"), default=["flush", "absent", "triple"]
    )
    parser.add_argument("--times", type=int, default=50)
    parser.add_argument("--records", type=int, default=300)
    parser.add_argument("--per-page", type=int, default=2)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--broker", help="another broker than the embedded one: amqp://... or redis://...")
    asked = parser.parse_args(argv)

    report = Report(("broker is", "flushes", "bells again", "garbage", "executed", "lost", "doubled", "digest"))
    bibliography = Bibliography(asked.records, asked.per_page, seed=41)
    with bibliography.served() as base_url:
        sources = bibliography.sources(base_url)
        expected, _ = fault_free(bibliography, sources)
        for what in asked.what:
            print(what, file=sys.stderr, flush=True)
            with _at(sources, what, asked.broker) as at:
                try:
                    counts = disturb(what, asked.times, at, random.Random(f"{asked.seed} {what}"))
                except TimeoutError as error:
                    report.must(False, f"{what}: {error}")
                    continue
                executed = int((at.path / "executed").exists())
                with at.tools() as tools:
                    lost, doubled, wrong = accounts.audit(tools, but=WAITING if what == "absent" else frozenset())
                    same = accounts.digest(tools) == expected
            report.row(
                what, counts["flushes"], counts["bells sent again"], counts["garbage"], executed, lost, doubled,
                "equal" if same else "OTHER",
            )  # fmt: skip
            report.must(not wrong, f"{what}: {wrong}")
            report.must(same, f"{what}: the catalog is another than without faults")
            report.must(not executed, f"{what}: a forged message was executed")
            for name, count in counts.items():
                report.figure(f"{what}_{name.replace(' ', '_')}", count)
            report.figure(f"{what}_lost", lost, "effects")
            report.figure(f"{what}_doubled", doubled, "effects")
    return report.end()


WAITING = frozenset({"work neither done nor dead", "changes nobody was told of"})
"""With a broker that is named and never answers, events rightly wait for it."""
