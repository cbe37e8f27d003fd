"""The verdict over two records: ``same``, ``different`` or ``unsure``, with a score and every reason.

The weights of the evidence add up. A long equal title alone is just above ``SAME``; a person looks at what lies
between ``UNSURE`` and ``SAME``.
"""

from __future__ import annotations

from collections.abc import Iterable
from math import exp, log
from typing import Literal

import msgspec

from worker.match.brief import LIKE_ENOUGH, plainly_other
from worker.match.evidence import ARCHIVE_ID, EVIDENCE, Reason, may_be_in_one_place
from worker.match.facts import Facts
from worker.match.people import compare_people
from worker.match.titles import LEAST_LIKENESS, compare_titles

REVISION = 3
"""Rises when a rule changes, so that stored verdicts are known to be of older rules."""

SAME = 4.0
"""Sum of weights from which two records are one work without anybody looking."""
UNSURE = 1.8
"""Sum of weights from which a person should look."""
TORN = -3.0
"""Weight of evidence that contradicts, and is no mere lack: another kind of publication, years far apart."""
SLIGHT = -1.0
"""Weight of what records of one work often differ in: a year, a name of the venue."""
_SHIFT = log(9) - SAME
"""The score at ``SAME`` is 0.9."""

Kind = Literal["same", "different", "unsure"]


class Verdict(msgspec.Struct, frozen=True, gc=False):
    """``score`` in [0, 1]: 0.9 and more is ``same``; ``reasons`` in the order they were looked at."""

    kind: Kind
    score: float
    reasons: tuple[Reason, ...]

    @property
    def is_torn(self) -> bool:
        """Unsure, not for want of evidence: something weighs heavily against it."""
        return self.kind == "unsure" and min(weight for _, weight, _ in self.reasons) <= TORN

    @property
    def is_certain(self) -> bool:
        """One work by an archive's number or a place in print, whatever the titles say; a DOI alone may be wrong."""
        return self.kind == "same" and any(
            name == "same_place" or weight >= ARCHIVE_ID for name, weight, _ in self.reasons
        )

    @property
    def is_by_title(self) -> bool:
        """Two works, and nothing but another title says so."""
        return self.kind == "different" and all(
            weight > SLIGHT or name == "other_title" for name, weight, _ in self.reasons
        )

    @property
    def text(self) -> str:
        """The reasons, one a line: name, signed weight, detail."""
        return "\n".join(
            f"{name} {weight:+.1f} {detail}" if detail else f"{name} {weight:+.1f}"
            for name, weight, detail in self.reasons
        )


_OTHER_WORK = Verdict("different", 0.0001, (Reason("other_title", -1.0), Reason("other_authors", -5.0)))
_OTHER_TITLE = Verdict("different", 0.001, (Reason("other_title", -6.0),))
_NOTHING = Verdict("different", 0.0, ())


def judge(a: Facts, b: Facts) -> Verdict:
    """Whether two records are one work. ``judge(a, b) == judge(b, a)``; nothing else is looked at."""
    if (b.source, b.key) < (a.source, a.key):
        # One order for every comparison: pairing misspelt names is greedy.
        a, b = b, a
    plain = not (a.abstract and b.abstract) and (not a.ids or a.ids.isdisjoint(b.ids))
    if plain and plainly_other(a, b):
        return _OTHER_WORK
    people = compare_people(a.authors, b.authors)
    strangers = plain and people.are_strangers and not (a.first_page and a.first_page == b.first_page)
    titles = compare_titles(a, b, LIKE_ENOUGH if strangers else LEAST_LIKENESS)
    if plain and titles.relation == "other" and not may_be_in_one_place(a, b):
        return _OTHER_TITLE if titles.likeness < LEAST_LIKENESS else _OTHER_WORK
    total = 0.0
    reasons: list[Reason] = []
    for look in EVIDENCE:
        reason = look(a, b, titles, people)
        if reason is not None:
            reasons.append(reason)
            total += reason.weight
    if not reasons:
        return _NOTHING
    kind: Kind = "same" if total >= SAME else "unsure" if total >= UNSURE else "different"
    return Verdict(kind, round(1 / (1 + exp(-(total + _SHIFT))), 4), tuple(reasons))


def judge_pairs(pairs: Iterable[tuple[Facts, Facts]]) -> list[Verdict]:
    """The verdicts of many pairs, in their order."""
    return [judge(a, b) for a, b in pairs]
