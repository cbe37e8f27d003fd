"""The human ledger: what people decide is written here, with who and why, and called into effect by ordinary work.

Decisions name records by source and key, so they outlive reindex and rebuild and wait for records that are not here.
Rows are only added; taking a decision back is a decision too. What contradicts an earlier decision is refused, with
the numbers to take back first.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any, NamedTuple

from psycopg.types.json import Jsonb

from catalog.engine import Cursor, rows
from worker import ledger
from worker.errors import Misconfigured
from worker.ledger import NewWork
from worker.match import decisions as rules
from worker.match.decisions import Decided
from worker.pipeline import identify

LOCK = 7_208_215_005
"""Advisory lock: decisions are made one after the other, so that each sees what was decided before."""


class Subject(NamedTuple):
    """What a decision is about, by natural name.

    A record: its source and key. A mention of a person: the scheme of an id, or ``name``, and its value, with the
    number of the name block.
    """

    source: str
    key: str
    block: int = 0

    def __str__(self) -> str:
        return f"{self.source}:{self.key}"


@dataclass(frozen=True)
class Draft:
    """A decision to be written; see ``catalog.decision``."""

    entity: str
    kind: str
    sides: tuple[tuple[Subject, ...], ...]
    field: str | None = None
    value: Any = None
    undoes: int | None = None

    @property
    def subjects(self) -> list[Subject]:
        """Everything it is about, sorted."""
        return sorted({subject for side in self.sides for subject in side})


def same(entity: str, subjects: Iterable[Subject]) -> Draft:
    """All of these are one."""
    return Draft(entity, "same", (tuple(sorted(set(subjects))),))


def different(entity: str, sides: Iterable[Iterable[Subject]]) -> Draft:
    """Any two of these that stand on different sides are two."""
    return Draft(entity, "different", tuple(tuple(sorted(set(side))) for side in sides))


def hold(cursor: Cursor) -> None:
    """One person decides at a time, until the end of the transaction."""
    cursor.execute("select pg_advisory_xact_lock(%s)", (LOCK,))


def write(cursor: Cursor, draft: Draft, actor: str, why: str | None) -> int:
    """Writes a decision and calls for its effect; its number. ``hold`` comes first."""
    row = cursor.execute(
        "insert into catalog.decision (entity, kind, field, value, undoes, actor, why)"
        " values (%s, %s, %s, %s, %s, %s, %s) returning decision_id",
        (draft.entity, draft.kind, draft.field, None if draft.value is None else Jsonb(draft.value), draft.undoes,
         actor, why),
    ).fetchone()  # fmt: skip
    assert row is not None
    named = [(s, side, place) for side, some in enumerate(draft.sides) for place, s in enumerate(some)]
    cursor.execute(
        "insert into catalog.decision_about (decision_id, source, source_key, block, side, position)"
        " select %s, * from unnest(%s::text[], %s::text[], %s::bigint[], %s::smallint[], %s::smallint[])",
        (row[0], [s.source for s, _, _ in named], [s.key for s, _, _ in named], [s.block for s, _, _ in named],
         [side for _, side, _ in named], [place for _, _, place in named]),
    )  # fmt: skip
    return int(row[0])


def call(cursor: Cursor, decision_id: int, draft: Draft) -> list[int]:
    """Calls for the work that puts a decision into effect; the numbers of its rows."""
    if draft.entity == "author":
        identify.touch(cursor, [(subject.block, None) for subject in draft.subjects])
        return []
    args: dict[str, Any] = {"decisions": [decision_id]} | ({"courses": True} if draft.entity == "course" else {})
    return ledger.add(cursor, [NewWork("deduplicate", f"decision:{decision_id}", args)])


def undoing(cursor: Cursor, number: int | None = None) -> Draft:
    """What takes back decision ``number``, or the last one in force. To take back an undo is to decide again.

    Raises:
        Misconfigured: there is no such decision, or it is not in force.
    """
    found = rows(
        cursor,
        "select decision_id, entity, kind, is_live from catalog.decision"
        " where decision_id = coalesce(%(number)s, (select max(decision_id) from catalog.decision"
        "                                           where is_live and kind <> 'undo'))",
        {"number": number},
    )
    if not found:
        said = f"no decision has the number {number}" if number is not None else "there is nothing to take back"
        raise Misconfigured(f"{said}; see pubcat undo --list")
    decision_id = found[0]["decision_id"]
    if not found[0]["is_live"]:
        row = cursor.execute(
            "select decision_id from catalog.decision where undoes = %s and is_live", (decision_id,)
        ).fetchone()
        by = f" by {row[0]}; pubcat undo {row[0]} brings it back" if row else ""
        raise Misconfigured(f"decision {decision_id} was taken back already{by}")
    return Draft(found[0]["entity"], "undo", _sides(cursor, decision_id), undoes=decision_id)


def refresh(cursor: Cursor) -> None:
    """Says of every decision again whether it is in force: it is, unless an undo in force takes it back."""
    stored = cursor.execute(
        "select decision_id, undoes, is_live from catalog.decision order by decision_id desc"
    ).fetchall()
    undone: set[int] = set()
    for number, undoes, _ in stored:
        if undoes is not None and number not in undone:
            undone.add(undoes)
    turned = [number for number, _, is_live in stored if is_live == (number in undone)]
    cursor.execute("update catalog.decision set is_live = not is_live where decision_id = any(%s)", (turned,))


def _sides(cursor: Cursor, decision_id: int) -> tuple[tuple[Subject, ...], ...]:
    found = cursor.execute(
        "select side, source, source_key, block from catalog.decision_about where decision_id = %s"
        " order by side, position",
        (decision_id,),
    ).fetchall()
    return tuple(tuple(Subject(*row[1:]) for row in side) for _, side in groupby(found, key=lambda row: row[0]))


def in_force(cursor: Cursor, entity: str) -> list[Decided[Subject]]:
    """The decisions about sameness that count now, oldest first."""
    found = cursor.execute(
        "select d.decision_id, d.kind, a.side, a.source, a.source_key, a.block"
        " from catalog.decision d join catalog.decision_about a using (decision_id)"
        " where d.is_live and d.entity = %s and d.kind in ('same', 'different')"
        " order by d.decision_id, a.side, a.position",
        (entity,),
    ).fetchall()
    return [
        Decided(
            number,
            kind,
            tuple(tuple(Subject(*row[3:]) for row in side) for _, side in groupby(some, key=lambda row: row[2])),
        )
        for (number, kind), some in groupby(found, key=lambda row: (row[0], row[1]))
    ]


def check(cursor: Cursor, draft: Draft, *, overrule: bool = False) -> None:
    """Makes sure that a ``same`` or ``different`` contradicts nobody.

    With ``overrule`` it is the later word about the very pairs it names; only ties by way of others count.

    Raises:
        Misconfigured: it does; the message names the decisions to take back first.
    """
    found = rules.pairs(in_force(cursor, draft.entity))
    if overrule:
        found |= rules.pairs([Decided(1 << 62, draft.kind, draft.sides)])
    if draft.kind == "same":
        against = rules.against_same(found, draft.subjects)
    else:
        against = rules.against_different(found, draft.sides)
    if against:
        told = [f"{one['text']}; take it back first: pubcat undo {one['decision']}" for one in listed(cursor, against)]
        raise Misconfigured("that contradicts an earlier decision: " + ". And: ".join(told))


def is_said(cursor: Cursor, draft: Draft) -> int | None:
    """The decision that says all of that already, if one does."""
    wanted = rules.pairs([Decided(0, draft.kind, draft.sides)])
    found = rules.pairs(in_force(cursor, draft.entity))
    numbers = {found.get(pair, ("", 0)) for pair in wanted}
    return min(number for _, number in numbers) if {kind for kind, _ in numbers} == {draft.kind} else None


def listed(
    cursor: Cursor, numbers: Sequence[int] | None = None, *, about: Sequence[Subject] = (), limit: int | None = None
) -> list[dict[str, Any]]:
    """Decisions as people read them, the last first: all, those numbered, or those about something."""
    found = rows(
        cursor,
        """
        select d.decision_id as decision, d.decided_at as at, d.actor as by, d.entity, d.kind, d.field, d.value,
               d.undoes, d.is_live, d.why,
               (select jsonb_agg(s.names order by s.side) from (
                    select a.side, jsonb_agg(a.source || ':' || a.source_key order by a.position) as names
                    from catalog.decision_about a where a.decision_id = d.decision_id group by a.side) s) as about
        from catalog.decision d
        where (%(numbers)s::bigint[] is null or d.decision_id = any(%(numbers)s))
          and (%(sources)s::text[] is null or exists (
               select from catalog.decision_about a join unnest(%(sources)s::text[], %(keys)s::text[]) n(source, key)
                    on a.source = n.source and a.source_key = n.key
               where a.decision_id = d.decision_id))
        order by d.decision_id desc limit %(limit)s
        """,
        {
            "numbers": None if numbers is None else list(numbers),
            "sources": [s.source for s in about] or None,
            "keys": [s.key for s in about],
            "limit": limit,
        },
    )
    return [{**row, "text": sentence(row)} for row in found]


def sentence(row: dict[str, Any]) -> str:
    """A decision in words: who, when, what and why."""
    sides = [_few(side) for side in row["about"] or ()]
    match row["kind"]:
        case "same":
            what = f"{sides[0]} are the same"
        case "different":
            what = f"{' and '.join(sides)} are different"
        case "undo":
            what = f"decision {row['undoes']} no longer holds"
        case "lock":
            what = f"{row['field']} of {sides[0]} stays {_short(row['value'])}"
        case _:
            what = f"{row['field']} of {sides[0]} is {_short(row['value'])}"
    why = f' ("{row["why"]}")' if row["why"] else ""
    return f"decision {row['decision']} of {row['by']}, {row['at']:%Y-%m-%d}: {what}{why}"


def _few(names: Sequence[str], most: int = 4) -> str:
    return ", ".join(names[:most]) + (f" and {len(names) - most} more" if len(names) > most else "")


def _short(value: Any, most: int = 80) -> str:
    text = "; ".join(map(str, value)) if isinstance(value, list) else str(value)
    return "empty" if value is None else repr(text if len(text) <= most else f"{text[: most - 2]} …")
