"""Files as they are brought: folders, archives and compressed streams opened, each file inside as one stream.

Known by their first bytes, never by their names: gzip, bzip2, xz, Zstandard, zip and tar, the latter two also inside
the others. Nothing is ever written under a name that an archive tells. What expands beyond measure is refused.
"""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import shutil
import tarfile
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

import zstandard

from worker.errors import Malformed

HEAD_BYTES = 65_536
"""Enough to know a file by."""
FREE_BYTES = 64 << 20
"""A compressed file may always expand to this."""
LARGEST_RATIO = 200
"""Beyond ``FREE_BYTES`` it may expand to this many times what was read of it; texts reach about fifty."""
DEEPEST = 4
"""Wrappings around one file: a gzip in a tar in an xz is three."""

Buffered = Any
"""An ``io.BufferedReader``: a stream that one can look ahead in."""

_OFFICE = ("[Content_Types].xml", "mimetype", "META-INF/manifest.xml")
_BROKEN = (EOFError, OSError, zlib.error, zstandard.ZstdError, lzma.LZMAError, zipfile.BadZipFile, tarfile.TarError,
           NotImplementedError, RuntimeError)  # fmt: skip


def files(path: Path) -> list[Path]:
    """The file, or every file below the folder in a fixed order; hidden ones are left out."""
    if not path.is_dir():
        return [path]
    found = (p for p in sorted(path.rglob("*")) if p.is_file())
    return [p for p in found if not any(part.startswith(".") for part in p.relative_to(path).parts)]


def opened(raw: IO[bytes], where: str) -> Iterator[tuple[str, IO[bytes]]]:
    """Every file in this one, with its name: one for a plain or compressed file, several for an archive (``refs.zip/
    a.bib``), in the order of the archive. Each stream ends when the next is asked for.

    Raises:
        Malformed: broken, encrypted, an office document, or expanding beyond measure.
    """
    return _opened(_peekable(raw), where, 0)


def _opened(stream: Buffered, where: str, depth: int) -> Iterator[tuple[str, IO[bytes]]]:
    start = stream.peek(512)[:512]
    if depth > DEEPEST:
        raise Malformed(f"{where}: packed more than {DEEPEST} times")
    if start.startswith(b"PK\x03\x04"):
        yield from _zip(stream, where, depth)
    elif start[257:262] == b"ustar":
        yield from _tar(stream, where, depth)
    elif (inner := _unpacked(stream, start, where)) is not None:
        yield from _opened(inner, where, depth + 1)
    else:
        yield where, stream


def _unpacked(stream: Buffered, start: bytes, where: str) -> Buffered | None:
    raw = _Counted(stream)
    source = io.BufferedReader(raw, 1 << 18)
    if start.startswith(b"\x1f\x8b"):
        return _Guarded(gzip.open(source), raw, where).buffered
    if start.startswith(b"BZh"):
        return _Guarded(bz2.open(source), raw, where).buffered
    if start.startswith(b"\xfd7zXZ\x00"):
        return _Guarded(lzma.open(source), raw, where).buffered
    if start.startswith(b"\x28\xb5\x2f\xfd"):
        reader = zstandard.ZstdDecompressor().stream_reader(source, read_across_frames=True)
        return _Guarded(reader, raw, where).buffered
    return None


def _zip(stream: Buffered, where: str, depth: int) -> Iterator[tuple[str, IO[bytes]]]:
    with seekable(stream) as file:
        try:
            archive = zipfile.ZipFile(file)
        except _BROKEN as error:
            raise Malformed(f"{where}: the zip file is broken ({error})") from error
        with archive:
            names = {one.filename for one in archive.infolist()}
            if names.intersection(_OFFICE):
                raise Malformed(f"{where}: an office document, not data: save it as CSV and bring that")
            for member in archive.infolist():
                if member.is_dir() or _hidden(member.filename):
                    continue
                inside = f"{where}/{member.filename}"
                if member.flag_bits & 1:
                    raise Malformed(f"{inside}: encrypted; unpack it first")
                try:
                    content = archive.open(member)
                except _BROKEN as error:
                    raise Malformed(f"{inside}: the zip file is broken ({error})") from error
                guarded = _Guarded(content, _Size(member.compress_size), inside)
                yield from _opened(guarded.buffered, inside, depth + 1)


def _tar(stream: Buffered, where: str, depth: int) -> Iterator[tuple[str, IO[bytes]]]:
    try:
        with tarfile.open(fileobj=stream, mode="r|") as archive:
            for member in archive:
                if not member.isreg() or _hidden(member.name):
                    continue
                content = archive.extractfile(member)
                assert content is not None
                inside = f"{where}/{member.name}"
                yield from _opened(_peekable(content), inside, depth + 1)
    except _BROKEN as error:
        raise Malformed(f"{where}: the tar file is broken ({error})") from error


def _hidden(name: str) -> bool:
    return any(part.startswith((".", "__MACOSX")) for part in name.split("/"))


def seekable(stream: IO[bytes]) -> IO[bytes]:
    """The stream, or its content in a temporary file, so that it can be read twice."""
    if _can_seek(stream):
        return stream
    spool = tempfile.TemporaryFile(prefix="pubcat-")  # noqa: SIM115
    shutil.copyfileobj(stream, spool, 1 << 20)
    spool.seek(0)
    return spool


def _can_seek(stream: IO[bytes]) -> bool:
    try:
        return stream.seekable() and stream.tell() >= 0
    except (OSError, ValueError):
        return False


def _peekable(raw: IO[bytes]) -> Buffered:
    return raw if isinstance(raw, io.BufferedReader) else io.BufferedReader(_Counted(raw), 1 << 18)


class _Size:
    """How many packed bytes stand behind what was read."""

    def __init__(self, n_read: int) -> None:
        self.n_read = n_read


class _Counted(io.RawIOBase):
    """A stream that knows how many bytes were taken from it."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream, self.n_read = stream, 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        piece = self._stream.read(len(buffer))
        buffer[: len(piece)] = piece
        self.n_read += len(piece)
        return len(piece)


class _Guarded(io.RawIOBase):
    """An unpacked stream whose failures are sentences, and which does not expand without end."""

    def __init__(self, stream: Any, packed: _Size | _Counted, where: str) -> None:
        self._stream, self._packed, self._where, self._n_given = stream, packed, where, 0
        self.buffered = io.BufferedReader(self, 1 << 20)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        try:
            piece = self._stream.read(len(buffer))
        except _BROKEN as error:
            raise Malformed(f"{self._where}: the compressed stream is broken ({error})") from error
        buffer[: len(piece)] = piece
        self._n_given += len(piece)
        if self._n_given > max(FREE_BYTES, LARGEST_RATIO * self._packed.n_read):
            raise Malformed(f"{self._where}: it expands to more than {LARGEST_RATIO} times its size")
        return len(piece)


def head_of(stream: IO[bytes]) -> tuple[bytes, IO[bytes]]:
    """The first bytes of a stream, and the stream with them still to come."""
    head = stream.read(HEAD_BYTES)
    if _can_seek(stream):
        stream.seek(-len(head), io.SEEK_CUR)
        return head, stream
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
