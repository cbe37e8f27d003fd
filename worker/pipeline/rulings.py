"""What people decided about the records of a batch: read by deduplication, a few statements whatever the size.

Where nobody decided anything each statement ends before it looks at a single record.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby

from catalog.engine import Cursor
from worker.match import decisions
from worker.match.decisions import Decided
from worker.merge.fixed import Fixed
from worker.record import Identifier

_SPOKEN_OF = """
    select distinct a.decision_id from catalog.record r join catalog.decision_about a using (source, source_key)
    where exists (select from catalog.decision where is_live) and r.record_id = any(%(records)s)
"""
_DECIDED = """
    select d.decision_id, d.kind, d.field, d.value, a.side, r.record_id
    from spoken_of join catalog.decision d using (decision_id) join catalog.decision_about a using (decision_id)
    join catalog.record r using (source, source_key)
    where d.is_live and d.entity = %(entity)s and d.kind <> 'undo' and r.entity = d.entity and not r.deleted
    order by d.decision_id, a.side, a.position, a.source, a.source_key
"""
TOUCHED = """
    select r.record_id from catalog.record r join catalog.decision_about a using (source, source_key)
    join catalog.decision d using (decision_id)
    where exists (select from catalog.decision where is_live)
      and r.record_id = any(%(records)s) and d.is_live and d.entity = 'paper'
"""
RULING = f"with spoken_of as ({_SPOKEN_OF}) {_DECIDED}"
_TIES = ("same", "set", "lock")
"""Kinds whose records are decided together: one of them may carry what was said of another."""


@dataclass(frozen=True)
class Ruling:
    """The decisions in force about some records, by the numbers of the living ones."""

    decided: Sequence[Decided[int]] = ()
    together: frozenset[tuple[int, int]] = field(init=False)
    apart: frozenset[tuple[int, int]] = field(init=False)

    def __post_init__(self) -> None:
        found = decisions.pairs(self.decided)
        object.__setattr__(self, "together", decisions.of_kind(found, "same"))
        object.__setattr__(self, "apart", decisions.of_kind(found, "different"))

    @property
    def tied(self) -> set[int]:
        """Records that cannot be decided without each other."""
        return {number for one in self.decided if one.kind in _TIES for number in one.names}

    def fixed(self, groups: Sequence[Collection[int]]) -> Mapping[int, dict[str, Fixed]]:
        """Place of a group -> the values that people fixed for its paper; of two about one field the later."""
        place = {number: i for i, group in enumerate(groups) for number in group} if self.decided else {}
        found: dict[int, dict[str, Fixed]] = {}
        for one in self.decided:
            if one.field is not None:
                home = next((place[number] for number in one.names if number in place), None)
                if home is not None:
                    found.setdefault(home, {})[one.field] = Fixed(one.value, one.decision_id)
        return found


def touched(cursor: Cursor, record_ids: Collection[int]) -> set[int]:
    """Those of the records that a decision in force speaks of."""
    return {row[0] for row in cursor.execute(TOUCHED, {"records": list(record_ids)})}


def ruling(cursor: Cursor, record_ids: Collection[int]) -> Ruling:
    """What was decided about these records, with all the living records each decision speaks of."""
    return _read(cursor, RULING, "paper", list(record_ids))


def courses(cursor: Cursor) -> Ruling:
    """What was decided about courses."""
    return _read(cursor, f"with spoken_of as (table catalog.decision) {_DECIDED}", "course", None)


def _read(cursor: Cursor, query: str, entity: str, record_ids: list[int] | None) -> Ruling:
    rows = cursor.execute(query, {"entity": entity, "records": record_ids}).fetchall()
    found = []
    for (number, kind, name, value), some in groupby(rows, key=lambda row: (row[0], row[1], row[2], row[3])):
        sides = tuple(tuple(row[5] for row in side) for _, side in groupby(some, key=lambda row: row[4]))
        found.append(Decided(number, kind, sides, name, value))
    return Ruling(found)


_PEOPLE = """
    with recursive reach(block) as (
        select block from unnest(%s::bigint[]) wanted(block)
        where exists (select from catalog.decision where is_live and entity = 'author')
        union
        select other.block from reach join catalog.decision_about mine on mine.block = reach.block and mine.block <> 0
        join catalog.decision d on d.decision_id = mine.decision_id and d.is_live and d.entity = 'author'
             and d.kind in ('same', 'different')
        join catalog.decision_about other on other.decision_id = d.decision_id)
    select d.decision_id, a.side, a.source, a.source_key, a.block
    from reach join catalog.decision_about a using (block) join catalog.decision d using (decision_id)
    where a.block <> 0 and d.is_live and d.entity = 'author' and d.kind in ('same', 'different')
    order by d.decision_id, a.side, a.source, a.source_key
"""


@dataclass(frozen=True)
class PeopleRuling:
    """What was decided about the people of some name blocks, and of the blocks these are tied to by decisions."""

    sides: Mapping[tuple[int, str, str], Sequence[tuple[int, int]]] = field(default_factory=dict)
    """Block, scheme (or ``name``) and value of a mention -> number and side of each decision about it."""
    ties: Sequence[frozenset[int]] = ()
    """Blocks that are computed together."""

    def of(self, block: int, name_key: str, identifiers: Iterable[Identifier]) -> tuple[tuple[int, int], ...]:
        """What was decided about a mention: by its ids if it has any, else by its name."""
        handles = [(block, one.scheme, one.value) for one in identifiers] or [(block, "name", name_key)]
        found: dict[int, int] = {}
        for handle in handles:
            for number, side in self.sides.get(handle, ()):
                found[number] = min(side, found.get(number, side))
        return tuple(sorted(found.items()))


def people(cursor: Cursor, blocks: Collection[int]) -> PeopleRuling:
    """The decisions in force about the people of these name blocks."""
    rows = cursor.execute(_PEOPLE, (list(blocks),)).fetchall()
    sides: dict[tuple[int, str, str], list[tuple[int, int]]] = {}
    ties: list[frozenset[int]] = []
    for number, some in groupby(rows, key=lambda row: row[0]):
        tied: set[int] = set()
        for _, side, scheme, value, block in some:
            sides.setdefault((block, scheme, value), []).append((number, side))
            tied.add(block)
        apart = [one for one in ties if one.isdisjoint(tied)]
        ties = [*apart, frozenset(tied.union(*(one for one in ties if not one.isdisjoint(tied))))]
    return PeopleRuling(sides, ties)


def concerned(cursor: Cursor, decision_ids: Iterable[int]) -> list[int]:
    """The records that decisions speak of, as far as they are here."""
    return [
        row[0]
        for row in cursor.execute(
            "select distinct r.record_id from catalog.decision_about a join catalog.record r using (source, source_key)"
            " where a.decision_id = any(%s) and r.entity = 'paper' order by 1",
            (list(decision_ids),),
        )
    ]
