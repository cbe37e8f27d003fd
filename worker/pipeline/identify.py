"""Identify: the people of touched name blocks, computed again from all mentions.

One person per name is the rule; ids say where a name is several people or several names are one. Blocks touched
by many batches are computed once; of large ones only those whom something told may concern (``mentions.py``).
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from struct import Struct
from typing import Any

from catalog import copying
from catalog.engine import Cursor
from worker.merge.people import Person, people
from worker.pipeline import history, mentions, rulings
from worker.pipeline.mentions import Mentioned, Stored
from worker.record import Identifier, hash64

SEPARATOR = "\x1f"
BLOCKS = 4_000
"""Name blocks computed in one transaction: the people and mentions of so many are in memory at once."""
ROWS = 400
"""Rows of touched blocks, one or two a batch, that are taken together, each block once."""


Told = tuple[int, int | None]
"""A block and a name of it that something is told of; None: it may concern the whole block."""


def touch(cursor: Cursor, told: Collection[Told], work_id: int | None = None) -> None:
    """Calls for people to be computed again; ``work_id``: by this work, which took them."""
    if told:
        cursor.execute(
            "insert into ops.touched_block (blocks, names, work_id) values (%s, %s::bigint[], %s)",
            ([block for block, _ in told], [name_id for _, name_id in told], work_id),
        )


def take(cursor: Cursor, work_id: int) -> None:
    """Takes up to ``ROWS`` rows of touched blocks, and the blocks that decisions tie to them, for this work: each block
    once, in parts of ``BLOCKS``.

    Committed before ``identify`` looks, so that batches see which people are being computed (``under_way``).
    """
    cursor.execute(
        """
        with taken as (
            delete from ops.touched_block where work_id = %(work)s
                or touch_id in (select touch_id from ops.touched_block order by touch_id limit %(rows)s)
            returning blocks, names),
        told as (select distinct block, name_id from taken cross join unnest(blocks, names) as t(block, name_id)),
        placed as (select block, name_id, (dense_rank() over (order by block) - 1) / %(blocks)s as part from told)
        insert into ops.touched_block (blocks, names, work_id)
        select array_agg(block order by block, name_id), array_agg(name_id order by block, name_id), %(work)s
        from placed group by part order by part
        """,
        {"work": work_id, "rows": ROWS, "blocks": BLOCKS},
    )
    ties = rulings.people(cursor, list(_taken(cursor, work_id))).ties
    touch(cursor, [(block, None) for tied in ties for block in tied], work_id)


def under_way(cursor: Cursor) -> set[int]:
    """Blocks whose people are being computed: from mentions that may be older than those of a batch that asks."""
    return _taken(cursor)


def _taken(cursor: Cursor, work_id: int | None = None) -> set[int]:
    """Blocks that this work took, or any work."""
    query = "select blocks from ops.touched_block where work_id = coalesce(%s, work_id)"
    return {block for (blocks,) in cursor.execute(query, (work_id,)) for block in blocks}


def identify(cursor: Cursor, work_id: int) -> bool:
    """Writes the people of one part of the blocks that a work took; one worker at a time. Whether there are further
    parts: each is a work of its own, so that what is more urgent goes between them."""
    cursor.execute("select pg_advisory_xact_lock(7208215003)")
    part = cursor.execute(
        "delete from ops.touched_block where touch_id = (select min(touch_id) from ops.touched_block"
        " where work_id = %s) returning blocks, names",
        (work_id,),
    ).fetchone()
    if part is None:
        return False
    told: dict[int, set[int | None]] = defaultdict(set)
    blocks, names = part  # no names: an older release took them
    for block, name_id in zip(blocks, names or [None] * len(blocks), strict=True):
        told[block].add(name_id)
    ruling = rulings.people(cursor, list(told))
    decided = {block for block, _, _ in ruling.sides}.union(*ruling.ties)
    some = {block: names for block, names in told.items() if None not in names and block not in decided}
    large = mentions.large(cursor, some)
    whole = decided.union(told).difference(large)
    concerned = mentions.Concerned(cursor, large)
    found: dict[int, list[Mentioned]] = defaultdict(list, concerned.mentions)
    for one in mentions.mentions(cursor, "block", whole, ruling):
        found[one.block].append(one)
    for tied in ruling.ties:
        # Blocks that a decision ties are one block.
        found[min(tied)] = [one for block in sorted(tied) for one in found.pop(block, [])]
    persons = []
    for block, told_of in found.items():
        for person in people([one.mention for one in told_of], concerned.bystanders.get(block, ())):
            own = [told_of[i] for i in person.mentions]
            persons.append((min(one.block for one in own), person, own))
    _write(cursor, mentions.stored(cursor, "block", whole) | concerned.stored, persons)
    cursor.execute("select from ops.touched_block where work_id = %s limit 1", (work_id,))
    return cursor.fetchone() is not None


def _row(block: int, person: Person, own: Sequence[Mentioned]) -> tuple[Any, ...]:
    """What is stored of a person, its number apart."""
    identifiers = sorted(f"{i.scheme}:{i.value}" for i in person.identifiers)
    names = sorted({m.mention.name for m in own})
    confidence = round(person.confidence, 3)
    return (
        block, person.identity, person.display_name, person.given, person.family, identifiers, names, person.method,
        confidence,
    )  # fmt: skip


_HEAD = Struct(">hiqiq").pack
_REAL = Struct(">if").pack


def _packed(author_id: int, row: tuple[Any, ...], created: bytes, updated: bytes) -> bytes:
    """A row of ``author`` as COPY takes it."""
    block, identity, display_name, given, family, identifiers, names, method, confidence = row
    return b"".join(
        (
            _HEAD(12, 8, author_id, 8, block),
            *copying.optional_texts((identity, display_name, given, family)),
            copying.texts(identifiers) if identifiers else copying.NO_TEXTS,
            copying.texts(names),
            copying.text(method),
            _REAL(4, confidence),
            created,
            updated,
        )
    )


def joined(identifiers: Iterable[Identifier]) -> str:
    """Ids of an authorship as one text."""
    return SEPARATOR.join(f"{i.scheme}:{i.value}" for i in identifiers)


Key = tuple[int, str]
"""Block and identity: the natural name of a person."""


def _write(
    cursor: Cursor, stored: Mapping[int, Stored], persons: Sequence[tuple[int, Person, list[Mentioned]]]
) -> None:
    """Writes people who are new or changed, and points names and, where a name is several people, authorships.

    ``stored`` are those they take the place of.
    """
    number = _numbers(cursor, {(row[1], row[2]): row[0] for row in stored.values()}, persons)
    written: list[tuple[Any, ...]] = []
    outdated: list[int] = []
    past: list[tuple[int, str, dict[str, Any]]] = []
    for block, person, own in persons:
        author_id = number[block, person.identity]
        row = _row(block, person, own)
        old = stored.get(author_id)
        if old is not None:
            if old[1:-1] == row:
                continue
            outdated.append(author_id)
            past.append((author_id, "changed", _before(old, row)))
        written.append((author_id, row))
    kept = set(number.values())
    gone = [author_id for author_id in stored if author_id not in kept]
    heirs = _heirs([stored[author_id] for author_id in gone], persons, number)
    past += [(one, "merged" if one in heirs else "deleted", _before(stored[one], None)) for one in gone]
    history.people(cursor, past)
    now = cursor.execute("select clock_timestamp()").fetchone()
    assert now is not None
    if outdated or gone:
        cursor.execute("delete from catalog.author where author_id = any(%s)", (outdated + gone,))
    stamp = copying.moment(now[0])
    copying.copy_in(
        cursor,
        "catalog.author",
        "author_id, block, identity, display_name, given, family, identifiers, names, method, confidence, created_at,"
        " updated_at",
        [
            _packed(author_id, row, copying.moment(stored[author_id][-1]) if author_id in stored else stamp, stamp)
            for author_id, row in written
        ],
    )
    _redirect(cursor, {author_id: (stored[author_id], into) for author_id, into in heirs.items()})
    _point(cursor, persons, number)


def _numbers(
    cursor: Cursor, stored: Mapping[Key, int], persons: Sequence[tuple[int, Person, list[Mentioned]]]
) -> dict[Key, int]:
    """The number of each person: what they had, what a split gives back, that of their names, or a new one.

    Of people whom somebody called one the oldest number stays.
    """
    keys = {(block, person.identity) for block, person, _ in persons}
    number = {key: author_id for key, author_id in stored.items() if key in keys}
    free = {author_id for key, author_id in stored.items() if key not in keys}
    taken = set(stored.values())
    for block, person, own in persons:
        key = block, person.identity
        if person.method == "manual" and (older := free & {m.author_id for m in own}):
            number[key] = min(*older, number.get(key, min(older)))
            free.discard(number[key])
    for key, author_id in _given_back(cursor, keys - number.keys(), taken):
        number.setdefault(key, author_id)
    for block, person, own in persons:
        if (block, person.identity) not in number:
            came = [m.author_id for m in own if m.author_id in free or m.author_id not in taken]
            if came:
                number[block, person.identity] = min(came)
                taken.add(min(came))
                free.discard(min(came))
    unnumbered = sorted(keys - number.keys())
    return number | dict(zip(unnumbered, issue(cursor, len(unnumbered)), strict=True))


def _mark(key: Key) -> int:
    """What a redirect remembers of a person whose number was merged away."""
    return hash64(f"{key[0]}\0{key[1]}")


def _given_back(cursor: Cursor, keys: set[Key], taken: set[int]) -> list[tuple[Key, int]]:
    """Numbers that a split gives back: they led to one of these people, and were of whom is there again."""
    if not keys or not taken:
        return []
    marks = {_mark(key): key for key in keys}
    return [
        (marks[mark], from_id)
        for from_id, mark in cursor.execute(
            "delete from catalog.redirect where entity = 'author' and to_id = any(%s) and record_id = any(%s)"
            " returning from_id, record_id",
            (sorted(taken), sorted(marks)),
        )
    ]


def _heirs(
    gone: Sequence[Sequence[Any]],
    persons: Sequence[tuple[int, Person, list[Mentioned]]],
    number: Mapping[Key, int],
) -> dict[int, int]:
    """Number that ends -> the person who has most of their ids and spellings now, if anybody has."""
    if not gone:
        return {}
    holders: dict[str, list[int]] = defaultdict(list)
    for block, person, own in persons:
        author_id = number[block, person.identity]
        for told in {*(f"{i.scheme}:{i.value}" for i in person.identifiers), *(m.mention.name for m in own)}:
            holders[told].append(author_id)
    heirs = {}
    for row in gone:
        count = Counter(author_id for told in {*row[6], *row[7]} for author_id in holders[told])
        if count:
            heirs[row[0]] = min(count, key=lambda author_id: (-count[author_id], author_id))
    return heirs


def _redirect(cursor: Cursor, heirs: Mapping[int, tuple[Sequence[Any], int]]) -> None:
    """Numbers that ended lead to the heirs, and so do those that led to them."""
    if not heirs:
        return
    ended = list(heirs)
    into = [to_id for _, to_id in heirs.values()]
    cursor.execute(
        "update catalog.redirect r set to_id = n.into_id from unnest(%s::bigint[], %s::bigint[]) as n(gone, into_id)"
        " where r.entity = 'author' and r.to_id = n.gone",
        (ended, into),
    )
    cursor.execute(
        "insert into catalog.redirect (entity, from_id, to_id, record_id)"
        " select 'author', * from unnest(%s::bigint[], %s::bigint[], %s::bigint[])"
        " on conflict (entity, from_id) do update set to_id = excluded.to_id, record_id = excluded.record_id",
        (ended, into, [_mark((row[1], row[2])) for row, _ in heirs.values()]),
    )


def _before(old: Sequence[Any], new: Sequence[Any] | None) -> dict[str, Any]:
    """What a stored row says and the new one does not: name, ids, spellings and how we know."""
    names = ("display_name", "given", "family", "identifiers", "names", "method", "confidence")
    return {
        name: value
        for i, (name, value) in enumerate(zip(names, old[3:-1], strict=True))
        if new is None or new[2 + i] != value
    }


def issue(cursor: Cursor, count: int) -> list[int]:
    """Numbers of new people."""
    if not count:
        return []
    cursor.execute("select nextval('catalog.author_author_id_seq') from generate_series(1, %s)", (count,))
    return [row[0] for row in cursor.fetchall()]


def _point(
    cursor: Cursor,
    persons: Sequence[tuple[int, Person, list[Mentioned]]],
    number: Mapping[tuple[int, str], int],
) -> None:
    """Each name points at the person most papers of that name belong to; the others stand on the authorship."""
    met = Counter(mentioned.name_id for _, _, own in persons for mentioned in own)
    owners: dict[int, dict[int, list[Mentioned]]] = defaultdict(lambda: defaultdict(list))
    moved: list[tuple[int, int]] = []
    present: dict[int, int] = {}
    for block, person, own in persons:
        author_id = number[block, person.identity]
        for mentioned in own:
            if met[mentioned.name_id] > 1:
                owners[mentioned.name_id][author_id].append(mentioned)
                present[mentioned.name_id] = mentioned.author_id
            elif mentioned.author_id != author_id:
                moved.append((mentioned.name_id, author_id))
    main = {name_id: _main(candidates) for name_id, candidates in owners.items()}
    moved += [(name_id, author_id) for name_id, author_id in main.items() if present[name_id] != author_id]
    if moved:
        cursor.execute(
            "update catalog.author_name n set author_id = w.author_id"
            " from unnest(%s::bigint[], %s::bigint[]) as w(name_id, author_id) where n.name_id = w.name_id",
            ([name_id for name_id, _ in moved], [author_id for _, author_id in moved]),
        )
    excepted = [mentioned.name_id for _, _, own in persons for mentioned in own if mentioned.exception]
    if excepted:
        cursor.execute(
            "update catalog.authorship set author_id = null where name_id = any(%s) and author_id is not null",
            (excepted,),
        )
    exceptions = [
        (name_id, author_id, joined(m.mention.identifiers), m.mention.name)
        for name_id, candidates in owners.items()
        for author_id, all_mentioned in candidates.items()
        if author_id != main[name_id]
        for m in all_mentioned
    ]
    if exceptions:
        cursor.execute(
            """
            update catalog.authorship a set author_id = w.author_id
            from unnest(%s::bigint[], %s::bigint[], %s::text[], %s::text[]) as w(name_id, author_id, ids, name)
            where a.name_id = w.name_id and a.credited_as = w.name
              and coalesce(array_to_string(a.identifiers, %s), '') = w.ids
            """,
            (*(list(column) for column in zip(*exceptions, strict=True)), SEPARATOR),
        )


def _main(candidates: Mapping[int, list[Mentioned]]) -> int:
    """The person most papers of a name belong to; ties go to the smallest natural mention."""
    return min(
        candidates,
        key=lambda author_id: (
            -sum(m.mention.n_papers for m in candidates[author_id]),
            min((m.mention.name, m.mention.identifiers) for m in candidates[author_id]),
        ),
    )
