"""What stands of people: of whole name blocks, or, in large ones, of those whom something told may concern."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter
from typing import Any, Literal

from catalog.engine import Cursor
from worker.merge.people import Mention
from worker.merge.relatives import Namesakes
from worker.pipeline.rulings import PeopleRuling
from worker.record import Identifier

MANY = 25
"""Names of a block beyond which not all its people are computed, but those whom what is told may concern."""
WORTH_SEARCHING = 4
"""Names a block has for each that something is told of, at least: else computing it whole costs no more."""


@dataclass(slots=True)
class Mentioned:
    """All mentions of one spelling with one set of ids."""

    block: int
    name_id: int
    author_id: int
    """The main bearer of the name."""
    exception: int | None
    """Whom some authorships of it point at instead."""
    mention: Mention


Stored = tuple[Any, ...]
"""A row of ``author``: number, block, identity, names, ids and how we know, and when it was first seen."""
Names = Mapping[int, Collection[int]]
"""Block: some of its names."""


def mentions(
    cursor: Cursor, by: Literal["block", "name_id"], numbers: Collection[int], ruling: PeopleRuling
) -> Iterator[Mentioned]:
    """Distinct (spelling, ids) of some blocks or names with the number of papers they stand on, in order."""
    # Name by name, for a join would walk through all authorships there are, for every part of the blocks.
    for block, name_id, author_id, name_key, printed, identifiers, n_papers, exception in cursor.execute(
        f"""
        select n.block, n.name_id, n.author_id, n.name_key, a.credited_as, a.identifiers, a.n_papers, a.exception
        from catalog.author_name n cross join lateral (
            select credited_as, identifiers, count(*) as n_papers, max(author_id) as exception
            from catalog.authorship where name_id = n.name_id group by 1, 2) a
        where n.{by} = any(%s) order by 1, 4, 5, 6
        """,  # noqa: S608
        (list(numbers),),
    ).fetchall():
        ids = tuple(Identifier(*text.split(":", 1)) for text in identifiers or ())
        mention = Mention(
            name=printed,
            name_key=name_key,
            identifiers=ids,
            n_papers=n_papers,
            coauthors=frozenset(),
            decided=ruling.of(block, name_key, ids) if ruling.sides else (),
        )
        yield Mentioned(block, name_id, author_id, exception, mention)


def stored(cursor: Cursor, by: Literal["block", "author_id"], numbers: Collection[int]) -> dict[int, Stored]:
    """The people of some blocks, or of some numbers, by number."""
    return {
        row[0]: row
        for row in cursor.execute(
            "select author_id, block, identity, display_name, given, family, identifiers, names, method,"  # noqa: S608
            f" round(confidence::numeric, 3)::float8, created_at from catalog.author where {by} = any(%s)",
            (list(numbers),),
        )
    }


def large(cursor: Cursor, told: Mapping[int, Collection[int | None]]) -> dict[int, set[int]]:
    """Those of the blocks that have many names, few of which something was told of."""
    if not told:
        return {}
    cursor.execute(
        "select block, count(*) from catalog.author_name where block = any(%s) group by block"
        " having count(*) > %s and bool_and(name_key <> '')",
        (list(told), MANY),
    )
    return {
        block: {one for one in told[block] if one is not None}
        for block, n_names in cursor
        if n_names > WORTH_SEARCHING * len(told[block])
    }


class Concerned:
    """Those of some large blocks who may be others now: the people of the names told of, and whoever is tied to them
    by a name, as one person until now, by an id, by a name that may be a variant, or by initials, unless there are
    others whom these could stand for in any case.
    """

    def __init__(self, cursor: Cursor, told: Names) -> None:
        self.mentions: dict[int, list[Mentioned]] = {block: [] for block in told}
        self.stored: dict[int, Stored] = {}
        self.bystanders: dict[int, list[str]] = {}
        """See ``people``."""
        self._cursor = cursor
        self._names: dict[int, set[int]] = {block: set() for block in told}
        self._people: set[int] = set()
        if not told:
            return
        cursor.execute(
            "select block, name_id, name_key, author_id from catalog.author_name where block = any(%s) order by block",
            (list(told),),
        )
        self._blocks = {block: Namesakes(row[1:] for row in rows) for block, rows in groupby(cursor, itemgetter(0))}
        further: Names = told
        while further:
            self._add(further)
            further = self._by_initials()

    def _add(self, names: Names) -> None:
        """Adds names and whoever is tied to them, initials apart."""
        people: set[int] = set()
        while names or people:
            bearers, ids = self._read(names)
            people = (people | bearers) - self._people
            held, more_ids = self._look_up(people)
            for block, some in names.items():
                held[block] |= self._blocks[block].alike(some)
            people = self._bearing(ids | more_ids)
            names = {block: left for block, some in held.items() if (left := some - self._names[block])}

    def _read(self, names: Names) -> tuple[set[int], set[str]]:
        """Adds the mentions of names; the people these belong to, and their ids."""
        people: set[int] = set()
        ids: set[str] = set()
        for block, some in names.items():
            self._names[block].update(some)
            people |= self._blocks[block].people(some)
        numbers = [name_id for some in names.values() for name_id in some]
        for one in mentions(self._cursor, "name_id", numbers, PeopleRuling()):
            self.mentions[one.block].append(one)
            if one.exception:
                people.add(one.exception)
            ids.update(f"{i.scheme}:{i.value}" for i in one.mention.identifiers)
        return people, ids

    def _look_up(self, people: set[int]) -> tuple[dict[int, set[int]], set[str]]:
        """Adds people; the names that belong to them, and their ids."""
        self._people |= people
        # One that a decision moved to another block is computed with that.
        found = {one: row for one, row in stored(self._cursor, "author_id", people).items() if row[1] in self._blocks}
        self.stored |= found
        names: dict[int, set[int]] = {block: set() for block in self._blocks}
        for author_id, row in found.items():
            names[row[1]].update(self._blocks[row[1]].of(author_id))
        self._cursor.execute(
            "select distinct author_id, name_id from catalog.authorship where author_id = any(%s)", (list(found),)
        )
        for author_id, name_id in self._cursor:
            names[found[author_id][1]].add(name_id)
        return names, {one for row in found.values() for one in row[6]}

    def _bearing(self, ids: set[str]) -> set[int]:
        """Further people who have one of these ids."""
        if not ids:
            return set()
        self._cursor.execute(
            "select author_id from catalog.author cross join unnest(identifiers) as held(id)"
            " join unnest(%s::text[]) as wanted(id) using (id) where block = any(%s)",
            (list(ids), list(self._blocks)),
        )
        return {author_id for (author_id,) in self._cursor} - self._people

    def _by_initials(self) -> dict[int, set[int]]:
        """Names to be added because of initials: where no two bystanders are left for them to stand for."""
        wanted: dict[int, list[int]] = {}
        further: dict[int, set[int]] = {}
        for block, names in self._names.items():
            found = self._blocks[block].bystanders(names)
            if found:
                wanted[block] = found
            elif found is None:
                further[block] = self._blocks[block].standing_for(names) - names
        there = self._borne(wanted)
        for block, found in wanted.items():
            if there.issuperset(found):
                self.bystanders[block] = [self._blocks[block].key(name_id) for name_id in found]
            else:
                further[block] = self._blocks[block].standing_for(self._names[block]) - self._names[block]
        return {block: names for block, names in further.items() if names}

    def _borne(self, names: Names) -> set[int]:
        """Those of the names that somebody still bears."""
        self._cursor.execute(
            "select name_id from unnest(%s::bigint[]) as wanted(name_id)"
            " where exists (select from catalog.authorship a where a.name_id = wanted.name_id)",
            ([name_id for some in names.values() for name_id in some],),
        )
        return {name_id for (name_id,) in self._cursor}
