"""The records that speed is measured on: three real sources of ``../shared/data/scale``, read in place."""

from __future__ import annotations

import gzip
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path

from worker import run
from worker.formats import cuts, files
from worker.pipeline import ingest
from worker.tools import Tools

FOLDER = Path(__file__).resolve().parents[2] / "shared" / "data" / "scale"
SOURCES = {
    "acl": "acl_anthology_2021-02.jsonl.gz",
    "venues": "ml_venues_2020-2026.jsonl.gz",
    "paperlists": "paperlists_1987-2025.jsonl.gz",
}
"""Source: its file. Keys of all three files are unique but for some hundred."""
DAY = datetime(2026, 1, 1, tzinfo=UTC)
WHOLE = 240_403
"""Lines of the three files."""


def lines(source: str, most: int) -> Iterator[bytes]:
    """The first lines of a source: its share of ``most`` lines of all three."""
    with gzip.open(FOLDER / SOURCES[source]) as file:
        yield from islice(file, -(-most // len(SOURCES)) if most < WHOLE else None)


def pages(source: str, most: int = WHOLE, shift: int = 0) -> Iterator[bytes]:
    """The same in pages."""
    return _paged(lines(source, most), shift)


def cut(file: Path, shift: int = 0) -> Iterator[bytes]:
    """A packed file of JSON Lines in pages."""
    with gzip.open(file) as whole:
        yield from _paged(whole, shift)


def _paged(rows: Iterable[bytes], shift: int) -> Iterator[bytes]:
    """Pages as ingest cuts files. ``shift`` makes the first page shorter, so that all differ."""
    page: list[bytes] = []
    for line in rows:
        page.append(line)
        if len(page) >= cuts.PAGE_RECORDS - shift:
            yield b"".join(page)
            page, shift = [], 0
    if page:
        yield b"".join(page)


def store(tools: Tools, most: int = WHOLE, shift: int = 0) -> None:
    """Stores the pages of every source and calls for their reading."""
    for source in SOURCES:
        bring(tools, source, pages(source, most, shift), f"{source}.jsonl")


def bring(tools: Tools, source: str, bodies: Iterator[bytes], where: str) -> None:
    """Stores pages of JSON Lines as a file of a source, as ``pubcat ingest`` does."""
    form = files.FORMATS["jsonl"]
    configured = ingest.reader(tools.sources, source, form)
    with tools.transaction() as cursor:
        ingest.store(cursor, configured, where, form, DAY, bodies)


def ingested(tools: Tools, most: int = WHOLE, shift: int = 0) -> None:
    """Every record through the whole line, later stages included."""
    store(tools, most, shift)
    run.drain(tools)


def counts(tools: Tools) -> tuple[int, int]:
    """How many records and papers there are.

    Raises:
        RuntimeError: some work is not done, so whatever was measured is not the whole line.
    """
    with tools.transaction() as cursor:
        row = cursor.execute(
            "select (select count(*) from catalog.record), (select count(*) from catalog.paper),"
            " (select count(*) from ops.work where state <> 'done')"
        ).fetchone()
    assert row is not None
    if row[2]:
        raise RuntimeError(f"{row[2]} pieces of work are not done: see the log")
    return row[0], row[1]
