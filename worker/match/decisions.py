"""What people decided about records: which pairs are one work and which are not, whatever the evidence says.

A decision speaks of whole sets, so that it holds when one of them is away: ``same`` of all its names, ``different`` of
any two that stand on different sides. Of two decisions about one pair the later one counts.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any, Generic, Protocol, TypeVar


class Sortable(Protocol):
    """What a name is."""

    def __lt__(self, other: Any, /) -> bool: ...
    def __hash__(self) -> int: ...


Name = TypeVar("Name", bound=Sortable)
"""How records are named here: by number within a component, by source and key elsewhere."""


@dataclass(frozen=True)
class Decided(Generic[Name]):
    """A decision in force. ``sides``: the names it is about; of all kinds but ``different`` there is one side."""

    decision_id: int
    kind: str
    sides: tuple[tuple[Name, ...], ...]
    field: str | None = None
    value: Any = None

    @property
    def names(self) -> tuple[Name, ...]:
        """Everything it speaks of."""
        return tuple(name for side in self.sides for name in side)


Pairs = dict[tuple[Name, Name], tuple[str, int]]
"""Pair, the smaller name first -> ``same`` or ``different``, and the decision that says so."""


def pairs(decisions: Iterable[Decided[Name]]) -> Pairs[Name]:
    """What holds of each pair that somebody decided about."""
    found: Pairs[Name] = {}
    for decided in sorted(decisions, key=lambda one: one.decision_id):
        if decided.kind == "same":
            for pair in combinations(sorted(decided.names), 2):
                found[pair] = "same", decided.decision_id
        elif decided.kind == "different":
            for ours, theirs in combinations(decided.sides, 2):
                for one in ours:
                    for other in theirs:
                        pair = (one, other) if one < other else (other, one)
                        found[pair] = "different", decided.decision_id
    return found


def of_kind(found: Pairs[Name], kind: str) -> frozenset[tuple[Name, Name]]:
    """The pairs of which ``kind`` holds."""
    return frozenset(pair for pair, (said, _) in found.items() if said == kind)


def against_same(found: Pairs[Name], names: Sequence[Name]) -> list[int]:
    """Decisions that forbid calling ``names`` one work: they keep apart two of them, or two tied to them."""
    ties = _ties(found)
    reached = set(names)
    todo = deque(names)
    while todo:
        for other, _ in ties[todo.popleft()]:
            if other not in reached:
                reached.add(other)
                todo.append(other)
    return sorted(
        {number for (one, other), (said, number) in found.items()
         if said == "different" and one in reached and other in reached}
    )  # fmt: skip


def against_different(found: Pairs[Name], sides: Sequence[Sequence[Name]]) -> list[int]:
    """Decisions that forbid keeping ``sides`` apart: by them, step by step, a name of one is a name of another."""
    ties = _ties(found)
    side_of = {name: i for i, side in enumerate(sides) for name in side}
    for start, side in sorted(side_of.items()):
        came: dict[Name, tuple[Name, int] | None] = {start: None}
        todo = deque([start])
        while todo:
            here = todo.popleft()
            if side_of.get(here, side) != side:
                path = []
                step = came[here]
                while step is not None:
                    path.append(step[1])
                    step = came[step[0]]
                return sorted(set(path))
            for other, number in ties[here]:
                if other not in came:
                    came[other] = here, number
                    todo.append(other)
    return []


def _ties(found: Pairs[Name]) -> dict[Name, list[tuple[Name, int]]]:
    """Name -> what was called the same, and by which decision."""
    ties: dict[Name, list[tuple[Name, int]]] = defaultdict(list)
    for (one, other), (said, number) in sorted(found.items()):
        if said == "same":
            ties[one].append((other, number))
            ties[other].append((one, number))
    return ties
