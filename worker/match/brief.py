"""A record at a glance: what suffices to see that two records that share a blocking key are plainly two works.

Most records that share a key have other authors and another title. Their briefs, some hundred characters stored beside
the document, say so for a tenth of what reading both documents costs.
"""

from __future__ import annotations

from typing import NamedTuple

from rapidfuzz.distance import Indel

from worker.match.facts import Facts

LIKE_ENOUGH = 0.75
"""Titles less alike, of authors without a family name in common, are two works whatever else agrees."""


class Brief(NamedTuple):
    """Folded family names, the folded title without blanks, and whether there is an abstract."""

    families: frozenset[str]
    compact: str
    has_abstract: bool


def brief_of(f: Facts) -> str:
    """The brief of a record as it is stored."""
    return f"{' '.join(sorted(f.families))}\t{f.compact}\t{'abstract' if f.abstract else ''}"


def read(stored: str) -> Brief:
    """What ``brief_of`` wrote."""
    families, compact, abstract = stored.split("\t")
    return Brief(frozenset(families.split()), compact, bool(abstract))


def plainly_other(a: Brief | Facts, b: Brief | Facts) -> bool:
    """Whether both name authors, none in common, and the titles are not alike. Says nothing of records that share an
    identifier or both have an abstract."""
    return (
        a.families.isdisjoint(b.families)
        and bool(a.families)
        and bool(b.families)
        and not Indel.normalized_similarity(a.compact, b.compact, score_cutoff=LIKE_ENOUGH)
    )
