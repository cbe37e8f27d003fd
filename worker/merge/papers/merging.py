"""One paper from what its records say, field by field.

Values that need no second look keep the cost low: one record, which most papers have, is copied over.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import compress
from operator import attrgetter
from typing import Any
from zlib import crc32

from worker.merge.fixed import Fixed
from worker.merge.papers.authors import as_merged, author_list, united_authors
from worker.merge.papers.fixing import fix
from worker.merge.papers.lists import address_of, link_of, united_identifiers, united_links, united_topics
from worker.merge.papers.ranking import PLACED, STATUSES, Ranked, field_order, first_told, rank
from worker.merge.papers.texts import best_text, known_language
from worker.merge.papers.values import FIELDS, Claim, Merged
from worker.merge.papers.versions import keep_date, versions_of
from worker.merge.standing import UNKNOWN, Status, standing


def merge(claims: Sequence[Claim], fixed: Mapping[str, Fixed] = {}) -> Merged:
    """One paper from its claims, whatever order they come in; a claim given twice counts once.

    ``fixed``: field -> value fixed by a person; it wins over every record.

    Raises:
        ValueError: no claim, or a fixed field that does not exist or cannot hold its value.
    """
    if len(claims) == 1:
        merged = of_one(claims[0])
    else:
        ranked = rank(claims)
        merged = of_one(ranked.claims[0]) if len(ranked.claims) == 1 else of_several(ranked)
    return fix(merged, fixed) if fixed else merged


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


def of_one(claim: Claim) -> Merged:
    """The paper of a single record: a copy, its lists sorted. Equal to what ``of_several`` makes of it."""
    r = claim.record
    placed = standing(r.version, r.kind, r.venue)
    identifiers, links, topics, authors = united_identifiers(r.identifiers), r.links, r.topics, r.authors
    landing = pdf = built = None
    if links:
        landing, pdf = link_of(links, "landing"), link_of(links, "pdf")
        if len(links) > 1:
            links = united_links(links)
    if landing is None and identifiers:
        landing = built = address_of(identifiers)
    if len(topics) > 1:
        topics = united_topics(topics)
    won = (claim.record_id, "only")
    provenance: dict[str, tuple[int, str]] = {}
    merged = Merged(
        title=r.title or None,
        title_language=known_language(r.title_language) if r.title else None,
        title_state=r.title_state if r.title else None,
        abstract=r.abstract or None,
        abstract_language=known_language(r.abstract_language) if r.abstract else None,
        abstract_state=r.abstract_state if r.abstract else None,
        kind=r.kind or placed.kind,
        publication_date=r.date or None,
        venue=r.venue or None,
        venue_kind=placed.venue_kind,
        volume=r.volume or None,
        issue=r.issue or None,
        pages=r.pages or None,
        publisher=r.publisher or None,
        language=known_language(r.language),
        status="retracted" if r.is_retracted else placed.status,
        authors=tuple([as_merged(a, claim.record_id) for a in authors]),
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
        versions=versions_of((claim,), (placed,)),
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
_PLAIN = ("language", "oa_status", "licence")
_COLUMNS = (
    *_PLAIN, *PLACED, "n_citations", "title", "title_language", "title_state", "abstract", "abstract_language",
    "abstract_state", "kind", "date", "venue", "is_retracted", "authors", "authors_state", "identifiers", "links",
    "topics",
)  # fmt: skip
_columns = attrgetter(*_COLUMNS)


def of_several(ranked: Ranked) -> Merged:
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
        winner, rule = first_told(field, ranked, values, order)
        if winner >= 0:
            out[field] = values[winner]
            won[field] = (numbers[winner], rule)
        return winner

    # What the work is
    for field in _PLAIN:
        values: Sequence[Any] = column[field]
        if any(values):
            if field == "language":
                values = [known_language(code) for code in values]
            keep(field, values, field_order(field, ranked))
    values = column["n_citations"]
    if values.count(None) < n:
        winner = keep("n_citations", values, field_order("n_citations", ranked))
        out["citations_source"] = claims[winner].source
        won["citations_source"] = won["n_citations"]

    # Texts, one per language
    main = out.get("language")
    for field, language_field, state_field, others_field in _TEXTS:
        texts, states = column[field], column[state_field]
        chosen = best_text(field, ranked, texts, column[language_field], states, main)
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
        keep_date(ranked, column["date"], out, won)
    place = keep("venue", column["venue"], published) if any(column["venue"]) else -1
    keep("venue_kind", [placed.venue_kind for placed in standings], published)
    held: list[int] = []
    for field in PLACED:
        values = column[field]
        if any(values):
            if not held:
                at = standings[place if place >= 0 else published[0]].rank
                held = [i for i in published if standings[i].rank == at]
                held += [i for i in published if standings[i].rank == UNKNOWN != at]
            keep(field, values, held)
    statuses: list[Status | None] = [None if s.status == "unknown" else s.status for s in standings]
    if any(column["is_retracted"]):
        statuses = ["retracted" if gone else s for gone, s in zip(column["is_retracted"], statuses, strict=True)]
        out["is_retracted"] = True
        won["is_retracted"] = (numbers[column["is_retracted"].index(True)], "any")
    steps = [STATUSES[status or "unknown"] for status in statuses]
    keep("status", statuses, sorted(published, key=steps.__getitem__))

    # Who wrote it
    if any(column["authors"]):
        first, rule = author_list(ranked)
        out["authors"] = united_authors(ranked, first)
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
            keep(field, [link_of(links, kind) for links in column["links"]], published)
    if "landing_url" not in out and "identifiers" in out and (address := address_of(out["identifiers"])):
        out["landing_url"] = address
        won["landing_url"] = (won["identifiers"][0], "identifier")
    out["versions"] = versions_of(claims, standings)
    won["versions"] = (numbers[published[0]], "united")

    names = {c.record_id: f"{c.source}\0{c.record.source_key}" for c in claims}
    told = [f"{field}\0{rule}\0{names[number]}" for field, (number, rule) in won.items()]
    told += [names[a.record_id] for a in out.get("authors", ())]
    return Merged(**out, provenance=won, provenance_hash=crc32("\0".join(told).encode()))


_TEXTS = tuple((f, f"{f}_language", f"{f}_state", f"other_{f}s") for f in ("title", "abstract"))
_UNITE: Mapping[str, Callable[[Sequence[Any]], tuple[Any, ...]]] = {
    "identifiers": united_identifiers,
    "links": united_links,
    "topics": united_topics,
}
