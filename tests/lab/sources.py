"""Hostile sources: 60 ways to answer wrongly, against each source; the catalog is whole, or the run says why not.

Every behaviour meets every source it fits, in a fresh database. The run must end with the catalog that an honest
source gives, or be suspect or failed with a reason, its checkpoint where it was; once the source is honest again, the
next run must give the whole catalog. Waiting is not waited for: what is put off is made due.
"""

from __future__ import annotations

import argparse
import hashlib
import random
import resource
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg

from catalog import migrate
from tests.lab import protocol, transport  # noqa: F401  the second adds to the list of the first
from tests.lab.far_sides import Case, cases
from tests.lab.hostile import Hostile, politely, serving
from tests.lab.report import Report
from tests.lab.transport import ALL, Behaviour
from worker import embedded, ledger, run
from worker.cli import common
from worker.http import Client
from worker.pipeline import dump, harvests, walks
from worker.settings import Configured, Sources
from worker.tools import Tools

DEADLINE_S = 1.0
"""How long a request may take here; in service it is a minute."""
MOST_ROUNDS = 30
"""Times that everything put off is made due."""


@dataclass(frozen=True)
class Outcome:
    """How one behaviour ended: state and reason of the run, and what did not hold (nothing, if all is well)."""

    state: str
    error: str | None
    wrong: tuple[str, ...]
    seconds: float


class Lab:
    """An embedded server, and a database for every run, copied from an empty one."""

    def __init__(self, servers: embedded.Servers) -> None:
        self._servers = servers
        self._template = f"lab_{uuid4().hex[:8]}"
        self._clean: dict[str, str] = {}
        with self._admin() as connection:
            connection.execute(f'create database "{self._template}"')
        migrate.migrate(self._url(self._template))

    def _url(self, name: str) -> str:
        return f"{self._servers.database_url.rsplit('/', 1)[0]}/{name}"

    def _admin(self) -> psycopg.Connection[Any]:
        return psycopg.connect(self._servers.database_url, autocommit=True)

    @contextmanager
    def _tools(self, configured: Configured) -> Iterator[Tools]:
        name = f"lab_{uuid4().hex[:12]}"
        with self._admin() as connection:
            connection.execute(f'create database "{name}" template "{self._template}"')
        tools = Tools(self._url(name), sources=Sources(Path("lab"), {configured.name: configured}), role="lab")
        tools.__dict__["client"] = Client("lab", None, deadline_s=DEADLINE_S)
        try:
            yield tools
        finally:
            tools.close()
            with self._admin() as connection:
                connection.execute(f'drop database "{name}" with (force)')

    def clean(self, case: Case) -> str:
        """The digest that an honest source gives."""
        if case.name not in self._clean:
            with serving(case.far_side) as server:
                configured = case.configured(server.base_url)
                with self._tools(configured) as tools:
                    harvest_id = sync(tools, configured)
                    state, error = ending(tools, harvest_id)
                    assert state == "done", f"{case.name}: an honest source ends {state}: {error}"
                    self._clean[case.name] = digest(tools, server.base_url)
        return self._clean[case.name]

    def meet(self, case: Case, behaviour: Behaviour) -> Outcome:
        """One source behaving so."""
        wanted = self.clean(case)
        started = time.monotonic()
        wrong: list[str] = []
        with serving(case.far_side) as server:
            configured = case.configured(server.base_url)
            with self._tools(configured) as tools:
                if behaviour.later:
                    sync(tools, configured)
                before = checkpoint(tools)
                server.follow(behaviour.make(case))
                harvest_id = sync(tools, configured)
                state, error = ending(tools, harvest_id)
                after, found = checkpoint(tools), digest(tools, server.base_url)
                if state == "done" and found != wanted:
                    wrong.append("done, and the catalog is not whole: a silent shortfall")
                if state != "done" and after != before:
                    wrong.append(f"{state}, and its checkpoint moved")
                if state != "done" and not error:
                    wrong.append(f"{state}, and nobody says why")
                if state != "done" and not behaviour.always:
                    wrong.append(f"{state} after a failure that passes: {error}")
                if behaviour.later and found != wanted:
                    wrong.append("what was there is changed or hidden")
                wrong += self._heals(tools, configured, server, wanted)
        return Outcome(state, error, tuple(wrong), time.monotonic() - started)

    def _heals(self, tools: Tools, configured: Configured, server: Hostile, wanted: str) -> list[str]:
        """An honest source again: the next run gives the whole catalog."""
        server.follow(politely)
        harvest_id = sync(tools, configured)
        if ending(tools, harvest_id)[0] != "done":
            harvest_id = sync(tools, configured)
        state, error = ending(tools, harvest_id)
        if state != "done":
            return [f"an honest source ends {state} afterwards: {error}"]
        return (
            []
            if digest(tools, server.base_url) == wanted
            else ["an honest source does not give the whole catalog afterwards"]
        )


def sync(tools: Tools, configured: Configured) -> int:
    """One sweep to its end; whatever is put off is made due at once, time after time."""
    with tools.transaction() as cursor:
        harvest_id, _ = harvests.start_sweep(cursor, configured, requested_by="lab")
    for _ in range(MOST_ROUNDS):
        run.drain(tools, longest_wait_s=0.0)
        with tools.transaction() as cursor:
            ledger.reconcile(cursor)
            cursor.execute("update ops.host_budget set throttled_until = null, next_at = clock_timestamp()")
            cursor.execute(
                "update ops.work set not_before = clock_timestamp()"
                " where state = 'queued' and not_before > clock_timestamp()"
            )
            # What was put off for a moment may be due by now: whatever is queued goes on.
            cursor.execute("select from ops.work where state = 'queued' and kind <> 'publish' limit 1")
            if cursor.rowcount == 0:
                break
    return harvest_id


def ending(tools: Tools, harvest_id: int) -> tuple[str, str | None]:
    """State and reason of a run; of one that still waits, what it waits for."""
    with tools.transaction() as cursor:
        row = cursor.execute(
            """
            select state, coalesce(error, (select max(last_error) from ops.work w where w.harvest_id = h.harvest_id
                                           and w.state = 'queued'))
            from ops.harvest h where harvest_id = %s
            """,
            (harvest_id,),
        ).fetchone()
    assert row is not None
    return row[0], row[1]


def checkpoint(tools: Tools) -> list[tuple[Any, ...]]:
    """All of it."""
    with tools.transaction() as cursor:
        return cursor.execute("select * from ops.checkpoint order by source, stream").fetchall()


def digest(tools: Tools, base_url: str) -> str:
    """The canonical digest; the port of the far side, which some links name, is left out."""
    with tools.transaction() as cursor:
        lines = sorted(line.replace(base_url.encode(), b"http://here") for line in dump.canonical(cursor))
    return hashlib.sha256(b"".join(lines)).hexdigest()


def pairs(source: str | None, key: str | None) -> list[tuple[Case, Behaviour]]:
    """Every source with every behaviour that fits it."""
    return [
        (case, one)
        for case in cases().values()
        for one in ALL
        if (source is None or case.name == source)
        and (key is None or one.key == key or one.key.startswith(f"{key}."))
        and one.fits(case)
    ]


def play(chosen: Iterable[tuple[Case, Behaviour]], servers: embedded.Servers) -> Report:
    """Meets them all; the table and the figures."""
    report = Report(("source", "behaviour", "what it does", "ends", "seconds", "reason"))
    lab, chosen = Lab(servers), list(chosen)
    # The samples are small, and time is short: the brake is made finer, the pauses shorter.
    kept = walks.REASK_S, ledger.MOST_HIDDEN
    walks.REASK_S, ledger.MOST_HIDDEN = 0.05, 10
    n_shortfalls = 0
    try:
        for case, one in chosen:
            outcome = lab.meet(case, one)
            reason = (outcome.error or "").replace("\n", " ")[:90]
            print(
                f"{case.name} {one.key} {outcome.state} {'; '.join(outcome.wrong)}".rstrip(),
                file=sys.stderr,
                flush=True,
            )
            report.row(case.name, one.key, one.title, outcome.state, f"{outcome.seconds:.1f}", reason)
            for sentence in outcome.wrong:
                report.must(False, f"{case.name} {one.key} ({one.title}): {sentence}")
                n_shortfalls += "silent" in sentence
    finally:
        walks.REASK_S, ledger.MOST_HIDDEN = kept
    report.figure("hostile_behaviours", len({one.key for _, one in chosen}))
    report.figure("hostile_runs", len(chosen))
    report.figure("hostile_silent_shortfalls", n_shortfalls)
    report.figure("hostile_failures", len(report.failures))
    report.figure("hostile_peak_rss", resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024, "MiB")
    return report


def main(argv: Sequence[str]) -> int:
    """Plays the chosen behaviours; 1 when something did not hold."""
    parser = argparse.ArgumentParser(prog="python -m tests.lab sources", description=__doc__)
    parser.add_argument("--source", choices=sorted(cases()), help="only this source")
    parser.add_argument("--behaviour", help="only this one, or this group: H12.3, H12")
    parser.add_argument("--seed", type=int, help="in a random order")
    parser.add_argument("--most", type=int, help="only so many of them, drawn with the seed")
    arguments = parser.parse_args(argv)
    chosen = pairs(arguments.source, arguments.behaviour)
    if not chosen:
        parser.error(f"no behaviour {arguments.behaviour!r} fits; known are {', '.join(one.key for one in ALL)}")
    if arguments.seed is not None or arguments.most:
        random.Random(arguments.seed or 0).shuffle(chosen)
    common.quiet_logs()
    with tempfile.TemporaryDirectory(prefix="pubcat-lab-") as home:
        Path(home).chmod(0o755)
        with embedded.using(Path(home), broker=False) as servers:
            return play(chosen[: arguments.most], servers).end()
