"""``pubcat demo``: the whole pipeline on the sample institute, in a home of its own.

Everything is real but the institute: servers, broker, a Celery worker of two processes, a scheduler that starts
the syncs, HTTP on the loopback address. A second run finds nothing to change.
"""

from __future__ import annotations

import json
import os
import shlex
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from catalog import migrate
from catalog.engine import Cursor, rows
from worker import embedded, run, schedule
from worker.cli import common, papers, processes
from worker.demo import server
from worker.environment import NO_BROKER, given
from worker.errors import IngestError, Misconfigured
from worker.settings import load_sources
from worker.tools import Tools

SOURCES = Path(__file__).with_name("sources.toml")
PORT = 28_317
"""Where the sample institute answers if it can: its addresses stand in the catalog."""
POLL_S = 0.25
STILL_S = 120.0
"""Nothing moving for so long means that something is broken."""

_MOVED = """
    select (select count(*) from ops.schedule where schedule = any(%(asked)s)) as n_asked,
           (select count(*) from ops.harvest where harvest_id > %(after)s and state = 'running') as n_running,
           (select count(*) from ops.work where state in ('queued', 'leased')) as n_open,
           (select count(*) from ops.work where state = 'done' and work_id > %(after_work)s) as n_done,
           (select coalesce(sum(n_records), 0) from ops.harvest where harvest_id > %(after)s)::int8 as n_records,
           (select count(*) from catalog.paper) as n_papers,
           exists (select from ops.touched_block) as people_wait
"""
_SUMMARY = """
    select (select count(*) from catalog.paper) as papers,
           (select count(*) from catalog.author) as authors,
           (select count(*) from catalog.course) as courses,
           (select count(*) from catalog.offering) as offerings,
           (select count(*) from catalog.member) as records,
           (select count(*) from catalog.member) - (select count(*) from catalog.paper) as merged,
           (select count(*) from ops.dead_letter where resolved_at is null) as dead_letters,
           coalesce(sum(n_new), 0)::int8 as new, coalesce(sum(n_changed), 0)::int8 as changed,
           coalesce(sum(n_unchanged), 0)::int8 as unchanged,
           count(distinct source) filter (where kind = 'sweep') as sources,
           count(*) filter (where kind = 'question') as questions,
           count(*) filter (where state <> 'done') as short,
           (select count(*) from catalog.event where event_id > %(after_event)s) as events,
           (select count(*) from ops.work where state = 'done' and work_id > %(after_work)s) as work
    from ops.harvest where harvest_id > %(after)s
"""
_COMPLETED = """
    with listed as (
        select m.paper_id, convert_from(r.document, 'UTF8')::jsonb as said
        from catalog.record r join catalog.member m using (record_id) where r.source = 'institute')
    select paper_id from listed join catalog.paper p using (paper_id)
    where (not said ? 'title' or not said ? 'authors' or said ->> 'authors_state' = 'cut'
           or not said ? 'abstract' or said ->> 'abstract_state' = 'cut')
      and p.title is not null and p.title_state is distinct from 'cut'
      and p.n_authors > 0 and p.authors_state is distinct from 'cut'
      and p.abstract is not null and p.abstract_state is distinct from 'cut'
    order by p.n_records desc, (said ->> 'abstract_state' = 'cut') desc nulls last, paper_id
"""
QUERIES = (
    "select venue_name, count(*) from papers group by 1 order by 2 desc limit 5",
    "select display_name, n_papers from authors order by n_papers desc, 1 limit 5",
    "select course_title_en, session_date, status from courses_calendar order by 2",
)
"""Three questions an analyst may ask first."""


@dataclass(frozen=True)
class Start:
    """Where the ledger stood when the demo began, so that this run is counted alone."""

    after: int
    after_work: int
    after_event: int
    asked: list[str] = field(default_factory=list)


def home() -> Path:
    """The demo's own home, so that it never mixes with real data: ``PUBCAT_HOME`` if given, else ``demo`` in ours."""
    return embedded.home() if given("PUBCAT_HOME") else embedded.home() / "demo"


def demo(*, keep: bool = False) -> int:
    """Runs it all and prints what came out; the exit code.

    Raises:
        Misconfigured: the home holds other sources.
        IngestError: nothing moves any more.
        Busy: somebody else runs this home.
    """
    began = time.monotonic()
    place = home()
    for name in ("PUBCAT_DATABASE_URL", "PUBCAT_BROKER_URL"):
        if os.environ.pop(name, None) or os.environ.pop(f"{name}_FILE", None):
            common.say(f"{name} is left alone: the demo works on servers of its own")
    with processes.sole(place), _institute(place) as base_url:
        os.environ.update(server.environment(base_url), PUBCAT_HOME=str(place), PUBCAT_SOURCES=str(SOURCES))
        fresh = not (place / "servers.json").exists()
        common.say(f"{'making' if fresh else 'using'} {place}; the sample institute answers at {base_url}")
        with embedded.using(place) as found:
            tools = Tools(found.database_url, found.broker_url, role="pubcat demo")
            try:
                if not migrate.is_current(tools.engine):
                    migrate.migrate(found.database_url)
                return _run(tools, place, found, keep=keep, began=began)
            finally:
                tools.close()
                if keep:
                    embedded.start(place)


def _run(tools: Tools, place: Path, found: embedded.Servers, *, keep: bool, began: float) -> int:
    with tools.transaction() as cursor:
        _refuse_strangers(cursor, place)
        start = _begin(cursor)
    addresses = {
        "PUBCAT_DATABASE_URL": found.database_url,
        "PUBCAT_BROKER_URL": found.broker_url or NO_BROKER,
    }
    environment = {**os.environ, **addresses}
    with processes.running(place, environment, workers=2, log=place / "worker.log") as children:
        _wait(tools, children, start, place)
    run.refresh(tools)
    with tools.transaction() as cursor:
        code = _tell(cursor, start, place, time.monotonic() - began)
    if keep:
        common.say(f"the servers stay up; PUBCAT_HOME={shlex.quote(str(place))} {_program()} down stops them")
    return code


@contextmanager
def _institute(place: Path) -> Iterator[str]:
    """The sample institute over HTTP, at the address it had last time if that is free: addresses are request keys."""
    remembered = place / "demo.json"
    try:
        before = int(json.loads(remembered.read_text())["port"])
    except (OSError, ValueError, KeyError, TypeError):
        before = PORT
    port = next(number for number in (before, PORT, 0) if _is_free(number))
    if port == 0:
        with server.listen(server.sample_institute) as found:
            port = int(found.server_address[1])
    remembered.write_text(json.dumps({"port": port}))
    with server.serve(port) as base_url:
        yield base_url


def _is_free(port: int) -> bool:
    try:
        server.listen(server.sample_institute, port).server_close()
    except OSError:
        return False
    return True


def _refuse_strangers(cursor: Cursor, place: Path) -> None:
    """The demo mixes with no real data.

    Raises:
        Misconfigured: the home holds sources that are not the demo's.
    """
    known = set(load_sources(SOURCES).by_name)
    others = sorted({row[0] for row in cursor.execute("select source from catalog.source")} - known)
    if others:
        raise Misconfigured(
            f"{place} holds {', '.join(others[:5])}, and the demo would mix with it;"
            f" run PUBCAT_HOME={shlex.quote(str(place / 'demo'))} {_program()} demo"
        )


def _begin(cursor: Cursor) -> Start:
    """Asks the scheduler for one sync of every source, and remembers where the ledger stands."""
    row = cursor.execute(
        "select (select coalesce(max(harvest_id), 0) from ops.harvest),"
        " (select coalesce(max(work_id), 0) from ops.work), (select coalesce(max(event_id), 0) from catalog.event)"
    ).fetchone()
    assert row is not None
    asked = schedule.once(cursor, sorted(load_sources(SOURCES).by_name))
    return Start(row[0], row[1], row[2], sorted(asked.values()))


def _wait(tools: Tools, children: processes.Children, start: Start, place: Path) -> None:
    """Shows how it goes until every sync has ended and no work is open.

    Raises:
        IngestError: nothing moves any more.
    """
    last: dict[str, Any] = {}
    moved_at = time.monotonic()
    with _shown() as show:
        while True:
            children.watch()
            with tools.transaction() as cursor:
                [now] = rows(cursor, _MOVED, vars(start))
            if now != last:
                last, moved_at = now, time.monotonic()
            show(now)
            if not (now["n_asked"] or now["n_running"] or now["n_open"] or now["people_wait"]):
                return
            if time.monotonic() - moved_at > STILL_S:
                raise IngestError(f"nothing moved for {STILL_S:.0f} s; {place / 'worker.log'} may say why")
            time.sleep(POLL_S)


@contextmanager
def _shown() -> Iterator[Any]:
    """A line that changes on a terminal, a line every other second elsewhere."""

    def line(now: dict[str, Any]) -> str:
        if now["n_asked"]:
            return "waiting for the scheduler to start the syncs"
        return (
            f"{now['n_records']} records read, {now['n_papers']} papers, {now['n_done']} pieces of work done,"
            f" {now['n_open']} to do"
        )

    if common.is_terminal():
        with common.console(stderr=True).status("starting a worker and a scheduler") as status:
            yield lambda now: status.update(line(now))
        return
    said, said_at = "", 0.0

    def tell(now: dict[str, Any]) -> None:
        nonlocal said, said_at
        if line(now) != said and time.monotonic() - said_at > 2.0:
            said, said_at = line(now), time.monotonic()
            common.say(said)

    yield tell


def _tell(cursor: Cursor, start: Start, place: Path, seconds: float) -> int:
    """The summary; the exit code: 3 when a run fell short."""
    [sums] = rows(cursor, _SUMMARY, vars(start))
    completed = rows(cursor, _COMPLETED)
    common.console().print("\nThe sample institute\n", style="bold")
    common.facts(
        [
            ("papers", f"{sums['papers']} from {sums['records']} records of {sums['sources']} sources"),
            ("authors", sums["authors"]),
            ("courses", f"{sums['courses']} with {sums['offerings']} cohorts"),
            ("duplicates merged", sums["merged"]),
            ("records completed", f"{len(completed)} of the listing lacked title, authors or a whole abstract"),
            ("this run", f"{sums['new']} new, {sums['changed']} changed, {sums['unchanged']} unchanged records"),
            ("", f"{sums['events']} change events, {sums['questions']} questions asked, {sums['work']} pieces of work"),
            ("dead letters", sums["dead_letters"]),
            ("seconds", f"{seconds:.1f}"),
        ]
    )
    prefix = f"PUBCAT_HOME={shlex.quote(str(place))} {_program()}"
    if completed:
        paper_id = completed[0]["paper_id"]
        print(f"\nWhy does this paper say what it says?  {prefix} papers show p-{paper_id:06d} --why abstract\n")
        papers.print_why(papers.explanation(cursor, paper_id, "abstract"), paper_id)
    print("\nTry:")
    for query in QUERIES:
        print(f'  {prefix} sql "{query}"')
    print(f"  {prefix} status")
    if sums["short"] or sums["dead_letters"]:
        common.say(f"{sums['short']} runs fell short, {sums['dead_letters']} dead letters; see pubcat runs list")
        return 3
    return 0


def _program() -> str:
    """How this program is called from where the reader stands."""
    launcher = processes.ROOT / "pubcat"
    if not launcher.exists():
        return "pubcat"
    return "./pubcat" if Path.cwd() == processes.ROOT else shlex.quote(str(launcher))
