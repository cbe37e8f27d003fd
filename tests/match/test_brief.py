"""What briefs say of two records, judging says too."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tests.match.records import known
from worker.match import brief
from worker.match.verdict import judge

TITLES = ["Flow Networks at Scale", "Flow Networks at Scales", "A Census of Very Long Author Lists", "Réseaux — 2", "∞"]
PEOPLE = ["Ada Lovelace", "Kurt Gödel", "van der Berg, J.", "王小明", "Smith-Jones, A. and others"]
records = st.builds(
    lambda title, authors, abstract: known(title=title, authors=authors, abstract=abstract),
    st.sampled_from(TITLES),
    st.lists(st.sampled_from(PEOPLE), max_size=3, unique=True),
    st.sampled_from([None, "We study flows in networks of many kinds and find that most of them are alike after all."]),
)


@given(records, records)
def test_a_pair_that_briefs_tell_apart_is_told_apart_by_judging(a, b):  # type: ignore[no-untyped-def]
    one, other = brief.read(brief.brief_of(a)), brief.read(brief.brief_of(b))
    assert brief.plainly_other(one, other) == brief.plainly_other(a, b) == brief.plainly_other(a, other)
    if brief.plainly_other(one, other) and not (one.has_abstract and other.has_abstract):
        assert (judge(a, b).kind, judge(a, b).score) == ("different", 0.0001)
