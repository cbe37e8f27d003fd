"""Verdicts explain themselves, are symmetric, and do not depend on anything but the two records."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from tests.match.records import KNOWN, known
from worker.match.evidence import sentence
from worker.match.facts import Facts
from worker.match.verdict import SAME, UNSURE, judge, judge_pairs

WORDS = ["learning", "graphs", "robust", "vision", "part", "II", "2", "erratum", "survey", "memory", "of", "Zoë", "…"]
NAMES = ["Ada Quill", "A. Quill", "Quill, Ada", "Bo Renn", "B Renn", "Jörg Müller", "et al.", "李明", "Renn", "Y."]

described = st.fixed_dictionaries(
    {"title": st.lists(st.sampled_from(WORDS), min_size=1, max_size=7).map(" ".join)},
    optional={
        "authors": st.lists(st.sampled_from(NAMES), max_size=4),
        "date": st.sampled_from(["1999", "2000", "2001-05", "2020"]),
        "venue": st.sampled_from(["VLDB", "Journal of the ACM", "arXiv", "Proc. of ICML", "?"]),
        "abstract": st.sampled_from(["We learn. " * 20, "We learn. " * 9, "Other words follow here now. " * 12]),
        "identifiers": st.lists(
            st.sampled_from([["doi", "10.1/a"], ["doi", "10.1/b"], ["arxiv", "2001.00001"], ["dblp", "conf/a/b"]]),
            max_size=2,
        ),
        "version": st.sampled_from(["preprint", "proceedings", "journal"]),
        "pages": st.sampled_from(["1-9", "77"]),
        "source": st.sampled_from(["x", "y"]),
        "deduplicates": st.booleans(),
    },
)


@given(described, described)
def test_the_order_of_two_records_does_not_count(one: dict[str, Any], other: dict[str, Any]) -> None:
    a, b = known("1", **one), known("2", **other)
    assert judge(a, b) == judge(b, a)


@given(described, described)
def test_every_reason_has_a_sentence_and_the_kind_follows_the_score(one: dict[str, Any], other: dict[str, Any]) -> None:
    verdict = judge(known("1", **one), known("2", **other))
    assert 0 <= verdict.score <= 1
    assert (verdict.kind == "same") == (verdict.score >= 0.9)
    for reason in verdict.reasons:
        assert sentence(reason.name).endswith(".")
    assert len(verdict.text.split("\n")) == max(1, len(verdict.reasons))


@given(described)
def test_a_record_is_the_same_as_itself_elsewhere(said: dict[str, Any]) -> None:
    """Two copies of one record are never different, unless the title says nothing."""
    said = {**said, "deduplicates": False}
    a, b = known("1", **said), known("2", **said)
    assert judge(a, b).kind != "different" or a.weak or not a.compact


def test_many_at_once() -> None:
    pairs: list[tuple[Facts, Facts]] = [(known("1", **pair["a"]), known("2", **pair["b"])) for pair in KNOWN]
    assert judge_pairs(pairs) == [judge(a, b) for a, b in pairs]


def test_reasons_add_up() -> None:
    for pair in KNOWN:
        verdict = judge(known("1", **pair["a"]), known("2", **pair["b"]))
        total = sum(reason.weight for reason in verdict.reasons)
        assert verdict.kind == ("same" if total >= SAME else "unsure" if total >= UNSURE else "different")


def test_versions_are_named() -> None:
    a = known("1", title="Gated Memory for Long Dialogues", authors=["Jane Doe", "Li Wei"], version="preprint")
    b = known("2", title="Gated Memory for Long Dialogues", authors=["Jane Doe", "Li Wei"], version="journal")
    verdict = judge(a, b)
    assert verdict.kind == "same"
    assert "versions +0.0 journal and preprint" in verdict.text


def test_what_verdicts_tell_clusters() -> None:
    """Whether titles may differ, whether nothing but the titles does, and what contradicts itself."""
    title, other = "Gated Memory for Long Dialogues", "Remembering What Was Said an Hour Ago"
    people = ["Jane Doe", "Li Wei"]

    def said(a: dict[str, Any], b: dict[str, Any]) -> tuple[str, bool, bool, bool]:
        verdict = judge(known("1", authors=people, **a), known("2", authors=people, **b))
        return verdict.kind, verdict.is_certain, verdict.is_by_title, verdict.is_torn

    number, doi = [("openreview", "eo9dHwtTFt")], [("doi", "10.5555/gated")]
    numbered = {"title": title, "identifiers": number}, {"title": other, "identifiers": number}
    assert said(*numbered) == ("same", True, False, False)
    assert said({"title": title, "identifiers": doi}, {"title": other, "identifiers": doi})[:2] == ("same", False)
    assert said({"title": title, "date": "2021"}, {"title": other, "date": "2022"}) == ("different", False, True, False)
    dated = {"title": title, "date": "1991"}, {"title": title, "date": "2021"}
    assert said(*dated) == ("different", False, False, False)
    places = {"title": title, "venue": "Proc. of ICML"}, {"title": title, "venue": "Journal of Dialogues"}
    assert said(*places) == ("unsure", False, False, True)
    assert judge(known("1", title="Deep learning"), known("2", title="Deep Learning")).is_torn is False
