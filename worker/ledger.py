"""Work rows: claim, heartbeat, finish, fail, reconcile. Postgres is the ledger; a message is only a doorbell.

The protocol: a claim takes a lease and a fencing token; whoever finishes must still hold that token; times come
from Postgres; errors and crashes are counted apart. Functions work inside the transaction they are given.
"""

from __future__ import annotations

import os
import random
import socket
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import orjson

from catalog.marts import DIRTY
from worker.environment import given
from worker.errors import Crashed, Fenced, Transient
from worker.record import hash64

if TYPE_CHECKING:
    from catalog.engine import Cursor

LEASE_S = float(given("PUBCAT_LEASE_S") or 60)
"""A worker that says nothing for so long has lost its claim."""
MOST_ERRORS = 8
"""Attempts before a passing error is taken for a lasting one (about an hour with the waits between)."""
TRUSTED_CRASHES = 3
"""Leases a piece of work may outlive before it is given a process of its own: until then it may be innocent."""
MOST_CRASHES_ALONE = 3
"""Processes of its own that it may end before it is declared poison."""
MOST_CRASHES = 50
"""Leases it may outlive when nobody is ever left to see why."""
WAITS_FOR_SWEEPS = "waits for running sweeps"
"""Why a question is put off; it is asked as soon as the last of them ends."""
REFRESH_S = 20
"""Nothing must have changed for so long before prepared tables are computed again."""

PRIORITY = {
    "deduplicate": 10, "parse": 20, "fetch": 30, "publish": 40, "identify": 60, "enrich": 70, "reindex": 80,
    "refresh": 90,
}  # fmt: skip
"""Smaller first: a page in hand goes all the way before the next one is fetched; questions wait for answers."""
GIVES_WAY = 50
"""What is left to be read of a large file: after all that comes by itself, before what a whole load calls for once."""


@dataclass(frozen=True)
class Work:
    """A claimed work row. ``token`` proves the claim."""

    work_id: int
    kind: str
    args: dict[str, Any]
    token: int
    harvest_id: int | None = None
    errors: int = 0
    crashes: int = 0


@dataclass(frozen=True)
class NewWork:
    """Work to be called for. ``key`` says what is to be done: the same key is asked for only once."""

    kind: str
    key: str
    args: dict[str, Any] = field(default_factory=dict)
    harvest_id: int | None = None
    delay_s: float = 0.0
    gives_way: bool = False
    """Whether what comes by itself goes first, such as a page of a sync."""


def me() -> str:
    """Who claims: host, process number space (a container has its own), and process."""
    return f"{_place()}{os.getpid()}"


def _place() -> str:
    try:
        space = os.readlink("/proc/self/ns/pid")
    except OSError:
        space = ""
    return f"{socket.gethostname()}:{space}:"


def add(cursor: Cursor, items: Iterable[NewWork], parent: Work | None = None) -> list[int]:
    """Writes work rows that are not there yet; returns the numbers of the new ones."""
    items = list(items)
    if not items:
        return []
    cursor.execute(
        """
        insert into ops.work (kind, work_key, args, priority, harvest_id, not_before, parent_id)
        select kind, work_key, args::jsonb, priority, harvest_id,
               clock_timestamp() + make_interval(secs => delay_s), %s
        from unnest(%s::text[], %s::text[], %s::text[], %s::int[], %s::bigint[], %s::float8[])
             as new(kind, work_key, args, priority, harvest_id, delay_s)
        on conflict (kind, work_key, generation) do nothing
        returning work_id
        """,
        (
            parent.work_id if parent else None,
            [item.kind for item in items],
            [item.key for item in items],
            [orjson.dumps(item.args).decode() for item in items],
            [GIVES_WAY if item.gives_way else PRIORITY[item.kind] for item in items],
            [item.harvest_id for item in items],
            [item.delay_s for item in items],
        ),
    )
    return [row[0] for row in cursor.fetchall()]


_CLAIM = """
    update ops.work set state = 'leased', token = token + 1, worker = %s,
           crashes = crashes + (state = 'leased')::int,
           lease_until = clock_timestamp() + make_interval(secs => %s)
    where work_id = ({which})
    returning work_id, kind, args, token, harvest_id, errors, crashes
"""
_ELIGIBLE = """
    not_before <= clock_timestamp()
    and (state = 'queued' or state = 'leased' and lease_until < clock_timestamp())
"""


def claim(cursor: Cursor, work_id: int) -> Work | None:
    """The work of that number, if it is still to be done and nobody holds it."""
    which = f"select work_id from ops.work where work_id = %s and {_ELIGIBLE} for update skip locked"  # noqa: S608
    return _claimed(cursor, which, (work_id,))


def claim_next(cursor: Cursor, unanswered_s: float = 0.0) -> Work | None:
    """The next eligible work; with ``unanswered_s`` only what has been eligible and unclaimed for so long."""
    which = f"""
        select work_id from ops.work
        where state in ('queued', 'leased') and {_ELIGIBLE}
          and greatest(not_before, coalesce(lease_until, not_before))
              <= clock_timestamp() - make_interval(secs => %s)
        order by priority, work_id limit 1 for update skip locked
    """  # noqa: S608
    return _claimed(cursor, which, (unanswered_s,))


def _claimed(cursor: Cursor, which: str, parameters: tuple[Any, ...]) -> Work | None:
    row = cursor.execute(_CLAIM.format(which=which), (me(), LEASE_S, *parameters)).fetchone()
    return Work(*row) if row else None


def beat(cursor: Cursor, work_id: int, token: int) -> bool:
    """Extends the lease; false when somebody else holds the work."""
    cursor.execute(
        "update ops.work set lease_until = clock_timestamp() + make_interval(secs => %s)"
        " where work_id = %s and token = %s and state = 'leased'",
        (LEASE_S, work_id, token),
    )
    return cursor.rowcount == 1


def is_done(cursor: Cursor, work: Work) -> bool:
    """Whether our claim of this work ended well: what to ask after the connection was lost during COMMIT."""
    cursor.execute(
        "select 1 from ops.work where work_id = %s and token = %s and state = 'done'", (work.work_id, work.token)
    )
    return cursor.fetchone() is not None


def give_back(cursor: Cursor, held: Iterable[int] = ()) -> None:
    """Hands what this process claimed, and does not hold, to whoever comes next."""
    cursor.execute(
        "update ops.work set state = 'queued', lease_until = null"
        " where state = 'leased' and worker = %s and work_id <> all(%s)",
        (me(), list(held)),
    )


def finish(cursor: Cursor, work: Work) -> None:
    """Marks the work done, in the transaction of its effect.

    Raises:
        Fenced: the token is no longer ours; the transaction must roll back.
    """
    cursor.execute(
        "update ops.work set state = 'done', finished_at = clock_timestamp(), lease_until = null, last_error = null"
        " where work_id = %s and token = %s and state = 'leased'",
        (work.work_id, work.token),
    )
    if cursor.rowcount != 1:
        raise Fenced(f"work {work.work_id} was claimed by somebody else")


def postpone(cursor: Cursor, work: Work, delay_s: float, reason: str | None = None) -> None:
    """Gives the work back for later; no error is counted."""
    cursor.execute(
        "update ops.work set state = 'queued', lease_until = null, last_error = coalesce(%s, last_error),"
        " not_before = clock_timestamp() + make_interval(secs => %s)"
        " where work_id = %s and token = %s and state = 'leased'",
        (reason, delay_s, work.work_id, work.token),
    )


def fail(cursor: Cursor, work: Work, error: BaseException) -> bool:
    """Writes down a failure: later again, or dead. True when the work is dead.

    The wait doubles from 2 s to 15 min, with jitter, unless the far side named its own. Errors and crashes are
    counted apart.
    """
    if isinstance(error, Crashed):
        return _crashed(cursor, work, error)
    detail = sayable(f"{type(error).__name__}: {error}"[:2000])
    if isinstance(error, Transient) and work.errors + 1 < MOST_ERRORS:
        wait_s = error.retry_after_s
        if wait_s is None:
            wait_s = min(2.0 ** (work.errors + 1), 900.0) * random.uniform(0.5, 1.0)
        cursor.execute(
            "update ops.work set state = 'queued', errors = errors + 1, last_error = %s, lease_until = null,"
            " not_before = clock_timestamp() + make_interval(secs => %s)"
            " where work_id = %s and token = %s and state = 'leased'",
            (detail, min(wait_s, 86_400.0), work.work_id, work.token),
        )
        return False
    cursor.execute(
        "update ops.work set state = 'dead', errors = errors + 1, last_error = %s, lease_until = null,"
        " finished_at = clock_timestamp() where work_id = %s and token = %s and state = 'leased'",
        (detail, work.work_id, work.token),
    )
    return cursor.rowcount == 1


def set_apart(cursor: Cursor, work: Work, reason: str) -> None:
    """Gives the work back; the next attempt has a process of its own."""
    cursor.execute(
        "update ops.work set state = 'queued', crashes = greatest(crashes, %s), last_error = %s, lease_until = null,"
        " not_before = clock_timestamp() where work_id = %s and token = %s and state = 'leased'",
        (TRUSTED_CRASHES, sayable(reason), work.work_id, work.token),
    )


def _crashed(cursor: Cursor, work: Work, error: Crashed) -> bool:
    cursor.execute(
        """
        update ops.work set crashes_alone = crashes_alone + 1, last_error = %s, lease_until = null,
            state = case when crashes_alone + 1 < %s then 'queued' else 'dead' end,
            not_before = clock_timestamp() + make_interval(secs => 2 ^ crashes_alone),
            finished_at = case when crashes_alone + 1 < %s then null else clock_timestamp() end
        where work_id = %s and token = %s and state = 'leased' returning state
        """,
        (sayable(str(error)), MOST_CRASHES_ALONE, MOST_CRASHES_ALONE, work.work_id, work.token),
    )
    row = cursor.fetchone()
    return row is not None and row[0] == "dead"


def sayable(text: str) -> str:
    """Text that Postgres keeps: no U+0000, no lone surrogates."""
    return text.encode("utf-8", "replace").decode().replace("\x00", "\ufffd")


@dataclass(frozen=True)
class Letter:
    """What could not be understood: the stage, one sentence, and the bytes."""

    stage: str
    error: BaseException
    source: str | None = None
    sha256: bytes | None = None
    fragment: bytes | None = None


def bury(cursor: Cursor, work: Work, letters: Sequence[Letter]) -> int:
    """Writes dead letters, one per payload and reason; returns how many are new."""
    if not letters:
        return 0
    foreseen = [letter.error for letter in letters]
    cursor.execute(
        """
        insert into ops.dead_letter (work_id, source, stage, reason_hash, sha256, fragment, error_class, detail)
        select %s, * from unnest(%s::text[], %s::text[], %s::bigint[], %s::bytea[], %s::bytea[], %s::text[], %s::text[])
        on conflict (stage, reason_hash) do update set resolved_at = null, resolution = null
          where dead_letter.resolved_at is not null
        """,
        (
            work.work_id,
            [letter.source for letter in letters],
            [letter.stage for letter in letters],
            [
                hash64(
                    (letter.sha256 or str(work.work_id).encode())
                    + sayable(str(letter.error)).encode()
                    + (letter.fragment or b"")
                )
                for letter in letters
            ],
            [letter.sha256 for letter in letters],
            [letter.fragment for letter in letters],
            [type(error).__name__ for error in foreseen],
            [sayable(str(error)[:4000]) for error in foreseen],
        ),
    )
    return cursor.rowcount


def unrung(cursor: Cursor, limit: int = 500, again_s: float = 20.0) -> list[tuple[int, str]]:
    """Eligible work whose bell was not rung lately, as (work_id, kind); marks it rung."""
    cursor.execute(
        f"""
        update ops.work set rung_at = clock_timestamp()
        where work_id in (
            select work_id from ops.work
            where state in ('queued', 'leased') and {_ELIGIBLE}
              and (rung_at is null or rung_at < clock_timestamp() - make_interval(secs => %s)
                   or rung_at < not_before)
            order by priority, work_id limit %s for update skip locked)
        returning work_id, kind
        """,  # noqa: S608
        (again_s, limit),
    )
    return [(row[0], row[1]) for row in cursor.fetchall()]


def reconcile(cursor: Cursor) -> None:
    """Finds what is unfinished and nobody's business: poison nobody sees, harvests that are over, touched blocks."""
    cursor.execute(
        """
        with poison as (
            update ops.work set state = 'dead', finished_at = clock_timestamp(),
                   last_error = coalesce(last_error, '') || ' [its worker was gone ' || crashes || ' times]'
            where state = 'leased' and lease_until < clock_timestamp() and crashes >= %s
            returning work_id, kind, last_error)
        insert into ops.dead_letter (work_id, stage, reason_hash, error_class, detail)
        select work_id, kind, work_id, 'Poison', last_error from poison
        on conflict do nothing
        """,
        (MOST_CRASHES,),
    )
    release_dead(cursor)
    close_harvests(cursor)
    cursor.execute(
        """
        insert into ops.work (kind, work_key, args, priority)
        select 'identify', clock_timestamp()::text, '{}', %s
        where exists (select from ops.touched_block)
          and not exists (select from ops.work where kind = 'identify' and (state in ('queued', 'leased')
                          or state = 'dead' and finished_at > clock_timestamp() - interval '10 minutes'))
        """,
        (PRIORITY["identify"],),
    )
    call_refresh(cursor)


def call_refresh(cursor: Cursor) -> None:
    """Calls for prepared tables to be computed again when nothing changed for some seconds, or after ten minutes.

    They take at most a tenth of the time: the longer the last refresh took, the longer until the next, up to ten
    minutes when all is quiet, and up to an hour while there is more to come.
    """
    cursor.execute(
        f"""
        insert into ops.work (kind, work_key, args, priority)
        select 'refresh', clock_timestamp()::text, '{{}}', %(priority)s
        where ({DIRTY})
          and not exists (select from ops.work where kind = 'refresh' and (state in ('queued', 'leased')
                          or state = 'dead' and finished_at > clock_timestamp() - interval '10 minutes'))
          and (select coalesce(max(refreshed_at) + make_interval(secs => least(10 * sum(seconds), 600)), '-infinity')
               from ops.refresh) < clock_timestamp()
          and (not exists (select from ops.touched_block)
               and greatest((select at from catalog.event order by event_id desc limit 1),
                        (select max(finished_at) from ops.work where kind = 'identify'))
                   < clock_timestamp() - make_interval(secs => %(quiet_s)s)
               or (select min(refreshed_at) + make_interval(secs => greatest(600, least(10 * sum(seconds), 3600)))
                   from ops.refresh) < clock_timestamp())
        """,  # noqa: S608
        {"priority": PRIORITY["refresh"], "quiet_s": REFRESH_S},
    )


def release_dead(cursor: Cursor) -> None:
    """Ends the leases of processes of this place that are no more: the next claim need not wait for the lease.

    A process number used again only means that the lease runs out by itself; a wrong guess is fenced.
    """
    place = _place()
    cursor.execute(
        "select distinct worker from ops.work where state = 'leased' and lease_until > clock_timestamp()"
        " and starts_with(worker, %s)",
        (place,),
    )
    dead = [worker for (worker,) in cursor.fetchall() if not _lives(int(worker.removeprefix(place)))]
    if dead:
        cursor.execute(
            "update ops.work set lease_until = clock_timestamp() where state = 'leased' and worker = any(%s)", (dead,)
        )


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def close_harvests(cursor: Cursor) -> None:
    """Ends harvests that have no open fetch, parse or reindex work: done, or suspect when something is short.

    A sweep is suspect when a walk found no end, when nothing could be read where something was the last time, and when
    its pages contradicted each other (``worker/pipeline/walks.py``). Only a sweep that is done moves
    its checkpoint.
    """
    cursor.execute(
        """
        select harvest_id from ops.harvest h
        where state = 'running'
          and not exists (select from ops.work w where w.harvest_id = h.harvest_id
                          and w.state in ('queued', 'leased') and w.kind in ('fetch', 'parse', 'reindex'))
        order by harvest_id for update skip locked
        """
    )
    over = [row[0] for row in cursor.fetchall()]
    if not over:
        return
    released = _release(cursor, over)
    over = [harvest_id for harvest_id in over if harvest_id not in released]
    cursor.execute(_SHORT, {"over": over})
    cursor.execute(
        """
        update ops.harvest set
            finished_at = clock_timestamp(),
            state = case
                when n_pages = 0 and error is not null then 'failed'
                when error is not null or n_dead > 0 then 'suspect'
                else 'done' end,
            error = coalesce(error, case when n_dead > 0 then n_dead || ' unreadable; see pubcat dead list' end)
        where harvest_id = any(%s)
        """,
        (over,),
    )
    cursor.execute(
        """
        insert into ops.checkpoint as c (source, stream, cursor, seq, harvest_id, watermark, n_listed)
        select h.source, w.stream, w.first ->> 'url', 1, h.harvest_id, h.started_at, w.n_listed
        from ops.harvest h join ops.walk w using (harvest_id)
        where h.harvest_id = any(%s) and h.state = 'done'
        order by h.source, w.stream
        on conflict (source, stream) do update set
            seq = c.seq + 1, harvest_id = excluded.harvest_id, moved_at = clock_timestamp(),
            watermark = greatest(c.watermark, excluded.watermark),
            n_listed = case when (select since from ops.harvest where harvest_id = excluded.harvest_id) is null
                            then excluded.n_listed else c.n_listed end
        """,
        (over,),
    )
    cursor.execute("delete from ops.walk_page where harvest_id = any(%s)", (over,))
    cursor.execute(
        """
        update ops.work set not_before = clock_timestamp()
        where kind = 'enrich' and state = 'queued' and not_before > clock_timestamp() and last_error = %s
          and not exists (select from ops.harvest where state = 'running' and kind = 'sweep')
        """,
        (WAITS_FOR_SWEEPS,),
    )


MOST_HIDDEN, MOST_HIDDEN_SHARE = 50, 0.005
"""A run hides so many records of a source, or so large a share of them, whichever is more; beyond that it asks."""


def _release(cursor: Cursor, over: Sequence[int]) -> frozenset[int]:
    """Lets the tombstones of these runs hide what they name, if they are few or a person said so; the runs that go on
    to do it. The others end suspect, and nothing is hidden.
    """
    cursor.execute(
        """
        with waiting as (
            select d.harvest_id, h.source, h.confirmed_by, sum(d.n_records) as n_hidden,
                   (select count(*) from catalog.record r
                    where not r.deleted and (h.kind = 'reindex' and h.source = 'all' or r.source = h.source)) as n_live
            from ops.held d join ops.harvest h using (harvest_id)
            where d.harvest_id = any(%(over)s) and d.released_at is null
            group by d.harvest_id, h.source, h.kind, h.confirmed_by),
        allowed as (
            select harvest_id, coalesce(confirmed_by, 'few enough') as by from waiting
            where confirmed_by is not null or n_hidden <= greatest(%(most)s, n_live * %(share)s)),
        refused as (
            update ops.harvest h set n_held = w.n_hidden, error = coalesce(h.error,
                'it would hide ' || w.n_hidden || ' of ' || w.n_live || ' records, and hides none; if that is right:'
                ' pubcat runs confirm ' || w.harvest_id)
            from waiting w where h.harvest_id = w.harvest_id and w.harvest_id not in (select harvest_id from allowed))
        update ops.held d set released_at = clock_timestamp(), released_by = a.by
        from allowed a where d.harvest_id = a.harvest_id and d.released_at is null
        returning d.observation_id, d.harvest_id
        """,
        {"over": list(over), "most": MOST_HIDDEN, "share": MOST_HIDDEN_SHARE},
    )
    found = cursor.fetchall()
    add(
        cursor,
        [
            NewWork("parse", f"hide:{harvest_id}:{number}", {"observation": number, "hide": True}, harvest_id)
            for number, harvest_id in found
        ],
    )
    return frozenset(harvest_id for _, harvest_id in found)


_SHORT = """
    with ended as (
        select h.harvest_id, h.source, h.since, h.n_records,
               (select min(w.walk) from ops.walk w where w.harvest_id = h.harvest_id and not w.is_over) as endless,
               (select case when count(c.harvest_id) = count(*) and min(c.harvest_id) = max(c.harvest_id)
                            then max(c.harvest_id) end
                from ops.walk w left join ops.checkpoint c on c.source = h.source and c.stream = w.stream
                where w.harvest_id = h.harvest_id) as before
        from ops.harvest h
        where h.harvest_id = any(%(over)s) and h.kind = 'sweep' and h.error is null and h.n_dead = 0
          and h.confirmed_by is null),
    compared as (
        select ended.*, coalesce(b.n_records, 0) as n_before
        from ended left join ops.harvest b on b.harvest_id = ended.before and b.since is null)
    update ops.harvest h set error = case
        when c.endless is not null then 'walk ' || c.endless || ' did not come to its end'
        else 'no record could be read, and ' || c.n_before || ' the last time; if that is right: pubcat runs confirm '
             || c.harvest_id end
    from compared c
    where h.harvest_id = c.harvest_id
      and (c.endless is not null or c.since is null and c.n_records = 0 and c.n_before > 0)
"""


def next_due_s(cursor: Cursor) -> float | None:
    """Seconds until the next open work is due (negative: it is), or None when nothing is open.

    Events that wait for a broker do not count: the catalog is complete without them.
    """
    row = cursor.execute(
        """
        select extract(epoch from min(case when state = 'queued' then not_before else lease_until end)
                       - clock_timestamp())::float8
        from ops.work where state in ('queued', 'leased') and (kind <> 'publish' or not_before < clock_timestamp())
        """
    ).fetchone()
    return row[0] if row else None


def sign_of_life(cursor: Cursor, role: str) -> None:
    """Says that this process works."""
    cursor.execute(
        "insert into ops.worker (worker, role) values (%s, %s)"
        " on conflict (worker) do update set seen_at = clock_timestamp(), role = excluded.role",
        (me(), role),
    )


def somebody_works(cursor: Cursor, within_s: float = 15.0) -> bool:
    """Whether a worker gave a sign of life lately."""
    row = cursor.execute(
        "select exists (select from ops.worker where role = 'worker'"
        " and seen_at > clock_timestamp() - make_interval(secs => %s))",
        (within_s,),
    ).fetchone()
    return bool(row and row[0])


def is_starving(cursor: Cursor, for_s: float) -> bool:
    """Whether some work has been eligible for so long without anybody claiming it."""
    row = cursor.execute(
        f"select exists (select from ops.work where state in ('queued', 'leased') and {_ELIGIBLE}"  # noqa: S608
        " and greatest(not_before, coalesce(lease_until, not_before))"
        "     < clock_timestamp() - make_interval(secs => %s))",
        (for_s,),
    ).fetchone()
    return bool(row and row[0])
