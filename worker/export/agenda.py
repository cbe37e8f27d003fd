"""Courses as an iCalendar file (RFC 5545): an event for each day of a cohort, or for its whole span."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime, time, timedelta
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from icalendar import Calendar, Event


def calendar(rows: Iterable[Mapping[str, Any]], stamp: datetime) -> bytes:
    """Rows of ``analytics.courses_calendar`` as one calendar; what has no day yet is left out.

    ``stamp`` is when the calendar was made; events keep their identity over exports, so calendars update them.
    """
    made = Calendar()
    made.add("prodid", "-//pubcat//courses//EN")
    made.add("version", "2.0")
    made.add("x-wr-calname", "Courses")
    for row in rows:
        event = _event(row, stamp)
        if event is not None:
            made.add_component(event)
    made.add_missing_timezones()
    return bytes(made.to_ical())


def _event(row: Mapping[str, Any], stamp: datetime) -> Event | None:
    day: date | None = row["session_date"] or row["offering_start_date"]
    if day is None:
        return None
    event = Event()
    event.add("uid", f"{row['course_key']}-{row['offering_id']}-{row['session_number'] or 0}@pubcat")
    event.add("dtstamp", stamp)
    event.add("summary", _text(row["course_title_en"] or row["course_title_fr"] or row["course_key"]))
    start, end = _hours(row, day)
    event.add("dtstart", start)
    event.add("dtend", end)
    said = [
        row["dates_text"],
        row["audience_text"],
        row["cohort_label"],
        row["price"] and f"{row['price']} {row['currency'] or ''}",
    ]
    if row["is_year_inferred"]:
        said.append("The year was not announced; it follows from the date of the page.")
    event.add("description", "\n".join(_text(str(line)) for line in said if line))
    if row["location"]:
        event.add("location", _text(row["location"]))
    url = row["registration_url"] or row["source_url"]
    if url and urlsplit(url).scheme in ("http", "https"):
        event.add("url", url)
    event.add("status", "CANCELLED" if row["status"] == "cancelled" else "CONFIRMED")
    return event


def _hours(row: Mapping[str, Any], day: date) -> tuple[date | datetime, date | datetime]:
    """Start and end: hours when both are known, else whole days; an end is the first moment after."""
    if row["session_date"] and row["session_start_time"] and row["session_end_time"]:
        try:
            zone = ZoneInfo(row["timezone"] or "UTC")
            start = datetime.combine(day, time.fromisoformat(row["session_start_time"]), zone)
            end = datetime.combine(day, time.fromisoformat(row["session_end_time"]), zone)
        except (ValueError, ZoneInfoNotFoundError):
            pass
        else:
            return start, max(end, start)
    last = day if row["session_date"] else row["offering_end_date"] or day
    return day, max(last, day) + timedelta(days=1)


def _text(value: str) -> str:
    """Without what no calendar may hold."""
    return "".join(character for character in value if character >= " " or character == "\n")
