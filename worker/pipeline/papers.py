"""Writes what clusters became: papers, members, identifiers, authorships, redirects, events. Set by set.

A paper is made from its records each time. Four bytes a field tell what a new merge changed, so an identical run
writes nothing and publishes nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from struct import Struct
from typing import Any, NamedTuple

import msgspec

from catalog import copying
from catalog.engine import Cursor
from worker import ledger
from worker.errors import Raced
from worker.ledger import NewWork, Work
from worker.merge.papers.changes import changed, fingerprints
from worker.merge.papers.merging import is_fixed, merge, missing
from worker.merge.papers.values import Claim, Merged, MergedAuthor
from worker.normalise.names import keys
from worker.pipeline import history, identify, turns
from worker.pipeline.parse import ranges
from worker.pipeline.rulings import Ruling
from worker.record import Identifier, hash64

PAPER = (
    "paper_id, title, title_language, title_state, abstract, abstract_language, abstract_state, kind, status,"
    " published, venue, venue_kind, volume, issue, pages, publisher, language, landing_url, pdf_url, authors_state,"
    " citations_source, oa_status, licence, other_texts, links, topics, versions, provenance, fingerprints, year,"
    " n_citations, n_authors, is_retracted, n_records"
)
"""Columns as COPY gets them: texts, JSON and arrays, numbers."""
N_PAPER = PAPER.count(",") + 1
MOST_SMALLINT = 32_767


@dataclass(frozen=True)
class Before:
    """A paper as it stands: its fingerprints, its records, and when it was first seen."""

    fingerprints: bytes
    members: frozenset[int]
    created_at: Any
    updated_at: Any


@dataclass
class Plan:
    """What is to be written."""

    fresh: list[tuple[int, Merged, bytes, list[int]]] = field(default_factory=list)
    rewritten: list[tuple[int, Merged, bytes, list[int], list[str]]] = field(default_factory=list)
    gone: dict[int, int | None] = field(default_factory=dict)
    """Paper that is no more: the paper it became part of, or None."""
    split: set[int] = field(default_factory=set)


def write(
    cursor: Cursor,
    work: Work,
    claims: Mapping[int, Claim],
    grouped: Sequence[list[int]],
    alone: Sequence[list[int]],
    asked: frozenset[int],
    scope: Iterable[int],
    ruling: Ruling,
) -> None:
    """Makes papers of clusters.

    ``scope`` is every record whose paper may change, dead ones included; those ``alone`` have none yet. A cluster of
    answers to questions only (``asked``) founds no paper.

    Raises:
        Raced: another batch made a paper of a record alone since we looked.
    """
    scope = set(scope)
    member_of: dict[int, int] = dict(
        cursor.execute(
            "select record_id, paper_id from catalog.member where record_id = any(%s)", (list(scope),)
        ).fetchall()
    )
    if member_of and any(number in member_of for (number,) in alone):
        raise Raced("a record got a paper while it was being decided")
    groups = [sorted(group) for group in [*grouped, *alone] if not asked.issuperset(group)]
    before = _before(cursor, set(member_of.values()))
    plan = Plan()
    owners = _owners(groups, member_of, before)
    given = _given_back(cursor, groups, owners, member_of)
    numbers = iter(_issue(cursor, sum(1 for i in range(len(groups)) if i not in owners and i not in given)))
    fixed = ruling.fixed(groups)
    kept: set[int] = set()
    for i, group in enumerate(groups):
        merged = merge([claims[number] for number in group], fixed.get(i, {}))
        marks = fingerprints(merged)
        if i in owners:
            paper_id, absorbed = owners[i][0], owners[i][1:]
            kept.add(paper_id)
            plan.gone.update(dict.fromkeys(absorbed, paper_id))
            old = before[paper_id]
            if old.fingerprints != marks or old.members != frozenset(group):
                plan.rewritten.append((paper_id, merged, marks, group, changed(old.fingerprints, marks)))
            if old.members - set(group):
                plan.split.add(paper_id)
        else:
            paper_id = given[i] if i in given else next(numbers)
            plan.fresh.append((paper_id, merged, marks, group))
    for paper_id in before:
        if paper_id not in kept:
            plan.gone.setdefault(paper_id, None)
    _keep_past(cursor, work, plan, before, claims)
    _apply(cursor, plan, before, member_of, claims)
    _announce(cursor, work, plan, claims)


def _before(cursor: Cursor, paper_ids: set[int]) -> dict[int, Before]:
    """The papers concerned, held until the end of the transaction."""
    if not paper_ids:
        return {}
    return {
        row[0]: Before(row[1], frozenset(row[2] or ()), row[3], row[4])
        for row in cursor.execute(
            """
            select p.paper_id, p.fingerprints,
                   (select array_agg(m.record_id) from catalog.member m where m.paper_id = p.paper_id),
                   p.created_at, p.updated_at
            from catalog.paper p where p.paper_id = any(%s) order by p.paper_id for update
            """,
            (sorted(paper_ids),),
        )
    }


def _owners(
    groups: Sequence[list[int]], member_of: Mapping[int, int], before: Mapping[int, Before]
) -> dict[int, list[int]]:
    """Which existing papers each group continues, oldest first: a paper goes with its founding record."""
    of_record = {number: i for i, group in enumerate(groups) for number in group}
    owners: dict[int, list[int]] = {}
    for paper_id in sorted(before):
        staying = sorted(number for number in before[paper_id].members if number in of_record)
        if staying:
            owners.setdefault(of_record[staying[0]], []).append(paper_id)
    return owners


def _given_back(
    cursor: Cursor, groups: Sequence[list[int]], owners: Mapping[int, Any], member_of: Mapping[int, int]
) -> dict[int, int]:
    """Numbers that a split gives back: merged away once, founded by a record of the group."""
    orphans = {
        number: i for i, group in enumerate(groups) if i not in owners for number in group if number in member_of
    }
    if not orphans:
        return {}
    candidates: dict[int, list[int]] = {}
    for from_id, record_id in cursor.execute(
        "select from_id, record_id from catalog.redirect"
        " where entity = 'paper' and to_id = any(%s) and record_id = any(%s) order by from_id for update",
        (list({member_of[number] for number in orphans}), list(orphans)),
    ):
        candidates.setdefault(orphans[record_id], []).append(from_id)
    found = {i: ids[0] for i, ids in candidates.items()}
    if found:
        cursor.execute(
            "delete from catalog.redirect where entity = 'paper' and from_id = any(%s)", (list(found.values()),)
        )
    return found


def _issue(cursor: Cursor, count: int) -> list[int]:
    if not count:
        return []
    cursor.execute("select nextval('catalog.paper_paper_id_seq') from generate_series(1, %s)", (count,))
    return [row[0] for row in cursor.fetchall()]


def _keep_past(
    cursor: Cursor, work: Work, plan: Plan, before: Mapping[int, Before], claims: Mapping[int, Claim]
) -> None:
    """Old values of what is about to change; a first writing has none."""
    changes = []
    for paper_id, merged, _, group, fields in plan.rewritten:
        won = {field: merged.provenance[field][0] for field in fields if field in merged.provenance}
        sources = {field: claims[number].source for field, number in won.items() if number in claims}
        kind = "split" if paper_id in plan.split else "changed"
        changes.append((paper_id, kind, fields, sources, before[paper_id].members != frozenset(group)))
    history.papers(cursor, work, changes, plan.gone)


def _apply(
    cursor: Cursor,
    plan: Plan,
    before: Mapping[int, Before],
    member_of: Mapping[int, int],
    claims: Mapping[int, Claim],
) -> None:
    rewritten = [paper_id for paper_id, *_ in plan.rewritten]
    gone = list(plan.gone)
    if rewritten or gone:
        cursor.execute("delete from catalog.paper where paper_id = any(%s)", (rewritten + gone,))
    renamed = [paper_id for paper_id, _, _, _, fields in plan.rewritten if "identifiers" in fields]
    if renamed or gone:
        cursor.execute("delete from catalog.identifier where paper_id = any(%s)", (renamed + gone,))
    reauthored = [paper_id for paper_id, _, _, _, fields in plan.rewritten if "authors" in fields]
    left: list[tuple[int, bool]] = []
    if reauthored or gone:
        left = cursor.execute(
            "delete from catalog.authorship where paper_id = any(%s) returning name_id, author_id is not null",
            (reauthored + gone,),
        ).fetchall()
    _copy_papers(cursor, plan, before)
    everything = [(i, m) for i, m, _, _ in plan.fresh]
    _copy_identifiers(cursor, everything + [(i, m) for i, m, _, _, fields in plan.rewritten if "identifiers" in fields])
    _move_members(cursor, plan, before, member_of)
    _redirect(cursor, plan, before)
    authored = everything + [(i, m) for i, m, _, _, fields in plan.rewritten if "authors" in fields]
    _copy_authorships(cursor, authored, left)


def _copy_papers(cursor: Cursor, plan: Plan, before: Mapping[int, Before]) -> None:
    head = _FIELDS(N_PAPER)
    fresh = [head + _paper_row(paper_id, merged, marks, len(group)) for paper_id, merged, marks, group in plan.fresh]
    copying.copy_in(cursor, "catalog.paper", PAPER, fresh)
    if not plan.rewritten:
        return
    now = cursor.execute("select clock_timestamp()").fetchone()
    assert now is not None
    head = _FIELDS(N_PAPER + 2)
    rewritten = []
    for paper_id, merged, marks, group, fields in plan.rewritten:
        old = before[paper_id]
        stamps = copying.moment(old.created_at) + copying.moment(now[0] if fields else old.updated_at)
        rewritten.append(head + _paper_row(paper_id, merged, marks, len(group)) + stamps)
    copying.copy_in(cursor, "catalog.paper", f"{PAPER}, created_at, updated_at", rewritten)


_FIELDS = Struct(">h").pack
_SHORT = Struct(">ih").pack
_INT = Struct(">ii").pack
_COUNTS = Struct(">ihi?ih").pack


def _paper_row(paper_id: int, m: Merged, marks: bytes, n_records: int) -> bytes:
    """The fields of ``PAPER``, in order."""
    return b"".join(
        (
            copying.number(paper_id),
            *copying.optional_texts(
                (
                    m.title,
                    m.title_language,
                    m.title_state if m.title else None,
                    m.abstract,
                    m.abstract_language,
                    m.abstract_state if m.abstract else None,
                    m.kind,
                    m.status,
                    m.publication_date,
                    m.venue,
                    m.venue_kind,
                    m.volume,
                    m.issue,
                    m.pages,
                    m.publisher,
                    m.language,
                    m.landing_url,
                    m.pdf_url,
                    m.authors_state if m.authors else None,
                    m.citations_source,
                    m.oa_status,
                    m.licence,
                )
            ),
            _others(m) if m.other_titles or m.other_abstracts else copying.NULL,
            _json([[link.url, link.kind] for link in m.links]) if m.links else copying.NULL,
            copying.texts(m.topics) if m.topics else copying.NULL,
            _json(m.versions) if len(m.versions) > 1 else copying.NULL,
            _json(m.provenance) if n_records > 1 or is_fixed(m) else copying.NULL,
            copying.field(marks),
            _SHORT(2, int(m.publication_date[:4])) if m.publication_date else copying.NULL,
            copying.NULL if m.n_citations is None else _INT(4, m.n_citations),
            _COUNTS(2, min(len(m.authors), MOST_SMALLINT), 1, m.is_retracted, 2, min(n_records, MOST_SMALLINT)),
        )
    )


_encode = msgspec.json.Encoder().encode


def _json(value: Any) -> bytes:
    """A field of type jsonb."""
    return copying.field(copying.jsonb(_encode(value)))


def _others(m: Merged) -> bytes:
    """Titles and abstracts in further languages, as [field, language, text, state]."""
    return _json([["title", *text] for text in m.other_titles] + [["abstract", *text] for text in m.other_abstracts])


_NARROW = Struct(">hiqiq").pack
_LONG = Struct(">iq").pack


def _copy_identifiers(cursor: Cursor, papers: Sequence[tuple[int, Merged]]) -> None:
    rows = [
        b"\0\3" + copying.text(i.scheme) + copying.text(i.value) + _LONG(8, paper_id)
        for paper_id, merged in papers
        for i in merged.identifiers
    ]
    copying.copy_in(cursor, "catalog.identifier", "scheme, value, paper_id", rows)


def _move_members(cursor: Cursor, plan: Plan, before: Mapping[int, Before], member_of: Mapping[int, int]) -> None:
    """Members that left go first, then the new ones come in by COPY.

    A row somebody else put there meanwhile breaks the copy, and the whole batch is decided again.
    """
    target = {number: paper_id for paper_id, _, _, group in plan.fresh for number in group}
    target.update({number: paper_id for paper_id, _, _, group, _ in plan.rewritten for number in group})
    settled = {number for paper_id, old in before.items() if paper_id not in plan.gone for number in old.members}
    touched = {paper_id for paper_id, *_ in plan.rewritten} | set(plan.gone)
    leaving = [n for n, paper_id in member_of.items() if paper_id in touched and target.get(n) != paper_id]
    if leaving:
        cursor.execute("delete from catalog.member where record_id = any(%s)", (leaving,))
    arriving = [
        (number, paper_id)
        for number, paper_id in target.items()
        if not (number in settled and member_of.get(number) == paper_id)
    ]
    rows = [_NARROW(2, 8, number, 8, paper_id) for number, paper_id in arriving]
    copying.copy_in(cursor, "catalog.member", "record_id, paper_id", rows)


def _redirect(cursor: Cursor, plan: Plan, before: Mapping[int, Before]) -> None:
    """Numbers merged away lead to the paper that absorbed them, with the record that founded them.

    Those whose founding record moved to another paper since follow it.
    """
    left = [*plan.split, *plan.gone]
    if left:
        cursor.execute(
            "update catalog.redirect r set to_id = m.paper_id from catalog.member m"
            " where r.entity = 'paper' and r.to_id = any(%s) and m.record_id = r.record_id and m.paper_id <> r.to_id",
            (left,),
        )
    merged = [(gone, into) for gone, into in plan.gone.items() if into is not None]
    if not merged:
        return
    cursor.execute(
        "update catalog.redirect r set to_id = n.into_id from unnest(%s::bigint[], %s::bigint[]) as n(gone, into_id)"
        " where r.entity = 'paper' and r.to_id = n.gone",
        ([gone for gone, _ in merged], [into for _, into in merged]),
    )
    cursor.execute(
        "insert into catalog.redirect (entity, from_id, to_id, record_id)"
        " select 'paper', * from unnest(%s::bigint[], %s::bigint[], %s::bigint[])"
        " on conflict (entity, from_id) do update set to_id = excluded.to_id, record_id = excluded.record_id",
        (
            [gone for gone, _ in merged],
            [into for _, into in merged],
            [min(before[gone].members, default=None) for gone, _ in merged],
        ),
    )


class Name(NamedTuple):
    """A printed name, folded: its number, its key, and the number of its block; and its part of an authorship row."""

    name_id: int
    key: str
    block: int
    packed: bytes


@lru_cache(maxsize=1 << 16)
def name_of(printed: str) -> Name:
    """The folded name of a printed one; names come again and again."""
    folded, block = keys(printed)
    name_id = hash64(folded)
    return Name(name_id, folded, hash64(block), _LONG(8, name_id) + copying.text(printed))


_PLACE = Struct(">hiqih").pack
_LONG_HEAD = Struct(">hiq").pack
_LONGS = Struct(">iqiq").pack
_NOTHING_MORE = 3 * copying.NULL
_TRUE = b"\0\0\0\1\1"


def _told(author: MergedAuthor) -> bytes:
    """The last three fields of an authorship: corresponding author, identifiers, affiliations."""
    places = [
        [a.name, next((i.value for i in a.identifiers if i.scheme == "ror"), None), a.country]
        for a in author.affiliations
    ]
    return (
        (_TRUE if author.corresponding else copying.NULL)
        + copying.texts(f"{i.scheme}:{i.value}" for i in author.identifiers)
        + (_json(places) if places else copying.NULL)
    )


def _copy_authorships(cursor: Cursor, papers: Sequence[tuple[int, Merged]], left: Sequence[tuple[int, bool]]) -> None:
    """Authorships, the names among them that are new, and calls for the people who may change.

    ``left``: names of authorships that are gone, and whether these pointed at somebody else than the name does. New
    names come last in the transaction: batches wait for each other there, so only briefly.
    """
    printed: dict[str, Name] = {}
    plain: set[str] = set()
    mentions: dict[int, set[Said]] = {}
    rows: list[bytes] = []
    for paper_id, merged in papers:
        for position, author in enumerate(merged.authors[:MOST_SMALLINT], 1):
            name = printed.get(author.name)
            if name is None:
                name = printed[author.name] = name_of(author.name)
            told = _NOTHING_MORE
            if author.identifiers:
                mentions.setdefault(name.name_id, set()).add((author.name, author.identifiers))
                told = _told(author)
            else:
                plain.add(author.name)
                if author.affiliations or author.corresponding:
                    told = _told(author)
            rows.append(_PLACE(7, 8, paper_id, 2, position) + name.packed + told)
    names = {name.name_id: name for name in printed.values()}
    for spelling in plain:
        mentions.setdefault(printed[spelling].name_id, set()).add((spelling, ()))
    busy = identify.under_way(cursor)
    known = _known_names(cursor, names)
    anew: list[identify.Told] = [(known[name_id].block, name_id) for name_id in _told_anew(cursor, known, mentions)]
    copying.copy_in(
        cursor,
        "catalog.authorship",
        "paper_id, position, name_id, credited_as, is_corresponding, identifiers, affiliations",
        rows,
    )
    turns.add_names(cursor)
    meanwhile = _known_names(cursor, names.keys() - known.keys())
    fresh = sorted(names.keys() - known.keys() - meanwhile.keys())
    anew += [(one.block, name_id) for name_id, one in known.items() if one.block in busy]
    anew += [(one.block, name_id) for name_id, one in meanwhile.items()]
    anew += [(names[name_id].block, name_id) for name_id in fresh]
    if left:
        # Whom only what is gone pointed at is found by the block.
        several = {name_id for name_id, exception in left if exception}
        cursor.execute(
            "select block, name_id from catalog.author_name where name_id = any(%s)",
            (list({name_id for name_id, _ in left}),),
        )
        anew += [(block, None if name_id in several else name_id) for block, name_id in cursor]
    identify.touch(cursor, anew)
    rows = [
        _LONG_HEAD(4, 8, name_id) + copying.text(names[name_id].key) + _LONGS(8, names[name_id].block, 8, author_id)
        for name_id, author_id in zip(fresh, identify.issue(cursor, len(fresh)), strict=True)
    ]
    copying.copy_in(cursor, "catalog.author_name", "name_id, name_key, block, author_id", rows)


class KnownName(NamedTuple):
    """A name met before: its block, how its main bearer is shown, and the spellings when a name is all that is known of
    that person."""

    block: int
    display_name: str | None
    spellings: list[str] | None


def _known_names(cursor: Cursor, names: Iterable[int]) -> dict[int, KnownName]:
    """Those of the names that were met before."""
    wanted = list(names)
    if not wanted:
        return {}
    cursor.execute(
        "select n.name_id, n.block, a.display_name, case a.method when 'name' then a.names end"
        " from catalog.author_name n left join catalog.author a using (author_id) where n.name_id = any(%s)",
        (wanted,),
    )
    return {row[0]: KnownName(*row[1:]) for row in cursor.fetchall()}


Said = tuple[str, tuple[Identifier, ...]]
"""A spelling and the ids that came with it."""


def _told_anew(cursor: Cursor, known: Mapping[int, KnownName], mentions: Mapping[int, Iterable[Said]]) -> set[int]:
    """The names of which something is told that no paper of the person told before, and the people may be others now.

    One more paper of a mention that is known, and belongs to the main bearer of the name under the spelling that is
    shown, changes nothing.
    """
    anew: set[int] = set()
    asked: list[tuple[int, str, str]] = []
    for name_id, one in known.items():
        said = mentions[name_id]
        if one.spellings == sorted([spelling for spelling, _ in said]) and not any(ids for _, ids in said):
            continue
        if all(spelling == one.display_name for spelling, _ in said):
            asked += [(name_id, spelling, identify.joined(ids)) for spelling, ids in said]
        else:
            anew.add(name_id)
    if asked:
        cursor.execute(
            """
            select m.name_id from unnest(%s::bigint[], %s::text[], %s::text[]) as m(name_id, name, ids)
            where not exists (
                select from catalog.authorship a
                where a.name_id = m.name_id and a.credited_as = m.name and a.author_id is null
                  and coalesce(array_to_string(a.identifiers, %s), '') = m.ids)
            """,
            (*(list(column) for column in zip(*asked, strict=True)), identify.SEPARATOR),
        )
        anew.update(name_id for (name_id,) in cursor)
    return anew


_NUMBERED = Struct(">hiq").pack
_OF_PAPER = copying.text("paper")


def _announce(cursor: Cursor, work: Work, plan: Plan, claims: Mapping[int, Claim]) -> None:
    """Change events of the batch, and calls for their publishing and for what is missing."""
    events: list[tuple[int, str, list[str] | None]] = [(paper_id, "created", None) for paper_id, *_ in plan.fresh]
    for paper_id, _, _, _, renewed in plan.rewritten:
        if paper_id in plan.split:
            events.append((paper_id, "split", renewed))
        elif renewed:
            events.append((paper_id, "changed", renewed))
    events.extend((gone, "merged" if into else "deleted", None) for gone, into in plan.gone.items())
    rows = [
        _NUMBERED(5, 8, work.work_id)
        + _OF_PAPER
        + _LONG(8, paper_id)
        + copying.text(kind)
        + copying.texts(fields or ())
        for paper_id, kind, fields in events
    ]
    copying.copy_in(cursor, "catalog.event", "work_id, entity, entity_id, kind, fields", rows)
    follow = [NewWork("publish", str(work.work_id), {"batch": work.work_id})] if events else []
    written = [(i, m) for i, m, _, _ in plan.fresh] + [(i, m) for i, m, _, _, _ in plan.rewritten]
    incomplete = [paper_id for paper_id, merged in written if missing(merged) or not merged.identifiers]
    if incomplete:
        follow.append(NewWork("enrich", str(work.work_id), {"papers": ranges(incomplete)}))
    ledger.add(cursor, follow, work)
