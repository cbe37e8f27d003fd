"""Harvests that cannot be trusted: nothing is hidden, the checkpoint stays, and a person may say that all is well."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.lab.far_sides import cases
from tests.lab.hostile import Exchange, Hostile, serving
from tests.lab.sources import checkpoint, ending, sync
from tests.line import ask, digest
from worker import ledger, run
from worker.demo.server import Answer
from worker.http import Client
from worker.pipeline import harvests, walks
from worker.settings import Configured, Sources
from worker.tools import Tools

PER_PAGE = 30


def note(number: int, **more: Any) -> dict[str, Any]:
    """One OpenReview note."""
    content = {
        "title": f"On the Matter of Number {number} in the Great Collection",
        "authors": [f"Ada Number{number}"],
        "venue": "ICLR 2024 poster",
        "venueid": "ICLR.cc/2024/Conference",
    }
    return {
        "id": f"note{number:05}",
        "forum": f"note{number:05}",
        "content": {name: {"value": value} for name, value in content.items()},
        **more,
    }


class Notes:
    """An OpenReview with so many notes, some of them withdrawn."""

    def __init__(self, count: int) -> None:
        self.notes = [note(number) for number in range(count)]

    def withdraw(self, count: int) -> None:
        """The first so many become tombstones."""
        for one in self.notes[:count]:
            one["ddate"] = 1_770_000_000_000

    def __call__(self, path: str, query: Any) -> Answer:
        """The far side."""
        if path.endswith("/login"):
            return Answer(b'{"token": "t"}', "application/json")
        found = [one for one in self.notes if one["id"] > query.get("after", "")]
        page = {"notes": found[:PER_PAGE], **({} if "after" in query else {"count": len(self.notes)})}
        return Answer(json.dumps(page).encode(), "application/json")


@pytest.fixture(autouse=True)
def short_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(walks, "REASK_S", 0.02)


def openreview(server: Hostile, tools: Tools, **more: Any) -> Configured:
    """The source, known to these tools."""
    case = replace(cases()["openreview"], options={"venues": ["ICLR.cc/2024/Conference"]})
    configured = case.configured(server.base_url, **more)
    tools.sources = Sources(Path("tests"), {configured.name: configured})
    tools.__dict__["client"] = Client("test", None, deadline_s=5.0)
    return configured


@pytest.fixture
def far_side() -> Notes:
    return Notes(200)


@pytest.fixture
def server(far_side: Notes) -> Iterator[Hostile]:
    with serving(far_side) as found:
        yield found


def n_papers(tools: Tools) -> int:
    return int(ask(tools, "select count(*) from catalog.paper where n_records > 0")[0][0])


def confirm(tools: Tools, run_id: int) -> None:
    """What ``pubcat runs confirm`` writes."""
    with tools.transaction() as cursor:
        harvests.confirm(cursor, run_id, "a curator")
    run.drain(tools)


def test_a_few_tombstones_hide_their_records(tools: Tools, server: Hostile, far_side: Notes) -> None:
    source = openreview(server, tools)
    sync(tools, source)
    far_side.withdraw(40)
    run_id = sync(tools, source)
    assert ending(tools, run_id) == ("done", None)
    assert n_papers(tools) == 160
    assert ask(tools, "select distinct released_by from ops.held") == [("few enough",)]


def test_a_flood_of_tombstones_hides_nothing_until_a_person_says_so(
    tools: Tools, server: Hostile, far_side: Notes
) -> None:
    source = openreview(server, tools)
    sync(tools, source)
    before, catalog = checkpoint(tools), digest(tools)
    far_side.withdraw(60)
    run_id = sync(tools, source)
    state, error = ending(tools, run_id)
    assert state == "suspect"
    assert error == f"it would hide 60 of 200 records, and hides none; if that is right: pubcat runs confirm {run_id}"
    assert (checkpoint(tools), digest(tools), n_papers(tools)) == (before, catalog, 200)
    again = sync(tools, source)
    assert ending(tools, again)[0] == "suspect"
    assert n_papers(tools) == 200
    confirm(tools, again)
    assert ending(tools, again) == ("done", None)
    assert n_papers(tools) == 140
    assert checkpoint(tools) != before


def test_a_rebuild_hides_what_was_allowed_and_nothing_else(
    tools: Tools, second: Tools, server: Hostile, far_side: Notes
) -> None:
    from worker.pipeline import rebuild

    source = openreview(server, tools)
    sync(tools, source)
    far_side.withdraw(20)
    assert ending(tools, sync(tools, source))[0] == "done"
    far_side.withdraw(120)
    assert ending(tools, sync(tools, source))[0] == "suspect"
    with tools.transaction() as given, second.transaction() as empty:
        rebuild.copy(given, empty, lambda size: None)
    second.sources = tools.sources
    run.drain(second)
    assert (n_papers(tools), n_papers(second)) == (180, 180)
    assert digest(tools) == digest(second)


def test_a_large_source_may_hide_half_a_percent(tools: Tools, server: Hostile, far_side: Notes) -> None:
    from worker import ledger

    source = openreview(server, tools)
    sync(tools, source)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ledger, "MOST_HIDDEN", 5)
        patch.setattr(ledger, "MOST_HIDDEN_SHARE", 0.1)
        far_side.withdraw(20)
        assert ending(tools, sync(tools, source))[0] == "done"
        assert n_papers(tools) == 180
        far_side.withdraw(39)
        assert ending(tools, sync(tools, source))[0] == "suspect"
        assert n_papers(tools) == 180


def test_absence_deletes_nothing(tools: Tools, server: Hostile, far_side: Notes) -> None:
    source = openreview(server, tools)
    sync(tools, source)
    del far_side.notes[:20]
    run_id = sync(tools, source)
    assert ending(tools, run_id) == ("done", None)
    assert n_papers(tools) == 200


def test_half_of_it_gone_is_suspect_until_confirmed(tools: Tools, server: Hostile, far_side: Notes) -> None:
    source = openreview(server, tools)
    sync(tools, source)
    before = checkpoint(tools)
    del far_side.notes[:120]
    run_id = sync(tools, source)
    state, error = ending(tools, run_id)
    assert state == "suspect"
    assert "80 items where 200 were the last time" in str(error)
    assert checkpoint(tools) == before
    confirm(tools, run_id)
    assert ending(tools, run_id) == ("done", None)
    assert n_papers(tools) == 200
    assert ending(tools, sync(tools, source)) == ("done", None)


def test_only_what_changed_is_compared_with_nothing(tools: Tools, server: Hostile, far_side: Notes) -> None:
    from datetime import date

    source = openreview(server, tools)
    sync(tools, source)
    del far_side.notes[:190]
    with tools.transaction() as cursor:
        run_id, _ = harvests.start_sweep(cursor, source, since=date(2026, 1, 1))
    run.drain(tools)
    assert ending(tools, run_id) == ("done", None)
    assert ask(tools, "select n_listed from ops.checkpoint") == [(200,)]


def test_a_stale_fetch_moves_nothing(tools: Tools, server: Hostile) -> None:
    """A walk moves by one page or not at all, even without the ledger's token."""
    from worker import ledger
    from worker.errors import Fenced
    from worker.pipeline import fetch

    source = openreview(server, tools)
    with tools.transaction() as cursor:
        harvests.start_sweep(cursor, source)
        work = ledger.claim_next(cursor)
        assert work is not None
        asked = fetch.prepare(cursor, tools.sources, work)
    page = fetch.send(tools.client, {}, asked)
    with tools.transaction() as cursor:
        fetch.keep(cursor, work, asked, page)
    stored = ask(tools, "select count(*) from raw.observation")
    with pytest.raises(Fenced), tools.transaction() as cursor:
        fetch.keep(cursor, work, asked, page)
    assert ask(tools, "select count(*) from raw.observation") == stored


def test_a_stale_page_under_a_true_etag_heals(tools: Tools, server: Hostile) -> None:
    """What a doubted run brought is no answer to compare with: its validators are not sent."""
    source = openreview(server, tools)
    sync(tools, source)
    whole = digest(tools)
    server.follow(lambda x: x.send(x.clean(), body=b'{"notes": [], "count": 0}'))
    assert ending(tools, sync(tools, source))[0] == "suspect"
    server.follow(lambda x: x.status(304) if "If-None-Match" in x.headers else x.send(x.clean()))
    assert ending(tools, sync(tools, source)) == ("done", None)
    assert digest(tools) == whole


# -- hosts


def test_a_host_is_asked_in_turn_by_all_workers_together(tools: Tools, server: Hostile) -> None:
    """Four workers, one request at a time, a fifth of a second apart."""
    source = openreview(server, tools, seconds_between_requests=0.2, concurrency=1)
    moments: list[float] = []
    under_way, most = 0, 0
    lock = threading.Lock()

    def script(x: Exchange) -> None:
        nonlocal under_way, most
        with lock:
            moments.append(time.monotonic())
            under_way += 1
            most = max(most, under_way)
        time.sleep(0.05)
        with lock:
            under_way -= 1
        x.send(x.clean())

    server.follow(script)
    with tools.transaction() as cursor:
        for number in range(8):
            question = source.source.ask(source.site, _question(number))
            assert question is not None
            harvest_id = harvests._start(cursor, source.name, "question", number, None, "test")
            ledger.add(cursor, [harvests.single(source, harvest_id, question, "question")])
    workers = [Tools(tools.database_url, sources=tools.sources) for _ in range(4)]
    for one in workers:
        one.__dict__["client"] = Client("test", None, deadline_s=5.0)
        one.sessions["openreview"] = {"token": "t"}
    threads = [threading.Thread(target=run.drain, args=(one,)) for one in workers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for one in workers:
        one.close()
    assert len(moments) == 8
    assert most == 1
    # From the first to the last: when one request arrives also depends on who is busy here.
    assert moments[-1] - moments[0] > 7 * 0.2 - 0.1
    assert ask(tools, "select count(*) from ops.host_slot") == [(0,)]


def _question(number: int) -> Any:
    from worker.page import Question

    return Question("openreview", f"note{number:05}")


def test_a_host_that_asks_for_silence_is_asked_more_slowly_and_others_go_on(
    tools: Tools, server: Hostile, far_side: Notes
) -> None:
    source = openreview(server, tools)
    with serving(cases()["table"].far_side) as other:
        table = cases()["table"].configured(other.base_url)
        tools.sources = Sources(Path("tests"), {one.name: one for one in (source, table)})
        server.follow(lambda x: x.status(429, Retry_After="86400"))
        with tools.transaction() as cursor:
            waiting, _ = harvests.start_sweep(cursor, source)
            going, _ = harvests.start_sweep(cursor, table)
        run.drain(tools, longest_wait_s=1.0)
        assert ending(tools, going) == ("done", None)
        state, reason = ending(tools, waiting)
        assert state == "running"
        assert "HTTP 429" in str(reason)
        [(group, slowdown, wait_s, errors)] = ask(
            tools,
            "select host_group, slowdown, extract(epoch from throttled_until - clock_timestamp())::int4,"
            " (select max(errors) from ops.work) from ops.host_budget where slowdown > 1",
        )
        assert (group, slowdown, errors) == ("openreview", 2.0, 0)
        assert 86_000 < wait_s <= 86_400
        # Nobody asks before, whatever other work there is.
        asked = server.number
        with tools.transaction() as cursor:
            cursor.execute("update ops.work set not_before = clock_timestamp() where state = 'queued'")
        run.drain(tools, longest_wait_s=0.0)
        assert server.number == asked
        server.follow(lambda x: x.send(x.clean()))
        with tools.transaction() as cursor:
            cursor.execute("update ops.host_budget set throttled_until = clock_timestamp()")
            cursor.execute("update ops.work set not_before = clock_timestamp() where state = 'queued'")
        run.drain(tools)
        assert ending(tools, waiting) == ("done", None)
        assert ask(tools, "select n_refused, slowdown < 2 from ops.host_budget where host_group = 'openreview'") == [
            (0, True)
        ]


def test_credentials_refused_pause_the_source_and_say_which(tools: Tools, server: Hostile) -> None:
    source = openreview(server, tools)
    server.follow(lambda x: x.status(401, b"{}") if not x.path.endswith("/login") else x.send(x.clean()))
    with tools.transaction() as cursor:
        run_id, _ = harvests.start_sweep(cursor, source)
    run.drain(tools, longest_wait_s=0.0)
    state, reason = ending(tools, run_id)
    assert state == "running"
    assert "check OPENREVIEW_PASSWORD and OPENREVIEW_USERNAME" in str(reason)
    assert "a-secret" not in str(reason)


def test_a_token_that_ran_out_is_asked_for_again(tools: Tools, server: Hostile) -> None:
    """One more login, no error, no wait."""
    source = openreview(server, tools)
    logins = 0

    def script(x: Exchange) -> None:
        nonlocal logins
        if x.path.endswith("/login"):
            logins += 1
            x.send(Answer(json.dumps({"token": f"token{logins}"}).encode(), "application/json"))
        elif x.headers.get("Authorization") == "Bearer token2":
            x.send(x.clean())
        else:
            x.status(401, b"{}")

    server.follow(script)
    assert ending(tools, sync(tools, source)) == ("done", None)
    assert logins == 2
    assert ask(tools, "select max(errors) from ops.work") == [(0,)]


# -- secrets


def test_no_secret_reaches_a_table_or_a_log(
    tools: Tools, server: Hostile, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    """Passwords, tokens and keys go out with requests, and nowhere else; whatever goes wrong on the way."""
    import logging

    caplog.set_level(logging.DEBUG)
    sentinel = "s3ntinel"
    secrets = {
        name: f"{sentinel}-{name}" for name in ("OPENREVIEW_USERNAME", "OPENREVIEW_PASSWORD", "OPENALEX_API_KEY")
    }
    seen: list[str] = []
    troubles = iter(range(1_000))

    def script(x: Exchange) -> None:
        seen.append(f"{x.handler.path} {x.headers}")
        if x.path.endswith("/login"):
            x.send(Answer(f'{{"token": "{sentinel}-token"}}'.encode(), "application/json"))
            return
        match next(troubles) % 7:
            case 0:
                x.reset()
            case 1:
                x.status(500, b"oops")
            case 2:
                x.status(429, b"slow", Retry_After="0")
            case 3:
                x.status(302, Location=f"{x.handler.path}&again=1")
            case 4:
                x.send(Answer(b"<html>", "text/html"))
            case 5:
                x.status(302, Location=f"http://elsewhere.example{x.handler.path}")
            case _:
                x.send(x.clean())

    for name in ("openreview", "openalex"):
        with serving(cases()[name].far_side) as far:
            far.follow(script)
            case = replace(cases()[name], secrets=secrets)
            configured = case.configured(far.base_url)
            tools.sources = Sources(Path("tests"), {name: configured})
            tools.__dict__["client"] = Client("test", None, deadline_s=2.0)
            for _ in range(4):
                sync(tools, configured)
    assert sentinel in "".join(seen)
    with tools.transaction() as cursor:
        tables = cursor.execute(
            "select format('%I.%I', schemaname, tablename) from pg_tables where schemaname in ('raw', 'ops', 'catalog')"
        ).fetchall()
        for (table,) in tables:
            found = cursor.execute(
                f"select t::text from {table} t where t::text like '%%{sentinel}%%' limit 1"  # noqa: S608
            ).fetchall()
            assert not found, table
        bodies = [harvests.body_of(row[0]) for row in cursor.execute("select body from raw.payload").fetchall()]
    assert not any(sentinel.encode() in body for body in bodies)
    out, err = capfd.readouterr()
    assert sentinel not in out + err + caplog.text
