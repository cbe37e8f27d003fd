"""Identify: the people of touched name blocks, computed again from all mentions.

One person per name is the rule; ids say where a name is several people or several names are one. Blocks touched
by many batches are computed once.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from catalog.engine import Cursor
from worker.merge.people import Mention, Person, people
from worker.record import Identifier

BLOCKS = 4_000
"""Name blocks computed in one transaction."""


@dataclass(frozen=True)
class Mentioned:
    """All mentions of one spelling with one set of ids."""

    name_id: int
    mention: Mention


def identify(cursor: Cursor) -> None:
    """Takes up to ``BLOCKS`` touched blocks and writes their people; two workers never take the same block."""
    blocks = [
        row[0]
        for row in cursor.execute(
            """
            delete from ops.touched_block where (block, transaction_id) in (
                select block, transaction_id from ops.touched_block where block in (
                    select distinct block from (select block from ops.touched_block limit %s) some)
                for update skip locked)
            returning block
            """,
            (BLOCKS,),
        )
    ]
    if not blocks:
        return
    wanted = sorted(set(blocks))
    cursor.execute("select pg_advisory_xact_lock(7208215003)")
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
    for block, name_id, name_key, printed, identifiers, n_papers in cursor.execute(
        """
        select n.block, n.name_id, n.name_key, a.credited_as, a.identifiers, count(*)
        from catalog.author_name n join catalog.authorship a using (name_id)
        where n.block = any(%s) group by 1, 2, 3, 4, 5 order by 1, 3, 4, 5
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
        found[block].append(Mentioned(name_id, mention))
    return found


def _write(cursor: Cursor, blocks: list[int], persons: Sequence[tuple[int, Person, list[Mentioned]]]) -> None:
    """Upserts the people, points names and, where a name is several people, authorships at them."""
    cursor.execute(
        """
        insert into catalog.author as a
            (block, identity, display_name, given, family, identifiers, names, method, confidence)
        select block, identity, display_name, given, family, string_to_array(identifiers, e'\\x1f'),
               string_to_array(names, e'\\x1f'), method, confidence
        from unnest(%s::bigint[], %s::text[], %s::text[], %s::text[], %s::text[], %s::text[], %s::text[], %s::text[],
                    %s::float4[])
             as n(block, identity, display_name, given, family, identifiers, names, method, confidence)
        on conflict (block, identity) do update set display_name = excluded.display_name, given = excluded.given,
            family = excluded.family, identifiers = excluded.identifiers, names = excluded.names,
            method = excluded.method, confidence = excluded.confidence, updated_at = clock_timestamp()
        where (a.display_name, a.given, a.family, a.identifiers, a.names, a.method, a.confidence)
              is distinct from (excluded.display_name, excluded.given, excluded.family, excluded.identifiers,
                                excluded.names, excluded.method, excluded.confidence)
        """,
        (
            [block for block, _, _ in persons],
            [person.identity for _, person, _ in persons],
            [person.display_name for _, person, _ in persons],
            [person.given for _, person, _ in persons],
            [person.family for _, person, _ in persons],
            ["\x1f".join(f"{i.scheme}:{i.value}" for i in sorted(person.identifiers)) for _, person, _ in persons],
            ["\x1f".join(sorted({m.mention.name for m in own})) for _, _, own in persons],
            [person.method for _, person, _ in persons],
            [person.confidence for _, person, _ in persons],
        ),
    )
    number = {
        (row[0], row[1]): row[2]
        for row in cursor.execute(
            "select block, identity, author_id from catalog.author where block = any(%s)", (blocks,)
        )
    }
    owners: dict[int, dict[int, list[Mentioned]]] = defaultdict(lambda: defaultdict(list))
    for block, person, own in persons:
        for mentioned in own:
            owners[mentioned.name_id][number[block, person.identity]].append(mentioned)
    main = {name_id: _main(candidates) for name_id, candidates in owners.items()}
    cursor.execute(
        "update catalog.author_name n set author_id = w.author_id"
        " from unnest(%s::bigint[], %s::bigint[]) as w(name_id, author_id)"
        " where n.name_id = w.name_id and n.author_id is distinct from w.author_id",
        (list(main), list(main.values())),
    )
    exceptions = [
        (name_id, author_id, [f"{i.scheme}:{i.value}" for i in mentioned.mention.identifiers], mentioned.mention.name)
        for name_id, candidates in owners.items()
        for author_id, all_mentioned in candidates.items()
        if author_id != main[name_id]
        for mentioned in all_mentioned
    ]
    cursor.execute(
        "update catalog.authorship a set author_id = null from catalog.author_name n"
        " where n.name_id = a.name_id and n.block = any(%s) and a.author_id is not null",
        (blocks,),
    )
    if exceptions:
        cursor.execute(
            """
            update catalog.authorship a set author_id = w.author_id
            from unnest(%s::bigint[], %s::bigint[], %s::text[], %s::text[]) as w(name_id, author_id, ids, name)
            where a.name_id = w.name_id and a.credited_as = w.name
              and coalesce(array_to_string(a.identifiers, e'\\x1f'), '') = w.ids
            """,
            (
                [e[0] for e in exceptions],
                [e[1] for e in exceptions],
                ["\x1f".join(e[2]) for e in exceptions],
                [e[3] for e in exceptions],
            ),
        )
    kept = {number[block, person.identity] for block, person, _ in persons}
    _remove_orphans(cursor, blocks, kept)


def _main(candidates: dict[int, list[Mentioned]]) -> int:
    """The person most papers of that name belong to; the others are exceptions, written on the authorship."""
    return min(candidates, key=lambda author_id: (-sum(m.mention.n_papers for m in candidates[author_id]), author_id))


def _remove_orphans(cursor: Cursor, blocks: list[int], kept: set[int]) -> None:
    """People of these blocks whom nobody mentions any more."""
    cursor.execute("delete from catalog.author where block = any(%s) and not author_id = any(%s)", (blocks, list(kept)))
