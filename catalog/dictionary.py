"""The contract in files: columns and types, the data dictionary, a diagram. Written by command, kept true by a test.

``python -m catalog.dictionary DATABASE_URL`` writes them from a database, whose rows give the examples: best a demo's.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import psycopg

from catalog.engine import Cursor

ROOT = Path(__file__).resolve().parents[1]
CONTRACT = Path(__file__).with_name("views") / "contract.json"
DICTIONARY = ROOT / "docs" / "reference" / "data-dictionary.md"
SAMPLES = ROOT / "docs" / "sample-queries"
SAMPLES_VIEW = Path(__file__).with_name("views") / "92_sample_queries.sql"
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
    views = cursor.execute("select distinct view_name, view_comment from analytics.data_dictionary")
    found: dict[str, str] = dict(views.fetchall())
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
        "Every view of schema `analytics`, from the comments in the database; the examples are of the demo. Written by",
        "`python -m catalog.dictionary`. The same in SQL: `select * from data_dictionary`. How views hang together:",
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


def told_before() -> dict[str, dict[str, str]]:
    """The examples that stand in the data dictionary now: what a database does not fill keeps them."""
    found: dict[str, dict[str, str]] = {}
    view = ""
    for line in DICTIONARY.read_text(encoding="utf-8").splitlines() if DICTIONARY.exists() else ():
        if line.startswith("## "):
            view = line.removeprefix("## ")
        elif example := re.fullmatch(r"\| (\w+) \| .* \| `(.+)` \|", line):
            found.setdefault(view, {})[example[1]] = example[2].replace("\\|", "|")
    return found


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
        named = {column: kind for column, kind in found[view].items() if column.endswith(("_id", "_key"))}
        keys = [f"        {_short(kind)} {column}" for column, kind in named.items()]
        lines += [f"    {view} {{", *keys, "    }"]
    return "\n".join([*lines, "```", ""])


def _short(kind: str) -> str:
    return {"bigint": "int8", "integer": "int4"}.get(kind, kind.split()[0])


def samples_view() -> str:
    """The view that shows the sample queries of docs to whoever is connected."""
    rows = []
    for path in sorted(SAMPLES.glob("*.sql")):
        question, _, text = path.read_text(encoding="utf-8").partition("\n")
        rows.append(f"    ($q${path.stem}$q$, $q${question.removeprefix('-- ')}$q$, $q${text.strip()}$q$)")
    values = ",\n".join(rows)
    return f"""-- Written by python -m catalog.dictionary from docs/sample-queries.
create view analytics.sample_queries as
select q.query_name, q.question, q.sql_text
from (
    values
{values}
) q(query_name, question, sql_text);

comment on view analytics.sample_queries is 'One row per sample query: a question an institute asks, and its SQL.';
comment on column analytics.sample_queries.query_name is 'Its file in docs/sample-queries, without .sql.';
comment on column analytics.sample_queries.question is 'The question.';
comment on column analytics.sample_queries.sql_text is 'The query, ready to run.';
"""  # noqa: S608


def main() -> None:
    """Writes the files; the view of sample queries first, which the next migration makes."""
    SAMPLES_VIEW.write_text(samples_view(), encoding="utf-8")
    with psycopg.connect(sys.argv[1]) as connection, connection.cursor() as cursor:
        found = contract(cursor)
        before = told_before()
        shown = {view: before.get(view, {}) | examples(cursor, view) for view in found if "(" not in view}
        CONTRACT.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
        DICTIONARY.write_text(dictionary(cursor, shown), encoding="utf-8")
        DIAGRAM.write_text(diagram(found), encoding="utf-8")


if __name__ == "__main__":
    main()
