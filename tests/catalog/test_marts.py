"""Prepared tables: right numbers, computed after changes and not before, beside their readers."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest
from psycopg.rows import dict_row

from catalog import marts
from tests.catalog.test_views import Connection, add_paper, catalog, merged_paper, refresh, rows
from tests.line import ask, bring
from worker import ledger, run
from worker.tools import Tools

__all__ = ["catalog"]

ROWS: list[dict[str, Any]] = [
    {"id": "1", "title": "Graphs that grow", "authors": "Ada Lovelace; Emile Borel", "year": "2020",
     "venue": "NeurIPS"},
    {"id": "2", "title": "Graphs that shrink", "authors": "Emile Borel; Grace Hopper", "year": "2021",
     "venue": "NEURIPS"},
    {"id": "3", "title": "Alone at sea", "authors": "Alan Turing; Emmy Noether", "year": "2021", "n_citations": 7},
    {"id": "4", "title": "Nobody else", "authors": "Sofia Kovalevskaya", "year": "2021", "n_citations": 1},
]  # fmt: skip


def quiet(tools: Tools) -> None:
    """As if everything had happened a minute ago."""
    with tools.transaction() as cursor:
        cursor.execute("update catalog.event set at = at - interval '1 minute'")
        cursor.execute("update ops.work set finished_at = finished_at - interval '1 minute' where kind = 'identify'")
        cursor.execute("update ops.refresh set refreshed_at = refreshed_at - interval '2 minutes'")


def called(tools: Tools) -> int:
    with tools.transaction() as cursor:
        ledger.reconcile(cursor)
    [(count,)] = ask(tools, "select count(*) from ops.work where kind = 'refresh' and state = 'queued'")
    return int(count)


def test_a_refresh_is_called_once_it_is_quiet(tools: Tools) -> None:
    bring(tools, "desk", ROWS)
    assert called(tools) == 0
    assert ask(tools, "select n_papers from analytics.venues") == []
    quiet(tools)
    assert called(tools) == called(tools) == 1
    assert run.take_next(tools)
    assert ask(tools, "select n_papers from analytics.venues") == [(2,)]
    assert ask(tools, "select count(distinct refreshed_at) from analytics.venues") == [(1,)]
    quiet(tools)
    assert called(tools) == 0


def test_a_stream_of_changes_waits_ten_minutes_at_most(tools: Tools) -> None:
    bring(tools, "desk", ROWS)
    assert called(tools) == 0
    with tools.transaction() as cursor:
        cursor.execute("update ops.refresh set refreshed_at = refreshed_at - interval '11 minutes'")
    assert called(tools) == 1


@pytest.mark.parametrize(("took_s", "later", "due"), [(100, 15, 0), (100, 18, 1), (5_000, 58, 0), (5_000, 62, 1)])
def test_a_stream_of_changes_is_held_up_a_tenth_of_the_time(tools: Tools, took_s: int, later: int, due: int) -> None:
    bring(tools, "desk", ROWS)
    with tools.transaction() as cursor:
        cursor.execute(
            "update ops.refresh set refreshed_at = refreshed_at - make_interval(mins => %s),"
            " seconds = %s::float8 / (select count(*) from ops.refresh)",
            (later, took_s),
        )
    assert called(tools) == due


def test_readers_read_while_it_is_computed(tools: Tools, database: str) -> None:
    bring(tools, "desk", ROWS)
    run.refresh(tools)
    with psycopg.connect(database, row_factory=dict_row) as reader:
        before = rows(reader, "select * from analytics.papers_by_year")
        bring(tools, "desk", [{**ROWS[0], "year": "2019"}], name="other")
        with tools.transaction() as cursor:
            cursor.execute("set local lock_timeout = '5s'")
            for name in marts.names(cursor):
                marts.renew(cursor, name)
            assert rows(reader, "select * from analytics.papers_by_year") == before
        assert rows(reader, "select * from analytics.papers_by_year") != before


def test_a_command_that_reads_next_computes_at_once(tools: Tools) -> None:
    bring(tools, "desk", ROWS)
    run.refresh(tools)
    assert ask(tools, "select sum(n_papers) from analytics.papers_by_year") == [(4,)]
    [(before,)] = ask(tools, "select max(refreshed_at) from ops.refresh")
    run.refresh(tools)
    assert ask(tools, "select max(refreshed_at) from ops.refresh") == [(before,)]


def test_networks_fall_into_components(tools: Tools) -> None:
    bring(tools, "desk", ROWS)
    run.refresh(tools)
    found = ask(
        tools,
        "select n.component_id, string_agg(a.display_name, ', ' order by a.display_name), max(n.degree)"
        " from analytics.coauthor_nodes n join analytics.authors a using (author_id) group by 1 order by 2",
    )
    assert [(names, degree) for _, names, degree in found] == [
        ("Ada Lovelace, Emile Borel, Grace Hopper", 2), ("Alan Turing, Emmy Noether", 1),
    ]  # fmt: skip
    assert ask(tools, "select min(author_id) from analytics.coauthor_nodes") == [(min(c for c, _, _ in found),)]


def test_counts_of_people(tools: Tools) -> None:
    bring(tools, "desk", ROWS)
    run.refresh(tools)
    found = dict(ask(tools, "select display_name, n_papers from analytics.authors"))
    assert (found["Emile Borel"], found["Ada Lovelace"]) == (2, 1)
    assert dict(ask(tools, "select display_name, h_index from analytics.authors where n_citations > 0")) == {
        "Alan Turing": 1, "Emmy Noether": 1, "Sofia Kovalevskaya": 1,
    }  # fmt: skip
    [(fractional,)] = ask(
        tools, "select sum(n_papers_fractional) from analytics.author_productivity where display_name = 'Emile Borel'"
    )
    assert fractional == pytest.approx(1.0)


def test_spellings_of_a_venue_are_one(tools: Tools) -> None:
    bring(tools, "desk", ROWS)
    run.refresh(tools)
    assert ask(tools, "select count(distinct venue_id), sum(n_papers) from analytics.venues") == [(1, 2)]
    assert ask(
        tools, "select count(*) from analytics.papers p join analytics.venues v using (venue_id)"
    ) == [(2,)]  # fmt: skip


def test_coverage_says_what_only_one_source_knows(tools: Tools) -> None:
    bring(tools, "desk", ROWS)
    bring(tools, "shelf", [{**ROWS[0], "id": "s", "abstract": 'A title like "doi": is no key.'}])
    run.refresh(tools)
    found = {row[0]: row[1:] for row in ask(
        tools, "select source_name, n_papers_only_here, abstract_share, doi_share, venue_share"
        " from analytics.source_coverage")}  # fmt: skip
    assert found == {"desk": (3, 0.0, 0.0, 0.5), "shelf": (0, 1.0, 0.0, 1.0)}


def test_organisations_have_numbers_that_follow_from_their_names(catalog: Connection) -> None:
    merged_paper(catalog)
    refresh(catalog)
    found = {r["organization_name"]: r for r in rows(catalog, "select * from analytics.organizations")}
    assert (found["Mila"]["ror"], found["UdeM"]["ror"]) == ("https://ror.org/05c22rx21", None)
    joined = rows(
        catalog,
        "select o.organization_name from analytics.authorship_affiliations a"
        " join analytics.organizations o using (organization_id) order by a.affiliation_order",
    )
    assert [r["organization_name"] for r in joined] == ["Mila", "UdeM"]
    [pair] = rows(catalog, "select * from analytics.organization_collaboration")
    assert {pair["organization_a_name"], pair["organization_b_name"]} == {"Mila", "UdeM"}
    [ada] = rows(catalog, "select current_organization_name from analytics.authors where orcid is not null")
    assert ada == {"current_organization_name": "Mila"}


def test_a_preprint_is_compared_with_what_was_published(catalog: Connection) -> None:
    merged_paper(catalog)
    [link] = rows(catalog, "select * from analytics.preprint_publication")
    assert (link["title_changed"], link["authors_changed"]) == (True, True)
    assert (link["title_similarity"], link["link_confidence"]) == (1.0, pytest.approx(0.984))


def test_quality_is_kept_by_day(catalog: Connection) -> None:
    add_paper(catalog)
    refresh(catalog)
    catalog.execute("update catalog.quality set checked_on = checked_on - 8")
    catalog.execute("update catalog.paper set title = 'x'")
    refresh(catalog)
    found = rows(
        catalog,
        "select failed_share, trend_7d, is_latest from analytics.data_quality_summary"
        " where check_name = 'paper_without_title' order by checked_on",
    )
    assert [tuple(row.values()) for row in found] == [(1.0, None, False), (0.0, -1.0, True)]
    issues = rows(catalog, "select check_name from analytics.data_quality_issues where severity = 'error'")
    assert {r["check_name"] for r in issues} == {"paper_without_authors"}
