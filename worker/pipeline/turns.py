"""Turns among batches that are decided at the same time.

A batch does not see what another one has not committed yet, and most batches need not: row locks and unique keys keep
apart what would collide. Where nothing collides and yet one must not miss the other, batches hold one lock together
from their last look at the rules of the moment to their end, and whoever changes those rules waits for them.
"""

from __future__ import annotations

from catalog.engine import Cursor

_BATCHES = 7208215005


def share(cursor: Cursor) -> None:
    """Goes on beside other batches. Who waits for them was there before, and is seen, or waits for us too."""
    cursor.execute("select pg_advisory_xact_lock_shared(%s)", (_BATCHES,))


def wait_for_others(cursor: Cursor) -> None:
    """Waits until every batch under way has ended; further ones wait for the end of this transaction."""
    cursor.execute("select pg_advisory_xact_lock(%s)", (_BATCHES,))
