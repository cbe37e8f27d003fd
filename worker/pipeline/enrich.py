"""Enrich: papers that lack a title, authors, a whole abstract or any identifier ask the sources that can answer.

A question is an ordinary harvest of one page; its answer walks the same line as everything else.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from catalog.engine import Cursor
from worker import ledger
from worker.ledger import NewWork, Work
from worker.page import Question, Request
from worker.pipeline import harvests, switches
from worker.pipeline.parse import unfold
from worker.record import hash64
from worker.settings import Configured, Sources

PERIOD = "30 days"
"""The same question is asked again after so long."""
ABSTRACT_WORDS = 14
"""First words of an abstract that make a search."""
REST_S = 6 * 3600.0
"""Questions beyond what a source may be asked a day come back after so long."""
PATIENCE_S = 30.0
"""While sweeps run, questions wait, as the answer may be on the next page; the end of the last sweep calls them."""


@dataclass(frozen=True)
class Incomplete:
    """What is known of a paper that lacks something."""

    title: str | None
    abstract: str | None
    identifiers: dict[str, str]
    sources: frozenset[str]


def sweeps_run(cursor: Cursor) -> bool:
    """Whether any sweep of the last ten minutes is still under way."""
    row = cursor.execute(
        "select exists (select from ops.harvest where state = 'running' and kind = 'sweep'"
        " and started_at > clock_timestamp() - interval '10 minutes')"
    ).fetchone()
    return bool(row and row[0])


def enrich(cursor: Cursor, sources: Sources, work: Work) -> None:
    """Writes the questions that were not asked lately as one-page harvests; what is too much for a day comes back."""
    able = [
        configured
        for _, configured in sorted(switches.switched(cursor, sources).by_name.items())
        if configured.enabled and configured.source.answers
    ]
    if not able:
        return
    papers = _incomplete(cursor, unfold(work.args["papers"]))
    n_left = 0
    for configured in able:
        requests = {
            hash64(request.key): request
            for paper in papers
            if configured.name not in paper.sources and (request := _ask(configured, paper)) is not None
        }
        due = _due(cursor, configured, list(requests))
        asked = _allowed(cursor, configured, due)
        n_left += len(due) - len(asked) if configured.questions_per_day else 0
        for request_hash in asked:
            harvest_id = harvests.start_question(cursor, configured, requests[request_hash], work)
            cursor.execute(
                "update ops.question set harvest_id = %s where source = %s and question_hash = %s",
                (harvest_id, configured.name, request_hash),
            )
    if n_left:
        ledger.add(cursor, [NewWork("enrich", f"{work.work_id}:rest", work.args, delay_s=REST_S)], work)


def _incomplete(cursor: Cursor, paper_ids: list[int]) -> list[Incomplete]:
    """The papers that still lack something."""
    rows = cursor.execute(
        """
        select p.title, p.abstract,
               coalesce((select array_agg(array[i.scheme, i.value] order by i.scheme, i.value)
                         from catalog.identifier i where i.paper_id = p.paper_id), '{}'),
               (select array_agg(r.source) from catalog.member m join catalog.record r using (record_id)
                where m.paper_id = p.paper_id)
        from catalog.paper p
        where p.paper_id = any(%s)
          and (p.title is null or p.title_state = 'cut' or p.n_authors = 0 or p.authors_state = 'cut'
               or p.abstract is null or p.abstract_state = 'cut'
               or not exists (select from catalog.identifier i where i.paper_id = p.paper_id))
        order by p.paper_id
        """,
        (paper_ids,),
    ).fetchall()
    return [
        Incomplete(title, abstract, dict(reversed(found)), frozenset(told or ()))
        for title, abstract, found, told in rows
    ]


def _ask(configured: Configured, paper: Incomplete) -> Request | None:
    """The best question this source understands: an identifier, else the title, else words of the abstract."""
    for question in _questions(configured, paper):
        request = configured.source.ask(configured.site, question)
        if request is not None:
            return request
    return None


def _questions(configured: Configured, paper: Incomplete) -> Iterator[Question]:
    for by in configured.source.answers:
        if by in paper.identifiers:
            yield Question(by, paper.identifiers[by])
    if "title" in configured.source.answers and paper.title:
        yield Question("title", paper.title)
    if "abstract" in configured.source.answers and paper.abstract:
        yield Question("abstract", " ".join(paper.abstract.split()[:ABSTRACT_WORDS]))


def _due(cursor: Cursor, configured: Configured, hashes: list[int]) -> list[int]:
    """Questions not asked within the period, in the order given."""
    lately = cursor.execute(
        "select question_hash from ops.question where source = %s and question_hash = any(%s)"
        " and asked_at >= clock_timestamp() - %s::interval",
        (configured.name, hashes, PERIOD),
    ).fetchall()
    known = {row[0] for row in lately}
    return [one for one in hashes if one not in known]


def _allowed(cursor: Cursor, configured: Configured, hashes: list[int]) -> list[int]:
    """The first of these questions, at most as many as the source may still be asked today; marks them asked."""
    cursor.execute(
        """
        insert into ops.question as q (source, question_hash)
        select %(source)s, h from unnest(%(hashes)s::bigint[]) with ordinality as asked(h, n)
        order by n
        limit greatest(0, %(most)s - (select count(*) from ops.question
                                      where source = %(source)s and asked_at > clock_timestamp() - interval '1 day'))
        on conflict (source, question_hash) do update set asked_at = clock_timestamp()
        returning question_hash
        """,
        {"source": configured.name, "hashes": hashes, "most": configured.questions_per_day},
    )
    return [row[0] for row in cursor.fetchall()]


def call_again(cursor: Cursor, work: Work) -> None:
    """Puts the question off until sweeps are over."""
    ledger.postpone(cursor, work, PATIENCE_S, ledger.WAITS_FOR_SWEEPS)
