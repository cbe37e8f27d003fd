"""Shuffles: the same records in random order, batches and repetitions, by one to four workers: one catalog."""

from __future__ import annotations

import argparse
import json
import random
import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from tests import line
from tests.lab import accounts, workers
from tests.lab.databases import Server, server
from tests.lab.far import Bibliography
from tests.lab.report import Report, quiet
from worker.match.keys import CAP

LISTING = Path(__file__).resolve().parents[1] / "sources" / "listing"
ORDER_DEPENDENT = frozenset(
    {"records: read and counted", "records written again though nothing changed", "papers made twice"}
)
"""Accounts upset rightly: by a page brought under two names, by a paper that is split and gets its number back."""


@dataclass(frozen=True)
class Item:
    """A page somebody brings: whose, how it is read, its name, its bytes."""

    source: str
    adapter: str
    name: str
    body: bytes


def pages(bibliography: Bibliography, dice: random.Random) -> list[Item]:
    """All records, cut into pages by chance; each page one to three times, sometimes under another name; shuffled."""
    told = [
        *_cut("desk", "table", bibliography.rows, dice),
        *_cut("shelf", "table", [*_variants(bibliography.rows), *_crowd()], dice),
        *_cut("openalex", "openalex", bibliography.works, dice),
        *(Item("mila", "listing", path.name, path.read_bytes()) for path in sorted(LISTING.glob("page_??.txt"))),
    ]
    repeated = []
    for item in told:
        repeated.append(item)
        for n in range(dice.randint(0, 2)):
            renamed = item.source != "mila" and dice.random() < 0.5
            repeated.append(replace(item, name=f"{item.name}, copy {n}") if renamed else item)
    dice.shuffle(repeated)
    return repeated


def _cut(source: str, adapter: str, rows: Sequence[Any], dice: random.Random) -> list[Item]:
    left = list(rows)
    dice.shuffle(left)
    items: list[Item] = []
    while left:
        size = dice.randint(1, 12)
        part, left = left[:size], left[size:]
        body = {"results": part, "meta": {"count": len(part)}} if adapter == "openalex" else None
        text = json.dumps(body) if body else "\n".join(json.dumps(row) for row in part)
        items.append(Item(source, adapter, f"{source} {len(items)}", text.encode()))
    return items


def _variants(rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """The same works as a careless source tells them: cut, misspelt, without identifier, two rows of one key."""
    told = []
    for number, row in enumerate(rows):
        other = {**row, "id": f"s{number:06d}"}
        match number % 7:
            case 0:
                other["title"] = row["title"][: len(row["title"]) * 2 // 3].rstrip() + "…"
            case 1:
                other["title"] = row["title"].replace("a", "e", 1)
                other.pop("doi", None)
            case 2:
                other["authors"] = row["authors"].split(";")[0] + " et al."
            case 3:
                told.append({**other, "venue": "Another venue", "year": row["year"] + 1})
            case 4:
                other.pop("abstract", None)
            case 5:
                other["title"], other["doi"] = "Preface", None
            case _:
                continue
        told.append(other)
    return told


def _crowd() -> list[dict[str, Any]]:
    """More records that begin alike than a blocking key may hold: two and two are one work, and share no other key."""
    told = []
    for number in range(CAP + 10):
        pair, second = divmod(number, 2)
        word = _FIRST[pair % len(_FIRST)] + _LAST[pair // len(_FIRST)]
        told.append(
            {
                "id": f"c{number:06d}",
                "title": f"Sparse lattices and the long memory of a {word[:-2] + word[:-3:-1] if second else word}",
                "year": 1990 + pair % 30,
                "venue": "Annals of Crowds",
                "volume": str(pair),
                "pages": f"{10 * pair + 1}-{10 * pair + 9}",
            }
        )
    return told


_FIRST = ("marble", "copper", "velvet", "harbour", "lantern", "thicket", "granite", "meadow", "saffron", "quarry")
_LAST = ("bridge", "market", "clock", "window", "garden", "tower")


def bring(at: Server, items: Sequence[Item], batches: Sequence[int], n_workers: Sequence[int]) -> tuple[str, str]:
    """The digest after all pages came in so many batches, each worked off by so many workers, and what is wrong."""
    name = at.copy()
    try:
        start = 0
        for end, n in zip([*batches, len(items)], n_workers, strict=True):
            with at.tools(name) as tools:
                for item in items[start:end]:
                    line.bring(tools, item.source, item.body, adapter=item.adapter, name=item.name, drain=False)
            workers.work(at, name, n)
            start = end
        with at.tools(name) as tools:
            _, _, wrong = accounts.audit(tools, but=ORDER_DEPENDENT)
            return accounts.digest(tools), str(wrong or "")
    finally:
        at.drop(name)


def main(argv: list[str]) -> int:
    """Compares every shuffle with the plain order."""
    parser = argparse.ArgumentParser(prog="python -m tests.lab shuffle", description=__doc__)
    parser.add_argument("--times", type=int, default=20)
    parser.add_argument("--records", type=int, default=60)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--workers", type=int, default=4, help="at most so many at once")
    asked = parser.parse_args(argv)
    quiet()

    report = Report(("digest", "shuffles", "pages", "batches", "workers"))
    bibliography = Bibliography(asked.records, seed=23)
    seen: dict[str, list[tuple[int, int, int]]] = {}
    with server() as at:
        for number in range(asked.times):
            dice = random.Random(f"{asked.seed} {number}")
            items = pages(bibliography, dice)
            batches = sorted(dice.sample(range(1, len(items)), dice.randint(0, min(4, len(items) - 1))))
            n_workers = [dice.randint(1, asked.workers) for _ in range(len(batches) + 1)]
            try:
                found, wrong = bring(at, items, batches, n_workers)
            except TimeoutError as error:
                report.must(False, f"shuffle {number}: {error}")
                continue
            report.must(not wrong, f"shuffle {number}: {wrong}")
            seen.setdefault(found, []).append((len(items), len(batches) + 1, max(n_workers)))
            print(f"shuffle {number}: {found[:12]}", file=sys.stderr, flush=True)
    for found, runs in seen.items():
        report.row(found[:16], len(runs), *(f"{min(column)}-{max(column)}" for column in zip(*runs, strict=True)))
    report.figure("shuffles", sum(map(len, seen.values())), "shuffles")
    report.figure("digests", len(seen), "digests")
    report.must(len(seen) == 1, f"{len(seen)} different catalogs came of the same records")
    return report.end()
