"""What pages tell machines, and what happens when a site is redesigned."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from selectolax.lexbor import LexborHTMLParser

from worker.errors import Malformed, Misconfigured
from worker.formats import embedded, listing_html
from worker.formats.schema_org import Place, loads, read
from worker.record import CourseRecord, Record

PLACE = Place("https://lab.example/page", date(2026, 3, 20), "en", "Example Lab")
ITEM = '<li class="p"><h3>{}</h3><span class="a">Ann Lee, Bo Li</span></li>'


def test_a_page_about_one_work_says_nothing_of_the_works_it_cites() -> None:
    cited = "".join(f"<li>A. Cited, B. Other. A cited work of number {n}. Journal, 201{n}.</li>" for n in range(9))
    page = f'<html><meta name="citation_title" content="Our own"><body><ol>{cited}</ol></body></html>'
    [only] = listing_html.read(page, PLACE.url, {}, None)
    assert isinstance(only, Record)
    assert only.title == "Our own"


@pytest.mark.parametrize(
    "text",
    [
        '<!-- x --> {"@type": "ScholarlyArticle", "name": "A", "author": "Lee, Ann",}',
        '/* x */ [{"@type": "https://schema.org/ScholarlyArticle", "headline": "A", "author": ["Ann Lee"]}];',
        '{"@type": "schema:ScholarlyArticle", "name": "A\t", "creator": {"@type": "Person", "name": "Ann Lee"}}',
        '{"@graph": [{"@type": "ItemList", "itemListElement": [{"@type": "ListItem", "item":'
        ' {"@type": "ScholarlyArticle", "name": ["A", "B"], "author": [null, {"name": "Ann Lee"}]}}]}]}',
    ],
)
def test_blocks_as_they_are_in_the_wild(text: str) -> None:
    [only] = read(loads(text, "here"), PLACE)
    assert isinstance(only, Record)
    assert (only.title, [author.name for author in only.authors]) == ("A", ["Ann Lee"])


def test_news_is_no_publication() -> None:
    assert not list(read({"@type": "NewsArticle", "headline": "We won"}, PLACE))
    assert not list(read({"@type": "Event", "name": "A concert", "startDate": "2026-05-01"}, PLACE))


def test_a_cohort_told_in_prose_is_read_as_prose() -> None:
    block = {"@type": "Course", "name": "C", "hasCourseInstance": {"startDate": "April 28 and 30"}}
    [course] = read(block, PLACE)
    assert isinstance(course, CourseRecord)
    assert [session.date for session in course.offerings[0].sessions] == ["2026-04-28", "2026-04-30"]
    assert course.offerings[0].year_inferred
    assert course.provider == "Example Lab"


def test_dublin_core_alone_needs_more_than_a_title() -> None:
    tags = '<meta name="DC.title" content="T"><meta name="DCTERMS.creator" content="Lee, Ann">'
    dated = '<meta name="DC.date" content="2020-03">'
    assert not embedded.read(LexborHTMLParser(tags), PLACE).records
    [only] = embedded.read(LexborHTMLParser(tags + dated), PLACE).records
    assert isinstance(only, Record)
    assert (only.date, only.authors[0].name, only.source_key) == ("2020-03", "Ann Lee", PLACE.url)


def test_two_blocks_about_one_work_are_one_record() -> None:
    page = (
        '<meta name="citation_title" content="T"><meta name="citation_doi" content="10.5555/1">'
        '<script type="application/ld+json">{"@type": "ScholarlyArticle", "name": "T", "sameAs":'
        ' "https://doi.org/10.5555/1", "author": "Ann Lee"}</script>'
    )
    assert len(embedded.read(LexborHTMLParser(page), PLACE).records) == 1


@pytest.mark.parametrize(("titled", "fewest", "stands"), [(8, None, True), (3, None, False), (3, 0.2, True)])
def test_a_redesign_is_noticed(titled: int, fewest: float | None, stands: bool) -> None:
    items = "".join(
        (ITEM if n < titled else ITEM.replace("h3", "h4")).format(f"A title of work {n}") for n in range(10)
    )
    options: dict[str, Any] = {"selectors": {"item": "li.p", "title": "h3", "authors": ".a"}}
    if fewest is not None:
        options["fewest_titles"] = fewest
    page = f"<html><body><ul>{items}</ul></body></html>"
    if stands:
        assert len(listing_html.read(page, PLACE.url, options, None)) == titled
    else:
        with pytest.raises(Malformed, match="found it in 3 of 10: the site was redesigned"):
            listing_html.read(page, PLACE.url, options, None)


def test_an_unknown_preset_is_told() -> None:
    with pytest.raises(Misconfigured, match="al-folio, hugo-academic"):
        listing_html.read("<html></html>", PLACE.url, {"preset": "geocities"}, None)
