"""Rebuild: a second database is given what the first one was given, and works everything out again.

What was given is payloads, observations, what people decided, and the harvests as far as they say how a payload is
to be read, and which tombstones wait for somebody's word. Everything else in ``catalog`` is a function of it, which
this proves.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from catalog.engine import Cursor
from worker import ledger
from worker.errors import Misconfigured
from worker.ledger import NewWork

GIVEN = {
    "raw.payload": "sha256, body, media_type, size_bytes, stored_at",
    "raw.observation": "observation_id, source, adapter, request_key, request_hash, stream, sha256, as_of, fetched_at,"
    " status, headers, harvest_id",
    "ops.harvest": "harvest_id, source, kind, stream, state, since, n_expected, n_pages, requested_by, started_at,"
    " finished_at",
    "ops.held": "observation_id, harvest_id, n_records, held_at, released_at, released_by",
    "catalog.source": "source, adapter, deduplicates, trust",
    "catalog.decision": "decision_id, entity, kind, field, value, undoes, is_live, actor, why, decided_at",
    "catalog.decision_about": "source, source_key, decision_id, side, position, block",
}
"""What is copied, in this order. Counts of records are not: reading them again counts them again."""
COUNTED = (("raw.observation", "observation_id"), ("ops.harvest", "harvest_id"), ("catalog.decision", "decision_id"))
SLICE = 5_000
"""Work rows written at once."""


@dataclass(frozen=True)
class Given:
    """How much was copied, and how many pages are to be read again."""

    n_payloads: int
    n_bytes: int
    n_decisions: int
    n_pages: int


def refuse_unless_empty(cursor: Cursor) -> None:
    """A rebuild never mixes with what is there: the target has our tables without rows, or no tables at all.

    Raises:
        Misconfigured: the target holds anything.
    """
    cursor.execute(
        "select format('%I.%I', schemaname, tablename) from pg_tables"
        " where schemaname not in ('pg_catalog', 'information_schema') and tablename <> 'alembic_version' order by 1"
    )
    present = [row[0] for row in cursor.fetchall()]
    ours = [*GIVEN, "catalog.record", "catalog.paper", "ops.work"]
    full = [
        table
        for table in (present if not set(ours) <= set(present) else ours)
        if table not in ours or cursor.execute(f"select 1 from {table} limit 1").fetchone()  # noqa: S608
    ]
    if full:
        raise Misconfigured(f"the target is not empty: it has {full[0]}; give --into a new database")


def size(source: Cursor) -> int:
    """Bytes of payloads to be copied, as they are stored."""
    row = source.execute("select coalesce(sum(length(body)), 0)::int8 from raw.payload").fetchone()
    return int(row[0]) if row else 0


def copy(source: Cursor, target: Cursor, progress: Callable[[int], None]) -> Given:
    """Copies what was given and calls for the reading of every page that was read, in one transaction.

    ``progress`` is told bytes. A page that was found unchanged, and so was not read, is not read here either.
    """
    counts: dict[str, int] = {}
    n_bytes = 0
    for table, columns in GIVEN.items():
        with (
            source.copy(f"copy {table} ({columns}) to stdout (format binary)") as out,
            target.copy(f"copy {table} ({columns}) from stdin (format binary)") as into,
        ):
            for block in out:
                into.write(block)
                n_bytes += len(block)
                progress(len(block))
        counts[table] = source.rowcount
    for table, column in COUNTED:
        target.execute(
            f"select setval(pg_get_serial_sequence(%s, %s), coalesce(max({column}), 0) + 1, false) from {table}",  # noqa: S608
            (table, column),
        )
    return Given(counts["raw.payload"], n_bytes, counts["catalog.decision"], _call_for_reading(source, target))


def _call_for_reading(source: Cursor, target: Cursor) -> int:
    source.execute(
        "select o.observation_id, o.harvest_id from raw.observation o join ops.reading using (observation_id)"
        " order by o.observation_id"
    )
    n_pages = 0
    while found := source.fetchmany(SLICE):
        ledger.add(
            target,
            [NewWork("parse", str(number), {"observation": number}, harvest_id) for number, harvest_id in found],
        )
        n_pages += len(found)
    return n_pages
