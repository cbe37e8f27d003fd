"""Items of a page that were read before are not read again, and nothing else comes of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import orjson
import pytest

from tests.line import DAY, ask, bring, digest
from tests.pipeline.test_meeting import once
from worker import run
from worker.pipeline import parse, reindex
from worker.sources import openalex, table
from worker.tools import Tools

ROWS: list[dict[str, Any]] = [
    {"id": f"w{number}", "title": f"Lattice number {number} of slowly drifting rivers", "year": 2000 + number}
    for number in range(6)
]
LATER = DAY + timedelta(days=1)


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The keys of the rows that are read, in their order."""
    keys: list[str] = []
    real = table.record

    def noted(row: Any, hint: str | None = None) -> Any:
        keys.append(row["id"])
        return real(row, hint)

    monkeypatch.setattr(table, "record", noted)
    return keys


def counts(tools: Tools) -> tuple[Any, ...]:
    """Records, new, changed and unchanged ones of the last run."""
    [row] = ask(
        tools,
        "select n_records, n_new, n_changed, n_unchanged from ops.harvest order by harvest_id desc limit 1",
    )
    return row


def test_only_what_is_new_or_changed_is_read(tools: Tools, read: list[str]) -> None:
    bring(tools, "alpha", ROWS)
    assert read == [row["id"] for row in ROWS]
    read.clear()
    changed = {**ROWS[2], "title": "Lattice number two of quickly drifting rivers"}
    new = {**ROWS[0], "id": "w9", "title": "A river that is none"}
    bring(tools, "alpha", [*reversed(ROWS[3:]), changed, new, ROWS[0]], as_of=LATER)
    assert read == ["w2", "w9"]
    assert counts(tools) == (6, 1, 1, 4)
    titles = dict(ask(tools, "select source_key, convert_from(document, 'utf8')::json ->> 'title' from catalog.record"))
    assert titles["w2"] == changed["title"]
    assert titles["w9"] == new["title"]
    # Those that say the same speak of the later page from now on.
    assert ask(tools, "select source_key from catalog.record where as_of < %s", (LATER,)) == [("w1",)]


def test_the_catalog_is_that_of_reading_everything(
    tools: Tools, second: Tools, read: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    pages = [
        (ROWS, DAY),
        ([*ROWS[2:], {**ROWS[0], "abstract": "Rivers remember what lattices forget. " * 4}], LATER),
        (ROWS, LATER + timedelta(days=1)),
        ([ROWS[1], {**ROWS[1], "title": "The same id, another river"}], LATER + timedelta(days=2)),
    ]
    for number, (rows, as_of) in enumerate(pages):
        bring(tools, "alpha", rows, name=f"page {number}", as_of=as_of)
    n_read = len(read)
    monkeypatch.setattr(parse, "look_up", lambda cursor, items: {})
    for number, (rows, as_of) in enumerate(pages):
        bring(second, "alpha", rows, name=f"page {number}", as_of=as_of)
    assert n_read < len(read) - n_read == sum(len(rows) for rows, _ in pages)
    assert digest(tools) == digest(second)


def test_another_option_or_reader_is_another_reading(tools: Tools) -> None:
    configured = tools.sources.get("alpha", "table")
    french = replace(configured, site=replace(configured.site, options={"language": "fr"}))
    newer = replace(configured, source=replace(configured.source, revision=configured.source.revision + 1))
    assert len({parse._context(one) for one in (configured, french, newer)}) == 3


def test_another_source_reads_for_itself(tools: Tools, read: list[str]) -> None:
    bring(tools, "alpha", ROWS)
    read.clear()
    bring(tools, "beta", ROWS)
    assert len(read) == len(ROWS)


def test_reading_again_reads_everything(tools: Tools, read: list[str]) -> None:
    bring(tools, "alpha", ROWS)
    read.clear()
    with tools.transaction() as cursor:
        reindex.start(cursor, source="alpha", parser=True)
    run.drain(tools)
    assert len(read) == len(ROWS)


def test_a_record_that_changes_while_its_item_is_known_is_read_after_all(
    tools: Tools, rival: Tools, read: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    bring(tools, "alpha", ROWS)
    changed = {**ROWS[0], "title": "Lattice number nought of slowly drifting rivers"}
    once(monkeypatch, parse, "write", lambda: bring(rival, "alpha", [changed], as_of=LATER))
    read.clear()
    bring(tools, "alpha", ROWS[:2], name="again", as_of=LATER + timedelta(days=1))
    assert read == ["w0", "w0"]
    titles = ask(tools, "select title from catalog.paper where title like %s", ("Lattice number%",))
    assert (ROWS[0]["title"],) in titles
    assert (changed["title"],) not in titles


def test_openalex_lists_are_known_again(tools: Tools, monkeypatch: pytest.MonkeyPatch) -> None:
    works = [
        {"id": f"https://openalex.org/W290000000{number}", "display_name": f"Rivers, part {number}", "authorships": []}
        for number in range(1, 5)
    ]
    body = orjson.dumps({"meta": {"count": 4}, "results": works})
    bring(tools, "openalex", body, adapter="openalex")
    assert counts(tools) == (4, 4, 0, 0)
    read: list[object] = []
    real = openalex._record

    def noted(*work: Any, **named: Any) -> Any:
        read.append(work)
        return real(*work, **named)

    monkeypatch.setattr(openalex, "_record", noted)
    bring(tools, "openalex", orjson.dumps({"meta": {"count": 4}, "results": works[::-1]}), adapter="openalex")
    assert read == []
    assert counts(tools) == (4, 0, 0, 4)
