"""Whose people may be others when something is told of some names of a block.

A frequent name's block holds thousands of people, and almost all of them stay who they are whatever is told of one
more. Those who may not are found here by their names; what ids tie together is for the caller to add.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator

from worker.merge.namesakes import compatible
from worker.merge.people import is_full, words_of

Words = tuple[str, ...]


class Namesakes:
    """The names of one block and the people they belong to, as they stand."""

    __slots__ = ("_alike", "_key", "_of_person", "_person", "_short")

    def __init__(self, names: Iterable[tuple[int, str, int]]) -> None:
        """``names``: number, folded name, and number of the person it belongs to or will."""
        self._key: dict[int, str] = {}
        self._person: dict[int, int] = {}
        self._of_person: dict[int, list[int]] = defaultdict(list)
        self._alike: dict[str, list[int]] = defaultdict(list)
        self._short: list[int] = []
        for name_id, key, author_id in names:
            self._key[name_id] = key
            self._person[name_id] = author_id
            self._of_person[author_id].append(name_id)
            likenesses = _likenesses(key)
            for likeness in likenesses:
                self._alike[likeness].append(name_id)
            if not likenesses:
                self._short.append(name_id)

    def people(self, names: Iterable[int]) -> set[int]:
        """The people these names belong to."""
        return {self._person[name_id] for name_id in names}

    def of(self, author_id: int) -> list[int]:
        """Names that belong to this person."""
        return self._of_person.get(author_id, [])

    def alike(self, names: Iterable[int]) -> set[int]:
        """Names that may be variants of some of these: the first word is the same, or all letters are."""
        likenesses = {likeness for name_id in names for likeness in _likenesses(self._key[name_id])}
        return {other for likeness in likenesses for other in self._alike.get(likeness, ())}

    def bystanders(self, names: Collection[int]) -> list[int] | None:
        """Names, none of these, of two people for whom all initials that may stand for some of these could stand as
        well: initials that two can have given are nobody's, whoever these names belong to.

        Empty when there are no such initials; None when there are no such people.
        """
        initials = [words_of(self._key[name_id]) for name_id in self._initials(names)]
        if not initials:
            return []
        found: dict[int, int] = {}
        for name_id in self._hosts(initials, all):
            if name_id not in names:
                found.setdefault(self._person[name_id], name_id)
                if len(found) == 2:
                    return list(found.values())
        return None

    def standing_for(self, names: Collection[int]) -> set[int]:
        """Initials that may stand for some of these names, and all names that they may stand for."""
        short = self._initials(names)
        return {*short, *self._hosts([words_of(self._key[name_id]) for name_id in short], any)}

    def key(self, name_id: int) -> str:
        """The folded name."""
        return self._key[name_id]

    def _initials(self, names: Collection[int]) -> list[int]:
        """Those of the names that are initials, and initials that may stand for one of the others."""
        full = [words_of(key) for key in map(self._key.__getitem__, names) if is_full(key)]
        return [
            name_id
            for name_id in self._short
            if name_id in names or any(compatible(words_of(self._key[name_id]), words) for words in full)
        ]

    def _hosts(self, initials: Collection[Words], how: Callable[[Iterable[bool]], bool]) -> Iterator[int]:
        """Full names that any, or all, of some initials may stand for."""
        for name_id, key in self._key.items():
            if is_full(key):
                words = words_of(key)
                if how(compatible(one, words) for one in initials):
                    yield name_id


def _likenesses(key: str) -> tuple[str, ...]:
    """What a full name has in common with its variants, the first word or all letters; initials have nothing."""
    first, blank, _ = key.partition(" ")
    return (first, "=" + key.replace(" ", "")) if (blank and len(first) > 1) or is_full(key) else ()
