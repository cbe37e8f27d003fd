"""How a harvest begins: a sweep of a source, one question of enrichment, or a file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import orjson
import zstandard

from catalog.engine import Cursor
from worker import ledger
from worker.http import SECRET_HEADERS
from worker.ledger import NewWork, Work
from worker.page import Request, Window
from worker.pipeline import turns, walks
from worker.record import hash64
from worker.settings import Configured

_pack = zstandard.ZstdCompressor(level=3)
_unpack = zstandard.ZstdDecompressor()


def start_sweep(
    cursor: Cursor, configured: Configured, *, since: date | None = None, requested_by: str = "command line"
) -> tuple[int, bool]:
    """A new walk through a source, or the one under way: (harvest_id, whether it is new)."""
    cursor.execute("select pg_advisory_xact_lock(hashtextextended('sweep:' || %s, 0))", (configured.name,))
    running = cursor.execute(
        "select harvest_id from ops.harvest where source = %s and kind = 'sweep' and state = 'running'",
        (configured.name,),
    ).fetchone()
    if running:
        return int(running[0]), False
    harvest_id = _start(cursor, configured.name, "sweep", hash64(f"sweep:{configured.name}"), since, requested_by)
    requests = list(configured.source.first(configured.site, Window(since)))
    walks.begin(cursor, harvest_id, [written(request) for request in requests])
    firsts = [step(configured, harvest_id, request, walk) for walk, request in enumerate(requests)]
    ledger.add(cursor, firsts)
    return harvest_id, True


def start_question(cursor: Cursor, configured: Configured, request: Request, parent: Work) -> int:
    """A harvest of one page, asked by enrichment."""
    stream = hash64(f"question:{request.key}")
    harvest_id = _start(cursor, configured.name, "question", stream, None, "enrichment")
    ledger.add(cursor, [single(configured, harvest_id, request, "question")], parent)
    return harvest_id


def start_file(cursor: Cursor, configured: Configured, path: str) -> int:
    """A harvest of a file that somebody brings."""
    return _start(cursor, configured.name, "file", hash64(f"file:{configured.name}:{path}"), None, "command line")


def confirm(cursor: Cursor, harvest_id: int, by: str) -> bool:
    """A person says that what looked wrong in a suspect run is right: it goes on to its end; false if it is not
    suspect."""
    cursor.execute(
        "update ops.harvest set state = 'running', finished_at = null, error = null, n_held = 0, confirmed_by = %s"
        " where harvest_id = %s and state = 'suspect'",
        (by, harvest_id),
    )
    return cursor.rowcount == 1


def _start(cursor: Cursor, source: str, kind: str, stream: int, since: date | None, requested_by: str) -> int:
    row = cursor.execute(
        "insert into ops.harvest (source, kind, stream, since, requested_by) values (%s, %s, %s, %s, %s)"
        " returning harvest_id",
        (source, kind, stream, since, requested_by),
    ).fetchone()
    assert row is not None
    return int(row[0])


def step(
    configured: Configured, harvest_id: int, request: Request, walk: int, attempt: int = 0, page: int = 0
) -> NewWork:
    """The fetch of one page of a walk."""
    return _fetch(
        configured,
        harvest_id,
        request,
        f"{walk}.{attempt}.{page}",
        {"role": "page", "walk": walk, "attempt": attempt, "page": page},
    )


def single(configured: Configured, harvest_id: int, request: Request, role: str) -> NewWork:
    """The fetch of one answer: a question, or a record again whose list answer was cut (refetch)."""
    return _fetch(configured, harvest_id, request, role, {"role": role})


def _fetch(configured: Configured, harvest_id: int, request: Request, place: str, args: dict[str, Any]) -> NewWork:
    key = f"{harvest_id}:{place}:{hash64(request.key)}"
    args = {"source": configured.name, "adapter": configured.source.name, **args, **written(request)}
    return NewWork("fetch", key, args, harvest_id)


def written(request: Request) -> dict[str, Any]:
    """A request as the ledger keeps it; secrets are added when it is made."""
    kept: dict[str, Any] = {
        "url": request.address,
        "headers": {name: text for name, text in request.headers.items() if name.lower() not in SECRET_HEADERS},
    }
    if request.body is not None:
        kept["body"] = request.body.decode("utf-8")
    if request.media is not None:
        kept["media"] = request.media
    if request.public:
        kept["public"] = request.public
    return kept


def request_of(args: Mapping[str, Any]) -> Request:
    """The request that ``written`` wrote."""
    body = args.get("body")
    return Request(
        args["url"],
        args["headers"],
        body=None if body is None else body.encode(),
        media=args.get("media"),
        public=tuple(args.get("public", ())),
    )


@dataclass(frozen=True)
class Kept:
    """An observation as stored; ``fresh`` is false when the same reader already read the same bytes in full."""

    observation_id: int
    fresh: bool


def register(cursor: Cursor, configured: Configured) -> None:
    """Makes the source known to the catalog, with the rules its words are read by."""
    cursor.execute(
        """
        insert into catalog.source (source, adapter, deduplicates, trust) values (%s, %s, %s, %s)
        on conflict (source) do update set deduplicates = excluded.deduplicates, trust = excluded.trust
        where (source.deduplicates, source.trust) is distinct from (excluded.deduplicates, excluded.trust)
        """,
        (configured.name, configured.source.name, configured.deduplicates, configured.trust),
    )


def observe(
    cursor: Cursor,
    configured: Configured,
    harvest_id: int,
    *,
    sha256: bytes,
    body: bytes,
    media_type: str,
    request_key: str,
    status: int = 200,
    headers: Mapping[str, str] | None = None,
    as_of: datetime | date | None = None,
) -> Kept:
    """Stores bytes and who said them when, before anyone understands them.

    The same bytes are stored once. They are not read again when the current revision has read them and every
    record found then is still the current one: an unchanged page costs one hash.
    """
    turns.note(cursor, configured.name)
    known = cursor.execute("select 1 from raw.payload where sha256 = %s", (sha256,)).fetchone()
    if not known:
        cursor.execute(
            "insert into raw.payload (sha256, body, media_type, size_bytes) values (%s, %s, %s, %s)"
            " on conflict do nothing",
            (sha256, packed(body), media_type, len(body)),
        )
    reading = (
        cursor.execute(
            """
            select o.observation_id, r.n_records,
                   (select count(*) from catalog.record c where c.observation_id = o.observation_id)
            from raw.observation o join ops.reading r using (observation_id)
            where o.source = %s and o.request_hash = %s and o.sha256 = %s and o.adapter = %s and r.revision = %s
            order by o.observation_id desc limit 1
            """,
            (configured.name, hash64(request_key), sha256, configured.source.name, configured.source.revision),
        ).fetchone()
        if known
        else None
    )
    row = cursor.execute(
        """
        insert into raw.observation
            (source, adapter, request_key, request_hash, stream, sha256, as_of, status, headers, harvest_id)
        select %s, %s, %s, %s, h.stream, %s, coalesce(%s, clock_timestamp()), %s, %s::jsonb, %s
        from ops.harvest h where h.harvest_id = %s
        returning observation_id
        """,
        (
            configured.name,
            configured.source.name,
            request_key,
            hash64(request_key),
            sha256,
            as_of,
            status,
            orjson.dumps(dict(headers)).decode() if headers else None,
            harvest_id,
            harvest_id,
        ),
    ).fetchone()
    assert row is not None
    n_records = int(reading[1]) if reading and reading[1] == reading[2] else None
    cursor.execute(
        "update ops.harvest set n_pages = n_pages + 1, n_records = n_records + %s, n_unchanged = n_unchanged + %s"
        " where harvest_id = %s",
        (n_records or 0, n_records or 0, harvest_id),
    )
    return Kept(int(row[0]), n_records is None)


def call_parse(
    cursor: Cursor, kept: Kept, harvest_id: int | None, parent: Work | None = None, *, gives_way: bool = False
) -> None:
    """Calls for the reading of an observation, when there is anything new in it."""
    if kept.fresh:
        args: dict[str, Any] = {"observation": kept.observation_id}
        work = NewWork("parse", str(kept.observation_id), args, harvest_id, gives_way=gives_way)
        ledger.add(cursor, [work], parent)


def packed(body: bytes) -> bytes:
    """Bytes as they are stored."""
    return _pack.compress(body)


def body_of(stored: bytes) -> bytes:
    """The bytes of a stored payload."""
    return _unpack.decompress(stored)
