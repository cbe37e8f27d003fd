"""The polite, suspicious client: one request, its raw bytes, and the truth about how it ended.

It owns decoding (``worker/decoding.py``) and dialling (``worker/dial.py``), ends every request at a deadline, and
follows redirects itself, to the addresses a source may talk to and no other.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from functools import cached_property
from urllib.parse import urljoin, urlsplit

import httpcore2
import httpx2

from worker import decoding
from worker.dial import Guard
from worker.errors import Malformed, Permanent, Throttled, Transient
from worker.page import Media, Page, Request, decode_text, is_loopback

DEADLINE_S = 60.0
"""A whole response, redirects included, must have arrived by then."""
READ_S, CONNECT_S = 20.0, 10.0
MOST_REDIRECTS = 5
LONGEST_WAIT_S = 86_400.0
"""``Retry-After`` is believed up to a day."""
KEPT_HEADERS = ("etag", "last-modified", "date", "content-language")
"""None that repeats the address asked: it held our key."""
SECRET_HEADERS = frozenset(
    {
        "authorization",
        "client-id",
        "cookie",
        "crossref-plus-api-token",
        "proxy-authorization",
        "x-api-key",
        "x-auth-token",
    }
)
"""Never stored, and never sent to another host than the one they are for."""

logging.getLogger("httpcore2").setLevel(logging.WARNING)
"""Below that it logs addresses and headers, which hold secrets."""

_FAILURES = (
    httpcore2.TimeoutException,
    httpcore2.NetworkError,
    httpcore2.ProtocolError,
    httpcore2.ProxyError,
    httpcore2.UnsupportedProtocol,
)


class NotModified(Exception):
    """304: the far side has what we have."""


class Refused(Permanent):
    """An answer that is none: 404 and its relatives, with the page that said so."""

    def __init__(self, message: str, page: Page) -> None:
        super().__init__(message)
        self.page = page

    @property
    def status(self) -> int:
        """The HTTP status."""
        return self.page.status


class Client:
    """One connection pool. ``contact`` goes into the User-Agent; without it only loopback may be asked."""

    def __init__(self, version: str, contact: str | None, *, deadline_s: float = DEADLINE_S) -> None:
        suffix = f" (mailto:{contact})" if contact else ""
        self._contact = contact
        self._agent = f"pubcat/{version}{suffix}"
        self._deadline_s = deadline_s
        self._guard = Guard()

    @cached_property
    def _pool(self) -> httpcore2.ConnectionPool:
        return httpcore2.ConnectionPool(keepalive_expiry=5.0, network_backend=self._guard)

    def close(self) -> None:
        """Closes the pool."""
        if "_pool" in self.__dict__:
            self._pool.close()

    def send(
        self,
        request: Request,
        *,
        hosts: frozenset[str],
        validators: Mapping[str, str] | None = None,
        statuses: Iterable[int] = (),
        check: Callable[[Page], None] | None = None,
    ) -> Page:
        """The page behind a request. ``hosts`` are those of ``admitted``; ``statuses`` are read besides 200;
        ``check`` looks at whatever came that is neither a redirect nor a failure of the far side.

        Raises:
            NotModified: the validators still hold.
            Throttled: the far side asks for silence, with the wait it asked for.
            Transient: timeouts, broken streams, and what the far side itself calls passing.
            Refused: any other answer; Permanent: a bomb, or a redirect to where the source may not go.
        """
        where = request.key
        self._guard.be_patient(self._deadline_s)
        headers = {"User-Agent": self._agent, "Accept-Encoding": "gzip", **request.headers, **(validators or {})}
        if request.body is not None:
            headers.setdefault("Content-Type", "application/json")
        url = request.url
        for _ in range(MOST_REDIRECTS + 1):
            target = self._admit(url, hosts, where)
            try:
                with self._pool.stream(
                    "GET" if request.body is None else "POST",
                    httpcore2.URL(
                        scheme=target.raw_scheme, host=target.raw_host, port=target.port, target=target.raw_path
                    ),
                    headers=[(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers.items()],
                    content=request.body,
                    extensions={"timeout": {"connect": CONNECT_S, "read": READ_S, "write": READ_S, "pool": READ_S}},
                ) as response:
                    told = _headers(response)
                    location = told.get("location")
                    if response.status not in (301, 302, 303, 307, 308) or not location:
                        if response.status == 304 and not validators:
                            raise Transient(f"{where}: HTTP 304 to a request that held nothing to compare with")
                        return self._page(request, url, response, told, statuses, check)
            except httpcore2.LocalProtocolError as error:
                # Its text shows the header, which may be a secret.
                raise Permanent(
                    f"{where}: no valid request: a credential or header holds a control character"
                ) from error
            except _FAILURES as error:
                raise Transient(f"{where}: {type(error).__name__}: {error}") from error
            except UnicodeEncodeError as error:
                raise Permanent(f"{where}: no valid request: a credential or header is not Latin-1") from error
            url = _followed(url, location, request, where)
            if urlsplit(url).netloc != urlsplit(request.url).netloc:
                headers = {name: value for name, value in headers.items() if name.lower() not in SECRET_HEADERS}
        raise Permanent(f"{where}: more than {MOST_REDIRECTS} redirects")

    def _admit(self, url: str, hosts: frozenset[str], where: str) -> httpx2.URL:
        """Refuses addresses the source was not configured for."""
        try:
            target = httpx2.URL(url)
            place = f"{target.host}:{target.port or {'http': 80, 'https': 443}.get(target.scheme, 0)}"
        except (httpx2.InvalidURL, ValueError, UnicodeError) as error:
            raise Permanent(f"{where}: not an address") from error
        if target.scheme not in ("http", "https") or place not in hosts:
            known = ", ".join(sorted(hosts)) or "no host"
            raise Permanent(f"{where}: leads to {target.scheme}://{place}; this source may talk to {known}")
        if self._contact is None and not is_loopback(target.host):
            raise Permanent(
                f"{target.host}: set PUBCAT_CONTACT to your mail address first; sources want to know who asks"
            )
        return target

    def _page(
        self,
        request: Request,
        url: str,
        response: httpcore2.Response,
        told: Mapping[str, str],
        statuses: Iterable[int],
        check: Callable[[Page], None] | None,
    ) -> Page:
        status, where = response.status, request.key
        if status == 304:
            raise NotModified
        body = decoding.decoded(_raw(response, told, where), told.get("content-encoding", ""), where)
        headers = {name: told[name] for name in KEPT_HEADERS if name in told}
        if url != request.url:
            headers["location"] = Request(url, public=request.public).address
        page = Page(
            url=where,
            body=body,
            media_type=told.get("content-type", "application/octet-stream"),
            status=status,
            headers=headers,
        )
        good = status == 200 or status in statuses
        wait_s = None if good else asked_silence_s(status, told)
        if wait_s is not None:
            raise Throttled(f"{where}: HTTP {status}, asks for silence", wait_s or None)
        if not good and (status >= 500 or status in (408, 425)):
            raise Transient(f"{where}: HTTP {status}")
        if check is not None:
            # What it cannot read is judged where the bytes are kept.
            with suppress(Malformed):
                check(page)
        if not good:
            raise Refused(f"{where}: HTTP {status}", page)
        return page


def _headers(response: httpcore2.Response) -> dict[str, str]:
    """Names in lower case; of a header that comes twice the first."""
    told: dict[str, str] = {}
    for name, value in response.headers:
        told.setdefault(name.decode("latin-1").lower(), value.decode("latin-1").strip())
    return told


def _followed(url: str, location: str, request: Request, where: str) -> str:
    """Where a redirect leads.

    Raises:
        Permanent: from https to http, or a POST that would change.
    """
    if request.body is not None:
        raise Permanent(f"{where}: redirects what was posted")
    try:
        following = urljoin(url, location.encode("latin-1").decode("utf-8", "replace"))
        if urlsplit(url).scheme == "https" and urlsplit(following).scheme == "http":
            raise Permanent(f"{where}: redirects from https to http")
    except ValueError as error:
        raise Permanent(f"{where}: redirects to what is no address") from error
    return following


def _raw(response: httpcore2.Response, told: Mapping[str, str], where: str) -> Iterator[bytes]:
    """The bytes as they come; short ones are no answer."""
    size = 0
    for chunk in response.iter_stream():
        size += len(chunk)
        if size > decoding.MOST_BYTES:
            raise Permanent(f"{where}: more than {decoding.MOST_BYTES >> 20} MiB")
        yield chunk
    declared = told.get("content-length", "")
    if declared.isdigit() and int(declared) != size:
        raise Transient(f"{where}: {size} of {declared} bytes came")


def admitted(*addresses: str | None) -> frozenset[str]:
    """The places a source may talk to as ``host:port``, from addresses and from bare hosts (then 80 and 443); what is
    no address admits nothing."""
    found: set[str] = set()
    for address in addresses:
        try:
            parts = urlsplit(address if "://" in address else f"//{address}") if address else None
            if parts is None or not parts.hostname:
                continue
            name = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
            host = httpx2.URL(f"https://{name}").host
            ports = [parts.port] if parts.port else [443] if parts.scheme == "https" else [80, 443]
        except (httpx2.InvalidURL, ValueError):
            continue
        found.update(f"{host}:{port}" for port in ports)
    return frozenset(found)


def asked_silence_s(status: int, told: Mapping[str, str]) -> float | None:
    """How long an answer asks not to be asked again: 0 when it does not say, None when it does not ask.

    429 asks, and so does any refusal that names a time or says that the quota is spent: OpenAlex refuses by 403.
    """
    wait_s = retry_after_s(told.get("retry-after"))
    spent = told.get("x-ratelimit-remaining", "").strip() in ("0", "0.0", "-1")
    if status not in (401, 402, 403, 429, 500, 503) or (status != 429 and wait_s is None and not spent):
        return None
    if wait_s is None and spent:
        wait_s = _reset_s(told.get("x-ratelimit-reset", ""))
    return wait_s or 0.0


def _reset_s(value: str) -> float | None:
    """``X-RateLimit-Reset``: seconds left, or the moment in seconds since 1970."""
    if not re.fullmatch(r"\s*\d{1,12}(\.\d+)?\s*", value):
        return None
    reset = float(value)
    left = reset - datetime.now(UTC).timestamp() if reset > 1e9 else reset
    return min(max(left, 0.0), LONGEST_WAIT_S)


_DATES = ("%a, %d %b %Y %H:%M:%S GMT", "%A, %d-%b-%y %H:%M:%S GMT", "%a %b %d %H:%M:%S %Y")
"""The three forms of RFC 9110, 5.6.7."""


def retry_after_s(value: str | None) -> float | None:
    """``Retry-After`` in seconds (number or HTTP date), clamped to 0 .. one day; None when absent or unreadable."""
    if not value:
        return None
    if re.fullmatch(r"\s*[+-]?\d+(\.\d+)?\s*", value):
        return min(max(float(value), 0.0), LONGEST_WAIT_S)
    for form in _DATES:
        try:
            moment = datetime.strptime(" ".join(value.split()), form).replace(tzinfo=UTC)
        except ValueError:
            continue
        return min(max((moment - datetime.now(UTC)).total_seconds(), 0.0), LONGEST_WAIT_S)
    return None


_TITLE = re.compile(r"(?is)<title[^>]*>(.{0,200}?)</title")
_CHALLENGED = re.compile(
    r"(?i)^\W*(?:just a moment|attention required|access (?:to this page has been )?denied|one more step|"
    r"un instant|robot check|security (?:check|verification)|bot (?:check|verification)|captcha|"
    r"pardon our interruption|verify(?:ing)? (?:you are|that you are) (?:a )?human|are you (?:a )?(?:human|robot)|"
    r"checking your browser|making sure you.?re not a bot|too many requests|rate limit)"
)
_CHALLENGE = re.compile(
    r"(?i)/cdn-cgi/challenge-platform/|captcha-delivery\.com|_Incapsula_Resource|px-captcha|cf-chl-"
)
_BUSY = re.compile(r"(?i)\W*(?:rate (?:limit )?exceeded|rate limit|too many requests)")
"""arXiv says so with a status of success."""
_HTML = re.compile(r"(?i)<(?:!doctype\s+html|html|head|body)\b")


def check_media(page: Page, expected: Media, where: str) -> None:
    """Refuses what is plainly something else: HTML where JSON was asked is a bot check, not an empty page.

    Raises:
        Throttled: a few words ask for silence.
        Transient: the far side answers in place of the source; it may answer properly later.
    """
    if not page.body.strip():
        raise Transient(f"{where}: expected {expected}, found an empty body")
    start = decode_text(page.body[:65_536], page.media_type).lstrip("\ufeff \t\r\n")
    if len(page.body) < 500 and _BUSY.match(start):
        raise Throttled(f"{where}: expected {expected}, found {start[:60]!r}")
    is_html = bool(_HTML.match(start))
    if is_html:
        title = _TITLE.search(start)
        asked = title and _CHALLENGED.match(" ".join(title[1].split()))
        if asked or (len(page.body) < 32_768 and _CHALLENGE.search(start)):
            raise Transient(f"{where}: expected {expected}, found a page that asks whether we are human")
    if expected in ("any", "html"):
        return
    if is_html or (expected == "json" and "text/html" in page.media_type):
        raise Transient(f"{where}: expected {expected}, found HTML (a bot check or an error page)")
    if (expected == "json" and start[:1] not in '{["-0123456789tfn') or (expected == "xml" and start[:1] != "<"):
        raise Transient(f"{where}: expected {expected}, found {start[:60]!r}")
