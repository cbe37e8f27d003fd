"""The contract in files: columns and types, the data dictionary, a diagram. Written by command, kept true by a test.

``python -m catalog.dictionary DATABASE_URL`` writes them from a database, whose rows give the examples: best a demo's.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import psycopg

from catalog.engine import Cursor

ROOT = Path(__file__).resolve().parents[1]
CONTRACT = Path(__file__).with_name("views") / "contract.json"
DICTIONARY = ROOT / "docs" / "reference" / "data-dictionary.md"
DIAGRAM = ROOT / "docs" / "reference" / "diagram.md"
TYPES = frozenset({"text", "integer", "bigint", "double precision", "boolean", "date", "timestamp with time zone"})
"""What every BI tool understands."""
KEYS = {
    "paper_id": "papers",
    "author_id": "authors",
    "venue_id": "venues",
    "organization_id": "organizations",
    "topic_id": "topics",
    "course_id": "courses",
    "offering_id": "course_offerings",
    "record_id": "source_records",
}
"""Column that leads somewhere -> where."""
OTHER_NAMES = {
    "author_a_id": "author_id",
    "author_b_id": "author_id",
    "organization_a_id": "organization_id",
    "organization_b_id": "organization_id",
    "current_organization_id": "organization_id",
    "to_paper_id": "paper_id",
    "to_author_id": "author_id",
    "paper_a_id": "paper_id",
    "paper_b_id": "paper_id",
    "record_a_id": "record_id",
    "record_b_id": "record_id",
    "source_record_id": "record_id",
}
LONGEST_EXAMPLE = 60

Contract = dict[str, dict[str, str]]


def contract(cursor: Cursor) -> Contract:
    """View or function -> column -> type, in their order; arguments of functions stand in the name."""
    found: Contract = {}
    for view, column, kind in cursor.execute(
        "select view_name, column_name, data_type from analytics.data_dictionary order by view_name, ordinal"
    ).fetchall():
        found.setdefault(view, {})[column] = kind
    for name, arguments, result in cursor.execute(
        "select p.proname, pg_get_function_arguments(p.oid), pg_get_function_result(p.oid) from pg_proc p"
        " where p.pronamespace = 'analytics'::regnamespace order by p.proname"
    ).fetchall():
        found[f"{name}({arguments})"] = {"returns": result}
    return found


def comments(cursor: Cursor) -> dict[str, str]:
    """View or function -> what one row of it is."""
    found = dict(cursor.execute("select distinct view_name, view_comment from analytics.data_dictionary").fetchall())
    functions = cursor.execute(
        "select p.proname || '(' || pg_get_function_arguments(p.oid) || ')', obj_description(p.oid, 'pg_proc')"
        " from pg_proc p where p.pronamespace = 'analytics'::regnamespace"
    )
    return {**found, **dict(functions.fetchall())}


def examples(cursor: Cursor, view: str) -> dict[str, str]:
    """Column -> a value, from the row that fills most columns."""
    cursor.execute(
        f"select * from analytics.{view} v order by (select count(*) from jsonb_each(to_jsonb(v)) e"  # noqa: S608
        " where e.value <> 'null') desc limit 1"
    )
    row = cursor.fetchone()
    names = [column.name for column in cursor.description or ()]
    return {name: _shown(value) for name, value in zip(names, row or (), strict=False) if value is not None}


def _shown(value: Any) -> str:
    text = str(value).lower() if isinstance(value, bool) else f"{value:.3g}" if isinstance(value, float) else str(value)
    text = " ".join(text.split())
    return text if len(text) <= LONGEST_EXAMPLE else f"{text[: LONGEST_EXAMPLE - 2]} …"


def dictionary(cursor: Cursor, shown: Mapping[str, Mapping[str, str]]) -> str:
    """The data dictionary as Markdown; ``shown`` gives an example for each view and column."""
    told = {
        (view, column): text
        for view, column, text in cursor.execute(
            "select view_name, column_name, comment from analytics.data_dictionary"
        ).fetchall()
    }
    described = comments(cursor)
    lines = [
        "# Data dictionary",
        "",
        "Every view of schema `analytics`, from the comments in the database. Written by `python -m catalog.dictionary`;",
        "the examples are of the demo. The same in SQL: `select * from data_dictionary`. How views hang together:",
        "[diagram](diagram.md).",
        "",
    ]
    for view, columns in contract(cursor).items():
        lines += [f"## {view}", "", described[view], ""]
        if "returns" in columns and (view, "returns") not in told:
            lines += [f"Returns: `{columns['returns']}`", ""]
            continue
        lines += ["| column | type | meaning | example |", "|---|---|---|---|"]
        for column, kind in columns.items():
            example = shown.get(view, {}).get(column)
            cell = f"`{_cell(example)}`" if example else ""
            lines.append(f"| {column} | {kind} | {_cell(told[view, column])} | {cell} |")
        lines.append("")
    return "\n".join(lines)


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("`", "'")


def diagram(found: Contract) -> str:
    """How the views hang together, as a mermaid diagram: every column that leads to another view is a line."""
    lines = [
        "# How the views hang together",
        "",
        "Every line is a column that leads to a row of another view. Written by `python -m catalog.dictionary`.",
        "",
        "```mermaid",
        "erDiagram",
    ]
    for view, columns in found.items():
        for column in columns:
            target = KEYS.get(OTHER_NAMES.get(column, column))
            if target and target != view:
                lines.append(f"    {target} ||--o{{ {view} : {column}")
    for view in sorted({*KEYS.values()}):
        keys = [f"        {_short(kind)} {column}" for column, kind in found[view].items() if column.endswith(("_id", "_key"))]
        lines += [f"    {view} {{", *keys, "    }"]
    return "\n".join([*lines, "```", ""])


def _short(kind: str) -> str:
    return {"bigint": "int8", "integer": "int4"}.get(kind, kind.split()[0])


def main() -> None:
    """Writes the three files."""
    with psycopg.connect(sys.argv[1]) as connection, connection.cursor() as cursor:
        found = contract(cursor)
        shown = {view: examples(cursor, view) for view in found if "(" not in view}
        CONTRACT.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
        DICTIONARY.write_text(dictionary(cursor, shown), encoding="utf-8")
        DIAGRAM.write_text(diagram(found), encoding="utf-8")


if __name__ == "__main__":
    main()
