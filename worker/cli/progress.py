"""Waits until runs are over: follows the workers when there are any, else does the work in this process."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from worker.cli import common

if TYPE_CHECKING:
    from catalog.engine import Cursor
    from worker.tools import Tools

POLL_S = 0.25
PATIENCE_S = 65.0
"""Work due within that is waited for (a killed worker's claim ends after 60 s); later work stays in the ledger."""

_OPEN = """
    with recursive line as (
        select work_id as open_id, kind, parent_id, harvest_id,
               case when state = 'queued' then not_before else lease_until end as due
        from ops.work where state in ('queued', 'leased') and kind <> 'refresh'
          and (kind <> 'publish' or not_before < clock_timestamp())
        union all
        select line.open_id, line.kind, w.parent_id, w.harvest_id, line.due
        from line join ops.work w on w.work_id = line.parent_id
        where line.harvest_id is null or line.harvest_id <> all(%(harvests)s::bigint[]))
    select count(distinct open_id)::int4 as n_open,
           count(distinct open_id) filter (where due <= clock_timestamp() + make_interval(secs => %(patience)s))::int4
               as n_soon,
           extract(epoch from min(due) - clock_timestamp())::float8 as next_due_s,
           exists (select from ops.touched_block) as people_wait
    from line where harvest_id = any(%(harvests)s::bigint[]) or kind = 'identify'
"""
_HARVESTS = """
    select harvest_id, source, kind, state, n_pages, n_expected, n_records, n_new, n_changed, n_unchanged, n_dead,
           error, extract(epoch from coalesce(finished_at, clock_timestamp()) - started_at)::float8 as seconds
    from ops.harvest where harvest_id = any(%s) order by harvest_id
"""


@dataclass
class State:
    """How far some runs are: their rows, and the work they called for that is still open."""

    harvests: list[dict[str, Any]] = field(default_factory=list)
    n_open: int = 0
    n_soon: int = 0
    next_due_s: float | None = None
    people_wait: bool = False

    @property
    def over(self) -> bool:
        """Nothing of it is left to do, or only what is due much later."""
        running = any(h["state"] == "running" for h in self.harvests)
        return self.n_soon == 0 and not self.people_wait and (not running or self.n_open > 0)

    @property
    def n_records(self) -> int:
        """Records read so far."""
        return sum(h["n_records"] for h in self.harvests)

    @property
    def line(self) -> str:
        """One line for people."""
        names = sorted({h["source"] for h in self.harvests if h["state"] == "running"})
        return f"{self.n_records:,} records, {self.n_open:,} to do {' '.join(names)}".rstrip()


def look(cursor: Cursor, harvest_ids: Sequence[int]) -> State:
    """The present state of these runs."""
    found = common.rows(cursor, _HARVESTS, (list(harvest_ids),))
    [work] = common.rows(cursor, _OPEN, {"harvests": list(harvest_ids), "patience": PATIENCE_S})
    return State(found, **work)


def settle(tools: Tools, harvest_ids: Sequence[int], *, expected: int | None = None) -> State:
    """Returns when these runs and everything they called for are done, or due much later.

    Ctrl-C leaves the ledger whole: what this process had claimed is given back.
    """
    from worker import ledger, run
    from worker.environment import given

    with _shown(expected) as update:
        while True:
            with tools.transaction() as cursor:
                state = look(cursor, harvest_ids)
                alive = ledger.somebody_works(cursor)
            update(state)
            if state.over:
                if not alive and given("PUBCAT_DATABASE_URL"):
                    run.refresh(tools)
                return state
            if alive:
                time.sleep(POLL_S)
                continue
            _do(tools, harvest_ids, update, lambda: run.drain(tools, PATIENCE_S))


def _do(tools: Tools, harvest_ids: Sequence[int], update: Callable[[State], None], drain: Callable[[], None]) -> None:
    """Drains the ledger here, showing how far it is now and then."""
    from worker import ledger

    shown = 0.0

    def tell(kind: str) -> None:
        nonlocal shown
        if common.is_terminal() and time.monotonic() - shown > POLL_S:
            with tools.transaction() as cursor:
                update(look(cursor, harvest_ids))
            shown = time.monotonic()

    tools.progress = tell
    try:
        drain()
    except KeyboardInterrupt:
        with tools.transaction() as cursor:
            ledger.give_back(cursor)
        raise
    finally:
        tools.progress = None


@contextmanager
def _shown(expected: int | None) -> Iterator[Callable[[State], None]]:
    """A progress bar on a terminal, nothing elsewhere."""
    if not common.is_terminal():
        yield lambda state: None
        return
    from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    columns = (SpinnerColumn(), TextColumn("{task.description}", markup=False), BarColumn(30), TimeElapsedColumn())
    with Progress(*columns, console=common.console(stderr=True), transient=True) as bar:
        task = bar.add_task("starting", total=expected)
        most = 0

        def update(state: State) -> None:
            nonlocal most
            most = max(most, state.n_open)
            told = [h["n_expected"] for h in state.harvests]
            total = expected or (sum(told) if told and all(told) else None)
            # A file does not say how much it holds; its pages are all in the ledger before the first is read.
            done, of = (state.n_records, total) if total else (most - state.n_open, most or None)
            bar.update(task, description=state.line, completed=done, total=of)

        yield update
