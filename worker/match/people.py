"""Who is in both author lists: order, initials, short forms, misspellings and swapped names allowed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from rapidfuzz.distance import Indel, JaroWinkler
from rapidfuzz.process import extractOne

from worker.match.facts import Name


class People(NamedTuple):
    """Authors found in both lists, authors with one family name and other given names, and the lengths of the lists."""

    both: int
    contradict: int
    n_a: int
    n_b: int

    @property
    def are_strangers(self) -> bool:
        """Whether both name authors, and none is in both lists."""
        return not self.both and self.n_a > 0 and self.n_b > 0


def compare_people(ours: Sequence[Name], theirs: Sequence[Name]) -> People:
    """Who is in both lists: order does not count, initials stand for names, misspellings are forgiven."""
    n_a, n_b = len(ours), len(theirs)
    if not n_a or not n_b:
        return People(0, 0, n_a, n_b)
    if ours == theirs:
        return People(n_a, 0, n_a, n_b)
    equal = set(ours).intersection(theirs)
    both, contradict = len(equal), 0
    if both in (n_a, n_b):
        return People(both, 0, n_a, n_b)
    free = [name for name in theirs if name not in equal]
    families = {name.family for name in free}
    left: list[Name] = []
    for name in ours:
        if name in equal:
            continue
        if name.family in families:
            found = clash = False
            for place, other in enumerate(free):
                if other.family == name.family:
                    if _given_agree(name.given, other.given):
                        del free[place]
                        both += 1
                        found = True
                        break
                    clash = True
            if found:
                continue
            contradict += clash
        left.append(name)
    if left and free:
        others = [name.family for name in free]
        words = {word for other in free for word in other.given}.union(others)
        glued = f" {' '.join(others)} "
        for name in left:
            shares = any(len(word) > 2 and word in words for word in (name.family, *name.given))
            if not shares and not _may_be_misspelt(name.family, others, glued):
                continue
            for place, other in enumerate(free):
                if name.family != other.family and _same_person(name, other, shares):
                    del free[place]
                    both += 1
                    break
    return People(both, contradict, n_a, n_b)


def _given_agree(a: tuple[str, ...], b: tuple[str, ...]) -> bool:
    """Given names that may be one person's: one missing, an initial, a short form, a slip of the pen, or a second
    given name used as the first.
    """
    if not a or not b or a == b:
        return True
    x, y = a[0], b[0]
    if x == y:
        return True
    if x[0] == y[0]:
        if len(x) == 1 or len(y) == 1 or x.startswith(y) or y.startswith(x):
            return True
        # Glued initials: "jp" for "jean pierre".
        if (len(x) <= 3 and x == "".join([word[0] for word in b])) or (
            len(y) <= 3 and y == "".join([word[0] for word in a])
        ):
            return True
        if JaroWinkler.similarity(x, y) >= 0.85:
            return True
    if _SHORT_FORMS.get(x, x) == _SHORT_FORMS.get(y, y):
        return True
    if any(len(word) > 1 and word in b for word in a) or "".join(a) == "".join(b):
        return True
    if len(a) > 1 or len(b) > 1:
        return any(_short_for(word, y) for word in a[1:]) or any(_short_for(word, x) for word in b[1:])
    return len(x) > 3 and len(y) > 3 and Indel.normalized_similarity(x, y) >= 0.8


_SHORT_FORM_LINES = """
abraham avi abe abram
alexander alex sasha alec xander alexandre aleksandr
andrew andy drew andreas
anthony tony antonio
benjamin ben benny
bernard bernie
charles chuck charlie carl karl carlos
christopher chris kit
daniel dan danny
david dave
deborah debbie deb
donald don
edward ed eddie ted
elizabeth liz beth betty eliza lisa
eugene gene
francis frank
frederick fred freddy
gerald gerry jerry
gregory greg
harold harry hal
henry hank
jacob jake
james jim jimmy
jeffrey jeff geoffrey geoff
jennifer jen jenny
john jack johnny jon jonathan
joseph joe
katherine kate kathy katie catherine cathy
kenneth ken kenny
lawrence larry laurence
leonard len leo lenny
margaret maggie peggy meg
matthew matt
michael mike mick mickey michal mikhail misha
nathaniel nathan nat
nicholas nick nicolas
pamela pam
patricia pat patty tricia
patrick pat paddy
peter pete
philip phil phillip
raymond ray
rebecca becky
richard rick dick rich richie
robert bob rob bobby robbie
ronald ron
samuel sam
stephen steve steven stefan
stuart stu
susan sue susie
theodore ted theo
thomas tom tommy
timothy tim
victor vic viktor
victoria vicky
vincent vince
walter walt
william bill will billy willy
zachary zach
"""
_SHORT_FORMS = {
    word: line.split()[0] for line in reversed(_SHORT_FORM_LINES.strip().split("\n")) for word in line.split()
}


def _short_for(word: str, other: str) -> bool:
    return word == other or (min(len(word), len(other)) == 1 and word[0] == other[0])


def _may_be_misspelt(family: str, families: Sequence[str], glued: str) -> bool:
    """Whether ``_same_person`` may find that one of these family names, ``glued`` with blanks, is the same misspelt or
    joined. Asked of all at once, for as a rule none is."""
    return len(family) > _SHORTEST_MISSPELT and (
        extractOne(family, families, scorer=Indel.normalized_similarity, score_cutoff=_NEARLY) is not None
        or family.endswith(tuple(families))
        or family.startswith(tuple(families))
        or f"{family} " in glued
        or f" {family}" in glued
    )


_SHORTEST_MISSPELT = 3
_MISSPELT = 0.8
_NEARLY = 0.79
"""A little less, for a cutoff is compared to a rounded distance."""


def _same_person(a: Name, b: Name, shares: bool) -> bool:
    """Family names that differ: misspelt, joined, or, where the other list ``shares`` a word of the name, in the place
    of the given name.
    """
    if len(a.family) > _SHORTEST_MISSPELT and len(b.family) > _SHORTEST_MISSPELT:
        if Indel.normalized_similarity(a.family, b.family) >= _MISSPELT:
            return _given_agree(a.given, b.given)
        if (bool(a.given) == bool(b.given)) and (
            a.family.endswith(b.family)
            or b.family.endswith(a.family)
            or (not a.given and (a.family.startswith(b.family) or b.family.startswith(a.family)))
        ):
            # Families of two words, one of them left out; groups of people, more or less fully named.
            return _given_agree(a.given, b.given)
    if not shares:
        return False
    mine = {a.family, *a.given}
    theirs = {b.family, *b.given}
    shared = {word for word in mine & theirs if len(word) > 2}
    if not shared:
        return False
    mine -= shared
    theirs -= shared
    if len(shared) > 1 or not mine or not theirs:
        return a.family in shared or b.family in shared
    # A family name of two words, of which one source took the first for a given name.
    return ((a.family in shared and b.family not in shared) or (b.family in shared and a.family not in shared)) and any(
        _short_for(x, y) for x in mine for y in theirs
    )
