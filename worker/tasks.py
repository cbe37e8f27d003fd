"""The Celery app: doorbells. Every fact about work is a row; a message carries one number.

``celery -A worker.tasks worker`` and ``... beat`` work as Celery people expect. An admin may also enqueue by
Celery's own means, for example ``celery -A worker.tasks call reindex --kwargs '{"source": "mila"}'``: the task
first writes its ledger rows. Late acknowledgement, retries, countdowns, chains and results are not used.
"""

from __future__ import annotations

import atexit
import os
import signal
import threading
import time
from functools import cache
from typing import Any

import psycopg
import structlog
from celery import Celery, signals
from kombu.exceptions import OperationalError

from catalog.engine import is_away
from worker import embedded, ledger, logs, run
from worker.errors import Misconfigured
from worker.pipeline import harvests
from worker.pipeline import reindex as reindexing
from worker.tools import Tools

log = structlog.get_logger("pubcat")

QUEUE = "pubcat"
UNANSWERED_S = 3.0
"""Work eligible for so long rang a bell nobody heard: workers look for themselves."""
SILENT_S = 10.0
"""After hearing no bell for so long a worker trusts none, and takes whatever is eligible."""
GO_ON_S = 1.0
"""Whoever answers a bell goes on with what it called for, for so long: fewer bells, and pages do not wait for them."""
STARVED_S = 60.0
"""A worker that sees eligible work for so long and claims none is broken: it exits, and is started again."""
BROKEN = 70
"""Exit code of such a worker."""


@cache
def servers() -> embedded.Servers:
    """The database and broker of this process, embedded ones started when no URL names others."""
    context = embedded.servers()
    found = context.__enter__()
    atexit.register(context.__exit__, None, None, None)
    return found


def _configuration() -> dict[str, Any]:
    """Settings that make the broker a doorbell (docs/explanation/reliability.md says which loss each one prevents)."""
    broker_url = servers().broker_url
    tick = {"tick": {"task": "tick", "schedule": 1.0, "options": {"expires": 5.0}}}
    return {
        # Without a broker the bells are wires within each process that nobody pulls: workers look for themselves.
        "broker_url": broker_url or "memory://",
        "broker_transport": "worker.doorbell:Transport" if _is_redis(broker_url) else None,
        "task_serializer": "json",
        "accept_content": ["json"],
        "result_accept_content": ["json"],
        "task_ignore_result": True,
        "task_acks_late": False,
        "worker_prefetch_multiplier": 1,
        "task_default_queue": QUEUE,
        "task_default_delivery_mode": "transient",
        "broker_connection_retry_on_startup": True,
        "broker_connection_max_retries": None,
        "broker_transport_options": _transport(broker_url),
        "worker_hijack_root_logger": False,
        "timezone": "UTC",
        "beat_schedule": tick if broker_url else {},
        "beat_schedule_filename": os.environ.get("PUBCAT_BEAT_FILE", str(embedded.home() / "celerybeat-schedule")),
    }


def _is_redis(broker_url: str) -> bool:
    return broker_url.startswith(("redis://", "rediss://"))


def _transport(broker_url: str) -> dict[str, Any]:
    """Redis wants time-outs, or a publisher waits for ever; other transports do not know these options.

    A message that no binding leads anywhere (somebody deleted ``_kombu.binding.pubcat``) makes the queue again.
    """
    if not _is_redis(broker_url):
        return {}
    return {
        "deadletter_queue": QUEUE,
        "visibility_timeout": 300,
        "socket_timeout": 10,
        "socket_connect_timeout": 3,
        "health_check_interval": 10,
    }


app = Celery("pubcat")
app.add_defaults(_configuration)

_busy = threading.Lock()
"""One piece of work at a time in a process: bells and the poller share it."""


@cache
def tools() -> Tools:
    """The tools of this process."""
    return Tools(servers().database_url, servers().broker_url, role="pubcat worker")


_heard_at = time.monotonic()
"""When a bell last rang here."""


def _answer(work_id: int) -> None:
    """Does the work of that number, if it is still to be done, then what else is eligible."""
    global _heard_at
    if not isinstance(work_id, int) or not 0 < work_id < 1 << 63:
        log.warning("a bell without a number", rang=repr(work_id)[:200])
        return
    with _busy:
        _heard_at = time.monotonic()
        try:
            run.take(tools(), work_id)
            while time.monotonic() < _heard_at + GO_ON_S and run.take_next(tools()):
                pass
        except psycopg.Error as error:
            if not is_away(error):
                raise
            log.warning("the database does not answer", error=str(error))


def ring(bells: list[tuple[int, str]]) -> bool:
    """Sends one message a bell; false when the broker does not answer (workers then look for themselves)."""
    try:
        with app.producer_pool.acquire(block=True, timeout=5) as producer:
            for work_id, kind in bells:
                app.send_task(kind, args=[work_id], producer=producer, retry=False)
    except (OperationalError, OSError) as error:
        log.warning("the broker does not answer; workers poll", error=str(error))
        return False
    return True


@app.task(name="fetch")
def fetch(work_id: int | None = None, source: str | None = None) -> None:
    """Fetches one page; with ``source`` starts a sync of it."""
    if source is not None:
        with tools().transaction() as cursor:
            harvests.start_sweep(cursor, tools().sources.get(source), requested_by="celery")
    elif work_id is not None:
        _answer(work_id)


@app.task(name="parse")
def parse(work_id: int) -> None:
    """Reads one stored page."""
    _answer(work_id)


@app.task(name="deduplicate")
def deduplicate(work_id: int) -> None:
    """Decides one batch of records."""
    _answer(work_id)


@app.task(name="enrich")
def enrich(work_id: int) -> None:
    """Asks sources about incomplete papers."""
    _answer(work_id)


@app.task(name="identify")
def identify(work_id: int) -> None:
    """Computes the people of touched name blocks."""
    _answer(work_id)


@app.task(name="publish")
def publish(work_id: int) -> None:
    """Hands change events on."""
    _answer(work_id)


@app.task(name="refresh")
def refresh(work_id: int) -> None:
    """Computes prepared tables again."""
    _answer(work_id)


@app.task(name="reindex")
def reindex(
    work_id: int | None = None, source: str | None = None, paper: int | None = None, parser: bool = False
) -> None:
    """Decides one slice again; without ``work_id`` writes the plan for a source, a paper, or everything."""
    if work_id is not None:
        _answer(work_id)
        return
    with tools().transaction() as cursor:
        reindexing.start(cursor, source=source, paper_id=paper, parser=parser, requested_by="celery")


@app.task(name="tick")
def tick() -> None:
    """Takes due schedule slots, reconciles, rings bells."""
    ring(run.tick(tools()))


_main = os.getpid()
"""The process whose end is the end of the worker; its pool is forked from it."""


@signals.worker_init.connect
@signals.beat_init.connect
def _configure_logs(**_: Any) -> None:
    logs.configure()


@signals.worker_init.connect
def _be_the_worker(**_: Any) -> None:
    """One of the pool that finds the worker broken ends all of it: a supervisor starts it again."""
    global _main
    _main = os.getpid()
    signal.signal(signal.SIGUSR2, lambda *_: os._exit(BROKEN))


@signals.worker_ready.connect
def _say_ready(**_: Any) -> None:
    log.info("worker ready")


@signals.worker_process_init.connect
def _start_polling(**_: Any) -> None:
    """Each process of the pool also looks at the ledger itself, so a lost bell or a dead broker costs seconds."""
    tools()  # made before there are two threads to make them
    threading.Thread(target=_poll, name="poller", daemon=True).start()


def _poll() -> None:
    starved_since: float | None = None
    while True:
        time.sleep(1.0)
        if os.getpid() != _main and os.getppid() != _main:
            os._exit(BROKEN)  # left behind by a worker that was killed
        try:
            starving = _look()
        except Misconfigured:
            raise
        except Exception as error:
            log.warning("polling", error=str(error))
            continue
        starved_since = (starved_since or time.monotonic()) if starving else None
        if starved_since and time.monotonic() - starved_since > STARVED_S:
            log.error("eligible work, and none of it can be claimed: leaving, to be started again")
            os.kill(_main, signal.SIGUSR2)


def _look() -> bool:
    """Does what bells should have called for; true when there is work and none of it can be claimed."""
    with tools().transaction() as cursor:
        ledger.sign_of_life(cursor, "worker")
    if not _busy.acquire(timeout=1.0):
        return False
    try:
        run.tick_quietly(tools())
        patience_s = UNANSWERED_S if time.monotonic() - _heard_at < SILENT_S else 0.0
        found = run.take_next(tools(), patience_s)
        while found and run.take_next(tools(), patience_s):
            pass
        with tools().transaction() as cursor:
            return not found and ledger.is_starving(cursor, STARVED_S)
    finally:
        _busy.release()


__all__ = ["app"]
