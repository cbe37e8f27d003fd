"""Every source reads its view of the sample institute as it was meant, over real HTTP."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from http.client import HTTPConnection
from urllib.parse import urlsplit

import pytest

from worker.demo import institute
from worker.demo.institute import CARDS, Paper, paper, papers
from worker.demo.server import environment, serve
from worker.normalise import identifiers
from worker.page import Page, Question, Request, Window
from worker.record import CourseRecord, Record
from worker.settings import SHIPPED_SOURCES, Configured, load_sources

DEMO_SOURCES = SHIPPED_SOURCES.parent / "demo" / "sources.toml"


@pytest.fixture(scope="module")
def configured() -> Iterator[dict[str, Configured]]:
    """The sources of the demo, pointed at a running institute as the demo points them."""
    with serve() as base_url, pytest.MonkeyPatch.context() as patch:
        for name, url in environment(base_url).items():
            patch.setenv(name, url)
        yield dict(load_sources(DEMO_SOURCES).by_name)


def fetch(request: Request, source: Configured) -> Page:
    """The answer to one request, as the pipeline would hand it to the parser."""
    address = urlsplit(request.url)
    connection = HTTPConnection(str(address.hostname), address.port, timeout=10)
    try:
        connection.request("GET", f"{address.path}?{address.query}", headers=dict(request.headers))
        response = connection.getresponse()
        body = response.read()
    finally:
        connection.close()
    assert response.status == 200, (request.url, body)
    media_type = response.headers["Content-Type"]
    return Page(request.url, body, media_type, as_of=date(2026, 3, 20), options=source.site.options)


def walk(source: Configured) -> list[Page]:
    """Every page of a whole harvest."""
    pages = []
    for request in source.source.first(source.site, Window()):
        following: Request | None = request
        while following:
            pages.append(fetch(following, source))
            assert len(pages) < 50, "the walk does not end"
            following = source.source.next(source.site, pages[-1])
    return pages


def records(source: Configured, pages: list[Page]) -> list[Record]:
    """The papers on these pages; every row must have been understood."""
    found = [one for page in pages for one in source.source.read(page)]
    assert all(isinstance(one, Record | CourseRecord) for one in found)
    return [one for one in found if isinstance(one, Record)]


def by_abstract(record: Record) -> Paper | None:
    """The paper whose abstract the record begins to tell."""
    return next((p for p in papers() if record.abstract and p.abstract.startswith(record.abstract)), None)


def test_the_sources_of_the_demo_are_all_on(configured):
    assert set(configured) == {"institute", "openalex", "openreview", "faculty"}
    assert all(source.enabled and source.every_s for source in configured.values())


def test_of_the_shipped_sources_those_that_need_credentials_are_off(monkeypatch):
    for name in environment(""):
        monkeypatch.delenv(name, raising=False)
    shipped = load_sources(SHIPPED_SOURCES).by_name
    assert [name for name, source in shipped.items() if source.enabled] == ["mila"]
    assert all(source.why_off for name, source in shipped.items() if name != "mila")
    assert [request.url for request in shipped["mila"].source.first(shipped["mila"].site, Window())] == [
        "https://mila.quebec/fr/recherche/publications",
        "https://mila.quebec/en/research/publications",
    ]
    for source in shipped.values():
        assert source.walks or source.source.answers, source.name


def test_with_an_address_the_shipped_sources_that_need_no_credentials_are_on(monkeypatch):
    monkeypatch.setenv("PUBCAT_CONTACT", "library@institute.example")
    for need in (*environment(""), "OPENALEX_API_KEY", "S2_API_KEY", "OPENREVIEW_USERNAME", "OPENREVIEW_PASSWORD"):
        monkeypatch.delenv(need, raising=False)
    shipped = load_sources(SHIPPED_SOURCES).by_name
    on = {name for name, source in shipped.items() if source.enabled}
    assert {
        "mila",
        "crossref",
        "datacite",
        "arxiv",
        "dblp",
        "europepmc",
        "hal",
        "orcid",
        "unpaywall",
        "virtual",
        "ror",
    } == on
    assert shipped["semanticscholar"].why_off == "set S2_API_KEY to turn it on"
    assert "OPENREVIEW_PASSWORD; pubcat sources enable openreview" in str(shipped["openreview"].why_off)
    assert shipped["pmlr"].switched(True).enabled
    assert not shipped["semanticscholar"].switched(True).enabled
    assert not shipped["crossref"].switched(False).enabled


def test_every_option_of_the_sources_files_is_explained():
    text = SHIPPED_SOURCES.read_text(encoding="utf-8")
    used = set(re.findall(r"(?m)^([a-z_]+) = ", text + DEMO_SOURCES.read_text(encoding="utf-8")))
    comments = " ".join(line for line in text.splitlines() if "#" in line)
    assert {option for option in used if not re.search(rf"\b{option}\b", comments)} == set()


# -- listing


@pytest.mark.parametrize("language", ["fr", "en"])
def test_a_listing_page_gives_a_record_for_every_card(configured, language):
    source = configured["institute"]
    page = fetch(Request(source.site.base_url + institute.PATHS[language]), source)
    found = records(source, [page])
    by_title = {record.title: record for record in found if record.title}
    by_words = {known.key: record for record in found if not record.title and (known := by_abstract(record))}
    assert len(found) == len(CARDS[language])
    for key, state in CARDS[language]:
        facts = paper(key)
        record = by_words[key] if state.startswith("untitled") else by_title[facts.title]
        if state.startswith("untitled") or state == "unauthored":
            assert record.authors == ()
        else:
            assert [author.name for author in record.authors] == list(facts.authors)
        if state == "bare":
            assert record.abstract is None
        elif state == "cut" or state.endswith("stopped"):
            assert record.abstract_state == "cut"
            assert record.abstract
            assert facts.abstract.startswith(record.abstract)
            assert len(record.abstract) < len(facts.abstract)
        else:
            assert record.abstract == facts.abstract
            assert record.abstract_state != "cut"


@pytest.mark.parametrize("language", ["fr", "en"])
def test_a_listing_page_announces_two_courses(configured, language):
    source = configured["institute"]
    page = fetch(Request(source.site.base_url + institute.PATHS[language]), source)
    courses = [one for one in source.source.read(page) if isinstance(one, CourseRecord)]
    assert [course.title for course in courses] == [course.title for course in institute.COURSES[language]]
    assert [course.url for course in courses] == [institute.HOME + c.path for c in institute.COURSES[language]]
    (start,), (days,) = (course.offerings for course in courses)
    assert (start.start_date, start.year_inferred, start.date_kind) == ("2026-05-06", True, "start")
    assert [session.date for session in days.sessions] == ["2026-05-12", "2026-05-14"]
    assert (days.year_inferred, days.mode, days.date_kind) == (False, "online", "set")


def test_what_a_listing_page_says_does_not_depend_on_where_it_is_served(configured):
    source = configured["institute"]
    here = fetch(Request(source.site.base_url + institute.PATHS["fr"]), source)
    there = Page(institute.HOME + institute.PATHS["fr"], here.body, here.media_type, as_of=here.as_of)
    assert [one for one in source.source.read(here) if isinstance(one, Record)] == [
        one for one in source.source.read(there) if isinstance(one, Record)
    ]


def test_the_capture_gives_titles_authors_and_abstracts_back(configured):
    source = configured["institute"]
    found = records(source, [fetch(Request(source.site.base_url + institute.CAPTURE_PATH), source)])
    told = {known.key: record for record in found if (known := by_abstract(record))}
    assert set(told) == {key for key, _ in institute.CAPTURE}
    for key, state in institute.CAPTURE:
        if state == "whole":
            assert told[key].title == paper(key).title
            assert [author.name for author in told[key].authors] == list(paper(key).authors)
    titles = {record.title for record in found} - {None}
    assert titles == {paper(key).title for key, state in institute.CAPTURE if not state.startswith("untitled")}


# -- OpenReview


def test_openreview_is_walked_whole_but_for_the_withdrawn_note(configured):
    source = configured["openreview"]
    found = {record.source_key: record for record in records(source, walk(source))}
    expected = {note["id"] for note in institute.openreview_notes()} - {paper("withdrawn").openreview}
    assert set(found) == expected
    for each in papers():
        if record := found.get(str(each.openreview)):
            assert (record.title, record.abstract, record.year) == (each.title, each.abstract, each.year)
            assert [author.name for author in record.authors] == list(each.authors)
            assert record.version == "proceedings"
    with_profiles = [record for record in found.values() if record.authors[0].identifiers]
    assert len(with_profiles) >= 15


def test_a_withdrawn_note_is_no_accepted_paper(configured):
    source = configured["openreview"]
    request = source.source.ask(source.site, Question("openreview", str(paper("withdrawn").openreview)))
    assert request
    (record,) = records(source, [fetch(request, source)])
    assert (record.version, record.venue) == ("preprint", None)


def untitled() -> list[str]:
    return sorted({key for cards in CARDS.values() for key, state in cards if state.startswith("untitled")})


@pytest.mark.parametrize("key", untitled())
def test_an_untitled_card_is_completed_by_the_words_of_its_abstract(configured, key):
    answers = []
    for name in ("openreview", "openalex"):
        source = configured[name]
        for by in ("abstract", "title"):
            request = source.source.ask(source.site, Question(by, paper(key).abstract[:140]))
            if by in source.source.answers and request:
                answers += records(source, [fetch(request, source)])
    assert {by_abstract(answer) for answer in answers} == {paper(key)}
    assert all(answer.title and answer.authors for answer in answers)


# -- OpenAlex


def test_openalex_is_walked_over_several_pages(configured):
    source = configured["openalex"]
    pages = walk(source)
    assert len(pages) >= 3
    listed = [work for work in institute.openalex_works() if institute.in_institute_list(work)]
    assert source.source.total(pages[0]) == len(listed)
    found = records(source, pages)
    assert [record.source_key for record in found] == [work["id"].rpartition("/")[2] for work in listed]
    assert sum(record.abstract is None for record in found) >= 4
    assert not any(record.unread for record in found)
    titles = {record.title for record in found}
    assert "Learning better with Dale’s Law: A Spectral Perspective" in titles
    assert "ProtST: Multi-Modality Learning of Protein Sequences & Biomedical Texts" in titles


def test_works_carry_the_identifiers_of_their_papers(configured):
    source = configured["openalex"]
    found = records(source, walk(source))
    known = {one: each.key for each in papers() for one in identifiers.of(doi=each.doi, arxiv=each.arxiv)}
    for record in found:
        keys = {known[one] for one in record.identifiers if one in known}
        assert len(keys) == 1 or (not keys and record.title), record
        assert record.authors
    both = [r for r in found if {"doi", "arxiv"} <= {one.scheme for one in r.identifiers}]
    assert len(both) >= 20


def test_an_abstract_survives_its_inversion(configured):
    source = configured["openalex"]
    of_title = {record.title: record for record in records(source, walk(source))}
    assert of_title["Graph Attention Networks"].abstract == paper("gat").abstract
    heading = of_title[paper("denoising-autoencoders").title].abstract
    assert heading is not None
    assert heading.removeprefix("Abstract ") == paper("denoising-autoencoders").abstract


def test_a_truncated_author_list_is_fetched_again_and_whole(configured):
    source = configured["openalex"]
    again = [request for page in walk(source) for request in source.source.refetch(source.site, page)]
    assert len(again) == 1
    (record,) = records(source, [fetch(again[0], source)])
    assert len(record.authors) == 32
    assert record.authors_state == "whole"
    assert [author.name for author in record.authors] == list(paper("neuroscience-framework").authors)


@pytest.mark.parametrize("key", ["slam-1", "document-recognition", "hotpotqa", "align-and-translate"])
def test_a_row_with_a_doi_or_a_title_is_completed_by_a_question(configured, key):
    source = configured["openalex"]
    facts = paper(key)
    questions = [Question("title", facts.title)]
    questions += [Question("doi", facts.doi)] if facts.doi else [Question("arxiv", str(facts.arxiv))]
    for question in questions:
        request = source.source.ask(source.site, question)
        assert request
        best = records(source, [fetch(request, source)])[0]
        assert best.title == facts.title
        assert len(best.authors) == len(facts.authors)


# -- the faculty spreadsheet


def test_the_spreadsheet_is_read_row_by_row(configured):
    source = configured["faculty"]
    found = records(source, [fetch(Request(source.site.base_url + institute.FACULTY_PATH), source)])
    assert [record.source_key for record in found] == [f"F{n:03}" for n in range(1, len(institute.FACULTY) + 1)]
    for (key, style, cells), record in zip(institute.FACULTY, found, strict=True):
        facts = paper(key)
        assert record.title == cells.get("title", facts.title)
        dois = [one for one in record.identifiers if one.scheme == "doi"]
        assert dois == ([one] if (one := identifiers.normalise("doi", cells.get("doi", facts.doi))) else [])
        assert record.authors_state == ("cut" if style == "et al." else "whole")
        assert [author.family for author in record.authors] == [
            institute.split_name(name)[1] for name in (facts.authors[:1] if style == "et al." else facts.authors)
        ]
