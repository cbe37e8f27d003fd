"""Brings rows or files through the whole line of one process: what the command line does, without its tables."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import orjson

from worker import run
from worker.pipeline import dump, harvests
from worker.tools import Tools

DAY = datetime(2026, 3, 20, tzinfo=UTC)


def bring(
    tools: Tools,
    source: str,
    body: bytes | Iterable[Mapping[str, Any]],
    *,
    adapter: str = "table",
    name: str = "page",
    unique: bool = False,
    as_of: datetime = DAY,
    drain: bool = True,
) -> None:
    """Stores one page of a source and, unless told not to, does all the work it calls for."""
    if not isinstance(body, bytes):
        body = b"\n".join(orjson.dumps(row) for row in body)
    configured = tools.sources.get(source, adapter)
    if unique:
        configured = replace(configured, deduplicates=True)
    with tools.transaction() as cursor:
        harvests.register(cursor, configured)
        harvest_id = harvests.start_file(cursor, configured, name)
        kept = harvests.observe(
            cursor,
            configured,
            harvest_id,
            sha256=hashlib.sha256(body).digest(),
            body=body,
            media_type="application/octet-stream",
            request_key=f"file:{name}",
            as_of=as_of,
        )
        harvests.call_parse(cursor, kept, harvest_id)
    if drain:
        run.drain(tools)


def digest(tools: Tools) -> str:
    """The canonical digest."""
    with tools.transaction() as cursor:
        return dump.digest(cursor)


def lines(tools: Tools) -> list[dict[str, Any]]:
    """The canonical dump, decoded."""
    with tools.transaction() as cursor:
        return [orjson.loads(line) for line in dump.canonical(cursor)]


def ask(tools: Tools, query: str, parameters: Any = None) -> list[tuple[Any, ...]]:
    """Rows of a query."""
    with tools.transaction() as cursor:
        return cursor.execute(query, parameters).fetchall()


def states(tools: Tools) -> dict[str, int]:
    """How many work rows are in which state."""
    return {row[0]: row[1] for row in ask(tools, "select state, count(*) from ops.work group by state")}
