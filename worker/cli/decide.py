"""What commands that decide share: who and why, a rehearsal, the effect, and what it came to."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any

import typer

from worker.cli import common

if TYPE_CHECKING:
    from catalog.engine import Cursor
    from worker.pipeline.decisions import Draft, Subject
    from worker.tools import Tools

    Drafting = Callable[[Cursor], Draft]
    """Makes a decision from what the catalog says now; refuses by raising ``Misconfigured``."""

By = Annotated[str | None, typer.Option("--by", metavar="NAME", help="Who decides; you, if not given.")]
Why = Annotated[str | None, typer.Option("--why", metavar="TEXT", help="The reason, for whoever reads it later.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Rehearse: show what would come of it, keep nothing.")]

PATIENCE_S = 60.0
"""How long the effect is waited for when a worker is up."""

_PAPERS = """
    select p.paper_id, p.paper_key, p.title, p.n_records,
           (select array_agg(r.source || ':' || r.source_key order by r.source, r.source_key)
            from catalog.member m join catalog.record r using (record_id) where m.paper_id = p.paper_id) as records
    from analytics.papers p where paper_id = any(%s) order by paper_id
"""
_HOMES = """
    select distinct m.paper_id from unnest(%s::text[], %s::text[]) n(source, source_key)
    join catalog.record r using (source, source_key) join catalog.member m using (record_id)
"""
_LED = """
    select from_paper_key as paper, to_paper_key as now from analytics.paper_redirects
    where from_paper_id = any(%s) order by from_paper_id
"""
_AUTHORS = """
    select u.author_id, u.author_key, u.display_name, u.name_variants_text,
           (select count(distinct h.paper_id) from analytics.authorships h where h.author_id = u.author_id) as n_papers
    from analytics.authors u where u.author_id in (
        select coalesce(a.author_id, n.author_id)
        from unnest(%(blocks)s::bigint[], %(sources)s::text[], %(keys)s::text[]) s(block, source, key)
        join catalog.author_name n on n.block = s.block join catalog.authorship a using (name_id)
        where s.source = 'name' and n.name_key = s.key or s.source || ':' || s.key = any(a.identifiers))
    order by u.author_id
"""
_OPEN = """
    with recursive line as (
        select work_id, kind, state, not_before from ops.work where work_id = any(%s)
        union
        select w.work_id, w.kind, w.state, w.not_before from line join ops.work w on w.parent_id = line.work_id
        where w.kind = 'publish')
    select work_id, state from line
    where state in ('queued', 'leased') and (kind <> 'publish' or not_before < clock_timestamp()) or state = 'dead'
    union all
    select work_id, state from ops.work where kind = 'identify' and state in ('queued', 'leased')
"""


@dataclass(frozen=True)
class Outcome:
    """A decision made, or rehearsed: its number, and what became of the papers it is about."""

    decision: dict[str, Any]
    papers: list[dict[str, Any]]
    authors: list[dict[str, Any]]
    led: list[dict[str, Any]]
    dry_run: bool


class Said(Exception):
    """Nothing is to be decided: somebody said all of it before."""

    def __init__(self, decision: dict[str, Any]) -> None:
        super().__init__(f"that is said already: {decision['text']}")
        self.decision = decision


def me(by: str | None) -> str:
    """Who decides."""
    import getpass

    try:
        return by or getpass.getuser()
    except (KeyError, OSError):
        return "somebody"


def decide(
    tools: Tools, draft: Drafting, *, by: str | None, why: str | None, dry_run: bool = False, patient: bool = True
) -> Outcome:
    """Makes a decision and waits for its effect; with ``dry_run`` nothing of it stays.

    Who is not ``patient`` leaves the effect to the workers, when some are up.

    Raises:
        Misconfigured: it contradicts an earlier one, or is about nothing we know.
        Said: it says nothing new.
    """
    import psycopg

    from worker.pipeline import decisions

    with tools.transaction() as cursor:
        decisions.hold(cursor)
        drafted = draft(cursor)
        before = _homes(cursor, drafted.subjects)
        number = decisions.write(cursor, drafted, me(by), why)
        if drafted.kind == "undo":
            decisions.refresh(cursor)
        work_ids = decisions.call(cursor, number, drafted)
        if dry_run:
            _rehearse(cursor, tools, number, drafted)
            outcome = _outcome(cursor, number, drafted, before, dry_run=True)
            raise psycopg.Rollback
    if dry_run:
        return outcome
    settle(tools, work_ids, patient=patient)
    with tools.transaction() as cursor:
        return _outcome(cursor, number, drafted, before, dry_run=False)


def _rehearse(cursor: Cursor, tools: Tools, number: int, draft: Draft) -> None:
    """The effect, inside the present transaction."""
    from worker.ledger import Work
    from worker.pipeline import courses, deduplicate, identify

    match draft.entity:
        case "paper":
            deduplicate.deduplicate(cursor, tools.memory, Work(0, "deduplicate", {"decisions": [number]}, 0))
        case "course":
            courses.deduplicate(cursor, Work(0, "deduplicate", {"courses": True, "decisions": [number]}, 0))
        case _:
            mine = -number  # no work has such a number
            identify.touch(cursor, [(subject.block, None) for subject in draft.subjects], mine)
            while identify.identify(cursor, mine):
                pass


def settle(tools: Tools, work_ids: Sequence[int], *, patient: bool = True) -> None:
    """Returns when the effect is there: done by a worker when one is up, else here.

    Who is not ``patient`` does not wait for workers.

    Raises:
        Permanent: the work is dead; the decision stands, and a retry of the letter puts it into effect.
        Transient: it takes too long.
    """
    from worker import ledger, run
    from worker.errors import Permanent, Transient

    until = time.monotonic() + PATIENCE_S
    while True:
        with tools.transaction() as cursor:
            ledger.reconcile(cursor)
            found = cursor.execute(_OPEN, (list(work_ids),)).fetchall()
            alive = ledger.somebody_works(cursor)
        if any(state == "dead" for _, state in found):
            raise Permanent("the decision is written but could not be carried out; see pubcat dead list")
        if not found or (alive and not patient):
            return
        if time.monotonic() > until:
            raise Transient("the decision is written; the workers have not come to it yet: see pubcat status")
        if alive or not any(run.take(tools, work_id) for work_id, _ in found):
            time.sleep(0.05)


def _homes(cursor: Cursor, subjects: Iterable[Subject]) -> list[int]:
    """The papers of these records."""
    listed = list(subjects)
    return [row[0] for row in cursor.execute(_HOMES, ([s.source for s in listed], [s.key for s in listed]))]


def _outcome(cursor: Cursor, number: int, draft: Draft, before: list[int], *, dry_run: bool) -> Outcome:
    from worker.pipeline import decisions

    [decision] = decisions.listed(cursor, [number])
    after = _homes(cursor, draft.subjects)
    papers = common.rows(cursor, _PAPERS, (sorted({*before, *after}),))
    return Outcome(decision, papers, _authors(cursor, draft), common.rows(cursor, _LED, (before,)), dry_run)


def _authors(cursor: Cursor, draft: Draft) -> list[dict[str, Any]]:
    """The people a decision is about, as they are now."""
    if draft.entity != "author":
        return []
    about = draft.subjects
    columns = {"blocks": [s.block for s in about], "sources": [s.source for s in about], "keys": [s.key for s in about]}
    return common.rows(cursor, _AUTHORS, columns)


def tell(outcome: Outcome, *, json: bool) -> None:
    """What was decided, and the papers it is about as they are now."""
    if json:
        common.print_json(
            {
                **outcome.decision,
                "dry_run": outcome.dry_run,
                "papers": outcome.papers,
                "authors": outcome.authors,
                "redirects": outcome.led,
            }
        )
        return
    typer.echo(f"{'rehearsal, nothing is kept: ' if outcome.dry_run else ''}{outcome.decision['text']}")
    for gone in outcome.led:
        typer.echo(f"{gone['paper']} now leads to {gone['now']}")
    if outcome.papers:
        typer.echo()
        names = {"paper_key": "paper", "title": "title", "records": "records"}
        common.show(outcome.papers, names)
    if outcome.authors:
        typer.echo()
        names = {"author_key": "author", "display_name": "name", "n_papers": "papers", "name_variants_text": "written"}
        common.show(outcome.authors, names)


def command(draft: Drafting, by: str | None, why: str | None, *, dry_run: bool, json: bool) -> None:
    """The whole of a deciding command."""
    with common.session() as tools:
        try:
            tell(decide(tools, draft, by=by, why=why, dry_run=dry_run), json=json)
        except Said as said:
            common.say(str(said))
            if json:
                common.print_json(said.decision)
