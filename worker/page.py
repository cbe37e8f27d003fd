"""What passes between a source and the outside: a request to make, a page that came, a question to ask."""

from __future__ import annotations

import hashlib
import ipaddress
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property
from typing import Any, Literal
from urllib.parse import unquote

import orjson

from worker.errors import Malformed
from worker.mending import mended
from worker.record import AnyRecord
from worker.seen import Seen

SECRET_PARAMETERS = frozenset({"api_key", "key", "token", "mailto", "email", "access_token", "signature"})

Media = Literal["json", "html", "xml", "text", "any"]
"""What a good answer is. ``text`` is anything but HTML: CSV, BibTeX, YAML."""


@dataclass(frozen=True)
class Request:
    """One HTTP request to make: a GET, or a POST when it has a ``body`` (JSON, unless a header says otherwise).

    Sources build requests without secrets; ``authorise`` adds them just before a request is made. ``media`` is what
    a good answer to this one is, when it differs from what the source answers otherwise. ``public`` names
    parameters that sound secret and are none (Semantic Scholar pages by ``token``).
    """

    url: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes | None = None
    media: Media | None = None
    public: tuple[str, ...] = ()

    @property
    def address(self) -> str:
        """The address with every secret parameter removed."""
        before, mark, after = self.url.partition("?")
        query, hash_mark, fragment = after.partition("#")
        secret = SECRET_PARAMETERS.difference(self.public)
        told = [one for one in query.split("&") if unquote(one.partition("=")[0]).lower() not in secret]
        return f"{before}{mark}{'&'.join(told)}{hash_mark}{fragment}".rstrip("?&")

    @property
    def key(self) -> str:
        """What is stored and logged: the address, and a hash of the body when there is one."""
        return self.address if self.body is None else f"{self.address}#{hashlib.sha256(self.body).hexdigest()[:16]}"


@dataclass(frozen=True)
class Page:
    """One response, or one file, in memory.

    ``as_of`` is the moment the page speaks of (when it was fetched, or the date a person gave); parsers take
    years and relative dates from it and never from a clock. ``options`` is the source's table in the
    sources file (selectors, language, institute ...).
    """

    url: str
    body: bytes
    media_type: str = "application/octet-stream"
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    as_of: datetime | date | None = None
    options: Mapping[str, Any] = field(default_factory=dict)
    seen: Seen | None = None
    """Items that need not be read again, for ``formats/items.py``."""

    def json(self) -> Any:
        """The body as JSON, decoded once: nobody may change it.

        Raises:
            Malformed: it is not JSON, is nested beyond measure, or holds NaN or Infinity.
        """
        return self._json

    @cached_property
    def _json(self) -> Any:
        return read_json(self.body, self.url)

    def text(self) -> str:
        """The body as text, see ``decode_text``."""
        return decode_text(self.body, self.media_type)


_CHARSET = re.compile(r"charset=[\"']?([\w.:-]+)")
_IN_MARKUP = re.compile(
    rb"(?i)<meta[^>]{0,200}charset=[\"']?\s*([\w.:-]+)|^\s*<\?xml[^>]{0,100}encoding=[\"']([\w.:-]+)"
)
_CHARSETS = re.compile(
    r"(?i)utf[-_]?(?:8|16|32)(?:[-_]?[lb]e)?|iso[-_]?8859[-_]?\d{1,2}|latin[-_]?\d|us[-_]?ascii|(?:windows|cp)[-_]?125\d|"
    r"koi8[-_]?[ru]|mac[-_]?roman|shift[-_]?jis|euc[-_]?(?:jp|kr)|iso[-_]?2022[-_]?jp|gb(?:2312|k|18030)|big5"
)
"""What may be declared; Python knows codecs (utf-7, unicode-escape) that are a way in."""
_WESTERN = re.compile(r"(?i)iso[-_]?8859[-_]?1|latin[-_]?1|us[-_]?ascii")
"""Read as Windows-1252, as browsers do. https://encoding.spec.whatwg.org/#names-and-labels"""


_BEYOND_ASCII = re.compile("[^\x00-\x7f\ufffd]")


def decode_text(body: bytes, media_type: str = "") -> str:
    """Bytes to text without ever failing; U+0000 removed. The bytes decide before anybody's word: a mark, the zeros of
    UTF-16, valid UTF-8 beyond ASCII; then the media type, then the markup, then UTF-8 with few broken places, then
    Windows-1252.
    """
    for charset in _charsets(body, media_type):
        try:
            return body.decode(charset).replace("\x00", "")
        except (UnicodeDecodeError, LookupError):
            continue
    lenient = body.decode("utf-8", errors="replace")
    good, bad = len(_BEYOND_ASCII.findall(lenient)), lenient.count("\ufffd")
    text = lenient if good > 10 * bad else body.decode("cp1252", errors="replace")
    return text.replace("\x00", "")


def _charsets(body: bytes, media_type: str) -> Iterable[str]:
    """Charsets to try, the likeliest first."""
    if body.startswith(b"\xef\xbb\xbf"):
        yield "utf-8-sig"
    elif body.startswith((b"\xff\xfe\x00\x00", b"\x00\x00\xfe\xff")):
        yield "utf-32"
    elif body.startswith((b"\xff\xfe", b"\xfe\xff")):
        yield "utf-16"
    start = body[:1024]
    if start.count(0) * 3 > len(start):
        yield "utf-16-le" if start[1::2].count(0) > start[::2].count(0) else "utf-16-be"
    if not body.isascii():
        yield "utf-8"
    in_media_type, in_markup = _CHARSET.search(media_type), _IN_MARKUP.search(body[:2048])
    for told in (
        in_media_type[1] if in_media_type else "",
        (in_markup[1] or in_markup[2]).decode("ascii", "replace") if in_markup else "",
    ):
        if _CHARSETS.fullmatch(told):
            yield "cp1252" if _WESTERN.fullmatch(told) else told
    yield "utf-8"


def read_json(body: bytes, where: str) -> Any:
    """JSON that Postgres and we can keep. One value that is none (NaN, half a surrogate pair, a number or a nesting
    beyond measure) does not spoil the others: see ``worker/mending.py``.

    Raises:
        Malformed: with place, hope and reality.
    """
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError:
        pass
    try:
        return orjson.loads(mended(decode_text(body)))
    except orjson.JSONDecodeError as error:
        start = body[:60].decode("utf-8", errors="replace")
        raise Malformed(f"{where}: expected JSON, found {start!r} ({error})") from error


def is_loopback(host: str) -> bool:
    """Whether a host is named as this very machine: tests and the demo are."""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


@dataclass(frozen=True)
class Window:
    """What a harvest walks: everything, or what changed since a day (inclusive)."""

    since: date | None = None


@dataclass(frozen=True)
class Question:
    """What enrichment wants to know of one paper; asked once per source and period.

    ``by`` is an identifier scheme (``doi``, ``arxiv``, ``openreview`` ...), ``title`` or ``abstract``;
    ``value`` the identifier, the title, or the first words of the abstract.
    """

    by: str
    value: str


@dataclass(frozen=True)
class Site:
    """A source as configured: where it answers, whom we are, and what the sources file says of it."""

    name: str
    base_url: str = ""
    contact: str | None = None
    secrets: Mapping[str, str] = field(default_factory=dict)
    options: Mapping[str, Any] = field(default_factory=dict)


def no_question(site: Site, question: Question) -> Request | None:
    """A source that answers no single questions."""
    return None


def no_next(site: Site, page: Page) -> Request | None:
    """A source of one page."""
    return None


def as_it_is(site: Site, request: Request) -> Request:
    """A source that wants no credentials."""
    return request


def not_told(page: Page) -> int | None:
    """A source that does not say how many records it holds."""
    return None


def not_listed(page: Page) -> Iterable[str] | None:
    """A source whose items are known by reading them only."""
    return None


def no_check(page: Page) -> None:
    """A source whose good answers need no further proof."""


def no_refetch(site: Site, page: Page) -> Iterable[Request]:
    """A source whose lists are never truncated."""
    return ()


@dataclass(frozen=True)
class Login:
    """How a source lets in: ``ask`` makes the request (with ``site.secrets``), ``read`` takes the secrets it answers
    (a token). ``authorise`` finds them among ``site.secrets``. Done once a process, again when the source says 401.
    """

    ask: Callable[[Site], Request]
    read: Callable[[Page], Mapping[str, str]]


@dataclass(frozen=True)
class Source:
    """A source is a value: pure functions and a little metadata; nothing to register.

    ``revision`` rises when the parser learns something, and stored payloads are read again.
    ``deduplicates`` says that two of its keys are two works unless identifiers or versions say otherwise.
    ``trust`` orders sources when a field has several values: smaller is more trusted.

    A walk is what one request of ``first`` begins and ``next`` continues. When ``total`` tells how many items a walk
    has, it is complete only when so many different ones were ``listed``; else the harvest ends suspect.
    """

    name: str
    title: str
    revision: int
    parse: Callable[[Page], Iterable[AnyRecord | Malformed]]
    first: Callable[[Site, Window], Iterable[Request]] = lambda site, window: ()
    next: Callable[[Site, Page], Request | None] = no_next
    ask: Callable[[Site, Question], Request | None] = no_question
    refetch: Callable[[Site, Page], Iterable[Request]] = no_refetch
    total: Callable[[Page], int | None] = not_told
    """How many items the source counts in the walk this page belongs to."""
    listed: Callable[[Page], Iterable[str] | None] = not_listed
    """Ids of all items of a page, whatever becomes of them, for counting against ``total``; without it the keys of
    the records read are counted."""
    authorise: Callable[[Site, Request], Request] = as_it_is
    """Adds credentials just before a request is made: they are never stored, so the others build requests without."""
    login: Login | None = None
    check: Callable[[Page], None] = no_check
    """Looks at an answer before it is stored: ``Transient`` when it only looks like success and time may heal it,
    ``Throttled`` when it asks for silence, ``Expired`` when a cursor is no longer known. Refusals (4xx) are shown to
    it, too."""
    statuses: tuple[int, ...] = ()
    """Statuses besides 200 whose pages ``parse`` reads: 410 of a single record may be its tombstone."""
    base_url: str = ""
    hosts: tuple[str, ...] = ()
    """Hosts the source may talk to besides that of ``base_url`` and of configured pages."""
    needs: tuple[str, ...] = ()
    """Environment names without which the source is off: credentials, and ``PUBCAT_CONTACT`` where our address is
    due."""
    may_use: tuple[str, ...] = ()
    """Environment names of credentials that give it more room; it works without."""
    answers: tuple[str, ...] = ()
    """What ``ask`` understands: identifier schemes, ``title``, ``abstract``."""
    deduplicates: bool = False
    trust: int = 50
    seconds_between_requests: float = 1.0
    concurrency: int = 2
    """Requests under way at once in its host group, over all workers."""
    host_group: str = ""
    media: Media = "any"
    """What a good answer is; HTML where JSON was asked is a failure, not an empty page."""

    def read(self, page: Page) -> list[AnyRecord | Malformed]:
        """Every record of a page, and a ``Malformed`` in the place of each that cannot be read: the one caller of
        every parser.

        Raises:
            Malformed: the page itself cannot be read, or the parser met something it does not know; page and reason
                are in the message.
        """
        try:
            return list(self.parse(page))
        except Malformed:
            raise
        except (KeyError, IndexError, TypeError, ValueError, AttributeError, RecursionError) as error:
            reason = f"missing {error}" if isinstance(error, KeyError) else str(error)
            raise Malformed(f"{self.name}, {page.url}: {type(error).__name__}: {reason}") from error
