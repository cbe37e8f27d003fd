"""Which manifestation of a work a record describes: journal article, proceedings paper, preprint ...

Sources often say only a venue's name, so its words decide where ``version`` and ``kind`` are silent.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Literal, NamedTuple

from worker.record import PaperKind, VersionKind

VenueKind = Literal["journal", "conference", "workshop", "repository", "book", "other"]
Status = Literal["preprint", "accepted", "published", "withdrawn", "retracted", "unknown"]

JOURNAL, PROCEEDINGS, WORKSHOP, OTHER, PREPRINT, UNKNOWN = range(6)
"""Ranks: bibliographic fields come from the smallest. ``OTHER`` is a book, a thesis, or a named venue that
is neither a repository nor recognised; ``UNKNOWN`` says nothing about where the work appeared."""


class Standing(NamedTuple):
    """How far towards publication a record places its work."""

    rank: int
    version: VersionKind
    """``other`` for books, theses and what is unknown."""
    venue_kind: VenueKind | None
    status: Status
    kind: PaperKind | None
    """The paper kind that follows from the version, for records that name none."""
    repository: str
    """Folded name of the repository of a preprint, else empty."""


_JOURNAL_FIRST = re.compile(
    r"\bjournals?\b|\btransactions (?:on|of)\b|\bproceedings of the (?:ieee|national academy|vldb|royal society)\b"
    r"|\bproceedings of the acm (?:on|sigmod)\b|\b(?:pnas|pvldb|jmlr|tmlr|tacl|tpami|jair|jmir)\b"
)
_REPOSITORY = re.compile(
    r"\b(arxiv|corr|biorxiv|medrxiv|chemrxiv|psyarxiv|techrxiv|ssrn|zenodo|hal|osf|research square"
    r"|preprints?(?:\.org)?|authorea|figshare|repec)\b"
)
_WORKSHOP = re.compile(r"\bworkshops?\b|\batelier\b|\bws\b")
_CONFERENCE = re.compile(
    r"\b(?:conference|conf|proceedings|proc|symposium|congress|meeting|colloque|colloquium|conférence|actes)\b"
    r"|\b(?:lecture notes in computer science|lncs|ceur|pmlr|advances in neural information processing systems)\b"
    r"|(?<![a-z])(?:neurips|nips|icml|iclr|aistats|aaai|ijcai|acl|naacl|eacl|emnlp|coling|conll|interspeech|icassp"
    r"|cvpr|iccv|eccv|wacv|3dv|kdd|www|sigir|wsdm|cikm|recsys|uai|colt|icra|iros|corl|rss|aamas|chi|cscw|miccai"
    r"|acm ?mm|siggraph|vldb|sigmod|icde|icse|collas|clear|l4dc|midl|ismir|lrec)(?![a-z])"
)
_JOURNAL = re.compile(
    r"\b(?:letters|annals|annales|revue|magazine|quarterly|bulletin|reviews?|archives?|acta|zeitschrift|cahiers"
    r"|transactions|nature|science|plos|elife|cell|lancet|bmj|computational linguistics|machine learning"
    r"|neural computation|communications of the acm|pattern recognition|ieee access)\b"
)
_BOOK = re.compile(r"\b(?:handbook|encyclopedia|textbook|book|thesis|thèse|dissertation|lecture notes)\b")
_WITHDRAWN = re.compile(r"\bwithdrawn\b|\bretrait\b")
_SUBMITTED = re.compile(r"\bsubmi(?:tted|ssion)\b|\brejected\b|\bunder review\b|\bsoumis\b")
_ACCEPTED = re.compile(r"\baccepted\b|\bto appear\b|\bin press\b|\bforthcoming\b|\bà paraître\b|\baccepté\b")

_VERSION_RANK = {"journal": JOURNAL, "proceedings": PROCEEDINGS, "workshop": WORKSHOP, "preprint": PREPRINT}
_VENUE_RANK = {
    "journal": JOURNAL,
    "conference": PROCEEDINGS,
    "workshop": WORKSHOP,
    "repository": PREPRINT,
    "book": OTHER,
}
_KIND_RANK = {
    "conference": PROCEEDINGS,
    "workshop": WORKSHOP,
    "preprint": PREPRINT,
    "book": OTHER,
    "book_chapter": OTHER,
    "thesis": OTHER,
    "report": OTHER,
}
_VERSION: tuple[VersionKind, ...] = ("journal", "proceedings", "workshop", "other", "preprint", "other")
_VENUE: tuple[VenueKind | None, ...] = ("journal", "conference", "workshop", "other", "repository", None)
_KIND: tuple[PaperKind | None, ...] = ("article", "conference", "workshop", None, "preprint", None)


def venue_kind(venue: str) -> VenueKind | None:
    """What a venue's name says it is, or nothing: ``ICLR 2024`` is a conference, ``arXiv`` a repository."""
    name = venue.casefold()
    if _WORKSHOP.search(name):
        return "workshop"
    if _JOURNAL_FIRST.search(name):
        return "journal"
    if _REPOSITORY.search(name):
        return "repository"
    if _CONFERENCE.search(name):
        return "conference"
    if _JOURNAL.search(name):
        return "journal"
    return "book" if _BOOK.search(name) else None


@lru_cache(maxsize=1 << 16)
def standing(version: str | None, kind: str | None, venue: str | None) -> Standing:
    """How far towards publication a record is, from its own words: version first, then kind, then venue.

    A venue that says *submitted*, *under review* or *withdrawn* makes a preprint of what a source filed under
    that venue (OpenReview writes ``Submitted to ICLR 2024``).
    """
    told = venue_kind(venue) if venue else None
    name = venue.casefold() if venue else ""
    if venue and (_WITHDRAWN.search(name) or _SUBMITTED.search(name)):
        status: Status = "withdrawn" if _WITHDRAWN.search(name) else "preprint"
        return Standing(PREPRINT, "preprint", "repository", status, "preprint", "")
    rank = _VERSION_RANK.get(version or "")
    if rank is None:
        rank = _KIND_RANK.get(kind or "")
    if rank is None and told:
        rank = _VENUE_RANK[told]
    if rank is None and venue:
        rank = JOURNAL if kind in ("article", "review") else OTHER
    if rank is None:
        return Standing(UNKNOWN, "other", None, "unknown", None, "")
    if rank == PREPRINT:
        match = _REPOSITORY.search(name)
        repository = {"corr": "arxiv"}.get(match[1], match[1]) if match else ""
        return Standing(rank, "preprint", told or "repository", "preprint", "preprint", repository)
    status = "accepted" if _ACCEPTED.search(name) else "published"
    where = told if told and told != "repository" else _VENUE[rank]
    return Standing(rank, _VERSION[rank], where, status, _KIND[rank], "")
