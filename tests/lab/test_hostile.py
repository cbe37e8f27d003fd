"""Hostile sources, briefly: some of the behaviours against each source, drawn with a fixed seed."""

from __future__ import annotations

import random

from tests.lab.far_sides import cases
from tests.lab.sources import pairs, play
from tests.lab.transport import ALL
from worker import embedded

ALWAYS = {
    ("openalex", "H12.5"), ("openreview", "H13.2"), ("openalex", "H11.1"), ("openreview", "H14.1"),
    ("crossref", "H5.6"), ("oai", "H5.6"), ("pubmed", "H5.6"), ("orcid", "H7.8"), ("pmlr", "H7.8"), ("oai", "H5.7"),
    ("orcid", "H5.7"),
}  # fmt: skip
"""Those that only counting different items, asking again, beginning again and the brake withstand; of asking again one
for each way in which an answer can be none: no JSON, XML without its end, cut items, a failure outside a walk, an error
that reads as an item."""


def test_there_are_sixty_behaviours_of_all_seventeen_kinds() -> None:
    assert len({one.key for one in ALL}) == len(ALL) >= 60
    assert {one.key.partition(".")[0] for one in ALL} == {f"H{number}" for number in range(1, 18)}
    assert all(any(one.fits(case) for case in cases().values()) for one in ALL)


def test_a_hostile_source_is_whole_or_says_why(servers: embedded.Servers) -> None:
    known = pairs(None, None)
    chosen = [pair for pair in known if (pair[0].name, pair[1].key) in ALWAYS]
    quick = [pair for pair in known if pair not in chosen and not pair[1].key.startswith(("H1.5", "H2", "H4"))]
    random.Random(5).shuffle(quick)
    report = play([*chosen, *quick[:8]], servers)
    assert not report.failures
