"""Reindex: read stored payloads again, or decide stored records again. No network; the same line as everything else.

A plan is cut into slices, each a work row, so a reindex can be killed and goes on where it was.
"""

from __future__ import annotations

from dataclasses import dataclass

from catalog.engine import Cursor
from worker import ledger
from worker.ledger import NewWork, Work
from worker.match.brief import brief_of
from worker.pipeline.parse import meet
from worker.record import Record, decode
from worker.tools import Memory, Met

SLICE = 2_000
"""Records decided again per work row."""


@dataclass(frozen=True)
class Plan:
    """What a reindex would do."""

    n_observations: int
    n_records: int
    n_slices: int


def plan(cursor: Cursor, *, source: str | None = None, paper_id: int | None = None) -> Plan:
    """Counts of what would be read and decided again; nothing is written."""
    row = cursor.execute(
        """
        select count(distinct r.observation_id), count(*) from catalog.record r
        left join catalog.member m using (record_id)
        where (%(source)s::text is null or r.source = %(source)s)
          and (%(paper)s::bigint is null or m.paper_id = %(paper)s)
        """,
        {"source": source, "paper": paper_id},
    ).fetchone()
    assert row is not None
    return Plan(row[0], row[1], -(-row[1] // SLICE))


def start(
    cursor: Cursor, *, source: str | None = None, paper_id: int | None = None, parser: bool = False,
    requested_by: str = "command line",
) -> int:  # fmt: skip
    """Writes the plan as work rows; the harvest that counts them.

    With ``parser`` stored payloads are read again by the present readers; without, stored records are decided
    again by the present rules.
    """
    row = cursor.execute(
        "insert into ops.harvest (source, kind, stream, requested_by) values (%s, 'reindex', 0, %s)"
        " returning harvest_id",
        (source or "all", requested_by),
    ).fetchone()
    assert row is not None
    harvest_id = int(row[0])
    if parser:
        found = cursor.execute(
            """
            select distinct on (o.source, o.request_hash, o.sha256) o.observation_id from raw.observation o
            where (%(source)s::text is null or o.source = %(source)s)
              and (%(paper)s::bigint is null or exists (
                   select from catalog.record r join catalog.member m using (record_id)
                   where r.observation_id = o.observation_id and m.paper_id = %(paper)s))
            order by o.source, o.request_hash, o.sha256, o.observation_id
            """,
            {"source": source, "paper": paper_id},
        ).fetchall()
        items = [
            NewWork("parse", f"again:{harvest_id}:{number}", {"observation": number}, harvest_id) for (number,) in found
        ]
    else:
        items = [
            NewWork(
                "reindex",
                f"{harvest_id}:{first}",
                {"first": first, "last": last, "source": source, "paper": paper_id},
                harvest_id,
            )
            for first, last in _slices(cursor, source, paper_id)
        ]
    ledger.add(cursor, items)
    return harvest_id


def _slices(cursor: Cursor, source: str | None, paper_id: int | None) -> list[tuple[int, int]]:
    return [
        (row[0], row[1])
        for row in cursor.execute(
            """
            select min(record_id), max(record_id) from (
                select r.record_id, (row_number() over (order by r.record_id) - 1) / %(slice)s as n
                from catalog.record r left join catalog.member m using (record_id)
                where (%(source)s::text is null or r.source = %(source)s)
                  and (%(paper)s::bigint is null or m.paper_id = %(paper)s)) numbered
            group by n order by n
            """,
            {"source": source, "paper": paper_id, "slice": SLICE},
        )
    ]


def reindex(cursor: Cursor, memory: Memory, work: Work) -> None:
    """One slice: its records go through deduplication as if they had just changed."""
    args = work.args
    ids = [
        row[0]
        for row in cursor.execute(
            """
            select r.record_id from catalog.record r left join catalog.member m using (record_id)
            where r.record_id between %(first)s and %(last)s and r.entity = 'paper'
              and (%(source)s::text is null or r.source = %(source)s)
              and (%(paper)s::bigint is null or m.paper_id = %(paper)s)
            order by r.record_id
            """,
            args,
        )
    ]
    _rekey(cursor, memory, ids)
    follow = [NewWork("deduplicate", f"again:{work.work_id}", {"changed": ids}, work.harvest_id)] if ids else []
    follow.append(NewWork("deduplicate", f"courses:{work.harvest_id}", {"courses": True}, work.harvest_id))
    ledger.add(cursor, follow, work)
    cursor.execute(
        "update ops.harvest set n_records = n_records + %s, n_pages = n_pages + 1 where harvest_id = %s",
        (len(ids), work.harvest_id),
    )


def _rekey(cursor: Cursor, memory: Memory, ids: list[int]) -> None:
    """Writes the blocking keys and the briefs that the present rules give records; a release may give others than the
    last.

    Old keys are sought by record only when new ones came, for there is no index that way.
    """
    found: dict[int, Met] = {}
    for record_id, source, content, document, deduplicates in cursor.execute(
        "select r.record_id, r.source, r.content_hash, r.document, s.deduplicates from catalog.record r"
        " join catalog.source s using (source) where r.record_id = any(%s) and not r.deleted",
        (ids,),
    ).fetchall():
        if isinstance(record := decode(document), Record):
            found[record_id] = meet(record, source, deduplicates)
            memory.put(record_id, content, found[record_id])
    cursor.execute(
        "update catalog.record r set brief = n.brief from unnest(%s::bigint[], %s::text[]) as n(record_id, brief)"
        " where r.record_id = n.record_id and r.brief is distinct from n.brief",
        (list(found), [brief_of(met.facts) for met in found.values()]),
    )
    keys = [(key, record_id, kind) for record_id, met in found.items() for kind, key in met.keys]
    columns = ([key for key, _, _ in keys], [number for _, number, _ in keys], [kind for _, _, kind in keys])
    cursor.execute(
        "insert into catalog.record_key (key, record_id, kind)"
        " select * from unnest(%s::bigint[], %s::bigint[], %s::smallint[]) on conflict do nothing",
        columns,
    )
    if cursor.rowcount > 0:
        cursor.execute(
            "delete from catalog.record_key k where k.record_id = any(%s) and not exists (select"
            " from unnest(%s::bigint[], %s::bigint[]) as now(key, record_id)"
            " where now.key = k.key and now.record_id = k.record_id)",
            (ids, *columns[:2]),
        )
        # Whether too many share them is to be found out anew.
        cursor.execute("delete from catalog.crowded_key where key = any(%s)", (columns[0],))
