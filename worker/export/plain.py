"""Rows as CSV for spreadsheets and as JSON Lines for programs."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime
from typing import Any, BinaryIO, TextIO

import orjson

_ACTIVE = re.compile(
    "(^|[\r\n])(?=[\\s\u00a0\ufeff\u200b-\u200f\u202a-\u202e]*[=+\\-@\uff1d\uff0b\uff0d\uff20|%])|^(?=[\t\r\n])"
)
"""Where a spreadsheet may begin to calculate: OWASP's set, full-width forms, after blanks and after line breaks.
https://owasp.org/www-community/attacks/CSV_Injection"""


def cell(value: Any) -> Any:
    """A value as a spreadsheet may safely open it: text that would start a formula gets an apostrophe before it.

    Numbers, dates and truth values are no text and stay as they are.
    """
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case str():
            return _ACTIVE.sub(r"\1'", value.replace("\0", ""))
        case datetime():
            return value.astimezone(UTC).isoformat()
        case date():
            return value.isoformat()
        case _:
            return value


def write_csv(out: TextIO, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> int:
    """Writes a heading and rows, text always in quotes (RFC 4180); returns the number of rows."""
    writer = csv.writer(out, quoting=csv.QUOTE_NONNUMERIC, lineterminator="\r\n")
    writer.writerow(columns)
    count = 0
    for row in rows:
        writer.writerow([cell(value) for value in row])
        count += 1
    return count


def write_jsonl(out: BinaryIO, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> int:
    """Writes one object a line, texts byte for byte as they are; returns the number of rows."""
    count = 0
    for row in rows:
        out.write(orjson.dumps(dict(zip(columns, row, strict=True)), option=orjson.OPT_APPEND_NEWLINE))
        count += 1
    return count
