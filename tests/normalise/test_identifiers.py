"""Identifiers: one spelling each, and nothing where there is none."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from worker.normalise.identifiers import from_url, normalise, of, united
from worker.record import Identifier, Record, decode, encode

SCHEMES = (
    "doi", "arxiv", "orcid", "openalex", "openreview", "openreview_profile", "dblp", "dblp_pid", "s2", "s2_author",
    "corpusid", "pmid", "pmcid", "hal", "acl", "pmlr", "isbn", "issn", "ror", "wikidata",
)  # fmt: skip

KNOWN = [
    ("doi", "https://doi.org/10.1038/NATURE12373", "10.1038/nature12373"),
    ("doi", "http://dx.doi.org/10.1038/nature12373", "10.1038/nature12373"),
    ("doi", "DOI: 10.1038/nature12373.", "10.1038/nature12373"),
    ("doi", "info:doi/10.1038/nature12373", "10.1038/nature12373"),
    ("doi", "(10.1038/nature12373)", "10.1038/nature12373"),
    ("doi", "10.1038%2Fnature12373", "10.1038/nature12373"),
    ("doi", "10.1890/0012-9658(2006)87%5B2832:TIOPMA%5D2.0.CO;2", "10.1890/0012-9658(2006)87[2832:tiopma]2.0.co;2"),
    (
        "doi",
        "10.1002/(SICI)1097-4571(199806)49:8&lt;693::AID-ASI4&gt;3.0.CO;2-O",
        "10.1002/(sici)1097-4571(199806)49:8<693::aid-asi4>3.0.co;2-o",
    ),
    ("doi", "10.3389/fpls.2019.00816/full", "10.3389/fpls.2019.00816"),
    ("doi", "10.2210/pdb4hhb/pdb", "10.2210/pdb4hhb/pdb"),
    ("doi", "10.1000/É.X", "10.1000/É.x"),
    ("doi", "10.48550/arXiv.2310.03419v2", "10.48550/arxiv.2310.03419"),
    ("doi", "10.1101/2020.01.01.123456v2.full.pdf", "10.1101/2020.01.01.123456"),
    ("doi", "10.5281/zenodo.123.v2", "10.5281/zenodo.123.v2"),
    ("doi", "11.1000/x", None),
    ("doi", "in press", None),
    ("doi", "", None),
    ("arxiv", "arXiv:2310.03419v3", "2310.03419"),
    ("arxiv", "arXiv:0704.0001 [hep-th]", "0704.0001"),
    ("arxiv", "https://arxiv.org/pdf/2310.03419v1.pdf", "2310.03419"),
    ("arxiv", "10.48550/arXiv.2310.03419", "2310.03419"),
    ("arxiv", "math.GT/0309136", "math/0309136"),
    ("arxiv", "hep-th/9901001v2", "hep-th/9901001"),
    ("arxiv", "1501.0001", None),
    ("arxiv", "1412.00001", None),
    ("arxiv", "2313.00001", None),
    ("orcid", "https://orcid.org/0000-0002-9322-3515", "0000-0002-9322-3515"),
    ("orcid", "0000-0001-5109-370x", None),
    ("orcid", "0000-0002-9322-3514", None),
    ("orcid", "0000000293223515", "0000-0002-9322-3515"),
    ("orcid", "0000-0001-2103-2683", None),
    ("openalex", "https://openalex.org/w2741809807", "W2741809807"),
    ("openalex", "https://api.openalex.org/works/W2741809807", "W2741809807"),
    ("openreview", "https://openreview.net/forum?id=ylhiMfpqkm&noteId=a", "ylhiMfpqkm"),
    ("openreview", "YlhiMfpqkm", "YlhiMfpqkm"),
    ("openreview", "two words", None),
    ("openreview_profile", "~Yoshua_Bengio1", "~Yoshua_Bengio1"),
    ("openreview_profile", "~Sandstro\u0308m1", "~Sandström1"),
    ("openreview_profile", "someone@example.org", None),
    ("openreview_profile", "~someone@example.org1", None),
    ("dblp", "https://dblp.org/rec/conf/iclr/NameXY24.html", "conf/iclr/NameXY24"),
    ("dblp", "DBLP:journals/corr/abs-2310-03419", "journals/corr/abs-2310-03419"),
    ("s2", "0123456789ABCDEF0123456789abcdef01234567", "0123456789abcdef0123456789abcdef01234567"),
    ("corpusid", "CorpusID:215416146", "215416146"),
    ("corpusid", 215416146, "215416146"),
    ("pmid", "https://pubmed.ncbi.nlm.nih.gov/29456894", "29456894"),
    ("pmcid", "https://www.ncbi.nlm.nih.gov/pmc/articles/5815332", "PMC5815332"),
    ("hal", "https://hal.science/hal-01234567v2", "hal-01234567"),
    ("hal", "tel-01234567", "tel-01234567"),
    ("acl", "https://aclanthology.org/2024.acl-long.1/", "2024.acl-long.1"),
    ("acl", "https://www.aclweb.org/anthology/P18-1001v2.pdf", "P18-1001"),
    ("pmlr", "https://proceedings.mlr.press/v235/pan24a.html", "v235/pan24a"),
    ("isbn", "0-306-40615-2", "9780306406157"),
    ("isbn", "978-0-306-40615-8", None),
    ("issn", "0028-0836", "0028-0836"),
    ("issn", "2434561x", "2434-561X"),
    ("issn", "0028-0837", None),
    ("ror", "https://ror.org/05C22RX21", "05c22rx21"),
    ("ror", "05c22rx22", None),
    ("wikidata", "http://www.wikidata.org/entity/Q42", "Q42"),
    ("doi", True, None),
    ("doi", ["10.1038/nature12373"], None),
    ("shoe_size", "42", None),
]


@pytest.mark.parametrize(("scheme", "raw", "expected"), KNOWN)
def test_one_spelling(scheme: str, raw: object, expected: str | None) -> None:
    assert normalise(scheme, raw) == (Identifier(scheme, expected) if expected else None)


ANY_TEXT = st.text(max_size=60) | st.text("10./%25abcDEF-()[]<>;&amp v7", max_size=40)
NEARLY = st.sampled_from([raw for _, raw, _ in KNOWN if isinstance(raw, str)])
DRESSED = st.builds(
    lambda raw, before, after: before + raw + after,
    NEARLY,
    st.sampled_from(["", " ", "\u200b", "doi:", "https://doi.org/"]),
    st.sampled_from(["", ".", ")", "/full", "%2525", "&amp;amp;", "\x00", "\ud800", "//", " x"]),
)


@given(scheme=st.sampled_from(SCHEMES), raw=ANY_TEXT | DRESSED)
def test_normalising_twice_is_normalising_once(scheme: str, raw: str) -> None:
    once = normalise(scheme, raw)
    if once is not None:
        assert normalise(scheme, once.value) == once
        assert decode(encode(Record(source_key="k", identifiers=(once,)))) == Record(
            source_key="k", identifiers=(once,)
        )


@given(text=st.text("ABCxyzÉéß", min_size=1, max_size=20))
def test_doi_case_is_folded_for_ascii_letters_only(text: str) -> None:
    ascii_upper = "".join(c.upper() if c.isascii() else c for c in text)
    assert normalise("doi", f"10.1000/{ascii_upper}") == normalise("doi", f"10.1000/{text}")
    assert normalise("doi", "10.1000/É") != normalise("doi", "10.1000/é")


@given(body=st.integers(min_value=15000001, max_value=34999999), wrong=st.integers(1, 10))
def test_orcid_accepts_exactly_one_check_digit(body: int, wrong: int) -> None:
    found = [check for check in "0123456789X" if normalise("orcid", f"{body:015d}{check}")]
    assert len(found) == 1


def test_of_sorts_unites_and_adds_what_is_implied() -> None:
    assert of(doi="10.48550/arXiv.2310.03419v1", arxiv="2310.03419", pmid=None, orcid="nonsense") == (
        Identifier("arxiv", "2310.03419"),
        Identifier("doi", "10.48550/arxiv.2310.03419"),
    )
    assert Identifier("arxiv", "2310.03419") in of(dblp="journals/corr/abs-2310-03419")
    assert of(doi="10.18653/v1/P18-1001") == (
        Identifier("acl", "P18-1001"),
        Identifier("doi", "10.18653/v1/p18-1001"),
    )
    assert of(issn=["0028-0836", "00280836", "1476-4687"]) == (
        Identifier("issn", "0028-0836"),
        Identifier("issn", "1476-4687"),
    )
    assert of() == ()
    assert united(of(pmid=7), of(pmid="7", doi="10.1/x"), of(doi="10.1000/x")) == (
        Identifier("doi", "10.1000/x"),
        Identifier("pmid", "7"),
    )


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://doi.org/10.1145/3580305.3599547", ("doi", "10.1145/3580305.3599547")),
        ("https://doi.org/10.1145/3580305.3599547?utm_source=feed#abstract", ("doi", "10.1145/3580305.3599547")),
        ("http://dx.doi.org/10.1038%2Fnature12373", ("doi", "10.1038/nature12373")),
        ("https://arxiv.org/abs/hep-th/9901001v2", ("arxiv", "hep-th/9901001")),
        ("http://export.arxiv.org/pdf/2310.03419v2.pdf", ("arxiv", "2310.03419")),
        ("https://arxiv.org/html/2310.03419v1#S1", ("arxiv", "2310.03419")),
        ("https://openreview.net/forum?id=ylhiMfpqkm", ("openreview", "ylhiMfpqkm")),
        ("https://openreview.net/pdf?id=ylhiMfpqkm", ("openreview", "ylhiMfpqkm")),
        ("https://openreview.net/profile?id=~Yoshua_Bengio1", ("openreview_profile", "~Yoshua_Bengio1")),
        ("https://openalex.org/W2741809807", ("openalex", "W2741809807")),
        ("https://dblp.org/rec/conf/iclr/NameXY24.xml", ("dblp", "conf/iclr/NameXY24")),
        ("https://dblp.uni-trier.de/rec/bibtex/conf/iclr/NameXY24", ("dblp", "conf/iclr/NameXY24")),
        ("https://aclanthology.org/2022.acl-long.1.pdf", ("acl", "2022.acl-long.1")),
        ("https://www.aclweb.org/anthology/P18-1001/", ("acl", "P18-1001")),
        ("https://inria.hal.science/hal-01234567v1/document", ("hal", "hal-01234567")),
        ("https://pubmed.ncbi.nlm.nih.gov/29456894/", ("pmid", "29456894")),
        ("https://www.ncbi.nlm.nih.gov/pmc/articles/PMC5815332/", ("pmcid", "PMC5815332")),
        ("https://pmc.ncbi.nlm.nih.gov/articles/PMC5815332/", ("pmcid", "PMC5815332")),
        ("https://proceedings.mlr.press/v202/aamand23a.html", ("pmlr", "v202/aamand23a")),
        ("https://link.springer.com/content/pdf/10.1007/978-3-031-19842-7_40.pdf",
         ("doi", "10.1007/978-3-031-19842-7_40")),
        ("https://dl.acm.org/doi/abs/10.1145/3448016.3452841", ("doi", "10.1145/3448016.3452841")),
        ("https://journals.plos.org/plosone/article?id=10.1371/journal.pone.0000030",
         ("doi", "10.1371/journal.pone.0000030")),
        ("https://www.ecva.net/papers/eccv_2022/html/5555_ECCV_2022_paper.php", None),
        ("https://notarxiv.org/abs/2310.03419", None),
        ("1991.iwpt-1.1", None),
        ("", None),
        (None, None),
    ],
)  # fmt: skip
def test_addresses_that_are_identifiers(url: object, expected: tuple[str, str] | None) -> None:
    assert from_url(url) == (Identifier(*expected) if expected else None)


@given(
    st.text(max_size=80)
    | st.builds("https://{}/{}".format, st.sampled_from(["doi.org", "arxiv.org", "x.org"]), ANY_TEXT)
)
def test_any_address_gives_an_identifier_or_nothing(url: str) -> None:
    found = from_url(url)
    assert found is None or normalise(found.scheme, found.value) == found
