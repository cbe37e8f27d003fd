"""Why a field of a paper holds what it holds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from worker.merge.fixed import Fixed
from worker.merge.papers.authors import why_list
from worker.merge.papers.merging import merge
from worker.merge.papers.ranking import Ranked, rank, why
from worker.merge.papers.texts import why_text
from worker.merge.papers.values import FIELDS, RULES, Claim
from worker.merge.papers.versions import is_finer


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
    ranked = rank(claims)
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


def _told(field: str, ranked: Ranked, i: int) -> Any:
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


def _why_lost(field: str, ranked: Ranked, winner: int, loser: int) -> str:
    base = field.partition("_")[0]
    if base in ("title", "abstract"):
        return why_text(base, ranked, winner, loser)
    if base == "authors":
        return why_list(ranked, winner, loser)
    if field == "publication_date":
        ours, theirs = ranked.claims[winner].record.date or "", ranked.claims[loser].record.date or ""
        if ranked.standings[winner].rank == ranked.standings[loser].rank and is_finer(ours, theirs):
            return "more_precise"
    return why("n_citations" if field == "citations_source" else field, ranked, winner, loser)
