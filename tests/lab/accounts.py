"""Whether anything was lost or done twice, told by the tables alone.

There is no table of effects to keep in step: every effect leaves a row or raises a count in the transaction that
finishes its work, so the two sides of each account below agree exactly when each effect happened once.
"""

from __future__ import annotations

from typing import Any

from worker.pipeline import dump
from worker.tools import Tools

LOST = {
    "work neither done nor dead": "select count(*) from ops.work where state in ('queued', 'leased')",
    "work declared dead": "select count(*) from ops.work where state = 'dead'",
    "dead letters": "select count(*) from ops.dead_letter",
    "harvests not done": "select count(*) from ops.harvest where state <> 'done'",
    "harvests short of what the source counts": """
        select count(*) from ops.harvest where kind = 'sweep' and n_expected > n_records""",
    "pages stored and never read": """
        select count(*) from raw.observation o where not exists (
            select from raw.observation same join ops.reading r on r.observation_id = same.observation_id
            where same.source = o.source and same.request_hash = o.request_hash and same.sha256 = o.sha256)""",
    "records that are in no paper": """
        select count(*) from catalog.record r where r.entity = 'paper' and not r.deleted and not r.asked
            and not exists (select from catalog.member m where m.record_id = r.record_id)""",
    "names whose people were never computed": "select count(*) from ops.touched_block",
    "slots taken and never run": "select count(*) from ops.schedule_slot where harvest_id is null",
    "changes nobody was told of": """
        select count(*) from catalog.event e where not exists (
            select from ops.work w where w.kind = 'publish' and w.state = 'done'
              and (w.args ->> 'batch')::bigint = e.work_id)""",
}
DOUBLED = {
    "pages: fetched, observed, counted": """
        select count(*) from (
            select h.n_pages, (select count(*) from raw.observation o where o.harvest_id = h.harvest_id) as observed,
                   (select count(*) from ops.work w where w.harvest_id = h.harvest_id and w.kind = 'fetch'
                    and w.state = 'done') as fetched
            from ops.harvest h where h.kind in ('sweep', 'question')) a
        where n_pages <> observed or n_pages > fetched""",
    "pages: asked for by a sweep and never observed": """
        select count(*) from ops.harvest h where h.kind = 'sweep' and h.n_pages <> (
            select count(*) from ops.work w where w.harvest_id = h.harvest_id and w.kind = 'fetch'
            and w.state = 'done')""",
    "records: read and counted": """
        select count(*) from ops.harvest h where h.n_unchanged = 0 and h.kind in ('sweep', 'file') and h.n_records <> (
            select coalesce(sum(r.n_records), 0) from raw.observation o join ops.reading r using (observation_id)
            where o.harvest_id = h.harvest_id)""",
    "records: counted more often than their pages hold them": """
        select count(*) from ops.harvest h where h.kind in ('sweep', 'file', 'question') and h.n_records > (
            select coalesce(sum(
                (select max(r.n_records) from raw.observation same join ops.reading r using (observation_id)
                 where same.source = o.source and same.request_hash = o.request_hash and same.sha256 = o.sha256)), 0)
            from raw.observation o where o.harvest_id = h.harvest_id)""",
    "records: new and stored": """
        select abs((select coalesce(sum(n_new), 0) from ops.harvest) - (select count(*) from catalog.record))""",
    "records written again though nothing changed": """
        select coalesce(sum(n_changed), 0) from ops.harvest where kind = 'sweep'""",
    "papers made twice": """
        select count(*) from (select entity, entity_id from catalog.event where kind = 'created'
                              group by entity, entity_id having count(*) > 1) a""",
    "papers without their event": """
        select count(*) from catalog.paper p where not exists (select from catalog.event e
            where e.entity = 'paper' and e.entity_id = p.paper_id and e.kind = 'created')""",
    "records in two papers": """
        select count(*) from (select record_id from catalog.member group by 1 having count(*) > 1) a""",
    "checkpoints moved by a harvest that did not end well": """
        select count(*) from ops.checkpoint join ops.harvest h using (harvest_id) where h.state <> 'done'""",
}


def audit(tools: Tools, *, but: frozenset[str] = frozenset()) -> tuple[int, int, dict[str, int]]:
    """(lost, doubled, what is not zero), leaving out the accounts named in ``but``."""
    wrong: dict[str, int] = {}
    sums = {"lost": 0, "doubled": 0}
    with tools.transaction() as cursor:
        for kind, accounts in (("lost", LOST), ("doubled", DOUBLED)):
            for name, query in accounts.items():
                row = cursor.execute(query).fetchone()
                if row and row[0] and name not in but:
                    wrong[f"{kind}: {name}"] = int(row[0])
                    sums[kind] += int(row[0])
    return sums["lost"], sums["doubled"], wrong


def digest(tools: Tools) -> str:
    """The canonical digest."""
    with tools.transaction() as cursor:
        return dump.digest(cursor)


def streamed(broker_url: str) -> tuple[int, int]:
    """Events in the Redis stream, and how many of them more than once."""
    import redis

    from worker.pipeline.publish import STREAM

    with redis.Redis.from_url(broker_url) as client:
        entries: Any = client.xrange(STREAM)
    numbers = [fields[b"event_id"] for _, fields in entries]
    return len(numbers), len(numbers) - len(set(numbers))
