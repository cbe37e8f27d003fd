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
    "Flow Networks at Scale, Kurt Gödel", "Measuring Flow Networks at Scale by Lovelace and Others", "Ada 2019",
    "Flow Networks in Space", "A Flow Network and its Scales",
    "Flow", "Census", "A Census of Very Long Author Lists", "Réseaux — 2", "∞",
]  # fmt: skip
PEOPLE = [
    "Ada Lovelace", "Augusta Lovelace", "A. K. Lovelace", "Kurt Gödel", "van der Berg, J.", "王小明",
    "Smith-Jones, A. and others",
]  # fmt: skip
records = st.builds(
    lambda title, authors, abstract, pages: known(title=title, authors=authors, abstract=abstract, pages=pages),
    st.sampled_from(TITLES),
    st.lists(st.one_of(st.sampled_from(PEOPLE), st.text(max_size=12)), max_size=3, unique=True),
    st.sampled_from([None, "We study flows in networks of many kinds and find that most of them are alike after all."]),
    st.sampled_from([None, "12-19", "12"]),
)
FIRST_LOOKS = {("different", 0.0001), ("different", 0.001)}
"""Verdicts of judging when it looks no further than at names, or at titles."""


@given(records, records)
def test_a_pair_that_briefs_tell_apart_is_told_apart_by_judging(a, b):
    assert brief.plainly_other(a, b) == brief.plainly_other(b, a)
    verdict = judge(a, b)
    if brief.other_at_a_glance(a, brief.brief_of(b)):
        assert (verdict.kind, verdict.score) in FIRST_LOOKS
    elif brief.plainly_other(a, b):
        assert a.abstract
        assert b.abstract


def test_a_glance_suffices_for_authors_who_wrote_two_works_of_one_ending() -> None:
    a = known(
        title="Rare and unknown subword inventories for low resource machine translation", authors=["Ada Lovelace"]
    )
    b = known("b", title="Decoding by beam, pruned: machine translation", authors=["Ada Lovelace"])
    assert brief.other_at_a_glance(a, brief.brief_of(b))


def test_what_an_older_release_wrote_tells_nothing() -> None:
    a = known(title="Decoding by beam, pruned", authors=["Kurt Gödel"])
    assert not brief.other_at_a_glance(a, "lovelace\tflownetworks\tabstract")


@needs_shared
def test_no_pair_of_real_papers_is_told_apart_that_judging_would_not() -> None:
    rows = csv.DictReader((SHARED / "entity_matching/dblp_acm/leipzig/ACM.csv").read_text("utf-8").splitlines())
    found = [known(row["id"], title=row["title"], authors=row["authors"].split(", ")) for row in rows if row["title"]]
    briefs = {one.key: brief.brief_of(one) for one in found}
    told = by_title = 0
    for a, b in combinations(found[:300], 2):
        if brief.other_at_a_glance(a, briefs[b.key]):
            told += 1
            verdict = judge(a, b)
            assert (verdict.kind, verdict.score) in FIRST_LOOKS
            by_title += verdict.score > 0.0001
    assert told > 30_000
    assert by_title > 100
