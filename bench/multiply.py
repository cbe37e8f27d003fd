"""More records than there are: the real ones first, then new ones that look like them. Seeded; a process of its own.

    python -m bench.multiply FOLDER RECORDS [SEED]

Writes ``0000/acl.jsonl.gz`` ... , parts of the same mixture, of ``PARTS`` records (the last size repeats). A new
title is a walk through the pairs of words of real titles, so beginnings, endings, rare words and systems repeat as
they do in real life and blocks grow with the catalog; authors are real people or new combinations of real given and
family names, the frequent ones more often; one in six new works is told again by another source, with the slips
sources make.
"""

from __future__ import annotations

import gzip
import random
import re
import sys
from collections import defaultdict
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any

import orjson

from bench import scaledata

PARTS = (5_000, 10_000, 35_000, 50_000)
TOLD_AGAIN = 1 / 6
Row = dict[str, Any]


def main(folder: Path, records: int, seed: int) -> None:
    """Writes the parts."""
    dice = random.Random(seed)
    real = [(source, orjson.loads(line)) for source in scaledata.SOURCES for line in scaledata.lines(source, records)]
    dice.shuffle(real)
    everything = _mixed(real, _new(real, dice), dice, records)
    for part in count():
        size = PARTS[min(part, len(PARTS) - 1)]
        rows: dict[str, list[bytes]] = defaultdict(list)
        for source, row in _some(everything, size):
            rows[source].append(orjson.dumps(row))
        if not rows:
            return
        place = folder / f"{part:04}"
        place.mkdir(parents=True)
        for source, lines in rows.items():
            (place / f"{source}.jsonl.gz").write_bytes(gzip.compress(b"\n".join(lines) + b"\n", 1))


def _some(everything: Iterator[tuple[str, Row]], size: int) -> Iterator[tuple[str, Row]]:
    for _, one in zip(range(size), everything, strict=False):
        yield one


def _mixed(
    real: list[tuple[str, Row]], new: Iterator[tuple[str, Row]], dice: random.Random, records: int
) -> Iterator[tuple[str, Row]]:
    """Real and new records in one stream, the share of real ones the same everywhere."""
    share = min(1.0, len(real) / records)
    left = iter(real)
    for _ in range(records):
        one = next(left, None) if dice.random() < share else None
        yield one or next(new)


def _new(real: list[tuple[str, Row]], dice: random.Random) -> Iterator[tuple[str, Row]]:
    """Records that nobody wrote."""
    follows: dict[str, list[str]] = defaultdict(list)
    given: list[str] = []
    family: list[str] = []
    people: list[str] = []
    for _, row in real:
        words = str(row.get("title") or "").split()
        for word, following in zip(["", *words], [*words, ""], strict=True):
            follows[word].append(following)
        for name in _names(row):
            people.append(name)
            first, _, last = name.rpartition(" ")
            if first and last:
                given.append(first)
                family.append(last)
    for number in count(1):
        source, like = dice.choice(real)
        title = _walk(follows, dice)
        authors = [
            dice.choice(people) if dice.random() < 0.7 else f"{dice.choice(given)} {dice.choice(family)}"
            for _ in _names(like) or [""]
        ]
        row = _as(source, like, number, title, authors)
        if "abstract" in row:
            row["abstract"] = ". ".join(_walk(follows, dice) for _ in range(3))[: len(str(row["abstract"]))]
        yield source, row
        if dice.random() < TOLD_AGAIN:
            other, another = dice.choice([one for one in (dice.choice(real) for _ in range(8)) if one[0] != source] or [
                (source, like)
            ])  # fmt: skip
            if other != source:
                told = _as(other, another, number, _slip(title, dice), authors)
                told["year"] = row.get("year", told.get("year"))
                told.pop("abstract", None)
                yield other, told


def _as(source: str, like: Row, number: int, title: str, authors: list[str]) -> Row:
    """A record of a source about a new work, the rest as one of its real records has it."""
    row = {**like, "id": f"m{number}", "title": title}
    for field in ("doi", "url", "arxiv"):
        if isinstance(row.get(field), str):
            row[field] = _address(row[field], number)
    if source == "acl":
        row["authors"] = [{"first": a.rpartition(" ")[0], "last": a.rpartition(" ")[2]} for a in authors]
        row["url"] = f"m{number}"
    elif source == "venues":
        row["authors"] = authors
    else:
        row["author"] = ";".join(authors)
        row.pop("authorids", None)
        row["aff"] = ";".join(str(like.get("aff") or "").split(";")[: len(authors)])
    return row


_NUMBERED = (
    (re.compile(r"(?<=arxiv\.org/abs/).*"), lambda n: f"{50 + n // 100_000}12.{n % 100_000:05}"),
    (re.compile(r"(?<=openreview\.net/forum\?id=).*"), lambda n: f"m{n:09}"),
    (re.compile(r"(?<=aclanthology\.org/).*"), lambda n: f"2020.made-1.{n}/"),
    (re.compile(r"(?<=proceedings\.mlr\.press/).*"), lambda n: f"v{10_000 + n // 1_000}/made{n % 1_000}a.html"),
)
"""Addresses that hold the number of a work, and what stands there for a new one."""


def _address(like: str, number: int) -> str:
    """A DOI or address like that of a real work, which is that of no other."""
    for part, own in _NUMBERED:
        if part.search(like):
            return part.sub(own(number), like)
    return f"{like}.m{number}"


def _names(row: Row) -> list[str]:
    listed = row.get("authors") or row.get("author") or []
    if isinstance(listed, str):
        return [name.strip() for name in listed.split(";") if name.strip()]
    return [f"{a.get('first', '')} {a.get('last', '')}".strip() if isinstance(a, dict) else str(a) for a in listed]


def _walk(follows: dict[str, list[str]], dice: random.Random) -> str:
    """A title of four to twenty words."""
    while True:
        words: list[str] = []
        word = dice.choice(follows[""])
        while word and len(words) < 20:
            words.append(word)
            word = dice.choice(follows[word])
        if len(words) >= 4:
            return " ".join(words)


def _slip(title: str, dice: random.Random) -> str:
    """The title as another source spells it."""
    match dice.randrange(5):
        case 0:
            return title.upper()
        case 1:
            at = dice.randrange(len(title))
            return title[:at] + title[at + 1 :]
        case 2:
            return title.replace(":", " -", 1)
        case 3:
            return title + "."
        case _:
            return title


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]) if len(sys.argv) > 3 else 1)
