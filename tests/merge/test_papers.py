"""Merging is a function of the set of claims; its policy, one example a rule."""

from __future__ import annotations

from time import perf_counter
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from worker.merge.fixed import Fixed
from worker.merge.namesakes import assign
from worker.merge.papers.changes import changed, fingerprints
from worker.merge.papers.explaining import explain
from worker.merge.papers.merging import is_fixed, merge, missing, of_one, of_several
from worker.merge.papers.ranking import rank
from worker.merge.papers.values import FIELDS, RULES, Claim, Merged
from worker.record import Affiliation, Author, Identifier, Link, Record, content_hash, encode


def claim(source: str = "mila", key: str = "1", *, trust: int = 50, as_of: str = "2026-01-01", **fields: Any) -> Claim:
    record = Record(source_key=key, **{"title": "Flow Networks", **fields})
    document = encode(record)
    number = int.from_bytes(content_hash(source.encode() + document)[:4], "big") + 1
    return Claim(number, source, trust, as_of, content_hash(document), record)


def names(*printed: str) -> tuple[Author, ...]:
    return tuple(Author(name) for name in printed)


def ids(*texts: str) -> tuple[Identifier, ...]:
    return tuple(Identifier(*text.split(":", 1)) for text in texts)


def test_a_whole_abstract_beats_a_cut_one_of_a_better_source() -> None:
    cut = claim("mila", trust=1, abstract="We learn", abstract_state="cut")
    whole = claim("openreview", trust=9, abstract="We learn to flow.", abstract_state="whole")
    merged = merge([cut, whole])
    assert (merged.abstract, merged.abstract_state) == ("We learn to flow.", "whole")
    assert merged.provenance["abstract"] == (whole.record_id, "whole_text")


def test_the_longer_abstract_wins_only_when_the_other_begins_it() -> None:
    short = claim("a", trust=1, abstract="We learn.", abstract_state="whole")
    longer = claim("b", trust=2, abstract="We learn. Code is public.", abstract_state="whole")
    another = claim("c", trust=2, abstract="This paper is about learning and much more.", abstract_state="whole")
    assert merge([short, longer]).abstract == longer.record.abstract
    assert merge([short, another]).abstract == short.record.abstract
    assert merge([another, short, longer]).provenance["abstract"] == (longer.record_id, "beginning")


def test_an_abstract_of_unknown_extent_that_begins_a_cut_one_is_cut() -> None:
    bit = claim("acl", trust=1, abstract="We learn to", abstract_state="unknown")
    cut = claim("mila", trust=2, abstract="We learn to flow in", abstract_state="cut")
    assert merge([bit, cut]).abstract == "We learn to flow in"
    assert merge([bit, claim("mila", abstract="Other words", abstract_state="cut")]).abstract == "We learn to"


def test_a_subtitle_does_not_replace_a_title() -> None:
    assert merge([claim("a", trust=1), claim("b", trust=2, title="Flow Networks: A View")]).title == "Flow Networks"


def test_titles_and_abstracts_stay_per_language() -> None:
    en = claim("a", trust=2, title="Flow networks", title_language="en", abstract="In short", abstract_language="en")
    fr = claim("b", trust=1, title="Réseaux de flot", title_language="fr", abstract="Bref", abstract_language="fr")
    merged = merge([en, fr])
    assert (merged.title, merged.title_language) == ("Réseaux de flot", "fr")
    assert merged.other_titles == (("en", "Flow networks", "whole"),)
    assert merged.other_abstracts == (("en", "In short", "unknown"),)
    told = merge([claim("a", trust=2, language="en", title="Flow networks", title_language="en"), fr])
    assert (told.title, told.title_language) == ("Flow networks", "en")
    assert told.provenance["title"][1] == "main_language"


def test_a_title_of_unknown_language_competes_with_the_main_one() -> None:
    merged = merge([claim("a", trust=1, title="Flow"), claim("b", trust=2, title="Flows", title_language="en")])
    assert (merged.title, merged.title_language, merged.other_titles) == ("Flow", "en", ())


def test_of_one_source_the_newer_word_counts_and_dates_of_others_do_not() -> None:
    old = claim("a", "1", updated_at="2024-01-01", publisher="Old")
    new = claim("a", "2", updated_at="2025-01-01", publisher="New")
    later = claim("b", "3", trust=60, updated_at="2026-01-01", publisher="Later")
    merged = merge([old, new, later])
    assert merged.publisher == "New"
    assert merge([old, new]).provenance["publisher"] == (new.record_id, "newest")


def test_the_journal_gives_venue_date_and_pages_even_from_a_lesser_source() -> None:
    preprint = claim(
        "arxiv", trust=1, version="preprint", kind="preprint", venue="arXiv", date="2023-10-05", pages="1-20"
    )
    journal = claim("crossref", trust=90, version="journal", venue="JMLR", date="2024", volume="25")
    finer = claim("dblp", trust=95, version="journal", venue="J. Mach. Learn. Res.", date="2024-03")
    merged = merge([preprint, journal, finer])
    assert (merged.venue, merged.volume, merged.pages, merged.kind) == ("JMLR", "25", None, "article")
    assert (merged.publication_date, merged.status) == ("2024-03", "published")
    assert merged.provenance["publication_date"] == (finer.record_id, "more_precise")
    assert [(v.kind, v.venue, v.date) for v in merged.versions] == [
        ("journal", "JMLR", "2024-03"),
        ("preprint", "arXiv", "2023-10-05"),
    ]


def test_a_venue_s_name_tells_the_version() -> None:
    for venue, kind, status in [
        ("ICLR 2024", "conference", "published"),
        ("NeurIPS 2023 Workshop on Flow", "workshop", "published"),
        ("Journal of Machine Learning Research", "journal", "published"),
        ("IEEE Transactions on Signal Processing", "journal", "published"),
        ("Proceedings of the National Academy of Sciences", "journal", "published"),
        ("CoRR", "repository", "preprint"),
        ("Submitted to ICLR 2024", "repository", "preprint"),
        ("ICLR 2024 Conference Withdrawn Submission", "repository", "withdrawn"),
        ("Accepted at ICML 2025", "conference", "accepted"),
    ]:
        merged = merge([claim(venue=venue)])
        assert (merged.venue_kind, merged.status) == (kind, status), venue


def test_an_arxiv_id_on_a_published_record_tells_of_the_preprint() -> None:
    merged = merge([claim(version="proceedings", venue="ICLR 2024", identifiers=ids("arxiv:2310.03419", "doi:10.1/x"))])
    assert [(v.kind, v.date, v.identifiers, v.sources) for v in merged.versions] == [
        ("proceedings", None, ids("doi:10.1/x"), ("mila",)),
        ("preprint", "2023-10", ids("arxiv:2310.03419"), ()),
    ]


def test_a_version_keeps_its_own_identifiers_and_what_ties_it() -> None:
    """Whoever carries an identifier of both versions is believed in a fixed order; else titles and authors tie them."""
    published, early = "doi:10.1234/pub", "doi:10.1101/2020.01.01.1"
    cases = [
        # A publisher's record that names its preprint, and the preprint's own.
        (("crossref", (published, early)), ("biorxiv", (early,)), early, "crossref_relation"),
        (("crossref", (published,)), ("arxiv", ("arxiv:2001.00001", published)), "arxiv:2001.00001", "arxiv_doi"),
        (
            ("openalex", (published, "arxiv:2001.00001", "openalex:W1")),
            ("arxiv", ("arxiv:2001.00001",)),
            "arxiv:2001.00001",
            "openalex_merge",
        ),
        (("datacite", (published, early)), ("biorxiv", (early,)), early, "datacite_relation"),
        (("mila", (published, "arxiv:2001.00001")), ("dblp", ("arxiv:2001.00001",)), "arxiv:2001.00001",
         "identifier_match"),
        (("mila", (published,)), ("dblp", ("arxiv:2001.00001",)), "arxiv:2001.00001", "title_match"),
    ]  # fmt: skip
    for (one, its), (other, theirs), own, link in cases:
        article = claim(one, version="journal", venue="JMLR", identifiers=ids(*its))
        preprint = claim(other, version="preprint", identifiers=ids(*theirs))
        for records in ([article, preprint], [preprint, article]):
            found = merge(records).versions
            assert [(v.kind, v.link) for v in found] == [("journal", None), ("preprint", link)], (one, other)
            assert found[1].identifiers == ids(own)
            assert set(ids(own)).isdisjoint(found[0].identifiers)


def test_a_preprint_known_by_its_doi_alone_is_a_version() -> None:
    record = claim("crossref", version="journal", identifiers=ids("doi:10.1234/pub", "doi:10.21203/rs.3.rs-1/v1"))
    assert [(v.kind, v.identifiers, v.sources, v.link) for v in merge([record]).versions] == [
        ("journal", ids("doi:10.1234/pub"), ("crossref",), None),
        ("preprint", ids("doi:10.21203/rs.3.rs-1/v1"), (), "crossref_relation"),
    ]
    kept_at_zenodo = claim(version="proceedings", venue="ISMIR 2021", identifiers=ids("doi:10.5281/zenodo.1"))
    assert [v.kind for v in merge([kept_at_zenodo]).versions] == ["proceedings"]


def test_workshop_proceedings_and_journal_are_three_versions_of_one_paper() -> None:
    merged = merge([claim("a", kind, version=kind, venue=kind) for kind in ("workshop", "journal", "proceedings")])
    assert [(v.kind, v.link) for v in merged.versions] == [
        ("journal", None),
        ("proceedings", "title_match"),
        ("workshop", "title_match"),
    ]


def test_identifiers_links_and_topics_are_united() -> None:
    a = claim("a", identifiers=ids("doi:10.1/x"), topics=("Flow",), links=(Link("https://x/a", "landing"),))
    b = claim("b", identifiers=ids("arxiv:1"), topics=("flow", "gaming"), links=(Link("https://x/a", "pdf"),))
    merged = merge([b, a])
    assert merged.identifiers == ids("arxiv:1", "doi:10.1/x")
    assert merged.topics == ("Flow", "gaming")
    assert merged.links == (Link("https://x/a", "pdf"),)
    assert (merged.landing_url, merged.pdf_url) == ("https://x/a", "https://x/a")


def test_a_paper_without_a_link_is_found_at_its_doi() -> None:
    merged = merge([claim(identifiers=ids("arxiv:2310.03419", "doi:10.1/x"))])
    assert merged.landing_url == "https://doi.org/10.1/x"
    assert merged.provenance["landing_url"][1] == "identifier"


def test_authors_come_from_one_list_and_borrow_from_the_others() -> None:
    listing = claim("mila", trust=1, authors=names("Ling Pan", "Y. Bengio"))
    openreview = claim(
        "openreview",
        trust=2,
        authors=(
            Author("Yoshua Bengio", identifiers=ids("openreview_profile:~Yoshua_Bengio1"), corresponding=True),
            Author("Ling Pan", affiliations=(Affiliation("Mila"),)),
        ),
    )
    crossref = claim("crossref", trust=3, authors=(Author("Bengio, Yoshua", identifiers=ids("orcid:1")),))
    merged = merge([listing, openreview, crossref])
    first, second = merged.authors
    assert (first.name, first.affiliations, first.record_id) == ("Ling Pan", (Affiliation("Mila"),), listing.record_id)
    assert (second.name, second.record_id) == ("Yoshua Bengio", openreview.record_id)
    assert second.identifiers == ids("openreview_profile:~Yoshua_Bengio1", "orcid:1")
    assert second.corresponding


def test_a_whole_author_list_beats_a_cut_one_and_full_names_beat_initials() -> None:
    cut = claim("a", trust=1, authors=names("Ling Pan"), authors_state="cut")
    whole = claim("b", trust=2, authors=names("Ling Pan", "Moksh Jain"))
    short = claim("c", trust=0, authors=names("L. Pan", "M. Jain"))
    assert [a.name for a in merge([cut, whole]).authors] == ["Ling Pan", "Moksh Jain"]
    merged = merge([short, whole])
    assert [a.name for a in merged.authors] == ["Ling Pan", "Moksh Jain"]
    assert merged.provenance["authors"] == (whole.record_id, "full_names")


def test_a_longer_author_list_must_hold_the_better_one() -> None:
    two = claim("a", trust=1, authors=names("Ling Pan", "Moksh Jain"))
    three = claim("b", trust=2, authors=names("Ling Pan", "M. Jain", "Kanika Madan"))
    wrong = claim("c", trust=3, authors=names("Eve Adams", "Bo Chen", "Cy Young", "Di Wu"))
    assert merge([two, three, wrong]).provenance["authors"] == (three.record_id, "longer_list")
    assert len(merge([two, wrong]).authors) == 2


def test_two_orcids_for_one_author_are_not_both_lent() -> None:
    a = claim("a", trust=1, authors=(Author("Ling Pan", identifiers=ids("orcid:1")),))
    b = claim("b", trust=2, authors=(Author("Ling Pan", identifiers=ids("orcid:2", "openalex:A1")),))
    assert merge([a, b]).authors[0].identifiers == ids("openalex:A1", "orcid:1")


def test_samy_lends_nothing_to_yoshua() -> None:
    a = claim("a", trust=1, authors=names("Yoshua Bengio", "Samy Bengio"))
    b = claim("b", trust=2, authors=(Author("S. Bengio", identifiers=ids("orcid:7")),))
    assert [x.identifiers for x in merge([a, b]).authors] == [(), ids("orcid:7")]


@pytest.mark.parametrize(
    ("ours", "theirs", "match"),
    [
        (["Ling Pan", "Yann Le Cun"], ["LeCun, Yann", "L. Pan"], [1, 0]),
        (["Y. Bengio", "S. Bengio"], ["Samy Bengio", "Yoshua Bengio"], [1, 0]),
        (["Wei Li", "W. Li"], ["W. Li", "Wei Li"], [1, 0]),
        (["Ling Pan", "Kanika Madan"], ["Ling Pan", "Kanikka Maddan"], [0, 1]),
        (["Ling Pan", "Kanika Madan"], ["Kanikka Maddan", "Ling Pan", "Eve Adams"], [1, -1]),
        (["Wang Wei", "Bo Chen"], ["Wei Wang"], [0, -1]),
        ([], ["Ling Pan"], []),
    ],
)
def test_who_is_who_in_two_lists(ours: list[str], theirs: list[str], match: list[int]) -> None:
    assert assign(ours, theirs) == match


def test_a_collaboration_of_thousands_is_matched_in_time() -> None:
    ours = [f"{'ABCDEFGH'[i % 8]}. Name{i // 16}x" for i in range(3000)]
    theirs = [f"{'ABCDEFGH'[i % 8]}lan Name{i // 16}x" for i in range(3000)]
    start = perf_counter()
    matches = assign(ours, theirs)
    assert perf_counter() - start < 2
    assert -1 not in matches


def test_one_retraction_is_enough() -> None:
    merged = merge([claim("a", trust=1, version="journal"), claim("b", is_retracted=True)])
    assert merged.is_retracted
    assert merged.status == "retracted"


def test_zero_citations_are_a_count() -> None:
    none, zero = merge([claim()]), merge([claim(n_citations=0)])
    assert (zero.n_citations, zero.citations_source) == (0, "mila")
    assert changed(fingerprints(none), fingerprints(zero)) == ["citations_source", "n_citations"]
    assert merge([claim("mila", trust=1, n_citations=9), claim("openalex", n_citations=3)]).n_citations == 3


def test_what_is_missing_is_asked_for() -> None:
    bare = claim(title=None, abstract="We learn", abstract_state="cut")
    assert missing(merge([bare])) == ("title", "authors", "abstract")
    full = claim("b", authors=names("Ling Pan"), abstract="We learn to flow.", abstract_state="whole")
    assert missing(merge([bare, full])) == ()


def test_a_person_s_word_wins() -> None:
    claims = [claim(), claim("b")]
    fixed = {"title": Fixed("Flow, Revised", 1), "authors": Fixed(["Ling Pan"], 2), "venue": Fixed(None, 3)}
    merged = merge(claims, fixed)
    assert (merged.title, merged.venue) == ("Flow, Revised", None)
    assert (merged.authors[0].name, merged.authors_state) == ("Ling Pan", "whole")
    assert merged.provenance["title"] == merged.provenance["title_state"] == (-1, "person")
    assert merged.provenance["venue"] == (-3, "person")
    assert explain(claims, "title", fixed).reason == "Set by a person."
    assert is_fixed(merged)
    assert not is_fixed(merge(claims))
    assert fingerprints(merged) != fingerprints(merge(claims, {**fixed, "title": Fixed("Flow, Revised", 4)}))
    with pytest.raises(ValueError, match="no field"):
        merge(claims, {"tilte": Fixed("x", 1)})
    with pytest.raises(ValueError, match="cannot be"):
        merge(claims, {"n_citations": Fixed("many", 1)})


def test_no_claim_is_no_paper() -> None:
    with pytest.raises(ValueError, match="at least one"):
        merge([])


def test_why_names_winner_losers_and_reasons() -> None:
    cut = claim("mila", trust=1, abstract="We learn", abstract_state="cut")
    whole = claim("openreview", trust=2, abstract="We learn to flow.", abstract_state="whole")
    other = claim("openalex", trust=3, abstract="Flow, learnt.", abstract_state="whole")
    same = claim("hal", trust=4, abstract="We learn to flow.", abstract_state="whole")
    found = explain([cut, other, whole, same], "abstract")
    assert found.winner == whole
    assert found.reason == RULES[found.rule]
    assert found.agreeing == (same,)
    assert {(x.claim.source, x.rule) for x in found.losers} == {("mila", "whole_text"), ("openalex", "field_trust")}
    with pytest.raises(ValueError, match="no field"):
        explain([cut], "colour")


TEXTS = ["We learn", "We learn to flow", "We learn to flow.", "We learn to flow. Code.", "Other words", "Autres mots"]
AUTHORS = [
    (),
    names("Ling Pan", "Yoshua Bengio"),
    names("L. Pan", "Y. Bengio"),
    names("Pan, Ling", "Bengio, Samy", "Bengio, Yoshua"),
    (Author("Yoshua Bengio", "Yoshua", "Bengio", ids("orcid:1"), (Affiliation("Mila"),), True), Author("Ling Pan")),
    (Author("Yoshua Bengio", identifiers=ids("orcid:2", "openalex:A")),),
]
LANGUAGES = st.sampled_from([None, "en", "fr", "und"])
STATES = st.sampled_from(["whole", "unknown", "cut"])


def some(*values: Any) -> st.SearchStrategy[Any]:
    return st.sampled_from([None, *values])


RECORDS = st.fixed_dictionaries(
    {
        "title": some("Flow", "Flow Networks", "Réseaux", "flow"),
        "title_language": LANGUAGES,
        "title_state": STATES,
        "abstract": some(*TEXTS),
        "abstract_language": LANGUAGES,
        "abstract_state": STATES,
        "authors": st.sampled_from(AUTHORS),
        "authors_state": STATES,
        "identifiers": st.sampled_from([ids("doi:10.1/x"), ids("arxiv:2310.03419", "doi:10.1/x"), ids("hal:hal-1")]),
        "kind": some("article", "preprint", "conference", "thesis"),
        "version": some("journal", "preprint", "proceedings", "other"),
        "date": some("2024", "2024-05", "2024-05-01", "2023"),
        "venue": some("ICLR 2024", "arXiv", "JMLR", "Somewhere", "Submitted to ICLR"),
        "pages": some("1-9", "2-8"),
        "volume": some("1"),
        "language": LANGUAGES,
        "links": st.sampled_from(
            [(), (Link("https://x/a"), Link("https://x/p", "pdf")), (Link("https://x/a", "pdf"),)]
        ),
        "topics": st.sampled_from([(), ("Flow",), ("flow", "gaming")]),
        "n_citations": some(0, 3),
        "oa_status": some("gold", "green"),
        "is_retracted": st.booleans(),
        "updated_at": some("2024-01-01", "2025-01-01"),
    }
)
TRUST: dict[str, int] = {"mila": 10, "openalex": 50, "openreview": 20, "crossref": 20}
CLAIMS = st.lists(
    st.builds(
        lambda source, key, as_of, fields: claim(source, key, trust=TRUST[source], as_of=as_of, **fields),
        st.sampled_from(["mila", "openalex", "openreview", "crossref"]),
        st.sampled_from(["1", "2"]),
        st.sampled_from(["2026-01-01", "2026-02-01"]),
        RECORDS,
    ),
    min_size=1,
    max_size=5,
)


@settings(max_examples=300)
@given(CLAIMS, st.randoms(use_true_random=False))
def test_order_and_repetition_do_not_matter(claims: list[Claim], random: Any) -> None:
    shuffled = [*claims, random.choice(claims)]
    random.shuffle(shuffled)
    assert merge(claims) == merge(shuffled)
    assert fingerprints(merge(claims)) == fingerprints(merge(shuffled))


@given(CLAIMS, st.randoms(use_true_random=False))
def test_record_numbers_decide_nothing(claims: list[Claim], random: Any) -> None:
    numbers = random.sample(range(1, 1000), len(claims))
    renamed = [
        Claim(number, c.source, c.trust, c.as_of, c.content_hash, c.record)
        for number, c in zip(numbers, claims, strict=True)
    ]
    assert fingerprints(merge(claims)) == fingerprints(merge(renamed))


@settings(max_examples=300)
@given(CLAIMS)
def test_the_short_way_for_one_record_agrees_with_the_long_one(claims: list[Claim]) -> None:
    short, long = of_one(claims[0]), of_several(rank(claims[:1]))
    for field in (*FIELDS, "authors"):
        assert getattr(short, field) == getattr(long, field), field
    assert set(short.provenance) == set(long.provenance)


@settings(max_examples=300)
@given(CLAIMS)
def test_a_cut_text_never_beats_a_whole_one(claims: list[Claim]) -> None:
    merged = merge(claims)
    kept = rank(claims).claims
    for field, state in (("title", "title_state"), ("abstract", "abstract_state"), ("authors", "authors_state")):
        states = {getattr(c.record, state) for c in kept if getattr(c.record, field)}
        if "whole" in states:
            assert getattr(merged, state) == "whole"
        if getattr(merged, state) == "unknown":
            assert "whole" not in states


PLAIN = {"title": "title", "abstract": "abstract", "publication_date": "date"} | {
    field: field for field in ("venue", "volume", "pages", "n_citations", "oa_status", "language", "is_retracted")
}


@settings(max_examples=300)
@given(CLAIMS)
def test_the_winner_holds_the_value_and_every_filled_field_has_one(claims: list[Claim]) -> None:
    merged = merge(claims)
    by_number = {c.record_id: c for c in claims}
    for field in FIELDS:
        value = getattr(merged, field)
        filled = value not in (None, (), False, "unknown") or (field.endswith("_state") and value is not None)
        assert (field in merged.provenance) == (filled or (value == 0 and value is not False)), field
    for field, (number, rule) in merged.provenance.items():
        assert rule in RULES
        if field in PLAIN:
            assert getattr(by_number[number].record, PLAIN[field]) == getattr(merged, field)
    for author in merged.authors:
        assert author.name in {a.name for a in by_number[author.record_id].record.authors}


@settings(max_examples=200)
@given(CLAIMS, st.sampled_from(FIELDS))
def test_every_field_can_be_explained(claims: list[Claim], field: str) -> None:
    merged, found = merge(claims), explain(claims, field)
    assert found.value == getattr(merged, field)
    if field in merged.provenance:
        assert found.winner is not None
        assert (found.winner.record_id, found.rule) == merged.provenance[field]
    assert all(loser.reason for loser in found.losers)


@settings(max_examples=200)
@given(CLAIMS, CLAIMS)
def test_fingerprints_are_equal_where_fields_are(one: list[Claim], other: list[Claim]) -> None:
    a, b = merge(one), merge(other)
    differing = [f for f in FIELDS if plain(a, f) != plain(b, f)]
    assert changed(fingerprints(a), fingerprints(b)) == differing


def plain(merged: Merged, field: str) -> Any:
    """A field's value without record numbers."""
    value = getattr(merged, field)
    return tuple(msgspec.structs.replace(a, record_id=0) for a in value) if field == "authors" else value


def test_another_winner_with_the_same_words_is_no_change_but_is_noticed() -> None:
    a, b = claim("a", trust=1, publisher="ACM"), claim("b", trust=2, publisher="ACM")
    before, after = fingerprints(merge([b])), fingerprints(merge([a, b]))
    assert before != after
    assert changed(before, after) == ["versions"]
    assert changed(None, before) == [f for f in FIELDS if f in merge([b]).provenance]
