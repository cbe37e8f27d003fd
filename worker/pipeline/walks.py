"""Walks: how far each walk of a sweep came, what it listed, and whether its latest page can be believed.

A walk is what one request of a source's ``first`` begins and ``next`` continues. A page that contradicts what the
source said before (an empty one in the middle, a cursor it gave before, fewer items than it counts), or that breaks off
before its end, is asked for again, three times with growing pauses. If it stays so, what came is kept and the harvest
ends ``suspect``: its checkpoint does not move, and nothing is hidden.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import orjson

from catalog.engine import Cursor
from worker.errors import Fenced, Malformed
from worker.formats import xml
from worker.ledger import Work
from worker.page import Media, Page, Request, Site, Source
from worker.record import AnyRecord, hash64

MOST_REASKED = 3
"""A page is asked for again so often before it is believed."""
REASK_S = 2.0
"""The first pause before that; each further one is three times as long."""
MOST_ATTEMPTS = 3
"""A walk whose cursor is no longer known begins again so often."""
MOST_REPEATED = 3
"""A walk may hold so many pages that repeat another one."""
SLACK = 0.005
"""A source may count so much less at the end of a walk than it did before: works are withdrawn while we walk."""


@dataclass(frozen=True)
class Walk:
    """A walk under way. ``n_told`` is the largest count the source told in it, ``n_before`` how many different items
    the last good walk of the same stream listed (None: there was none, or only changes are asked for)."""

    harvest_id: int
    number: int
    first: dict[str, Any]
    attempt: int
    seq: int
    n_reasked: int
    n_repeated: int
    n_told: int | None
    n_before: int | None


@dataclass(frozen=True)
class Step:
    """What a page means for its walk. ``doubt`` is one sentence; ``ends`` says that the walk cannot go on from here;
    ``broken`` is why the page seems to break off, which its reading will tell with the bytes."""

    following: Request | None
    total: int | None = None
    keys: list[int] = field(default_factory=list)
    n_listed: int | None = None
    repeats: bool = False
    doubt: str | None = None
    ends: bool = False
    broken: Malformed | None = None


def begin(cursor: Cursor, harvest_id: int, firsts: Iterable[dict[str, Any]]) -> None:
    """Writes down the walks of a sweep, each by its first request."""
    for number, first in enumerate(firsts):
        cursor.execute(
            "insert into ops.walk (harvest_id, walk, stream, first) values (%s, %s, %s, %s)",
            (
                harvest_id,
                number,
                hash64(orjson.dumps(first, option=orjson.OPT_SORT_KEYS)),
                orjson.dumps(first).decode(),
            ),
        )


def at(cursor: Cursor, work: Work) -> Walk:
    """The walk that a fetch continues, locked.

    Raises:
        Fenced: the walk is elsewhere by now; this fetch is a stale one.
    """
    row = cursor.execute(
        """
        select w.harvest_id, w.walk, w.first, w.attempt, w.seq, w.n_reasked, w.n_repeated, w.n_told,
               case when h.since is null then c.n_listed end
        from ops.walk w join ops.harvest h using (harvest_id)
        left join ops.checkpoint c on c.source = h.source and c.stream = w.stream
        where w.harvest_id = %s and w.walk = %s for update of w
        """,
        (work.harvest_id, work.args["walk"]),
    ).fetchone()
    assert row is not None
    walk = Walk(*row)
    if (walk.attempt, walk.seq) != (work.args["attempt"], work.args["page"]):
        raise Fenced(f"walk {walk.number} of harvest {walk.harvest_id} is at page {walk.seq} by now")
    return walk


def is_doubted(cursor: Cursor, work: Work) -> bool:
    """Whether a fetch must ask for fresh bytes: its last answer is doubted, or what we hold led nowhere."""
    row = cursor.execute(
        "select n_reasked > 0 or attempt > 0 from ops.walk where harvest_id = %s and walk = %s",
        (work.harvest_id, work.args.get("walk")),
    ).fetchone()
    return bool(row and row[0])


def look(cursor: Cursor, walk: Walk, source: Source, site: Site, request: Request, page: Page) -> Step:
    """What a page means for its walk.

    Raises:
        Malformed: the source cannot make anything of it.
    """
    following, total = source.next(site, page), source.total(page)
    told = max((n for n in (walk.n_told, total) if n is not None), default=None)
    listed = source.listed(page)
    read: list[AnyRecord | Malformed] = []
    if listed is None or told is None:
        # Read only to see that it can be: an error told in an answer that looks like success is asked for again.
        read = source.read(page)
        listed = [one.source_key for one in read if not isinstance(one, Malformed)] if listed is None else listed
    keys = sorted({hash64(key) for key in listed})
    before = _before(cursor, walk)
    content = hash64(page.body)
    repeated = [seq for seq, (_, body, held) in before.items() if body == content or held == keys]
    repeats = bool(repeated) and bool(keys)
    n_listed = _n_listed(cursor, walk, keys) if following is None or not keys else None
    step = Step(following, total, keys, n_listed, repeats, broken=broken_off(request.media or source.media, page, read))
    if following is not None:
        asked = {hash64(request.key), *(asked for asked, _, _ in before.values())}
        if hash64(following.key) in asked:
            return _doubt(step, "the next page is one we had: the source turns in a circle", ends=True)
    if repeats and (following is not None or told is None):
        # A repeated page that is the last of a counted walk is judged by the count, below.
        many = following is None or walk.n_repeated >= MOST_REPEATED
        return _doubt(step, f"page {walk.seq + 1} is page {repeated[0] + 1} again", ends=many)
    if told is not None and n_listed is not None and n_listed < _enough(told, total):
        what = "an empty page" if not keys else "the last page"
        return _doubt(step, f"{what} after {n_listed} of {told} items that the source counts", ends=following is None)
    if following is None and n_listed is not None and walk.n_before and _shrank(n_listed, walk.n_before):
        return _doubt(step, f"{n_listed} items where {walk.n_before} were the last time", ends=True)
    if total is not None and walk.n_told is not None and total < _enough(walk.n_told, total):
        return _doubt(step, f"the source counts {total} items now, and {walk.n_told} before", ends=False)
    return step


def broken_off(media: Media, page: Page, read: Sequence[AnyRecord | Malformed]) -> Malformed | None:
    """Why a page seems not to have come to its end: its last item cannot be read, or its XML does not close.

    HTML never seems so: browsers forgive a missing end, and what a page tells machines is often broken for good.
    """
    if media in ("html", "any"):
        return None
    if read and isinstance(read[-1], Malformed):
        return read[-1]
    if media == "xml" and xml.breaks_off(page.body):
        return Malformed(f"{page.url}: the XML breaks off before its end")
    return None


def _doubt(step: Step, doubt: str, *, ends: bool) -> Step:
    return replace(step, doubt=doubt, ends=ends)


def _enough(told: int, total: int | None) -> int:
    """How many items make a walk whole: as many as were told, or slightly fewer when the source says so by now."""
    return told if total is None else max(total, int(told * (1 - SLACK)))


def _shrank(now: int, before: int) -> bool:
    return now * 2 < before or before - now > max(50, before * SLACK)


def _before(cursor: Cursor, walk: Walk) -> dict[int, tuple[int, int, list[int]]]:
    """(request, content, keys) of the pages taken so far, by their number."""
    return {
        row[0]: (row[1], row[2], row[3])
        for row in cursor.execute(
            "select seq, request_hash, content_hash, keys from ops.walk_page"
            " where harvest_id = %s and walk = %s and attempt = %s",
            (walk.harvest_id, walk.number, walk.attempt),
        )
    }


def _n_listed(cursor: Cursor, walk: Walk, keys: list[int]) -> int:
    """How many different items the walk listed, this page included."""
    row = cursor.execute(
        """
        select count(distinct key) from (
            select unnest(keys) as key from ops.walk_page where harvest_id = %s and walk = %s and attempt = %s
            union all select unnest(%s::bigint[])) listed
        """,
        (walk.harvest_id, walk.number, walk.attempt, keys),
    ).fetchone()
    assert row is not None
    return int(row[0])


def ask_again(cursor: Cursor, walk: Walk) -> float | None:
    """Counts a doubt; seconds until the page is asked for again, None when it was often enough."""
    if walk.n_reasked >= MOST_REASKED:
        return None
    cursor.execute(
        "update ops.walk set n_reasked = n_reasked + 1 where harvest_id = %s and walk = %s",
        (walk.harvest_id, walk.number),
    )
    return REASK_S * 3.0**walk.n_reasked


def take(cursor: Cursor, walk: Walk, request: Request, page: Page, step: Step) -> None:
    """Moves the walk past a page; its doubt, if any, is what the harvest will end with."""
    over = step.following is None or (step.doubt is not None and step.ends)
    cursor.execute(
        """
        insert into ops.walk_page (harvest_id, walk, attempt, seq, request_hash, content_hash, keys)
        values (%s, %s, %s, %s, %s, %s, %s)
        """,
        (walk.harvest_id, walk.number, walk.attempt, walk.seq, hash64(request.key), hash64(page.body), step.keys),
    )
    cursor.execute(
        """
        update ops.walk set seq = seq + 1, n_reasked = 0, n_repeated = n_repeated + %s,
               n_told = greatest(n_told, %s), n_listed = %s, is_over = %s
        where harvest_id = %s and walk = %s
        """,
        (int(step.repeats), step.total, step.n_listed if over else None, over, walk.harvest_id, walk.number),
    )
    # A repeated page of a walk that is counted harms nothing: its end tells whether anything is missing.
    if step.doubt is not None and (step.ends or walk.n_told is None):
        doubt(cursor, walk.harvest_id, f"{request.key}: {step.doubt}")
    cursor.execute(
        "update ops.harvest set n_expected = (select sum(n_told) from ops.walk where harvest_id = %(harvest)s)"
        " where harvest_id = %(harvest)s",
        {"harvest": walk.harvest_id},
    )


def doubt(cursor: Cursor, harvest_id: int, reason: str) -> None:
    """The harvest will end suspect, with this reason unless it has one."""
    cursor.execute(
        "update ops.harvest set error = coalesce(error, %s) where harvest_id = %s",
        (reason[:500].replace("\x00", ""), harvest_id),
    )


def begin_again(cursor: Cursor, walk: Walk) -> Walk | None:
    """The walk at its beginning, after its cursor was forgotten; None when that happened too often."""
    if walk.attempt >= MOST_ATTEMPTS:
        return None
    cursor.execute(
        "update ops.walk set attempt = attempt + 1, seq = 0, n_reasked = 0, n_repeated = 0, n_told = null"
        " where harvest_id = %s and walk = %s",
        (walk.harvest_id, walk.number),
    )
    return Walk(walk.harvest_id, walk.number, walk.first, walk.attempt + 1, 0, 0, 0, None, walk.n_before)
