"""Bytes of an answer, decoded by ourselves: no Python client notices a compressed stream cut before its end."""

from __future__ import annotations

import io
import zlib
from collections.abc import Iterable
from typing import Any

from worker.errors import Permanent, Transient

MOST_BYTES = 64 << 20
"""The largest body, after decompression."""
MOST_RATIO = 200
"""A body that inflates more than that is a bomb (checked above 1 MiB)."""
STEP = 1 << 20
"""Decompression proceeds by so many bytes, so a bomb is noticed early."""


def joined(chunks: Iterable[bytes]) -> bytes:
    """All chunks; one copy of them is in memory at a time."""
    out = io.BytesIO()
    for chunk in chunks:
        out.write(chunk)
    return out.getvalue()


def decoded(chunks: Iterable[bytes], encoding: str, where: str) -> bytes:
    """The body behind a ``Content-Encoding``, complete or not at all.

    Raises:
        Transient: the stream stops before its end, or is broken.
        Permanent: it inflates beyond all measure, or an encoding nobody asked for.
    """
    encoding = encoding.strip().lower()
    if encoding in ("", "identity"):
        return joined(chunks)
    if encoding in ("gzip", "x-gzip"):
        return inflate(chunks, where)
    if encoding == "deflate":
        return inflate(chunks, where, gzip=False)
    raise Permanent(f"{where}: content encoding {encoding[:40]!r} was not asked for")


def inflate(chunks: Iterable[bytes], where: str, *, gzip: bool = True) -> bytes:
    """Decompressed bytes of one or several gzip members (RFC 1952), or of one zlib stream.

    Raises:
        Transient: the stream stops before its end.
        Permanent: it inflates beyond all measure.
    """
    out = io.BytesIO()
    came = made = 0
    machine: Any = zlib.decompressobj(31 if gzip else 15)
    for chunk in chunks:
        came += len(chunk)
        while True:
            if machine.eof:
                if not chunk.strip(b"\0"):
                    break
                if not gzip:
                    raise Transient(f"{where}: {len(chunk)} bytes after the end of the compressed stream")
                machine = zlib.decompressobj(31)
            try:
                piece = machine.decompress(chunk, STEP)
            except zlib.error as error:
                raise Transient(f"{where}: broken compressed stream ({error})") from error
            chunk = machine.unused_data if machine.eof else machine.unconsumed_tail
            made += len(piece)
            if made > MOST_BYTES or (made > STEP and made > MOST_RATIO * came):
                raise Permanent(f"{where}: {came} bytes inflate to more than {made}")
            out.write(piece)
            if not chunk and len(piece) < STEP:
                break
    if came and not machine.eof:  # Refusals without a body say "gzip" all the same.
        raise Transient(f"{where}: the compressed stream stops before its end")
    return out.getvalue()
