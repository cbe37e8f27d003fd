"""Records and facts from short descriptions, for tests of matching."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from worker.match.facts import Facts, facts
from worker.record import Author, Identifier, Record

KNOWN = [json.loads(line) for line in (Path(__file__).parent / "pairs.jsonl").read_text("utf-8").split("\n") if line]


def record(key: str = "1", **said: Any) -> Record:
    """A record; authors are names, identifiers pairs."""
    said["authors"] = tuple(Author(name=name) for name in said.get("authors", ()))
    said["identifiers"] = tuple(Identifier(*pair) for pair in said.get("identifiers", ()))
    return Record(source_key=key, **said)


def known(key: str = "1", *, source: str = "test", deduplicates: bool = False, **said: Any) -> Facts:
    """The facts of such a record."""
    return facts(record(key, **said), source=source, deduplicates=deduplicates)
