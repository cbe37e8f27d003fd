"""Ingest: files that somebody brings become pages of the same line as everything else.

A file is known by its content, never by its name (``worker/formats/files.py``), and cut into pages of some thousand
records, streaming, so that memory stays bounded (``worker/formats/cuts.py``). It is stored in one transaction: whole,
or not.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import IO

from catalog.engine import Cursor
from worker.errors import Malformed, Misconfigured
from worker.formats.files import FORMATS, OTHER_NAMES, Format
from worker.page import Page
from worker.pipeline import harvests, reindex, unpack
from worker.settings import Configured, Sources, adapter_named


def named(name: str) -> Format:
    """The format a person names: one of ``FORMATS``, or an adapter.

    Raises:
        Misconfigured: there is no such format.
    """
    if name in FORMATS:
        return FORMATS[name]
    if name in OTHER_NAMES:
        return FORMATS[OTHER_NAMES[name]]
    try:
        return Format(name, (adapter_named(name).name,), "application/octet-stream")
    except Misconfigured:
        raise Misconfigured(f"no format is called {name!r}; known are {', '.join(FORMATS)}") from None


def reader(sources: Sources, name: str, format: Format) -> Configured:
    """The source of that name with the adapter that reads this format: its own, when its own can.

    Raises:
        Misconfigured: no such adapter.
    """
    known = sources.by_name.get(name)
    if known is not None and known.source.name in format.adapters:
        return known
    return sources.get(name, format.adapters[0])


def pages(stream: IO[bytes], format: Format, where: str) -> Iterator[bytes]:
    """The bytes of a file, page by page; the pages of one file are always cut at the same places.

    Raises:
        Malformed: too large to be one page, or a broken compressed stream.
    """
    try:
        yield from format.cut(unpack.seekable(stream) if format.rereads else stream)
    except Malformed as error:
        if str(error).startswith(where):
            raise
        raise Malformed(f"{where}: {error}", error.fragment) from error


def store(
    cursor: Cursor, configured: Configured, where: str, format: Format, as_of: datetime, bodies: Iterable[bytes], *,
    unique: bool = False, stream: str | None = None, told: Callable[[int], None] = lambda size: None,
) -> int:  # fmt: skip
    """Stores the pages of a file and calls for their reading; the harvest. Nothing is kept when a page cannot be had.

    ``unique`` says that the source lists each work once. Of two files of one day the later replaces the earlier when
    they are one ``stream``: by default when they have one path. ``told`` hears the bytes stored. Further pages give way
    to what comes meanwhile.
    """
    cursor.execute("set local idle_in_transaction_session_timeout = 0")
    configured = _remembering(cursor, configured, unique)
    harvests.register(cursor, configured)
    harvest_id = harvests.start_file(cursor, configured, stream or where)
    for number, body in enumerate(bodies, 1):
        kept = harvests.observe(
            cursor,
            configured,
            harvest_id,
            sha256=hashlib.sha256(body).digest(),
            body=body,
            media_type=format.media_type,
            request_key=f"file:{where}#{number}" if "://" not in where else where,
            as_of=as_of,
        )
        harvests.call_parse(cursor, kept, harvest_id, gives_way=number > 1)
        told(len(body))
    return harvest_id


def _remembering(cursor: Cursor, configured: Configured, unique: bool) -> Configured:
    """The source with what was said of it before: a list once called unique stays unique.

    Records it brought before it was called unique are decided again.
    """
    row = cursor.execute("select deduplicates from catalog.source where source = %s", (configured.name,)).fetchone()
    before = bool(row and row[0])
    if row and unique and not before:
        reindex.start(cursor, source=configured.name, requested_by="called unique")
    return replace(configured, deduplicates=unique or before or configured.deduplicates)


def page_of(configured: Configured, where: str, format: Format, as_of: datetime, body: bytes) -> Page:
    """A page as its reader will see it."""
    return Page(where, body, format.media_type, as_of=as_of, options=configured.site.options)


def start_of(day: date) -> datetime:
    """The beginning of a day in UTC: files of one day are equally new, whatever their order."""
    return datetime(day.year, day.month, day.day, tzinfo=UTC)
