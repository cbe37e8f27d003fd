"""What speaks for and against two records being one work, in sentences a curator reads."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import typer

from worker.cli import common

if TYPE_CHECKING:
    from catalog.engine import Cursor
    from worker.cli.paper_decisions import Named

MOST_SHOWN = 12
"""Pairs of records told to people; --json tells all."""

_IDS = """
    select r.record_id from catalog.record r join unnest(%s::text[], %s::text[]) n(source, source_key)
    using (source, source_key)
"""


@dataclass(frozen=True)
class Reason:
    """One piece of evidence: its sentence, its weight (positive: for), and what it saw."""

    name: str
    weight: float
    detail: str | None
    sentence: str


def reasons(found: Iterable[tuple[str, float, str | None]]) -> list[Reason]:
    """Evidence with its sentences, the weightiest first."""
    from worker.match.evidence import sentence

    told = [Reason(name, weight, detail, sentence(name)) for name, weight, detail in found]
    return sorted(told, key=lambda one: -abs(one.weight))


def told(text: str) -> list[Reason]:
    """The evidence of a stored verdict: one a line, name, weight, detail."""
    lines = [line.split(" ", 2) for line in text.splitlines()]
    return reasons((parts[0], float(parts[1]), parts[2] if len(parts) > 2 else None) for parts in lines)


def pairs(cursor: Cursor, ours: Named, theirs: Named) -> list[dict[str, Any]]:
    """Every pair of records across, or within when both are one, judged by the present rules; the likest first."""
    from worker.match import decisions as rules
    from worker.match.verdict import judge
    from worker.pipeline import decisions
    from worker.pipeline.deduplicate import load
    from worker.tools import Memory

    subjects = sorted({*ours.subjects, *theirs.subjects})
    ids = [row[0] for row in cursor.execute(_IDS, ([s.source for s in subjects], [s.key for s in subjects]))]
    known = {decisions.Subject(one.source, one.source_key): one for one in load(cursor, Memory(), ids).values()}
    home: dict[int, int] = dict(
        cursor.execute("select record_id, paper_id from catalog.member where record_id = any(%s)", (ids,)).fetchall()
    )
    decided = rules.pairs(decisions.in_force(cursor, "paper"))
    found = []
    for pair in sorted({(min(a, b), max(a, b)) for a in ours.subjects for b in theirs.subjects if a != b}):
        one, other = (known.get(subject) for subject in pair)
        if one is None or other is None:
            continue
        verdict = judge(one.facts, other.facts)
        _, number = decided.get(pair, ("", None))
        paper = home.get(one.record_id)
        found.append(
            {
                "a": str(pair[0]),
                "b": str(pair[1]),
                "one_paper": paper is not None and paper == home.get(other.record_id),
                "verdict": verdict.kind,
                "score": verdict.score,
                "evidence": [vars(reason) for reason in reasons(verdict.reasons)],
                "decision": decisions.listed(cursor, [number])[0]["text"] if number is not None else None,
            }
        )
    return sorted(found, key=lambda row: -row["score"])


def tell(found: Sequence[dict[str, Any]], *, json: bool) -> None:
    """The pairs with their evidence, for and against."""
    if json:
        for row in found:
            common.print_json(row)
        return
    for row in found[:MOST_SHOWN]:
        where = "one paper" if row["one_paper"] else "two papers"
        typer.echo(f"{row['a']} and {row['b']}: {where}; by the rules {row['verdict']}, score {row['score']:.2f}")
        if row["decision"]:
            typer.echo(f"  {row['decision']}")
        for reason in row["evidence"]:
            detail = f" ({reason['detail']})" if reason["detail"] else ""
            typer.echo(f"  {reason['weight']:+5.1f}  {reason['sentence']}{detail}")
        typer.echo()
    if len(found) > MOST_SHOWN:
        common.say(f"{len(found) - MOST_SHOWN} more pairs; --json tells all")
