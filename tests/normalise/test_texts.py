"""Texts without markup, and whether they are all there."""

from __future__ import annotations

import time
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.shared import SHARED, needs_shared
from worker.normalise.texts import abstract_state, clean, clean_abstract, rejoin


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("Parsing without Parser", "Parsing without Parser"),
        ("  two\u00a0\n blanks ", "two blanks"),
        ("H<sub>2</sub>O and Ca<sup>2+</sup>", "H₂O and Ca²⁺"),
        ("10<sup>th</sup> of x<sub>max</sub>", "10th of xmax"),
        ("Lud&#228;scher", "Ludäscher"),
        ("Q&amp;amp;A, R&D, AT&T; ?a=1&para=2", "Q&A, R&D, AT&T; ?a=1&para=2"),
        ("with p <0.5 and a < b > c", "with p <0.5 and a < b > c"),
        ("p &lt;0.5", "p <0.5"),
        ("the tokens <unk> and <mask>", "the tokens <unk> and <mask>"),
        ("&lt;i&gt;In vivo&lt;/i&gt; study", "In vivo study"),
        ("<jats:p>of <jats:italic>E. coli</jats:italic>\n cells</jats:p><jats:p>Two</jats:p>", "of E. coli cells Two"),
        ('<span class="title">Plain</span><br/>text', "Plain text"),
        ("<mml:math><mml:msup>\n<mml:mi>x</mml:mi>\n<mml:mn>2</mml:mn>\n</mml:msup></mml:math>-norm", "x²-norm"),
        (
            "<alternatives><tex-math>$x$</tex-math><mml:math><mml:mi>x</mml:mi></mml:math></alternatives> is one",
            "x is one",
        ),
        ("<script>alert('title')</script>A Title<!-- hidden -->", "A Title"),
        ("<![CDATA[kept]]>", "kept"),
        ("nul\x00 and \ud800 and \u200bzero", "nul and \ufffd and zero"),
        ("\ud83d\ude00", "😀"),
        ("it\x92s", "it’s"),
        ("e\u0301te\u0301", "été"),
        ("a\u2028b\u0085c", "a b c"),
        ("\u202eevil\u202c", "evil"),
        ("می\u200cخواهم", "می\u200cخواهم"),
        (1998, "1998"),
        ("", None),
        (" \u00a0 ", None),
        ("<p></p>", None),
        (None, None),
        (True, None),
        (float("nan"), None),
        (["a"], None),
    ],
)
def test_clean(raw: object, expected: str | None) -> None:
    assert clean(raw) == expected


PIECES = (
    *(
        "<i>",
        "</i>",
        "<sup>",
        "</sup>",
        "<p class='x'>",
        "<!--",
        "-->",
        "<script>",
        "</script>",
        "<",
        ">",
        "&amp;",
        "&lt;",
    ),
    *("&gt;", "amp;", "&", "#233;", "2", "i", " ", "é", "x", "\u0301", "\u00a0", "\x00", "\ud800", "\u202e"),
)
MESSY = st.lists(st.sampled_from(PIECES), max_size=12).map("".join)


@given(text=st.text(max_size=80) | MESSY)
def test_what_is_clean_can_be_stored_and_stays(text: str) -> None:
    once = clean(text)
    if once is not None:
        assert once == " ".join(once.split())
        assert unicodedata.is_normalized("NFC", once)
        assert "\x00" not in once
        once.encode()


@given(text=st.text(max_size=80))
def test_cleaning_twice_is_cleaning_once(text: str) -> None:
    assert clean(clean(text)) == clean(text)


@given(text=st.text(st.characters(min_codepoint=33, max_codepoint=126, exclude_characters="<&"), min_size=1))
def test_plain_text_is_left_alone(text: str) -> None:
    assert clean(text) == text


@pytest.mark.parametrize(
    "hostile", ["<script>", "<!--", "<i", "&amp;", "<" * 10, "<sup>2", "<![CDATA[", "<p a ", "\x00\ud800"]
)
def test_hostile_markup_takes_linear_time(hostile: str) -> None:
    text = hostile * (300_000 // len(hostile))
    started = time.process_time()
    clean(text)
    clean_abstract(text)
    rejoin(text)
    assert time.process_time() - started < 10


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("Abstract Despite growing interest", "Despite growing interest"),
        ("ABSTRACT: we show", "we show"),
        ("Abstract—This paper", "This paper"),
        ("Résumé. Nous montrons", "Nous montrons"),
        ("<jats:title>Abstract</jats:title><jats:p>We show.</jats:p>", "We show."),
        ("<sec><title>Résumé</title><p>Nous montrons.</p></sec>", "Nous montrons."),
        ("Abstract Meaning Representation is a graph", "Abstract Meaning Representation is a graph"),
        ("Abstract interpretation is sound", "Abstract interpretation is sound"),
        ("Abstractive summaries", "Abstractive summaries"),
        ("Résumés are parsed", "Résumés are parsed"),
        ("Abstract", None),
        (None, None),
    ],
)
def test_the_heading_of_an_abstract_goes(raw: object, expected: str | None) -> None:
    assert clean_abstract(raw) == expected


@pytest.mark.parametrize(
    ("raw", "joined", "state"),
    [
        ("objects fr… (voir plus)om a given reward.", "objects from a given reward.", "whole"),
        ("synaptic … (voir plus)plasticity in the brain.", "synaptic plasticity in the brain.", "whole"),
        ("objects fr... (see more)om a given reward.", "objects from a given reward.", "whole"),
        ("objects fr…(see more)om a given", "objects from a given", "cut"),
        ("ends at the marker.… (voir plus)", "ends at the marker.", "cut"),
        ("ends at the marker… (see more) \n", "ends at the marker \n", "cut"),
        ("nothing folded (see more examples).", "nothing folded (see more examples).", "whole"),
        ("", "", "unknown"),
    ],
)
def test_a_folded_text_is_rejoined(raw: str, joined: str, state: str) -> None:
    assert rejoin(raw) == (joined, state)


@given(
    before=st.text("abc d.é", max_size=30),
    after=st.text("abc d.é", min_size=1, max_size=30).filter(lambda text: not text.isspace()),
    marker=st.sampled_from(["… (voir plus)", "... (see more)", "… (see more)", "...(voir plus)"]),
)
def test_exactly_the_marker_is_deleted(before: str, after: str, marker: str) -> None:
    joined, state = rejoin(before.rstrip(".") + marker + after)
    assert joined == before.rstrip(".") + after
    assert state == abstract_state(joined)


@pytest.mark.parametrize(
    ("text", "state"),
    [
        ("It ends.", "whole"),
        ("Does it end?", "whole"),
        ("It ends (with a bracket.)", "whole"),
        ("It ends with “a quote.”", "whole"),
        ("The code is at https://github.com/lujiarui/Str2Str", "whole"),
        ("The code is at https://github.com/ServiceNow/TACTiS.", "whole"),
        ("The code is there (github.com/example/code).", "whole"),
        ("with regret $O(\\sqrt{T}).$", "whole"),
        ("结束了。", "whole"),
        ("it has a regret bound of", "cut"),
        ("diversity of informati", "cut"),
        ("and so on…", "cut"),
        ("and so on...", "cut"),
        ("as shown by Gao et al.", "cut"),
        ("many things (e.g.", "cut"),
        ("one, two,", "cut"),
        ("", "unknown"),
        (" ", "unknown"),
        (None, "unknown"),
    ],
)
def test_a_text_is_whole_when_it_ends_as_sentences_end(text: str | None, state: str) -> None:
    assert abstract_state(text) == state


@needs_shared
def test_the_abstracts_of_a_real_capture() -> None:
    page = (SHARED / "seed" / "listing_page_fr.txt").read_text(encoding="utf-8")
    rejoined = [rejoin(line) for line in page.split("\n") if "(voir plus)" in line]
    assert [state for _, state in rejoined] == ["whole", "cut", *["whole"] * 9]
    assert all("(voir plus)" not in text and "…" not in text for text, _ in rejoined)
    assert "compositional objects from a given" in rejoined[0][0]
    assert "study synaptic plasticity in" in rejoined[6][0]
