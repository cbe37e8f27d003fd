"""References as tagged lines: RIS, Medline (``nbib``), ISI/Web of Science, and EndNote's and refer's ``%`` tags.

A dialect says how a line is tagged and where a record begins; what the tags mean stands in ``tagged_records.py``.
RIS https://en.wikipedia.org/wiki/RIS_(file_format), Medline https://www.nlm.nih.gov/bsd/mms/medlineelements.html
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO

from worker.page import decode_text

Fields = dict[str, list[str]]
"""The values of a record by tag, in the order they stand."""


@dataclass(frozen=True)
class Dialect:
    """How lines are tagged.

    ``line`` has the tag and the value as its groups; ``begins`` are tags that begin a record, ``ends`` those that end
    one. A line without a tag goes on with the value before it; of ``lists`` it is a further value.
    """

    name: str
    line: re.Pattern[str]
    begins: frozenset[str]
    ends: frozenset[str] = frozenset()
    lists: frozenset[str] = frozenset()
    blank_ends: bool = False


RIS = Dialect("ris", re.compile(r"([A-Z][A-Z0-9]) {0,2}-(?: +|$)(.*)"), frozenset(("TY",)), frozenset(("ER",)))
MEDLINE = Dialect("medline", re.compile(r"([A-Z]{2,4}) {0,2}-(?: |(?! ))(.*)"), frozenset(("PMID",)), blank_ends=True)
ISI = Dialect(
    "isi",
    re.compile(r"([A-Z][A-Z0-9])(?: |$)(.*)"),
    frozenset(("PT",)),
    frozenset(("ER", "EF")),
    frozenset(("AU", "AF", "BA", "BF", "CA", "C1", "CR")),
)
REFER = Dialect(
    "refer", re.compile(r"%([A-Z0-9@!#$&(~+?\[>*^])(?: |$)(.*)"), frozenset("0"), lists=frozenset("AK"), blank_ends=True
)

_SIGNS = (
    (RIS, re.compile(rb"(?m)^[ \t]*TY {0,2}-")),
    (MEDLINE, re.compile(rb"(?m)^(?:PMID|PMCR?|OWN|STAT|FAU) *- ?\S")),
    (ISI, re.compile(rb"(?m)^PT [A-Z]\w*[ \t]*\r?$|^FN (?:ISI|Thomson|Clarivate)")),
    (REFER, re.compile(rb"(?m)^%[0A] .*\r?\n%[A-Z0-9@] ")),
)


def dialect_of(body: bytes) -> Dialect | None:
    """The dialect these bytes are written in: the one whose sign comes first."""
    found = [(hit.start(), place) for place, (_, sign) in enumerate(_SIGNS) if (hit := sign.search(body[:65_536]))]
    return _SIGNS[min(found)[1]][0] if found else None


def lines(body: bytes) -> list[str]:
    """Text lines without their ends; where the file is no UTF-8 each line is decoded for itself."""
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError:
        if body.startswith((b"\xff\xfe", b"\xfe\xff")):
            text = decode_text(body)
        else:
            text = "".join(decode_text(line) for line in BytesIO(body))
    return re.split(r"\r\n|\n|\r", text.replace("\x00", ""))


def read(body: bytes, dialect: Dialect) -> Iterator[Fields]:
    """The records of a file, in order."""
    fields: Fields = {}
    tag = ""
    match = dialect.line.match
    for line in lines(body):
        if not line or line.isspace():
            if dialect.blank_ends and fields:
                yield fields
                fields, tag = {}, ""
            continue
        found = match(line.lstrip() if dialect is RIS else line)
        if found is None:
            if tag:
                _continued(fields, tag, line.strip(), dialect)
            continue
        tag, value = found.groups()
        if tag in dialect.begins and fields:
            yield fields
            fields = {}
        if tag in dialect.ends:
            if fields:
                yield fields
            fields, tag = {}, ""
            continue
        fields.setdefault(tag, []).append(value.strip())
    if fields:
        yield fields


def _continued(fields: Fields, tag: str, more: str, dialect: Dialect) -> None:
    if not more or tag not in fields:
        return
    if tag in dialect.lists:
        fields[tag].append(more)
    else:
        before = fields[tag][-1]
        fields[tag][-1] = f"{before} {more}" if before else more
