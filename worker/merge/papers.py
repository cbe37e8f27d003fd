"""One paper from what its records say, field by field, and why each value stayed.

Every field has a total order over the records, made of what the records themselves say: completeness of
the text, the version described, the source's trust, the source's own dates, a hash. When a record arrived
and which number it got never matter, so any order of the same records gives the same paper. Merging starts from
the records each time, never from the last result.

Values that need no second look keep the cost low: one record, which most papers have, is copied over.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from operator import attrgetter
from typing import Any
from zlib import crc32

import msgspec

from worker.merge.namesakes import assign, initials_only
from worker.merge.standing import PREPRINT, UNKNOWN, Standing, Status, VenueKind, standing
from worker.record import Affiliation, Author, Identifier, Link, PaperKind, Record, TextState, VersionKind

FIELD_TRUST: Mapping[str, Mapping[str, int]] = {
    # Rebuilt from an inverted index: paragraphs, formulas and some punctuation are lost.
    "abstract": {"openalex": 90},
    # A person's own work list often names that person alone.
    "authors": {"orcid": 90},
    # Counts of two sources cannot be compared; one source for as many papers as possible keeps ranks fair.
    "n_citations": {"openalex": 0, "semanticscholar": 1, "crossref": 2},
    # Unpaywall is where the others have it from.
    "oa_status": {"unpaywall": 0, "openalex": 1},
}
"""Field -> source -> trust, where a source is better or worse at one field than at the rest, with the reason."""

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


@dataclass(frozen=True, slots=True)
class Claim:
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


class MergedAuthor(msgspec.Struct, frozen=True, omit_defaults=True):
    """One author in one position; ``record_id`` is the record whose spelling of the name this is."""

    name: str
    given: str | None = None
    family: str | None = None
    identifiers: tuple[Identifier, ...] = ()
    affiliations: tuple[Affiliation, ...] = ()
    corresponding: bool = False
    record_id: int = 0


class Version(msgspec.Struct, frozen=True, omit_defaults=True):
    """One manifestation of the work, with the sources that describe it (none: known by its identifier only)."""

    kind: VersionKind
    venue: str | None = None
    date: str | None = None
    volume: str | None = None
    issue: str | None = None
    pages: str | None = None
    publisher: str | None = None
    identifiers: tuple[Identifier, ...] = ()
    sources: tuple[str, ...] = ()


class Merged(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """One paper. ``None``, ``()``, ``False`` and the status ``unknown`` mean that no record fills the field.

    ``provenance``: field -> (winning record number, rule), for every filled field.
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


def merge(claims: Sequence[Claim], locked: Mapping[str, Any] = {}) -> Merged:  # noqa: B006 - never written to
    """One paper from its claims, whatever order they come in; a claim given twice counts once.

    ``locked``: field -> value set by a person; it wins over every record.

    Raises:
        ValueError: no claim, or a locked field that does not exist or cannot hold its value.
    """
    if len(claims) == 1:
        merged = _one(claims[0])
    else:
        ranked = _ranked(claims)
        merged = _one(ranked[0]) if len(ranked) == 1 else _several(ranked)
    return _lock(merged, locked) if locked else merged


def missing(merged: Merged) -> tuple[str, ...]:
    """What another source should be asked for: ``title``, ``authors``, ``abstract`` (absent or cut)."""
    asked = []
    if merged.title is None or merged.title_state == "cut":
        asked.append("title")
    if not merged.authors or merged.authors_state == "cut":
        asked.append("authors")
    if merged.abstract is None or merged.abstract_state == "cut":
        asked.append("abstract")
    return tuple(asked)


# One record


def _one(claim: Claim) -> Merged:
    """The paper of a single record: a copy, its lists sorted."""
    r = claim.record
    number = claim.record_id
    placed = standing(r.version, r.kind, r.venue)
    identifiers = r.identifiers
    if len(identifiers) > 1:
        identifiers = tuple(sorted(set(identifiers)))
    links = r.links
    if links:
        landing = pdf = None
        for link in links:
            if link.kind == "landing":
                landing = landing or link.url
            elif link.kind == "pdf":
                pdf = pdf or link.url
        if len(links) > 1:
            links = _united_links(links)
    else:
        landing = pdf = None
    rule = "only"
    built = None
    if landing is None and identifiers:
        landing = built = _address(identifiers)
    topics = r.topics
    if len(topics) > 1:
        topics = _united_topics(topics)
    authors = r.authors
    status = "retracted" if r.is_retracted else placed.status
    n_citations = r.n_citations
    merged = Merged(
        title=r.title or None,
        title_language=_language(r.title_language) if r.title else None,
        title_state=r.title_state if r.title else None,
        abstract=r.abstract or None,
        abstract_language=_language(r.abstract_language) if r.abstract else None,
        abstract_state=r.abstract_state if r.abstract else None,
        kind=r.kind or placed.kind,  # type: ignore[arg-type]
        publication_date=r.date or None,
        venue=r.venue or None,
        venue_kind=placed.venue_kind,
        volume=r.volume or None,
        issue=r.issue or None,
        pages=r.pages or None,
        publisher=r.publisher or None,
        language=_language(r.language),
        status=status,
        authors=tuple(
            [
                MergedAuthor(a.name, a.given, a.family, a.identifiers, a.affiliations, a.corresponding, number)
                for a in authors
            ]
        ),
        authors_state=r.authors_state if authors else None,
        identifiers=identifiers,
        links=links,
        landing_url=landing,
        pdf_url=pdf,
        topics=topics,
        n_citations=n_citations,
        citations_source=claim.source if n_citations is not None else None,
        oa_status=r.oa_status or None,
        licence=r.licence or None,
        is_retracted=r.is_retracted,
        versions=_versions((claim,), (placed,)),
        provenance={},
        provenance_hash=crc32(f"{claim.source}\0{r.source_key}".encode()),
    )
    provenance = merged.provenance
    won = (number, rule)
    for field, value in zip(FIELDS, _values(merged), strict=True):
        if value or value == 0 and value is not False:
            provenance[field] = won
    if status == "unknown":
        del provenance["status"]
    if built:
        provenance["landing_url"] = (number, "identifier")
    return merged


_values = attrgetter(*FIELDS)


def _language(code: str | None) -> str | None:
    return code if code and code != "und" else None


def _united_links(links: Iterable[Link]) -> tuple[Link, ...]:
    """Each address once, under the most telling of its kinds, sorted."""
    best: dict[str, Link] = {}
    for link in links:
        known = best.get(link.url)
        if known is None or _link_order(link) < _link_order(known):
            best[link.url] = link
    return tuple(sorted(best.values()))


def _link_order(link: Link) -> tuple[int, str]:
    return _LINK_KINDS.get(link.kind, 3), link.kind


_LINK_KINDS = {"pdf": 0, "code": 1, "video": 2, "landing": 4, "other": 5}


def _united_topics(topics: Iterable[str]) -> tuple[str, ...]:
    """Each topic once, whatever its capitals, sorted."""
    best: dict[str, str] = {}
    for topic in topics:
        folded = topic.casefold()
        known = best.get(folded)
        if known is None or topic < known:
            best[folded] = topic
    return tuple(sorted(best.values()))


_ADDRESSES = {
    "doi": "https://doi.org/",
    "arxiv": "https://arxiv.org/abs/",
    "openreview": "https://openreview.net/forum?id=",
    "hal": "https://hal.science/",
    "pmid": "https://pubmed.ncbi.nlm.nih.gov/",
}


def _address(identifiers: Sequence[Identifier]) -> str | None:
    """Where an identifier leads: DOI first, then arXiv, OpenReview, HAL, PubMed."""
    found = {i.scheme: i.value for i in reversed(identifiers)}
    for scheme, prefix in _ADDRESSES.items():
        if scheme in found:
            return prefix + found[scheme]
    return None


# Several records


class _Ranked(list[Claim]):
    """Claims by trust, then source name; of one source the newest first; then by hash. Each name once.

    ``standings`` and ``published`` (positions, the preferred version first) go with them.
    """

    __slots__ = ("published", "standings")
    standings: list[Standing]
    published: list[int]


def _ranked(claims: Sequence[Claim]) -> _Ranked:
    if not claims:
        raise ValueError("a paper needs at least one record")
    ordered = sorted(claims, key=_tie)
    ordered.sort(key=_dates, reverse=True)
    ordered.sort(key=_trust)
    seen = set()
    ranked = _Ranked()
    for claim in ordered:
        name = (claim.source, claim.record.source_key)
        if name not in seen:
            seen.add(name)
            ranked.append(claim)
    ranked.standings = [standing(c.record.version, c.record.kind, c.record.venue) for c in ranked]
    ranks = [s.rank for s in ranked.standings]
    ranked.published = sorted(range(len(ranks)), key=ranks.__getitem__)
    return ranked


def _tie(claim: Claim) -> tuple[bytes, str]:
    return claim.content_hash, claim.record.source_key


def _dates(claim: Claim) -> tuple[str, str]:
    return claim.record.updated_at or "", claim.as_of


def _trust(claim: Claim) -> tuple[int, str]:
    return claim.trust, claim.source


_STATES = {"whole": 0, "unknown": 1, "cut": 2}
_STATUSES = {"retracted": 0, "published": 1, "accepted": 2, "withdrawn": 3, "preprint": 4}
_PLAIN = ("language", "oa_status", "licence", "n_citations")
_PLACED = ("volume", "issue", "pages", "publisher")
_GETTERS = {field: attrgetter(field) for field in (*_PLAIN, *_PLACED)}


def _several(ranked: _Ranked) -> Merged:
    records = [c.record for c in ranked]
    standings = ranked.standings
    numbers = [c.record_id for c in ranked]
    everyone = range(len(records))
    won: dict[str, tuple[int, str]] = {}
    out: dict[str, Any] = {}

    def keep(field: str, values: Sequence[Any], order: Sequence[int]) -> int:
        winner, rule = _first(field, ranked, values, order)
        if winner >= 0:
            out[field] = values[winner]
            won[field] = (numbers[winner], rule)
        return winner

    # What the work is
    for field in _PLAIN:
        get = _GETTERS[field]
        values = [get(r) for r in records]
        if field == "language":
            values = [_language(v) for v in values]
        keep(field, values, _field_order(field, ranked))
    if "n_citations" in out:
        won["citations_source"] = won["n_citations"]
        out["citations_source"] = next(c.source for c in ranked if c.record_id == won["n_citations"][0])

    # Texts, one per language
    main = out.get("language")
    for field in ("title", "abstract"):
        chosen = _text(field, ranked, main)
        if chosen is None:
            continue
        winner, language, rule, others = chosen
        out[field], state = _text_of(field, records[winner])
        main = main or language
        won[field] = won[f"{field}_state"] = (numbers[winner], rule)
        out[f"{field}_state"] = state
        if language:
            out[f"{field}_language"] = language
            won[f"{field}_language"] = (numbers[winner], rule)
        if others:
            out[f"other_{field}s"] = tuple([(code, *_text_of(field, records[i])) for code, i in others])
            won[f"other_{field}s"] = (numbers[others[0][1]], "united" if len(others) > 1 else "main_language")

    # Where it appeared: the preferred version
    published = ranked.published
    keep("kind", [r.kind or s.kind for r, s in zip(records, standings, strict=True)], published)
    _keep_date(ranked, out, won)
    place = keep("venue", [r.venue for r in records], published)
    keep("venue_kind", [s.venue_kind for s in standings], published)
    at = standings[place if place >= 0 else published[0]].rank
    placed = [i for i in published if standings[i].rank == at]
    placed += [i for i in published if standings[i].rank == UNKNOWN != at]
    for field in _PLACED:
        get = _GETTERS[field]
        keep(field, [get(r) for r in records], placed)
    statuses = ["retracted" if r.is_retracted else s.status for r, s in zip(records, standings, strict=True)]
    known = [i for i in published if statuses[i] != "unknown"]
    known.sort(key=lambda i: _STATUSES[statuses[i]])
    keep("status", statuses, known)
    retracted = next((i for i in everyone if records[i].is_retracted), None)
    if retracted is not None:
        out["is_retracted"] = True
        won["is_retracted"] = (numbers[retracted], "any")

    # Who wrote it
    chosen_list = _author_list(ranked)
    if chosen_list is not None:
        first, rule = chosen_list
        out["authors"] = _authors(ranked, first)
        out["authors_state"] = records[first].authors_state
        won["authors"] = won["authors_state"] = (numbers[first], rule)

    # What is simply united
    def unite(field: str, lists: Sequence[Sequence[Any]], united: tuple[Any, ...]) -> None:
        filled = [i for i in everyone if lists[i]]
        if filled:
            out[field] = united
            rule = "only" if len(filled) == 1 else "united"
            if len(filled) > 1 and all(set(lists[i]) == set(lists[filled[0]]) for i in filled[1:]):
                rule = "agreed"
            won[field] = (numbers[filled[0]], rule)

    identifiers = [r.identifiers for r in records]
    unite("identifiers", identifiers, tuple(sorted({x for some in identifiers for x in some})))
    links = [r.links for r in records]
    if any(links):
        unite("links", links, _united_links([x for some in links for x in some]))
        for field, kind in (("landing_url", "landing"), ("pdf_url", "pdf")):
            keep(field, [next((x.url for x in some if x.kind == kind), None) for some in links], published)
    if "landing_url" not in out and (address := _address(out.get("identifiers", ()))):
        out["landing_url"] = address
        won["landing_url"] = (won["identifiers"][0], "identifier")
    topics = [r.topics for r in records]
    if any(topics):
        unite("topics", topics, _united_topics([x for some in topics for x in some]))
    out["versions"] = versions = _versions(ranked, standings)
    if versions:
        won["versions"] = (numbers[published[0]], "united")

    names = {c.record_id: f"{c.source}\0{c.record.source_key}" for c in ranked}
    told = [f"{field}\0{rule}\0{names[number]}" for field, (number, rule) in sorted(won.items())]
    told += [names[a.record_id] for a in out.get("authors", ())]
    return Merged(**out, provenance=won, provenance_hash=crc32("\0".join(told).encode()))


def _field_order(field: str, ranked: _Ranked) -> Sequence[int]:
    """Positions by the source's trust for this field."""
    special = FIELD_TRUST.get(field)
    if special and any(c.source in special for c in ranked):
        return sorted(range(len(ranked)), key=lambda i: special.get(ranked[i].source, ranked[i].trust))
    return range(len(ranked))


def _first(field: str, ranked: _Ranked, values: Sequence[Any], order: Sequence[int]) -> tuple[int, str]:
    """The first position with a value, and the rule that put it before the best different one; -1 for none."""
    winner = -1
    agreed = False
    for i in order:
        value = values[i]
        if value is None or value == "":
            continue
        if winner < 0:
            winner = i
            best = value
        elif value == best:
            agreed = True
        else:
            return winner, _why(field, ranked, winner, i)
    return winner, "agreed" if agreed else "only"


_VERSIONED = frozenset(
    ("kind", "publication_date", "venue", "venue_kind", *_PLACED, "landing_url", "pdf_url", "versions")
)


def _why(field: str, ranked: _Ranked, winner: int, loser: int) -> str:
    """The rule that puts one position before another, for values without a state of their own."""
    if field in _VERSIONED and ranked.standings[winner].rank != ranked.standings[loser].rank:
        return "preferred_version"
    if field == "status":
        a, b = (_status_rank(ranked, i) for i in (winner, loser))
        if a != b:
            return "furthest"
        if ranked.standings[winner].rank != ranked.standings[loser].rank:
            return "preferred_version"
    a_claim, b_claim = ranked[winner], ranked[loser]
    special = FIELD_TRUST.get(field, {})
    if special.get(a_claim.source, a_claim.trust) != special.get(b_claim.source, b_claim.trust):
        return "field_trust" if a_claim.source in special or b_claim.source in special else "trust"
    if a_claim.trust != b_claim.trust:
        return "trust"
    if a_claim.source == b_claim.source and _dates(a_claim) != _dates(b_claim):
        return "newest"
    return "tie"


def _status_rank(ranked: _Ranked, i: int) -> int:
    return 0 if ranked[i].record.is_retracted else _STATUSES.get(ranked.standings[i].status, 5)


# Texts


def _text_of(field: str, record: Record) -> tuple[str | None, TextState]:
    if field == "title":
        return record.title, record.title_state
    return record.abstract, record.abstract_state


def _text_language(field: str, record: Record) -> str | None:
    return _language(record.title_language if field == "title" else record.abstract_language)


def _stem(text: str) -> str:
    """A text without the dots that end it: what a longer one must begin with to hold it."""
    return text.rstrip(" .…")


def _holds(longer: str, shorter: str) -> bool:
    return len(longer) > len(shorter) and longer.startswith(_stem(shorter))


def _text(
    field: str, ranked: _Ranked, main: str | None
) -> tuple[int, str | None, str, list[tuple[str, int]]] | None:
    """Winner, its language, the rule, and the best text of every further language; nothing without texts.

    A text of unknown language competes with those of the main language. The main language is the one that
    has the most complete text; among equals ``main``, else that of the most trusted source.
    """
    texts = [_text_of(field, c.record)[0] or "" for c in ranked]
    order = [i for i in _field_order(field, ranked) if texts[i]]
    if not order:
        return None
    codes = [_text_language(field, c.record) for c in ranked]
    if len(order) == 1:
        return order[0], codes[order[0]], "only", []
    states = [_STATES[_text_of(field, c.record)[1]] for c in ranked]
    order.sort(key=states.__getitem__)
    languages = {codes[i] for i in order} - {None}
    if len(languages) < 2:
        winner, rule = _best_text(field, ranked, texts, states, order)
        return winner, next(iter(languages), None), rule, []
    language = codes[min((i for i in order if codes[i]), key=lambda i: (states[i], codes[i] != main))]
    pool = [i for i in order if codes[i] is None or codes[i] == language]
    winner, rule = _best_text(field, ranked, texts, states, pool)
    others = []
    for code in sorted(c for c in languages if c and c != language):
        best, _ = _best_text(field, ranked, texts, states, [i for i in order if codes[i] == code])
        others.append((code, best))
        if rule in ("only", "agreed"):
            rule = "whole_text" if states[winner] < states[best] else "main_language"
    return winner, language, rule, others


def _best_text(
    field: str, ranked: _Ranked, texts: Sequence[str], states: Sequence[int], pool: Sequence[int]
) -> tuple[int, str]:
    """The winner among texts of one language, which come by state and trust, and the rule.

    A text of unknown extent that begins a longer one is plainly not whole, and gives way even to a cut one.
    The first then gives way to the longest text of its own state that it begins; a whole title does not (a
    subtitle somebody added is no sign of a missing end).
    """
    first = pool[0]
    rest = [i for i in pool if texts[i] != texts[first]]
    if not rest:
        return first, "agreed" if len(pool) > 1 else "only"
    winner = next(i for i in pool if states[i] != 1 or not any(_holds(texts[j], texts[i]) for j in pool))
    if states[winner] or field == "abstract":
        beginning = texts[winner]
        for i in pool:
            if (
                states[i] == states[winner]
                and len(texts[i]) > len(texts[winner])
                and _holds(texts[i], beginning)
            ):
                winner = i
    return winner, "beginning" if winner != first else _why_text(field, ranked, winner, rest[0])


def _why_text(field: str, ranked: _Ranked, winner: int, loser: int) -> str:
    """The rule that puts one text before another, whatever languages they are in."""
    ours, our_state = _text_of(field, ranked[winner].record)
    theirs, their_state = _text_of(field, ranked[loser].record)
    if _STATES[our_state] > _STATES[their_state]:
        return "beginning"
    gives_way = their_state != "whole" or field == "abstract"
    if gives_way and our_state == their_state and _holds(ours or "", theirs or ""):
        return "beginning"
    if our_state != their_state:
        return "whole_text"
    codes = {_text_language(field, ranked[i].record) for i in (winner, loser)}
    if None not in codes and len(codes) == 2:
        return "main_language"
    return _why(field, ranked, winner, loser)


# Where it appeared


def _keep_date(ranked: _Ranked, out: dict[str, Any], won: dict[str, tuple[int, str]]) -> None:
    """The date of the preferred version, in its most precise form among records of that version."""
    dates = [c.record.date for c in ranked]
    winner, rule = _first("publication_date", ranked, dates, ranked.published)
    if winner < 0:
        return
    rank = ranked.standings[winner].rank
    finest = _finest([i for i in ranked.published if ranked.standings[i].rank == rank], dates, winner)
    out["publication_date"] = dates[finest]
    won["publication_date"] = (ranked[finest].record_id, rule if finest == winner else "more_precise")


def _finest(order: Iterable[int], dates: Sequence[str | None], first: int) -> int:
    """Position of the longest date that agrees with the one at ``first``."""
    coarse = dates[first] or ""
    finest = first
    for i in order:
        date = dates[i] or ""
        if len(date) > len(dates[finest] or "") and date.startswith(coarse):
            finest = i
    return finest


_ARXIV_MONTH = re.compile(r"(?:[a-z-]+(?:\.[a-z]{2})?/)?([0-9]{2})(0[1-9]|1[0-2])")


def _arxiv_month(value: str) -> str | None:
    """The month an arXiv id was issued in: its first four digits are year and month."""
    match = _ARXIV_MONTH.match(value)
    if match is None:
        return None
    century = "19" if match[1] >= "91" else "20"
    return f"{century}{match[1]}-{match[2]}"


_FACTS = tuple(attrgetter(name) for name in ("venue", "date", "volume", "issue", "pages", "publisher"))


def _versions(ranked: Sequence[Claim], standings: Sequence[Standing]) -> tuple[Version, ...]:
    """One per manifestation, the preferred first: one of each published kind, one preprint per repository.

    An arXiv id on the record of a published version tells of a preprint even when no record describes it; its
    month is part of the id. Records of unknown version are no manifestation when others are. A DOI that a
    published version carries is not the preprint's.
    """
    groups: dict[tuple[int, str], list[int]] = {}
    for i, placed in enumerate(standings):
        repository = placed.repository
        if placed.rank == PREPRINT and not repository:
            repository = _repository(ranked[i].record.identifiers)
        groups.setdefault((placed.rank, repository), []).append(i)
    if len(groups) > 1:
        groups.pop((UNKNOWN, ""), None)
        named = [key for key in groups if key[0] == PREPRINT and key[1]]
        nameless = (PREPRINT, "")
        if len(named) == 1 and nameless in groups:
            groups[named[0]] = sorted(groups[named[0]] + groups.pop(nameless))
    versions: list[tuple[VersionKind, list[Any], set[Identifier], tuple[str, ...]]] = []
    stray: set[Identifier] = set()
    taken: set[Identifier] = set()
    home: set[Identifier] | None = None
    for (rank, repository), members in sorted(groups.items()):
        records = [ranked[i].record for i in members]
        identifiers = {x for r in records for x in r.identifiers}
        facts = [next((v for v in map(fact, records) if v), None) for fact in _FACTS]
        if len(records) > 1 and facts[1]:
            dates = [r.date for r in records]
            facts[1] = dates[_finest(range(len(dates)), dates, dates.index(facts[1]))]
        kind: VersionKind = _VERSION_KINDS[rank]
        if kind == "preprint":
            identifiers -= taken
            if repository in ("arxiv", "") and home is None:
                home = identifiers
        elif rank != UNKNOWN:
            preprints = {x for x in identifiers if x.scheme == "arxiv"}
            stray |= preprints
            identifiers -= preprints
            taken |= {x for x in identifiers if x.scheme == "doi"}
        sources = (ranked[members[0]].source,) if len(members) == 1 else tuple(sorted({ranked[i].source for i in members}))
        versions.append((kind, facts, identifiers, sources))
    if stray:
        if home is not None:
            home |= stray
        else:
            month = min((_arxiv_month(x.value) or "9999" for x in stray))
            date = None if month == "9999" else month
            versions.append(("preprint", ["arXiv", date, None, None, None, None], stray, ()))
    return tuple(
        [Version(kind, *facts, tuple(sorted(identifiers)), sources) for kind, facts, identifiers, sources in versions]
    )


_VERSION_KINDS: tuple[VersionKind, ...] = ("journal", "proceedings", "workshop", "other", "preprint", "other")


def _repository(identifiers: Iterable[Identifier]) -> str:
    """The repository of a preprint that names no venue."""
    schemes = {x.scheme for x in identifiers}
    return next((scheme for scheme in ("arxiv", "hal", "openreview") if scheme in schemes), "")


# Who wrote it


def _author_list(ranked: _Ranked) -> tuple[int, str] | None:
    """Position of the record whose author list stays, and the rule; nothing when no record names authors.

    Whole before cut, full names before initials, then trust; a longer list that holds every author of
    the first one takes its place.
    """
    order = [i for i in _field_order("authors", ranked) if ranked[i].record.authors]
    if not order:
        return None
    if len(order) == 1:
        return order[0], "only"
    lists = [c.record.authors for c in ranked]
    names = [[a.name for a in authors] for authors in lists]
    states = [_STATES[c.record.authors_state] for c in ranked]
    order.sort(key=states.__getitem__)
    rest = [i for i in order if names[i] != names[order[0]]]
    if not rest:
        first = order[0]
        return first, "agreed" if states[first] == states[order[-1]] else "whole_list"
    short = [_abbreviated(some) for some in names]
    order.sort(key=lambda i: (states[i], short[i]))
    first = winner = order[0]
    for i in order:
        if (
            states[i] == states[first]
            and short[i] == short[first]
            and len(lists[i]) > len(lists[winner])
            and -1 not in assign(names[first], names[i])
        ):
            winner = i
    if winner != first:
        return winner, "longer_list"
    rival = next(i for i in order if names[i] != names[winner])
    return winner, _why_list(ranked, winner, rival)


def _abbreviated(names: Sequence[str]) -> bool:
    """Whether most of the names have initials only."""
    return 2 * sum(map(initials_only, names)) > len(names)


def _why_list(ranked: _Ranked, winner: int, loser: int) -> str:
    """The rule that puts one author list before another."""
    ours, theirs = ranked[winner].record, ranked[loser].record
    if ours.authors_state != theirs.authors_state:
        return "whole_list"
    names, other_names = [a.name for a in ours.authors], [a.name for a in theirs.authors]
    if _abbreviated(names) != _abbreviated(other_names):
        return "full_names"
    if len(names) > len(other_names) and -1 not in assign(other_names, names):
        return "longer_list"
    return _why("authors", ranked, winner, loser)


def _authors(ranked: _Ranked, first: int) -> tuple[MergedAuthor, ...]:
    """The list at ``first`` with what the other records know of the same people.

    Lent are identifiers of schemes the author has none of, affiliations where there are none, the mark of
    the corresponding author, and a full name where the list has initials.
    """
    own = ranked[first].record.authors
    names = [a.name for a in own]
    others = [i for i in _field_order("authors", ranked) if i != first and ranked[i].record.authors]
    number = ranked[first].record_id
    lent: list[list[tuple[int, Author]]] = [[] for _ in own]
    for i in others:
        theirs = ranked[i].record.authors
        for position, match in enumerate(assign(names, [a.name for a in theirs])):
            if match >= 0 and theirs[match] != own[position]:
                lent[position].append((i, theirs[match]))
    return tuple(
        [
            _lend(author, number, loans, ranked) if loans else _copy(author, number)
            for author, loans in zip(own, lent, strict=True)
        ]
    )


def _copy(a: Author, number: int) -> MergedAuthor:
    return MergedAuthor(a.name, a.given, a.family, a.identifiers, a.affiliations, a.corresponding, number)


def _lend(author: Author, number: int, loans: Sequence[tuple[int, Author]], ranked: _Ranked) -> MergedAuthor:
    """One author with what is lent, the first lender first."""
    name, given, family = author.name, author.given, author.family
    identifiers, affiliations = author.identifiers, author.affiliations
    corresponding = author.corresponding
    short = initials_only(name)
    for i, loan in loans:
        if short and not initials_only(loan.name):
            name, given, family, number, short = loan.name, loan.given, loan.family, ranked[i].record_id, False
        elif given is None and loan.given is not None and loan.name == name:
            given, family = loan.given, loan.family
        if loan.identifiers and loan.identifiers != identifiers:
            schemes = {x.scheme for x in identifiers}
            identifiers += tuple([x for x in loan.identifiers if x.scheme not in schemes])
        affiliations = affiliations or loan.affiliations
        corresponding = corresponding or loan.corresponding
    if identifiers is not author.identifiers:
        identifiers = tuple(sorted(identifiers))
    return MergedAuthor(name, given, family, identifiers, affiliations, corresponding, number)


# What changed


_encode = msgspec.json.Encoder().encode
_N_TEXTS = FIELDS.index("is_retracted")
_texts = attrgetter(*FIELDS[:_N_TEXTS])
_lists = attrgetter(*(f for f in FIELDS[_N_TEXTS + 2 :] if f != "authors"))
_AUTHORS_AT = FIELDS.index("authors")
_PACK = struct.Struct(f">{len(FIELDS) + 1}I").pack


def fingerprints(merged: Merged) -> bytes:
    """Four bytes per field in the order of ``FIELDS``, zeros for an empty one, then four for the provenance.

    Equal fields give equal bytes; different ones differ but for one chance in four thousand million.
    """
    marks = [(crc32(text.encode()) or 1) if text else 0 for text in _texts(merged)]
    if merged.status == "unknown":
        marks[_STATUS_AT] = 0
    count = merged.n_citations
    marks.append(1 if merged.is_retracted else 0)
    marks.append(0 if count is None else count + 1 & 0xFFFFFFFF)
    marks += [(crc32(_encode(some)) or 1) if some else 0 for some in _lists(merged)]
    authors = merged.authors
    marks.insert(
        _AUTHORS_AT,
        crc32(
            _encode([(a.name, a.given, a.family, a.identifiers, a.affiliations, a.corresponding) for a in authors])
        )
        or 1
        if authors
        else 0,
    )
    return _PACK(*marks, merged.provenance_hash)


_STATUS_AT = FIELDS.index("status")


def changed(old: bytes | None, new: bytes) -> list[str]:
    """The fields that differ between two fingerprints, in the order of ``FIELDS``.

    Against nothing, or against fingerprints of another release's fields: every filled field. Who won is no
    field: a paper whose provenance alone moved has ``old != new`` and no changed field.
    """
    if old is None or len(old) != len(new):
        old = bytes(len(new))
    return [f for i, f in enumerate(FIELDS) if old[4 * i : 4 * i + 4] != new[4 * i : 4 * i + 4]]


# Why


@dataclass(frozen=True, slots=True)
class Loser:
    """A record whose value did not stay, and the rule that decided against it."""

    claim: Claim
    value: Any
    rule: str
    reason: str


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why a field holds what it holds. ``winner`` is nothing when a person set it or no record fills it."""

    field: str
    value: Any
    winner: Claim | None
    rule: str
    reason: str
    agreeing: tuple[Claim, ...]
    losers: tuple[Loser, ...]


def explain(claims: Sequence[Claim], field: str, locked: Mapping[str, Any] = {}) -> Explanation:  # noqa: B006
    """Why ``field`` holds what it holds: the winner, the rule as a sentence, and why each other value lost.

    Raises:
        ValueError: no such field, or no claim.
    """
    if field not in FIELDS:
        raise ValueError(f"{field!r} is no field of a paper; fields are {', '.join(FIELDS)}")
    merged = merge(claims, locked)
    ranked = _ranked(claims)
    value = getattr(merged, field)
    number, rule = merged.provenance.get(field, (0, ""))
    reason = RULES.get(rule, "No record fills the field.")
    winner = next((i for i, c in enumerate(ranked) if c.record_id == number), None) if number else None
    told = [_told(field, ranked, i) for i in range(len(ranked))]
    agreeing, losers = [], []
    for i, theirs in enumerate(told):
        if i == winner or theirs is None or theirs == ():
            continue
        if winner is not None and (theirs == told[winner] or field in _UNITED):
            agreeing.append(ranked[i])
        else:
            lost = rule if winner is None else _why_lost(field, ranked, winner, i)
            losers.append(Loser(ranked[i], theirs, lost, RULES.get(lost, "")))
    return Explanation(
        field, value, None if winner is None else ranked[winner], rule, reason, tuple(agreeing), tuple(losers)
    )


_UNITED = frozenset(("identifiers", "links", "topics", "versions", "is_retracted"))
_OF_RECORD = {"publication_date": "date", "other_titles": "title", "other_abstracts": "abstract"}


def _told(field: str, ranked: _Ranked, i: int) -> Any:
    """What one record says of a field, by itself."""
    claim, placed = ranked[i], ranked.standings[i]
    r = claim.record
    match field:
        case "kind":
            return r.kind or placed.kind
        case "venue_kind":
            return placed.venue_kind
        case "status":
            told = "retracted" if r.is_retracted else placed.status
            return None if told == "unknown" else told
        case "landing_url" | "pdf_url":
            return next((x.url for x in r.links if f"{x.kind}_url" == field), None)
        case "citations_source":
            return claim.source if r.n_citations is not None else None
        case "title_language" | "title_state" | "abstract_language" | "abstract_state":
            return getattr(r, field) if getattr(r, field.partition("_")[0]) else None
        case "authors":
            return tuple([a.name for a in r.authors])
        case "authors_state":
            return r.authors_state if r.authors else None
        case "is_retracted":
            return r.is_retracted or None
        case "versions":
            return (placed.version,)
        case _:
            return getattr(r, _OF_RECORD.get(field, field)) or None


def _why_lost(field: str, ranked: _Ranked, winner: int, loser: int) -> str:
    base = field.removeprefix("other_").partition("_")[0].removesuffix("s")
    if base in ("title", "abstract"):
        return _why_text(base, ranked, winner, loser)
    if base == "author":
        return _why_list(ranked, winner, loser)
    if field == "publication_date":
        ours, theirs = ranked[winner].record.date or "", ranked[loser].record.date or ""
        if ranked.standings[winner].rank == ranked.standings[loser].rank and _longer(ours, theirs):
            return "more_precise"
    return _why("n_citations" if field == "citations_source" else field, ranked, winner, loser)


def _longer(ours: str, theirs: str) -> bool:
    return len(ours) > len(theirs) and ours.startswith(theirs)


# What a person set


_TYPES: Mapping[str, Any] = {f.name: f.type for f in msgspec.structs.fields(Merged)}


def _lock(merged: Merged, locked: Mapping[str, Any]) -> Merged:
    """The paper with values a person set. A text set without its state is whole; authors may be bare names."""
    values: dict[str, Any] = {}
    for field, value in locked.items():
        if field not in FIELDS:
            raise ValueError(f"{field!r} is no field of a paper; fields are {', '.join(FIELDS)}")
        if field == "authors" and value and all(isinstance(a, str) for a in value):
            value = [{"name": a} for a in value]
        try:
            values[field] = msgspec.convert(value, _TYPES[field])
        except msgspec.ValidationError as error:
            raise ValueError(f"{field} cannot be {value!r}: {error}") from error
    for field in ("title", "abstract", "authors"):
        if field in values and f"{field}_state" not in locked:
            values[f"{field}_state"] = "whole" if values[field] else None
    won = dict(merged.provenance)
    for field, value in values.items():
        won.pop(field, None)
        if value or (value == 0 and value is not False):
            won[field] = (0, "person")
    mark = crc32("\0".join(sorted(values)).encode(), merged.provenance_hash)
    return msgspec.structs.replace(merged, **values, provenance=won, provenance_hash=mark)
