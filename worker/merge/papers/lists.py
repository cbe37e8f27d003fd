"""Identifiers, links and topics: whatever any record says, each thing once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from worker.record import Identifier, Link


def united_identifiers(ids: Sequence[Identifier]) -> tuple[Identifier, ...]:
    """Each identifier once, sorted."""
    return tuple(sorted(set(ids))) if len(ids) > 1 else tuple(ids)


def united_links(links: Iterable[Link]) -> tuple[Link, ...]:
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


def united_topics(topics: Iterable[str]) -> tuple[str, ...]:
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


def address_of(identifiers: Sequence[Identifier]) -> str | None:
    """Where an identifier leads: DOI first, then arXiv, OpenReview, HAL, PubMed."""
    found = {i.scheme: i.value for i in reversed(identifiers)}
    for scheme, prefix in _ADDRESSES.items():
        if scheme in found:
            return prefix + found[scheme]
    return None


def link_of(links: Iterable[Link], kind: str) -> str | None:
    """The first address of a kind."""
    for link in links:
        if link.kind == kind:
            return link.url
    return None
