"""Turns among pages and batches that are worked off at the same time.

A batch does not see what another one has not committed yet, and most batches need not: row locks and unique keys keep
apart what would collide. Where nothing collides and yet one must not miss the other, batches hold one lock together
from their last look at the rules of the moment to their end, and whoever changes those rules waits for them. So it is
with pages of one source: whoever notes one may find that it says nothing new, unless another replaces what it said.
"""

from __future__ import annotations

from catalog.engine import Cursor

_BATCHES = 7208215005
_NAMES = 7208215006


def share(cursor: Cursor) -> None:
    """Goes on beside other batches. Who waits for them was there before, and is seen, or waits for us too."""
    cursor.execute("select pg_advisory_xact_lock_shared(%s)", (_BATCHES,))


def wait_for_others(cursor: Cursor) -> None:
    """Waits until every batch under way has ended; further ones wait for the end of this transaction."""
    cursor.execute("select pg_advisory_xact_lock(%s)", (_BATCHES,))


def note(cursor: Cursor, source: str) -> None:
    """Before a page is compared with what was read: goes on beside others of its source that do the same."""
    cursor.execute("select pg_advisory_xact_lock_shared(hashtextextended('pages:' || %s, 0))", (source,))


def replace(cursor: Cursor, source: str) -> None:
    """Before a record is replaced: waits for pages of its source that are being noted; further ones wait for us."""
    cursor.execute("select pg_advisory_xact_lock(hashtextextended('pages:' || %s, 0))", (source,))


def add_names(cursor: Cursor) -> None:
    """One batch at a time adds names of authors, just before its end: two that meet on a name, and bulk batches always
    do, would wait for each other all the same, and looking out for the other at every name costs half as much again.
    """
    cursor.execute("select pg_advisory_xact_lock(%s)", (_NAMES,))
