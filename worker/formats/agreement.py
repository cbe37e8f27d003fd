"""Do a title and an abstract speak of the same work? By the words they share, weighed by how rare those are.

A capture loses lines, so a title may stand before another paper's abstract; nothing but the words can tell.
Inflection, hyphens, plurals and acronyms are forgiven; what the whole page speaks of counts for little.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Iterable, Iterator
from functools import cached_property, lru_cache
from itertools import pairwise

from worker.formats.vocabulary import COMMON

_SUFFIXES = """izations ization isations isation ationally ational ations ation ators ator ities ity ings ing edly ed
ies es s ally ly ical ics ic al atives ative atifs atif ives ive ments ment ness ability ibility able ible ances ance
ences ence ents ent ants ant ous ers er ors or ions ion izing ized izes ize ising ised ises ise ements ement iques
ique euses euse eux ifs if ees ee aires aire elles elle el e y"""
_SUFFIX = re.compile(rf"(?:{'|'.join(sorted(_SUFFIXES.split(), key=len, reverse=True))})$")
_ACCENT = re.compile("[\u0300-\u036f]+")
_WORD = re.compile(r"[^\W_]+")
_TEX = re.compile(r"\\[a-zA-Z]+|[${}]")
_ACRONYM = re.compile(r"(?<![^\W_])[A-Z][A-Za-z]{0,3}[A-Z]s?(?![^\W_])")
RARE = 4.2
"""Information, in nats, of a word that is not among the common ones."""
_OTHERS = 24
"""Abstracts of the page a title is compared with, to learn how much it shares with any of them."""


def fold(text: str) -> str:
    """Text without accents; case stays."""
    if text.isascii():
        return text
    return _ACCENT.sub("", unicodedata.normalize("NFKD", text))


@lru_cache(maxsize=65536)
def stem(word: str) -> str:
    """A folded, lower-case word without its English or French ending: what inflected forms share."""
    for _ in range(2):
        found = _SUFFIX.search(word) if len(word) > 4 else None
        if found is None or found.start() < 3 + (len(found[0]) < 2):
            break
        word = word[: found.start()]
    if len(word) > 3 and word[-1] == word[-2]:
        word = word[:-1]
    return word[:8]


_INFORMATION = {stem(word): nats for nats, words in reversed(COMMON) for word in words.split()}


def stems(text: str) -> list[str]:
    """The stems of a text, in order."""
    return [stem(word) for word in _WORD.findall(_TEX.sub(" ", fold(text)).lower())]


def is_common(word: str) -> bool:
    """A folded word is one of those common in research prose."""
    return stem(word.lower()) in _INFORMATION


class Abstract:
    """An abstract made ready for comparison, of which 4,000 characters are read.

    ``stems`` are those of its words; what only a title beside it asks for is worked out when asked.
    """

    def __init__(self, text: str) -> None:
        self._words = _WORD.findall(_TEX.sub(" ", fold(text[:4000])))
        self._stems = [stem(word) for word in " ".join(self._words).lower().split(" ")] if self._words else []
        self.stems = frozenset(self._stems)
        self.length = len(text)

    @cached_property
    def pairs(self) -> frozenset[tuple[str, str]]:
        """Stems that stand next to each other."""
        return frozenset(pairwise(self._stems))

    @cached_property
    def joined(self) -> frozenset[str]:
        """Neighbouring stems written as one: a title's ``pretraining`` is the abstract's ``pre-training``."""
        return frozenset([left + right for left, right in pairwise(self._stems)])

    @cached_property
    def starts(self) -> frozenset[str]:
        """The first five letters of the longer stems."""
        return frozenset([one[:5] for one in self.stems if len(one) >= 5])

    @cached_property
    def initials(self) -> str:
        """The first letters of its words in a row: where an acronym is spelled out."""
        return "".join([word[0] for word in self._words]).lower()


class Page:
    """The abstracts of a page: the background against which one title and one abstract are judged."""

    def __init__(self, abstracts: Iterable[Abstract]) -> None:
        self._abstracts = list(abstracts)
        self._counts: dict[str, int] = {}
        for abstract in self._abstracts:
            for one in abstract.stems:
                self._counts[one] = self._counts.get(one, 0) + 1

    def _weight(self, one: str, own: bool) -> float:
        """Nats of a stem: its general rarity, or its rarity among the page's other abstracts if lower."""
        weight = _INFORMATION.get(one, RARE)
        n = len(self._abstracts)
        if n > 1:
            others = self._counts.get(one, 0) - own
            weight = min(weight, math.log((n + 1) / (others + 0.5)) * 1.6 + 0.3)
        return max(weight, 0.02)

    def probability(self, title: str, abstract: Abstract) -> float:
        """How likely it is, in [0, 1], that a title standing before an abstract is its title.

        The abstract is one of the page's. A logistic regression over what they share; its weights were
        fitted on pages made of conference papers, half of the pairs wrong.
        """
        return 1 / (1 + math.exp(-max(-30.0, min(30.0, self._evidence(title, abstract)))))

    def _evidence(self, title: str, abstract: Abstract) -> float:
        ordered = stems(title)
        distinct = list(dict.fromkeys(ordered))
        if not distinct:
            return -30.0
        acronyms = {stem(found.lower()): found.rstrip("s").lower() for found in _ACRONYM.findall(fold(title))}
        total = shared = first = second = 0.0
        for one in distinct:
            inside = one in abstract.stems
            weight = self._weight(one, inside)
            total += weight
            if inside or one in abstract.joined or (one in acronyms and acronyms[one] in abstract.initials):
                part = weight
            elif len(one) >= 6 and one[:5] in abstract.starts:
                part = weight * 0.6
            else:
                continue
            shared += part
            first, second = (part, first) if part > first else (first, max(second, part))
        pairs = 0.0
        for left, right in pairwise(ordered):
            if (left, right) in abstract.pairs:
                pairs += min(3.0, self._weight(left, True) + self._weight(right, True))
        general = {one: _INFORMATION.get(one, RARE) for one in distinct}
        whole = max(1.0, sum(general.values()))
        words = frozenset(distinct)
        own = sum([general[one] for one in words & abstract.stems])
        best = max(
            [sum([general[one] for one in words & other.stems]) for other in self._sample(abstract)], default=0.0
        )
        alone = len(self._abstracts) < 2
        features = _features(shared, total, first, second, pairs, 0.0 if alone else (own - best) / whole, alone,
                             abstract.length)  # fmt: skip
        return sum(weight * value for weight, value in zip(_WEIGHTS, features, strict=True))

    def _sample(self, abstract: Abstract) -> Iterator[Abstract]:
        """Some of the page's other abstracts, evenly spread."""
        step = max(1, len(self._abstracts) // _OTHERS)
        for other in self._abstracts[::step]:
            if other is not abstract:
                yield other


def _features(
    shared: float, total: float, first: float, second: float, pairs: float, margin: float, alone: bool, length: int
) -> tuple[float, ...]:
    """What the regression weighs: shares, the two rarest shared words, pairs, the lead over other abstracts."""
    share = shared / total
    short = max(0.0, 1 - length / 900)
    return (
        1.0, share, share * share, min(shared, 20.0), math.log1p(shared), share * min(shared, 20.0), first, second,
        min(pairs, 12.0), total, margin, float(alone), short, short * share,
    )  # fmt: skip


_WEIGHTS = (-8.74, 6.24, 3.1, 0.12, 0.4, 0.01, 0.99, 0.22, 0.45, -0.08, 2.34, -0.72, 9.6, -10.65)

AGREE = 0.65
"""The least probability at which a title and an abstract are taken for one work: a wrong pair harms more
than two records, which matching may still unite."""


def cohesion(text: str, earlier: str) -> float:
    """The share, in [0, 1], of a paragraph's telling words that an earlier paragraph has too."""
    known = set(stems(earlier[:4000]))
    words = set(stems(text[:4000]))
    weights = {one: max(0.0, _INFORMATION.get(one, RARE) - 1.5) for one in words}
    total = sum(weights.values())
    return sum(weight for one, weight in weights.items() if one in known) / total if total else 0.0
