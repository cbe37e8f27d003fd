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
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import compress
from operator import attrgetter
from typing import Any, NamedTuple
from zlib import crc32

import msgspec

from worker.merge.fixed import Fixed
from worker.merge.namesakes import assign, initials_only
from worker.merge.standing import PREPRINT, UNKNOWN, Standing, Status, VenueKind, standing
from worker.normalise.repositories import is_preprint_doi
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


LINKS = {
    "crossref": "crossref_relation", "datacite": "datacite_relation", "arxiv": "arxiv_doi",
    "openalex": "openalex_merge", "": "identifier_match",
}  # fmt: skip
"""Whose word ties two versions when a record carries identifiers of both, the best first; "" is any other source."""


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


def merge(claims: Sequence[Claim], fixed: Mapping[str, Fixed] = {}) -> Merged:
    """One paper from its claims, whatever order they come in; a claim given twice counts once.

    ``fixed``: field -> value fixed by a person; it wins over every record.

    Raises:
        ValueError: no claim, or a fixed field that does not exist or cannot hold its value.
    """
    if len(claims) == 1:
        merged = _one(claims[0])
    else:
        ranked = _ranked(claims)
        merged = _one(ranked.claims[0]) if len(ranked.claims) == 1 else _several(ranked)
    return _fix(merged, fixed) if fixed else merged


def is_fixed(merged: Merged) -> bool:
    """Whether a person fixed a field of it."""
    return next(iter(merged.provenance.values()), (0, ""))[0] < 0


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
    """The paper of a single record: a copy, its lists sorted. Equal to what ``_several`` makes of it."""
    r = claim.record
    placed = standing(r.version, r.kind, r.venue)
    identifiers, links, topics, authors = _sorted(r.identifiers), r.links, r.topics, r.authors
    landing = pdf = built = None
    if links:
        landing, pdf = _link_of(links, "landing"), _link_of(links, "pdf")
        if len(links) > 1:
            links = _united_links(links)
    if landing is None and identifiers:
        landing = built = _address(identifiers)
    if len(topics) > 1:
        topics = _united_topics(topics)
    won = (claim.record_id, "only")
    provenance: dict[str, tuple[int, str]] = {}
    merged = Merged(
        title=r.title or None,
        title_language=_language(r.title_language) if r.title else None,
        title_state=r.title_state if r.title else None,
        abstract=r.abstract or None,
        abstract_language=_language(r.abstract_language) if r.abstract else None,
        abstract_state=r.abstract_state if r.abstract else None,
        kind=r.kind or placed.kind,
        publication_date=r.date or None,
        venue=r.venue or None,
        venue_kind=placed.venue_kind,
        volume=r.volume or None,
        issue=r.issue or None,
        pages=r.pages or None,
        publisher=r.publisher or None,
        language=_language(r.language),
        status="retracted" if r.is_retracted else placed.status,
        authors=tuple([_copy(a, claim.record_id) for a in authors]),
        authors_state=r.authors_state if authors else None,
        identifiers=identifiers,
        links=links,
        landing_url=landing,
        pdf_url=pdf,
        topics=topics,
        n_citations=r.n_citations,
        citations_source=None if r.n_citations is None else claim.source,
        oa_status=r.oa_status or None,
        licence=r.licence or None,
        is_retracted=r.is_retracted,
        versions=_versions((claim,), (placed,)),
        provenance=provenance,
        provenance_hash=crc32(f"{claim.source}\0{r.source_key}".encode()),
    )
    provenance.update(dict.fromkeys(compress(FIELDS, _values(merged)), won))
    if r.n_citations == 0:
        provenance["n_citations"] = won
    if merged.status == "unknown":
        del provenance["status"]
    if built:
        provenance["landing_url"] = (claim.record_id, "identifier")
    return merged


_values = attrgetter(*FIELDS)


def _language(code: str | None) -> str | None:
    return code if code and code != "und" else None


def _sorted(ids: Sequence[Identifier]) -> tuple[Identifier, ...]:
    return tuple(sorted(set(ids))) if len(ids) > 1 else tuple(ids)


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


@dataclass(slots=True)
class _Ranked:
    """Claims by trust, then source name; of one source the newest first; then by hash. Each name once.

    ``standings`` are theirs; ``published`` holds positions, the preferred version first.
    """

    claims: list[Claim]
    sources: set[str]
    standings: list[Standing]
    published: Sequence[int]


def _ranked(claims: Sequence[Claim]) -> _Ranked:
    if not claims:
        raise ValueError("a paper needs at least one record")
    ordered = sorted(claims, key=_trust)
    sources = {c.source for c in ordered}
    if len(sources) < len(ordered):
        ordered.sort(key=_tie)
        ordered.sort(key=_dates, reverse=True)
        ordered.sort(key=_trust)
        first: dict[tuple[str, str], Claim] = {}
        for claim in ordered:
            first.setdefault((claim.source, claim.record.source_key), claim)
        ordered = list(first.values())
    standings = [standing(r.version, r.kind, r.venue) for r in [c.record for c in ordered]]
    ranks = [s[0] for s in standings]
    n = len(ranks)
    published = range(n) if ranks.count(ranks[0]) == n else sorted(range(n), key=ranks.__getitem__)
    return _Ranked(ordered, sources, standings, published)


_trust = attrgetter("trust", "source")
_tie = attrgetter("content_hash", "record.source_key")


def _dates(claim: Claim) -> tuple[str, str]:
    return claim.record.updated_at or "", claim.as_of


_STATES = {"whole": 0, "unknown": 1, "cut": 2}
_STATUSES = {"retracted": 0, "published": 1, "accepted": 2, "withdrawn": 3, "preprint": 4, "unknown": 5}
_PLAIN = ("language", "oa_status", "licence")
_PLACED = ("volume", "issue", "pages", "publisher")
_COLUMNS = (
    *_PLAIN, *_PLACED, "n_citations", "title", "title_language", "title_state", "abstract", "abstract_language",
    "abstract_state", "kind", "date", "venue", "is_retracted", "authors", "authors_state", "identifiers", "links",
    "topics",
)  # fmt: skip
_columns = attrgetter(*_COLUMNS)


def _several(ranked: _Ranked) -> Merged:
    claims, standings, published = ranked.claims, ranked.standings, ranked.published
    numbers = [c.record_id for c in claims]
    n = len(claims)
    column: dict[str, tuple[Any, ...]] = dict(
        zip(_COLUMNS, zip(*[_columns(c.record) for c in claims], strict=True), strict=True)
    )
    won: dict[str, tuple[int, str]] = {}
    out: dict[str, Any] = {}

    def keep(field: str, values: Sequence[Any], order: Sequence[int]) -> int:
        if (value := values[0]) and len(order) == n > 1 and values.count(value) == n:
            out[field] = value
            won[field] = (numbers[order[0]], "agreed")
            return order[0]
        winner, rule = _first(field, ranked, values, order)
        if winner >= 0:
            out[field] = values[winner]
            won[field] = (numbers[winner], rule)
        return winner

    # What the work is
    for field in _PLAIN:
        values: Sequence[Any] = column[field]
        if any(values):
            if field == "language":
                values = [_language(code) for code in values]
            keep(field, values, _field_order(field, ranked))
    values = column["n_citations"]
    if values.count(None) < n:
        winner = keep("n_citations", values, _field_order("n_citations", ranked))
        out["citations_source"] = claims[winner].source
        won["citations_source"] = won["n_citations"]

    # Texts, one per language
    main = out.get("language")
    for field, language_field, state_field, others_field in _TEXTS:
        texts, states = column[field], column[state_field]
        chosen = _text(field, ranked, texts, column[language_field], states, main)
        if chosen is None:
            continue
        winner, language, rule, others = chosen
        main = main or language
        pair = (numbers[winner], rule)
        out[field], out[state_field] = texts[winner], states[winner]
        won[field] = won[state_field] = pair
        if language:
            out[language_field] = language
            won[language_field] = pair
        if others:
            out[others_field] = tuple([(code, texts[i], states[i]) for code, i in others])
            won[others_field] = (numbers[others[0][1]], "united")

    # Where it appeared: the preferred version
    values = [kind or placed.kind for kind, placed in zip(column["kind"], standings, strict=True)]
    keep("kind", values, published)
    if any(column["date"]):
        _keep_date(ranked, column["date"], out, won)
    place = keep("venue", column["venue"], published) if any(column["venue"]) else -1
    keep("venue_kind", [placed.venue_kind for placed in standings], published)
    held: list[int] = []
    for field in _PLACED:
        values = column[field]
        if any(values):
            if not held:
                at = standings[place if place >= 0 else published[0]].rank
                held = [i for i in published if standings[i].rank == at]
                held += [i for i in published if standings[i].rank == UNKNOWN != at]
            keep(field, values, held)
    statuses: list[str | None] = [None if s.status == "unknown" else s.status for s in standings]
    if any(column["is_retracted"]):
        statuses = ["retracted" if gone else s for gone, s in zip(column["is_retracted"], statuses, strict=True)]
        out["is_retracted"] = True
        won["is_retracted"] = (numbers[column["is_retracted"].index(True)], "any")
    steps = [_STATUSES[status or "unknown"] for status in statuses]
    keep("status", statuses, sorted(published, key=steps.__getitem__))

    # Who wrote it
    if any(column["authors"]):
        first, rule = _author_list(ranked)
        out["authors"] = _authors(ranked, first)
        out["authors_state"] = column["authors_state"][first]
        won["authors"] = won["authors_state"] = (numbers[first], rule)

    # What is simply united
    for field, unite in _UNITE.items():
        lists = [some for some in column[field] if some]
        if lists:
            agreed = lists.count(lists[0]) == len(lists)
            out[field] = unite(lists[0] if agreed else [x for some in lists for x in some])
            rule = "only" if len(lists) == 1 else "agreed" if agreed else "united"
            won[field] = (numbers[column[field].index(lists[0])], rule)
    if any(column["links"]):
        for field, kind in (("landing_url", "landing"), ("pdf_url", "pdf")):
            keep(field, [_link_of(links, kind) for links in column["links"]], published)
    if "landing_url" not in out and "identifiers" in out and (address := _address(out["identifiers"])):
        out["landing_url"] = address
        won["landing_url"] = (won["identifiers"][0], "identifier")
    out["versions"] = _versions(claims, standings)
    won["versions"] = (numbers[published[0]], "united")

    names = {c.record_id: f"{c.source}\0{c.record.source_key}" for c in claims}
    told = [f"{field}\0{rule}\0{names[number]}" for field, (number, rule) in won.items()]
    told += [names[a.record_id] for a in out.get("authors", ())]
    return Merged(**out, provenance=won, provenance_hash=crc32("\0".join(told).encode()))


_TEXTS = tuple((f, f"{f}_language", f"{f}_state", f"other_{f}s") for f in ("title", "abstract"))
_UNITE: Mapping[str, Callable[[Sequence[Any]], tuple[Any, ...]]] = {
    "identifiers": _sorted,
    "links": _united_links,
    "topics": _united_topics,
}


def _link_of(links: Iterable[Link], kind: str) -> str | None:
    for link in links:
        if link.kind == kind:
            return link.url
    return None


def _field_order(field: str, ranked: _Ranked) -> Sequence[int]:
    """Positions by the source's trust for this field."""
    claims = ranked.claims
    special = FIELD_TRUST.get(field)
    if special and not special.keys().isdisjoint(ranked.sources):
        trust = [special.get(c.source, c.trust) for c in claims]
        return sorted(range(len(claims)), key=trust.__getitem__)
    return range(len(claims))


def _first(field: str, ranked: _Ranked, values: Sequence[Any], order: Sequence[int]) -> tuple[int, str]:
    """The first position with a value, and the rule that put it before the best different one; -1 for none."""
    winner = -1
    best = None
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
    a_claim, b_claim = ranked.claims[winner], ranked.claims[loser]
    special = FIELD_TRUST.get(field, {})
    if special.get(a_claim.source, a_claim.trust) != special.get(b_claim.source, b_claim.trust):
        return "field_trust" if a_claim.source in special or b_claim.source in special else "trust"
    if a_claim.trust != b_claim.trust:
        return "trust"
    if a_claim.source == b_claim.source and _dates(a_claim) != _dates(b_claim):
        return "newest"
    return "tie"


def _status_rank(ranked: _Ranked, i: int) -> int:
    return 0 if ranked.claims[i].record.is_retracted else _STATUSES[ranked.standings[i].status]


# Texts


def _holds(longer: str | None, shorter: str | None) -> bool:
    """Whether a text is the longer one's beginning, dots at its end aside."""
    if not longer or not shorter or len(longer) <= len(shorter):
        return False
    return longer.startswith(shorter.rstrip(" .…"))


def _text(
    field: str,
    ranked: _Ranked,
    texts: Sequence[str | None],
    languages: Sequence[str | None],
    states: Sequence[str],
    main: str | None,
) -> tuple[int, str | None, str, list[tuple[str, int]]] | None:
    """Winner, its language, the rule, and the best text of every further language; nothing without texts.

    A text of unknown language competes with those of the main language. The main language is the one that
    has the most complete text; among equals ``main``, else that of the most trusted source.
    """
    if not any(texts):
        return None
    n = len(texts)
    order = [i for i in _field_order(field, ranked) if texts[i]]
    if texts.count(texts[0]) == states.count(states[0]) == languages.count(languages[0]) == n > 1:
        return order[0], _language(languages[0]), "agreed", []
    if len(order) == 1:
        return order[0], _language(languages[order[0]]), "only", []
    ranks = [_STATES[state] for state in states]
    order.sort(key=ranks.__getitem__)
    codes = [_language(code) for code in languages]
    known = {codes[i] for i in order} - {None}
    if len(known) < 2:
        winner, rule = _best_text(field, ranked, texts, ranks, order)
        return winner, next(iter(known), None), rule, []
    language = codes[min((i for i in order if codes[i]), key=lambda i: (ranks[i], codes[i] != main))]
    pool = [i for i in order if codes[i] is None or codes[i] == language]
    winner, rule = _best_text(field, ranked, texts, ranks, pool)
    others = []
    for code in sorted(c for c in known if c and c != language):
        best, _ = _best_text(field, ranked, texts, ranks, [i for i in order if codes[i] == code])
        others.append((code, best))
        if rule in ("only", "agreed"):
            rule = "whole_text" if ranks[winner] < ranks[best] else "main_language"
    return winner, language, rule, others


def _best_text(
    field: str, ranked: _Ranked, texts: Sequence[str | None], ranks: Sequence[int], pool: Sequence[int]
) -> tuple[int, str]:
    """The winner among texts of one language, which come by state and trust, and the rule.

    A text of unknown extent that begins a longer one is plainly not whole, and gives way even to a cut one.
    The first then gives way to the longest text of its own state that it begins; a whole title does not (a
    subtitle somebody added is no sign of a missing end).
    """
    first = pool[0]
    best = texts[first]
    rival = next((i for i in pool if texts[i] != best), None)
    if rival is None:
        return first, "agreed" if len(pool) > 1 else "only"
    winner = first
    if ranks[first] == 1:
        winner = next(i for i in pool if ranks[i] != 1 or not any(_holds(texts[j], texts[i]) for j in pool))
    if ranks[winner] or field == "abstract":
        beginning = texts[winner]
        for i in pool:
            if ranks[i] == ranks[winner] and _holds(texts[i], beginning) and _longer(texts[i], texts[winner]):
                winner = i
    return winner, "beginning" if winner != first else _why_text(field, ranked, winner, rival)


def _longer(a: str | None, b: str | None) -> bool:
    return len(a or "") > len(b or "")


def _why_text(field: str, ranked: _Ranked, winner: int, loser: int) -> str:
    """The rule that puts one text before another, whatever languages they are in."""
    ours, our_state, our_code = _text_of(field, ranked.claims[winner].record)
    theirs, their_state, their_code = _text_of(field, ranked.claims[loser].record)
    if _STATES[our_state] > _STATES[their_state]:
        return "beginning"
    gives_way = their_state != "whole" or field == "abstract"
    if gives_way and our_state == their_state and _holds(ours, theirs):
        return "beginning"
    if our_state != their_state:
        return "whole_text"
    if our_code and their_code and our_code != their_code:
        return "main_language"
    return _why(field, ranked, winner, loser)


def _text_of(field: str, record: Record) -> tuple[str | None, TextState, str | None]:
    if field == "title":
        return record.title, record.title_state, _language(record.title_language)
    return record.abstract, record.abstract_state, _language(record.abstract_language)


# Where it appeared


def _keep_date(
    ranked: _Ranked, dates: Sequence[str | None], out: dict[str, Any], won: dict[str, tuple[int, str]]
) -> None:
    """The date of the preferred version, in its most precise form among records of that version."""
    winner, rule = _first("publication_date", ranked, dates, ranked.published)
    if winner < 0:
        return
    rank = ranked.standings[winner].rank
    finest = winner
    for i in ranked.published:
        if dates[i] and ranked.standings[i].rank == rank and _finer(dates[i] or "", dates[finest] or ""):
            finest = i
    out["publication_date"] = dates[finest]
    won["publication_date"] = (ranked.claims[finest].record_id, rule if finest == winner else "more_precise")


def _finer(date: str, than: str) -> bool:
    """Whether a partial date says the same and more: ``2024-05`` than ``2024``."""
    return len(date) > len(than) and date.startswith(than)


_ARXIV_MONTH = re.compile(r"(?:[a-z-]+(?:\.[a-z]{2})?/)?([0-9]{2})(0[1-9]|1[0-2])")


def _arxiv_month(value: str) -> str | None:
    """The month an arXiv id was issued in: its first four digits are year and month."""
    match = _ARXIV_MONTH.match(value)
    if match is None:
        return None
    century = "19" if match[1] >= "91" else "20"
    return f"{century}{match[1]}-{match[2]}"


def _versions(ranked: Sequence[Claim], standings: Sequence[Standing]) -> tuple[Version, ...]:
    """One per manifestation, the preferred first: one of each published kind, one preprint per repository.

    An arXiv id on the record of a published version tells of a preprint even when no record describes it; its
    month is part of the id; so does a repository's DOI. Records of unknown version are no manifestation when others
    are. A publisher's DOI is not the preprint's, whoever carries it.
    """
    if len(ranked) == 1:
        record = ranked[0].record
        identifiers = record.identifiers
        if standings[0].rank >= PREPRINT or not any(_is_of_preprint(x) for x in identifiers):
            facts = _united_facts([_facts(record)])
            return (Version(_VERSION_KINDS[standings[0].rank], *facts, _sorted(identifiers), (ranked[0].source,)),)
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
    published = {
        x for (rank, _), at in groups.items() if rank < PREPRINT for i in at for x in ranked[i].record.identifiers
    }
    early = {x for x in published if _is_of_preprint(x)}
    if not any(x.scheme == "doi" and x not in early for x in published):
        early = {x for x in early if x.scheme == "arxiv"}
    described: set[Identifier] = set()
    preferred: list[int] = []
    versions: list[Version] = []
    home: int | None = None
    for (rank, repository), members in sorted(groups.items()):
        ids = {x for i in members for x in ranked[i].record.identifiers}
        if rank < PREPRINT:
            ids -= early
        elif rank == PREPRINT:
            ids = {x for x in ids if x.scheme != "doi" or x not in published or x in early}
            described |= ids
            if home is None and repository in ("", "arxiv"):
                home = len(versions)
        link = _link([ranked[i] for i in preferred], [ranked[i] for i in members]) if versions else None
        preferred = preferred or members
        sources = tuple(sorted({ranked[i].source for i in members}))
        facts = _united_facts([_facts(ranked[i].record) for i in members])
        versions.append(Version(_VERSION_KINDS[rank], *facts, _sorted(tuple(ids)), sources, link))
    stray = sorted(early - described)
    on_arxiv = [x for x in stray if x.scheme == "arxiv"]
    if on_arxiv and home is not None:
        found = versions[home]
        versions[home] = msgspec.structs.replace(found, identifiers=_sorted((*found.identifiers, *on_arxiv)))
        stray = [x for x in stray if x.scheme != "arxiv"]
    elif on_arxiv:
        months = [month for x in on_arxiv if (month := _arxiv_month(x.value))]
        versions.append(_undescribed(ranked, on_arxiv, "arXiv", min(months, default=None)))
    versions += [_undescribed(ranked, [x], None, None) for x in stray if x.scheme != "arxiv"]
    return tuple(versions)


def _is_of_preprint(x: Identifier) -> bool:
    return x.scheme == "arxiv" or (x.scheme == "doi" and is_preprint_doi(x.value))


def _undescribed(ranked: Sequence[Claim], ids: Sequence[Identifier], venue: str | None, date: str | None) -> Version:
    """A preprint that is known by an identifier on the record of the published version."""
    tellers = {c.source for c in ranked if not set(ids).isdisjoint(c.record.identifiers)}
    return Version("preprint", venue, date, identifiers=_sorted(ids), link=_best_link(tellers))


def _link(ours: Sequence[Claim], theirs: Sequence[Claim]) -> str:
    """What ties two versions: a record that carries an identifier of both, else their titles and authors."""
    mine = {x for c in ours for x in c.record.identifiers}
    shared = mine.intersection(x for c in theirs for x in c.record.identifiers)
    if not shared:
        return "title_match"
    tellers = {
        c.source
        for c in (*ours, *theirs)
        if not shared.isdisjoint(c.record.identifiers) and not shared.issuperset(c.record.identifiers)
    }
    return _best_link(tellers)


def _best_link(tellers: set[str]) -> str:
    return next((link for source, link in LINKS.items() if source in tellers), LINKS[""])


_Facts = tuple[str | None, str | None, str | None, str | None, str | None, str | None]
_facts: Callable[[Record], _Facts] = attrgetter("venue", "date", "volume", "issue", "pages", "publisher")


def _united_facts(told: Sequence[_Facts]) -> _Facts:
    """Venue, date, volume, issue, pages and publisher, each from the first that tells it; the date refined."""
    if len(told) == 1 and "" not in told[0]:
        return told[0]
    venue = date = volume = issue = pages = publisher = None
    for facts in told:
        venue = venue or facts[0] or None
        if facts[1] and (date is None or _finer(facts[1], date)):
            date = facts[1]
        volume = volume or facts[2] or None
        issue = issue or facts[3] or None
        pages = pages or facts[4] or None
        publisher = publisher or facts[5] or None
    return venue, date, volume, issue, pages, publisher


_VERSION_KINDS: tuple[VersionKind, ...] = ("journal", "proceedings", "workshop", "other", "preprint", "other")


def _repository(identifiers: Iterable[Identifier]) -> str:
    """The repository of a preprint that names no venue."""
    schemes = [x.scheme for x in identifiers]
    return next((scheme for scheme in ("arxiv", "hal", "openreview") if scheme in schemes), "")


# Who wrote it


def _author_list(ranked: _Ranked) -> tuple[int, str]:
    """Position of the record whose author list stays, and the rule; at least one record names authors.

    Whole before cut, full names before initials, then trust; a longer list that holds every author of
    the first one takes its place.
    """
    order = [i for i in _field_order("authors", ranked) if ranked.claims[i].record.authors]
    if len(order) == 1:
        return order[0], "only"
    lists = [c.record.authors for c in ranked.claims]
    names = [[a.name for a in authors] for authors in lists]
    states = [_STATES[c.record.authors_state] for c in ranked.claims]
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
    ours, theirs = ranked.claims[winner].record, ranked.claims[loser].record
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
    claims = ranked.claims
    own = claims[first].record.authors
    number = claims[first].record_id
    names: list[str] | None = None
    lent: list[list[tuple[int, Author]]] = [[] for _ in own]
    for i in _field_order("authors", ranked):
        theirs = claims[i].record.authors
        if not theirs or i == first or theirs == own:
            continue
        if names is None:
            names = [a.name for a in own]
        for position, match in enumerate(assign(names, [a.name for a in theirs])):
            if match >= 0 and theirs[match] != own[position]:
                lent[position].append((i, theirs[match]))
    return tuple(
        [
            _lend(author, number, loans, claims) if loans else _copy(author, number)
            for author, loans in zip(own, lent, strict=True)
        ]
    )


def _copy(a: Author, number: int) -> MergedAuthor:
    return MergedAuthor(a.name, a.given, a.family, a.identifiers, a.affiliations, a.corresponding, number)


def _lend(author: Author, number: int, loans: Sequence[tuple[int, Author]], claims: Sequence[Claim]) -> MergedAuthor:
    """One author with what is lent, the first lender first."""
    name, given, family = author.name, author.given, author.family
    identifiers, affiliations = author.identifiers, author.affiliations
    corresponding = author.corresponding
    short = initials_only(name)
    for i, loan in loans:
        if short and not initials_only(loan.name):
            name, given, family, number, short = loan.name, loan.given, loan.family, claims[i].record_id, False
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
        crc32(_encode([(a.name, a.given, a.family, a.identifiers, a.affiliations, a.corresponding) for a in authors]))
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
    decision_id: int | None = None
    """The decision of the person who set it."""


def explain(claims: Sequence[Claim], field: str, fixed: Mapping[str, Fixed] = {}) -> Explanation:
    """Why ``field`` holds what it holds: the winner, the rule as a sentence, and why each other value lost.

    Raises:
        ValueError: no such field, or no claim.
    """
    if field not in FIELDS:
        raise ValueError(f"{field!r} is no field of a paper; fields are {', '.join(FIELDS)}")
    merged = merge(claims, fixed)
    ranked = _ranked(claims)
    value = getattr(merged, field)
    number, rule = merged.provenance.get(field, (0, ""))
    reason = RULES.get(rule, "No record fills the field.")
    winner = next((i for i, c in enumerate(ranked.claims) if c.record_id == number), None)
    told = [_told(field, ranked, i) for i in range(len(ranked.claims))] if rule else []
    if field in ("other_titles", "other_abstracts"):
        kept = {text for _, text, _ in value}
        told = [text if text in kept else None for text in told]
    agreeing, losers = [], []
    for i, theirs in enumerate(told):
        if i == winner or theirs is None or theirs == ():
            continue
        if winner is not None and (theirs == told[winner] or field in _UNITED):
            agreeing.append(ranked.claims[i])
        else:
            lost = rule if winner is None else _why_lost(field, ranked, winner, i)
            losers.append(Loser(ranked.claims[i], theirs, lost, RULES.get(lost, "")))
    won = None if winner is None else ranked.claims[winner]
    decided = -number if number < 0 else None
    return Explanation(field, value, won, rule, reason, tuple(agreeing), tuple(losers), decided)


_UNITED = frozenset(("identifiers", "links", "topics", "versions", "is_retracted", "other_titles", "other_abstracts"))


def _told(field: str, ranked: _Ranked, i: int) -> Any:
    """What one record says of a field, by itself."""
    claim, placed = ranked.claims[i], ranked.standings[i]
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
        case "publication_date":
            return r.date or None
        case "other_titles":
            return r.title or None
        case "other_abstracts":
            return r.abstract or None
        case "n_citations":
            return r.n_citations
        case _:
            return getattr(r, field) or None


def _why_lost(field: str, ranked: _Ranked, winner: int, loser: int) -> str:
    base = field.partition("_")[0]
    if base in ("title", "abstract"):
        return _why_text(base, ranked, winner, loser)
    if base == "authors":
        return _why_list(ranked, winner, loser)
    if field == "publication_date":
        ours, theirs = ranked.claims[winner].record.date or "", ranked.claims[loser].record.date or ""
        if ranked.standings[winner].rank == ranked.standings[loser].rank and _finer(ours, theirs):
            return "more_precise"
    return _why("n_citations" if field == "citations_source" else field, ranked, winner, loser)


# What a person fixed


_TYPES: Mapping[str, Any] = {f.name: f.type for f in msgspec.structs.fields(Merged)}
_FOLLOWING = {"title": ("title_state", "whole"), "abstract": ("abstract_state", "whole"),
              "authors": ("authors_state", "whole"), "is_retracted": ("status", "retracted")}  # fmt: skip
"""What goes with a field that is fixed to something: its text is whole, the retracted paper's status is that."""


def fixed_value(field: str, value: Any) -> Any:
    """A value as a paper holds it; authors may be bare names.

    Raises:
        ValueError: no such field, or it cannot hold the value.
    """
    if field not in FIELDS:
        raise ValueError(f"{field!r} is no field of a paper; fields are {', '.join(FIELDS)}")
    if field == "authors" and value:
        value = [{"name": a} if isinstance(a, str) else a for a in value]
    try:
        return msgspec.convert(value, _TYPES[field])
    except msgspec.ValidationError as error:
        raise ValueError(f"{field} cannot be {value!r}: {error}") from error


def _fix(merged: Merged, fixed: Mapping[str, Fixed]) -> Merged:
    """The paper with what a person fixed; authors keep the ids and affiliations that records know of them."""
    values: dict[str, Any] = {}
    won: dict[str, tuple[int, str]] = {}
    for field, (value, decision_id) in sorted(fixed.items()):
        values[field] = fixed_value(field, value)
        won[field] = -decision_id, "person"
        if field in _FOLLOWING:
            other, told = _FOLLOWING[field]
            if other not in fixed and (values[field] or field != "is_retracted"):
                values[other] = told if values[field] else None
                won[other] = won[field]
    if "authors" in values:
        values["authors"] = _known(values["authors"], merged.authors)
    mark = crc32(repr(sorted(won.items())).encode(), merged.provenance_hash)
    return msgspec.structs.replace(
        merged, **values, provenance={**won, **merged.provenance, **won}, provenance_hash=mark
    )


def _known(names: Sequence[MergedAuthor], records: Sequence[MergedAuthor]) -> tuple[MergedAuthor, ...]:
    """Authors as a person listed them, with what records say of the same people."""
    found = []
    for author, match in zip(names, assign([a.name for a in names], [a.name for a in records]), strict=True):
        theirs = records[match] if match >= 0 else MergedAuthor("")
        found.append(
            MergedAuthor(
                author.name,
                author.given or theirs.given,
                author.family or theirs.family,
                author.identifiers or theirs.identifiers,
                author.affiliations or theirs.affiliations,
                author.corresponding or theirs.corresponding,
            )
        )
    return tuple(found)
