"""Schedules: what the sources file says reaches whoever looks, and slots follow the clocks of their zone."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.line import ask
from worker import run
from worker.schedule import slot_after
from worker.settings import Sources, load_sources
from worker.tools import Tools


@pytest.mark.parametrize(("day", "hour"), [(7, 10), (31, 9)])
def test_the_slot_after_a_change_of_clocks_keeps_its_local_time(day: int, hour: int) -> None:
    slot = datetime(2026, 3 if day == 7 else 10, day, hour, 30, tzinfo=UTC)
    after = slot_after(slot, 86_400, "05:30", "America/Toronto")
    assert (after - slot).total_seconds() / 3600 == (23 if day == 7 else 25)
    assert slot_after(slot, 1800, None, "UTC").minute == 0


def file(tmp_path: Path, every: str) -> Sources:
    path = tmp_path / "sources.toml"
    path.write_text(f'[sources.shelf]\nkind = "table"\npages = ["http://127.0.0.1:9/list.csv"]\n{every}\n')
    return load_sources(path)


def test_workers_without_a_broker_read_the_sources_file(tools: Tools, tmp_path: Path) -> None:
    tools.sources = file(tmp_path, 'every = "1d"')
    run.tick_quietly(tools)
    assert ask(tools, "select source, every_s from ops.schedule") == [("shelf", 86_400)]
    assert ask(tools, "select source, requested_by from ops.harvest") == [("shelf", "schedule")]


def test_a_schedule_the_file_has_no_more_is_not_late_for_ever(tools: Tools, tmp_path: Path) -> None:
    tools.sources = file(tmp_path, 'every = "1d"')
    run.tick_quietly(tools)
    tools.sources = file(tmp_path, "")
    run.tick_quietly(tools)
    assert ask(tools, "select expected_every_hours from analytics.freshness") == [(None,)]
    ask(tools, "insert into ops.schedule (schedule, source, every_s) values ('by hand', 'shelf', 60) returning 1")
    assert ask(tools, "select expected_every_hours is not null from analytics.freshness") == [(True,)]
    ask(tools, "insert into ops.source_switch (source, is_on) values ('shelf', false) returning 1")
    assert ask(tools, "select expected_every_hours from analytics.freshness") == [(None,)]
