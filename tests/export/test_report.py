"""The page about a catalog: complete, inert, and the same numbers in picture and table."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

import pytest
from lxml import html
from lxml.html import HtmlElement

from tests.export.hostile import STRINGS
from worker.export.report import Facts, page

NOW = datetime(2026, 3, 20, tzinfo=UTC)


def _facts(name: str) -> Facts:
    """Every section filled, with one name wherever a name may stand."""
    return Facts(
        title=name,
        made_at=NOW,
        counts={"papers": 1234, "authors": 5},
        years=[{"year": 2023, "kind": name, "n": 3}, {"year": 2024, "kind": "article", "n": 4}],
        venues=[{"name": name, "n": 7}],
        open_access=[{"year": 2024, "status": "gold", "n": 3}, {"year": 2024, "status": "closed", "n": 1}],
        people=[{"name": name, "n": 2}, {"name": "Bo Li", "n": 2}],
        links=[{"source": 0, "target": 1, "n": 2, "source_name": name, "target_name": "Bo Li"}],
        lags=[{"paper": "p-000001", "preprint_date": None, "published_date": None, "months": m} for m in (4, 9, 30)],
        completeness=[{"source": name, "field": "title", "share": 0.5, "n": 10}],
        freshness=[{"source": name, "last_success_at": NOW, "hours": 1.0, "n_records": 3, "late": True}],
        courses=[{"course": name, "start": "2026-04-15", "end": "2026-04-16", "place": name, "note": None}],
        quality=[{"description": name, "n_checked": 10, "n_failed": 1, "share": 0.1}],
    )


def _tree(text: str) -> HtmlElement:
    return html.document_fromstring(text)


def test_sentences_and_numbers() -> None:
    tree = _tree(page(_facts("Sample")))
    said = " ".join(tree.text_content().split())
    assert "1,234papers" in said
    assert "7 papers from 2023 to 2024; most in 2024: 4." in said
    assert "75% of the 4 papers whose status is known can be read freely." in said
    assert "Half of 3 papers were published within 9 months." in said
    assert "Late: Sample." in said
    assert "Next: Sample on 2026-04-15." in said
    assert len(tree.findall(".//svg")) == 7
    assert all(svg.get("aria-label") for svg in tree.findall(".//svg"))


def test_an_empty_catalog_says_so() -> None:
    tree = _tree(page(Facts("Nothing yet", NOW, {"papers": 0})))
    assert not tree.findall(".//svg")
    assert len(tree.find_class("nothing")) == 9


@pytest.mark.parametrize("name", STRINGS[::11])
def test_nothing_in_it_is_active(name: str) -> None:
    tree = _tree(page(_facts(name)))
    assert not tree.xpath(
        "//script | //img | //iframe | //object | //embed | //link | //base | //form | //foreignObject"
    )
    for element in tree.iter():
        for attribute, value in element.attrib.items():
            assert not attribute.lower().startswith("on"), (attribute, value)
            assert attribute.lower() not in ("src", "href", "xlink:href", "action", "formaction"), (attribute, value)


def test_nothing_is_fetched() -> None:
    text = page(_facts("Sample"))
    addresses = set(re.findall(r"https?://[^\s\"'<]+", text))
    assert addresses <= {"http://www.w3.org/2000/svg", "http://www.w3.org/1999/xlink"}
    assert "@import" not in text
    assert "url(" not in text


def test_the_same_facts_give_the_same_page() -> None:
    one: dict[str, Any] = {"a": page(_facts("Sample"))}
    assert page(_facts("Sample")) == one["a"]
