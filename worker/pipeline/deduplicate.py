"""Deduplicate: one batch of changed records becomes papers. Keys, candidates, verdicts, clusters, merge, events.

The records and their keys were committed by parse, so of two similar records at least one look-up sees the other.
Rows of touched components are locked in order, and everything that was read is checked again; papers are recomputed
from records, never patched.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import combinations
from typing import NamedTuple

from catalog.engine import Cursor
from worker.errors import Raced
from worker.ledger import Work
from worker.match import brief
from worker.match.clusters import Edge, Node, clusters
from worker.match.facts import Facts
from worker.match.keys import IDENTIFIER, is_crowded
from worker.match.verdict import REVISION, Verdict, judge
from worker.merge.papers.values import Claim
from worker.pipeline import papers, rulings, turns
from worker.pipeline.parse import meet, unfold
from worker.pipeline.rulings import Ruling
from worker.record import Record, decode
from worker.tools import Memory, Met

MOST_SHARING = 1_000
"""Even an identifier shared by more records is looked at only so far: it names a container, not a work."""
Pair = tuple[int, int]
WORTH_KEEPING = 0.25
"""A ``different`` below that score is what anybody would say; above it somebody may ask why."""


class Known(NamedTuple):
    """A record as the matcher and the merger see it."""

    record_id: int
    source: str
    source_key: str
    content: bytes
    asked: bool
    as_of: str
    trust: int
    deduplicates: bool
    is_member: bool
    """Of a paper, already."""
    row_version: str
    """Another one when anything in its row changed."""
    facts: Facts
    """What the matcher compares."""
    met: Met

    @property
    def record(self) -> Record:
        """What the source says."""
        return self.met.record

    @property
    def keys(self) -> list[tuple[int, int]]:
        """Blocking keys as (kind, key)."""
        return self.met.keys

    @property
    def claim(self) -> Claim:
        """What merging needs of it."""
        return Claim(self.record_id, self.source, self.trust, self.as_of, self.content, self.record)

    @property
    def tie(self) -> bytes:
        """Its natural name, which breaks ties the same way in every database."""
        return f"{self.source}\0{self.source_key}".encode()


def deduplicate(cursor: Cursor, memory: Memory, work: Work) -> None:
    """Decides a batch: which records are one work, and what each paper says now."""
    new = unfold(work.args.get("new", []))
    changed = [int(number) for number in work.args.get("changed", [])]
    if decided := work.args.get("decisions"):
        changed += rulings.concerned(cursor, decided)
    batch = load(cursor, memory, [*new, *changed])
    outdated = _verdicts(cursor, changed)
    keys, shared = _shared_keys(cursor, batch)
    crowded = _newly_crowded(cursor, keys, shared)
    if crowded or not batch.keys() >= set(changed):
        turns.wait_for_others(cursor)  # they may hold for a key what is none now, or for alive what is dead
    else:
        turns.share(cursor)
    certain, likely = _candidates(cursor, batch, keys, shared)
    pairs = certain | _at_a_glance(cursor, batch, likely - certain)
    mates = load(cursor, memory, {b for pair in pairs for b in pair} - batch.keys())
    known = {**batch, **mates}
    verdicts = _judge(known, pairs)
    reopened = _crowd(cursor, memory, crowded)
    seeds = {number for pair, verdict in verdicts.items() if verdict.kind == "same" for number in pair}
    seeds.update(number for number, found in batch.items() if found.is_member)
    component, ruling = _component(cursor, {*seeds, *changed, *reopened, *rulings.touched(cursor, batch)})
    if component:
        ruling = _lock(cursor, component)
    _check(cursor, known)
    known.update(load(cursor, memory, component - known.keys()))
    _forget(cursor, (outdated | certain | likely) if changed else set(), set(changed) - batch.keys())
    _remember(cursor, verdicts)
    grouped = _cluster(cursor, known, component, ruling) if component else []
    alone = [[number] for number in batch if number not in component]
    papers.write(
        cursor, work, {number: found.claim for number, found in known.items()}, grouped, alone,
        frozenset(number for number, found in known.items() if found.asked), component | {*new, *changed},
        ruling,
    )  # fmt: skip


def load(cursor: Cursor, memory: Memory, ids: Iterable[int]) -> dict[int, Known]:
    """Living paper records by number; those this process met lately are not read again."""
    wanted = list(ids)
    if not wanted:
        return {}
    rows = cursor.execute(
        """
        select r.record_id, r.source, r.source_key, r.content_hash, r.asked, to_char(r.as_of, 'YYYY-MM-DD'),
               s.trust, s.deduplicates, exists (select from catalog.member m where m.record_id = r.record_id),
               r.xmin::text
        from catalog.record r join catalog.source s on s.source = r.source
        where r.record_id = any(%s) and r.entity = 'paper' and not r.deleted
        """,
        (wanted,),
    ).fetchall()
    lately = {row[0]: memory.get(row[0], row[3], row[7]) for row in rows}
    unmet = [record_id for record_id, met in lately.items() if met is None]
    documents: dict[int, bytes] = {}
    if unmet:
        cursor.execute("select record_id, document from catalog.record where record_id = any(%s)", (unmet,))
        documents = dict(cursor.fetchall())
    found: dict[int, Known] = {}
    for record_id, source, key, content, asked, as_of, trust, deduplicates, is_member, row_version in rows:
        met = lately[record_id]
        if met is None:
            record = decode(documents[record_id])
            assert isinstance(record, Record)
            met = meet(record, source, deduplicates)
            memory.put(record_id, content, met)
        found[record_id] = Known(
            record_id, source, key, content, asked, as_of, trust, deduplicates, is_member, row_version, met.facts, met
        )
    return found


def _shared_keys(cursor: Cursor, batch: Mapping[int, Known]) -> tuple[dict[int, int], dict[int, set[int]]]:
    """Kinds of the batch's blocking keys, and the records that share one, of those that are shared.

    Postgres is asked for the others only: what new records share with each other is known here, and their numbers
    are one range. It walks the index once, for all keys; those that are known to be none are left out, for they may
    have any number of owners.
    """
    keys: dict[int, int] = {}
    owner: dict[int, int] = {}
    shared: dict[int, set[int]] = {}
    for record_id, known in batch.items():
        for kind, key in known.keys:
            keys[key] = kind
            first = owner.setdefault(key, record_id)
            if first != record_id:
                shared.setdefault(key, {first}).add(record_id)
    if not keys:
        return {}, {}
    first, last = min(batch), max(batch)
    if last - first + 1 != len(batch):
        first, last = 0, 0
    for key, member in cursor.execute(
        """
        with asked(keys) as materialized (
            select array(select w.key from unnest(%(keys)s::bigint[]) w(key)
                         where not exists (select from catalog.crowded_key c where c.key = w.key)))
        select key, record_id from catalog.record_key where key = any((select keys from asked)::bigint[])
               and record_id < %(first)s
        union all
        select key, record_id from catalog.record_key where key = any((select keys from asked)::bigint[])
               and record_id > %(last)s and exists (select from catalog.record where record_id > %(last)s)
        """,
        {"keys": sorted(keys), "first": first, "last": last},
    ).fetchall():
        members = shared.get(key) or shared.setdefault(key, {owner[key]})
        if len(members) < MOST_SHARING:
            members.add(member)
    return keys, shared


def _newly_crowded(cursor: Cursor, keys: Mapping[int, int], shared: Mapping[int, set[int]]) -> set[int]:
    """Keys that so many records share that they are none any more, and nobody noticed yet."""
    crowded = {key for key, members in shared.items() if is_crowded(keys[key], len(members))}
    return crowded - _dead(cursor, crowded)


def _dead(cursor: Cursor, keys: Iterable[int]) -> set[int]:
    """Those of the keys that were found crowded."""
    wanted = list(keys)
    if not wanted:
        return set()
    return {row[0] for row in cursor.execute("select key from catalog.crowded_key where key = any(%s)", (wanted,))}


def _candidates(
    cursor: Cursor, batch: Mapping[int, Known], keys: Mapping[int, int], shared: Mapping[int, set[int]]
) -> tuple[set[Pair], set[Pair]]:
    """Pairs that share an identifier, and pairs that share another blocking key."""
    dead = _dead(cursor, shared)
    certain: set[Pair] = set()
    likely: set[Pair] = set()
    for key, members in shared.items():
        if key in dead or is_crowded(keys[key], len(members)):
            continue
        pairs = certain if keys[key] == IDENTIFIER else likely
        for mine in members & batch.keys():
            pairs.update((mine, other) if mine < other else (other, mine) for other in members if other != mine)
    return certain, likely


def _at_a_glance(cursor: Cursor, batch: Mapping[int, Known], pairs: set[Pair]) -> set[Pair]:
    """The pairs, which share no identifier, without those that are plainly two works: their mates need not be read.

    It is the first thing that ``judge`` looks at, so nothing else is decided here. Most pairs share the end of a title,
    or an author and a title's first letters, and nothing more; there are more of them the more records there are.
    """
    facts = {record_id: known.facts for record_id, known in batch.items()}
    mates = {b if a in facts else a for a, b in pairs}.difference(facts)
    if not mates:
        return pairs
    briefs: dict[int, str] = dict(
        cursor.execute(
            "select record_id, brief from catalog.record where record_id = any(%s) and brief is not null",
            (list(mates),),
        ).fetchall()
    )
    kept: set[Pair] = set()
    for pair in pairs:
        a, b = pair
        mine, glance = (facts[a], briefs.get(b)) if a in facts else (facts[b], briefs.get(a))
        if glance is None or not brief.other_at_a_glance(mine, glance):
            kept.add(pair)
    return kept


def _judge(known: Mapping[int, Known], pairs: Iterable[tuple[int, int]]) -> dict[tuple[int, int], Verdict]:
    """Verdicts of all pairs of living records."""
    return {(a, b): judge(known[a].facts, known[b].facts) for a, b in pairs if a in known and b in known}


def _crowd(cursor: Cursor, memory: Memory, crowded: set[int]) -> set[int]:
    """Re-decides blocks that just outgrew the cap, so that the result does not depend on who came first.

    The first to notice forgets the verdicts of pairs that shared no other key; returns the records concerned.
    """
    if not crowded:
        return set()
    noticed = [
        row[0]
        for row in cursor.execute(
            "insert into catalog.crowded_key select unnest(%s::bigint[]) on conflict do nothing returning key",
            (sorted(crowded),),
        )
    ]
    members = [
        row[0]
        for row in cursor.execute("select distinct record_id from catalog.record_key where key = any(%s)", (noticed,))
    ]
    edges = cursor.execute(
        "select record_a, record_b from catalog.verdict where record_a = any(%s) and record_b = any(%s)",
        (members, members),
    ).fetchall()
    concerned = load(cursor, memory, {number for edge in edges for number in edge})
    keys = {number: {key for _, key in found.keys} for number, found in concerned.items()}
    shared = {edge: keys.get(edge[0], set()) & keys.get(edge[1], set()) for edge in edges}
    dead = _dead(cursor, {key for found in shared.values() for key in found})
    lost = [edge for edge, found in shared.items() if not found - dead]
    cursor.execute(
        "delete from catalog.verdict v using unnest(%s::bigint[], %s::bigint[]) as gone(a, b)"
        " where v.record_a = gone.a and v.record_b = gone.b",
        ([a for a, _ in lost], [b for _, b in lost]),
    )
    return {number for edge in lost for number in edge}


def _component(cursor: Cursor, seeds: set[int]) -> tuple[set[int], Ruling]:
    """Everything the seeds are tied to, by evidence or by people, and what people decided about it."""
    component, ruling = _reach(cursor, seeds), Ruling()
    while component:
        ruling = rulings.ruling(cursor, component)
        if ruling.tied <= component:
            break
        component = _reach(cursor, component | ruling.tied)
    return component, ruling


def _reach(cursor: Cursor, seeds: set[int]) -> set[int]:
    """Everything the seeds are tied to: by stored ``same`` verdicts, or by being one paper until now.

    Ring by ring, each in one look at the indexes; the second ring is empty as a rule.
    """
    component, ring = set(seeds), seeds
    while ring:
        tied = {
            row[0]
            for row in cursor.execute(
                """
                with ring(ids) as materialized (select %s::bigint[])
                select record_b from catalog.verdict
                where record_a = any((select ids from ring)::bigint[]) and verdict = 'same'
                union all
                select record_a from catalog.verdict
                where record_b = any((select ids from ring)::bigint[]) and verdict = 'same'
                union all
                select record_id from catalog.member where paper_id = any(array(
                    select paper_id from catalog.member where record_id = any((select ids from ring)::bigint[])))
                """,
                (sorted(ring),),
            )
        }
        ring = tied - component
        component |= ring
    return component


def _lock(cursor: Cursor, component: set[int]) -> Ruling:
    """Holds the rows of a component, in order, and makes sure that it did not grow meanwhile.

    What people decided is read again, now that nobody else can decide this component before us.

    Raises:
        Raced: the component grew after we looked: decide again.
    """
    cursor.execute(
        "select from catalog.record where record_id = any(%s) order by record_id for no key update",
        (sorted(component),),
    )
    reached, ruling = _component(cursor, component)
    if reached - component:
        raise Raced("the component grew while it was being decided")
    return ruling


def _check(cursor: Cursor, known: Mapping[int, Known]) -> None:
    """Makes sure that the records still say what we read. What changes from now on waits for our locks, or is decided
    after us: by whoever then puts the same record into a paper, or waits for all batches because it died.

    Raises:
        Raced: one does not: decide again.
    """
    cursor.execute(
        "select from unnest(%s::bigint[], %s::text[]) as read(record_id, row_version)"
        " join catalog.record r using (record_id) where r.xmin <> read.row_version::xid limit 1",
        (list(known), [found.row_version for found in known.values()]),
    )
    if cursor.fetchone():
        raise Raced("a record changed while it was being decided")


def _verdicts(cursor: Cursor, changed: list[int]) -> set[Pair]:
    """What was found about records whose content is another now."""
    if not changed:
        return set()
    cursor.execute(
        "select record_a, record_b from catalog.verdict where record_a = any(%s) or record_b = any(%s)",
        (changed, changed),
    )
    return set(cursor)


def _forget(cursor: Cursor, outdated: set[Pair], dead: set[int]) -> None:
    """Drops the verdicts of pairs, and all of records that died.

    What another batch found since we looked stays: it is about what our records say now, and records we did not see.
    """
    if dead:
        cursor.execute(
            "delete from catalog.verdict where record_a = any(%s) or record_b = any(%s)", (list(dead), list(dead))
        )
    if outdated:
        cursor.execute(
            "delete from catalog.verdict v using unnest(%s::bigint[], %s::bigint[]) as old(a, b)"
            " where v.record_a = old.a and v.record_b = old.b",
            ([a for a, _ in outdated], [b for _, b in outdated]),
        )


def _remember(cursor: Cursor, verdicts: Mapping[tuple[int, int], Verdict]) -> None:
    """Stores what somebody may ask about: same, unsure, and different that came near."""
    kept = [
        (pair, verdict)
        for pair, verdict in sorted(verdicts.items())
        if verdict.kind != "different" or verdict.score >= WORTH_KEEPING
    ]
    if not kept:
        return
    cursor.execute(
        """
        insert into catalog.verdict (record_a, record_b, verdict, score, reasons, revision)
        select *, %s from unnest(%s::bigint[], %s::bigint[], %s::text[], %s::float4[], %s::text[])
        on conflict (record_a, record_b) do update set verdict = excluded.verdict, score = excluded.score,
            reasons = excluded.reasons, revision = excluded.revision
        """,
        (
            REVISION,
            [pair[0] for pair, _ in kept],
            [pair[1] for pair, _ in kept],
            [verdict.kind for _, verdict in kept],
            [verdict.score for _, verdict in kept],
            [verdict.text for _, verdict in kept],
        ),
    )


def _cluster(cursor: Cursor, known: Mapping[int, Known], component: set[int], ruling: Ruling) -> list[list[int]]:
    """The touched records, grouped into works."""
    living = {number: known[number] for number in component if number in known}
    edges = [
        Edge(a, b, score)
        for a, b, score in cursor.execute(
            "select record_a, record_b, score from catalog.verdict"
            " where verdict = 'same' and record_a = any(%s) and record_b = any(%s)",
            (list(living), list(living)),
        )
    ]
    return _grouped(living, edges, ruling)


def _grouped(living: Mapping[int, Known], edges: Iterable[Edge], ruling: Ruling) -> list[list[int]]:
    nodes = [Node(number, one.tie, one.source if one.deduplicates else None) for number, one in living.items()]
    return clusters(
        nodes, list(edges), lambda a, b: judge(living[a].facts, living[b].facts), ruling.together, ruling.apart
    )


def without_people(living: Mapping[int, Known]) -> list[list[int]]:
    """What the rules alone would make of these records."""
    judged = _judge(living, combinations(sorted(living), 2))
    edges = [Edge(a, b, verdict.score) for (a, b), verdict in judged.items() if verdict.kind == "same"]
    return _grouped(living, edges, Ruling())
