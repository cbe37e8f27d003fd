"""Performs one work row: the only place that opens transactions.

Three callers, one function: the command line drains the ledger in its own process, Celery rings bells between
processes and remembers nothing, a test does either.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from itertools import count
from typing import TypeVar

import psycopg
import structlog

from catalog import marts, roles, search
from catalog.engine import Cursor, is_away, is_race
from worker import alone, ledger, schedule
from worker.errors import Crashed, Expired, Fenced, Misconfigured, Permanent, Raced, Throttled, Transient
from worker.http import NotModified, Refused
from worker.ledger import Letter, NewWork, Work
from worker.page import Page
from worker.pipeline import courses, deduplicate, enrich, fetch, identify, parse, publish, reindex, turns
from worker.tools import Tools, uncollected

log = structlog.get_logger("pubcat")

MOST_RACES = 10
"""A transaction that lost so many races in a row waits its turn in the ledger."""

Result = TypeVar("Result")


def perform(work: Work, tools: Tools) -> None:
    """Does one piece of work and writes down what it calls for next. Doing it twice changes nothing more.

    Raises:
        Fenced: somebody else holds this work now; nothing was written.
    """
    with tools.heart.holding(work):
        try:
            if work.crashes < ledger.TRUSTED_CRASHES:
                perform_here(work, tools)
            else:
                alone.perform(work, tools)
        except MemoryError:
            _insist(tools, lambda cursor: ledger.set_apart(cursor, work, "ran out of memory among other work"))
        except Crashed as error:
            _failed(work, tools, error)


def perform_here(work: Work, tools: Tools) -> None:
    """As ``perform``, in this process whatever the work did to others.

    Raises:
        Fenced: as ``perform``.
        MemoryError: there is not enough of it.
    """
    started = time.monotonic()
    for attempt in count():
        try:
            _stage(work, tools)
        except (Fenced, MemoryError):
            raise
        except Exception as error:
            if (isinstance(error, Raced) or is_race(error)) and attempt < MOST_RACES:
                _step_aside(attempt)
                continue
            if not _is_done_after_all(work, tools, error):
                return
        break
    log.debug("done", kind=work.kind, work_id=work.work_id, duration_ms=round(1e3 * (time.monotonic() - started)))
    if tools.progress:
        tools.progress(work.kind)


def _is_done_after_all(work: Work, tools: Tools, error: Exception) -> bool:
    """Writes down how an attempt went wrong; true when it did not, and only the answer to COMMIT was lost."""
    if isinstance(error, Raced):
        _postpone(work, tools, str(error))
    elif is_away(error):
        return _find_out(work, tools, error)
    elif is_race(error):
        _failed(work, tools, Transient(f"{type(error).__name__}: {error}"))
    else:
        _failed(work, tools, error)
    return False


def _step_aside(attempt: int) -> None:
    """Lets others pass: a random wait that grows with every race lost."""
    time.sleep(random.uniform(0.0, min(1.0, 0.02 * 2**attempt)))


def _postpone(work: Work, tools: Tools, reason: str) -> None:
    _insist(tools, lambda cursor: ledger.postpone(cursor, work, random.uniform(0.5, 5.0), ledger.sayable(reason)))


def _find_out(work: Work, tools: Tools, error: Exception) -> bool:
    """The database went away under our hands, perhaps during COMMIT: asks it what became of the work.

    True when it is done. Else the work goes back on the list; what kept it is not its fault and is not counted.
    """
    if _insist(tools, lambda cursor: ledger.is_done(cursor, work)):
        log.info("done, though the answer was lost", kind=work.kind, work_id=work.work_id)
        return True
    log.warning("the database went away", kind=work.kind, work_id=work.work_id, error=str(error))
    _postpone(work, tools, f"{type(error).__name__}: {error}")
    return False


def _insist(tools: Tools, action: Callable[[Cursor], Result]) -> Result:
    """A short transaction that may be repeated, tried until the database answers or our lease is over anyway.

    Raises:
        psycopg.Error: it did not answer for so long; the work is found again when its lease ends.
    """
    ends_at = time.monotonic() + ledger.LEASE_S
    while True:
        try:
            with tools.transaction() as cursor:
                return action(cursor)
        except psycopg.Error as error:
            if not is_away(error) or time.monotonic() > ends_at:
                raise
        time.sleep(random.uniform(0.1, 0.5))


def _stage(work: Work, tools: Tools) -> None:
    match work.kind:
        case "fetch":
            _fetch(work, tools)
        case "parse":
            with tools.transaction() as cursor:
                loaded = parse.load(cursor, tools.sources, work, lambda items: _look_up(tools, items))
            with uncollected():
                reading = parse.read(loaded)
                with tools.transaction() as cursor:
                    parse.write(cursor, tools.memory, work, loaded, reading)
                    ledger.finish(cursor, work)
        case "deduplicate":
            with uncollected(), tools.transaction() as cursor:
                if work.args.get("courses"):
                    courses.deduplicate(cursor, work)
                else:
                    deduplicate.deduplicate(cursor, tools.memory, work)
                ledger.finish(cursor, work)
        case "identify":
            first = work.args.get("first", work.work_id)
            if first == work.work_id:
                with tools.transaction() as cursor:
                    identify.take(cursor, first)
                with tools.transaction() as cursor:
                    turns.wait_for_others(cursor)
            with uncollected(), tools.transaction() as cursor:
                if identify.identify(cursor, first):
                    further = NewWork("identify", f"{first}:{work.work_id}", {"first": first})
                    ledger.add(cursor, [further], work)
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
                reindex.reindex(cursor, tools.memory, work)
                ledger.finish(cursor, work)
        case "refresh":
            _refresh(tools)
            with tools.transaction() as cursor:
                ledger.finish(cursor, work)
        case _:
            raise Permanent(f"nobody here knows how to {work.kind}: a newer release wrote this row")


def _look_up(tools: Tools, items: list[bytes]) -> dict[bytes, parse.Known]:
    with tools.transaction() as cursor:
        return parse.look_up(cursor, items)


def _refresh(tools: Tools) -> None:
    """Indexes texts and computes prepared tables, a transaction each: a long one would keep dead rows alive."""
    more = True
    while more:
        with tools.transaction() as cursor:
            more = search.index_texts(cursor)
    with tools.transaction() as cursor:
        # Right after a large load the planner still thinks these tables empty: 28 s instead of a few.
        cursor.execute(
            "analyze catalog.paper, catalog.authorship, catalog.author_name, catalog.author, catalog.member,"
            " catalog.record, catalog.identifier"
        )
        names = marts.names(cursor)
    for name in names:
        with tools.transaction() as cursor:
            marts.renew(cursor, name)
    with tools.transaction() as cursor:
        marts.count_issues(cursor)


def refresh(tools: Tools) -> None:
    """Computes prepared tables now if anything changed since, for a command whose reader looks next."""
    with tools.transaction() as cursor:
        if not marts.are_dirty(cursor):
            return
        cursor.execute(
            "update ops.work set state = 'done', finished_at = clock_timestamp()"
            " where kind = 'refresh' and state = 'queued'"
        )
    with suppress(psycopg.errors.LockNotAvailable):  # somebody else is at it
        _refresh(tools)


def _fetch(work: Work, tools: Tools) -> None:
    with tools.transaction() as cursor:
        asked = fetch.prepare(cursor, tools.sources, work)
        if not asked.is_our_turn:
            ledger.postpone(cursor, work, asked.wait_s)
            return
    time.sleep(asked.wait_s)
    try:
        page = _page(tools, asked)
    except Refused as error:
        with tools.transaction() as cursor:
            fetch.leave(cursor, work)
            if fetch.answers_nothing(work, error):
                ledger.finish(cursor, work)
            elif not (error.status in (400, 404, 410, 422) and fetch.begin_again(cursor, work, asked)):
                _refuse(cursor, work, error)
        return
    except Expired as error:
        with tools.transaction() as cursor:
            fetch.leave(cursor, work)
            if not fetch.begin_again(cursor, work, asked):
                raise Permanent(f"{error}; the walk cannot begin again") from error
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
    try:
        with tools.transaction() as cursor:
            fetch.leave(cursor, work)
            fetch.thank(cursor, asked)
            if fetch.keep(cursor, work, asked, page):
                ledger.finish(cursor, work)
    except Refused as error:
        with tools.transaction() as cursor:
            _refuse(cursor, work, error)


def _refuse(cursor: Cursor, work: Work, error: Refused) -> None:
    """Buries a fetch with what it was answered."""
    sha256 = fetch.refused(cursor, error)
    if ledger.fail(cursor, work, error):
        _bury(cursor, work, error, sha256)


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
    if not isinstance(error, Transient | Permanent | Misconfigured | Crashed):
        log.exception("bug", kind=work.kind, work_id=work.work_id, error=str(error))

    def write_down(cursor: Cursor) -> None:
        if ledger.fail(cursor, work, error):
            _bury(cursor, work, error)

    _insist(tools, write_down)


def _bury(cursor: Cursor, work: Work, error: Exception, sha256: bytes | None = None) -> None:
    """Writes the dead letter of work that is dead now, with the bytes it was about."""
    if sha256 is None and work.kind == "parse":
        row = cursor.execute(
            "select sha256, source from raw.observation where observation_id = %s", (work.args.get("observation"),)
        ).fetchone()
        sha256 = row[0] if row else None
    source = cursor.execute("select source from ops.harvest where harvest_id = %s", (work.harvest_id,)).fetchone()
    ledger.bury(cursor, work, [Letter(work.kind, error, source[0] if source else None, sha256)])
    cursor.execute(
        "update ops.harvest set n_dead = n_dead + 1, error = coalesce(error, %s) where harvest_id = %s",
        (ledger.sayable(str(error)[:500]), work.harvest_id),
    )
    log.warning("dead", kind=work.kind, work_id=work.work_id, reason=str(error))


def take(tools: Tools, work_id: int) -> bool:
    """Answers a bell: does the work of that number if it is still to be done. False: somebody else's, or done."""
    return _perform_unless_fenced(_claimed(tools, lambda cursor: ledger.claim(cursor, work_id)), tools)


def take_next(tools: Tools, unanswered_s: float = 0.0) -> bool:
    """Does the next eligible work, if there is any."""
    return _perform_unless_fenced(_claimed(tools, lambda cursor: ledger.claim_next(cursor, unanswered_s)), tools)


def _claimed(tools: Tools, claim: Callable[[Cursor], Work | None]) -> Work | None:
    """A claim in a transaction of its own. If the database goes away meanwhile, we may own a row and not know it:
    the next claim first gives back what is not in our hands."""
    try:
        with tools.transaction() as cursor:
            if tools.in_doubt:
                ledger.give_back(cursor, tools.heart.held)
            work = claim(cursor)
    except psycopg.Error:
        tools.in_doubt = True
        raise
    tools.in_doubt = False
    return work


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
    """The part of a tick that needs no broker: due slots, reconciliation, and readers that stay too long."""
    with tools.transaction() as cursor:
        schedule.arrange(cursor, tools.sources)
        schedule.take_slots(cursor, tools.sources)
    with tools.transaction() as cursor:
        ledger.reconcile(cursor)
    with tools.transaction() as cursor:
        ended = roles.watch(cursor)
    if ended:
        log.warning("ended queries of readers", count=ended, longest_s=roles.LONGEST_S)


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
