"""The past: what changed, and the catalog as it stood at any moment, against dumps taken at that moment."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.line import DAY, ask, bring, lines
from worker.tools import Tools

WORDS = (
    "graph", "flow", "kernel", "causal", "sparse", "neural", "policy", "bandit", "attention", "vision", "protein",
    "climate", "speech", "music",
)  # fmt: skip
PEOPLE = ("Ada Lovelace", "Emile Borel", "Grace Hopper", "Alan Turing", "Emmy Noether", "Sofia Kovalevskaya")
SAME_AS_PAPERS = ["has_conflict", "n_institute_authors", "citations_at"]
"""What the past does not tell."""


def paper(n: int, dice: random.Random) -> dict[str, Any]:
    words = random.Random(n)
    return {
        "id": str(n),
        "title": " ".join(words.sample(WORDS, 5)).capitalize() + f" {n}",
        "authors": "; ".join(words.sample(PEOPLE, 3)),
        "venue": dice.choice(("Journal of Seeing", "Annals of Hearing", "")),
        "year": str(2015 + n % 8),
        "doi": f"10.5555/h{n}" if dice.random() < 0.7 else "",
        "abstract": dice.choice(("", f"We study {n}.", f"We study {n}. We find more than we hoped.")),
        "n_citations": dice.randrange(5),
    }


def as_dumped(tools: Tools) -> dict[tuple[str, ...], dict[str, Any]]:
    """The papers of the canonical dump, by their records."""
    return {tuple(line["records"]): line for line in lines(tools) if line["entity"] == "paper"}


def as_of(tools: Tools, moment: datetime) -> dict[str, dict[str, Any]]:
    """What ``papers_as_of`` says, by paper_key."""
    with tools.transaction() as cursor:
        cursor.execute("select * from analytics.papers_as_of(%s)", (moment,))
        names = [column.name for column in cursor.description or ()]
        return {row[1]: dict(zip(names, row, strict=True)) for row in cursor.fetchall()}


def expected(line: dict[str, Any]) -> dict[str, Any]:
    """Columns of papers, told from a line of the canonical dump."""
    ids: dict[str, str] = {}
    for text in line.get("identifiers") or []:
        ids.setdefault(*text.split(":", 1))
    names = [author[0] for author in line.get("authors") or []]
    return {
        "title": line.get("title"),
        "title_language": line.get("title_language", "und"),
        "title_state": line.get("title_state"),
        "abstract": line.get("abstract"),
        "abstract_state": line.get("abstract_state"),
        "paper_type": line.get("kind", "other"),
        "publication_status": line.get("status", "unknown"),
        "publication_year": int(line["published"][:4]) if line.get("published") else None,
        "venue_name": line.get("venue"),
        "venue_type": line.get("venue_kind"),
        "landing_page_url": line.get("landing_url"),
        "doi": ids.get("doi"),
        "arxiv_id": ids.get("arxiv"),
        "author_names_text": "; ".join(names) or None,
        "n_authors": len(names),
        "n_citations": line.get("n_citations"),
        "citations_source": line.get("citations_source"),
        "is_retracted": line["is_retracted"],
        "n_records": len(line["records"]),
        "n_sources": len({name.split(":", 1)[0] for name in line["records"]}),
        "topics_text": "; ".join(line.get("topics") or []) or None,
    }


def told(row: dict[str, Any]) -> str:
    return repr(sorted(row.items()))


def busy(tools: Tools, seed: int, steps: int) -> list[tuple[datetime, list[dict[str, Any]]]]:
    """Many small deliveries of three sources that correct, join, part and withdraw; (moment, dump) after each."""
    dice = random.Random(seed)
    seen = []
    for step in range(steps):
        source = dice.choice(("desk", "shelf", "attic"))
        rows = [paper(dice.randrange(30), dice) for _ in range(dice.randrange(1, 8))]
        rows = list({row["id"]: row for row in rows}.values())
        if dice.random() < 0.3:
            # The same key with another title: the record leaves its paper.
            rows[0]["title"] = f"Something else entirely about {dice.choice(WORDS)} number {step}"
        bring(tools, source, rows, name=f"{source}.jsonl", as_of=DAY + timedelta(days=step))
        [(moment,)] = ask(tools, "select clock_timestamp()")
        seen.append((moment, [line for line in lines(tools) if line["entity"] == "paper"]))
    return seen


@pytest.mark.parametrize("seed", [1, 2])
def test_papers_as_of_are_the_dump_of_that_moment(tools: Tools, seed: int) -> None:
    seen = busy(tools, seed, 30)
    kinds = {row[0] for row in ask(tools, "select distinct kind from catalog.history where entity = 'paper'")}
    assert {"changed", "merged", "split"} <= kinds
    columns = list(expected(seen[-1][1][0]))
    for moment, dumped in random.Random(seed).sample(seen, 20):
        past = as_of(tools, moment)
        assert sorted(told({c: row[c] for c in columns}) for row in past.values()) == sorted(
            told(expected(line)) for line in dumped
        )


def test_now_is_the_present(tools: Tools) -> None:
    """Every column, the three that the past does not tell apart."""
    busy(tools, 3, 8)
    with tools.transaction() as cursor:
        cursor.execute("select * from analytics.papers")
        names = [column.name for column in cursor.description or ()]
        present = {row[1]: dict(zip(names, row, strict=True)) for row in cursor.fetchall()}
    past = as_of(tools, datetime.now(UTC) + timedelta(seconds=1))
    for rows in (present, past):
        for row in rows.values():
            for name in SAME_AS_PAPERS:
                row[name] = None
    assert past == present
    assert as_of(tools, datetime(2000, 1, 1, tzinfo=UTC)) == {}


def test_history_names_field_source_and_both_values(tools: Tools) -> None:
    row = {"id": "1", "title": "On the growth of graphs", "authors": "Ada Lovelace; Emile Borel", "year": "2020"}
    bring(tools, "desk", [row], name="desk.jsonl")
    assert ask(tools, "select count(*) from catalog.history") == [(0,)]
    bring(tools, "shelf", [{**row, "id": "s", "venue": "Journal of Seeing", "year": ""}], name="shelf.jsonl")
    bring(tools, "desk", [{**row, "year": "2021"}], name="desk.jsonl", as_of=DAY + timedelta(days=1))
    found = ask(
        tools,
        "select field_name, old_value_text, new_value_text, source_name, change_kind from analytics.paper_history"
        " where field_name in ('venue', 'records', 'publication_date') order by change_id, field_name",
    )
    assert ("venue", None, "Journal of Seeing", "shelf", "changed") in found
    assert any(name == "records" and "; " in (new or "") for name, _, new, _, _ in found)
    assert [(old, new) for name, old, new, _, _ in found if name == "publication_date"] == [("2020", "2021")]


def test_citations_are_kept_by_the_days_they_held(tools: Tools) -> None:
    row = {"id": "1", "title": "On the growth of graphs", "authors": "Ada Lovelace; Emile Borel", "year": "2020"}
    for day, count in enumerate((3, 4, 4, 9)):
        bring(tools, "desk", [{**row, "n_citations": count}], name="d.jsonl", as_of=DAY + timedelta(days=day))
        with tools.transaction() as cursor:
            # Yesterday's work: the days of this test go by faster than the clock.
            cursor.execute(
                "update catalog.history set at = at - interval '1 day', born_at = born_at - interval '1 day'"
            )
            cursor.execute("update catalog.paper set created_at = created_at - interval '1 day'")
    found = ask(
        tools, "select n_citations, counted_until_date is null from analytics.citations_by_day order by n_citations"
    )
    assert found == [(3, False), (4, False), (9, True)]
    for day, count in ((4, 10), (5, 11)):
        bring(tools, "desk", [{**row, "n_citations": count}], name="d.jsonl", as_of=DAY + timedelta(days=day))
    found = ask(tools, "select n_citations from analytics.citations_by_day order by counted_from_date")
    assert found == [(3,), (4,), (9,), (11,)]  # 10 held for a moment of the day that 9 ended and 11 began


def test_a_year_of_daily_changes_costs_what_changed(tools: Tools) -> None:
    """Space follows the values that change, not the papers that do not: a sample of days, in bytes a change."""
    dice = random.Random(5)
    rows = {str(n): paper(n, dice) for n in range(200)}
    bring(tools, "desk", list(rows.values()), name="d.jsonl", unique=True)
    n_changes = 0
    for day in range(1, 21):
        for n in dice.sample(sorted(rows), 10):
            rows[n] = {**rows[n], "n_citations": rows[n]["n_citations"] + 1}
            n_changes += 1
        bring(tools, "desk", list(rows.values()), name="d.jsonl", unique=True, as_of=DAY + timedelta(days=day))
    [(n_rows, n_bytes)] = ask(
        tools, "select count(*), sum(pg_column_size(h.*)) from catalog.history h where entity = 'paper'"
    )
    assert n_rows == n_changes
    assert n_bytes / n_changes < 400
