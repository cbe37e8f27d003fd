"""Blocking keys: cheap hashes that two records of one work very likely share.

A key is (kind, signed 64-bit hash), equal in every process and release. Keys say nothing yet: whoever shares one
is judged. A key that too many records share is no key, identifiers apart, so each is made selective:
short titles and columns only together with an author, or year and venue. Nothing depends on what else is known.
"""

from __future__ import annotations

from zlib import crc32

from worker.match.facts import Facts
from worker.match.words import STOP
from worker.record import hash64

CAP = 100
"""Records that may share a key that is neither an identifier nor a whole title."""
CAP_TITLE = 400
"""Records that may share a whole, long title, or a place in print: one work cited hundreds of times, as a rule."""

(
    IDENTIFIER, TITLE, BEGINNING, ENDING, LONG_WORDS, SHORT_TITLE, ABSTRACT, ABSTRACT_PIECE, AUTHORS, SYSTEM,
    AUTHOR_TITLE, PAGES,
) = range(1, 13)  # fmt: skip
KINDS: dict[int, str] = {
    IDENTIFIER: "identifier",
    TITLE: "title",
    BEGINNING: "first telling words of the title",
    ENDING: "last letters of the title",
    LONG_WORDS: "longest words of the title, when no author is told",
    SHORT_TITLE: "short title with an author, or with year and venue",
    ABSTRACT: "first words of the abstract",
    ABSTRACT_PIECE: "a piece of the abstract's beginning",
    AUTHORS: "all authors, when they are more than two",
    SYSTEM: "name before the colon",
    AUTHOR_TITLE: "an author and the first or last letters of the title",
    PAGES: "volume, or else year, first and last page, and an author",
}

_ABSTRACT_WORDS = 8
_PIECE_WORDS, _PIECE_WITHIN = 4, 24
_FEWEST_ABSTRACT_WORDS = 12
"""Shorter texts ("No abstract available.") are no abstracts."""
_LONG_BEGINNING = 17
"""Letters of two telling words that are rare enough together; shorter pairs take a third."""
_ENDING = 27
"""Letters of a title's end, small words aside, that are rare enough together."""
_FIRST = 3
"""Letters of a title that may be others when its end is the same."""
_FEW = 6
"""Letters of a title that are rare enough together with an author of a rare name."""
_AUTHOR_AND_FEW = 13
"""Letters of an author's family name and of a title that are rare enough together: the shorter a family name, the more
have it."""
_WHOLE_TITLE = 18
"""Letters of a folded title that is a key alone."""


def is_crowded(kind: int, count: int) -> bool:
    """Whether a key of this kind is none, because so many records share it. An identifier always is one."""
    return count > CAP and kind != IDENTIFIER and (count > CAP_TITLE or kind not in (TITLE, PAGES))


def blocking_keys(f: Facts) -> list[tuple[int, int]]:
    """Keys of a record, four to six as a rule; none twice."""
    keys = [(IDENTIFIER, _hash(f"i\0{found.scheme}\0{found.value}")) for found in sorted(f.ids)]
    if f.compact:
        _title_keys(f, keys)
    if f.pages and f.families:
        keys.append((PAGES, _hash(f"g\0{f.volume or f.year}\0{f.pages}\0{min(f.families)}")))
    if f.abstract:
        _abstract_keys(f.abstract, keys)
    return keys


def _title_keys(f: Facts, keys: list[tuple[int, int]]) -> None:
    telling = f.telling
    families = sorted(f.families)
    if f.weak or len(f.compact) < _WHOLE_TITLE:
        # Without small words: "Reminiscences on ..." and "Reminiscences in ..." are one column.
        short = "".join(telling) or f.compact
        keys += [(SHORT_TITLE, _hash(f"s\0{short}\0{family}")) for family in families[:4]]
        if not families or f.genre:
            place = (f.venue.acronym or "".join(sorted(f.venue.series))) if f.venue else ""
            keys.append((SHORT_TITLE, _hash(f"y\0{short}\0{f.year}\0{place}")))
        if f.weak:
            if families:
                _author_title(f.compact, families, keys)
            return
    keys.append((TITLE, _hash("t\0" + f.compact)))
    if len(telling) >= 2:
        first = telling[0] + telling[1]
        if len(first) < _LONG_BEGINNING:
            first = "".join(telling[:3])
        keys.append((BEGINNING, _hash("b\0" + first)))
    letters = "".join([word for word in f.words if word not in STOP])
    if len(letters) > _ENDING:
        keys.append((ENDING, _hash("e\0" + letters[-min(_ENDING, len(letters) - _FIRST) :])))
    if f.system:
        keys.append((SYSTEM, _hash("n\0" + f.system)))
    if families:
        _author_title(letters, families, keys)
        if len(families) > 2:
            keys.append((AUTHORS, _hash("a\0" + "\0".join(families))))
    elif len(telling) > 2:
        longest = sorted(telling, key=_by_length)[: min(3, len(telling) - 1)]
        keys.append((LONG_WORDS, _hash("l\0" + " ".join(sorted(longest)))))


def _author_title(letters: str, families: list[str], keys: list[tuple[int, int]]) -> None:
    """Letters of the title, not words: a slip of the pen spoils one of the two at most."""
    first, last = families[0], families[-1]
    keys.append((AUTHOR_TITLE, _hash(f"u\0{first}\0{letters[: max(_FEW, _AUTHOR_AND_FEW - len(first))]}")))
    if len(families) < 3:
        keys.append((AUTHOR_TITLE, _hash(f"v\0{last}\0{letters[-max(_FEW, _AUTHOR_AND_FEW - len(last)) :]}")))


def _hash(text: str) -> int:
    return hash64(text.encode("utf-8", "surrogatepass"))


def _by_length(word: str) -> tuple[int, str]:
    return -len(word), word


def _abstract_keys(abstract: str, keys: list[tuple[int, int]]) -> None:
    """The first words, for a cut abstract is a prefix of the whole; and one piece of the beginning, chosen by its own
    hash, so that it is the same piece when a heading or a word before it is lost.
    """
    words = abstract.split(" ", _PIECE_WITHIN + 1)[:_PIECE_WITHIN]
    if len(words) < _FEWEST_ABSTRACT_WORDS:
        return
    if words[0] in ("abstract", "summary", "resume"):
        words = words[1:]
    keys.append((ABSTRACT, _hash("p\0" + "".join(words[:_ABSTRACT_WORDS]))))
    pieces = [" ".join(words[at : at + _PIECE_WORDS]) for at in range(len(words) - _PIECE_WORDS + 1)]
    chosen = min(pieces, key=lambda piece: crc32(piece.encode()))
    keys.append((ABSTRACT_PIECE, _hash("m\0" + chosen)))
