"""One HTML page about a catalog: pictures with their numbers, no scripts, nothing fetched from elsewhere."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from html import escape
from statistics import median
from typing import Any

from worker.export import pictures
from worker.export.pictures import visible

Rows = Sequence[Mapping[str, Any]]


@dataclass(frozen=True)
class Facts:
    """What the page tells. Rows have the columns that the picture of the same name wants."""

    title: str
    made_at: datetime
    counts: Mapping[str, int]
    years: Rows = ()
    venues: Rows = ()
    open_access: Rows = ()
    people: Rows = ()
    links: Rows = ()
    lags: Rows = ()
    completeness: Rows = ()
    freshness: Rows = ()
    courses: Rows = ()
    quality: Rows = ()


@dataclass(frozen=True)
class _Section:
    """A picture with its heading, one sentence, and the numbers behind it."""

    heading: str
    sentence: str
    rows: Rows
    columns: Mapping[str, str]
    draw: Callable[[], str] | None = None
    wide: bool = False
    nothing: str = "Nothing is known of this yet."
    shown: bool = field(default=False)
    """Whether the numbers stand open: a table is the picture."""


def page(facts: Facts) -> str:
    """The whole page, as a string of HTML."""
    title = escape(visible(facts.title))
    tiles = "".join(
        f'<div class="tile"><b>{value:,}</b><span>{escape(name)}</span></div>' for name, value in facts.counts.items()
    )
    body = "".join(_section(one) for one in _sections(facts))
    made = facts.made_at.astimezone(UTC).strftime("%d %B %Y, %H:%M UTC").lstrip("0")
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n"
        f"<title>{title}</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n"
        f"<header><h1>{title}</h1><p>The catalog as of {made}.</p></header>\n"
        f'<div class="tiles">{tiles}</div>\n<main>{body}</main>\n'
        "<footer>Made by Pubcat. Every value can say where it comes from: pubcat papers show ID --why FIELD</footer>\n"
        "</body>\n</html>\n"
    )


def _sections(facts: Facts) -> list[_Section]:
    return [
        _Section(
            "Output by year", _peak(facts.years), facts.years, {"year": "year", "kind": "type", "n": "papers"},
            lambda: pictures.by_year(facts.years), nothing="No paper has a year yet.",
        ),
        _Section(
            "Venues", "Where most papers appeared.", facts.venues, {"name": "venue", "n": "papers"},
            lambda: pictures.bars(facts.venues, "Papers by venue", "papers"), nothing="No paper has a venue yet.",
        ),
        _Section(
            "Open access", _open_share(facts.open_access), facts.open_access,
            {"year": "year", "status": "status", "n": "papers"}, lambda: pictures.open_access(facts.open_access),
            nothing="No source has told yet what is open.",
        ),
        _Section(
            "From preprint to publication", _lag(facts.lags), facts.lags,
            {"paper": "paper", "preprint_date": "preprint", "published_date": "published", "months": "months"},
            lambda: pictures.lags(facts.lags), nothing="No paper has dates of both its preprint and its publication.",
        ),
        _Section(
            "Who writes with whom", "The authors with most joint papers; a thicker line is more papers.", facts.links,
            {"source_name": "author", "target_name": "author", "n": "joint papers"},
            lambda: pictures.network(facts.people, facts.links), wide=True,
            nothing="No two people have written together yet.",
        ),
        _Section(
            "Completeness by source", "The share of each source's records that carry a field.", facts.completeness,
            {"source": "source", "field": "field", "share": "share", "n": "records"},
            lambda: pictures.completeness(facts.completeness),
        ),
        _Section(
            "Freshness", _late(facts.freshness), facts.freshness,
            {"source": "source", "last_success_at": "last success", "hours": "hours ago", "n_records": "records",
             "late": "late"}, shown=True, nothing="No source has been synced yet.",
        ),
        _Section(
            "Courses", _next(facts.courses, facts.made_at.date()), facts.courses,
            {"course": "course", "start": "from", "end": "to", "place": "where", "note": "note"},
            lambda: pictures.calendar(facts.courses), nothing="No course is announced.",
        ),
        _Section(
            "Quality", "What the catalog checks of itself.", facts.quality,
            {"description": "check", "n_checked": "checked", "n_failed": "failed", "share": "share"}, wide=True,
            shown=True,
        ),
    ]  # fmt: skip


def _peak(years: Rows) -> str:
    totals: dict[int, int] = {}
    for row in years:
        totals[row["year"]] = totals.get(row["year"], 0) + row["n"]
    if not totals:
        return ""
    best = max(totals, key=lambda year: (totals[year], year))
    return f"{sum(totals.values()):,} papers from {min(totals)} to {max(totals)}; most in {best}: {totals[best]:,}."


def _open_share(rows: Rows) -> str:
    known = sum(row["n"] for row in rows if row["status"] != "unknown")
    open_ = sum(row["n"] for row in rows if row["status"] not in ("unknown", "closed"))
    return f"{open_ / known:.0%} of the {known:,} papers whose status is known can be read freely." if known else ""


def _lag(rows: Rows) -> str:
    if not rows:
        return ""
    return f"Half of {len(rows):,} papers were published within {median(row['months'] for row in rows):.0f} months."


def _late(rows: Rows) -> str:
    late = [visible(str(row["source"])) for row in rows if row["late"]]
    return f"Late: {', '.join(late)}." if late else "No source is late."


def _next(rows: Rows, today: date) -> str:
    coming = sorted((row["start"], row["course"]) for row in rows if row["start"] >= today.isoformat())
    return f"Next: {coming[0][1]} on {coming[0][0]}." if coming else "None is to come."


def _section(one: _Section) -> str:
    css = "card wide" if one.wide else "card"
    head = f"<h2>{escape(one.heading)}</h2>"
    if not one.rows:
        return f'<section class="{css}">{head}<p class="nothing">{escape(one.nothing)}</p></section>'
    picture = f'<div class="picture">{one.draw()}</div>' if one.draw else ""
    table = _table(one.rows[:_MOST_ROWS], one.columns)
    if len(one.rows) > _MOST_ROWS:
        table += f"<p>The first {_MOST_ROWS} of {len(one.rows):,}.</p>"
    numbers = table if one.shown else f"<details><summary>Numbers</summary>{table}</details>"
    return f'<section class="{css}">{head}<p>{escape(visible(one.sentence))}</p>{picture}{numbers}</section>'


_MOST_ROWS = 200


def _table(rows: Rows, columns: Mapping[str, str]) -> str:
    head = "".join(f"<th>{escape(name)}</th>" for name in columns.values())
    lines = "".join("<tr>" + "".join(_cell(name, row.get(name)) for name in columns) + "</tr>" for row in rows)
    return f'<div class="scroll"><table><thead><tr>{head}</tr></thead><tbody>{lines}</tbody></table></div>'


def _cell(name: str, value: Any) -> str:
    match value:
        case None:
            return "<td></td>"
        case bool():
            return f"<td>{'yes' if value else 'no'}</td>"
        case float() if name == "share":
            return f'<td class="number">{value:.1%}</td>'
        case int() if name == "year":
            return f'<td class="number">{value}</td>'
        case int() | float():
            return f'<td class="number">{value:,.0f}</td>'
        case datetime():
            return f"<td>{value.astimezone(UTC):%Y-%m-%d %H:%M}</td>"
        case _:
            return f"<td>{escape(visible(str(value)))}</td>"


_STYLE = """
:root{color-scheme:light dark;--paper:#fff;--ground:#f4f5f7;--ink:#1c2430;--soft:#5b6675;--line:#dfe3e8}
@media (prefers-color-scheme:dark){:root{--paper:#1b2027;--ground:#12161b;--ink:#e7ebf0;--soft:#9aa5b3;--line:#323a45}}
*{box-sizing:border-box}
body{margin:0 auto;max-width:1080px;padding:24px 16px;background:var(--ground);color:var(--ink);
font:16px/1.5 system-ui,sans-serif}
h1{margin:0;font-size:1.8rem;line-height:1.2}h2{margin:0;font-size:1.1rem}
header p,section p,footer,summary{color:var(--soft);margin:.2rem 0 .8rem}
.tiles{display:grid;grid-template-columns:repeat(auto-fit,minmax(110px,1fr));gap:12px;margin:16px 0}
.tile,.card{background:var(--paper);border:1px solid var(--line);border-radius:10px;padding:14px 16px}
.tile b{display:block;font-size:1.5rem;line-height:1.2}.tile span{color:var(--soft);font-size:.85rem}
main{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,460px),1fr));gap:16px}
.card{min-width:0}.wide{grid-column:1/-1}
.picture svg{display:block;margin:0 auto;max-width:100%;height:auto;overflow:visible}
.wide .picture{overflow-x:auto}.wide .picture svg{min-width:680px}
details{margin-top:8px}summary{cursor:pointer;font-size:.85rem}
.scroll{overflow:auto;max-height:420px}
table{border-collapse:collapse;width:100%;font-size:.85rem}
th,td{text-align:left;padding:4px 10px 4px 0;border-bottom:1px solid var(--line);vertical-align:top}
th{color:var(--soft);font-weight:600}td.number{text-align:right;font-variant-numeric:tabular-nums}
.nothing{font-style:italic}footer{margin-top:20px;font-size:.85rem}
@media print{:root{--paper:#fff;--ground:#fff;--ink:#000;--soft:#444;--line:#ccc}
body{max-width:none;padding:0;font-size:11pt}main{grid-template-columns:1fr 1fr;gap:10px}
.card,.tile{break-inside:avoid;border-radius:0}.scroll{max-height:none;overflow:visible}summary{display:none}}
"""
