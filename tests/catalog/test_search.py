"""Search: words in two languages, without accents, with slips of the pen; no input makes it fail."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.line import bring
from worker import run
from worker.tools import Tools

PAPERS = [
    {"id": "1", "title": "Generative flow networks for discrete objects", "authors": "Yoshua Bengio; Salem Lahlou",
     "year": "2021", "abstract": "We sample proteins in proportion to a reward."},
    {"id": "2", "title": "Réseaux de neurones et économie circulaire", "authors": "Hélène Côté; Noël Lœuvre",
     "year": "2019", "venue": "Revue française"},
    {"id": "3", "title": "The economics of learning machines", "authors": "Ann Jones", "year": "2022"},
    {"id": "4", "title": "Attention to detail", "authors": "Bo Li; Ann Jones", "year": "2023",
     "abstract": "Nothing here but a study of flowing water."},
]  # fmt: skip


@pytest.fixture
def filled(tools: Tools) -> Tools:
    bring(tools, "desk", PAPERS)
    run.refresh(tools)
    return tools


def titles(tools: Tools, *arguments: Any) -> list[str]:
    marks = ", ".join(["%s"] * len(arguments))
    with tools.transaction() as cursor:
        found = cursor.execute(
            f"select title from analytics.search_papers({marks})",  # noqa: S608
            arguments,
        ).fetchall()
    return [row[0].split()[0] for row in found]


@pytest.mark.parametrize(
    ("query", "first_words"),
    [
        ("flow networks", ["Generative"]),
        ("FLOWS", ["Generative", "Attention"]),
        ("reseau neurone", ["Réseaux"]),
        ("Économies", ["Réseaux", "The"]),
        ("helene cote", ["Réseaux"]),
        ("loeuvre", ["Réseaux"]),
        ("bengio proteins", ["Generative"]),
        ('"flow networks"', ["Generative"]),
        ('"networks flow"', []),
        ("jones -attention", ["The"]),
        ("bengio or jones", ["Attention", "Generative", "The"]),
        ("francaise", ["Réseaux"]),
        ("Bengoi", ["Generative"]),
        ("genrative netwroks", ["Generative"]),
        ("atention", ["Attention"]),
        ("gener", ["Generative"]),
        ("-jones", []),
        ("the of", []),
        ("", []),
        ("zzzzqqqq", []),
    ],
)
def test_what_people_type(filled: Tools, query: str, first_words: list[str]) -> None:
    assert sorted(titles(filled, query)) == sorted(first_words)


def test_the_title_counts_more_than_the_abstract(filled: Tools) -> None:
    assert titles(filled, "flow") == ["Generative", "Attention"]


def test_language_and_number(filled: Tools) -> None:
    assert titles(filled, "flow", None, 1) == ["Generative"]
    assert titles(filled, "machines", "en") == ["The"]
    assert titles(filled, "neurones", "fr") == ["Réseaux"]
    assert titles(filled, "flow", "xx", -3) == []


def test_headlines_show_what_was_found(filled: Tools) -> None:
    with filled.transaction() as cursor:
        ask = "select headline, match_kind, year from analytics.search_papers(%s, null, 5)"
        [(headline, kind, year)] = cursor.execute(ask, ("proteins",)).fetchall()
        assert ("**proteins**" in headline, kind, year) == (True, "words", 2021)
        [(headline, kind, _)] = cursor.execute(ask, ("reseaux",)).fetchall()
        assert ("**" in headline, kind) == (True, "words")
        [(headline, kind, _)] = cursor.execute(ask, ("gnerative",)).fetchall()
        assert ("**Generative**" in headline, kind) == (True, "corrected")


def test_a_new_title_is_found_before_it_is_indexed(filled: Tools) -> None:
    bring(filled, "desk", [{"id": "9", "title": "Quaternions revisited", "authors": "Ann Jones", "year": "2024"}])
    assert titles(filled, "quaternion") == ["Quaternions"]
    run.refresh(filled)
    assert titles(filled, "quaternion jones") == ["Quaternions"]


@pytest.fixture(scope="module")
def reader(servers: Any, template: str) -> Iterator[psycopg.Connection[Any]]:
    """A connection to a small filled catalog for many queries."""
    from tests.conftest import _fresh
    from worker.settings import Sources

    with _fresh(servers, template) as url:
        from pathlib import Path

        made = Tools(url, sources=Sources(Path("tests"), {}), role="pubcat tests")
        bring(made, "desk", PAPERS)
        run.refresh(made)
        made.close()
        with psycopg.connect(url, autocommit=True) as connection:
            yield connection


SYNTAX = st.sampled_from(
    ["'", '"', "\\", "-", "or", "&", "|", "!", "(", ")", "<->", ":*", "%", "_", ";", "--", "*", "\t"]
)


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    q=st.one_of(
        st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"]), max_size=60),
        st.lists(st.one_of(SYNTAX, st.sampled_from(["flow", "réseaux", "the"])), max_size=30).map(" ".join),
        st.lists(SYNTAX, max_size=30).map("".join),
    ),
    lang=st.sampled_from([None, "fr", "en", "", "klingon"]),
    most=st.one_of(st.none(), st.integers(-(2**31), 2**31 - 1)),
)
def test_no_input_makes_it_fail(reader: psycopg.Connection[Any], q: str, lang: str | None, most: int | None) -> None:
    reader.execute("select count(*) from analytics.search_papers(%s, %s, %s)", (q, lang, most))


@pytest.mark.parametrize("q", ["x" * 100_000, "\ufdfa" * 5000, "é" * 3000, '"' * 1000, "- " * 500, "or " * 500, None])
def test_no_length_makes_it_fail(reader: psycopg.Connection[Any], q: str | None) -> None:
    reader.execute("select count(*) from analytics.search_papers(%s)", (q,))
