"""Names of people: cleaned for showing, split into given and family names, folded into keys.

Names repeat in a catalog, so the answers are remembered (a bounded number of them).
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from worker.normalise.texts import clean
from worker.normalise.titles import plain_tex, repaired, title_key

REMEMBERED = 1 << 14
"""Enough from reading a batch to writing it; who comes again later is remembered whole by those who ask (authors as
read, as compared and as written)."""
LONGEST = 1000
"""Characters of a name that are read; no name of a person or a collaboration is longer."""

_MARKS = re.compile(r"[*†‡§¶‖#⁰¹²³⁴-⁹✉∗⋆★☆]+")
_HOMONYM = re.compile(r"\s+[0-9]{4}$")
# Numbers of footnotes and affiliations: attached to a word, or after the name.
_FOOTNOTE = re.compile(
    r"(?<=[^\W\d_][^\W\d_])(?:\s?[0-9]{1,2}(?:\s*[,;]\s*[0-9]{1,2})*+)++(?=\W|$)"
    r"|[\s,;]+[0-9]{1,2}(?:[\s,;]+[0-9]{1,2})*$"
)
_GLUED_INITIAL = re.compile(r"(?<![^\W\d_])([^\W\d_])\.(?=[^\W\d_])")
_PLAIN = re.compile(r"[A-Za-z][A-Za-z.'-]*(?: [A-Za-z][A-Za-z.'-]*)*")

_PARTICLES = (
    "van von vom zu zum zur der den de del della dello dei degli di da dal dalla do dos das du des la le "
    "les las los lo ten ter te 't op af av al el ul ad bin bint ben ibn abu abd st st. saint santa y e mc "
    "mac vander vande und"
)
PARTICLES = frozenset(_PARTICLES.split())
"""Words that belong to the family name after them."""
_LOWER_ONLY = frozenset(("y", "e", "do", "la", "lo", "te", "op", "af", "av", "ad", "und", "da", "di", "st"))
"""Particles that, with a capital, are as often a given name or an initial."""
SUFFIXES = frozenset(("jr", "jnr", "junior", "sr", "snr", "senior", "ii", "iii", "iv", "phd", "md", "esq"))
"""What may follow a name and is no part of it."""
_DOTTED = re.compile(r"(?:[^\W\d_]\.-?){1,4}|(?:[^\W\d_]\.-?){1,3}[^\W\d_]")
_VOWELS = frozenset("AEIOUY")
_CJK = re.compile("[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]{2,6}")


def clean_name(raw: str) -> str:
    """A name as it should be shown: no homonym number, footnote mark, markup or stray blank; NFC.

    ``Andrew Clark 0001`` (dblp) is ``Andrew Clark``; ``Jane Doe1,2*`` is ``Jane Doe``. What has no letter
    gives the empty string.
    """
    if len(raw) > LONGEST:
        raw = raw[:LONGEST]
    if _PLAIN.fullmatch(raw):
        return raw
    return _cleaned(raw)


@lru_cache(maxsize=REMEMBERED)
def _cleaned(raw: str) -> str:
    """Until nothing changes: what one step uncovers (a mark under an entity) is the next one's to remove."""
    name = raw
    for _ in range(_ROUNDS):
        cleaner = _cleaned_once(name)
        if cleaner == name:
            break
        name = cleaner
    return name


_ROUNDS = 6


def _cleaned_once(raw: str) -> str:
    name = repaired(raw)
    if "\\" in name or "{" in name or "$" in name:
        name = plain_tex(name)
    name = repaired(clean(name) or "")
    name = _MARKS.sub(" ", name).strip()
    name = _HOMONYM.sub("", name)
    name = _FOOTNOTE.sub("", name)
    name = unicodedata.normalize("NFC", " ".join(name.split())).strip(" ,;:")
    return name if any(character.isalpha() for character in name) else ""


@lru_cache(maxsize=REMEMBERED)
def split_name(name: str) -> tuple[str | None, str | None]:
    """Given names and family name, either of them nothing when it is not there.

    Understands ``Given Family``, ``Family, Given``, ``Family, Jr., Given``, ``FAMILY Given``, ``Family GK``
    (Vancouver style), particles (``van der``, ``Le``), which stay with the family name, and names in Chinese,
    Japanese and Korean script, family first. A single word is a family name; suffixes are dropped.
    """
    if plain_words(name) is not None and not name[-1].isdigit():
        end = name.rindex(" ")
        return name[:end], name[end + 1 :]
    name = clean_name(name)
    if not name:
        return None, None
    parts = [part.strip() for part in name.split(",")]
    parts = [parts[0], *(part for part in parts[1:] if part and _bare(part) not in SUFFIXES)]
    if len(parts) > 1 and parts[0]:
        family, given = parts[0].split(), " ".join(parts[1:]).split()
        given = [word for word in given if _bare(word) not in SUFFIXES] or given
        while len(given) > 1 and given[-1].lower() in PARTICLES and given[-1][:1].islower():
            family.insert(0, given.pop())
        return " ".join(given) or None, " ".join(family)
    words = (parts[0] or name).split()
    while len(words) > 2 and _bare(words[-1]) in SUFFIXES:
        words.pop()
    if len(words) == 1:
        if _CJK.fullmatch(words[0]):
            return words[0][1:], words[0][0]
        dotted = _GLUED_INITIAL.sub(r"\1. ", words[0]).split()
        if len(dotted) == 1:
            return None, words[0]
        words = dotted
    if _family_first(words):
        return " ".join(words[1:]), words[0]
    start = len(words)
    while start > 1 and _initials(words[start - 1]):
        start -= 1
    if start < len(words) and not any(_initials(word) for word in words[:start]):
        return " ".join(words[start:]), " ".join(words[:start])
    start = len(words) - 1
    while start > 1 and _particle(words[start - 1]):
        start -= 1
    return " ".join(words[:start]), " ".join(words[start:])


@lru_cache(maxsize=REMEMBERED)
def name_key(name: str) -> str:
    """The folded name, given names before the family name: equal for the ways one name is printed.

    ``Müller, Jörg-Peter`` and ``Jorg Peter Muller`` are both ``jorg peter muller``.
    """
    given, family = split_name(name)
    if family is None:
        return ""
    return folded(f"{given} {family}" if given else family)


@lru_cache(maxsize=REMEMBERED)
def block_key(name: str) -> str:
    """Folded family name and first initial: the block in which a person's namesakes are found.

    ``Yann Le Cun`` and ``LeCun, Y.`` are both ``lecun y``. A single name has no initial.
    """
    given, family = split_name(name)
    if family is None:
        return ""
    initial = folded(given)[:1] if given else ""
    return f"{folded(family).replace(' ', '')} {initial}".rstrip()


_SIMPLE = re.compile(
    r"(?:[A-Z](?:[a-z]+(?:-[A-Za-z][a-z]+)*|\.)? )+[A-Z][a-z]*(?:[A-Z][a-z]|[a-z])[a-z]*(?:-[A-Z][a-z]+)*(?: [0-9]{4})?"
)
_NO_PLAIN_NAME = PARTICLES | SUFFIXES | {
    "and", "et", "al", "others", "by", "corporate", "team", "group", "consortium", "collaboration", "committee",
    "initiative", "network",
}  # fmt: skip


@lru_cache(maxsize=REMEMBERED)
def plain_words(printed: str) -> tuple[str, ...] | None:
    """The words of a name without comma, accent or anything special, in small letters without dots, the family name
    last: nine names in ten, read five times as fast as the others. Nothing when the name is another.

    Remembered, for reading, matching and writing a record ask in turn.
    """
    if _SIMPLE.fullmatch(printed) is None:
        return None
    words = printed.replace(".", "").lower().split()
    if words[-1].isdigit():
        words.pop()
    return tuple(words) if _NO_PLAIN_NAME.isdisjoint(words) else None


def keys(name: str) -> tuple[str, str]:
    """``name_key`` of a name, and ``block_key`` of that: one key has one block, whichever way it was printed.

    ``García López, Ana`` and ``Ana García-López`` are both ``ana garcia lopez`` in ``lopez a``.
    """
    words = plain_words(name)
    if words is None:
        key = name_key(name)
        return key, block_key(key)
    key = " ".join(words).replace("-", " ")
    return key, f"{key.rpartition(' ')[2]} {key[0]}"


def folded(name: str) -> str:
    """Words of a name without accents, case, dots and hyphens."""
    return title_key(_GLUED_INITIAL.sub(r"\1 ", name) if "." in name else name)


def _bare(word: str) -> str:
    return word.replace(".", "").lower()


def _particle(word: str) -> bool:
    lower = word.lower()
    return lower in PARTICLES and (word == lower or lower not in _LOWER_ONLY)


def _family_first(words: list[str]) -> bool:
    """``BENGIO Yoshua``: the first word alone in capitals, the others not."""
    return (
        len(words) > 1
        and len(words[0]) > 2
        and words[0].isupper()
        and words[0].isalpha()
        and any(len(word) > 1 and not word.isupper() for word in words[1:])
        and not words[-1].isupper()
    )


def _initials(word: str) -> bool:
    """``J``, ``j.``, ``J.K.``, ``J.-P.``, ``SR``; not ``NG`` or ``XU``."""
    if len(word) == 1 or _DOTTED.fullmatch(word):
        return True
    return 2 <= len(word) <= 3 and word.isalpha() and word.isupper() and word != "NG" and not set(word) & _VOWELS
