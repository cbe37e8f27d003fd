"""The canonical dump: the catalog as sorted JSON Lines with natural keys only.

A paper is named by its records, a person by their natural key; no serial numbers, no wall-clock times. Its
SHA-256 is the program's conscience: equal across order, duplication, batching, workers, crashes and rebuilds.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import Any

import orjson

from catalog.engine import Cursor

_PAPERS = """
    with named as (
        select m.paper_id, m.record_id, r.source || ':' || r.source_key as name
        from catalog.member m join catalog.record r using (record_id)),
    names as (
        select paper_id, array_agg(name order by name collate "C") as records,
               jsonb_object_agg(record_id, name) as of_record
        from named group by paper_id),
    idents as (
        select paper_id, array_agg(scheme || ':' || value order by scheme, value) as identifiers
        from catalog.identifier group by paper_id),
    people as (
        select a.paper_id, jsonb_agg(jsonb_build_array(a.credited_as, p.identity, a.identifiers, a.affiliations,
                                                       a.is_corresponding) order by a.position) as authors
        from catalog.authorship a join catalog.author_name n using (name_id)
        left join catalog.author p on p.author_id = coalesce(a.author_id, n.author_id)
        group by a.paper_id)
    select n.records, n.of_record, i.identifiers, p.authors,
           p0.title, p0.title_language, p0.title_state, p0.abstract, p0.abstract_language, p0.abstract_state,
           p0.other_texts, p0.kind, p0.status, p0.published, p0.venue, p0.venue_kind, p0.volume, p0.issue, p0.pages,
           p0.publisher, p0.language, p0.landing_url, p0.pdf_url, p0.links, p0.topics, p0.versions, p0.authors_state,
           p0.n_citations, p0.citations_source, p0.oa_status, p0.licence, p0.is_retracted, p0.provenance
    from catalog.paper p0
    join names n using (paper_id)
    left join idents i using (paper_id)
    left join people p using (paper_id)
    order by n.records collate "C"
"""
_PEOPLE = """
    select identity, display_name, given, family, identifiers, names, method, confidence
    from catalog.author order by identity, display_name, names
"""
_COURSES = """
    select c.identity, c.title_fr, c.title_en, c.description_fr, c.description_en, c.provider, c.code, c.audience,
           c.url_fr, c.url_en,
           (select array_agg(r.source || ':' || r.source_key order by r.source, r.source_key)
            from catalog.course_member m join catalog.record r using (record_id) where m.course_id = c.course_id)
               as records,
           (select array_agg(p.name || ' (' || p.role || ')' order by p.name)
            from catalog.course_person p where p.course_id = c.course_id) as people,
           (select jsonb_agg(to_jsonb(o) - 'offering_id' - 'course_id' || jsonb_build_object('sessions', (
                select jsonb_agg(to_jsonb(s) - 'offering_id' order by s.session_number)
                from catalog.course_session s where s.offering_id = o.offering_id)) order by o.position)
            from catalog.offering o where o.course_id = c.course_id) as offerings
    from catalog.course c order by c.identity
"""
_MEMBERS = """
    select r.source || ':' || r.source_key as record,
           convert_from(r.document, 'UTF8')::jsonb - 'type' - 'source_key' - 'unread' as says
    from catalog.record r where r.entity = 'member' and not r.deleted order by r.source, r.source_key
"""


def canonical(cursor: Cursor) -> Iterator[bytes]:
    """Every paper, person, course and member as one JSON line, in the order of their natural names. Streams."""
    for kind, query in (("paper", _PAPERS), ("person", _PEOPLE), ("course", _COURSES), ("member", _MEMBERS)):
        with cursor.connection.cursor(name=f"dump_{kind}") as stream:
            stream.itersize = 2000
            stream.execute(query)
            names = [column.name for column in stream.description or ()]
            for row in stream:
                entity = {name: value for name, value in zip(names, row, strict=True) if value is not None}
                if kind == "paper":
                    _name_provenance(entity)
                yield orjson.dumps({"entity": kind, **entity}, option=orjson.OPT_SORT_KEYS) + b"\n"


def _name_provenance(entity: dict[str, Any]) -> None:
    """Winners by natural name instead of number; what a person fixed is told by its rule."""
    of_record = entity.pop("of_record")
    provenance = entity.get("provenance")
    if provenance:
        entity["provenance"] = {name: [of_record.get(str(won[0])), won[1]] for name, won in provenance.items()}


def digest(cursor: Cursor) -> str:
    """SHA-256 of the canonical dump, in hexadecimal."""
    seal = hashlib.sha256()
    for line in canonical(cursor):
        seal.update(line)
    return seal.hexdigest()
