"""The facts of the sample institute are consistent, are facts, and carry no sentence of anybody else."""

from __future__ import annotations

import gzip
import json
import re
from collections import Counter
from itertools import combinations

import pytest

from tests.shared import SHARED, needs_shared
from worker.demo.institute import (
    BEYOND_THE_INSTITUTE,
    CAPTURE,
    CARDS,
    FACULTY,
    NOT_IN_OPENALEX,
    TWO_WORKS,
    Paper,
    paper,
    papers,
)
from worker.normalise import identifiers

CONFERENCES = SHARED / "conferences"


def runs(text: str, length: int) -> set[tuple[str, ...]]:
    """Every run of so many words in a text."""
    words = re.findall(r"\w+", text.casefold())
    return set(zip(*(words[n:] for n in range(length)), strict=False))


def folded(title: str) -> str:
    return re.sub(r"[^a-z0-9]", "", title.casefold())


def test_there_is_enough_to_show():
    assert len(papers()) >= 60
    assert len({name for each in papers() for name in each.authors}) >= 150


@pytest.mark.parametrize("name", ["key", "title", "doi", "arxiv", "openreview", "url"])
def test_what_names_a_paper_names_one(name):
    held = [value for each in papers() if (value := getattr(each, name))]
    assert [value for value, n in Counter(held).items() if n > 1] == []


@pytest.mark.parametrize("scheme", ["doi", "arxiv", "openreview"])
def test_identifiers_stand_in_their_canonical_form(scheme):
    for each in papers():
        if value := getattr(each, scheme):
            found = identifiers.normalise(scheme, value)
            assert found is not None, each.key
            assert found.value == value


@pytest.mark.parametrize("each", papers(), ids=lambda each: each.key)
def test_a_paper_is_well_formed(each: Paper):
    assert each.authors
    assert len(set(each.authors)) == len(each.authors)
    assert all(name == name.strip() and " " in name for name in each.authors)
    assert each.profiles == () or len(each.profiles) == len(each.authors)
    assert all(re.fullmatch(r"~[^\s@]+\d", profile) for profile in each.profiles)
    assert 1950 < each.year <= 2026
    assert each.preprint_year is None or (each.arxiv and each.year - 4 <= each.preprint_year < each.year)
    assert each.venueid is None or each.openreview
    assert each.kind in {"article", "conference", "review", "erratum"}
    if each.arxiv:
        submitted = 2000 + int(each.arxiv[:2])
        assert submitted <= (each.preprint_year or each.year)
        assert len(each.arxiv) == (9 if each.arxiv < "1501" else 10)
    if each.abstract:
        assert 3 <= len(re.findall(r"[.?!](?= |$)", each.abstract)) <= 6
        assert len(each.abstract) > 200
        assert each.abstract == " ".join(each.abstract.split())


def test_abstracts_are_told_apart_by_their_words():
    shingles = {each.key: runs(each.abstract, 4) for each in papers() if each.abstract}
    assert len(shingles) >= 60
    for (one, first), (other, second) in combinations(shingles.items(), 2):
        assert len(first & second) <= 2, (one, other, first & second)


def test_only_the_withdrawn_note_is_invented():
    assert [each.key for each in papers() if each.sample] == ["withdrawn"]


def test_the_views_name_papers_that_exist():
    named = {key for cards in CARDS.values() for key, _ in cards} | {key for key, _ in CAPTURE}
    for key in named | {key for key, _, _ in FACULTY} | NOT_IN_OPENALEX | BEYOND_THE_INSTITUTE | set(TWO_WORKS):
        assert paper(key).key == key


def known_papers() -> dict[str, tuple[str, list[str]]]:
    """Title and authors by OpenReview id or DOI, from the conference files."""
    known = {}
    for row in json.loads(gzip.decompress((CONFERENCES / "icml2023_paperlists.json.gz").read_bytes())):
        known[row.get("id")] = (row["title"], (row.get("author") or "").split(";"))
    for name in ("iclr2022_openreview", "neurips2020_openreview", "acl2022_anthology"):
        for row in json.loads(gzip.decompress((CONFERENCES / f"{name}.json.gz").read_bytes()))["records"]:
            known[row["doi"] or row["paper_url"].partition("id=")[2]] = (row["title"], row["authors"])
    for note in json.loads((SHARED / "seed" / "openreview_notes_v2.json").read_bytes())["notes"]:
        known[note["id"]] = (note["content"]["title"]["value"], note["content"]["authors"]["value"])
    return known


@needs_shared
def test_titles_and_authors_are_those_of_the_proceedings():
    known, compared = known_papers(), 0
    for each in papers():
        row = known.get(each.openreview) if each.openreview else known.get(str(each.doi))
        if row is not None:
            compared += 1
            assert folded(each.title) == folded(row[0])
            assert list(each.authors) == [name.strip() for name in row[1]]
    assert compared >= 25


@needs_shared
def test_no_sentence_is_copied_from_a_published_abstract():
    ours = {run: each.key for each in papers() for run in runs(each.abstract, 7)}
    published = (SHARED / "seed" / "listing_page_fr.txt").read_text(encoding="utf-8").splitlines()
    for name in ("iclr2022_openreview", "icml2023_pmlr", "acl2022_anthology"):
        document = json.loads(gzip.decompress((CONFERENCES / f"{name}.json.gz").read_bytes()))
        published += [row["abstract"] for row in document["records"]]
    assert len(published) > 4000
    copied = {ours[run]: run for text in published for run in runs(text, 7) & ours.keys()}
    assert copied == {}
