"""Captures made from real papers: what a page shows, and what a capture of it loses."""

from __future__ import annotations

import gzip
import json
import random
from dataclasses import dataclass

from tests.shared import SHARED

SETS = ("iclr2022_openreview", "icml2023_pmlr", "acl2022_anthology")


@dataclass(frozen=True)
class Paper:
    title: str
    authors: tuple[str, ...]
    abstract: str


@dataclass(frozen=True)
class Shown:
    """What is left of one paper in a capture."""

    title: str | None
    authors: tuple[str, ...]
    abstract: str | None


def papers() -> list[Paper]:
    """Papers with abstracts, in a fixed order; every text on one line."""
    found = []
    for name in SETS:
        content = json.loads(gzip.decompress((SHARED / "conferences" / f"{name}.json.gz").read_bytes()))
        for row in next(value for value in content.values() if isinstance(value, list)):
            if row.get("title") and len(row.get("abstract") or "") > 250:
                names = [one if isinstance(one, str) else one["name"] for one in row.get("authors") or ()]
                found.append(Paper(_line(row["title"]), tuple(map(_line, names)), _line(row["abstract"])))
    return found


def _line(text: str) -> str:
    return " ".join(text.split())


def capture(chance: random.Random, papers: list[Paper]) -> tuple[str, list[Shown]]:
    """A page of some papers of which titles, authors and abstracts are lost at random, and what is left."""
    chosen = chance.sample(papers, chance.choice((1, 2, 5, 11, 20, 30)))
    lost = [chance.choice((0, 0.1, 0.3, 0.5, 0.8)) for _ in range(3)]
    marker = chance.choice(("… (voir plus)", "… (see more)"))
    one_line, blank = chance.random() < 0.3, chance.random() < 0.3
    lines, left = ["Publications"], []
    for paper in chosen:
        title, names, abstract = (chance.random() >= share for share in lost)
        shown = Shown(
            paper.title if title else None,
            paper.authors if names and (title or abstract) else (),
            paper.abstract if abstract else None,
        )
        lines += [shown.title] if shown.title else []
        lines += [", ".join(shown.authors)] if one_line and shown.authors else shown.authors
        lines += [shown.abstract[:140] + marker + shown.abstract[140:]] if shown.abstract else []
        lines += [""] if blank else []
        left.append(shown)
    return chance.choice(("\n", "\r\n")).join(lines), left
