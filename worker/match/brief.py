"""A record at a glance: what suffices to see that two records that share a blocking key are plainly two works.

Most records that share a key have other authors and another title. Their briefs, some hundred characters stored beside
the document, say so for a tenth of what reading both documents costs.
"""

from __future__ import annotations

from rapidfuzz.distance import Indel

from worker.match.facts import Facts, Name
from worker.match.people import compare_people
from worker.match.titles import LEAST_LIKENESS, explained, may_be_piece, shared_end

LIKE_ENOUGH = 0.75
"""Titles less alike, with no author in both lists and no first page in common, are two works whatever else agrees."""


def brief_of(f: Facts) -> str:
    """The brief of a record as it is stored: the authors' folded family names and given names, the folded title, the
    first page, the pages when they are more than one, and whether there is an abstract."""
    families = " ".join([name.family for name in f.authors])
    given = ",".join([" ".join(name.given) for name in f.authors])
    return f"{families}\t{given}\t{f.title}\t{f.first_page}\t{f.pages}\t{'abstract' if f.abstract else ''}"


_N_PARTS = 6


def plainly_other(a: Facts, b: Facts) -> bool:
    """Whether both name authors, none in common, and the titles are not alike. Says nothing of records that share an
    identifier or both have an abstract."""
    return (
        a.families.isdisjoint(b.families)
        and bool(a.families)
        and bool(b.families)
        and not Indel.normalized_similarity(a.compact, b.compact, score_cutoff=LIKE_ENOUGH)
    )


def other_at_a_glance(a: Facts, stored: str) -> bool:
    """Whether a record and that of a brief, which share no identifier, are two works by what ``judge`` looks at first:
    no author is in common and the titles are not alike, or the titles are other ones. What the brief does not tell is
    taken to speak for one work; one of an older release tells nothing."""
    parts = stored.split("\t")
    if len(parts) != _N_PARTS:
        return False
    families, given, title, first_page, pages, abstract = parts
    if abstract and a.abstract:
        return False
    mine, theirs = a.compact, title.replace(" ", "")
    apart = a.families and families and a.families.isdisjoint(families.split(" "))
    likeness = Indel.normalized_similarity(mine, theirs, score_cutoff=LEAST_LIKENESS)
    if likeness >= LIKE_ENOUGH or apart:
        return likeness < LIKE_ENOUGH
    if not mine or not theirs or (pages and a.pages == pages):
        return False
    if likeness and ((first_page and a.first_page == first_page) or not _are_strangers(a, families, given)):
        return False
    short, long = (mine, theirs) if len(mine) < len(theirs) else (theirs, mine)
    if may_be_piece(short, long, LIKE_ENOUGH if likeness else LEAST_LIKENESS):
        return False
    ends = shared_end(a.words, tuple(title.split(" ")))
    return ends is None or not explained(ends[2], ends[1], a)


def _are_strangers(a: Facts, families: str, given: str) -> bool:
    if not families:
        return False
    told = zip(families.split(" "), given.split(","), strict=True)
    return compare_people(a.authors, [Name(family, tuple(words.split())) for family, words in told]).are_strangers
