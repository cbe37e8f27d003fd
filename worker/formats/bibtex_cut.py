"""BibTeX files of any size as pages that can be read alone.

An entry may use an abbreviation from far above and inherit from a parent far below. Each page therefore begins with
the abbreviations its entries use, as they stand at that place of the file, and ends with the parents they inherit from.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import IO

from worker.formats.bibtex_entries import MONTHS, PARENTS, chunks, define
from worker.formats.cuts import batched
from worker.page import decode_text

_TARGET = re.compile(rb"[\s,](crossref|xdata)\s*=\s*[{\"]\s*([^{}\"]+?)\s*[}\"]")
_KEY = re.compile(rb"@\s*[A-Za-z][\w-]*\s*[{(]\s*([^,{}=\"\n]*?)\s*,")
_DEFINITION = re.compile(rb"(?i)@\s*string\s*[{(]")
_WORD = re.compile(rb"[=#]\s*([A-Za-z_][^\s,{}\"#()=%]*)")
BLOCK = 1 << 20


def cut(stream: IO[bytes]) -> Iterator[bytes]:
    """Entries, some thousand a page. Each page begins with the abbreviations its entries use, as they stand there in
    the file, and ends with the parents its entries inherit from; so it can be read alone.

    ``stream`` is read again when an entry inherits, so it must be possible to go back to its beginning.
    """
    begin = stream.tell()
    parents = _parents(stream, begin)
    stream.seek(begin)
    strings: dict[str, str] = {}
    for pieces in batched(_blocks(stream)):
        body = b"".join(pieces)
        abbreviations = _used(body, strings)
        for piece in pieces:
            _define(piece, strings)
        yield abbreviations + body + _lineage(body, pieces, parents)


def _blocks(stream: IO[bytes]) -> Iterator[bytes]:
    return chunks(iter(lambda: stream.read(BLOCK), b""))


def _define(piece: bytes, strings: dict[str, str]) -> None:
    if b"string" in piece[:40].lower() and _DEFINITION.search(piece):
        define(piece, strings)


def _used(text: bytes, strings: dict[str, str], *, own: bool = False) -> bytes:
    """The abbreviations a text uses, with what they stand for at this place of the file. ``own`` also tells those that
    stand for nothing yet: they stand for themselves, whatever they are called to mean later."""
    words = {word.lower(): word for raw in _WORD.findall(text) if (word := decode_text(raw))}
    told = {name: strings[name] for name in words.keys() & strings.keys()}
    if own:
        told = {**{name: word for name, word in words.items() if name not in MONTHS}, **told}
    return "".join(f"@string{{{name} = {{{told[name]}}}}}\n" for name in sorted(told)).encode()


def _targets(piece: bytes) -> set[bytes]:
    """Keys of the parents that entries inherit from, in lower case."""
    lower = piece.lower()
    if b"crossref" not in lower and b"xdata" not in lower:
        return set()
    return {key.strip() for _, told in _TARGET.findall(lower) for key in told.split(b",")}


def _parents(stream: IO[bytes], begin: int) -> dict[bytes, bytes]:
    """Every entry that another inherits from, by key, with the definitions it uses before it."""
    wanted: set[bytes] = set()
    for piece in _blocks(stream):
        wanted |= _targets(piece)
    found: dict[bytes, bytes] = {}
    if not wanted:
        return found
    stream.seek(begin)
    strings: dict[str, str] = {}
    for piece in _blocks(stream):
        _define(piece, strings)
        key = _KEY.match(piece)
        if key is not None and key[1].lower() in wanted:
            found.setdefault(key[1].lower(), _used(piece, strings, own=True) + piece.rstrip() + b"\n")
    return found


def _lineage(body: bytes, pieces: list[bytes], parents: dict[bytes, bytes]) -> bytes:
    """The parents of a page's entries that stand on other pages, and theirs, after a line that says so."""
    if not parents:
        return b""
    here = {key[1].lower() for piece in pieces if (key := _KEY.match(piece))}
    kept: dict[bytes, bytes] = {}
    todo = _targets(body)
    while todo:
        target = min(todo)
        todo.discard(target)
        if target in parents and target not in kept:
            kept[target] = parents[target]
            todo |= _targets(parents[target])
    others = [kept[target] for target in sorted(kept) if target not in here]
    return b"".join((b"" if body.endswith(b"\n") else b"\n", PARENTS, *others)) if others else b""
