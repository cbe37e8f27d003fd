"""Files of any size as pages of some thousand records, streaming: no record torn, memory bounded.

A page can be read alone: it carries what its records need of the rest of the file (a header row, the tags around them,
BibTeX's abbreviations and parents). A file that fits one page stays as it is, byte for byte. The pages of one file
are always cut at the same places.
"""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterable, Iterator
from typing import IO

from worker.errors import Malformed
from worker.formats import xml
from worker.formats.tables import DELIMITERS

PAGE_RECORDS = 2_500
"""Records of one page: what a stage does at once in bulk."""
PAGE_BYTES = 8 << 20
"""A page ends there even with fewer records."""
WHOLE_BYTES = 64 << 20
"""The largest file of a format that cannot be cut."""
LONGEST_QUOTED_LINES = 1_000
"""A quoted CSV field that runs on longer is a slip of the pen: the reader says the same."""

Cut = Callable[[IO[bytes]], Iterator[bytes]]
"""The bytes of a file, page by page."""


def whole(stream: IO[bytes]) -> Iterator[bytes]:
    """The file as one page.

    Raises:
        Malformed: too large to be one.
    """
    body = stream.read(WHOLE_BYTES + 1)
    if len(body) > WHOLE_BYTES:
        raise Malformed(f"larger than {WHOLE_BYTES >> 20} MB, and of a format that cannot be cut: bring it in parts")
    yield body


def json_lines(stream: IO[bytes]) -> Iterator[bytes]:
    """Lines that hold something, some thousand a page."""
    return paged(line for line in lines(stream) if not line.isspace())


def csv_rows(stream: IO[bytes]) -> Iterator[bytes]:
    """Rows, each page beginning with the header row; a quoted field may hold line ends."""
    rows = _csv_rows(stream)
    return paged(rows, next(rows, b""), always=True)


def tagged(start: re.Pattern[bytes]) -> Cut:
    """Records of tagged lines, each beginning with a line that ``start`` matches."""

    def cut(stream: IO[bytes]) -> Iterator[bytes]:
        return paged(_tagged(stream, start))

    return cut


def xml_records(*names: str) -> Cut:
    """Outermost elements of these local names, each page with the tags that stand around them."""

    def cut(stream: IO[bytes]) -> Iterator[bytes]:
        pieces = xml.slices(stream, names)
        frame = next(pieces)
        if isinstance(frame, xml.Frame):
            yield from paged(pieces, frame.header, frame.footer)
        else:
            yield bytes(frame)

    return cut


def json_items(stream: IO[bytes]) -> Iterator[bytes]:
    """Items of a JSON array, each page an array; anything but an array of objects is one page."""
    head = stream.read(xml.CHUNK)
    if head.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] == b"[":
        opening, _, first = head.partition(b"[")
        yield from paged(_json_items(first, stream), opening + b"[", b"]", separator=b",")
        return
    rest = stream.read(WHOLE_BYTES)
    if len(head) + len(rest) > WHOLE_BYTES:
        raise Malformed(f"a JSON object larger than {WHOLE_BYTES >> 20} MB: bring its records as JSON Lines")
    yield head + rest


def parquet(stream: IO[bytes]) -> Iterator[bytes]:
    """Rows of a Parquet file, each page a smaller Parquet file; ``stream`` must be one to move about in.

    Raises:
        Malformed: no Parquet.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        whole = pq.ParquetFile(stream)
        size = stream.seek(0, io.SEEK_END)
        if whole.metadata.num_rows <= PAGE_RECORDS and size <= PAGE_BYTES:
            stream.seek(0)
            yield stream.read()
            return
        for batch in whole.iter_batches(batch_size=PAGE_RECORDS):
            page = pa.BufferOutputStream()
            pq.write_table(pa.Table.from_batches([batch]), page, compression="zstd")
            yield page.getvalue().to_pybytes()
    except (pa.ArrowException, OSError) as error:
        raise Malformed(f"expected Parquet, found {' '.join(str(error).split())[:200]}") from error


def paged(
    pieces: Iterable[bytes], header: bytes = b"", footer: bytes = b"", *, separator: bytes = b"", always: bool = False
) -> Iterator[bytes]:
    """Pieces in pages between header and footer. A ``Tail`` closes the last page in the place of the footer; one that
    does not end what was begun is a page for itself. ``separator`` stands before every piece but a page's first;
    ``always`` makes a page of a lone header."""
    page: list[bytes] = []
    size = 0
    for piece in pieces:
        if isinstance(piece, xml.Tail):
            if piece.is_end:
                yield header + b"".join(page) + piece
            else:
                if page:
                    yield header + b"".join(page) + footer
                yield header + piece
            return
        if page and (len(page) >= PAGE_RECORDS or size + len(piece) > PAGE_BYTES):
            yield header + b"".join(page) + footer
            page, size = [], 0
            if separator:
                piece = piece.lstrip().removeprefix(separator)
        page.append(piece)
        size += len(piece)
    if page or (always and header):
        yield header + b"".join(page) + footer


def lines(stream: IO[bytes]) -> Iterator[bytes]:
    """Lines with their ends.

    Raises:
        Malformed: a line too long for any record.
    """
    while line := stream.readline(xml.LONGEST_RECORD):
        if len(line) == xml.LONGEST_RECORD:
            raise Malformed(f"expected lines, found one longer than {xml.LONGEST_RECORD >> 20} MB")
        yield line


def batched(pieces: Iterable[bytes]) -> Iterator[list[bytes]]:
    """Pieces, as many together as make a page."""
    page: list[bytes] = []
    size = 0
    for piece in pieces:
        if page and (len(page) >= PAGE_RECORDS or size + len(piece) > PAGE_BYTES):
            yield page
            page, size = [], 0
        page.append(piece)
        size += len(piece)
    if page:
        yield page


def _tagged(stream: IO[bytes], start: re.Pattern[bytes]) -> Iterator[bytes]:
    record: list[bytes] = []
    begun = False
    size = 0
    for line in lines(stream):
        if start.match(line):
            if begun:
                yield b"".join(record)
                record, size = [], 0
            begun = True
        record.append(line)
        size += len(line)
        if size > xml.LONGEST_RECORD:
            raise Malformed(f"expected records of at most {xml.LONGEST_RECORD >> 20} MB, found a longer one")
    if record:
        yield b"".join(record)


_JSON_MARK = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*"|[{}\[\]"]', re.S)


def _json_items(buffer: bytes, stream: IO[bytes]) -> Iterator[bytes]:
    """Objects of an array with the comma before each, then the tail from the closing bracket on."""
    at = start = depth = 0
    while True:
        ended = False
        for mark in _JSON_MARK.finditer(buffer, at):
            sign = mark[0]
            if sign == b'"':
                break
            at = mark.end()
            if sign in (b"{", b"["):
                depth += 1
            elif sign in (b"}", b"]"):
                depth -= 1
                if depth < 0:
                    ended = True
                    at -= 1
                    break
                if depth == 0:
                    yield buffer[start:at]
                    start = at
        if ended:
            break
        buffer, at, start = buffer[start:], at - start, 0
        if len(buffer) > xml.LONGEST_RECORD:
            raise Malformed(f"expected items of at most {xml.LONGEST_RECORD >> 20} MB, found a longer one")
        piece = stream.read(xml.CHUNK)
        if not piece:
            break
        buffer += piece
    tail = xml.Tail(buffer[start:] + (stream.read(xml.CHUNK) if ended else b""))
    tail.is_end = ended
    yield tail


def _csv_rows(stream: IO[bytes]) -> Iterator[bytes]:
    """The header with what stands before it, then row by row; a quoted field may hold line ends."""
    before: list[bytes] = []
    delimiter = b","
    each_line = lines(stream)
    for line in each_line:
        before.append(line)
        if not line.strip(b"\xef\xbb\xbf \t\r\n") or re.match(rb"(?i)(?:\xef\xbb\xbf)?(?:sep=.\s*$|#)", line):
            continue
        delimiter = max((d.encode() for d in DELIMITERS), key=line.count)
        break
    yield b"".join(before)
    row: list[bytes] = []
    for line in each_line:
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
