"""A paper before and after: what each source claims, what became of it, and the rules that decide."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import msgspec

from worker.merge.standing import Status, VenueKind
from worker.record import Affiliation, Identifier, Link, PaperKind, Record, TextState, VersionKind

RULES: Mapping[str, str] = {
    "only": "No other record fills the field.",
    "agreed": "Every record that fills the field says the same.",
    "whole_text": "A whole text beats one of unknown extent, and that beats a cut one.",
    "beginning": "A text that is only the beginning of a longer one gives way to it.",
    "main_language": "The paper's own language comes before a translation.",
    "preferred_version": "Journal before proceedings, workshop, other publication, preprint and unknown version.",
    "more_precise": "A more precise date that agrees with the better placed one.",
    "field_trust": "The source most trusted for this very field.",
    "trust": "The more trusted source.",
    "newest": "The same source's newer word.",
    "tie": "Equally good: decided by source name and content hash, so that it never changes.",
    "furthest": "Retracted before published, accepted, withdrawn and preprint.",
    "whole_list": "A whole author list beats one of unknown extent, and that beats a cut one.",
    "longer_list": "The longer author list, which holds every author of the better trusted one.",
    "full_names": "A list of full names beats one of initials.",
    "united": "Everything the records say, each thing once.",
    "any": "One record that says so is enough.",
    "identifier": "No record gives an address: built from the paper's identifier.",
    "person": "Set by a person.",
}
"""Rule name -> the sentence a curator reads. It says why the winner won, and so why each loser lost."""
FIELDS: tuple[str, ...] = (
    "title", "title_language", "title_state", "abstract", "abstract_language", "abstract_state", "kind",
    "publication_date", "venue", "venue_kind", "volume", "issue", "pages", "publisher", "language", "status",
    "authors_state", "landing_url", "pdf_url", "citations_source", "oa_status", "licence",
    "is_retracted", "n_citations", "other_titles", "other_abstracts", "authors", "identifiers", "links",
    "topics", "versions",
)  # fmt: skip
"""Every field of a paper, in the order of ``fingerprints``. New ones are appended."""
Text = tuple[str | None, str, TextState]
"""Language (ISO 639-1 or nothing), text, state."""


class Claim(NamedTuple):
    """What one source says of the work, and how far it is believed.

    ``trust``: smaller is believed first. ``as_of``: ISO day the payload speaks of, compared only between
    records of one source. ``record_id`` appears in provenance and decides nothing; the natural name is
    ``(source, record.source_key)``.
    """

    record_id: int
    source: str
    trust: int
    as_of: str
    content_hash: bytes
    record: Record


class MergedAuthor(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    """One author in one position; ``record_id`` is the record whose spelling of the name this is."""

    name: str
    given: str | None = None
    family: str | None = None
    identifiers: tuple[Identifier, ...] = ()
    affiliations: tuple[Affiliation, ...] = ()
    corresponding: bool = False
    record_id: int = 0


class Version(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    """One manifestation of the work, with the sources that describe it (none: known by its identifier only).

    ``link`` says what ties it to the preferred version, one of ``LINKS`` or ``title_match``; nothing for that itself.
    """

    kind: VersionKind
    venue: str | None = None
    date: str | None = None
    volume: str | None = None
    issue: str | None = None
    pages: str | None = None
    publisher: str | None = None
    identifiers: tuple[Identifier, ...] = ()
    sources: tuple[str, ...] = ()
    link: str | None = None


class Merged(msgspec.Struct, frozen=True, gc=False, omit_defaults=True, kw_only=True):
    """One paper. ``None``, ``()``, ``False`` and the status ``unknown`` mean that no record fills the field.

    ``provenance``: field -> (winning record number, rule), for every filled field. A field that a person fixed, even
    to nothing, has the number of the decision, negative; such fields come first.
    ``provenance_hash``: the same with natural names for numbers, as 32 bits.
    """

    title: str | None = None
    title_language: str | None = None
    title_state: TextState | None = None
    abstract: str | None = None
    abstract_language: str | None = None
    abstract_state: TextState | None = None
    other_titles: tuple[Text, ...] = ()
    other_abstracts: tuple[Text, ...] = ()
    kind: PaperKind | None = None
    publication_date: str | None = None
    venue: str | None = None
    venue_kind: VenueKind | None = None
    volume: str | None = None
    issue: str | None = None
    pages: str | None = None
    publisher: str | None = None
    language: str | None = None
    status: Status = "unknown"
    authors: tuple[MergedAuthor, ...] = ()
    authors_state: TextState | None = None
    identifiers: tuple[Identifier, ...] = ()
    links: tuple[Link, ...] = ()
    landing_url: str | None = None
    pdf_url: str | None = None
    topics: tuple[str, ...] = ()
    n_citations: int | None = None
    citations_source: str | None = None
    oa_status: str | None = None
    licence: str | None = None
    is_retracted: bool = False
    versions: tuple[Version, ...] = ()
    provenance: dict[str, tuple[int, str]] = {}
    provenance_hash: int = 0
