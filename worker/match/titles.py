"""How alike two titles are: misspelt, cut, with a subtitle less, or with other columns glued to them."""

from __future__ import annotations

from typing import NamedTuple

from rapidfuzz import fuzz
from rapidfuzz.distance import Indel

from worker.match.facts import Facts
from worker.match.venues import TELLS_NOTHING
from worker.match.words import COMMON, COUNTED, GENERIC, OPPOSITES, ROMAN, TURNING, TURNING_PREFIXES

Words = tuple[str, ...]


class Titles(NamedTuple):
    """How alike two titles are: ``likeness`` in [0, 1], and ``relation``: ``same``, ``glued`` (the same, with authors,
    venue or year of the other record glued to it), ``begins`` (one is the beginning or the end of the other),
    ``alike``, ``other``, or ``none`` when one is missing. ``named``: authors of the one that the other's title names.
    """

    likeness: float
    relation: str
    named: int = 0


LEAST_LIKENESS = 0.55
"""Below that a pair that shares no identifier and no abstract is not looked at any further."""
PIECE_SHOWS = 1.8
"""A title of n letters that is a piece of one of m is at least so many times n / (n + m) like it: a piece that is
``INSIDE`` has 0.905 of its letters in common with the whole."""
PIECE_LETTERS = 16
"""A beginning of fewer letters is shared by works that have nothing else in common."""
INSIDE = 95.0
"""How alike, in percent, a title is to the piece of another that it is held to be."""
MIDDLE_LETTERS = 40
"""A title of fewer letters becomes another one by a word in its middle."""

MOST_MISSPELT = 4
"""Titles that each have more words of their own differ by more than misspellings."""


def compare_titles(a: Facts, b: Facts, least: float = LEAST_LIKENESS) -> Titles:
    """How alike two folded titles are; hyphens and blanks do not count. Those that are no piece of each other and
    share less than ``least`` of their letters are ``other``."""
    if not a.compact or not b.compact:
        return _NO_TITLE
    if a.compact == b.compact:
        return _SAME_TITLE
    if glued := _glued(a, b):
        return glued
    if len(a.compact) <= len(b.compact):
        short, long = a, b
    else:
        short, long = b, a
    ratio = Indel.normalized_similarity(a.compact, b.compact, score_cutoff=LEAST_LIKENESS)
    if ratio < least and not may_be_piece(short.compact, long.compact, least):
        return Titles(ratio, "other")
    if len(short.compact) >= PIECE_LETTERS and not short.weak:
        if long.compact.startswith(short.compact):
            return Titles(max(ratio, _piece(short, long, first=True)), "begins")
        if long.compact.endswith(short.compact):
            return Titles(max(ratio, _piece(short, long, first=False)), "begins")
        if ratio < 0.9 and len(long.compact) > len(short.compact) + 3:
            # The same with a slip of the pen in the piece.
            size = len(short.compact)
            if _alike(short.compact, long.compact[:size]):
                return Titles(max(ratio, _piece(short, long, first=True) - 0.03), "begins")
            if _alike(short.compact, long.compact[-size:]):
                return Titles(max(ratio, _piece(short, long, first=False) - 0.03), "begins")
            if ratio < 0.85 and fuzz.partial_ratio(short.compact, long.compact, score_cutoff=INSIDE):
                return Titles(max(ratio, _piece(short, long, first=False) - 0.03), "begins")
    if ratio < least:
        return Titles(ratio, "other")
    if len(short.compact) >= MIDDLE_LETTERS and len(short.telling) > 4 and _middle(short.words, long.words):
        return Titles(max(ratio, 0.88), "alike")
    words = _shared_words(a, b)
    return Titles(max(ratio if ratio > 0.9 else 0.0, (ratio + words) / 2), "alike")


def may_be_piece(short: str, long: str, least: float) -> bool:
    """Whether a title, blanks left out, that is less like a longer one than ``least`` may be a piece of it, but for a
    slip of the pen. First its length says, then its letters."""
    size = len(short)
    return (
        size >= PIECE_LETTERS
        and least * (size + len(long)) > PIECE_SHOWS * size
        and (
            _alike(short, long[:size])
            or _alike(short, long[-size:])
            or fuzz.partial_ratio(short, long, score_cutoff=INSIDE) > 0
        )
    )


_NO_TITLE = Titles(0.0, "none")
_SAME_TITLE = Titles(1.0, "same")
_GLUED_COLUMN = Titles(0.83, "alike")
"""A column's name tells hardly anything, whatever is glued to it."""


def _glued(a: Facts, b: Facts) -> Titles | None:
    """One title with what belongs into other columns before or after it: all of it stands in those columns of the
    other record, or glued to its title too.
    """
    parts = shared_end(a.words, b.words)
    if parts is None:
        return None
    shared, rest_a, rest_b = parts
    if not explained(rest_a, rest_b, b) or not explained(rest_b, rest_a, a):
        return None
    if all(word in GENERIC for word in shared):
        return _GLUED_COLUMN
    return Titles(0.99, "glued", max(len(b.families.intersection(rest_a)), len(a.families.intersection(rest_b))))


def shared_end(mine: Words, theirs: Words) -> tuple[Words, Words, Words] | None:
    """The words that two titles begin or else end with, and what is left of each; None when these words are few."""
    if mine[0] == theirs[0]:
        common = _n_common(mine, theirs)
        if sum(map(len, mine[:common])) >= PIECE_LETTERS:
            return mine[:common], mine[common:], theirs[common:]
    if mine[-1] == theirs[-1]:
        common = _n_common(mine[::-1], theirs[::-1])
        shared = mine[len(mine) - common :]
        if sum(map(len, shared)) >= PIECE_LETTERS:
            return shared, mine[: len(mine) - common], theirs[: len(theirs) - common]
    return None


def _n_common(mine: Words, theirs: Words) -> int:
    """How many words two titles begin with alike."""
    most = min(len(mine), len(theirs))
    return next((place for place in range(most) if mine[place] != theirs[place]), most)


def explained(rest: Words, other_rest: Words, other: Facts) -> bool:
    """Whether nearly all letters of these words are of the other record's authors, venue, year or title's rest."""
    if not rest:
        return True
    words = {given for name in other.authors for given in name.given}
    words |= {letters[0] for letters in words}
    words |= other.families
    if other.venue is not None:
        words |= other.venue.series
    if other.year:
        words.add(str(other.year))
    words.update(other_rest)
    if words.isdisjoint(rest):
        return False
    unexplained = 0
    for word in rest:
        if word in words:
            continue
        if word.isdigit() or word in ROMAN or word in COUNTED:
            return False
        if word not in _GLUE:
            unexplained += len(word)
    return unexplained * _MOST_UNEXPLAINED <= sum(map(len, rest))


_MOST_UNEXPLAINED = 6
"""One letter in six of what is glued may be a slip of the pen, or a name that the other record lacks."""
_GLUE = TELLS_NOTHING | {"et", "al", "others", "by", "data", "de", "von", "van", "s"}


def _middle(short: Words, long: Words) -> bool:
    """Whether a title is another one without some words in its middle."""
    if len(short) >= len(long):
        return False
    start = next((place for place in range(len(short)) if short[place] != long[place]), len(short))
    return short[start:] == long[len(long) - len(short) + start :]


def _alike(piece: str, other: str) -> bool:
    return Indel.normalized_similarity(piece, other, score_cutoff=0.92) > 0


def _piece(short: Facts, long: Facts, *, first: bool) -> float:
    """A subtitle left out, or a title cut short: the longer the piece, the surer."""
    telling = len(short.telling)
    if short.is_cut and first:
        return 0.97
    if telling >= 4:
        return 0.94 if first else 0.9
    return 0.9 if telling == 3 and first else 0.86


def _shared_words(a: Facts, b: Facts) -> float:
    """Weighted share of words in common, misspellings allowed; common words count a quarter."""
    mine, theirs = set(a.words), set(b.words)
    both = mine & theirs
    only_a, only_b = sorted(mine - both), sorted(theirs - both)
    common = sum([_weight(word) for word in both])
    rest = 0.0
    if len(only_a) > MOST_MISSPELT and len(only_b) > MOST_MISSPELT:
        rest = sum([_weight(word) for word in only_a])
        only_a = []
    for word in only_a:
        twin = next((other for other in only_b if _misspelt(word, other)), None)
        if twin is None:
            rest += _weight(word)
        else:
            only_b.remove(twin)
            common += max(_weight(word), _weight(twin)) * 0.9
            rest += 0.1
    rest += sum([_weight(word) for word in only_b])
    total = common + rest
    return common / total if total else 0.0


def opposite_words(a: Facts, b: Facts) -> tuple[str, str] | None:
    """Two words that turn one title into another one's contrary: ``with`` and ``without``, ``supervised`` and
    ``unsupervised`` or ``semi supervised``.
    """
    mine, theirs = set(a.words), set(b.words)
    only_a, only_b = sorted(mine - theirs), sorted(theirs - mine)
    for ours, others, words, other_words in ((only_a, only_b, a.words, theirs), (only_b, only_a, b.words, mine)):
        for word in ours:
            for other in others:
                if (word, other) in OPPOSITES or (word.endswith(other) and word[: -len(other)] in TURNING_PREFIXES):
                    return word, other
            turns = word in TURNING and word != words[-1] and not any(_misspelt(word, other) for other in others)
            if turns and words[words.index(word) + 1] in other_words:
                turned = words[words.index(word) + 1]
                return f"{word} {turned}", turned
    return None


def _weight(word: str) -> float:
    return 0.25 if word in COMMON else 1.0


def _misspelt(a: str, b: str) -> bool:
    if len(a) < 4 or len(b) < 4 or abs(len(a) - len(b)) > 2 or (a[0] != b[0] and a[-2:] != b[-2:]):
        return False
    return Indel.normalized_similarity(a, b) >= 0.78
