"""Which printed names may be one person, and who is who in two author lists of one paper."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache

from worker.normalise.names import name_key


@lru_cache(maxsize=1 << 14)
def tokens(name: str) -> tuple[str, ...]:
    """The folded words of a printed name, given names first."""
    return tuple(name_key(name).replace("-", " ").split())


@lru_cache(maxsize=1 << 14)
def initials_only(name: str) -> bool:
    """Whether no given name is written out: ``Y. Bengio``, ``J.-P. Serre``, and names of one word."""
    return all(len(word) == 1 for word in tokens(name)[:-1])


def compatible(a: Sequence[str], b: Sequence[str]) -> bool:
    """Whether two names, as folded words, may be one person's.

    The family name (last word) is the same; the first given names are equal or one is the other's initial;
    further given names may be missing on one side but do not contradict. Blanks do not count
    (``yann le cun``, ``yann lecun``).
    """
    if a == b or "".join(a) == "".join(b):
        return True
    if len(a) < 2 or len(b) < 2 or a[-1] != b[-1] or not _agree(a[0], b[0]):
        return False
    shorter, longer = sorted((a[1:-1], b[1:-1]), key=len)
    rest = iter(longer)
    return all(any(_agree(word, other) for other in rest) for word in shorter)


def _agree(a: str, b: str) -> bool:
    return a == b or (min(len(a), len(b)) == 1 and a[:1] == b[:1])


def assign(ours: Sequence[str], theirs: Sequence[str]) -> list[int]:
    """For each of our printed names the position of the same author in their list, or -1.

    Equal names first, blanks aside, then equal words in another order, then initials: those with the fewest
    possible partners first, each with the nearest in order. What is left over once in both lists at one place
    is the same person misspelt.
    """
    n = len(ours)
    if ours == theirs:
        return list(range(n))
    match = [-1] * n
    free = set(range(len(theirs)))
    mine, others = [tokens(name) for name in ours], [tokens(name) for name in theirs]
    for fold in _FOLDS:
        places: dict[object, list[int]] = {}
        for j in sorted(free, reverse=True):
            places.setdefault(fold(others[j]), []).append(j)
        for i in range(n):
            if match[i] < 0 and (same := places.get(fold(mine[i]))):
                match[i] = same.pop()
                free.discard(match[i])
        if not free:
            return match
    families: dict[str, list[int]] = {}
    for j in sorted(free):
        families.setdefault(others[j][-1] if others[j] else "", []).append(j)
    options = []
    for i in range(n):
        if match[i] < 0 and mine[i]:
            able = [j for j in families.get(mine[i][-1], ()) if compatible(mine[i], others[j])]
            if able:
                options.append((len(able), min(abs(i - j) for j in able), i, able))
    for _, _, i, able in sorted(options):
        left = [j for j in able if j in free]
        if left:
            match[i] = min(left, key=lambda j, i=i: (abs(i - j), j))  # type: ignore[misc]
            free.discard(match[i])
    if n == len(theirs) > 1 and len(free) == 1:
        (j,) = free
        if match[j] < 0:
            match[j] = j
    return match


def _sorted(words: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(sorted(words))


_FOLDS: tuple[Callable[[tuple[str, ...]], object], ...] = (tuple, "".join, _sorted)
