"""The polite, suspicious client: one GET, its raw bytes, and the truth about how it ended.

It owns decoding, because no Python client notices a gzip stream cut before its trailer; it has a total
deadline, because read timeouts never end a slow drip; and it follows redirects itself, to the hosts a source
may talk to and no other.
"""

from __future__ import annotations

import email.utils
import re
import time
import zlib
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urljoin, urlsplit

import httpx2

from worker.errors import Malformed, Permanent, Transient
from worker.page import Page, Request

DEADLINE_S = 60.0
"""A whole response must have arrived by then."""
MOST_BYTES = 64 << 20
"""The largest body, after decompression."""
MOST_RATIO = 200
"""A body that inflates more than that is a bomb (checked above 1 MiB)."""
STEP = 1 << 20
"""Decompression proceeds by so many bytes, so a bomb is noticed early."""
MOST_REDIRECTS = 5
LONGEST_WAIT_S = 86_400.0
"""``Retry-After`` is believed up to a day."""
KEPT_HEADERS = ("etag", "last-modified", "date", "content-language", "link")


class NotModified(Exception):
    """304: the far side has what we have."""


class Client:
    """One connection pool. ``contact`` goes into the User-Agent; without it only loopback may be asked."""

    def __init__(self, version: str, contact: str | None) -> None:
        suffix = f" (mailto:{contact})" if contact else ""
        self._contact = contact
        self._http = httpx2.Client(
            headers={"User-Agent": f"pubcat/{version}{suffix}", "Accept-Encoding": "gzip"},
            timeout=httpx2.Timeout(20.0, connect=10.0),
            follow_redirects=False,
            trust_env=False,
        )

    def close(self) -> None:
        """Closes the pool."""
        self._http.close()

    def get(self, request: Request, *, hosts: frozenset[str], validators: Mapping[str, str] | None = None) -> Page:
        """The page behind a request.

        Raises:
            NotModified: the validators still hold.
            Transient: timeouts, broken streams, 429 and 5xx, with the wait the far side asked for.
            Permanent: 4xx, a bomb, a redirect to a host the source may not talk to.
        """
        url = request.url
        ends_at = time.monotonic() + DEADLINE_S
        for _ in range(MOST_REDIRECTS + 1):
            self._admit(url, hosts)
            try:
                with self._http.stream("GET", url, headers={**request.headers, **(validators or {})}) as response:
                    location = response.headers.get("location")
                    if response.status_code in (301, 302, 303, 307, 308) and location:
                        url = urljoin(url, location)
                        continue
                    return self._page(request, response, ends_at)
            except httpx2.TransportError as error:
                raise Transient(f"{request.key}: {type(error).__name__}: {error}") from error
            except httpx2.InvalidURL as error:
                raise Permanent(f"{request.key}: not an address: {error}") from error
        raise Permanent(f"{request.key}: more than {MOST_REDIRECTS} redirects")

    def _admit(self, url: str, hosts: frozenset[str]) -> None:
        """Refuses addresses the source was not configured for."""
        parts = urlsplit(url)
        host = parts.hostname or ""
        if parts.scheme not in ("http", "https") or host not in hosts:
            raise Permanent(f"{parts.scheme}://{host}: this source may talk to {', '.join(sorted(hosts)) or 'no host'}")
        if self._contact is None and host not in ("127.0.0.1", "localhost", "::1"):
            raise Permanent(f"{host}: set PUBCAT_CONTACT to your mail address first; sources want to know who asks")

    def _page(self, request: Request, response: httpx2.Response, ends_at: float) -> Page:
        status = response.status_code
        if status == 304:
            raise NotModified
        body = _read(response, request.key, ends_at)
        if status == 429 or status >= 500:
            wait_s = retry_after_s(response.headers.get("retry-after"))
            raise Transient(f"{request.key}: HTTP {status}", retry_after_s=wait_s)
        if status != 200:
            raise Refused(f"{request.key}: HTTP {status}", status, body)
        return Page(
            url=request.key,
            body=body,
            media_type=response.headers.get("content-type", "application/octet-stream"),
            status=status,
            headers={name: response.headers[name] for name in KEPT_HEADERS if name in response.headers},
        )


class Refused(Permanent):
    """An answer that is none: 404 and its relatives, with status and bytes."""

    def __init__(self, message: str, status: int, body: bytes) -> None:
        super().__init__(message)
        self.status = status
        self.body = body


def _read(response: httpx2.Response, where: str, ends_at: float) -> bytes:
    """The decoded body, complete or not at all."""
    encoding = response.headers.get("content-encoding", "").strip().lower()
    chunks = _raw(response, where, ends_at)
    if encoding in ("", "identity"):
        return b"".join(chunks)
    if encoding in ("gzip", "x-gzip", "deflate"):
        return inflate(chunks, where, gzip=encoding != "deflate")
    raise Permanent(f"{where}: content encoding {encoding!r} was not asked for")


def _raw(response: httpx2.Response, where: str, ends_at: float) -> Iterator[bytes]:
    size = 0
    for chunk in response.iter_raw():
        size += len(chunk)
        if size > MOST_BYTES:
            raise Permanent(f"{where}: more than {MOST_BYTES >> 20} MiB")
        if time.monotonic() > ends_at:
            raise Transient(f"{where}: not complete after {DEADLINE_S:.0f} s")
        yield chunk
    declared = response.headers.get("content-length")
    if declared and declared.isdigit() and int(declared) != size:
        raise Transient(f"{where}: {size} of {declared} bytes came")


def inflate(chunks: Iterator[bytes], where: str, *, gzip: bool = True) -> bytes:
    """Decompressed bytes of one or several gzip members (RFC 1952), or of one zlib stream.

    Raises:
        Transient: the stream stops before its end.
        Permanent: it inflates beyond all measure.
    """
    out: list[bytes] = []
    came = made = 0
    machine: Any = zlib.decompressobj(31 if gzip else 15)
    for chunk in chunks:
        came += len(chunk)
        while True:
            if machine.eof:
                if not chunk.strip(b"\0"):
                    break
                machine = zlib.decompressobj(31 if gzip else 15)
            try:
                piece = machine.decompress(chunk, STEP)
            except zlib.error as error:
                raise Transient(f"{where}: broken compressed stream ({error})") from error
            chunk = machine.unused_data if machine.eof else machine.unconsumed_tail
            made += len(piece)
            if made > MOST_BYTES or (made > STEP and made > MOST_RATIO * came):
                raise Permanent(f"{where}: {came} bytes inflate to more than {made}")
            out.append(piece)
            if not chunk and len(piece) < STEP:
                break
    if not machine.eof:
        raise Transient(f"{where}: the compressed stream stops before its end")
    return b"".join(out)


def retry_after_s(value: str | None) -> float | None:
    """``Retry-After`` in seconds (number or HTTP date), clamped to 0 .. one day; None when absent or unreadable."""
    if not value:
        return None
    if re.fullmatch(r"\s*-?\d+(\.\d+)?\s*", value):
        wait = float(value)
    else:
        try:
            wait = (email.utils.parsedate_to_datetime(value) - datetime.now(UTC)).total_seconds()
        except (TypeError, ValueError):
            return None
    return min(max(wait, 0.0), LONGEST_WAIT_S)


def check_media(page: Page, expected: str, where: str) -> None:
    """Refuses what is plainly something else: HTML where JSON was asked is a bot check, not an empty page.

    Raises:
        Transient: the far side answers in place of the source; it may answer properly later.
        Malformed: no bytes at all.
    """
    start = page.body[:512].lstrip().lower()
    if not page.body.strip():
        raise Malformed(f"{where}: expected {expected}, found an empty body")
    if expected == "json" and (start.startswith((b"<!doctype html", b"<html")) or "text/html" in page.media_type):
        raise Transient(f"{where}: expected JSON, found HTML (a bot check or an error page)")
