"""What was true before: one row of ``catalog.history`` a change, holding the old values of what changed.

A first writing keeps nothing; the past is the present with the old values put back (``analytics.papers_as_of``).
Old values are copied inside Postgres, before the rows that hold them are rewritten.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import orjson

from catalog.engine import Cursor
from worker.ledger import Work

COLUMNS = {
    "publication_date": "published year",
    "other_titles": "other_texts",
    "other_abstracts": "other_texts",
    "authors": "authors n_authors",
    "title": "title title_state",
    "abstract": "abstract abstract_state",
}
"""Field of a paper -> what holds it, where that is more than a column of its name."""
ALWAYS = "provenance updated_at"
"""What moves without being a field: who won, and when."""
MEMBERS = "n_records records"
"""Which records it is made of: kept when some joined or left."""

_APART = {
    "authors": """(
        select coalesce(jsonb_agg(jsonb_build_array(a.credited_as, a.identifiers, a.affiliations, a.is_corresponding)
                                  order by a.position), '[]')
        from catalog.authorship a where a.paper_id = p.paper_id)""",
    "identifiers": """(
        select coalesce(jsonb_agg(jsonb_build_array(i.scheme, i.value) order by i.scheme, i.value), '[]')
        from catalog.identifier i where i.paper_id = p.paper_id)""",
    "records": """(
        select coalesce(jsonb_agg(m.record_id order by m.record_id), '[]')
        from catalog.member m where m.paper_id = p.paper_id)""",
}
"""What stands in tables of its own."""
_REST = """(
    select jsonb_object_agg(key, value) from jsonb_each(to_jsonb(p))
    where value <> 'null' and key not in ('fingerprints', 'paper_id', 'created_at'))"""
_PAPERS = """
    insert into catalog.history (entity, entity_id, born_at, at, kind, before, sources, actor, work_id)
    select 'paper', p.paper_id, p.created_at, (select clock_timestamp()), w.kind, {before}, w.sources::jsonb,
           (select max(actor) from catalog.decision where decision_id = any(%s)), %s
    from unnest(%s::bigint[], %s::text[], %s::text[]) w(paper_id, kind, sources)
    join catalog.paper p on p.paper_id = w.paper_id
"""
COURSE = """
    select c.course_id, c.created_at,
           to_jsonb(c) - 'course_id' - 'identity' - 'content_hash' - 'created_at' - 'provenance' || jsonb_build_object(
               'people', (select coalesce(jsonb_agg(p.name order by p.name), '[]')
                          from catalog.course_person p where p.course_id = c.course_id),
               'records', (select coalesce(jsonb_agg(m.record_id order by m.record_id), '[]')
                           from catalog.course_member m where m.course_id = c.course_id),
               'offerings', (select coalesce(jsonb_agg(to_jsonb(o) - 'offering_id' - 'course_id'
                   || jsonb_build_object('sessions', (
                       select coalesce(jsonb_agg(to_jsonb(s) - 'offering_id' order by s.session_number), '[]')
                       from catalog.course_session s where s.offering_id = o.offering_id)) order by o.position), '[]')
                   from catalog.offering o where o.course_id = c.course_id))
    from catalog.course c where c.course_id = any(%s)
"""


def papers(
    cursor: Cursor,
    work: Work,
    changed: Iterable[tuple[int, str, Sequence[str], Mapping[str, str], bool]],
    gone: Mapping[int, int | None],
) -> None:
    """Keeps old values of papers about to be rewritten, or gone (with the number they lead to).

    ``changed`` gives number, kind, fields, the source of each, and whether records joined or left.
    """
    alike: dict[tuple[str, ...] | None, list[tuple[int, str, str | None]]] = defaultdict(list)
    for paper_id, kind, fields, sources, moved in changed:
        names = " ".join([*(COLUMNS.get(field, field) for field in fields), ALWAYS, *([MEMBERS] if moved else [])])
        alike[tuple(dict.fromkeys(names.split()))].append(
            (paper_id, kind, orjson.dumps(sources).decode() if sources else None)
        )
    if gone:
        alike[None] = [(paper_id, "merged" if into else "deleted", None) for paper_id, into in gone.items()]
    for columns, rows in alike.items():
        cursor.execute(
            _PAPERS.format(before=_before(columns)),
            (_decisions(work), work.work_id, *(list(column) for column in zip(*rows, strict=True))),
        )


def _before(columns: tuple[str, ...] | None) -> str:
    """The expression that makes an object of these columns of a paper, or of all that hold something.

    A statement for each set of columns, and there are few: picking them row by row cost three times as much.
    """
    if columns is None:
        return f"{_REST} || {_before(tuple(_APART))}"
    pairs = [f"'{name}', {_APART.get(name, f'p.{name}')}" for name in columns]
    return f"jsonb_build_object({', '.join(pairs)})"


def people(cursor: Cursor, changes: Sequence[tuple[int, str, Mapping[str, Any]]]) -> None:
    """Keeps old values of people about to be rewritten: number, kind, old values by column.

    The actor is whoever decided something about their name block since they were last computed.
    """
    if changes:
        cursor.execute(
            """
            insert into catalog.history (entity, entity_id, born_at, at, kind, before, actor)
            select 'author', u.author_id, u.created_at, (select clock_timestamp()), w.kind, w.before::jsonb, (
                select max(d.actor) from catalog.decision_about a join catalog.decision d using (decision_id)
                where a.block = u.block and a.block <> 0 and d.entity = 'author' and d.decided_at > u.updated_at)
            from unnest(%s::bigint[], %s::text[], %s::text[]) w(id, kind, before)
            join catalog.author u on u.author_id = w.id
            """,
            (
                [number for number, _, _ in changes],
                [kind for _, kind, _ in changes],
                [orjson.dumps(before).decode() for _, _, before in changes],
            ),
        )


def courses(cursor: Cursor, work: Work, changes: Sequence[tuple[int, Any, str, Mapping[str, Any]]]) -> None:
    """Keeps old values of courses: number, birth, kind, old values by name."""
    if changes:
        cursor.execute(
            """
            insert into catalog.history (entity, entity_id, born_at, at, kind, before, actor, work_id)
            select 'course', w.id, w.born_at, (select clock_timestamp()), w.kind, w.before::jsonb,
                   (select max(actor) from catalog.decision where decision_id = any(%s)), %s
            from unnest(%s::bigint[], %s::timestamptz[], %s::text[], %s::text[]) w(id, born_at, kind, before)
            """,
            (
                _decisions(work),
                work.work_id,
                [number for number, _, _, _ in changes],
                [born_at for _, born_at, _, _ in changes],
                [kind for _, _, kind, _ in changes],
                [orjson.dumps(before).decode() for _, _, _, before in changes],
            ),
        )


def _decisions(work: Work) -> list[int]:
    """The decisions that called for this work, if people did."""
    return [int(number) for number in work.args.get("decisions", ())]


def course_documents(cursor: Cursor, ids: Sequence[int]) -> dict[int, tuple[Any, dict[str, Any]]]:
    """Courses as they stand, whole: number -> (birth, everything by name)."""
    return {row[0]: (row[1], row[2]) for row in cursor.execute(COURSE, (list(ids),))} if ids else {}
