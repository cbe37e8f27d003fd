"""The seed: a text capture in French and the notes that complete it. What the first issue promises, by command line."""

from __future__ import annotations

import itertools
from collections.abc import Callable

import orjson
import pytest

from tests.cli.program import Program
from tests.shared import SHARED, needs_shared
from worker.demo.server import Answer, notes_server, serving

pytestmark = needs_shared

LISTING = SHARED / "seed" / "listing_page_fr.txt"
NOTES = SHARED / "seed" / "openreview_notes_v2.json"
AUTHORS = [4, 7, 4, 6, 4, 4, 6, 5, 4, 5, 5]


def _listing(one: Program) -> None:
    assert one("ingest", str(LISTING), "--source", "mila", "--as-of", "2026-03-20").code == 0


def _notes(one: Program) -> None:
    assert one("ingest", str(NOTES), "--source", "openreview").code == 0


def _sql(one: Program, query: str) -> list[dict[str, object]]:
    done = one("sql", "--format", "json", query)
    assert done.code == 0, done.err
    return done.lines


def _digest(one: Program) -> str:
    return one("dump", "--canonical", "--digest").out.strip()


def _is_complete(one: Program) -> None:
    notes = orjson.loads(NOTES.read_bytes())["notes"]
    expected = {note["id"]: (note["content"]["title"]["value"], n) for note, n in zip(notes, AUTHORS, strict=True)}
    found = {
        row["openreview_id"]: (row["title"], row["n_authors"])
        for row in _sql(one, "select openreview_id, title, n_authors from papers")
    }
    assert found == expected


def test_the_page_alone(program: Callable[[], Program]) -> None:
    one = program()
    _listing(one)
    papers = _sql(one, "select title, abstract, abstract_state, author_names_text from papers order by title")
    assert len(papers) == 11
    assert [paper["title"] for paper in papers][:2] == [
        "Pre-Training and Fine-Tuning Generative Flow Networks",
        "Reward Model Ensembles Help Mitigate Overoptimization",
    ]
    assert papers[1]["author_names_text"] == "Thomas Coste; Usman Anwar; Robert Kirk; David M. Krueger"
    assert all(paper["abstract"] and "voir plus" not in str(paper["abstract"]) for paper in papers)
    assert "objects from a given" in str(papers[0]["abstract"])
    assert [paper["abstract_state"] for paper in papers].count("cut") == 1
    days = _sql(
        one,
        "select course_title_fr, session_date, offering_start_date, is_year_inferred, delivery_mode"
        " from courses_calendar order by 1, 2",
    )
    assert [tuple(day.values()) for day in days] == [
        ("Avantage IA : productivité dans la fonction publique", "2026-04-28", "2026-04-28", False, "online"),
        ("Avantage IA : productivité dans la fonction publique", "2026-04-30", "2026-04-28", False, "online"),
        ("TRAIL : IA responsable pour les professionnels et les leaders", None, "2026-04-15", True, None),
    ] or [tuple(day.values()) for day in days][2][1:4] == ("2026-04-15", "2026-04-15", True)
    assert len(_sql(one, "select author_id from authors")) == 4


def test_any_order_any_repetition_one_catalog(program: Callable[[], Program]) -> None:
    digests = set()
    for order in itertools.permutations((_listing, _notes)):
        one = program()
        for step in (*order, *order):
            step(one)
        before = one("events", "replay", "--json").out
        for step in reversed(order):
            step(one)
        assert one("events", "replay", "--json").out == before
        _is_complete(one)
        digests.add(_digest(one))
    assert len(digests) == 1


def test_a_sync_of_the_page_alone_is_completed_by_enrichment(program: Callable[[], Program]) -> None:
    one = program()

    def page(path: str, query: object) -> Answer | None:
        return Answer(LISTING.read_bytes(), "text/plain; charset=utf-8") if "/fr" in path else None

    with serving(page) as institute, notes_server(NOTES) as notes:
        done = one("sync", "mila", PUBCAT_BASE_URL_MILA=institute, PUBCAT_BASE_URL_OPENREVIEW=notes)
    assert done.code in (0, 3), done.err
    _is_complete(one)


@pytest.mark.parametrize("broker", ["redis://127.0.0.1:1/0", "amqp://guest:guest@127.0.0.1:1//"])
def test_without_a_broker_the_sync_still_completes(program: Callable[[], Program], broker: str) -> None:
    one = program()
    with serving(lambda path, query: Answer(LISTING.read_bytes(), "text/plain; charset=utf-8")) as institute:
        done = one("sync", "mila", PUBCAT_BASE_URL_MILA=institute, PUBCAT_BROKER_URL=broker)
    assert done.code == 0, done.err
    assert len(_sql(one, "select paper_id from papers")) == 11
