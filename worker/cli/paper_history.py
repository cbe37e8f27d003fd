"""``pubcat papers history``: what a paper was before, who or what changed it, and what people decided about it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from worker.cli import common, paper_decisions

if TYPE_CHECKING:
    from catalog.engine import Cursor

_PAST = """
    with recursive line(paper_id) as (
        select %s::bigint union
        select from_id from catalog.redirect join line on entity = 'paper' and to_id = line.paper_id)
    select changed_at as at, 'p-' || lpad(paper_id::text, greatest(6, length(paper_id::text)), '0') as paper,
           change_kind as what, field_name as field, old_value_text as old, new_value_text as new,
           source_name as source, actor as by, null::int8 as decision
    from analytics.paper_history join line using (paper_id)
    union all
    select first_seen_at, paper_key, 'created', null, null, null, null, null, null
    from analytics.papers join line using (paper_id)
"""
LONGEST = 60
"""Letters of a value shown in the table; --json tells all."""


def history(
    paper: paper_decisions.Paper,
    limit: Annotated[int | None, typer.Option(min=1, help="The latest so many only.")] = None,
    json: common.Json = False,
) -> None:
    """Show what changed of a paper, and of those merged into it, the latest last; with the decisions about it."""
    with common.reading() as cursor:
        found = _history(cursor, paper_decisions.sole(cursor, paper))
    found = found[-limit:] if limit else found
    if not json:
        found = [{**row, "what": _told(row), "by": row["by"] or row["source"] or ""} for row in found]
    common.show(found, {"at": "when", "paper": "paper", "by": "by", "what": "what"}, json=json)


def _history(cursor: Cursor, paper_id: int) -> list[dict[str, Any]]:
    from worker.pipeline import decisions

    subjects = paper_decisions.members(cursor, paper_id)
    past = common.rows(cursor, _PAST, (paper_id,))
    decided = [
        {"at": one["at"], "paper": f"p-{paper_id:06d}", "what": one["text"], "field": one["field"], "old": None,
         "new": one["value"], "source": None, "by": one["by"], "decision": one["decision"]}
        for one in decisions.listed(cursor, about=subjects)
    ]  # fmt: skip
    return sorted([*past, *decided], key=lambda row: (row["at"], row["decision"] or 0, row["field"] or ""))


def _told(row: dict[str, Any]) -> str:
    """One change as a line."""
    match row["what"]:
        case "changed" | "split":
            verb = "records left; " if row["what"] == "split" else ""
            return f"{verb}{row['field']}: {_short(row['old'])} became {_short(row['new'])}"
        case "merged":
            return f"merged into {row['new']}"
        case "deleted":
            return "came to its end: no record is left"
        case "created":
            return "first seen"
        case said:
            return str(said)


def _short(text: str | None) -> str:
    if text is None:
        return "nothing"
    return f'"{text}"' if len(text) <= LONGEST else f'"{text[: LONGEST - 2]} …"'
