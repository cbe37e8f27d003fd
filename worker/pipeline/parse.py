"""Parse: one observation, 1 to 5,000 records. Only records whose content changed are written."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from struct import Struct
from typing import NamedTuple

from catalog import copying
from catalog.engine import Cursor
from worker import ledger, seen
from worker.errors import Malformed, Raced
from worker.ledger import Letter, NewWork, Work
from worker.match.brief import brief_of
from worker.match.facts import facts
from worker.page import Page
from worker.pipeline import turns
from worker.pipeline.harvests import body_of
from worker.record import ENTITY, AnyRecord, MemberRecord, Record, content_hash, decode, encode, hash64
from worker.seen import Seen
from worker.settings import Configured, Sources
from worker.tools import Memory, Met

LONGEST_KEY = 500
"""Longer source keys are cut and end in a hash: a btree page holds no more than 8 kB."""


@dataclass(frozen=True)
class Loaded:
    """An observation with its page."""

    observation_id: int
    configured: Configured
    deduplicates: bool
    page: Page
    sha256: bytes
    stream: int
    as_of: datetime
    fetched_at: datetime
    asked: bool
    may_hide: bool
    """Whether its tombstones hide records now; else they wait for the end of their run (``ops.held``)."""
    again: bool
    """Read before in this run: only what was held is new."""


class Claim(NamedTuple):
    """One record of the page, encoded. ``item``: the hash of what it was read from, where that is read alone."""

    key: str
    record: AnyRecord
    document: bytes
    content: bytes
    updated_at: datetime | None
    item: bytes | None


class Known(NamedTuple):
    """One record of the page as it is stored: its item says what it said before."""

    key: str
    content: bytes
    updated_at: datetime | None
    item: bytes


class Reading(NamedTuple):
    """What a page says, one claim or known record a key, and what could not be read."""

    claims: list[Claim]
    known: list[Known]
    unread: list[Malformed]


BEGINNING = datetime(1, 1, 1, tzinfo=UTC)


def look_up(cursor: Cursor, items: list[bytes]) -> dict[bytes, Known]:
    """The records that were read from items of these hashes."""
    cursor.execute(
        "select source_key, content_hash, source_updated_at, item_hash from catalog.record where item_hash = any(%s)",
        (items,),
    )
    return {row[3]: Known(*row) for row in cursor.fetchall()}


def load(cursor: Cursor, sources: Sources, work: Work, stored: seen.Stored) -> Loaded:
    """The observation that the work names. When it was read before, its reader has changed: all of it is read."""
    row = cursor.execute(
        """
        select o.observation_id, o.source, o.adapter, s.deduplicates, p.body, p.media_type, o.request_key, o.status,
               o.sha256, o.stream, o.as_of, o.fetched_at, coalesce(h.kind = 'question', false),
               coalesce((select d.released_at is not null from ops.held d where d.observation_id = o.observation_id),
                        not exists (select from ops.harvest r where r.harvest_id = %(run)s and r.state = 'running')),
               exists (select from ops.reading d where d.observation_id = o.observation_id)
        from raw.observation o join raw.payload p using (sha256) join catalog.source s on s.source = o.source
        left join ops.harvest h using (harvest_id)
        where o.observation_id = %(observation)s
        """,
        {"observation": work.args["observation"], "run": work.harvest_id},
    ).fetchone()
    if row is None:
        raise Malformed(f"observation {work.args['observation']} does not exist")
    configured = sources.get(row[1], row[2])
    page = Page(
        url=row[6],
        body=body_of(row[4]),
        media_type=row[5],
        status=row[7],
        as_of=row[10],
        options=configured.site.options,
        seen=None if row[14] else Seen(_context(configured), stored),
    )
    again = bool(work.args.get("hide"))
    may_hide = again or row[12] or row[13]
    return Loaded(row[0], configured, row[3], page, row[8], row[9], row[10], row[11], row[12], may_hide, again)


def _context(configured: Configured) -> bytes:
    """What decides how an item is read, besides its bytes."""
    source = configured.source
    return f"{configured.name}\0{source.name}\0{source.revision}\0{sorted(configured.site.options.items())}".encode()


def read(loaded: Loaded) -> Reading:
    """Every record of the page, one per key, and what could not be read. Slow: no transaction is open.

    Raises:
        Malformed: the page as a whole is not what the source should answer.
    """
    claims: dict[str, Claim | Known] = {}
    unread: list[Malformed] = []
    items = loaded.page.seen
    for found in loaded.configured.source.read(loaded.page):
        if isinstance(found, Malformed):
            unread.append(found)
            continue
        claim = _claim(found, items.item_of(found) if items else None)
        rival = claims.get(claim.key)
        if rival is None or _order(claim) > _order(rival):
            claims[claim.key] = claim
    for one in items.met.values() if items else ():
        rival = claims.get(one.key)
        if rival is None or _order(one) >= _order(rival):
            claims[one.key] = one
    return Reading(
        [claim for claim in claims.values() if isinstance(claim, Claim)],
        [claim for claim in claims.values() if isinstance(claim, Known)],
        unread,
    )


def _order(claim: Claim | Known) -> tuple[datetime, bytes]:
    """Which of two claims of one page wins, in whatever order they stand."""
    return claim.updated_at or BEGINNING, claim.content


def _claim(record: AnyRecord, item: bytes | None) -> Claim:
    key = record.source_key.replace("\x00", "")
    if len(key) > LONGEST_KEY:
        key = f"{key[: LONGEST_KEY - 20]}~{hash64(key) & (1 << 64) - 1:016x}"
    document = encode(record)
    return Claim(key, record, document, content_hash(document), _moment(record.updated_at), item)


def _moment(text: str | None) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text) if text else None
    except ValueError:
        return None
    return moment.replace(tzinfo=UTC) if moment and moment.tzinfo is None else moment


def write(cursor: Cursor, memory: Memory, work: Work, loaded: Loaded, reading: Reading) -> None:
    """Writes new and changed records with their blocking keys, and calls for their deduplication.

    A claim replaces what is stored when its source says it is newer, or its payload speaks of a later moment, or
    it comes from a later walk of the same stream; else the greater content hash wins: never the order of arrival. Of
    two claims that the source dates alike a cut author list gives way to the whole one.

    Raises:
        Raced: another page changed a record since we looked.
    """
    source = loaded.configured.name
    claims, known, unread = reading
    keys = [claim.key for claim in claims] + [one.key for one in known]
    stored = {
        row[0]: Stored(*row[1:])
        for row in cursor.execute(
            "select source_key, record_id, content_hash, source_updated_at, as_of, stream, observation_id, asked,"
            " deleted, xmin::text from catalog.record where source = %s and source_key = any(%s)",
            (source, keys),
        )
    }
    if any(one.key not in stored or stored[one.key].content != one.content for one in known):
        raise Raced("a record changed while its page was being read")
    new = [claim for claim in claims if claim.key not in stored]
    same: list[Claim | Known] = [
        *known,
        *(one for one in claims if one.key in stored and stored[one.key].content == one.content),
    ]
    rivals = [claim for claim in claims if claim.key in stored and stored[claim.key].content != claim.content]
    changed = _winners(cursor, loaded, stored, rivals)
    gone = _no_longer_found(cursor, loaded, keys)
    if not loaded.may_hide:
        hidden = {claim.key for claim in changed if claim.record.deleted and not stored[claim.key].deleted}
        _hold(cursor, work, loaded, len(hidden) + len(gone))
        changed, gone = [claim for claim in changed if claim.key not in hidden], []
    outdated = _touch(cursor, loaded, [(stored[one.key], one.item) for one in same])
    founded = [stored[c.key].record_id for c in same if stored[c.key].asked and not loaded.asked]
    added = _insert(cursor, memory, loaded, new)
    _replace(cursor, memory, loaded, [(*stored[claim.key].row, claim) for claim in changed])
    _bury_gone(cursor, loaded, gone)
    _unask(cursor, loaded, stored.values())
    cursor.execute(
        "insert into ops.reading (observation_id, revision, n_records) values (%s, %s, %s)"
        " on conflict (observation_id) do update set revision = excluded.revision, n_records = excluded.n_records,"
        " read_at = clock_timestamp()",
        (loaded.observation_id, loaded.configured.source.revision, len(keys)),
    )
    ledger.bury(
        cursor,
        work,
        [Letter("parse", error, source, loaded.sha256, error.fragment or None) for error in unread],
    )
    n_read = 0 if loaded.again else len(keys)
    cursor.execute(
        "update ops.harvest set n_records = n_records + %s, n_new = n_new + %s, n_changed = n_changed + %s,"
        " n_unchanged = n_unchanged + %s, n_dead = n_dead + %s where harvest_id = %s",
        (
            n_read,
            len(new),
            len(changed),
            max(0, n_read - len(new) - len(changed)),
            0 if loaded.again else len(unread),
            work.harvest_id,
        ),
    )
    paper_ids = [i for i, claim in zip(added, new, strict=True) if isinstance(claim.record, Record)]
    touched = [stored[c.key].record_id for c in changed if isinstance(c.record, Record)]
    touched = sorted({*touched, *outdated, *founded, *(one.record_id for one in gone if one.entity == "paper")})
    entities = {ENTITY[type(claim.record)] for claim in [*new, *changed]} | {one.entity for one in gone}
    follow: list[NewWork] = []
    if paper_ids or touched:
        args = {"new": ranges(paper_ids), "changed": touched}
        follow.append(NewWork("deduplicate", f"papers:{work.work_id}", args, work.harvest_id))
    if "course" in entities:
        follow.append(NewWork("deduplicate", f"courses:{work.work_id}", {"courses": True}, work.harvest_id))
    if "member" in entities:
        follow += _tell(cursor, work, _members(added, new, stored, changed, gone))
    ledger.add(cursor, follow, work)


def _members(
    added: Sequence[int],
    new: Sequence[Claim],
    stored: dict[str, Stored],
    changed: Sequence[Claim],
    gone: Sequence[Gone],
) -> list[tuple[int, str]]:
    """The members among them, by number, and what became of each."""
    found = [(number, claim.record, "created") for number, claim in zip(added, new, strict=True)]
    found += [(stored[claim.key].record_id, claim.record, "changed") for claim in changed]
    told = [
        (number, "deleted" if record.deleted else kind)
        for number, record, kind in found
        if isinstance(record, MemberRecord) and not (record.deleted and kind == "created")
    ]
    return told + [(one.record_id, "deleted") for one in gone if one.entity == "member"]


def _tell(cursor: Cursor, work: Work, found: Sequence[tuple[int, str]]) -> list[NewWork]:
    """Members have nothing to be decided, so what a roster says is an event at once: by it prepared tables know that
    they are to be computed again."""
    if not found:
        return []
    cursor.execute(
        "insert into catalog.event (work_id, entity, entity_id, kind)"
        " select %s, 'member', * from unnest(%s::bigint[], %s::text[])",
        (work.work_id, [number for number, _ in found], [kind for _, kind in found]),
    )
    return [NewWork("publish", str(work.work_id), {"batch": work.work_id})]


class Gone(NamedTuple):
    """A record that was none."""

    record_id: int
    row_version: str
    key: str
    entity: str


class Stored(NamedTuple):
    """A record row, as far as a new claim must know it."""

    record_id: int
    content: bytes
    updated_at: datetime | None
    as_of: datetime
    stream: int
    observation_id: int
    asked: bool
    deleted: bool
    row_version: str
    """Another one when anything in its row changed."""

    @property
    def row(self) -> tuple[int, str]:
        """Which row was read, and which state of it."""
        return self.record_id, self.row_version


def _winners(cursor: Cursor, loaded: Loaded, stored: dict[str, Stored], rivals: Sequence[Claim]) -> list[Claim]:
    """The claims that replace what is stored."""
    if not rivals:
        return []
    turns.replace(cursor, loaded.configured.name)
    before: dict[int, tuple[bytes, datetime, datetime]] = {
        row[0]: (row[1], row[2], row[3])
        for row in cursor.execute(
            """
            select o.observation_id, o.sha256, o.fetched_at,
                   (select max(later.as_of) from raw.observation later
                    where later.sha256 = o.sha256 and later.source = o.source)
            from raw.observation o where o.observation_id = any(%s)
            """,
            (list({stored[claim.key].observation_id for claim in rivals}),),
        )
    }
    dated = [stored[c.key].record_id for c in rivals if c.updated_at and c.updated_at == stored[c.key].updated_at]
    shortened = {
        row[0]
        for row in cursor.execute("select record_id, document from catalog.record where record_id = any(%s)", (dated,))
        if _is_shortened(decode(row[1]))
    }
    return [
        claim
        for claim in rivals
        if _wins(
            loaded,
            claim,
            stored[claim.key],
            *before[stored[claim.key].observation_id],
            stored[claim.key].record_id in shortened,
        )
    ]


def _is_shortened(record: AnyRecord) -> bool:
    """Whether a list answer cut the authors of a record that the source tells whole elsewhere."""
    return isinstance(record, Record) and record.authors_state == "cut"


def _wins(
    loaded: Loaded, claim: Claim, old: Stored, sha256: bytes, fetched_at: datetime, as_of: datetime, shortened: bool
) -> bool:
    """Whether a claim replaces what is stored; ``shortened`` says that the stored author list is cut."""
    if sha256 == loaded.sha256:
        return True
    if claim.updated_at and claim.updated_at == old.updated_at and shortened != _is_shortened(claim.record):
        return shortened
    mine = (claim.updated_at or BEGINNING, loaded.as_of)
    theirs = (old.updated_at or BEGINNING, max(as_of, old.as_of))
    if mine != theirs:
        return mine > theirs
    if old.stream == loaded.stream and fetched_at != loaded.fetched_at:
        return loaded.fetched_at > fetched_at
    return claim.content > old.content


def _touch(cursor: Cursor, loaded: Loaded, same: Iterable[tuple[Stored, bytes | None]]) -> list[int]:
    """Moves unchanged records to the later payload, and the item of it, that says the same.

    Returns those that another record of their source shares a paper with: of two the later one is believed.

    Raises:
        Raced: another page changed one of them since we looked.
    """
    later = [one for one in same if loaded.as_of > one[0].as_of and one[0].observation_id != loaded.observation_id]
    if not later:
        return []
    ids = [old.record_id for old, _ in later]
    cursor.execute(
        "update catalog.record r set as_of = %s, stream = %s, observation_id = %s,"
        " item_hash = coalesce(read.item, r.item_hash)"
        " from unnest(%s::bigint[], %s::text[], %s::bytea[]) as read(record_id, row_version, item)"
        " where r.record_id = read.record_id and r.xmin = read.row_version::xid",
        (
            loaded.as_of,
            loaded.stream,
            loaded.observation_id,
            ids,
            [old.row_version for old, _ in later],
            [item for _, item in later],
        ),
    )
    if cursor.rowcount != len(ids):
        raise Raced("a record changed while its page was being read")
    return [
        row[0]
        for row in cursor.execute(
            "select distinct mine.record_id from catalog.member mine join catalog.member other using (paper_id)"
            " join catalog.record r on r.record_id = other.record_id"
            " where mine.record_id = any(%s) and other.record_id <> mine.record_id and r.source = %s",
            (ids, loaded.configured.name),
        )
    ]


def _unask(cursor: Cursor, loaded: Loaded, known: Iterable[Stored]) -> None:
    """A record that a sweep or a file lists is more than an answer to a question."""
    ids = [old.record_id for old in known if old.asked and not loaded.asked]
    if ids:
        cursor.execute("update catalog.record set asked = false where record_id = any(%s)", (ids,))


def _insert(cursor: Cursor, memory: Memory, loaded: Loaded, claims: Sequence[Claim]) -> list[int]:
    """Records proved absent go straight in by COPY; their numbers, in order."""
    if not claims:
        return []
    cursor.execute("select nextval('catalog.record_record_id_seq') from generate_series(1, %s)", (len(claims),))
    ids = [row[0] for row in cursor.fetchall()]
    met = [_meet(memory, loaded, record_id, claim) for record_id, claim in zip(ids, claims, strict=True)]
    source = copying.text(loaded.configured.name)
    walk = copying.moment(loaded.as_of) + _WALK(8, loaded.stream, 8, loaded.observation_id)
    copying.copy_in(
        cursor,
        "catalog.record",
        "record_id, source, source_key, entity, document, content_hash, item_hash, source_updated_at, as_of, stream,"
        " observation_id, deleted, asked, brief",
        [
            b"".join(
                (
                    _HEAD(14, 8, record_id),
                    source,
                    copying.text(claim.key),
                    _ENTITY[type(claim.record)],
                    copying.field(claim.document),
                    copying.field(claim.content),
                    copying.field(claim.item),
                    copying.moment(claim.updated_at),
                    walk,
                    copying.truth(claim.record.deleted),
                    copying.truth(loaded.asked),
                    *copying.optional_texts((brief_of(one.facts) if one else None,)),
                )
            )
            for record_id, claim, one in zip(ids, claims, met, strict=True)
        ],
    )
    rows = [
        _KEY_ROW(3, 8, key, 8, record_id, 2, kind)
        for record_id, one in zip(ids, met, strict=True)
        if one
        for kind, key in one.keys
    ]
    rows.sort()  # a row beside the last one finds its page of the index at hand
    copying.copy_in(cursor, "catalog.record_key", "key, record_id, kind", rows)
    return ids


_HEAD = Struct(">hiq").pack
_WALK = Struct(">iqiq").pack
_ENTITY = {kind: copying.text(entity) for kind, entity in ENTITY.items()}
_KEY_ROW = Struct(">hiqiqih").pack


def _meet(memory: Memory, loaded: Loaded, record_id: int, claim: Claim) -> Met | None:
    """A record with its facts, kept in mind; tombstones, courses and members have none."""
    if not isinstance(claim.record, Record) or claim.record.deleted:
        return None
    met = meet(claim.record, loaded.configured.name, loaded.deduplicates)
    memory.put(record_id, claim.content, met)
    return met


def meet(record: Record, source: str, deduplicates: bool) -> Met:
    """A record with its facts; its blocking keys follow when they are asked for."""
    return Met(record, facts(record, source=source, deduplicates=deduplicates))


def _replace(cursor: Cursor, memory: Memory, loaded: Loaded, changed: Sequence[tuple[int, str, Claim]]) -> None:
    """Writes changed records (number, state of the row, claim); their old keys are computed from the old document and
    deleted one by one.

    Raises:
        Raced: another page changed one of them since we looked: perhaps it holds more than ours.
    """
    if not changed:
        return
    read = {record_id: row_version for record_id, row_version, _ in changed}
    ids = list(read)
    old: list[tuple[int, int]] = []
    for record_id, row_version, document in cursor.execute(
        "select record_id, xmin::text, document from catalog.record where record_id = any(%s)"
        " order by record_id for update",
        (ids,),
    ):
        if row_version != read[record_id]:
            raise Raced("a record changed while its page was being read")
        before = decode(document)
        if isinstance(before, Record) and not before.deleted:
            known = meet(before, loaded.configured.name, loaded.deduplicates)
            old.extend((key, record_id) for _, key in known.keys)
    cursor.execute(
        "delete from catalog.record_key k using unnest(%s::bigint[], %s::bigint[]) as old(key, record_id)"
        " where k.key = old.key and k.record_id = old.record_id",
        ([key for key, _ in old], [record_id for _, record_id in old]),
    )
    met = [_meet(memory, loaded, record_id, claim) for record_id, _, claim in changed]
    cursor.execute(
        """
        update catalog.record r set document = n.document, content_hash = n.content, source_updated_at = n.updated_at,
               item_hash = n.item, entity = n.entity, deleted = n.deleted, brief = n.brief,
               as_of = %s, stream = %s, observation_id = %s
        from unnest(%s::bigint[], %s::bytea[], %s::bytea[], %s::bytea[], %s::timestamptz[], %s::text[], %s::bool[],
                    %s::text[]) as n(record_id, document, content, item, updated_at, entity, deleted, brief)
        where r.record_id = n.record_id
        """,
        (
            loaded.as_of,
            loaded.stream,
            loaded.observation_id,
            ids,
            [claim.document for _, _, claim in changed],
            [claim.content for _, _, claim in changed],
            [claim.item for _, _, claim in changed],
            [claim.updated_at for _, _, claim in changed],
            [ENTITY[type(claim.record)] for _, _, claim in changed],
            [claim.record.deleted for _, _, claim in changed],
            [brief_of(one.facts) if one else None for one in met],
        ),
    )
    keys = [(key, record_id, kind) for record_id, one in zip(ids, met, strict=True) if one for kind, key in one.keys]
    cursor.execute(
        "insert into catalog.record_key (key, record_id, kind)"
        " select * from unnest(%s::bigint[], %s::bigint[], %s::smallint[]) on conflict do nothing",
        ([key for key, _, _ in keys], [record_id for _, record_id, _ in keys], [kind for _, _, kind in keys]),
    )


def _no_longer_found(cursor: Cursor, loaded: Loaded, keys: Iterable[str]) -> list[Gone]:
    """Records an older reader found in this very observation and the present one does not: they never were.

    Only a new revision can change what one payload says; absence from another payload deletes nothing.
    """
    cursor.execute(
        "select record_id, xmin::text, source_key, entity from catalog.record"
        " where observation_id = %s and not deleted",
        (loaded.observation_id,),
    )
    found = set(keys)
    return [one for one in map(Gone._make, cursor.fetchall()) if one.key not in found]


def _bury_gone(cursor: Cursor, loaded: Loaded, gone: Sequence[Gone]) -> None:
    if gone:
        buried = [(one.record_id, one.row_version, replace_by_tombstone(one.key)) for one in gone]
        _replace(cursor, Memory(0), loaded, buried)


def _hold(cursor: Cursor, work: Work, loaded: Loaded, n_hidden: int) -> None:
    """Writes down that this page would hide records: the end of its run decides."""
    if n_hidden:
        cursor.execute(
            "insert into ops.held (observation_id, harvest_id, n_records) values (%s, %s, %s)"
            " on conflict (observation_id) do nothing",
            (loaded.observation_id, work.harvest_id, n_hidden),
        )


def replace_by_tombstone(key: str) -> Claim:
    """A record that says only that there is none."""
    return _claim(Record(source_key=key, deleted=True), None)._replace(key=key)


def ranges(ids: Iterable[int]) -> list[list[int]]:
    """Numbers as [first, last] pairs: a work row of 5,000 new records stays small."""
    pairs: list[list[int]] = []
    for number in sorted(ids):
        if pairs and pairs[-1][1] == number - 1:
            pairs[-1][1] = number
        else:
            pairs.append([number, number])
    return pairs


def unfold(pairs: Iterable[Sequence[int]]) -> list[int]:
    """What ``ranges`` folded."""
    return [number for first, last in pairs for number in range(first, last + 1)]
