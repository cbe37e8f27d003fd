"""Dates in French and English prose: what is written is found, and no day is ever invented."""

from __future__ import annotations

import re
from datetime import date, timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from worker.normalise.dates import Dates, find_dates, partial_date, read_dates

PAGE = date(2026, 3, 20)
MONTHS = """janvier février mars avril mai juin juillet août septembre octobre novembre décembre
January February March April May June July August September October November December"""
FRENCH, ENGLISH = (line.split() for line in MONTHS.splitlines())
SCRAPS = """le les du au et and to from - , . ; 1er 3 28 30 31 29 2026 2027 99 13h30 à mardi Friday 04/05/2026
2026-04-28 printemps Fall session en in mi until avant cohorte may"""


@pytest.mark.parametrize(
    ("text", "kind", "start", "end", "inferred"),
    [
        ("les 28 et 30 avril 2026", "set", "2026-04-28", "2026-04-30", False),
        (
            "La prochaine cohorte se déroulera en ligne les 28 et 30 avril 2026.",
            "set",
            "2026-04-28",
            "2026-04-30",
            False,
        ),
        ("la cohorte qui débutera le 15 avril.", "start", "2026-04-15", None, True),
        ("du 3 au 7 mars 2026", "range", "2026-03-03", "2026-03-07", False),
        ("du 28 avril au 2 mai 2026", "range", "2026-04-28", "2026-05-02", False),
        ("1er mai 2026", "set", "2026-05-01", "2026-05-01", False),
        ("April 28 and 30, 2026", "set", "2026-04-28", "2026-04-30", False),
        ("March 3-7, 2026", "range", "2026-03-03", "2026-03-07", False),
        ("April 28–30, 2026", "range", "2026-04-28", "2026-04-30", False),
        ("04/05/2026", "none", None, None, False),
        ("avril 2026", "coarse", "2026-04", "2026-04", False),
        ("printemps 2026", "coarse", "2026-03", "2026-06", False),
        ("Hiver 2027", "coarse", "2027-01", "2027-04", False),
        ("mi-avril 2026", "coarse", "2026-04", "2026-04", False),
        ("Spring 2026", "coarse", "2026-03", "2026-06", False),
        ("le mardi 28 avril à 13 h 30", "set", "2026-04-28", "2026-04-28", True),
        ("3 mars", "set", "2026-03-03", "2026-03-03", True),
        ("9 h à 12 h", "none", None, None, False),
        ("la cohorte 5 de 2026", "none", None, None, False),
        ("les 7, 14 et 21 mai et 4 juin 2026", "set", "2026-05-07", "2026-06-04", False),
        ("Tuesday, April 28 and Thursday, April 30, 2026", "set", "2026-04-28", "2026-04-30", False),
        ("from April 28 to May 2, 2026", "range", "2026-04-28", "2026-05-02", False),
        ("entre le 3 et le 7 mars 2026", "range", "2026-03-03", "2026-03-07", False),
        ("28 décembre au 3 janvier 2027", "range", "2026-12-28", "2027-01-03", False),
        ("Register before April 1, 2026", "deadline", None, "2026-04-01", False),
        ("starts on April 15, 2026 and ends on May 20, 2026", "range", "2026-04-15", "2026-05-20", False),
        ("session d'automne", "coarse", "2026-09", "2026-12", True),
        ("débutera en AOÛT", "coarse", "2026-08", "2026-08", True),
        ("28/04/2026", "set", "2026-04-28", "2026-04-28", False),
        ("2026-04-28", "set", "2026-04-28", "2026-04-28", False),
        ("31 avril 2026", "none", None, None, False),
        ("you may 3 times", "none", None, None, False),
        ("d'avril à juin 2026", "coarse", "2026-04", "2026-06", False),
    ],
)  # fmt: skip
def test_a_phrase(text: str, kind: str, start: str | None, end: str | None, inferred: bool) -> None:
    found = read_dates(text, PAGE)
    assert (found.kind, found.start, found.end, found.year_inferred) == (kind, start, end, inferred)
    assert found.text == text


@pytest.mark.parametrize(
    ("text", "times"),
    [
        ("le mardi 28 avril à 13 h 30", ("13:30", None)),
        ("9 h à 12 h", ("09:00", "12:00")),
        ("le 28 avril 2026 de 9h30 à 12h30", ("09:30", "12:30")),
        ("May 5, 6:30 to 8 p.m.", ("18:30", "20:00")),
        ("27 mai 2024 - 14h - Salle L201", ("14:00", None)),
        ("Formation de 12 h offerte le 3 mai 2026", (None, None)),
        ("à midi", ("12:00", None)),
    ],
)
def test_times_are_read_and_durations_are_not(text: str, times: tuple[str | None, str | None]) -> None:
    assert read_dates(text, PAGE).times == times


def test_without_a_page_date_a_missing_year_stays_missing() -> None:
    found = read_dates("qui débutera le 15 avril", None)
    assert (found.kind, found.dates, found.text) == ("none", (), "qui débutera le 15 avril")
    assert found.confidence < 0.5


def test_a_weekday_decides_the_year() -> None:
    assert read_dates("samedi 15 avril", date(2026, 3, 20)).kind == "none"
    assert read_dates("mercredi 15 avril", date(2026, 3, 20)).dates == ("2026-04-15",)
    assert read_dates("jeudi 15 avril", date(2027, 3, 20)).dates == ("2027-04-15",)


def test_a_wrong_weekday_lowers_the_confidence() -> None:
    assert read_dates("lundi 28 avril 2026", PAGE).confidence < read_dates("mardi 28 avril 2026", PAGE).confidence


def test_what_is_announced_lies_ahead_and_what_is_told_lies_near() -> None:
    late = date(2026, 11, 20)
    assert read_dates("La prochaine cohorte débutera le 15 avril", late).start == "2027-04-15"
    assert read_dates("Conférence du 15 octobre", late).start == "2026-10-15"


def test_a_leap_day_falls_in_a_leap_year() -> None:
    assert read_dates("will start on February 29", date(2027, 12, 1)).dates == ("2028-02-29",)
    assert read_dates("29 février", date(2026, 3, 20)).dates == ()
    assert read_dates("29 février 2028", None).dates == ("2028-02-29",)
    assert read_dates("29 février 2027", None).dates == ()


def test_several_expressions_are_told_apart() -> None:
    text = "Inscription avant le 1er avril 2026. Cohorte du 3 au 7 mai 2026, puis mi-juin 2026."
    assert [(d.kind, d.end) for d in find_dates(text, PAGE)] == [
        ("deadline", "2026-04-01"), ("range", "2026-05-07"), ("coarse", "2026-06"),
    ]  # fmt: skip
    assert read_dates(text, PAGE).kind == "range"


def day(d: date, french: bool, year: bool) -> str:
    number = "1er" if french and d.day == 1 else str(d.day)
    if french:
        return f"{number} {FRENCH[d.month - 1]}" + (f" {d.year}" if year else "")
    return f"{ENGLISH[d.month - 1]} {number}" + (f", {d.year}" if year else "")


days = st.dates(date(2025, 1, 1), date(2027, 12, 31))


@given(first=days, gap=st.integers(1, 120), french=st.booleans(), form=st.sampled_from(["set", "range", "start"]))
def test_written_dates_come_back(first: date, gap: int, french: bool, form: str) -> None:
    last = first + timedelta(days=gap)
    left = day(first, french, first.year != last.year)
    right = day(last, french, True)
    if form == "start":
        text = ("Le cours débutera le " if french else "The course starts on ") + day(first, french, True)
        expected: tuple[date, ...] = (first,)
    elif form == "range":
        text = f"du {left} au {right}" if french else f"from {left} to {right}"
        expected = (first, last)
    else:
        text = f"les {left} et {right}" if french else f"on {left} and {right}"
        expected = (first, last)
    found = read_dates(text, None)
    assert found.kind == form
    assert found.dates == tuple(d.isoformat() for d in expected)
    assert not found.year_inferred


@given(page=days, ahead=st.integers(0, 300), gap=st.integers(1, 20), french=st.booleans(), ranged=st.booleans())
def test_a_year_left_out_comes_from_the_page(page: date, ahead: int, gap: int, french: bool, ranged: bool) -> None:
    first = page + timedelta(days=ahead)
    last = first + timedelta(days=gap)
    left, right = day(first, french, False), day(last, french, False)
    verb = "La prochaine cohorte se déroulera" if french else "The next cohort will be held"
    joint = (" au " if french else " to ") if ranged else (" et " if french else " and ")
    lead = ("du " if french else "from ") if ranged else ("les " if french else "on ")
    found = read_dates(f"{verb} {lead}{left}{joint}{right}.", page)
    if (first.month, first.day) == (2, 29) or (last.month, last.day) == (2, 29):
        return
    assert found.dates == (first.isoformat(), last.isoformat())
    assert found.year_inferred
    assert found.kind == ("range" if ranged else "set")


words = st.sampled_from([*FRENCH, *ENGLISH, *SCRAPS.split()])


@given(st.lists(words, max_size=14), st.none() | days)
@example(["novembre", "1er", "2026-04-28"], None)
def test_no_day_is_returned_that_is_not_written(parts: list[str], page: date | None) -> None:
    text = " ".join(parts)
    numbers = {int(n) for n in re.findall(r"\d+", text)}
    for found in find_dates(text, page):
        assert 0 <= found.confidence <= 1
        for d in found.dates:
            assert date.fromisoformat(d).day in numbers
        if found.dates:
            bounds = [b for b in (found.start, found.end) if b]
            assert bounds
            assert set(bounds) <= set(found.dates)
        if page is None:
            # The day nearest to a dated neighbour may lie in the year before or after it.
            beside = any(abs(date.fromisoformat(d).year - n) <= 1 for d in found.dates[:1] for n in numbers)
            assert not found.year_inferred or beside, "a year may come from a date beside it, never from nowhere"


@given(st.text(max_size=200), st.none() | days)
def test_any_text_is_read_without_error(text: str, page: date | None) -> None:
    assert isinstance(read_dates(text, page), Dates)
    partial_date(text)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("2024", "2024"), ("2024-03", "2024-03"), ("2024-03-12", "2024-03-12"), ("2024/03/12", "2024-03-12"),
        ("2024-03-12T10:00:00Z", "2024-03-12"), ("12 March 2024", "2024-03-12"), ("mars 2024", "2024-03"),
        ([2024, 3], "2024-03"), ([[2024, 3, 5]], "2024-03-05"), (2024, "2024"), ("2024-02-31", "2024-02"),
        ("2024-13", "2024"), ("1400", None), ("3000", None), ("May 5th, 2020", "2020-05-05"),
        ("5th of May 2020", "2020-05-05"), ("20240312", "2024-03-12"), ("n.d.", None), (None, None), ("", None),
        ("Spring 2024", "2024"), ("12/03/2024", "2024"), ("28/03/2024", "2024-03-28"), ("1er août 2021", "2021-08-01"),
        ("15-18 July 2024", "2024-07-15"), ("5th to 7th of May 2020", "2020-05-05"),
        ("28 et 30 avril 2026", "2026-04-28"), ("28 June – 2 July 2024", "2024-06-28"), ([None], None),
        (True, None), (date(2024, 3, 12), "2024-03-12"), (["2024", "03"], "2024-03"),
    ],
)  # fmt: skip
def test_publication_dates_keep_their_precision(value: object, expected: str | None) -> None:
    assert partial_date(value) == expected


@given(st.dates(date(1500, 1, 1), date(2100, 12, 31)))
def test_publication_dates_read_twice_are_read_once(d: date) -> None:
    for text in (d.isoformat(), d.isoformat()[:7], d.isoformat()[:4]):
        assert partial_date(text) == text
