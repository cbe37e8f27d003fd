"""Pages of unknown institutes: lists, cards, tables, without a word of configuration."""

from __future__ import annotations

import contextlib
import gzip
import time
from datetime import date
from html import escape
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.shared import SHARED, needs_shared
from worker.errors import Malformed, Misconfigured
from worker.formats import listing_html
from worker.formats.listing_html.following import next_page
from worker.record import Record

URL = "https://lab.example/en/publications"
PAGE = date(2026, 3, 20)
FACTS = (
    (
        "Reward Model Ensembles Help Mitigate Overoptimization",
        ("Thomas Coste", "Usman Anwar", "David Krueger"),
        "2310.02743",
    ),
    ("The Curse of Diversity in Ensemble-Based Exploration", ("Zhixuan Lin", "Pierluca D’Oro"), "2405.04342"),
    (
        "Towards Foundation Models for Knowledge Graph Reasoning",
        ("Mikhail Galkin", "Xinyu Yuan", "Jian Tang"),
        "2310.04562",
    ),
)


def read(html: str, url: str = URL, **options: Any) -> list[Any]:
    return listing_html.read(html, url, options, PAGE)


def item(form: str, title: str, names: tuple[str, ...], arxiv: str) -> str:
    """One paper in the manner of a site generator."""
    link, people = f"https://arxiv.org/abs/{arxiv}", ", ".join(names)
    match form:
        case "al-folio":
            return (
                f'<li><div class="row"><div class="abbr"><abbr class="badge">ICLR</abbr></div><div id="k{arxiv}">'
                f'<div class="title">{title}</div><div class="author">{people}</div>'
                f'<div class="periodical"><em>In ICLR</em> 2024</div><div class="links"><a class="abstract btn">Abs</a>'
                f'<a href="{link}" class="btn">arXiv</a></div><div class="bibtex hidden"><pre>@x</pre></div></div>'
                "</div></li>"
            )
        case "hugo":
            spans = ", ".join(f"<span>{name}</span>" for name in names)
            return (
                f'<div class="pub-list-item"><span class="article-metadata li-cite-author">{spans}</span> (2024). '
                f'<a href="/publication/{arxiv}/">{title}</a>. <em>ICLR</em>. '
                f'<p><a class="btn" href="{link}">PDF</a></p></div>'
            )
        case "bold":
            return f'<p><b><a href="{link}">{title}</a></b><br>{people}<em>. In ICLR, 2024</em>.</p>'
        case "reference":
            return f'<li>{people}. {title}. ICLR, 2024. [<a href="{link}">pdf</a>]</li>'
        case "row":
            return f'<tr><td>2024</td><td>{people}</td><td><a href="{link}">{title}</a></td><td>ICLR</td></tr>'
        case "card":
            people = "".join(f"<li>{name}</li>" for name in names)
            return (
                f'<article class="c-card"><h3><a href="/p/{arxiv}">{title}</a></h3><ul>{people}</ul>'
                f'<span>ICLR 2024</span><a href="{link}">arXiv</a></article>'
            )
        case "term":
            return f'<dt>{title}</dt><dd>{people}</dd><dd>ICLR 2024 <a href="{link}">arXiv</a></dd>'
        case "flat":
            return f'<h4>{title}</h4><p>{people}</p><p><i>ICLR 2024</i> <a href="{link}">arXiv</a></p>'
    raise AssertionError(form)


WRAPS = {
    "al-folio": '<ol class="bibliography">%s</ol>', "hugo": '<div id="all">%s</div>', "bold": "<section>%s</section>",
    "reference": "<ul>%s</ul>", "row": "<table><tbody>%s</tbody></table>", "card": '<div class="grid">%s</div>',
    "term": "<dl>%s</dl>", "flat": "<div>%s</div>",
}  # fmt: skip


def page(form: str, facts: tuple[tuple[str, tuple[str, ...], str], ...] = FACTS) -> str:
    """A whole page: menu, cookie banner, publications, news in a side bar, foot."""
    body = WRAPS[form] % "\n".join(item(form, *one) for one in facts)
    menu = "".join(
        f'<li><a href="/{name}">{name}</a></li>' for name in ("About", "People", "Publications", "Contact us")
    )
    news = "".join(f"<li>May {day}, 2024: our open house was a success</li>" for day in (3, 4, 5))
    return (
        f'<!doctype html><html lang="en"><head><title>Lab</title></head><body><nav><ul>{menu}</ul></nav>'
        f'<div class="cookie-banner"><p>We use cookies on our website.</p></div><h1>Publications</h1>{body}'
        f'<div class="sidebar"><ul>{news}</ul></div><footer><p>© 2026 Lab. All rights reserved.</p></footer></body>'
    )


@pytest.mark.parametrize("form", WRAPS)
def test_an_unknown_page_is_read_at_the_first_try(form: str) -> None:
    found = read(page(form))
    assert all(isinstance(one, Record) for one in found)
    records = [one for one in found if isinstance(one, Record)]
    assert [one.title for one in records] == [title for title, _, _ in FACTS]
    assert [tuple(author.name for author in one.authors) for one in records] == [names for _, names, _ in FACTS]
    assert [one.date for one in records] == ["2024"] * 3
    assert [{i.value for i in one.identifiers if i.scheme == "arxiv"} for one in records] == [{a} for _, _, a in FACTS]
    assert [one.venue for one in records] == ["ICLR"] * 3
    assert len({one.source_key for one in records}) == 3
    assert all(one.source_key.startswith("http") for one in records)


def test_years_stand_in_headings() -> None:
    html = "".join(
        f"<h2>{year}</h2><ul><li><b>{title}</b><br>{', '.join(names)}</li></ul>"
        for year, (title, names, _) in zip((2024, 2023, 2022), FACTS, strict=True)
    )
    found = read(f"<h1>Publications</h1>{html}")
    assert [one.date for one in found if isinstance(one, Record)] == ["2024", "2023", "2022"]


def test_a_hidden_whole_abstract_beats_the_cut_one() -> None:
    cards = "".join(
        f"<article><h3>{title}</h3><p class='authors'>{', '.join(names)}</p>"
        "<p class='abstract short'>We study the beg…</p>"
        f"<p class='abstract full' style='display:none'>We study the beginning and the end of {escape(title)}, and "
        "find that both are needed to understand the middle.</p></article>"
        for title, names, _ in FACTS
    )
    found = [one for one in read(cards) if isinstance(one, Record)]
    assert len(found) == 3
    assert all(one.abstract_state == "whole" and (one.abstract or "").endswith("the middle.") for one in found)


@pytest.mark.parametrize(
    "marker", ['… <a href="#">(voir plus)</a>', "… (see more)", '… <a class="more" href="#">Voir plus</a>']
)
def test_the_marker_leaves_no_trace(marker: str) -> None:
    cards = "".join(
        f"<article><h3>{title}</h3><p class='authors'>{', '.join(names)}</p>"
        "<p class='abstract'>We propose a method that samples compositional objects "
        f"fr{marker}om a reward.</p></article>"
        for title, names, _ in FACTS
    )
    for one in read(cards):
        assert isinstance(one, Record)
        assert one.abstract == "We propose a method that samples compositional objects from a reward."


def test_cards_that_lost_their_title_are_records() -> None:
    cards = [item("card", *one) for one in FACTS]
    abstract = "We propose a sampler of proteins and show that it outperforms simulation on every benchmark we tried."
    cards.insert(1, f'<article class="c-card"><p class="abstract">{abstract}</p></article>')
    found = [one for one in read(f"<h2>Publications</h2><div>{''.join(cards)}</div>") if isinstance(one, Record)]
    assert [one.title is None for one in found] == [False, True, False, False]


def test_two_items_with_one_address_are_keyed_by_what_they_say() -> None:
    html = "<h1>Publications</h1><ul>" + "".join(
        f'<li><a href="https://arxiv.org/abs/2310.02743">{title}</a><br>{", ".join(names)}</li>'
        for title, names, _ in FACTS
    )
    found = read(html)
    assert len(found) == 3
    assert all(one.source_key.startswith("t:") for one in found)


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ('<a rel="next" href="?page=3">x</a>', "/en/publications?page=3"),
        ('<head><link rel="next" href="/en/publications?start=20"></head>', "/en/publications?start=20"),
        ('<a href="/fr/publications?page=1">Suivant ›</a>', "/fr/publications?page=1"),
        ('<a href="/en/p2" aria-label="Next page">2</a>', "/en/p2"),
        ('<a href="?page=1">2</a><a href="?page=2">3</a>', "/en/publications?page=1"),
        ('<a href="?page=1">1</a><a href="?page=2">2</a><a href="?page=3">3</a>', "/en/publications?page=2"),
        ('<a href="https://other.example/?page=2">Next page</a>', None),
        ('<a href="/about">About</a><a href="#">Next</a>', None),
        ('<a href="/news">Next steps for the lab</a>', None),
    ],
)
def test_the_next_page(html: str, expected: str | None) -> None:
    found = next_page(f"<html><body>{html}</body></html>", URL)
    assert found == (f"https://lab.example{expected}" if expected else None)


def test_from_page_two_to_page_three() -> None:
    html = "".join(f'<a href="?page={n}">{n}</a>' for n in (1, 2, 3))
    assert next_page(html, f"{URL}?page=2") == f"{URL}?page=3"
    assert next_page(html, f"{URL}?page=3") is None


@pytest.mark.parametrize(
    "html",
    [
        "<html></html>",
        "<html><body><p>Nothing to see here.</p></body></html>",
        page("card", ())[:-10],
        "<ul>" + "<li><h3>Jane Doe</h3><p>PhD student</p></li>" * 5 + "</ul>",
        "<ul>" + "".join(f"<li><a href='/{n}'>Our group on topic {n}</a></li>" for n in range(9)) + "</ul>",
    ],
)
def test_a_page_without_publications_says_so(html: str) -> None:
    with pytest.raises(Malformed, match="no publication or course"):
        read(html)


def test_selectors_that_match_nothing_say_so() -> None:
    with pytest.raises(Malformed, match="selectors match no"):
        read(page("card"), selectors={"item": "div.no-such", "title": "h3"})


def test_a_selector_that_is_none_is_a_matter_for_the_operator() -> None:
    with pytest.raises(Misconfigured, match="CSS selector"):
        read(page("card"), selectors={"item": "div[[", "title": "h3"})


@needs_shared
def test_a_real_page() -> None:
    html = (SHARED / "listing_pages" / "dadelani_site" / "publications_2025_snapshot.html").read_text("utf-8")
    found = [one for one in read(html, "https://dadelani.github.io/publications/") if isinstance(one, Record)]
    assert len(found) == 57
    assert all(one.title and one.authors and one.date for one in found)
    assert sum(bool(one.identifiers) for one in found) == 56
    assert found[0].title == "mSTEB: Massively Multilingual Evaluation of LLMs on Speech and Text Tasks"
    assert (found[0].authors[0].name, len(found[0].authors), found[0].venue) == ("Luel Hagos Beyene", 7, "ASRU")


@needs_shared
@pytest.mark.parametrize("name", ["about", "people", "join", "cv", "teaching", "talks", "publications"])
def test_real_pages_without_a_list_in_them(name: str) -> None:
    html = (SHARED / "listing_pages" / "dadelani_site" / f"{name}.html").read_text("utf-8")
    with pytest.raises(Malformed):
        read(html)


@needs_shared
def test_a_very_long_real_table() -> None:
    html = gzip.decompress((SHARED / "conferences" / "iclr2024" / "submissions_listing.html.gz").read_bytes()).decode()
    found = [one for one in read(html) if isinstance(one, Record)]
    assert len(found) > 7150
    assert all(one.identifiers and one.identifiers[0].scheme == "openreview" for one in found)


SCRAPS = (
    *["<div>", "</div>", "<ul><li>", "<h3>", "<table><tr><td>", "</table>", "<dl><dt>", "<dd>", "<p>", "2024"],
    "<a href='//[x'>", "<a href='?page=2'>", "Jane Doe, John Smith", "A title of some words",
    item("card", *FACTS[0]), item("row", *FACTS[1]),
)  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(st.lists(st.sampled_from(SCRAPS) | st.text(max_size=30), max_size=25))
def test_any_page_gives_records_or_malformed(parts: list[str]) -> None:
    html = "<html>" + "".join(parts)
    next_page(html, URL)
    with contextlib.suppress(Malformed):
        assert read(html)


@pytest.mark.parametrize("scrap", ["<div>", "<b>", "<ul><li>a b c", "<p>A title of words</p>", item("card", *FACTS[0])])
def test_time_grows_with_the_length_alone(scrap: str) -> None:
    """Ten times the page takes less than forty times the time."""

    def seconds(count: int) -> float:
        started = time.process_time()
        with contextlib.suppress(Malformed):
            read("<html><body>" + scrap * count)
        return time.process_time() - started

    seconds(20)
    assert seconds(3000) < 40 * max(seconds(300), 0.01)
