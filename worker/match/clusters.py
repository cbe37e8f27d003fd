"""Works from pairs: which records are one paper, whatever order anything came in.

Strongest edge first, among equals the one between records that most others vouch for, a union is made when no pair
across it is ``different``. So a hub, a vague record that looks like two works (no year, no venue), joins the one it
fits best, and the other work's records, which are ``different`` from those already there, stay out: chains do not form.
Two records of a source that lists each work once never meet in a cluster unless the rules say ``same`` of the very
pair, so each record of another source gets its best partner there.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

MOST_JUDGED = 200
"""Pairs judged for one union. Larger unions are judged on as many pairs, chosen by ``tie``."""

FIRM = 0.1
"""A ``different`` of a lower score is firm; others come from records too poor to tell (a title cut at the wrong place,
an author missing)."""
OUTVOTE = 2
FIRM_OUTVOTE = 8
"""So many times as many ``same`` pairs across two clusters overrule one that is ``different``. In clusters of a few
records a firm one forbids the union; among dozens it is one garbled record, and must not split the work in two."""
TORN_OUTVOTE = 1
"""The same for a pair that is ``unsure`` because much speaks against it, not because little is known: a conference
paper and a journal article of one title do not become one work through a record that tells neither venue nor year."""
MOST_TIES = 8
"""Ties of a record, strongest first, that are asked for its other title."""


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

    @property
    def is_torn(self) -> bool:
        """Whether much speaks for and against one work, so that it stays unsure."""
        ...

    @property
    def is_certain(self) -> bool:
        """Whether an identifier that is hardly ever wrong says it is one work, under whatever titles."""
        ...

    @property
    def is_by_title(self) -> bool:
        """Whether nothing but the titles says that it is two."""
        ...


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
    votes: dict[tuple[int, int], _Vote] = {}
    ties: dict[int, list[int]] = {}
    refused: dict[int, set[int]] = {}
    for one, other in apart:
        refused.setdefault(one, set()).add(other)
        refused.setdefault(other, set()).add(one)

    def told(one: int, other: int) -> _Vote:
        pair = (one, other) if rank[one] < rank[other] else (other, one)
        found = votes.get(pair)
        if found is None:
            found = votes[pair] = _vote(judge(*pair))
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
                if group is not None and any(not told(number, other).same for other in groups.get(group, ())):
                    return False
        return True

    def fit(ours: Sequence[int], theirs: Sequence[int]) -> bool:
        same = against = 0
        for one, other in _across(ours, theirs):
            vote = told(one, other)
            same += vote.same
            if vote.against and not (vote.is_by_title and (retitled(one, other) or retitled(other, one))):
                against += vote.against
        return against <= same

    def retitled(one: int, other: int) -> bool:
        """Whether ``one`` is, by an identifier, a record that bears the title of ``other``."""
        return any(
            home[tie] in (home[one], home[other]) and told(one, tie).is_certain and told(tie, other).same
            for tie in ties.get(one, ())
        )

    def key(pair: tuple[int, int]) -> tuple[int, int]:
        return tuple(sorted((rank[pair[0]], rank[pair[1]])))  # type: ignore[return-value]

    for one, other in sorted(together, key=key):
        if home[one] != home[other] and not kept_apart(members[home[one]], members[home[other]]):
            join(home, members, one, other)
    # Sides of a cluster: what the rules joined of it, without people. Where nobody decided, the cluster itself.
    side_of, sides = ({n: n for n in home}, {n: [n] for n in home}) if together else (home, members)
    tried: dict[tuple[int, int], int] = {}
    vouched = Counter(number for edge in edges for number in (edge.a, edge.b))
    strongest = sorted(
        edges, key=lambda edge: (-edge.score, -min(vouched[edge.a], vouched[edge.b]), *key((edge.a, edge.b)))
    )
    for edge in strongest:
        for one, other in ((edge.a, edge.b), (edge.b, edge.a)):
            if len(tied := ties.setdefault(one, [])) < MOST_TIES:
                tied.append(other)
    for edge in strongest:
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


class _Vote(NamedTuple):
    """What a verdict counts for and against a union, and what may explain it away."""

    same: bool
    against: int
    is_certain: bool
    is_by_title: bool


def _vote(verdict: Judged) -> _Vote:
    if verdict.kind == "same":
        return _CERTAIN if verdict.is_certain else _SAME
    if verdict.kind == "unsure":
        return _TORN if verdict.is_torn else _UNSURE
    by_title = verdict.is_by_title
    if verdict.score < FIRM:
        return _FIRM_BY_TITLE if by_title else _FIRM
    return _DIFFERENT_BY_TITLE if by_title else _DIFFERENT


# Few, and shared: a large component keeps tens of thousands of votes.
_CERTAIN, _SAME = _Vote(True, 0, True, False), _Vote(True, 0, False, False)
_TORN, _UNSURE = _Vote(False, TORN_OUTVOTE, False, False), _Vote(False, 0, False, False)
_FIRM_BY_TITLE, _FIRM = _Vote(False, FIRM_OUTVOTE, False, True), _Vote(False, FIRM_OUTVOTE, False, False)
_DIFFERENT_BY_TITLE, _DIFFERENT = _Vote(False, OUTVOTE, False, True), _Vote(False, OUTVOTE, False, False)
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
