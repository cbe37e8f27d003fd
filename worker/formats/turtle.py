"""RDF in Turtle and N-Triples, as far as data dumps use them: prefixes, literals, lists of objects, nested blank nodes.
https://www.w3.org/TR/turtle/

Collections ``( )``, relative addresses and lone surrogates are not read; a file that has them is ``Malformed``.
"""

from __future__ import annotations

import re
from typing import Any

from worker.errors import Malformed

DEEPEST = 20
"""Blank nodes inside blank nodes."""

Node = dict[str, list[Any]]
"""Objects by the local name of their predicate: texts (addresses and literals) and nested nodes."""

_TOKEN = re.compile(
    r"""
      (?P<blank>\s+|\#[^\n]*)
    | <(?P<iri>[^<>"{}|^`\\\x00-\x20]*)>
    | (?P<literal>\"\"\"(?:[^"\\]|\\.|"(?!""))*\"\"\"|"(?:[^"\\\n]|\\.)*")
      (?:@[A-Za-z-]+|\^\^(?:<[^<>\s]*>|[\w.-]*:[\w.-]*))?
    | (?P<mark>[\[\];,.])(?![0-9])
    | (?P<directive>@prefix|@base|PREFIX|BASE)\b
    | (?P<number>[+-]?[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?)
    | _:(?P<node>[\w.-]*[\w-])
    | (?P<name>(?:[A-Za-z][\w.-]*)?:(?:[\w%:-](?:[\w.%:/-]*[\w%:/-])?)?|a(?=[\s<\["])|true|false)
    """,
    re.X | re.S,
)
_ESCAPE = re.compile(r"\\(u[0-9A-Fa-f]{4}|U[0-9A-Fa-f]{8}|.)", re.S)
_ESCAPED = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f"}


def read(text: str, where: str) -> dict[str, Node]:
    """What is said of each subject, in the order of the file.

    Raises:
        Malformed: not Turtle, or more of it than this reads.
    """
    reader = _Reader(text, where)
    try:
        while reader.statement():
            pass
    except (IndexError, KeyError) as error:
        raise Malformed(f"{where}: expected RDF, found an unknown prefix or an early end ({error})") from error
    return reader.subjects


class _Reader:
    """A place in the text, and what was read before it."""

    def __init__(self, text: str, where: str) -> None:
        self.subjects: dict[str, Node] = {}
        self._prefixes: dict[str, str] = {}
        self._text, self._where = text, where
        self._at = 0
        self._kind, self._value = "", ""
        self._advance()

    def statement(self) -> bool:
        """Reads one statement; false at the end."""
        if not self._kind:
            return False
        if self._kind == "directive":
            self._directive()
            return True
        subject = self._resource()
        self._predicates(self.subjects.setdefault(subject, {}), 0)
        self._expect(".")
        return True

    def _advance(self) -> None:
        while True:
            found = _TOKEN.match(self._text, self._at)
            if found is None:
                if self._at < len(self._text):
                    shown = self._text[self._at : self._at + 40]
                    raise Malformed(f"{self._where}: expected RDF, found {shown!r}", shown.encode("utf-8", "replace"))
                self._kind = self._value = ""
                return
            self._at = found.end()
            kind = str(found.lastgroup)
            if kind != "blank":
                self._kind, self._value = kind, found[kind]
                return

    def _expect(self, mark: str) -> None:
        if self._kind != "mark" or self._value != mark:
            raise Malformed(f"{self._where}: expected {mark!r}, found {self._value[:40]!r}")
        self._advance()

    def _directive(self) -> None:
        told = self._value
        self._advance()
        if told.lower().endswith("prefix"):
            name = self._value
            self._advance()
            self._prefixes[name.rstrip(":")] = self._value
        self._advance()
        if told.startswith("@"):
            self._expect(".")

    def _resource(self) -> str:
        kind, value = self._kind, self._value
        if kind not in ("iri", "name", "node"):
            raise Malformed(f"{self._where}: expected an address, found {value[:40]!r}")
        self._advance()
        if kind == "iri":
            return value
        if kind == "node":
            return f"_:{value}"
        if value == "a":
            return "http://www.w3.org/1999/02/22-rdf-syntax-ns#type"
        prefix, colon, name = value.partition(":")
        return self._prefixes[prefix] + name if colon else value

    def _predicates(self, node: Node, depth: int) -> None:
        if depth > DEEPEST:
            raise Malformed(f"{self._where}: expected RDF, found nodes nested beyond measure")
        while True:
            predicate = re.split(r"[#/]", self._resource())[-1]
            held = node.setdefault(predicate, [])
            held.append(self._object(depth))
            while (self._kind, self._value) == ("mark", ","):
                self._advance()
                held.append(self._object(depth))
            if (self._kind, self._value) != ("mark", ";"):
                return
            while (self._kind, self._value) == ("mark", ";"):
                self._advance()
            if self._kind == "mark":
                return

    def _object(self, depth: int) -> Any:
        kind, value = self._kind, self._value
        if kind == "literal":
            self._advance()
            quotes = 3 if value.startswith('"""') and len(value) >= 6 else 1
            return _ESCAPE.sub(_unescaped, value[quotes:-quotes])
        if kind == "number":
            self._advance()
            return value
        if (kind, value) == ("mark", "["):
            self._advance()
            inner: Node = {}
            if (self._kind, self._value) != ("mark", "]"):
                self._predicates(inner, depth + 1)
            self._expect("]")
            return inner
        return self._resource()


def _unescaped(escape: re.Match[str]) -> str:
    told = escape[1]
    if len(told) > 1:
        code = int(told[1:], 16)
        return chr(code) if code < 0xD800 or 0xDFFF < code <= 0x10FFFF else "\ufffd"
    return _ESCAPED.get(told, told)
