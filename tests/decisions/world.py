"""A small institute that three sources describe, and what may be decided about it."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from tests.line import DAY

SOURCES = ("alpha", "beta", "gamma")
SUBJECTS = ("kernels", "turtles", "flows", "bandits", "proteins")
PEOPLE = ("Ada Lovelace", "Emmy Noether", "Alan Turing", "Kurt Gödel", "Grace Hopper")
VALUES = {
    "title": ("A title somebody typed", "Another title somebody typed"),
    "venue": ("NeurIPS", ""),
    "authors": ("Ada Lovelace; Alan Turing", "Emmy Noether"),
    "publication_date": ("2020", "2021-05-06"),
    "topics": ("graphs; trees",),
}
"""Field -> what people set it to."""


@dataclass(frozen=True)
class Page:
    """One payload: what a source says of a few works on one day."""

    source: str
    name: str
    as_of: datetime
    rows: tuple[dict[str, Any], ...]

    @property
    def unique(self) -> bool:
        """Whether the source lists each work once."""
        return self.source == "gamma"


def pages(seed: int) -> list[Page]:
    """Two or three pages a source, each in two versions; no two of one day."""
    dice = random.Random(seed)
    works = [_work(dice, number) for number in range(6)]
    found = []
    day = 0
    for source in SOURCES:
        rows = [_row(dice, source, number, work) for number, work in enumerate(works) if dice.random() < 0.8]
        for start in range(0, len(rows), 3):
            some = rows[start : start + 3]
            for version in (some, [_changed(dice, row) for row in some]):
                day += 1
                found.append(Page(source, f"{source}{start}", DAY + timedelta(days=day), tuple(version)))
    return found


def _work(dice: random.Random, number: int) -> dict[str, Any]:
    """Works come in pairs that are easily mixed up: two parts of one title, or one title by others."""
    twin = random.Random(number // 2)
    subject = twin.choice(SUBJECTS)
    part = ("", ": part two")[number % 2]
    return {
        "title": f"On the slow growth of {subject} in the far north of the country{part}",
        "authors": "; ".join(twin.sample(PEOPLE, 2) if dice.random() < 0.6 else dice.sample(PEOPLE, 2)),
        "year": 2015 + dice.randrange(3),
        "venue": dice.choice(["ICML", "Journal of Tests", ""]),
        "doi": f"10.5555/{number}" if dice.random() < 0.4 else None,
    }


def _row(dice: random.Random, source: str, number: int, work: dict[str, Any]) -> dict[str, Any]:
    row = {"id": f"{number}", **work}
    if dice.random() < 0.3:
        row["title"] = row["title"].partition(":")[0]
    if dice.random() < 0.3:
        row["doi"] = None
    if dice.random() < 0.2:
        row["year"] += 1
    return row


def _changed(dice: random.Random, row: dict[str, Any]) -> dict[str, Any]:
    """What the source says later: the same as a rule, else another title, or an identifier."""
    change = dice.random()
    if change < 0.3:
        return {**row, "title": f"{dice.choice(SUBJECTS).capitalize()} of {row['id']}, an entirely other story"}
    if change < 0.5:
        return {**row, "doi": f"10.5555/{dice.randrange(6)}"}
    return row
