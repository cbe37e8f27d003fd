"""What briefs say of two records, judging says too."""

from __future__ import annotations

import csv
from itertools import combinations

from hypothesis import given
from hypothesis import strategies as st

from tests.match.records import known
from tests.shared import SHARED, needs_shared
from worker.match import brief
from worker.match.verdict import judge

TITLES = [
    "Flow Networks at Scale", "Flow Networks at Scales", "Flow Networks at the Scale of Whole Cities and Regions",
    "Flow", "Census", "A Census of Very Long Author Lists", "Réseaux — 2", "∞",
]  # fmt: skip
PEOPLE = ["Ada Lovelace", "Kurt Gödel", "van der Berg, J.", "王小明", "Smith-Jones, A. and others"]
records = st.builds(
    lambda title, authors, abstract: known(title=title, authors=authors, abstract=abstract),
    st.sampled_from(TITLES),
    st.lists(st.sampled_from(PEOPLE), max_size=3, unique=True),
    st.sampled_from([None, "We study flows in networks of many kinds and find that most of them are alike after all."]),
)


@given(records, records)
def test_a_pair_that_briefs_tell_apart_is_told_apart_by_judging(a, b):
    one, other = brief.read(brief.brief_of(a)), brief.read(brief.brief_of(b))
    assert brief.plainly_other(one, other) == brief.plainly_other(a, b) == brief.plainly_other(a, other)
    if one.has_abstract and other.has_abstract:
        return
    verdict = judge(a, b)
    if brief.plainly_other(one, other):
        assert (verdict.kind, verdict.score) == ("different", 0.0001)


@needs_shared
def test_no_pair_of_real_papers_is_told_apart_that_judging_would_not() -> None:
    rows = csv.DictReader((SHARED / "entity_matching/dblp_acm/leipzig/ACM.csv").read_text("utf-8").splitlines())
    found = [known(row["id"], title=row["title"], authors=row["authors"].split(", ")) for row in rows if row["title"]]
    told = 0
    for a, b in combinations(found[:300], 2):
        if brief.plainly_other(a, b):
            told += 1
            assert judge(a, b).kind == "different"
    assert told > 30_000
