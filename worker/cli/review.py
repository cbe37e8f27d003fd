"""``pubcat review``: pairs of records the rules cannot decide, one after the other, and a person who does."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any

import typer

from worker.cli import common, decide, evidence

if TYPE_CHECKING:
    from catalog.engine import Cursor
    from worker.cli.evidence import Reason
    from worker.pipeline.decisions import Subject
    from worker.record import Record

app = common.single()

_UNSURE = """
    select v.score::float8 as score, v.reasons, a.source as source_a, a.source_key as key_a, b.source as source_b,
           b.source_key as key_b, ma.paper_id as paper_a, mb.paper_id as paper_b
    from catalog.verdict v
    join catalog.record a on a.record_id = v.record_a join catalog.record b on b.record_id = v.record_b
    join catalog.member ma on ma.record_id = v.record_a join catalog.member mb on mb.record_id = v.record_b
    where v.verdict = 'unsure' and ma.paper_id <> mb.paper_id
    order by v.score desc, a.source, a.source_key, b.source, b.source_key
"""
_DOCUMENT = "select document from catalog.record where source = %s and source_key = %s"
_HOMES = """
    select r.source, r.source_key, m.paper_id from catalog.decision_about a
    join catalog.record r using (source, source_key) join catalog.member m using (record_id)
"""


@dataclass(frozen=True)
class Doubt:
    """Two records of two papers that may be one work. ``n_pairs``: unsure pairs of these papers, this one included."""

    a: Subject
    b: Subject
    paper_a: int
    paper_b: int
    score: float
    reasons: tuple[Reason, ...]
    n_pairs: int


@app.command(epilog=common.example("pubcat review --json", "pubcat review"))
def review(
    by: decide.By = None,
    limit: Annotated[int | None, typer.Option(min=1, help="At most so many pairs.")] = None,
    json: common.Json = False,
) -> None:
    """Look at pairs that may be one work, and say: y same, n different, s skip, u undo, q quit.

    The likeliest come first, one pair for two papers; what was decided is not asked again. For scripts: --json lists
    the pairs with their evidence; decide with pubcat papers merge and pubcat papers different.
    """
    if json:
        with common.reading() as cursor:
            for doubt in queue(cursor)[:limit]:
                common.print_json(as_json(cursor, doubt))
        return
    with common.session() as tools:
        with tools.transaction() as cursor:
            doubts = queue(cursor)[:limit]
        if not doubts:
            typer.echo("Nothing to review: every pair of records is decided.")
            return
        if not (sys.stdin.isatty() and sys.stderr.isatty()):
            from worker.errors import Misconfigured

            raise Misconfigured(f"{len(doubts)} pairs wait, and this is no terminal: use pubcat review --json")
        from worker.cli.review_screen import Review

        counts = Review(tools, doubts, by).run()
    if counts is not None:
        common.say(", ".join(f"{count} {name}" for name, count in counts.items()))


def queue(cursor: Cursor) -> list[Doubt]:
    """What a person should look at: the likeliest first, then what settles more pairs at once."""
    from worker.pipeline.decisions import Subject

    apart = _kept_apart(cursor)
    best: dict[tuple[int, int], dict[str, Any]] = {}
    count: dict[tuple[int, int], int] = {}
    for row in common.rows(cursor, _UNSURE):
        papers = min(row["paper_a"], row["paper_b"]), max(row["paper_a"], row["paper_b"])
        if papers not in apart:
            best.setdefault(papers, row)
            count[papers] = count.get(papers, 0) + 1
    found = [
        Doubt(
            Subject(row["source_a"], row["key_a"]),
            Subject(row["source_b"], row["key_b"]),
            row["paper_a"],
            row["paper_b"],
            row["score"],
            tuple(evidence.told(row["reasons"])),
            count[papers],
        )
        for papers, row in best.items()
    ]
    return sorted(found, key=lambda one: (-one.score, -one.n_pairs, one.a, one.b))


def _kept_apart(cursor: Cursor) -> set[tuple[int, int]]:
    """Pairs of papers that somebody said are different."""
    from worker.match import decisions as rules
    from worker.pipeline import decisions

    said = rules.of_kind(rules.pairs(decisions.in_force(cursor, "paper")), "different")
    home = {decisions.Subject(source, key): paper_id for source, key, paper_id in cursor.execute(_HOMES)}
    papers = ((home.get(one), home.get(other)) for one, other in said)
    return {(min(a, b), max(a, b)) for a, b in papers if a is not None and b is not None}


def document(cursor: Cursor, subject: Subject) -> Record:
    """What the source says."""
    from worker.record import Record, decode

    row = cursor.execute(_DOCUMENT, (subject.source, subject.key)).fetchone()
    record = decode(row[0]) if row else None
    assert isinstance(record, Record)
    return record


FIELDS = ("title", "authors", "year", "venue", "kind", "identifiers", "pages", "abstract", "link")


def fields(record: Record) -> dict[str, str]:
    """What a person compares, as text; empty where the source says nothing."""
    states = {"cut": " (cut)"}
    return {
        "title": (record.title or "") + states.get(record.title_state, ""),
        "authors": "; ".join(author.name for author in record.authors) + states.get(record.authors_state, ""),
        "year": record.date or "",
        "venue": record.venue or "",
        "kind": ", ".join(dict.fromkeys(word for word in (record.version, record.kind) if word)),
        "identifiers": "; ".join(f"{i.scheme}:{i.value}" for i in sorted(record.identifiers)),
        "pages": _join(record.volume, record.issue, record.pages),
        "abstract": record.abstract or "",
        "link": record.links[0].url if record.links else "",
    }


def _join(*parts: str | None) -> str:
    return " / ".join(part for part in parts if part)


def as_json(cursor: Cursor, doubt: Doubt) -> dict[str, Any]:
    """A pair as scripts see it."""
    return {
        "score": doubt.score,
        "n_pairs": doubt.n_pairs,
        **{
            side: {"record": str(subject), "paper": f"p-{paper_id:06d}", **_filled(fields(document(cursor, subject)))}
            for side, subject, paper_id in (("a", doubt.a, doubt.paper_a), ("b", doubt.b, doubt.paper_b))
        },
        "evidence": [vars(reason) for reason in doubt.reasons],
        "same": ["pubcat", "papers", "merge", str(doubt.a), str(doubt.b)],
        "different": ["pubcat", "papers", "different", str(doubt.a), str(doubt.b)],
    }


def _filled(told: dict[str, str]) -> dict[str, str]:
    return {name: text for name, text in told.items() if text}


def differing(ours: str, theirs: str) -> Iterable[tuple[str, bool]]:
    """The words of ``ours`` with whether ``theirs`` lacks them at that place; capitals and marks do not count."""
    import re
    from difflib import SequenceMatcher

    mine, others = re.findall(r"\S+\s*", ours), re.findall(r"\S+\s*", theirs)
    fold = [re.sub(r"\W", "", word).casefold() for word in mine]
    other_fold = [re.sub(r"\W", "", word).casefold() for word in others]
    for kind, start, end, _, _ in SequenceMatcher(a=fold, b=other_fold, autojunk=False).get_opcodes():
        for word in mine[start:end]:
            yield word, kind != "equal"
