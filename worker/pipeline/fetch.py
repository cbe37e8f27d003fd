"""Fetch: one request of one harvest. Bytes, observation and checkpoint move together; the network is outside."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, MutableMapping
from dataclasses import dataclass, replace
from urllib.parse import urlsplit

from catalog.engine import Cursor
from worker import ledger
from worker.errors import Malformed, Permanent, Throttled, Transient
from worker.http import DEADLINE_S, Client, Refused, admitted, check_media
from worker.ledger import Work
from worker.page import Page, Request, Site, is_loopback
from worker.pipeline import harvests, walks
from worker.record import hash64
from worker.settings import Configured, Sources

Sessions = MutableMapping[str, Mapping[str, str]]
"""Secrets that logins answered, by source; they live as long as the process."""
CLOSED_S = 900.0
"""A source that refuses our credentials is left alone so long."""
CROWDED_S = 0.5
"""When enough requests are under way at a host, the next one comes back after so long."""
LONGEST_NAP_S = 3.0
"""A wait for our turn at a host that is longer goes back to the ledger."""


@dataclass(frozen=True)
class Asked:
    """A request ready to be made but for its secrets, and how long to wait before it.

    ``is_our_turn`` is false when the wait is too long to sit through, or enough requests are under way.
    """

    configured: Configured
    request: Request
    hosts: frozenset[str]
    validators: dict[str, str]
    wait_s: float = 0.0
    is_our_turn: bool = True


def prepare(cursor: Cursor, sources: Sources, work: Work) -> Asked:
    """What to ask, with validators added, and our turn at the host taken if it comes soon.

    Raises:
        Misconfigured: the source is no longer configured.
    """
    configured = sources.get(work.args["source"], work.args["adapter"])
    request = harvests.request_of(work.args)
    wait_s, is_our_turn = _turn(cursor, configured, work, is_loopback(urlsplit(request.url).hostname or ""))
    return Asked(
        configured=configured,
        request=request,
        hosts=admitted(*configured.addresses),
        validators={} if walks.is_doubted(cursor, work) else _validators(cursor, configured, request),
        wait_s=wait_s,
        is_our_turn=is_our_turn,
    )


def _turn(cursor: Cursor, configured: Configured, work: Work, at_home: bool) -> tuple[float, bool]:
    """Seconds until our turn at the host, and whether it was taken: only if it comes soon and few requests are under
    way. The row of the host orders all workers. This very machine (tests, the demo) has no manners unless configured.
    """
    source = configured.source
    pause_s = configured.seconds_between_requests
    if pause_s is None:
        pause_s = 0.0 if at_home else source.seconds_between_requests
    most = configured.concurrency or (1_000 if at_home else source.concurrency)
    row = cursor.execute(
        """
        insert into ops.host_budget as b (host_group) values (%(group)s)
        on conflict (host_group) do update set host_group = excluded.host_group
        returning greatest(0, extract(epoch from greatest(b.next_at, b.throttled_until) - clock_timestamp()))::float8,
                  (select count(*) from ops.host_slot s
                   where s.host_group = %(group)s and s.work_id <> %(work)s and s.until > clock_timestamp())
        """,
        {"group": configured.host_group, "work": work.work_id},
    ).fetchone()
    assert row is not None
    wait_s, n_under_way = float(row[0]), int(row[1])
    if n_under_way >= most:
        return max(wait_s, CROWDED_S), False
    if wait_s > LONGEST_NAP_S:
        return wait_s, False
    cursor.execute(
        """
        with asked as (
            update ops.host_budget set n_requests = n_requests + 1,
                   next_at = clock_timestamp() + make_interval(secs => %(wait)s + %(pause)s * slowdown)
            where host_group = %(group)s)
        insert into ops.host_slot as s (work_id, host_group, until)
        values (%(work)s, %(group)s, clock_timestamp() + make_interval(secs => %(wait)s + %(longest)s))
        on conflict (work_id) do update set until = excluded.until
        """,
        {
            "group": configured.host_group,
            "work": work.work_id,
            "wait": wait_s,
            "pause": pause_s,
            "longest": DEADLINE_S + 30.0,
        },
    )
    return wait_s, True


def leave(cursor: Cursor, work: Work) -> None:
    """The request is over, however it ended."""
    cursor.execute("delete from ops.host_slot where work_id = %s", (work.work_id,))


def send(client: Client, sessions: Sessions, asked: Asked) -> Page:
    """Makes the request with its secrets; logs in first where a source asks for it, and again when it was let out.

    Raises:
        NotModified, Transient, Permanent: as ``Client.send`` and ``Source.check``.
    """
    configured = asked.configured
    for again in (False, True):
        site = _entered(client, sessions, asked, again)
        try:
            page = client.send(
                configured.source.authorise(site, asked.request),
                hosts=asked.hosts,
                validators=asked.validators,
                statuses=configured.source.statuses,
                check=lambda page: _check(asked, page),
            )
        except Refused as error:
            if error.status == 401 and configured.source.login is not None and not again:
                continue
            if error.status in (401, 403) and site.secrets:
                names = " and ".join(sorted(configured.site.secrets))
                raise Throttled(f"{error}: it refuses our credentials; check {names}", CLOSED_S) from error
            raise
        return replace(page, url=asked.request.key, options=configured.site.options)
    raise AssertionError("the second answer is returned or raised")


def _entered(client: Client, sessions: Sessions, asked: Asked, again: bool) -> Site:
    """The site with the secrets that its login answered."""
    site, login = asked.configured.site, asked.configured.source.login
    if login is None or not site.secrets:
        return site
    if again or site.name not in sessions:
        request = login.ask(site)
        try:
            page = client.send(request, hosts=asked.hosts)
            check_media(page, request.media or "json", request.key)
            sessions[site.name] = login.read(page)
        except Refused as error:
            names = " and ".join(sorted(site.secrets))
            raise Throttled(f"{error}: it does not let us in; check {names}", CLOSED_S) from error
        except Permanent as error:
            # What looks like no token may be a page in its place: a few more tries tell.
            raise Transient(str(error)) from error
    return replace(site, secrets={**site.secrets, **sessions[site.name]})


def _check(asked: Asked, page: Page) -> None:
    """Whether an answer is what the source should give.

    Raises:
        Transient: it is not, and may be later.
    """
    if page.status == 200:
        check_media(page, asked.request.media or asked.configured.source.media, asked.request.key)
    asked.configured.source.check(replace(page, url=asked.request.key))


def _validators(cursor: Cursor, configured: Configured, request: Request) -> dict[str, str]:
    """``If-None-Match`` and ``If-Modified-Since`` of the newest answer we hold to this request and do not doubt."""
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
        from raw.observation o join raw.payload p using (sha256) join ops.harvest h using (harvest_id)
        where o.source = %s and o.request_hash = %s and h.state = 'done' order by o.observation_id desc limit 1
        """,
        (configured.name, hash64(key)),
    ).fetchone()
    return (row[0], row[1], row[2]) if row else None


def again(cursor: Cursor, asked: Asked) -> Page | None:
    """The page we hold, when the far side says that it has not changed; None when we hold none, whatever it says."""
    newest = _newest(cursor, asked.configured, asked.request.key) if asked.validators else None
    if newest is None:
        return None
    sha256, headers, media_type = newest
    packed = cursor.execute("select body from raw.payload where sha256 = %s", (sha256,)).fetchone()
    assert packed is not None
    return Page(
        url=asked.request.key,
        body=harvests.body_of(packed[0]),
        media_type=media_type,
        headers=headers,
        options=asked.configured.site.options,
    )


def keep(cursor: Cursor, work: Work, asked: Asked, page: Page) -> bool:
    """Stores the page, moves its walk, calls for its reading and for the next page; false when the work is put off,
    because the page is to be asked for again.

    Raises:
        Refused: the source cannot make anything of the page, however often it was asked for.
    """
    configured, source = asked.configured, asked.configured.source
    assert work.harvest_id is not None
    if work.args["role"] != "page":
        broken = _broken(work, asked, page)
        if broken is not None:
            ledger.fail(cursor, work, Transient(f"asks again: {broken}"))
            return False
        _store(cursor, work, asked, page)
    else:
        walk = walks.at(cursor, work)
        try:
            step = walks.look(cursor, walk, source, configured.site, asked.request, page)
        except Malformed as error:
            step = walks.Step(None, doubt=str(error), ends=True)
            if walk.n_reasked >= walks.MOST_REASKED:
                raise Refused(str(error), page) from error
        doubt = step.doubt or step.broken
        if doubt is not None:
            wait_s = walks.ask_again(cursor, walk)
            if wait_s is not None:
                ledger.postpone(cursor, work, wait_s, f"asks again: {doubt}")
                return False
        _store(cursor, work, asked, page)
        walks.take(cursor, walk, asked.request, page, step)
        if step.following is not None and not (step.doubt and step.ends):
            following = harvests.step(
                configured, walk.harvest_id, step.following, walk.number, walk.attempt, walk.seq + 1
            )
            ledger.add(cursor, [following], work)
    # What a page leads to may lead on (maps of a site); within a harvest an address is fetched once, so it ends.
    try:
        again = list(source.refetch(configured.site, page))
    except Malformed:
        again = []  # Reading says so, with the bytes.
    ledger.add(cursor, [harvests.single(configured, work.harvest_id, one, "refetch") for one in again], work)
    return True


def _broken(work: Work, asked: Asked, page: Page) -> Malformed | None:
    """Why an answer outside a walk is asked for again. HTML is not: many a page of a site holds no publication."""
    source = asked.configured.source
    media = asked.request.media or source.media
    if media in ("html", "any") or work.errors >= walks.MOST_REASKED:
        return None
    try:
        return walks.broken_off(media, page, source.read(page))
    except Malformed as error:
        return error


def _store(cursor: Cursor, work: Work, asked: Asked, page: Page) -> None:
    assert work.harvest_id is not None
    harvests.register(cursor, asked.configured)
    kept = harvests.observe(
        cursor,
        asked.configured,
        work.harvest_id,
        sha256=hashlib.sha256(page.body).digest(),
        body=page.body,
        media_type=page.media_type,
        request_key=asked.request.key,
        status=page.status,
        headers=page.headers,
    )
    harvests.call_parse(cursor, kept, work.harvest_id, work)


def begin_again(cursor: Cursor, work: Work, asked: Asked) -> bool:
    """Begins a walk again whose cursor is no longer known; what came stays, the union is the result. False when this
    is no later page of a walk, or it happened too often.
    """
    if work.args["role"] != "page" or not work.args["page"]:
        return False
    walk = walks.begin_again(cursor, walks.at(cursor, work))
    if walk is None:
        return False
    first = harvests.request_of(walk.first)
    ledger.add(cursor, [harvests.step(asked.configured, walk.harvest_id, first, walk.number, walk.attempt)], work)
    ledger.finish(cursor, work)
    return True


def answers_nothing(work: Work, error: Refused) -> bool:
    """Whether a refusal is the answer to a question: no such record, or one that is locked (ORCID says 409)."""
    return work.args["role"] != "page" and error.status in (404, 409, 410)


def throttle(cursor: Cursor, asked: Asked, wait_s: float | None) -> float:
    """The host asked for silence: all workers keep it, and ask more slowly afterwards. Seconds until the next try.

    Without a time of its own the silence doubles with every refusal in a row, from 2 s to 15 min; so it does when the
    time it names proves too short again and again.
    """
    row = cursor.execute(
        """
        update ops.host_budget set n_refused = n_refused + 1, slowdown = least(slowdown * 2, 32),
               throttled_until = greatest(throttled_until, clock_timestamp() + make_interval(secs => greatest(
                   coalesce(%(wait)s::float8, 0), least(900, 2.0 ^ least(20, n_refused + %(power)s)))))
        where host_group = %(group)s
        returning extract(epoch from throttled_until - clock_timestamp())::float8
        """,
        {"wait": wait_s, "power": 1 if wait_s is None else -2, "group": asked.configured.host_group},
    ).fetchone()
    assert row is not None
    return max(0.1, float(row[0]))


def thank(cursor: Cursor, asked: Asked) -> None:
    """The host answered: it may be asked a little faster again."""
    cursor.execute(
        "update ops.host_budget set n_refused = 0, slowdown = greatest(1, slowdown * 0.95)"
        " where host_group = %s and (n_refused > 0 or slowdown > 1)",
        (asked.configured.host_group,),
    )


def refused(cursor: Cursor, error: Refused) -> bytes | None:
    """Keeps the bytes of a refusal, so that a dead letter can show them; their hash."""
    body = error.page.body
    if not body:
        return None
    sha256 = hashlib.sha256(body).digest()
    cursor.execute(
        "insert into raw.payload (sha256, body, media_type, size_bytes) values (%s, %s, %s, %s) on conflict do nothing",
        (sha256, harvests.packed(body), error.page.media_type, len(body)),
    )
    return sha256
