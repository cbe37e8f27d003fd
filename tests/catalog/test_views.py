"""The analysts' contract: everything is explained, types are plain, and the views say what is true."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg.rows import dict_row, tuple_row

from catalog import marts, views

Connection = psycopg.Connection[dict[str, Any]]

PROMISED = {
    "papers": (
        "paper_id paper_key title title_language abstract abstract_language abstract_licence paper_type"
        " publication_date publication_date_precision publication_year first_seen_at updated_at venue_id venue_name"
        " venue_type is_peer_reviewed publication_status doi arxiv_id openreview_id openalex_id dblp_key pmid"
        " landing_page_url pdf_url oa_status is_open_access licence n_authors n_institute_authors author_names_text"
        " first_author_name last_author_name corresponding_author_name n_citations citations_source citations_at"
        " n_sources has_conflict quality_score is_retracted is_locked"
    ),
    "authors": (
        "author_id author_key display_name given_names family_name name_variants_text orcid openalex_id dblp_pid"
        " is_institute_member membership_role membership_start membership_end current_organization_id"
        " current_organization_name n_papers n_papers_last_5y n_coauthors n_citations h_index"
        " first_publication_year last_publication_year identity_confidence is_locked first_seen_at updated_at"
    ),
    "authorships": (
        "paper_id author_order author_id author_name_as_published is_first is_last is_corresponding"
        " is_equal_contribution is_institute_author n_affiliations affiliations_text organization_ids_text"
        " country_codes_text author_weight publication_year identity_method identity_confidence"
    ),
    "papers_by_venue_year": (
        "publication_year venue_id venue_name venue_type venue_rank paper_type n_papers n_papers_fractional"
        " n_first_author_papers n_last_author_papers n_open_access open_access_share n_preprint_linked n_citations"
        " median_citations share_of_year rank_in_year yoy_change"
    ),
    "coauthor_edges": (
        "author_a_id author_a_name author_b_id author_b_name n_papers weight_fractional first_year last_year"
        " is_internal organization_a_name organization_b_name paper_ids_text papers_over_50_authors_excluded"
    ),
    "open_access_by_year": (
        "publication_year scope oa_status n_papers n_total oa_share n_with_doi n_unknown share_of_known"
        " repository_copy_share preprint_only_share checked_at_min checked_at_max"
    ),
    "preprint_publication": (
        "paper_id preprint_source preprint_id preprint_date n_preprint_versions published_doi published_venue_name"
        " published_date lag_days title_similarity title_changed authors_changed link_method link_confidence"
        " published_status"
    ),
    "courses_calendar": (
        "course_id course_key course_title_fr course_title_en offering_id cohort_label session_number session_date"
        " session_start_time session_end_time timezone offering_start_date offering_end_date date_kind"
        " date_precision is_year_inferred date_confidence dates_text delivery_mode language provider_name"
        " audience_text registration_status registration_url registration_deadline price currency source_url"
        " first_seen_at last_seen_at days_until status"
    ),
    "field_provenance": (
        "paper_id field_name value_text source_name source_record_id source_url observed_at chosen_rule"
        " n_agreeing_sources n_disagreeing_sources other_values_text is_manual actor"
    ),
    "source_records": (
        "source source_key record_id paper_id title publication_year author_names_text doi is_deleted text_state"
        " source_url payload_sha256 match_verdict_text first_seen_at last_seen_at source_updated_at"
    ),
    "data_quality_summary": (
        "check_name description severity entity_type n_checked n_failed failed_share example_ids_text checked_on"
        " trend_7d"
    ),
    "freshness": (
        "source_name last_success_at last_attempt_at last_status hours_since_success expected_every_hours is_late"
        " n_records n_new_last_run last_error"
    ),
}
"""View -> columns that are promised, in this order; more may follow them."""

PLAIN_TYPES = {
    "text", "integer", "bigint", "double precision", "boolean", "date", "timestamp with time zone",
}  # fmt: skip


@pytest.fixture
def catalog(database: str) -> Iterator[Connection]:
    """A connection to a migrated, empty catalog."""
    with psycopg.connect(database, autocommit=True, row_factory=dict_row) as connection:
        yield connection


def rows(connection: Connection, query: str, *parameters: Any) -> list[dict[str, Any]]:
    return connection.execute(query, parameters).fetchall()


def refresh(connection: Connection) -> None:
    """What the worker does after changes."""
    with connection.cursor(row_factory=tuple_row) as cursor:
        for mart in marts.names(cursor):
            marts.renew(cursor, mart)
        marts.count_issues(cursor)


def names() -> list[str]:
    return [stem.split("_", 1)[1] for stem, sql in views.statements() if "create view analytics." in sql]


def add_record(
    connection: Connection, source: str, key: str, paper_id: int | None, document: dict[str, Any], url: str
) -> int:
    """One record as the pipeline stores it, read from a page of its own."""
    payload = f"{source}/{key}".encode()
    connection.execute(
        "insert into raw.payload (sha256, body, media_type, size_bytes) values (sha256(%s), 'x', 'text/html', 1)",
        (payload,),
    )
    observation = connection.execute(
        "insert into raw.observation (source, adapter, request_key, request_hash, stream, sha256, as_of, status)"
        " values (%s, 'table', %s, 1, 1, sha256(%s), now(), 200) returning observation_id",
        (source, url, payload),
    ).fetchone()
    assert observation
    body = json.dumps({"type": "paper", "source_key": key, **document}).encode()
    record = connection.execute(
        "insert into catalog.record (source, source_key, entity, document, content_hash, as_of, stream,"
        " observation_id, asked) values (%s, %s, 'paper', %s, 'x', now(), 1, %s, false) returning record_id",
        (source, key, body, observation["observation_id"]),
    ).fetchone()
    assert record
    if paper_id is not None:
        connection.execute("insert into catalog.member values (%s, %s)", (record["record_id"], paper_id))
    return int(record["record_id"])


def add_paper(connection: Connection, **columns: Any) -> int:
    given = {"n_authors": 0, "n_records": 1, "fingerprints": b"", **columns}
    marks = ", ".join(["%s"] * len(given))
    found = connection.execute(
        f"insert into catalog.paper ({', '.join(given)}) values ({marks}) returning paper_id",  # noqa: S608
        [json.dumps(v) if name in ("provenance", "versions", "links") else v for name, v in given.items()],
    ).fetchone()
    assert found
    return int(found["paper_id"])


def merged_paper(connection: Connection) -> tuple[int, int, int]:
    """A paper of two records that disagree about year and title; (paper, journal's record, archive's record)."""
    paper_id = add_paper(
        connection,
        title="Learning to see",
        title_language="en",
        title_state="whole",
        abstract="We look. We see more.",
        abstract_state="whole",
        status="published",
        kind="article",
        published="2021-04",
        year=2021,
        venue="Journal of Seeing",
        venue_kind="journal",
        n_authors=2,
        authors_state="whole",
        n_records=2,
        links=[["https://example.org/see", "landing"]],
        landing_url="https://example.org/see",
        versions=[
            {"kind": "journal", "venue": "Journal of Seeing", "date": "2021-04-01", "sources": ["journal"],
             "identifiers": [["doi", "10.5555/see"]]},
            {"kind": "preprint", "date": "2020-12-31", "sources": ["archive"],
             "identifiers": [["arxiv", "2012.00001"]]},
        ],
    )  # fmt: skip
    authors = [{"name": "Ada Lovelace"}, {"name": "Émile Borel"}]
    journal = add_record(
        connection, "journal", "see", paper_id,
        {"title": "Learning to see", "date": "2021-04", "venue": "Journal of Seeing", "authors": authors,
         "identifiers": [["doi", "10.5555/see"]], "links": [{"url": "https://example.org/see"}]},
        "https://example.org/issue/4",
    )  # fmt: skip
    archive = add_record(
        connection, "archive", "2012.00001", paper_id,
        {"title": "Learning, to See!", "date": "2020-12-31", "abstract": "We look. We see more.",
         "abstract_state": "whole", "authors": authors[:1], "identifiers": [["arxiv", "2012.00001"]]},
        "https://archive.example.org/list",
    )  # fmt: skip
    provenance = {
        name: [journal, "preferred_version"]
        for name in ("title", "title_language", "title_state", "publication_date", "venue", "venue_kind", "kind")
    }
    provenance |= {"abstract": [archive, "only"], "authors": [journal, "longer_list"]}
    provenance |= {"identifiers": [journal, "united"], "status": [journal, "furthest"]}
    connection.execute(
        "update catalog.paper set provenance = %s where paper_id = %s", (json.dumps(provenance), paper_id)
    )
    connection.execute(
        "insert into catalog.identifier values ('doi', '10.5555/see', %(p)s), ('arxiv', '2012.00001', %(p)s),"
        " ('doi', '10.48550/arxiv.2012.00001', %(p)s)",
        {"p": paper_id},
    )
    connection.execute(
        "insert into catalog.verdict values (%s, %s, 'same', 0.984,"
        " E'year -0.5 2021 2020\\nsame_title +4.0\\nauthors +1.5 1 of 2\\nabstract +0.1\\nsame_words +2.0', 1)",
        (journal, archive),
    )
    for position, name in enumerate(("Ada Lovelace", "Émile Borel"), start=1):
        person = connection.execute(
            "insert into catalog.author (block, identity, display_name, method, confidence, identifiers)"
            " values (%s, %s, %s, 'name', 0.8, %s) returning author_id",
            (position, name, name, ["orcid:0000-0002-1825-0097"] if position == 1 else []),
        ).fetchone()
        assert person
        connection.execute(
            "insert into catalog.author_name values (%s, %s, %s, %s)", (position, name, position, person["author_id"])
        )
        connection.execute(
            "insert into catalog.authorship (paper_id, position, name_id, credited_as, affiliations)"
            " values (%s, %s, %s, %s, %s)",
            (paper_id, position, position, name,
             '[["Mila", "https://ror.org/05c22rx21", "CA"], ["UdeM", null, "CA"]]' if position == 1 else None),
        )  # fmt: skip
    return paper_id, journal, archive


# What holds for all of them


def test_every_table_view_and_column_is_explained(catalog: Connection) -> None:
    silent = rows(
        catalog,
        """
        select n.nspname, c.relname, a.attname
        from pg_class c
        join pg_namespace n on n.oid = c.relnamespace
        join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
        where n.nspname in ('raw', 'ops', 'catalog', 'analytics') and c.relkind in ('r', 'p', 'v', 'm')
          and not c.relispartition
          and (coalesce(col_description(c.oid, a.attnum), '') = '' or coalesce(obj_description(c.oid), '') = '')
        """,
    )
    assert silent == []


def test_the_first_sentence_of_a_view_is_its_grain(catalog: Connection) -> None:
    comments = rows(catalog, "select distinct view_name, view_comment from analytics.data_dictionary")
    assert {c["view_name"] for c in comments} == set(names())
    assert [c for c in comments if not c["view_comment"].startswith("One row per ")] == []


def test_only_types_every_tool_understands(catalog: Connection) -> None:
    found = rows(catalog, "select view_name, column_name, data_type from analytics.data_dictionary")
    assert [c for c in found if c["data_type"] not in PLAIN_TYPES] == []


def test_promised_columns_stand_in_their_order(catalog: Connection) -> None:
    for view, columns in PROMISED.items():
        found = rows(
            catalog, "select column_name from analytics.data_dictionary where view_name = %s order by ordinal", view
        )
        promised = columns.split()
        assert [c["column_name"] for c in found][: len(promised)] == promised, view


def test_every_view_answers_empty_and_filled(catalog: Connection) -> None:
    for filled in (False, True):
        if filled:
            merged_paper(catalog)
            two_days(catalog)
        for view in names():
            catalog.execute(f"explain select * from analytics.{view}")  # noqa: S608
            catalog.execute(f"select * from analytics.{view}")  # noqa: S608


def test_a_reader_needs_no_right_below_the_views(catalog: Connection) -> None:
    merged_paper(catalog)
    two_days(catalog)
    catalog.execute("create role only_reads")
    try:
        catalog.execute("grant usage on schema analytics to only_reads")
        catalog.execute("grant select on all tables in schema analytics to only_reads")
        catalog.execute("set role only_reads")
        for view in names():
            catalog.execute(f"select * from analytics.{view}")  # noqa: S608
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            catalog.execute("select * from catalog.paper")
    finally:
        catalog.execute("reset role")
        catalog.execute("drop owned by only_reads")
        catalog.execute("drop role only_reads")


def test_one_paper_is_found_by_index(catalog: Connection) -> None:
    """With tables large enough to be worth an index, no table of papers or records is read whole."""
    catalog.execute(
        "insert into catalog.paper (title, n_authors, n_records, fingerprints)"
        " select 'Work ' || n, 1, 1, '' from generate_series(1, 3000) n"
    )
    catalog.execute(
        "insert into catalog.record (source, source_key, entity, document, content_hash, as_of, stream,"
        " observation_id, asked) select 's', n::text, 'paper', '{}', '', now(), 1, n, false"
        " from generate_series(1, 3000) n"
    )
    catalog.execute("insert into catalog.member select record_id, record_id from catalog.record")
    catalog.execute("insert into catalog.identifier select 'doi', '10.1/' || n, n from generate_series(1, 3000) n")
    catalog.execute(
        "insert into catalog.authorship (paper_id, position, name_id, credited_as)"
        " select n, 1, n, 'A' from generate_series(1, 3000) n"
    )
    catalog.execute("insert into catalog.verdict select n, n + 1, 'same', 1, 'x', 1 from generate_series(1, 2999) n")
    catalog.execute("analyze")
    for view in ("papers", "source_records", "field_provenance", "authorships", "paper_versions", "paper_identifiers"):
        query = f"explain select * from analytics.{view} where paper_id = 77"  # noqa: S608
        plan = "\n".join(str(line["QUERY PLAN"]) for line in catalog.execute(query))
        assert "Index" in plan
        for table in ("paper", "record", "member", "identifier", "authorship", "verdict"):
            assert f"Seq Scan on {table} " not in plan, view


def test_what_is_not_asked_for_is_not_computed(catalog: Connection) -> None:
    plan = str(rows(catalog, "explain select count(*) from analytics.papers"))
    assert "identifier" not in plan
    assert "authorship" not in plan


# Papers


def test_a_merged_paper(catalog: Connection) -> None:
    paper_id, *_ = merged_paper(catalog)
    [paper] = rows(catalog, "select * from analytics.papers")
    expected = {
        "paper_id": paper_id,
        "paper_key": "p-000001",
        "publication_date": date(2021, 4, 1),
        "publication_date_precision": "month",
        "publication_year": 2021,
        "is_peer_reviewed": True,
        "doi": "10.5555/see",
        "arxiv_id": "2012.00001",
        "oa_status": "unknown",
        "is_open_access": None,
        "author_names_text": "Ada Lovelace; Émile Borel",
        "first_author_name": "Ada Lovelace",
        "last_author_name": "Émile Borel",
        "n_sources": 2,
        "n_records": 2,
        "has_conflict": False,
        "quality_score": 1.0,
    }
    assert {name: paper[name] for name in expected} == expected


def test_numbers_longer_than_the_padding_stay_whole(catalog: Connection) -> None:
    add_paper(catalog, paper_id=12_345_678, title="x")
    assert rows(catalog, "select paper_key from analytics.papers") == [{"paper_key": "p-12345678"}]


def test_partial_dates(catalog: Connection) -> None:
    expected = {
        "2021": (date(2021, 1, 1), "year"),
        "2021-12": (date(2021, 12, 1), "month"),
        "2021-12-24": (date(2021, 12, 24), "day"),
        "2021-02-30": (date(2021, 3, 2), "day"),  # what no calendar has must not break a query over all papers
        "0000": (None, "year"),
        "2021-13": (None, "month"),
    }
    for published in expected:
        add_paper(catalog, title=published, published=published)
    found = rows(catalog, "select title, publication_date d, publication_date_precision p from analytics.papers")
    assert {r["title"]: (r["d"], r["p"]) for r in found} == expected


def test_a_doubt_inside_a_paper_is_a_conflict(catalog: Connection) -> None:
    paper_id, journal, _ = merged_paper(catalog)
    third = add_record(catalog, "third", "k", paper_id, {"title": "Learning to see"}, "file.csv")
    catalog.execute("insert into catalog.verdict values (%s, %s, 'unsure', 0.5, 'x +2.0', 1)", (journal, third))
    assert rows(catalog, "select has_conflict from analytics.papers") == [{"has_conflict": True}]
    [pair] = rows(catalog, "select * from analytics.duplicate_candidates")
    assert (pair["paper_a_id"], pair["paper_b_id"], pair["is_same_paper"]) == (paper_id, paper_id, True)


def test_authors_and_what_they_did(catalog: Connection) -> None:
    merged_paper(catalog)
    refresh(catalog)
    ada, emile = rows(catalog, "select * from analytics.authors order by author_id")
    assert (ada["orcid"], ada["n_papers"], ada["n_coauthors"], ada["h_index"]) == ("0000-0002-1825-0097", 1, 1, 0)
    assert emile["orcid"] is None
    first, last = rows(catalog, "select * from analytics.authorships order by author_order")
    assert (first["affiliations_text"], first["country_codes_text"], first["n_affiliations"]) == ("Mila; UdeM", "CA", 2)
    assert (first["is_first"], first["is_last"], last["is_last"], last["author_weight"]) == (True, False, True, 0.5)
    assert len(rows(catalog, "select * from analytics.authorship_affiliations")) == 2
    [edge] = rows(catalog, "select * from analytics.coauthor_edges")
    assert (edge["author_a_name"], edge["author_b_name"], edge["weight_fractional"]) == (
        "Ada Lovelace", "Émile Borel", 1.0,
    )  # fmt: skip


def test_a_name_of_several_people_is_told_apart_by_the_authorship(catalog: Connection) -> None:
    paper_id, *_ = merged_paper(catalog)
    catalog.execute("update catalog.authorship set author_id = 2 where paper_id = %s and position = 1", (paper_id,))
    found = rows(catalog, "select author_order, author_id from analytics.authorships order by author_order")
    assert [r["author_id"] for r in found] == [2, 2]
    refresh(catalog)
    assert rows(catalog, "select n_papers from analytics.authors where author_id = 2") == [{"n_papers": 1}]


def test_versions_of_a_paper(catalog: Connection) -> None:
    merged_paper(catalog)
    journal, preprint = rows(catalog, "select * from analytics.paper_versions order by version_order")
    assert (journal["version_kind"], journal["doi"], journal["is_preferred"]) == ("journal", "10.5555/see", True)
    assert (preprint["version_kind"], preprint["arxiv_id"], preprint["sources_text"]) == (
        "preprint", "2012.00001", "archive",
    )  # fmt: skip
    [link] = rows(catalog, "select * from analytics.preprint_publication")
    assert (link["preprint_source"], link["preprint_id"], link["published_doi"]) == (
        "arXiv", "2012.00001", "10.5555/see",
    )  # fmt: skip
    assert link["lag_days"] == (date(2021, 4, 1) - date(2020, 12, 31)).days


def test_a_paper_of_one_version_is_that_version(catalog: Connection) -> None:
    """The table stores versions only when there are several."""
    paper_id = add_paper(catalog, title="x", status="preprint", venue="arXiv", published="2024-05-06", year=2024)
    catalog.execute("insert into catalog.identifier values ('arxiv', '2405.00001', %s)", (paper_id,))
    [version] = rows(catalog, "select * from analytics.paper_versions")
    assert (version["version_kind"], version["arxiv_id"], version["version_date"]) == (
        "preprint", "2405.00001", date(2024, 5, 6),
    )  # fmt: skip
    [link] = rows(catalog, "select * from analytics.preprint_publication")
    assert (link["preprint_id"], link["published_status"], link["lag_days"]) == ("2405.00001", None, None)


# Trust


def test_provenance_of_a_merged_paper(catalog: Connection) -> None:
    paper_id, journal, archive = merged_paper(catalog)
    found = {
        r["field_name"]: r
        for r in rows(catalog, "select * from analytics.field_provenance where paper_id = %s", paper_id)
    }
    title = found["title"]
    assert (title["source_name"], title["source_record_id"], title["chosen_rule"]) == (
        "journal", journal, "preferred_version",
    )  # fmt: skip
    assert (title["n_agreeing_sources"], title["n_disagreeing_sources"]) == (2, 0)  # capitals and commas apart
    when = found["publication_date"]
    assert (when["value_text"], when["n_disagreeing_sources"]) == ("2021-04", 1)
    assert when["other_values_text"] == "archive: 2020-12-31"
    assert found["abstract"]["source_record_id"] == archive
    assert found["abstract"]["source_url"] == "https://archive.example.org/list"
    assert found["authors"]["other_values_text"] == "archive: Ada Lovelace"
    assert found["identifiers"]["n_disagreeing_sources"] == 0
    assert found["status"]["n_agreeing_sources"] == 0
    assert "pages" not in found


def test_a_person_s_word_has_no_record(catalog: Connection) -> None:
    paper_id, *_ = merged_paper(catalog)
    catalog.execute("update catalog.paper set provenance = jsonb_set(provenance, '{venue}', '[0, \"person\"]')")
    [venue] = rows(catalog, "select * from analytics.field_provenance where field_name = 'venue'")
    assert (venue["paper_id"], venue["is_manual"], venue["source_name"]) == (paper_id, True, None)


def test_provenance_of_a_single_record_needs_no_column(catalog: Connection) -> None:
    paper_id = add_paper(
        catalog, title="Alone", title_state="whole", status="unknown", published="2020", year=2020,
        landing_url="https://doi.org/10.5555/alone",
    )  # fmt: skip
    catalog.execute("insert into catalog.identifier values ('doi', '10.5555/alone', %s)", (paper_id,))
    record = add_record(
        catalog, "journal", "alone", paper_id,
        {"title": "Alone", "date": "2020", "identifiers": [["doi", "10.5555/alone"]]}, "rows.csv",
    )  # fmt: skip
    found = {r["field_name"]: r for r in rows(catalog, "select * from analytics.field_provenance")}
    assert set(found) == {"title", "title_state", "publication_date", "identifiers", "landing_url"}
    assert {r["source_record_id"] for r in found.values()} == {record}
    assert {n: r["chosen_rule"] for n, r in found.items() if r["chosen_rule"] != "only"} == {
        "landing_url": "identifier"
    }
    assert (found["title"]["n_agreeing_sources"], found["landing_url"]["n_agreeing_sources"]) == (1, 0)


def test_records_say_why_they_belong_to_their_paper(catalog: Connection) -> None:
    paper_id, journal, archive = merged_paper(catalog)
    alone = add_record(catalog, "third", "k", None, {"abstract": "We do", "abstract_state": "cut"}, "page.txt")
    found = {r["record_id"]: r for r in rows(catalog, "select * from analytics.source_records")}
    assert found[journal]["match_verdict_text"] == (
        "same as archive 2012.00001 (0.98): same_title +4.0; same_words +2.0; authors +1.5 1 of 2"
    )
    assert found[archive]["match_verdict_text"].startswith("same as journal see (0.98): ")
    assert found[journal]["source_url"] == "https://example.org/see"
    assert found[archive]["source_url"] == "https://archive.example.org/list"
    assert (found[journal]["publication_year"], found[journal]["doi"]) == (2021, "10.5555/see")
    assert found[journal]["author_names_text"] == "Ada Lovelace; Émile Borel"
    assert (found[journal]["text_state"], found[archive]["text_state"]) == (None, "whole")
    assert (found[alone]["paper_id"], found[alone]["text_state"]) == (None, "cut")
    assert (found[alone]["match_verdict_text"], found[alone]["source_url"]) == (None, None)
    assert found[journal]["paper_id"] == paper_id
    assert len(found[journal]["payload_sha256"]) == 64


def test_a_record_was_last_seen_when_its_bytes_last_came(catalog: Connection) -> None:
    _, journal, _ = merged_paper(catalog)
    catalog.execute(
        "insert into raw.observation (source, adapter, request_key, request_hash, stream, sha256, as_of, fetched_at,"
        " status) select source, adapter, request_key, request_hash, stream, sha256, as_of, '2031-01-01Z', status"
        " from raw.observation where source = 'journal'"
    )
    [seen] = rows(
        catalog, "select last_seen_at::date as day from analytics.source_records where record_id = %s", journal
    )
    assert seen == {"day": date(2031, 1, 1)}


def test_merges_and_redirects(catalog: Connection) -> None:
    paper_id, *_ = merged_paper(catalog)
    catalog.execute("insert into catalog.redirect (entity, from_id, to_id) values ('paper', 77, %s)", (paper_id,))
    catalog.execute("insert into catalog.redirect (entity, from_id, to_id) values ('author', 78, 1)")
    [merge] = rows(catalog, "select * from analytics.merges")
    assert merge["records_text"] == "archive:2012.00001; journal:see"
    assert (merge["redirected_paper_ids_text"], round(merge["weakest_score"], 3)) == ("77", 0.984)
    [redirect] = rows(catalog, "select * from analytics.paper_redirects")
    assert (redirect["from_paper_key"], redirect["to_paper_id"]) == ("p-000077", paper_id)
    assert len(rows(catalog, "select * from analytics.author_redirects")) == 1


def test_quality_counts_what_is_missing(catalog: Connection) -> None:
    merged_paper(catalog)
    bare = add_paper(catalog, abstract="Only the beg", abstract_state="cut")
    refresh(catalog)
    checks = {r["check_name"]: r for r in rows(catalog, "select * from analytics.data_quality_summary")}
    for name in ("paper_without_title", "paper_without_authors", "paper_with_cut_abstract", "paper_without_year"):
        assert (checks[name]["n_checked"], checks[name]["n_failed"], checks[name]["failed_share"]) == (2, 1, 0.5)
        assert checks[name]["example_ids_text"] == str(bare)
    assert checks["doi_on_several_papers"]["n_failed"] == 0
    assert checks["paper_without_abstract"]["n_failed"] == 0


def test_runs_and_freshness(catalog: Connection) -> None:
    catalog.execute(
        "insert into ops.harvest (source, kind, stream, state, n_new, started_at, finished_at) values"
        " ('journal', 'sweep', 1, 'done', 7, now() - interval '30 hours', now() - interval '29 hours'),"
        " ('journal', 'question', 2, 'done', 1, now(), now())"
    )
    catalog.execute(
        "insert into ops.harvest (source, kind, stream, state, error, started_at) values"
        " ('journal', 'sweep', 1, 'failed', 'The far side is away.', now() - interval '1 hour')"
    )
    catalog.execute("insert into ops.schedule (schedule, source, every_s) values ('journal', 'journal', 43200)")
    assert [r["state"] for r in rows(catalog, "select state from analytics.sync_runs order by started_at")] == [
        "done", "failed",
    ]  # fmt: skip
    [done] = rows(catalog, "select duration_seconds from analytics.sync_runs where state = 'done'")
    assert done["duration_seconds"] == pytest.approx(3600, abs=1)
    [fresh] = rows(catalog, "select * from analytics.freshness")
    assert fresh["hours_since_success"] == pytest.approx(29, abs=0.1)
    assert (fresh["expected_every_hours"], fresh["is_late"], fresh["last_status"]) == (12, True, "failed")
    assert fresh["last_error"] == "The far side is away."


# Shares and counts


def test_open_access_shares_name_their_denominator(catalog: Connection) -> None:
    for status in ("gold", "gold", "closed", None):
        add_paper(catalog, title="x", year=2022, oa_status=status)
    refresh(catalog)
    found = {r["oa_status"]: r for r in rows(catalog, "select * from analytics.open_access_by_year")}
    assert (found["gold"]["oa_share"], found["gold"]["share_of_known"]) == (0.5, pytest.approx(2 / 3))
    assert (found["unknown"]["n_total"], found["unknown"]["share_of_known"]) == (4, None)


def test_venues_by_year(catalog: Connection) -> None:
    for year, count in ((2020, 2), (2021, 3), (2023, 1)):
        for n in range(count):
            add_paper(catalog, title="x", year=year, venue="V", venue_kind="journal", kind="article", n_citations=n)
    add_paper(catalog, title="x", year=2021, venue="W")
    refresh(catalog)
    found = {
        (r["publication_year"], r["venue_name"]): r
        for r in rows(catalog, "select * from analytics.papers_by_venue_year")
    }
    assert [found[y, "V"]["yoy_change"] for y in (2020, 2021, 2023)] == [None, 0.5, None]
    assert (found[2021, "V"]["share_of_year"], found[2021, "V"]["rank_in_year"]) == (0.75, 1)
    assert (found[2021, "W"]["rank_in_year"], found[2021, "V"]["median_citations"]) == (2, 1.0)


# Courses


def two_days(connection: Connection) -> date:
    """A course on two single days, yesterday and in five days, and one of a whole month; returns today."""
    row = connection.execute("select current_date as today").fetchone()
    assert row
    today: date = row["today"]
    connection.execute(
        "insert into catalog.course (identity, title_fr, provenance, content_hash, url_en)"
        " values ('mila:a', 'Avantage', '{}', '', 'https://example.org/en/a'), ('mila:b', 'Mois', '{}', '', null)"
    )
    connection.execute(
        "insert into catalog.offering (course_id, position, date_kind, start_date, end_date, date_precision,"
        " year_inferred, date_confidence, timezone, mode) values"
        " (1, 1, 'set', %s, %s, 'day', false, 1, 'America/Toronto', 'online'),"
        " (2, 1, 'coarse', %s, %s, 'month', true, 0.5, 'America/Toronto', null)",
        (today - timedelta(days=1), today + timedelta(days=5), today.replace(day=1), today.replace(day=1)),
    )
    connection.execute(
        "insert into catalog.course_session values (1, 1, %s, '09:00', '12:00'), (1, 2, %s, null, null)",
        (today - timedelta(days=1), today + timedelta(days=5)),
    )
    connection.execute("insert into catalog.course_person (course_id, name) values (1, 'Ada Lovelace')")
    return today


def test_a_set_of_two_days_gives_two_calendar_rows(catalog: Connection) -> None:
    today = two_days(catalog)
    past, next_, coarse = rows(catalog, "select * from analytics.courses_calendar order by course_id, session_number")
    assert (past["session_date"], past["status"], past["days_until"]) == (today - timedelta(days=1), "past", -1)
    assert (next_["session_date"], next_["status"], next_["days_until"]) == (today + timedelta(days=5), "upcoming", 5)
    assert (past["session_start_time"], past["delivery_mode"]) == ("09:00", "online")
    assert past["source_url"] == "https://example.org/en/a"
    assert (coarse["session_number"], coarse["status"], coarse["is_year_inferred"]) == (None, "running", True)
    [offering] = rows(catalog, "select * from analytics.course_offerings where course_id = 1")
    assert (offering["n_sessions"], offering["status"]) == (2, "running")
    [course] = rows(catalog, "select * from analytics.courses where course_id = 1")
    assert (course["course_key"], course["n_offerings"], course["instructor_names_text"]) == (
        "c-000001", 1, "Ada Lovelace",
    )  # fmt: skip


# The calendar and the contract


def test_dates(catalog: Connection) -> None:
    expected = {
        date(2021, 1, 3): (53, "Hiver", "2020-2021", True),
        date(2026, 4, 1): (14, "Hiver", "2026-2027", False),
        date(2026, 9, 1): (36, "Automne", "2026-2027", False),
        date(2040, 12, 31): (1, "Automne", "2040-2041", False),
    }
    for day, facts in expected.items():
        [found] = rows(catalog, "select * from analytics.dates where calendar_date = %s", day)
        assert (found["iso_week"], found["academic_term_fr"], found["fiscal_year"], found["is_weekend"]) == facts


def test_dates_has_every_day_once(catalog: Connection) -> None:
    [found] = rows(
        catalog,
        "select count(distinct calendar_date) n, min(calendar_date) a, max(calendar_date) b from analytics.dates",
    )
    assert found == {"n": (date(2041, 1, 1) - date(1990, 1, 1)).days, "a": date(1990, 1, 1), "b": date(2040, 12, 31)}


def test_the_contract_names_its_version_and_tables(catalog: Connection) -> None:
    [contract] = rows(catalog, "select * from analytics.contract")
    [head] = rows(catalog, "select version_num from public.alembic_version")
    assert (contract["contract_version"], contract["migration_head"]) == ("0.3.0", head["version_num"])
    changes = rows(
        catalog,
        "select distinct contract_version from analytics.changelog"
        " where released_on = (select max(released_on) from analytics.changelog)",
    )
    assert changes == [{"contract_version": contract["contract_version"]}]


def test_the_readme_names_every_view_and_its_queries_run(catalog: Connection) -> None:
    readme = Path(views.__file__).parents[1].joinpath("README.md").read_text(encoding="utf-8")
    section = readme.split("## The views")[1].split("\n- ")[0]
    assert sorted(re.findall(r"`(\w+)`", section)) == sorted(names())
    queries = re.findall(r"```sql\n(.*?)```", readme, re.DOTALL)
    assert len(queries) == 2
    for query in queries:
        catalog.execute(query)
