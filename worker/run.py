"""Performs one work row: the only place that opens transactions.

Three callers, one function: the command line drains the ledger in its own process, Celery rings bells between
processes and remembers nothing, a test does either.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import psycopg
import structlog

from catalog.engine import Cursor
from worker import ledger, schedule
from worker.errors import Fenced, Misconfigured, Permanent, Throttled, Transient
from worker.http import NotModified, Refused
from worker.ledger import Letter, Work
from worker.page import Page
from worker.pipeline import courses, deduplicate, enrich, fetch, identify, parse, publish, reindex
from worker.tools import Tools

HEARTBEAT_S = 15.0

log = structlog.get_logger("pubcat")

HEALS = (
    psycopg.errors.DeadlockDetected,
    psycopg.errors.SerializationFailure,
    psycopg.errors.LockNotAvailable,
    psycopg.errors.UniqueViolation,
    psycopg.errors.QueryCanceled,
    psycopg.OperationalError,
    psycopg.InterfaceError,
)
"""What Postgres says when another transaction was there first, or when it is away: try again."""


def perform(work: Work, tools: Tools) -> None:
    """Does one piece of work and writes down what it calls for next. Doing it twice changes nothing more.

    Raises:
        Fenced: somebody else holds this work now; nothing was written.
    """
    started = time.monotonic()
    try:
        with _heartbeat(work, tools):
            _stage(work, tools)
    except Fenced:
        raise
    except HEALS as error:
        _failed(work, tools, Transient(f"{type(error).__name__}: {error}", retry_after_s=_short_wait(error)))
    except Exception as error:
        _failed(work, tools, error)
    else:
        log.debug("done", kind=work.kind, work_id=work.work_id, duration_ms=round(1e3 * (time.monotonic() - started)))
        if tools.progress:
            tools.progress(work.kind)


def _short_wait(error: BaseException) -> float | None:
    """Races are over in a moment; a database that is away may need longer."""
    return 0.2 if isinstance(error, psycopg.errors.UniqueViolation | psycopg.errors.DeadlockDetected) else None


def _stage(work: Work, tools: Tools) -> None:
    match work.kind:
        case "fetch":
            _fetch(work, tools)
        case "parse":
            with tools.transaction() as cursor:
                loaded = parse.load(cursor, tools.sources, work)
            claims, unread = parse.read(loaded)
            with tools.transaction() as cursor:
                parse.write(cursor, tools.memory, work, loaded, claims, unread)
                ledger.finish(cursor, work)
        case "deduplicate":
            with tools.transaction() as cursor:
                if work.args.get("courses"):
                    courses.deduplicate(cursor, work)
                else:
                    deduplicate.deduplicate(cursor, tools.memory, work)
                ledger.finish(cursor, work)
        case "identify":
            with tools.transaction() as cursor:
                identify.identify(cursor)
                ledger.finish(cursor, work)
        case "enrich":
            with tools.transaction() as cursor:
                if enrich.sweeps_run(cursor):
                    enrich.call_again(cursor, work)
                else:
                    enrich.enrich(cursor, tools.sources, work)
                    ledger.finish(cursor, work)
        case "publish":
            with tools.transaction() as cursor:
                publish.publish(cursor, tools.broker_url, work)
        case "reindex":
            with tools.transaction() as cursor:
                reindex.reindex(cursor, work)
                ledger.finish(cursor, work)
        case _:
            raise Permanent(f"nobody here knows how to {work.kind}: a newer release wrote this row")


def _fetch(work: Work, tools: Tools) -> None:
    with tools.transaction() as cursor:
        asked = fetch.prepare(cursor, tools.sources, work)
        if not asked.is_our_turn:
            ledger.postpone(cursor, work, asked.wait_s, "waits for its turn at the host")
            return
    time.sleep(asked.wait_s)
    try:
        page = _page(tools, asked)
    except Refused as error:
        with tools.transaction() as cursor:
            fetch.leave(cursor, work)
            _bury(cursor, work, error, fetch.refused(cursor, error))
        return
    except Throttled as error:
        with tools.transaction() as cursor:
            fetch.leave(cursor, work)
            ledger.postpone(cursor, work, fetch.throttle(cursor, asked, error.retry_after_s), str(error))
        return
    except Exception:
        with tools.transaction() as cursor:
            fetch.leave(cursor, work)
        raise
    with tools.transaction() as cursor:
        fetch.leave(cursor, work)
        fetch.thank(cursor, asked)
        fetch.keep(cursor, work, asked, page)
        ledger.finish(cursor, work)


def _page(tools: Tools, asked: fetch.Asked) -> Page:
    """What the far side answers, or what we hold when it says that nothing changed."""
    try:
        return fetch.send(tools.client, tools.sessions, asked)
    except NotModified:
        with tools.transaction() as cursor:
            held = fetch.again(cursor, asked)
    return held or fetch.send(tools.client, tools.sessions, replace(asked, validators={}))


def _failed(work: Work, tools: Tools, error: Exception) -> None:
    """Writes down what went wrong. What nobody foresaw is a bug: logged whole, buried, and nothing else stops."""
    if not isinstance(error, Transient | Permanent | Misconfigured):
        log.exception("bug", kind=work.kind, work_id=work.work_id, error=str(error))
    with tools.transaction() as cursor:
        _bury(cursor, work, error, None)


def _bury(cursor: Cursor, work: Work, error: Exception, sha256: bytes | None) -> None:
    if not ledger.fail(cursor, work, error):
        return
    if sha256 is None and work.kind == "parse":
        row = cursor.execute(
            "select sha256, source from raw.observation where observation_id = %s", (work.args.get("observation"),)
        ).fetchone()
        sha256 = row[0] if row else None
    source = cursor.execute("select source from ops.harvest where harvest_id = %s", (work.harvest_id,)).fetchone()
    ledger.bury(cursor, work, [Letter(work.kind, error, source[0] if source else None, sha256)])
    cursor.execute(
        "update ops.harvest set n_dead = n_dead + 1, error = coalesce(error, %s) where harvest_id = %s",
        (str(error)[:500].replace("\x00", ""), work.harvest_id),
    )
    log.warning("dead", kind=work.kind, work_id=work.work_id, reason=str(error))


@contextmanager
def _heartbeat(work: Work, tools: Tools) -> Iterator[None]:
    """Keeps the lease alive from a thread of its own while the work lasts."""
    over = threading.Event()

    def beat() -> None:
        while not over.wait(HEARTBEAT_S):
            try:
                with tools.transaction() as cursor:
                    if not ledger.beat(cursor, work):
                        return
            except psycopg.Error as error:
                log.warning("heartbeat", work_id=work.work_id, error=str(error))

    thread = threading.Thread(target=beat, name=f"heartbeat-{work.work_id}", daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()


def take(tools: Tools, work_id: int) -> bool:
    """Answers a bell: does the work of that number if it is still to be done. False: somebody else's, or done."""
    with tools.transaction() as cursor:
        work = ledger.claim(cursor, work_id)
    return _perform_unless_fenced(work, tools)


def take_next(tools: Tools, unanswered_s: float = 0.0) -> bool:
    """Does the next eligible work, if there is any."""
    with tools.transaction() as cursor:
        work = ledger.claim_next(cursor, unanswered_s)
    return _perform_unless_fenced(work, tools)


def _perform_unless_fenced(work: Work | None, tools: Tools) -> bool:
    if work is None:
        return False
    try:
        perform(work, tools)
    except Fenced as error:
        log.warning("fenced", work_id=work.work_id, reason=str(error))
    return True


def tick(tools: Tools) -> list[tuple[int, str]]:
    """What a scheduler does each second: takes due slots, reconciles, and names the bells to ring."""
    tick_quietly(tools)
    with tools.transaction() as cursor:
        return ledger.unrung(cursor)


def tick_quietly(tools: Tools) -> None:
    """The part of a tick that needs no broker: due slots and reconciliation."""
    with tools.transaction() as cursor:
        schedule.take_slots(cursor, tools.sources)
    with tools.transaction() as cursor:
        ledger.reconcile(cursor)


def drain(tools: Tools, longest_wait_s: float = 30.0) -> None:
    """Does everything eligible in this process, waiting for retries due within ``longest_wait_s``."""
    while True:
        while take_next(tools):
            pass
        with tools.transaction() as cursor:
            ledger.reconcile(cursor)
            wait_s = ledger.next_due_s(cursor)
        if wait_s is None or wait_s > longest_wait_s:
            return
        time.sleep(min(max(wait_s, 0.02), 1.0))
