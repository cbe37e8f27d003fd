"""``pubcat courses``: training courses, their cohorts and days."""

from __future__ import annotations

import re
from typing import Annotated

import typer

from worker.cli import common

app = common.group("List courses, or show one.", "pubcat courses list")

_LIST = """
    select 'c-' || lpad(o.course_id::text, 6, '0') as course_key, o.*,
           coalesce(o.course_title_en, o.course_title_fr) as title,
           coalesce(o.session_dates_text, o.offering_start_date::text
                    || coalesce(' to ' || nullif(o.offering_end_date, o.offering_start_date), '')) as days
    from analytics.course_offerings o order by offering_start_date nulls last, course_id, offering_order
"""


@app.command("list", epilog=common.example("pubcat courses list", "pubcat courses list --json"))
def list_(json: common.Json = False) -> None:
    """List every announced cohort, earliest first."""
    with common.reading() as cursor:
        found = common.rows(cursor, _LIST)
    columns = {"course_key": "course", "title": "title", "days": "days", "is_year_inferred": "year inferred",
               "delivery_mode": "mode", "status": "status", "dates_text": "as written"}  # fmt: skip
    common.show(found, columns, json=json, empty="no courses")


@app.command(epilog=common.example("pubcat courses show c-000001"))
def show(
    course: Annotated[str, typer.Argument(help="c-000123 or a number.")],
    json: common.Json = False,
) -> None:
    """Show a course: texts in both languages, cohorts, days, who teaches it, who says so."""
    from worker.errors import Misconfigured

    number = re.fullmatch(r"(?:c-)?0*(\d{1,18})", course.strip(), re.I)
    with common.reading() as cursor:
        found = common.rows(
            cursor, "select * from analytics.courses where course_id = %s", (int(number[1]) if number else -1,)
        )
        if not found:
            raise Misconfigured(f"no course is known as {course!r}; see pubcat courses list")
        days = common.rows(
            cursor, "select * from analytics.courses_calendar where course_id = %s order by offering_id,"
            " session_number", (found[0]["course_id"],)
        )  # fmt: skip
    if json:
        common.print_json({**found[0], "calendar": days})
        return
    known = found[0]
    names = ("course_key", "course_title_fr", "course_title_en", "description_fr", "description_en", "provider_name",
             "audience_text", "instructor_names_text", "url_fr", "url_en", "sources_text")  # fmt: skip
    common.facts([(name.removesuffix("_text").replace("_", " "), known[name]) for name in names])
    typer.echo()
    columns = {"cohort_label": "cohort", "session_date": "day", "session_start_time": "from", "session_end_time": "to",
               "offering_start_date": "starts", "delivery_mode": "mode", "status": "status",
               "dates_text": "as written"}  # fmt: skip
    common.show(days, columns, empty="no cohort is announced")
