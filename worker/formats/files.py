"""What a file is, known by its content: the formats people bring, who reads each, and where it may be cut.

A format is added here and in ``worker/sources``: an entry of ``FORMATS`` and a rule that knows its first bytes.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from worker.errors import Malformed
from worker.formats import bibtex_cut, cuts, tables
from worker.formats.cuts import Cut


@dataclass(frozen=True)
class Format:
    """What a file is: who can read it (the best first), and how it is cut into pages."""

    name: str
    adapters: tuple[str, ...]
    media_type: str
    cut: Cut = cuts.whole
    rereads: bool = False
    """Whether cutting goes back to the beginning of the file."""


FORMATS = {
    found.name: found
    for found in (
        Format("csv", ("table",), "text/csv", cuts.csv_rows),
        Format("jsonl", ("table",), "application/x-ndjson", cuts.json_lines),
        Format("json", ("table",), "application/json", cuts.json_items),
        Format("bibtex", ("bibtex",), "text/x-bibtex", bibtex_cut.cut, rereads=True),
        Format("openreview", ("openreview",), "application/json"),
        Format("openalex", ("openalex",), "application/json"),
        Format("html", ("listing",), "text/html"),
        Format("text", ("listing",), "text/plain"),
    )
}
"""Formats by the name that ``--format`` takes."""

OTHER_NAMES = {"bib": "bibtex", "biblatex": "bibtex", "tsv": "csv", "ndjson": "jsonl", "txt": "text", "htm": "html"}
"""What people also call them."""

_UTF16 = (b"\xff\xfe", b"\xfe\xff")
_CONTROL = bytes(set(range(32)) - {9, 10, 12, 13, 27})
_OPENREVIEW = re.compile(rb'^\{\s*"notes"\s*:|"(?:forum|invitations?)"\s*:\s*\[?\s*"[^"]+".*"content"\s*:\s*\{', re.S)
_OPENALEX = re.compile(rb'"id"\s*:\s*"https://openalex\.org/W\d')
_BIBTEX = re.compile(
    rb"(?im)^\s*@\s*(?:(?:string|comment|preamble)\s*[{(]|[a-z][\w-]*\s*[{(]\s*(?:[^\s,{}=]*\s*,)?\s*[\w-]+\s*=)"
)
_HTML = re.compile(rb"<(?:!doctype\s+html|html|head|body|main|article|section|div|ul|ol|p|h[1-6])\b", re.I)


def recognise(head: bytes, where: str) -> Format:
    """What a file is, by its first bytes.

    Raises:
        Malformed: it is empty, or nothing that could be read here.
    """
    if not head.strip():
        raise Malformed(f"{where}: an empty file")
    if head.startswith(_UTF16):
        return replace(_recognised(head, head.replace(b"\x00", b"").lstrip(b"\xff\xfe"), where), cut=cuts.whole)
    return _recognised(head, head, where)


def _recognised(head: bytes, text: bytes, where: str) -> Format:
    noise = len(text) - len(text.translate(None, _CONTROL))
    if b"\x00" in text or noise > len(text) // 50 or text.startswith((b"%PDF", b"%!PS")):
        start = head[:8].hex(" ")
        raise Malformed(f"{where}: expected a table, JSON, XML, BibTeX, HTML or text, found bytes that start {start}")
    kind = tables.sniff(head)
    if kind is None and _BIBTEX.search(text):
        return FORMATS["bibtex"]
    if kind in ("json", "jsonl") and _OPENALEX.search(head):
        return FORMATS["openalex"]
    if kind in ("json", "jsonl") and _OPENREVIEW.search(head.lstrip(b"\xef\xbb\xbf \t\r\n")):
        return FORMATS["openreview"]
    if kind is not None:
        return FORMATS[kind]
    return FORMATS["html" if _HTML.search(text) else "text"]
