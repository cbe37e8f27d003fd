"""Fetch: one request of one harvest. Bytes, observation and checkpoint move together; the network is outside."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from urllib.parse import urlsplit

from catalog.engine import Cursor
from worker import ledger
from worker.errors import Permanent
from worker.http import Refused, check_media
from worker.ledger import Work
from worker.page import Page, Request
from worker.pipeline import harvests
from worker.record import hash64
from worker.settings import Configured, Sources

LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
LONGEST_NAP_S = 3.0
"""A wait for our turn at a host that is longer goes back to the ledger."""


@dataclass(frozen=True)
class Asked:
    """A request ready to be made, and how long to wait before it."""

    configured: Configured
    request: Request
    hosts: frozenset[str]
    validators: dict[str, str]
    wait_s: float


def prepare(cursor: Cursor, sources: Sources, work: Work) -> Asked:
    """What to ask, with secrets and validators added, and our turn at the host taken.

    Raises:
        Misconfigured: the source is no longer configured.
    """
    args = work.args
    configured = sources.get(args["source"], args["adapter"])
    request = Request(args["url"], dict(args["headers"]))
    signed = configured.source.authorise(configured.site, request)
    host = urlsplit(request.url).hostname or ""
    allowed = {urlsplit(configured.site.base_url).hostname, *configured.site.options.get("hosts", ())}
    for page in configured.site.options.get("pages", ()):
        allowed.add(urlsplit(page if isinstance(page, str) else page["url"]).hostname)
    pause_s = 0.0 if host in LOOPBACK else configured.source.seconds_between_requests
    row = cursor.execute(
        """
        insert into ops.host_budget as b (host_group, next_at, n_requests)
        values (%(group)s, clock_timestamp() + make_interval(secs => %(pause)s), 1)
        on conflict (host_group) do update set
            next_at = greatest(b.next_at, b.throttled_until, clock_timestamp()) + make_interval(secs => %(pause)s),
            n_requests = b.n_requests + 1
        returning extract(epoch from next_at - clock_timestamp())::float8 - %(pause)s
        """,
        {"group": configured.host_group, "pause": pause_s},
    ).fetchone()
    assert row is not None
    return Asked(
        configured=configured,
        request=signed,
        hosts=frozenset(name for name in allowed if name),
        validators=_validators(cursor, configured, request),
        wait_s=max(0.0, float(row[0])),
    )


def _validators(cursor: Cursor, configured: Configured, request: Request) -> dict[str, str]:
    """``If-None-Match`` and ``If-Modified-Since`` of the newest answer we hold to this request."""
    headers = _newest(cursor, configured, request.key)
    found: dict[str, str] = {}
    if headers and (etag := headers[1].get("etag")):
        found["If-None-Match"] = etag
    if headers and (modified := headers[1].get("last-modified")):
        found["If-Modified-Since"] = modified
    return found


def _newest(cursor: Cursor, configured: Configured, key: str) -> tuple[bytes, dict[str, str], str] | None:
    row = cursor.execute(
        """
        select o.sha256, coalesce(o.headers, '{}'), p.media_type
        from raw.observation o join raw.payload p using (sha256)
        where o.source = %s and o.request_hash = %s order by o.observation_id desc limit 1
        """,
        (configured.name, hash64(key)),
    ).fetchone()
    return (row[0], row[1], row[2]) if row else None


def again(cursor: Cursor, asked: Asked) -> Page:
    """The page we hold, when the far side says that it has not changed.

    Raises:
        Permanent: it said so of a page we do not hold.
    """
    newest = _newest(cursor, asked.configured, asked.request.key)
    if newest is None:
        raise Permanent(f"{asked.request.key}: HTTP 304, but we hold no such page")
    sha256, headers, media_type = newest
    packed = cursor.execute("select body from raw.payload where sha256 = %s", (sha256,)).fetchone()
    assert packed is not None
    return Page(url=asked.request.key, body=harvests.body_of(packed[0]), media_type=media_type, headers=headers)


def check(asked: Asked, page: Page) -> Page:
    """The page with the source's options, if it is what the source should answer.

    Raises:
        Malformed: an empty body.
        Transient: HTML where JSON was asked, or what the source itself knows to be no answer.
    """
    check_media(page, asked.configured.source.media, asked.request.key)
    asked.configured.source.check(page)
    return Page(page.url, page.body, page.media_type, page.status, page.headers, None, asked.configured.site.options)


def keep(cursor: Cursor, work: Work, asked: Asked, page: Page) -> None:
    """Stores the page, moves the checkpoint, calls for its reading and for the next page."""
    configured, source = asked.configured, asked.configured.source
    assert work.harvest_id is not None
    harvests.register(cursor, configured)
    kept = harvests.observe(
        cursor,
        configured,
        work.harvest_id,
        sha256=hashlib.sha256(page.body).digest(),
        body=page.body,
        media_type=page.media_type,
        request_key=asked.request.key,
        status=page.status,
        headers=page.headers,
    )
    harvests.call_parse(cursor, kept, work.harvest_id, work)
    number = int(work.args["page"])
    following = None
    if work.args["role"] == "page":
        following = source.next(configured.site, page)
        if following is not None and following.key == asked.request.key:
            raise Permanent(f"{asked.request.key}: the next page is this page; the source turns in a circle")
        if following is not None:
            ledger.add(
                cursor, harvests.fetches(configured, work.harvest_id, [following], role="page", start=number + 1), work
            )
        expected = source.total(page)
        if expected is not None:
            cursor.execute("update ops.harvest set n_expected = %s where harvest_id = %s", (expected, work.harvest_id))
        cursor.execute(
            """
            insert into ops.checkpoint as c (source, stream, cursor, seq, harvest_id)
            select source, stream, %s, 1, harvest_id from ops.harvest where harvest_id = %s
            on conflict (source, stream) do update set cursor = excluded.cursor, seq = c.seq + 1,
                harvest_id = excluded.harvest_id, moved_at = clock_timestamp()
            where c.harvest_id is distinct from excluded.harvest_id or c.cursor is distinct from excluded.cursor
            """,
            (following.key if following else None, work.harvest_id),
        )
    if work.args["role"] != "refetch":
        more = source.refetch(configured.site, page)
        ledger.add(cursor, harvests.fetches(configured, work.harvest_id, more, role="refetch", start=number), work)


def throttle(cursor: Cursor, asked: Asked, wait_s: float) -> None:
    """The host asked for silence: all workers keep it."""
    cursor.execute(
        "update ops.host_budget set throttled_until = clock_timestamp() + make_interval(secs => %s)"
        " where host_group = %s",
        (wait_s, asked.configured.host_group),
    )


def refused(cursor: Cursor, error: Refused) -> bytes | None:
    """Keeps the bytes of a refusal, so that a dead letter can show them; their hash."""
    if not error.body:
        return None
    sha256 = hashlib.sha256(error.body).digest()
    cursor.execute(
        "insert into raw.payload (sha256, body, media_type, size_bytes) values (%s, %s, %s, %s) on conflict do nothing",
        (sha256, harvests.packed(error.body), "application/octet-stream", len(error.body)),
    )
    return sha256
