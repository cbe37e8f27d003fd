"""The calendar of courses, read back by the library that calendars use."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest
from icalendar import Calendar

from tests.export.hostile import STRINGS
from worker.export.agenda import calendar

STAMP = datetime(2026, 3, 20, tzinfo=UTC)
ROW: dict[str, Any] = {
    "course_key": "c-000001", "course_title_fr": "Avantage IA", "course_title_en": None, "offering_id": 4,
    "cohort_label": None, "session_number": 1, "session_date": date(2026, 4, 28), "session_start_time": "09:00",
    "session_end_time": "12:30", "timezone": "America/Toronto", "offering_start_date": date(2026, 4, 28),
    "offering_end_date": date(2026, 4, 30), "is_year_inferred": True, "dates_text": "les 28 et 30 avril",
    "audience_text": None, "registration_url": "https://example.org/r", "source_url": None, "price": None,
    "currency": None, "location": "Montréal", "status": "upcoming",
}  # fmt: skip


def _events(*rows: dict[str, Any]) -> list[Any]:
    return list(Calendar.from_ical(calendar(rows, STAMP)).walk("VEVENT"))


def test_a_day_with_hours() -> None:
    [event] = _events(ROW)
    assert event["dtstart"].dt.isoformat() == "2026-04-28T09:00:00-04:00"
    assert event["dtend"].dt.isoformat() == "2026-04-28T12:30:00-04:00"
    assert event["uid"] == "c-000001-4-1@pubcat"
    assert "follows from the date of the page" in event["description"]
    assert b"BEGIN:VTIMEZONE" in calendar([ROW], STAMP)


def test_a_span_ends_the_day_after_and_no_day_is_no_event() -> None:
    span = {**ROW, "session_date": None, "session_number": None}
    [event] = _events(span, {**span, "offering_start_date": None})
    assert (event["dtstart"].dt, event["dtend"].dt) == (date(2026, 4, 28), date(2026, 5, 1))


@pytest.mark.parametrize("text", STRINGS)
def test_a_title_stays_one_line_of_one_event(text: str) -> None:
    [event] = _events({**ROW, "course_title_fr": text, "dates_text": text, "registration_url": text, "location": text})
    assert set(event) <= {
        "UID", "DTSTAMP", "SUMMARY", "DTSTART", "DTEND", "DESCRIPTION", "LOCATION", "URL", "STATUS",
    }  # fmt: skip
