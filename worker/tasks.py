"""The Celery app: doorbells. Every fact about work is a row; a message carries one number.

``celery -A worker.tasks worker`` and ``... beat`` work as Celery people expect. An admin may also enqueue by
Celery's own means, for example ``celery -A worker.tasks call reindex --kwargs '{"source": "mila"}'``: the task
first writes its ledger rows. Late acknowledgement, retries, countdowns, chains and results are not used.
"""

from __future__ import annotations

import atexit
import os
import threading
import time
from functools import cache
from typing import Any

import structlog
from celery import Celery, signals
from kombu.exceptions import OperationalError

from worker import embedded, ledger, logs, run, schedule
from worker.errors import Misconfigured
from worker.pipeline import harvests
from worker.pipeline import reindex as reindexing
from worker.tools import Tools

log = structlog.get_logger("pubcat")

UNANSWERED_S = 3.0
"""Work eligible for so long rang a bell nobody heard: workers look for themselves."""
STARVED_S = 60.0
"""A worker that sees eligible work for so long and claims none is broken: it exits, and is started again."""


@cache
def servers() -> embedded.Servers:
    """The database and broker of this process, embedded ones started when no URL names others."""
    context = embedded.servers()
    found = context.__enter__()
    atexit.register(context.__exit__, None, None, None)
    return found


def _configuration() -> dict[str, Any]:
    """Settings that make the broker a doorbell (see reference on how Celery with Redis loses work)."""
    return {
        "broker_url": servers().broker_url,
        "task_serializer": "json",
        "accept_content": ["json"],
        "result_accept_content": ["json"],
        "task_ignore_result": True,
        "task_acks_late": False,
        "worker_prefetch_multiplier": 1,
        "task_default_queue": "pubcat",
        "task_default_delivery_mode": "transient",
        "broker_connection_retry_on_startup": True,
        "broker_connection_max_retries": None,
        "broker_transport_options": _transport(servers().broker_url),
        "worker_hijack_root_logger": False,
        "timezone": "UTC",
        "beat_schedule": {"tick": {"task": "tick", "schedule": 1.0, "options": {"expires": 5.0}}},
        "beat_schedule_filename": os.environ.get("PUBCAT_BEAT_FILE", str(embedded.home() / "celerybeat-schedule")),
    }


def _transport(broker_url: str) -> dict[str, Any]:
    """Redis wants time-outs, or a publisher waits for ever; other transports do not know these options."""
    if not broker_url.startswith(("redis://", "rediss://")):
        return {}
    return {
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


def _answer(work_id: int) -> None:
    with _busy:
        run.take(tools(), work_id)


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
    with tools().transaction() as cursor:
        schedule.arrange(cursor, tools().sources)
    ring(run.tick(tools()))


@signals.worker_process_init.connect
def _start_polling(**_: Any) -> None:
    """Each process of the pool also looks at the ledger itself, so a lost bell or a dead broker costs seconds."""
    threading.Thread(target=_poll, name="poller", daemon=True).start()


@signals.worker_init.connect
@signals.beat_init.connect
def _configure_logs(**_: Any) -> None:
    logs.configure()


@signals.worker_ready.connect
def _say_ready(**_: Any) -> None:
    log.info("worker ready")


def _poll() -> None:
    starved_since: float | None = None
    while True:
        time.sleep(1.0)
        try:
            with tools().transaction() as cursor:
                ledger.sign_of_life(cursor, "worker")
            if not _busy.acquire(timeout=1.0):
                starved_since = None
                continue
            try:
                run.tick_quietly(tools())
                found = run.take_next(tools(), UNANSWERED_S)
                while found and run.take_next(tools(), UNANSWERED_S):
                    pass
                with tools().transaction() as cursor:
                    waiting = ledger.is_starving(cursor, STARVED_S)
            finally:
                _busy.release()
            starved_since = (starved_since or time.monotonic()) if waiting and not found else None
            if starved_since and time.monotonic() - starved_since > STARVED_S:
                log.error("eligible work, and none of it can be claimed: leaving, to be started again")
                os._exit(70)
        except Misconfigured:
            raise
        except Exception as error:
            log.warning("polling", error=str(error))


__all__ = ["app"]
