"""The far side of the lab: a bibliography made by dice, told by two sources over real HTTP on the loopback address.

``desk`` is a table in many pages that can be fetched in any order; ``openalex`` tells a third of the same works and
some more, behind a chain of cursors. Some rows lack an abstract, so enrichment has something to ask.
"""

from __future__ import annotations

import json
import random
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from typing import Any
from urllib.parse import unquote

from worker.demo.server import Answer, as_json, listen

CHANGED = datetime(2026, 3, 20, tzinfo=UTC)
SYLLABLES = (
    "ba",
    "ce",
    "di",
    "fo",
    "gu",
    "ha",
    "je",
    "ki",
    "lo",
    "mu",
    "na",
    "pe",
    "qui",
    "ro",
    "su",
    "ta",
    "ve",
    "wi",
)
COMMON = ("of", "the", "for", "with", "learning", "networks", "a", "study", "on", "models", "deep", "toward")
OVERLAP = 3
"""Every third work is told by both sources."""


@dataclass(frozen=True)
class Bibliography:
    """``n`` works, ``per_page`` rows on a page of the desk; equal numbers make equal works."""

    n: int
    per_page: int = 1
    seed: int = 5
    delay_s: float = 0.0
    """How long the server thinks over each answer."""

    @cached_property
    def rows(self) -> list[dict[str, Any]]:
        """The works as the desk tells them."""
        dice = random.Random(self.seed)
        names = [f"{_word(dice, 2).title()} {_word(dice, 3).title()}" for _ in range(max(20, self.n // 6))]
        return [_row(dice, number, names) for number in range(self.n)]

    @cached_property
    def works(self) -> list[dict[str, Any]]:
        """The works as OpenAlex tells them."""
        return [_work(row) for row in self.rows[::OVERLAP]]

    @property
    def n_pages(self) -> int:
        """Pages of the desk."""
        return -(-self.n // self.per_page)

    def page(self, number: int) -> bytes:
        """One page of the desk."""
        rows = self.rows[number * self.per_page : (number + 1) * self.per_page]
        return b"".join(json.dumps(row, ensure_ascii=False).encode() + b"\n" for row in rows)

    @cached_property
    def _by_name(self) -> dict[str, dict[str, Any]]:
        names = {str(work["id"]).rpartition("/")[2].lower(): work for work in self.works}
        return names | {str(work["doi"]).lower().removeprefix("https://doi.org/"): work for work in self.works}

    def answer(self, path: str, query: Mapping[str, str]) -> Answer | None:
        """What the server says."""
        time.sleep(self.delay_s)
        if path.startswith("/desk/"):
            return Answer(self.page(int(path[6:].split(".")[0])), "application/jsonl", modified=CHANGED)
        if path == "/openalex/works" and "search" not in query:
            start = int(query["cursor"].removeprefix("at")) if query.get("cursor", "*") != "*" else 0
            step = max(1, self.per_page)
            shown = self.works[start : start + step]
            after = f"at{start + step}" if start + step < len(self.works) else None
            return as_json({"meta": {"count": len(self.works), "next_cursor": after}, "results": shown})
        if path == "/openalex/works":
            return as_json({"meta": {"count": 0, "next_cursor": None}, "results": []})
        if path.startswith("/openalex/works/"):
            name = unquote(path[16:]).lower().removeprefix("doi:").removeprefix("https://doi.org/")
            return as_json(self._by_name[name]) if name in self._by_name else None
        return None

    @contextmanager
    def served(self) -> Iterator[str]:
        """Answers over HTTP as long as the block lasts; the base address."""
        with listen(self.answer) as server:
            server.handle_error = lambda *_: None  # type: ignore[method-assign]  # whoever asks is killed now and then
            thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
            thread.start()
            yield f"http://127.0.0.1:{server.server_address[1]}"
            server.shutdown()
            thread.join()

    def sources(self, base_url: str) -> str:
        """The sources file that harvests it."""
        pages = ", ".join(f'"{base_url}/desk/{number:06d}.jsonl"' for number in range(self.n_pages))
        return (
            f'[sources.desk]\nkind = "table"\nbase_url = "{base_url}"\npages = [{pages}]\n'
            f'[sources.openalex]\nkind = "openalex"\nbase_url = "{base_url}/openalex"\nfilter = "type:article"\n'
            "questions_per_day = 1000000\n"
        )


def _word(dice: random.Random, n: int) -> str:
    return "".join(dice.choice(SYLLABLES) for _ in range(n))


def _row(dice: random.Random, number: int, names: list[str]) -> dict[str, Any]:
    title = [_word(dice, dice.randint(2, 4)) if dice.random() < 0.6 else dice.choice(COMMON) for _ in range(8)]
    row: dict[str, Any] = {
        "id": f"w{number:06d}",
        "title": " ".join(title).capitalize(),
        "authors": "; ".join(dice.sample(names, dice.randint(1, 5))),
        "venue": f"Annals of {_word(random.Random(number % 40), 3).title()}",
        "year": 1990 + dice.randrange(35),
        "abstract": " ".join(_word(dice, dice.randint(1, 4)) for _ in range(60)).capitalize() + ".",
    }
    if dice.random() < 0.7:
        row["doi"] = f"10.5555/lab.{number}"
    if dice.random() < 0.1:
        del row["abstract"]
    return row


def _work(row: Mapping[str, Any]) -> dict[str, Any]:
    number = int(row["id"][1:])
    words = (row.get("abstract") or "An abstract that only the second source tells, in full and to its end.").split()
    index: dict[str, list[int]] = {}
    for position, word in enumerate(words):
        index.setdefault(word, []).append(position)
    own = f"https://openalex.org/W{8_000_000_000 + number}"
    doi = f"https://doi.org/{row['doi']}" if "doi" in row else None
    authors = [
        {
            "author_position": "middle",
            "author": {"id": f"https://openalex.org/A{8_000_000_000 + hash_of(name)}", "display_name": name},
            "institutions": [],
            "raw_author_name": name,
        }
        for name in row["authors"].split("; ")
    ]
    return {
        "id": own,
        "doi": doi,
        "title": row["title"],
        "display_name": row["title"],
        "publication_year": row["year"],
        "publication_date": f"{row['year']}-01-01",
        "ids": {"openalex": own},
        "language": "en",
        "type": "article",
        "primary_location": {"source": {"display_name": row["venue"], "type": "journal"}},
        "authorships": authors,
        "biblio": {},
        "abstract_inverted_index": index,
    }


def hash_of(name: str) -> int:
    """A number for a name, the same in every process."""
    return sum(ord(letter) * 131**place for place, letter in enumerate(name)) % 900_000_000
