"""What a spreadsheet opens never calculates; what a program reads is what was written."""

from __future__ import annotations

import csv
import io
import json
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.export.hostile import STRINGS
from worker.export.plain import cell, write_csv, write_jsonl

STARTS = set("=+-@\uff1d\uff0b\uff0d\uff20|%")
BLANKS = " \t\r\n\u00a0\ufeff\u3000\u200b\u200c\u200d\u200e\u200f\u202a\u202b\u202c\u202d\u202e"


def _calculates(text: str) -> bool:
    """Whether some line of a cell begins like a formula."""
    return any(line.lstrip(BLANKS)[:1] in STARTS for line in text.replace("\r", "\n").split("\n") if line.strip(BLANKS))


@pytest.mark.parametrize("text", STRINGS)
def test_no_text_starts_a_formula(text: str) -> None:
    out = io.StringIO(newline="")
    write_csv(out, ["a", "b"], [(text, "next")])
    rows = list(csv.reader(io.StringIO(out.getvalue(), newline="")))
    assert len(rows) == 2
    assert rows[1][1] == "next"
    assert not _calculates(rows[1][0])


@given(st.text())
def test_no_text_at_all_starts_a_formula(text: str) -> None:
    assert not _calculates(cell(text))


def test_ordinary_text_and_numbers_stay() -> None:
    assert cell("Deep learning: a review - part 2") == "Deep learning: a review - part 2"
    assert cell(-3.5) == -3.5
    assert cell(None) == ""
    assert cell(True) == "true"
    assert cell(date(2026, 3, 1)) == "2026-03-01"
    assert cell(datetime(2026, 3, 1, tzinfo=UTC)) == "2026-03-01T00:00:00+00:00"


def test_json_lines_hold_the_very_text() -> None:
    out = io.BytesIO()
    assert write_jsonl(out, ["text"], [(text,) for text in STRINGS]) == len(STRINGS)
    assert [json.loads(line)["text"] for line in out.getvalue().split(b"\n")[:-1]] == list(STRINGS)
