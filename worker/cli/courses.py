"""``pubcat courses``: training courses, their cohorts and days."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Annotated, Any

import typer

from worker.cli import common, decide

if TYPE_CHECKING:
    from catalog.engine import Cursor
    from worker.pipeline.decisions import Draft

app = common.group("List courses, show one, or correct one.", "pubcat courses list")

_LIST = """
    select o.*, c.course_id, c.course_key, c.course_title_fr, c.course_title_en, c.provider_name, c.audience_text,
           coalesce(c.course_title_en, c.course_title_fr) as title,
           coalesce(o.session_dates_text, o.offering_start_date::text
                    || coalesce(' to ' || nullif(o.offering_end_date, o.offering_start_date), '')) as days
    from analytics.courses c left join analytics.course_offerings o using (course_id)
    order by o.offering_start_date nulls last, c.course_id, o.offering_order
"""


@app.command("list", epilog=common.example("pubcat courses list", "pubcat courses list --json"))
def list_(json: common.Json = False) -> None:
    """List every announced cohort, earliest first; courses without one come last."""
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

    with common.reading() as cursor:
        found = common.rows(cursor, "select * from analytics.courses where course_id = %s", (_number(course),))
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


def _number(text: str) -> int:
    """The number in ``c-000123``; -1 for anything else."""
    number = re.fullmatch(r"(?:c-)?0*(\d{1,18})", text.strip(), re.I)
    return int(number[1]) if number else -1


@app.command("set", epilog=common.example("pubcat courses set c-000001 provider Mila"))
def set_(
    course: Annotated[str, typer.Argument(metavar="ID", help="c-000123 or a number.")],
    field: Annotated[str, typer.Argument(metavar="FIELD", help="title_fr, title_en, provider, instructors ...")],
    value: Annotated[
        str, typer.Argument(metavar="VALUE", help='The value; instructors with ";" between; "" for nothing.')
    ],
    why: decide.Why = None,
    by: decide.By = None,
    dry_run: decide.DryRun = False,
    json: common.Json = False,
) -> None:
    """Give a field another value, which stays whatever pages say; pubcat undo ends it."""
    decide.command(lambda cursor: _fixing(cursor, course, field, value), by, why, dry_run=dry_run, json=json)


COLUMNS = {
    "course_title_fr": "title_fr", "course_title_en": "title_en", "provider_name": "provider",
    "audience_text": "audience", "instructor_names_text": "instructors",
}  # fmt: skip
"""Columns of ``analytics.courses`` -> the fields they show."""


def _fixing(cursor: Cursor, course: str, field: str, text: str) -> Draft:
    from worker.errors import Misconfigured
    from worker.merge.courses import fixed_value
    from worker.pipeline.decisions import Draft, Subject

    field = COLUMNS.get(field, field)
    records = tuple(
        Subject(*row)
        for row in cursor.execute(
            "select r.source, r.source_key from catalog.course_member join catalog.record r using (record_id)"
            " where course_id = %s order by r.record_id",
            (_number(course),),
        )
    )
    if not records:
        raise Misconfigured(f"no course is known as {course!r}; see pubcat courses list")
    value: Any = text.strip() or None
    if field == "instructors":
        value = [part.strip() for part in text.split(";") if part.strip()]
    try:
        fixed_value(field, value)
    except ValueError as error:
        raise Misconfigured(str(error)) from error
    return Draft("course", "set", (records,), field, value)
