"""What one source says of one work, one course or one member of the institute: values that pass between the pure parts.

A record is written as compact JSON (``encode``), read back by ``decode``, and known by ``content_hash``.
Field names are those of the catalog; a field nobody filled is absent from the JSON. ``gc=False`` spares the collector
values that hold only texts and tuples and so can form no cycle: it was a third of the worker's time.
"""

from __future__ import annotations

import hashlib
from typing import Literal

import msgspec
from xxhash import xxh3_64_intdigest

TextState = Literal["whole", "cut", "unknown"]
"""``whole``: the full text; ``cut``: known to be its beginning only; ``unknown``: not told."""

PaperKind = Literal[
    "article", "conference", "workshop", "preprint", "book", "book_chapter", "thesis", "dataset", "report",
    "review", "editorial", "erratum", "front_matter", "other",
]  # fmt: skip
VersionKind = Literal["preprint", "workshop", "proceedings", "journal", "other"]
DateKind = Literal["set", "range", "start", "deadline", "coarse", "none"]


class Identifier(msgspec.Struct, frozen=True, gc=False, order=True, array_like=True):
    """A scheme (``doi``, ``arxiv``, ``openreview``, ``orcid`` ...) and a normalised value."""

    scheme: str
    value: str


class Affiliation(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    """Where an author was: the text as printed, and ids of the organisation (``ror``, ``openalex``)."""

    name: str
    identifiers: tuple[Identifier, ...] = ()
    country: str | None = None


class Author(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    """One author in one position. ``name`` is as printed, homonym numbers and footnote marks removed."""

    name: str
    given: str | None = None
    family: str | None = None
    identifiers: tuple[Identifier, ...] = ()
    affiliations: tuple[Affiliation, ...] = ()
    corresponding: bool = False


class Link(msgspec.Struct, frozen=True, gc=False, omit_defaults=True, order=True):
    """A web address and what stands there: ``landing``, ``pdf``, ``code``, ``video``, ``other``."""

    url: str
    kind: str = "landing"


class Record(msgspec.Struct, frozen=True, gc=False, omit_defaults=True, kw_only=True, tag="paper"):
    """What one source says about one work.

    A record without a title is legal when it has an abstract or an identifier. Texts are cleaned
    (no markup, single blanks, NFC); ``date`` is ``YYYY``, ``YYYY-MM`` or ``YYYY-MM-DD``: its length is its
    precision. ``unread`` names fields of the source nobody has met before.

    Raises:
        ValueError: neither title, abstract nor identifier, or no source key.
    """

    source_key: str
    title: str | None = None
    title_language: str | None = None
    title_state: TextState = "whole"
    abstract: str | None = None
    abstract_language: str | None = None
    abstract_state: TextState = "unknown"
    authors: tuple[Author, ...] = ()
    authors_state: TextState = "whole"
    identifiers: tuple[Identifier, ...] = ()
    kind: PaperKind | None = None
    version: VersionKind | None = None
    date: str | None = None
    venue: str | None = None
    volume: str | None = None
    issue: str | None = None
    pages: str | None = None
    publisher: str | None = None
    language: str | None = None
    links: tuple[Link, ...] = ()
    topics: tuple[str, ...] = ()
    n_citations: int | None = None
    oa_status: str | None = None
    licence: str | None = None
    is_retracted: bool = False
    updated_at: str | None = None
    """When the source last changed this record, ISO 8601, as the source says; never our clock."""
    deleted: bool = False
    """An explicit tombstone of the source. Absence is never one."""
    unread: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not self.source_key:
            raise ValueError("a record needs a source key")
        if not (self.title or self.abstract or self.identifiers or self.deleted):
            raise ValueError("a record needs a title, an abstract or an identifier")

    @property
    def year(self) -> int | None:
        """The year of ``date``, when there is one."""
        return int(self.date[:4]) if self.date else None


class CourseSession(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    """One day of an offering. Times are ``HH:MM`` in the offering's zone."""

    date: str
    start_time: str | None = None
    end_time: str | None = None
    location: str | None = None


class Offering(msgspec.Struct, frozen=True, gc=False, omit_defaults=True, kw_only=True):
    """One cohort of a course: the dates as written, and what we read in them.

    ``date_precision`` is ``day``, ``month``, ``season`` or ``year``; ``date_confidence`` in [0, 1];
    ``year_inferred`` is true when the year was not written and came from the page's date.
    """

    dates_text: str | None = None
    date_kind: DateKind = "none"
    start_date: str | None = None
    end_date: str | None = None
    date_precision: str | None = None
    year_inferred: bool = False
    date_confidence: float = 1.0
    date_rule: str | None = None
    sessions: tuple[CourseSession, ...] = ()
    timezone: str = "America/Toronto"
    mode: str | None = None
    """``online``, ``onsite`` or ``blended``."""
    language: str | None = None
    label: str | None = None
    registration_status: str | None = None
    """``announced``, ``open``, ``full`` or ``closed``."""
    registration_url: str | None = None
    registration_deadline: str | None = None
    price: str | None = None
    currency: str | None = None
    location: str | None = None


class CourseRecord(msgspec.Struct, frozen=True, gc=False, omit_defaults=True, kw_only=True, tag="course"):
    """What one source says about one course, with the offerings it announces.

    Raises:
        ValueError: no title or no source key.
    """

    source_key: str
    title: str
    language: str | None = None
    description: str | None = None
    code: str | None = None
    provider: str | None = None
    audience: str | None = None
    url: str | None = None
    instructors: tuple[str, ...] = ()
    offerings: tuple[Offering, ...] = ()
    updated_at: str | None = None
    deleted: bool = False
    unread: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not self.source_key or not self.title:
            raise ValueError("a course needs a source key and a title")


class Membership(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    """A time at the institute. ``start`` and ``end`` are dates like ``Record.date``; nothing is an open end."""

    role: str | None = None
    start: str | None = None
    end: str | None = None


class MemberRecord(msgspec.Struct, frozen=True, gc=False, omit_defaults=True, kw_only=True, tag="member"):
    """What one roster says about one person: everything, so a later roster that names the person replaces it.

    ``name_keys`` are the folded names (``worker/normalise/names.py``) by which the person is looked for among authors.

    Raises:
        ValueError: no name or no source key.
    """

    source_key: str
    name: str
    given: str | None = None
    family: str | None = None
    name_keys: tuple[str, ...] = ()
    identifiers: tuple[Identifier, ...] = ()
    memberships: tuple[Membership, ...] = ()
    updated_at: str | None = None
    deleted: bool = False
    unread: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not self.source_key or not self.name:
            raise ValueError("a member needs a source key and a name")


AnyRecord = Record | CourseRecord | MemberRecord
ENTITY: dict[type[AnyRecord], str] = {Record: "paper", CourseRecord: "course", MemberRecord: "member"}
"""What a record is about, as the catalog calls it."""

_encoder = msgspec.json.Encoder()
_decoder: msgspec.json.Decoder[AnyRecord] = msgspec.json.Decoder(AnyRecord)


def encode(record: AnyRecord) -> bytes:
    """Compact JSON, fields in a fixed order: equal records give equal bytes."""
    return _encoder.encode(record)


def decode(document: bytes) -> AnyRecord:
    """The record that ``encode`` wrote.

    Raises:
        msgspec.ValidationError: not such a document.
    """
    return _decoder.decode(document)


def content_hash(document: bytes) -> bytes:
    """Sixteen bytes that stand for an encoded record (BLAKE2b)."""
    return hashlib.blake2b(document, digest_size=16).digest()


def hash64(text: str | bytes) -> int:
    """A signed 64-bit hash, equal in every process and release (XXH3): what ``bigint`` columns hold."""
    number = xxh3_64_intdigest(text.encode("utf-8", "surrogatepass") if isinstance(text, str) else text)
    return number - (1 << 64) if number >> 63 else number
