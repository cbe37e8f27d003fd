"""Which record is believed before which, and why."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from operator import attrgetter
from typing import Any

from worker.merge.papers.values import Claim
from worker.merge.standing import Standing, Status, standing
from worker.record import TextState

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


@dataclass(slots=True)
class Ranked:
    """Claims by trust, then source name; of one source the newest first; then by hash. Each name once.

    ``standings`` are theirs; ``published`` holds positions, the preferred version first.
    """

    claims: list[Claim]
    sources: set[str]
    standings: list[Standing]
    published: Sequence[int]


def rank(claims: Sequence[Claim]) -> Ranked:
    """Claims in the order they are believed.

    Raises:
        ValueError: no claim.
    """
    if not claims:
        raise ValueError("a paper needs at least one record")
    ordered = sorted(claims, key=_trust)
    sources = {c.source for c in ordered}
    if len(sources) < len(ordered):
        ordered.sort(key=_tie)
        ordered.sort(key=dates, reverse=True)
        ordered.sort(key=_trust)
        first: dict[tuple[str, str], Claim] = {}
        for claim in ordered:
            first.setdefault((claim.source, claim.record.source_key), claim)
        ordered = list(first.values())
    standings = [standing(r.version, r.kind, r.venue) for r in [c.record for c in ordered]]
    ranks = [s[0] for s in standings]
    n = len(ranks)
    published = range(n) if ranks.count(ranks[0]) == n else sorted(range(n), key=ranks.__getitem__)
    return Ranked(ordered, sources, standings, published)


_trust = attrgetter("trust", "source")
_tie = attrgetter("content_hash", "record.source_key")


def dates(claim: Claim) -> tuple[str, str]:
    """The source's own date of the record, then the day its payload speaks of; compared within one source."""
    return claim.record.updated_at or "", claim.as_of


STATES: Mapping[TextState, int] = {"whole": 0, "unknown": 1, "cut": 2}
"""How complete a text or list is; smaller is better."""
STATUSES: Mapping[Status, int] = {
    "retracted": 0,
    "published": 1,
    "accepted": 2,
    "withdrawn": 3,
    "preprint": 4,
    "unknown": 5,
}
"""How far a work has come; the smallest that any record says counts."""
PLACED = ("volume", "issue", "pages", "publisher")
"""Fields that belong to one version: those of the preferred one."""


def field_order(field: str, ranked: Ranked) -> Sequence[int]:
    """Positions by the source's trust for this field."""
    claims = ranked.claims
    special = FIELD_TRUST.get(field)
    if special and not special.keys().isdisjoint(ranked.sources):
        trust = [special.get(c.source, c.trust) for c in claims]
        return sorted(range(len(claims)), key=trust.__getitem__)
    return range(len(claims))


def first_told(field: str, ranked: Ranked, values: Sequence[Any], order: Sequence[int]) -> tuple[int, str]:
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
            return winner, why(field, ranked, winner, i)
    return winner, "agreed" if agreed else "only"


_VERSIONED = frozenset(
    ("kind", "publication_date", "venue", "venue_kind", *PLACED, "landing_url", "pdf_url", "versions")
)


def why(field: str, ranked: Ranked, winner: int, loser: int) -> str:
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
    if a_claim.source == b_claim.source and dates(a_claim) != dates(b_claim):
        return "newest"
    return "tie"


def _status_rank(ranked: Ranked, i: int) -> int:
    return 0 if ranked.claims[i].record.is_retracted else STATUSES[ranked.standings[i].status]
