"""Identify: the people of touched name blocks, computed again from all mentions.

One person per name is the rule; ids say where a name is several people or several names are one. Blocks touched
by many batches are computed once.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from catalog.engine import Cursor
from worker.merge.people import Mention, Person, people
from worker.pipeline import history
from worker.record import Identifier

SEPARATOR = "\x1f"
BLOCKS = 20_000
"""Name blocks computed in one transaction: so many that one walk through the authorships serves them all."""
ROWS = 50
"""Batches whose touched blocks are taken together, each block once."""


@dataclass(slots=True)
class Mentioned:
    """All mentions of one spelling with one set of ids."""

    name_id: int
    author_id: int
    mention: Mention
    excepted: bool
    """Whether some authorship of it points at a person of its own."""


def touch(cursor: Cursor, blocks: Iterable[int]) -> None:
    """Calls for the people of these name blocks to be computed again."""
    wanted = sorted(set(blocks))
    for start in range(0, len(wanted), BLOCKS):
        cursor.execute("insert into ops.touched_block (blocks) values (%s)", (wanted[start : start + BLOCKS],))


def identify(cursor: Cursor) -> None:
    """Takes up to ``BLOCKS`` touched blocks and writes their people; one worker at a time."""
    cursor.execute("select pg_advisory_xact_lock(7208215003)")
    taken: set[int] = set()
    for (blocks,) in cursor.execute(
        "delete from ops.touched_block where touch_id in (select touch_id from ops.touched_block"
        " order by touch_id limit %s) returning blocks",
        (ROWS,),
    ):
        taken.update(blocks)
    if not taken:
        return
    waiting = sorted(taken)
    wanted = waiting[:BLOCKS]
    touch(cursor, waiting[BLOCKS:])
    found = _mentions(cursor, wanted)
    persons = [
        (block, person, [mentions[i] for i in person.mentions])
        for block, mentions in found.items()
        for person in people([m.mention for m in mentions])
    ]
    _write(cursor, wanted, persons)


def _mentions(cursor: Cursor, blocks: list[int]) -> dict[int, list[Mentioned]]:
    """Distinct (spelling, ids) of each block with the number of papers they stand on."""
    found: dict[int, list[Mentioned]] = defaultdict(list)
    for block, name_id, author_id, name_key, printed, identifiers, n_papers, excepted in cursor.execute(
        """
        select n.block, n.name_id, n.author_id, n.name_key, a.credited_as, a.identifiers, count(*),
               bool_or(a.author_id is not null)
        from catalog.author_name n join catalog.authorship a using (name_id)
        where n.block = any(%s) group by 1, 2, 3, 4, 5, 6 order by 1, 4, 5, 6
        """,
        (blocks,),
    ):
        mention = Mention(
            name=printed,
            name_key=name_key,
            identifiers=tuple(Identifier(*text.split(":", 1)) for text in identifiers or ()),
            n_papers=n_papers,
            coauthors=frozenset(),
        )
        found[block].append(Mentioned(name_id, author_id, mention, excepted))
    return found


def _row(block: int, person: Person, own: Sequence[Mentioned]) -> tuple[Any, ...]:
    """What is stored of a person, its number apart."""
    identifiers = sorted(f"{i.scheme}:{i.value}" for i in person.identifiers)
    names = sorted({m.mention.name for m in own})
    confidence = round(person.confidence, 3)
    return (
        block, person.identity, person.display_name, person.given, person.family, identifiers, names, person.method,
        confidence,
    )  # fmt: skip


def _write(cursor: Cursor, blocks: list[int], persons: Sequence[tuple[int, Person, list[Mentioned]]]) -> None:
    """Writes people who are new or changed, and points names and, where a name is several people, authorships."""
    stored = {
        (row[1], row[2]): row
        for row in cursor.execute(
            "select author_id, block, identity, display_name, given, family, identifiers, names, method,"
            " round(confidence::numeric, 3)::float8, created_at from catalog.author where block = any(%s)",
            (blocks,),
        )
    }
    number = {key: row[0] for key, row in stored.items()}
    taken = set(number.values())
    written: list[tuple[Any, ...]] = []
    outdated: list[int] = []
    past: list[tuple[int, str, dict[str, Any]]] = []
    for block, person, own in persons:
        key = block, person.identity
        row = _row(block, person, own)
        old = stored.get(key)
        if old is None:
            number[key] = next((m.author_id for m in own if m.author_id not in taken), 0)
            taken.add(number[key])
        elif old[1:-1] == row:
            continue
        else:
            outdated.append(old[0])
            past.append((old[0], "changed", _before(old, row)))
        written.append((key, row))
    unnumbered = [key for key, author_id in number.items() if not author_id]
    for key, fresh in zip(unnumbered, _issue(cursor, len(unnumbered)), strict=True):
        number[key] = fresh
    kept = {number[block, person.identity] for block, person, _ in persons}
    gone = [row[0] for row in stored.values() if row[0] not in kept]
    past += [(row[0], "deleted", _before(row, None)) for row in stored.values() if row[0] not in kept]
    history.people(cursor, past)
    now = cursor.execute("select clock_timestamp()").fetchone()
    assert now is not None
    if outdated or gone:
        cursor.execute("delete from catalog.author where author_id = any(%s)", (outdated + gone,))
    with cursor.copy(
        "copy catalog.author (author_id, block, identity, display_name, given, family, identifiers, names, method,"
        " confidence, created_at, updated_at) from stdin (format binary)"
    ) as copy:
        copy.set_types(
            [
                "int8", "int8", "text", "text", "text", "text", "text[]", "text[]", "text", "float4", "timestamptz",
                "timestamptz",
            ]
        )  # fmt: skip
        for key, row in written:
            copy.write_row((number[key], *row, stored[key][-1] if key in stored else now[0], now[0]))
    _point(cursor, persons, number)


def _before(old: Sequence[Any], new: Sequence[Any] | None) -> dict[str, Any]:
    """What a stored row says and the new one does not: name, ids, spellings and how we know."""
    names = ("display_name", "given", "family", "identifiers", "names", "method", "confidence")
    return {
        name: value
        for i, (name, value) in enumerate(zip(names, old[3:-1], strict=True))
        if new is None or new[2 + i] != value
    }


def _issue(cursor: Cursor, count: int) -> list[int]:
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
    excepted = [mentioned.name_id for _, _, own in persons for mentioned in own if mentioned.excepted]
    if excepted:
        cursor.execute(
            "update catalog.authorship set author_id = null where name_id = any(%s) and author_id is not null",
            (excepted,),
        )
    exceptions = [
        (name_id, author_id, SEPARATOR.join(f"{i.scheme}:{i.value}" for i in m.mention.identifiers), m.mention.name)
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
