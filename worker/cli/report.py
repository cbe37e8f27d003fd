"""``pubcat report``: the catalog in pictures, as one page."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from worker.cli import common

if TYPE_CHECKING:
    from catalog.engine import Cursor
    from worker.export.report import Facts

app = common.single()

_COUNTS = """
    select (select count(*) from analytics.papers) as papers,
           (select count(*) from analytics.authors) as authors,
           (select count(*) from analytics.courses) as courses,
           (select count(*) from analytics.freshness where n_records > 0) as sources,
           (select coalesce(sum(n_records - 1), 0)::int8 from analytics.papers) as "duplicates merged",
           (select count(*) from analytics.duplicate_candidates where not is_same_paper) as "doubtful pairs"
"""
_YEARS = """
    select publication_year as year, coalesce(paper_type, 'other') as kind, sum(n_papers)::int4 as n
    from analytics.papers_by_venue_year
    where publication_year - extract(year from current_date)::int4 between -24 and 1
    group by 1, 2 order by 1, 2
"""
_VENUES = """
    select venue_name as name, sum(n_papers)::int4 as n from analytics.papers_by_venue_year
    where venue_name is not null group by 1 order by 2 desc, 1 limit 12
"""
_OPEN = """
    select publication_year as year, coalesce(oa_status, 'unknown') as status, n_papers as n
    from analytics.open_access_by_year
    where scope = 'all' and publication_year > extract(year from current_date)::int4 - 25
      and exists (select from analytics.open_access_by_year where oa_status <> 'unknown')
    order by 1, 2
"""
_LAGS = """
    select paper_key as paper, preprint_date, published_date, round(lag_days / 30.4375)::int4 as months
    from analytics.preprint_publication join analytics.papers using (paper_id)
    where lag_days between -365 and 3650 order by lag_days desc, paper_id
"""
_LINKS = """
    select author_a_id, author_a_name, author_b_id, author_b_name, n_papers as n from analytics.coauthor_edges
    order by n_papers desc, weight_fractional desc, author_a_id, author_b_id limit 90
"""
_PEOPLE = "select author_id, n_papers as n from analytics.authors where author_id = any(%s)"
_COMPLETE = """
    select source, field, share::float8, n from (
        select source, count(*) as n, count(title)::float8 / count(*) as title,
               count(author_names_text)::float8 / count(*) as authors,
               count(*) filter (where text_state = 'whole')::float8 / count(*) as abstract,
               count(publication_year)::float8 / count(*) as year, count(doi)::float8 / count(*) as doi
        from analytics.source_records where not is_deleted and paper_id is not null group by source) s
    cross join lateral (values ('title', title, 1), ('authors', authors, 2), ('abstract', abstract, 3),
                               ('year', year, 4), ('doi', doi, 5)) f(field, share, place)
    order by source, place
"""
_FRESH = """
    select source_name as source, last_success_at, hours_since_success as hours, n_records, is_late as late
    from analytics.freshness where last_attempt_at is not null order by late desc nulls last, 1
"""
_COURSES = """
    select coalesce(course_title_en, course_title_fr, course_key) as course,
           coalesce(session_date, offering_start_date)::text as start,
           coalesce(session_date, offering_end_date, offering_start_date)::text as "end",
           coalesce(location, delivery_mode) as place, case when is_year_inferred then 'year inferred' end as note
    from analytics.courses_calendar where coalesce(session_date, offering_start_date) is not null
    order by 2 desc, 1 limit 60
"""
_QUALITY = """
    select description, n_checked, n_failed, failed_share as share from analytics.data_quality_summary
    where n_failed > 0 order by failed_share desc, 1 limit 20
"""


@app.command(epilog=common.example("pubcat report", "pubcat report --output papers.html --title Mila"))
def report(
    output: Annotated[Path, typer.Option("--output", "-o", help="The page to write; - is standard output.")] = Path(
        "report.html"
    ),
    title: Annotated[str, typer.Option(help="What stands above it.")] = "Publications",
) -> None:
    """Write one HTML page with pictures: output, venues, open access, co-authors, lags, sources, courses.

    It opens without a network, prints well, and follows the reader's choice of light or dark.
    """
    from worker.export.report import page

    with common.reading(seconds=0, prepared=True) as cursor:
        html = page(collect(cursor, title))
    if output == Path("-"):
        typer.echo(html, nl=False)
        return
    output.parent.mkdir(parents=True, exist_ok=True)
    output.write_text(html, encoding="utf-8", errors="replace")
    common.say(f"wrote {output}; open it in any browser")


def collect(cursor: Cursor, title: str) -> Facts:
    """What the report tells, read as an analyst."""
    from worker.export.report import Facts

    def ask(query: str, *parameters: Any) -> list[dict[str, Any]]:
        return common.rows(cursor, query, parameters or None)

    [counts] = ask(_COUNTS)
    people, links = _map(ask(_LINKS), ask)
    return Facts(
        title=title, made_at=datetime.now(UTC), counts=counts, years=ask(_YEARS), venues=ask(_VENUES),
        open_access=ask(_OPEN), people=people, links=links, lags=ask(_LAGS), completeness=ask(_COMPLETE),
        freshness=ask(_FRESH), courses=ask(_COURSES), quality=ask(_QUALITY),
    )  # fmt: skip


def _map(edges: list[dict[str, Any]], ask: Any) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """People as numbered places, and the lines between them."""
    names = {edge[f"author_{side}_id"]: edge[f"author_{side}_name"] for edge in edges for side in "ab"}
    sizes = {row["author_id"]: row["n"] for row in ask(_PEOPLE, list(names))}
    place = {author_id: number for number, author_id in enumerate(names)}
    people = [{"name": name, "n": sizes.get(author_id, 1)} for author_id, name in names.items()]
    links = [
        {"source": place[edge["author_a_id"]], "target": place[edge["author_b_id"]], "n": edge["n"],
         "source_name": edge["author_a_name"], "target_name": edge["author_b_name"]}
        for edge in edges
    ]  # fmt: skip
    return people, links
