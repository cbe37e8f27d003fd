"""The manifestations of a work (journal, proceedings, preprint ...) and its date."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from operator import attrgetter
from typing import Any

import msgspec

from worker.merge.papers.lists import united_identifiers
from worker.merge.papers.ranking import Ranked, first_told
from worker.merge.papers.values import Claim, Version
from worker.merge.standing import PREPRINT, UNKNOWN, Standing
from worker.normalise.repositories import is_preprint_doi
from worker.record import Identifier, Record, VersionKind

LINKS = {
    "crossref": "crossref_relation", "datacite": "datacite_relation", "arxiv": "arxiv_doi",
    "openalex": "openalex_merge", "": "identifier_match",
}  # fmt: skip
"""Whose word ties two versions when a record carries identifiers of both, the best first; "" is any other source."""


def keep_date(
    ranked: Ranked, dates: Sequence[str | None], out: dict[str, Any], won: dict[str, tuple[int, str]]
) -> None:
    """The date of the preferred version, in its most precise form among records of that version."""
    winner, rule = first_told("publication_date", ranked, dates, ranked.published)
    if winner < 0:
        return
    rank = ranked.standings[winner].rank
    finest = winner
    for i in ranked.published:
        if dates[i] and ranked.standings[i].rank == rank and is_finer(dates[i] or "", dates[finest] or ""):
            finest = i
    out["publication_date"] = dates[finest]
    won["publication_date"] = (ranked.claims[finest].record_id, rule if finest == winner else "more_precise")


def is_finer(date: str, than: str) -> bool:
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


def versions_of(ranked: Sequence[Claim], standings: Sequence[Standing]) -> tuple[Version, ...]:
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
            return (
                Version(
                    _VERSION_KINDS[standings[0].rank], *facts, united_identifiers(identifiers), (ranked[0].source,)
                ),
            )
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
        versions.append(Version(_VERSION_KINDS[rank], *facts, united_identifiers(tuple(ids)), sources, link))
    stray = sorted(early - described)
    on_arxiv = [x for x in stray if x.scheme == "arxiv"]
    if on_arxiv and home is not None:
        found = versions[home]
        versions[home] = msgspec.structs.replace(found, identifiers=united_identifiers((*found.identifiers, *on_arxiv)))
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
    return Version("preprint", venue, date, identifiers=united_identifiers(ids), link=_best_link(tellers))


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
        if facts[1] and (date is None or is_finer(facts[1], date)):
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
