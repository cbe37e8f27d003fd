"""The entries of a BibTeX file, one by one, so that a torn one costs only itself.

Understands ``@string`` with ``#``, ``@preamble`` and ``@comment``, braces, quotes and parentheses, missing commas,
``%`` comments, files in several encodings at once, and what ``crossref`` and ``xdata`` lend (BibLaTeX's rules).
https://ctan.org/pkg/btxdoc, https://ctan.org/pkg/biblatex
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from worker.errors import Malformed
from worker.formats.latex import plain
from worker.page import decode_text

PARENTS = b"@comment{what follows stands elsewhere in the file; entries above inherit from it}\n"
"""Entries after this line are there to be inherited from; they are records of another page."""
LONGEST_ENTRY = 1 << 20
"""Bytes after which an entry without an end is given up."""
DEEPEST_INHERITANCE = 5

_START = re.compile(rb"@[ \t]*[A-Za-z][\w-]*\s*[{(]")
_INDENTED = re.compile(rb"(?:^|[\r\n])[ \t]*\Z")
_HEAD = re.compile(
    r"@\s*([A-Za-z][\w-]*)\s*([{(])"
    r"(?:\s*+([^,{}=\"\n]*+)\s*+,|\s*+([^\s,{}=\"]++)\s++(?=[^\s{},=\"#%]++\s*+=))?"
)
_BODY = r"[^{}]*+(?:\{[^{}]*+(?:\{[^{}]*+(?:\{[^{}]*+(?:\{[^{}]*+\}[^{}]*+)*+\}[^{}]*+)*+\}[^{}]*+)*+\}[^{}]*+)*+"
_FIELD = re.compile(
    r"(?:[\s,]|%[^\n]*\n)*+([^\s={},\"#%()]+)\s*+=\s*+"
    rf"(?:\{{({_BODY})\}}|\"([^\"{{}}]*+(?:\{{{_BODY}\}}[^\"{{}}]*+)*+)\"|([^\s,{{}}\"#()%=]+))\s*+([,}})#]?)"
)
_PART = re.compile(
    rf"\s*+(?:\{{({_BODY})\}}|\"([^\"{{}}]*+(?:\{{{_BODY}\}}[^\"{{}}]*+)*+)\"|([^\s,{{}}\"#()%=]+))\s*+([,}})#]?)"
)
_END = re.compile(r"(?:[\s,]|%[^\n]*\n)*+[})]")
_GAP = re.compile(r"[\s,\ufeff]*+")
_IGNORED = frozenset(("comment", "preamble"))

_MONTH_LINE = "jan feb mar apr may jun jul aug sep oct nov dec"
MONTHS = {month: str(number) for number, month in enumerate(_MONTH_LINE.split(), 1)}


@dataclass(slots=True)
class Entry:
    """One entry as written: fields by their names in lower case, abbreviations resolved, LaTeX not."""

    type: str
    key: str
    fields: dict[str, str]
    raw: bytes
    own: bool = True
    """False for a parent that is a record of another page."""


def has_entry(body: bytes) -> bool:
    """Whether anything in these bytes begins as an entry does."""
    return _START.search(body) is not None


def read(body: bytes, where: str) -> Iterator[Entry | Malformed]:
    """Every entry, and a ``Malformed`` in the place of each that cannot be read."""
    if body.startswith((b"\xff\xfe", b"\xfe\xff")):
        body = decode_text(body).encode()
    strings = dict(MONTHS)
    own = True
    for piece in chunks([body]):
        if piece is not None and piece.startswith(PARENTS):
            own = False
        yield from _entries(piece, strings, where, own)


def chunks(blocks: Iterable[bytes]) -> Iterator[bytes]:
    """Pieces of a file, each beginning with an entry (but perhaps the first) and holding it whole; together they are
    the file. An entry whose braces never match ends where the next one begins."""
    buffer = b""
    source = iter(blocks)
    ended = False
    while not ended:
        block = next(source, None)
        ended = block is None
        buffer += block or b""
        starts = _starts(buffer)
        if not starts:
            if ended and buffer:
                yield buffer
            continue
        if starts[0]:
            yield buffer[: starts[0]]
        ends = _ends(buffer, starts, ended)
        at = 0
        while at < len(starts):
            end = ends[at]
            if end is None and not ended and len(buffer) - starts[at] <= LONGEST_ENTRY:
                break
            if end is None or (end < len(starts) and starts[end] - starts[at] > LONGEST_ENTRY):
                end = at + 1
            if end == len(starts) and not ended and len(buffer) - starts[at] <= LONGEST_ENTRY:
                break
            yield buffer[starts[at] : starts[end] if end < len(starts) else len(buffer)]
            at = end
        buffer = buffer[starts[at] :] if at < len(starts) else b""


def _starts(buffer: bytes) -> list[int]:
    """Where lines begin with an entry; an at sign inside a line begins none."""
    found = []
    for entry in _START.finditer(buffer):
        at = entry.start()
        if (
            at == 0
            or buffer[at - 1] in b"\r\n"
            or (
                buffer[at - 1] in b" \t\xbf"
                and (_INDENTED.search(buffer, max(0, at - 80), at) or (at == 3 and buffer[:3] == b"\xef\xbb\xbf"))
            )
        ):
            found.append(at)
    return found


def _ends(buffer: bytes, starts: list[int], ended: bool) -> list[int | None]:
    """For each start the next one at which no brace opened since then is open; the end of the file counts as one."""
    depths = [0]
    for here, there in zip(starts, [*starts[1:], len(buffer)], strict=True):
        depths.append(depths[-1] + buffer.count(b"{", here, there) - buffer.count(b"}", here, there))
    found: list[int | None] = [None] * len(starts)
    later = [len(starts)] if ended else []
    for at in range(len(starts) - 1, -1, -1):
        while later and depths[later[-1]] > depths[at]:
            later.pop()
        found[at] = later[-1] if later else None
        later.append(at)
    return found


def _entries(piece: bytes, strings: dict[str, str], where: str, own: bool) -> Iterator[Entry | Malformed]:
    """The entries of one piece; abbreviations it defines are added to ``strings``."""
    text = _text(piece)
    head = _HEAD.match(text, _gap(text, 0))
    while head is not None:
        type_ = head[1].lower()
        if type_ in _IGNORED:
            at = _after(text, head.end(2))
        elif type_ == "string":
            fields, at, complaint = _fields(text, head.end(2), strings)
            strings.update(fields)
        else:
            fields, at, complaint = _fields(text, head.end(), strings)
            if complaint is not None:
                yield Malformed(f"{where}, entry {head[3] or '?'}: {complaint}", piece)
                return
            yield Entry(type_, (head[3] or head[4] or "").strip(), fields, piece, own)
        head = _HEAD.match(text, _gap(text, at))


def _text(piece: bytes) -> str:
    try:
        return piece.decode().replace("\x00", "")
    except UnicodeDecodeError:
        return decode_text(piece)


def define(piece: bytes, strings: dict[str, str]) -> None:
    """Adds the abbreviations that a piece defines, by name in lower case."""
    for _ in _entries(piece, strings, "", True):
        pass


def _gap(text: str, at: int) -> int:
    """Where what follows blanks and commas begins: the next entry of the same piece, or text that is nobody's."""
    gap = _GAP.match(text, at)
    return gap.end() if gap else at


def _fields(text: str, at: int, strings: dict[str, str]) -> tuple[dict[str, str], int, str | None]:
    """Fields by name from here to the end of the entry, where that is, and what is wrong."""
    fields: dict[str, str] = {}
    while True:
        field = _FIELD.match(text, at)
        if field is None:
            end = _END.match(text, at)
            if end is not None:
                return fields, end.end(), None
            deep = _deep(text, at)
            if deep is None:
                shown = " ".join(text[at : at + 60].split())
                return fields, len(text), f"expected a field or the end of the entry, found {shown!r}"
            name, value, at = deep
            fields.setdefault(name, value)
            continue
        name, braced, quoted, bare, sign = field.groups()
        value = braced if braced is not None else quoted if quoted is not None else strings.get(bare.lower(), bare)
        at = field.end()
        while sign == "#":
            part = _PART.match(text, at)
            if part is None:
                break
            braced, quoted, bare, sign = part.groups()
            value += braced if braced is not None else quoted if quoted is not None else strings.get(bare.lower(), bare)
            at = part.end()
        fields.setdefault(name.lower(), value)
        if sign == "}" or sign == ")":
            return fields, at, None


_DEEP = re.compile(r"(?:[\s,]|%[^\n]*\n)*+([^\s={},\"#%()]+)\s*+=\s*+\{")
_BRACE = re.compile("[{}]")


def _deep(text: str, at: int) -> tuple[str, str, int] | None:
    """A field whose braces are nested deeper than the pattern reads."""
    head = _DEEP.match(text, at)
    if head is None:
        return None
    depth = 1
    for brace in _BRACE.finditer(text, head.end()):
        depth += 1 if brace[0] == "{" else -1
        if depth == 0:
            return head[1].lower(), text[head.end() : brace.start()], brace.end()
    return None


def _after(text: str, at: int) -> int:
    """Where the braces opened before this place are closed; the end of the line when they never are."""
    depth = 1
    for brace in _BRACE.finditer(text, at):
        depth += 1 if brace[0] == "{" else -1
        if depth == 0:
            return brace.end()
    line = text.find("\n", at)
    return line if line >= 0 else len(text)


def inherited(entry: Entry, by_key: dict[str, Entry], depth: int = 0) -> dict[str, str]:
    """The fields of an entry with those it takes from its ``crossref`` and ``xdata`` parents."""
    fields = dict(entry.fields)
    if depth > DEEPEST_INHERITANCE:
        return fields
    for key in fields.get("xdata", "").split(","):
        data = by_key.get(key.strip().lower()) if key else None
        if data is not None and data is not entry:
            for name, value in inherited(data, by_key, depth + 1).items():
                fields.setdefault(name, value)
    parent = by_key.get(plain(fields.get("crossref", "")).strip().lower())
    if parent is None or parent is entry:
        return fields
    told = inherited(parent, by_key, depth + 1)
    for name, value in told.items():
        if name not in _NOT_INHERITED:
            fields.setdefault(name, value)
    if entry.type.startswith(("software", "codefragment")):
        for name in ("title", "author", "url", "doi"):
            if name in told:
                fields.setdefault(name, told[name])
    home = "journal" if parent.type in ("periodical", "journal") else "booktitle"
    if "title" in told and "journaltitle" not in fields and home not in fields:
        fields[home] = told["title"]
    if entry.type == "inbook" and "author" in told:
        fields.setdefault("author", told["author"])
    return fields


_OWN_FIELDS = (
    "title subtitle titleaddon shorttitle author doi url urldate abstract pages pagetotal isbn keywords eprint "
    "archiveprefix eprinttype crossref xdata label note file ids key biburl bibsource timestamp "
)
_NOT_INHERITED = frozenset(_OWN_FIELDS.split())
