"""Works from pairs: which records are one paper, whatever order anything came in.

Strongest edge first, a union is made when no pair across it is ``different``. So a hub, a vague record that looks
like two works (no year, no venue), joins the one it fits best, and the other work's records, which are ``different``
from those already there, stay out: chains do not form. Two records of a source that lists each work once never
meet in a cluster unless the rules say ``same`` of the very pair, so each record of another source gets its best
partner there.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

MOST_JUDGED = 200
"""Pairs judged for one union. Larger unions are judged on as many pairs, chosen by ``tie``."""

FIRM = 0.1
"""A ``different`` of a lower score is firm; others come from records too poor to tell (a title cut at the wrong place,
an author missing)."""
OUTVOTE = 2
FIRM_OUTVOTE = 8
"""So many times as many ``same`` pairs across two clusters overrule one that is ``different``. In clusters of a few
records a firm one forbids the union; among dozens it is one garbled record, and must not split the work in two."""


@dataclass(frozen=True)
class Node:
    """A record: its number, its natural name as bytes, and the source that lists each work once, when it is one."""

    id: int
    tie: bytes
    group: str | None = None


@dataclass(frozen=True)
class Edge:
    """Two records the rules hold for one work, and how surely."""

    a: int
    b: int
    score: float


class Judged(Protocol):
    """What is needed of a verdict."""

    @property
    def kind(self) -> str: ...

    @property
    def score(self) -> float: ...


def clusters(
    nodes: Sequence[Node],
    edges: Sequence[Edge],
    judge: Callable[[int, int], Judged],
    together: frozenset[tuple[int, int]] = frozenset(),
    apart: frozenset[tuple[int, int]] = frozenset(),
) -> list[list[int]]:
    """Records grouped into works, each group and the list sorted by ``tie``.

    ``together`` and ``apart`` are decisions of people, pairs in any order; ``together`` comes first, and what it
    joins is not judged; nothing joins two groups that hold a pair of ``apart``. What people joined against the rules
    keeps its sides: a further record need fit one of them. The result depends on ties, scores and verdicts only, not
    on numbers or order.
    """
    by_id = {node.id: node for node in nodes}
    rank = {node.id: place for place, node in enumerate(sorted(nodes, key=lambda node: node.tie))}
    members: dict[int, list[int]] = {node.id: [node.id] for node in nodes}
    home: dict[int, int] = {node.id: node.id for node in nodes}
    verdicts: dict[tuple[int, int], tuple[str, float]] = {}
    refused: dict[int, set[int]] = {}
    for one, other in apart:
        refused.setdefault(one, set()).add(other)
        refused.setdefault(other, set()).add(one)

    def told(one: int, other: int) -> tuple[str, float]:
        pair = (one, other) if rank[one] < rank[other] else (other, one)
        found = verdicts.get(pair)
        if found is None:
            verdict = judge(*pair)
            found = verdicts[pair] = verdict.kind, verdict.score
        return found

    def join(home: dict[int, int], members: dict[int, list[int]], one: int, other: int) -> None:
        keep, gone = home[one], home[other]
        if len(members[keep]) < len(members[gone]):
            keep, gone = gone, keep
        for number in members[gone]:
            home[number] = keep
        members[keep] = sorted(members[keep] + members.pop(gone), key=rank.__getitem__)

    def kept_apart(ours: Sequence[int], theirs: Sequence[int]) -> bool:
        return bool(refused) and any(not refused.get(number, _NOBODY).isdisjoint(theirs) for number in ours)

    def meet(ours: Sequence[int], theirs: Sequence[int]) -> bool:
        groups: dict[str, list[int]] = {}
        for number in ours:
            group = by_id[number].group
            if group is not None:
                groups.setdefault(group, []).append(number)
        if groups:
            for number in theirs:
                group = by_id[number].group
                if group is not None and any(told(number, other)[0] != "same" for other in groups.get(group, ())):
                    return False
        return True

    def fit(ours: Sequence[int], theirs: Sequence[int]) -> bool:
        same = against = 0
        for one, other in _across(ours, theirs):
            kind, score = told(one, other)
            if kind == "different":
                against += FIRM_OUTVOTE if score < FIRM else OUTVOTE
            elif kind == "same":
                same += 1
        return against <= same

    def key(pair: tuple[int, int]) -> tuple[int, int]:
        return tuple(sorted((rank[pair[0]], rank[pair[1]])))  # type: ignore[return-value]

    for one, other in sorted(together, key=key):
        if home[one] != home[other] and not kept_apart(members[home[one]], members[home[other]]):
            join(home, members, one, other)
    # Sides of a cluster: what the rules joined of it, without people. Where nobody decided, the cluster itself.
    side_of, sides = ({n: n for n in home}, {n: [n] for n in home}) if together else (home, members)
    tried: dict[tuple[int, int], int] = {}
    for edge in sorted(edges, key=lambda edge: (-edge.score, *key((edge.a, edge.b)))):
        one, other = home[edge.a], home[edge.b]
        if one == other:
            continue
        ours, theirs = members[one], members[other]
        a, b = side_of[edge.a], side_of[edge.b]
        # Clusters only grow: what was refused is judged again when one of them has.
        both = min(a, b), max(a, b)
        size = len(ours) + len(theirs) + len(sides[a]) + len(sides[b])
        if tried.get(both) == size:
            continue
        if not kept_apart(ours, theirs) and meet(ours, theirs) and fit(sides[a], sides[b]):
            join(home, members, edge.a, edge.b)
            if sides is not members:
                join(side_of, sides, edge.a, edge.b)
        else:
            tried[both] = size
    return sorted(members.values(), key=lambda group: rank[group[0]])


_NOBODY: frozenset[int] = frozenset()


def _across(ours: Sequence[int], theirs: Sequence[int]) -> list[tuple[int, int]]:
    """Pairs across two clusters; of very many, as many as are judged, spread evenly over both."""
    if len(ours) * len(theirs) <= MOST_JUDGED:
        return [(one, other) for one in ours for other in theirs]
    side = int(MOST_JUDGED**0.5)
    few, many = sorted((ours, theirs), key=len)
    if len(few) > side:
        few = _spread(few, side)
    many = _spread(many, MOST_JUDGED // len(few))
    return [(one, other) for one in few for other in many]


def _spread(numbers: Sequence[int], count: int) -> list[int]:
    return [numbers[place * len(numbers) // count] for place in range(min(count, len(numbers)))]
