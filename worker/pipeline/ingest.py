"""Ingest: files that somebody brings become pages of the same line as everything else.

A file is known by its content, never by its name. Tables are cut into pages of some thousand records, streaming,
so that memory stays bounded; everything else is one payload. A file is stored in one transaction: whole, or not.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import re
import zlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import IO, Any, Literal

import zstandard

from catalog.engine import Cursor
from worker.errors import Malformed, Misconfigured
from worker.formats import tables
from worker.page import Page
from worker.pipeline import harvests, reindex
from worker.settings import Configured, Sources, adapter_named

PAGE_RECORDS = 2_500
"""Records of one page: what a stage does at once in bulk."""
PAGE_BYTES = 8 << 20
"""A page ends there even with fewer records."""
WHOLE_BYTES = 64 << 20
"""The largest file of a format that cannot be cut."""
HEAD_BYTES = 65_536
"""Enough to know a file by."""
LONGEST_QUOTED_LINES = 1_000
"""A quoted CSV field that runs on longer is a slip of the pen: the reader says the same."""

Cut = Literal["csv", "jsonl"]


@dataclass(frozen=True)
class Format:
    """What a file is: who can read it (the best first), and how it is cut."""

    name: str
    adapters: tuple[str, ...]
    media_type: str
    cut: Cut | None = None


FORMATS = {
    found.name: found
    for found in (
        Format("csv", ("table",), "text/csv", "csv"),
        Format("jsonl", ("table",), "application/x-ndjson", "jsonl"),
        Format("json", ("table",), "application/json"),
        Format("openreview", ("openreview",), "application/json"),
        Format("openalex", ("openalex",), "application/json"),
        Format("html", ("listing",), "text/html"),
        Format("text", ("listing",), "text/plain"),
    )
}
"""Formats by the name that ``--format`` takes."""

_OPENREVIEW = re.compile(rb'^\{\s*"notes"\s*:|"(?:forum|invitations?)"\s*:\s*\[?\s*"[^"]+".*"content"\s*:\s*\{', re.S)
_OPENALEX = re.compile(rb'"id"\s*:\s*"https://openalex\.org/W\d')
_HTML = re.compile(rb"<(?:!doctype\s+html|html|head|body|main|article|section|div|ul|ol|p|h[1-6])\b", re.I)
_UTF16 = (b"\xff\xfe", b"\xfe\xff")
_CONTROL = bytes(set(range(32)) - {9, 10, 12, 13, 27})


def recognise(head: bytes, where: str) -> Format:
    """What a file is, by its first bytes.

    Raises:
        Malformed: it is empty, or nothing that could be read here.
    """
    if not head.strip():
        raise Malformed(f"{where}: an empty file")
    text = head if not head.startswith(_UTF16) else head.replace(b"\x00", b"")
    noise = len(text) - len(text.translate(None, _CONTROL))
    if b"\x00" in text or noise > len(text) // 50 or text.startswith((b"%PDF", b"%!PS")):
        start = head[:8].hex(" ")
        raise Malformed(f"{where}: expected a table, JSON, HTML or text, found a file that starts with {start}")
    kind = tables.sniff(head)
    if kind in ("json", "jsonl") and _OPENALEX.search(head):
        return FORMATS["openalex"]
    if kind in ("json", "jsonl") and _OPENREVIEW.search(head.lstrip(b"\xef\xbb\xbf \t\r\n")):
        return FORMATS["openreview"]
    if kind is not None:
        cut = None if head.startswith(_UTF16) else FORMATS[kind].cut
        return replace(FORMATS[kind], cut=cut)
    return FORMATS["html" if _HTML.search(text) else "text"]


def named(name: str) -> Format:
    """The format a person names: one of ``FORMATS``, or an adapter.

    Raises:
        Misconfigured: there is no such format.
    """
    if name in FORMATS:
        return FORMATS[name]
    same = {"tsv": "csv", "ndjson": "jsonl", "txt": "text", "htm": "html"}
    if name in same:
        return FORMATS[same[name]]
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


# -- reading


def files(path: Path) -> list[Path]:
    """The file, or every file below the folder in a fixed order; hidden ones are left out."""
    if not path.is_dir():
        return [path]
    found = (p for p in sorted(path.rglob("*")) if p.is_file())
    return [p for p in found if not any(part.startswith(".") for part in p.relative_to(path).parts)]


def unpacked(raw: IO[bytes], where: str) -> IO[bytes]:
    """The stream without gzip or Zstandard around it, known by their first bytes; peeking is possible."""
    stream = raw if isinstance(raw, io.BufferedReader) else io.BufferedReader(raw)  # type: ignore[type-var]
    start = stream.peek(4)[:4]
    if start.startswith(b"\x1f\x8b"):
        return _Unpacked(gzip.open(stream), where).buffered
    if start == b"\x28\xb5\x2f\xfd":
        return _Unpacked(zstandard.ZstdDecompressor().stream_reader(stream, read_across_frames=True), where).buffered
    return stream


class _Unpacked(io.RawIOBase):
    """A decompressed stream whose failures are sentences."""

    def __init__(self, stream: Any, where: str) -> None:
        self._stream, self._where = stream, where
        self.buffered = io.BufferedReader(self, 1 << 20)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        try:
            piece = self._stream.read(len(buffer))
        except (EOFError, OSError, zlib.error, zstandard.ZstdError) as error:
            raise Malformed(f"{self._where}: the compressed stream is broken ({error})") from error
        buffer[: len(piece)] = piece
        return len(piece)


def head_of(stream: IO[bytes]) -> tuple[bytes, IO[bytes]]:
    """The first bytes of a stream, and the stream with them still to come."""
    head = stream.read(HEAD_BYTES)
    return head, io.BufferedReader(_Again(head, stream), 1 << 20)


class _Again(io.RawIOBase):
    def __init__(self, head: bytes, stream: IO[bytes]) -> None:
        self._head, self._stream = head, stream

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        piece, self._head = self._head[: len(buffer)], self._head[len(buffer) :]
        piece = piece or self._stream.read(len(buffer))
        buffer[: len(piece)] = piece
        return len(piece)


def pages(stream: IO[bytes], format: Format, where: str) -> Iterator[bytes]:
    """The bytes of a file, page by page; the pages of one file are always cut at the same places.

    Raises:
        Malformed: too large to be one page, or a broken compressed stream.
    """
    if format.cut == "jsonl":
        yield from _cut(_lines(stream), b"")
    elif format.cut == "csv":
        rows = _csv_rows(stream)
        yield from _cut(rows, next(rows, b""))
    else:
        body = stream.read(WHOLE_BYTES + 1)
        if len(body) > WHOLE_BYTES:
            raise Malformed(f"{where}: larger than {WHOLE_BYTES >> 20} MB: bring it in parts, or as JSON Lines")
        yield body


def _lines(stream: IO[bytes]) -> Iterator[bytes]:
    return (line for line in stream if not line.isspace())


def _cut(rows: Iterable[bytes], header: bytes) -> Iterator[bytes]:
    """Rows in pages, each with the header."""
    page: list[bytes] = []
    size = 0
    for row in rows:
        if page and (len(page) >= PAGE_RECORDS or size + len(row) > PAGE_BYTES):
            yield header + b"".join(page)
            page, size = [], 0
        page.append(row)
        size += len(row)
    if page or header:
        yield header + b"".join(page)


def _csv_rows(stream: IO[bytes]) -> Iterator[bytes]:
    """The header with what stands before it, then row by row; a quoted field may hold line ends."""
    before: list[bytes] = []
    delimiter = b","
    for line in stream:
        before.append(line)
        if not line.strip(b"\xef\xbb\xbf \t\r\n") or re.match(rb"(?i)(?:\xef\xbb\xbf)?(?:sep=.\s*$|#)", line):
            continue
        delimiter = max((d.encode() for d in tables.DELIMITERS), key=line.count)
        break
    yield b"".join(before)
    row: list[bytes] = []
    for line in stream:
        if not row and line.count(b'"') % 2 == 0:
            yield line
            continue
        row.append(line)
        if not _is_open(b"".join(row), delimiter):
            yield b"".join(row)
            row = []
        elif len(row) > LONGEST_QUOTED_LINES:
            yield from row
            row = []
    yield from row


def _is_open(row: bytes, delimiter: bytes) -> bool:
    """Whether a quoted field still waits for its end. A quote opens only at the start of a field (RFC 4180)."""
    if row.count(b'"') % 2 == 0:
        return False
    rest = re.sub(rb'(?:(?<=%s)|^)"(?:[^"]|"")*"' % re.escape(delimiter), b"", row)
    return re.search(rb'(?:%s|^)"' % re.escape(delimiter), rest) is not None


# -- storing


def store(
    cursor: Cursor, configured: Configured, where: str, format: Format, as_of: datetime, bodies: Iterable[bytes], *,
    unique: bool = False, told: Callable[[int], None] = lambda size: None,
) -> int:  # fmt: skip
    """Stores the pages of a file and calls for their reading; the harvest. Nothing is kept when a page cannot be had.

    ``unique`` says that the source lists each work once; ``told`` hears the bytes stored.
    """
    cursor.execute("set local idle_in_transaction_session_timeout = 0")
    configured = _remembering(cursor, configured, unique)
    harvests.register(cursor, configured)
    harvest_id = harvests.start_file(cursor, configured, where)
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
        harvests.call_parse(cursor, kept, harvest_id)
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
