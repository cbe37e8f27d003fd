"""``pubcat papers``: search, why a paper says what it says, and what people decide about it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from worker.cli import common, evidence, paper_decisions, paper_history

if TYPE_CHECKING:
    from catalog.engine import Cursor
    from worker.merge.papers.explaining import Explanation

app = common.group(
    "Search papers, show one with its reasons, and decide what sources leave open.", "pubcat papers search learning"
)
for _name, _function, _example in (
    ("merge", paper_decisions.merge, 'pubcat papers merge p-000001 p-000002 --why "one is the preprint"'),
    ("different", paper_decisions.different, "pubcat papers different p-000001 p-000002"),
    ("split", paper_decisions.split, "pubcat papers split p-000001 --dry-run"),
    ("lock", paper_decisions.lock, "pubcat papers lock p-000001 title"),
    ("history", paper_history.history, "pubcat papers history p-000001"),
    ("set", paper_decisions.set_, "pubcat papers set p-000001 venue NeurIPS"),
):
    app.command(_name, epilog=common.example(_example))(_function)

_FOUND = """
    select s.paper_id, s.paper_key, p.publication_year as year, p.title, p.author_names_text as authors,
           p.venue_name as venue, p.doi, s.rank, s.headline, s.match_kind
    from analytics.search_papers(%s, %s, %s) s join analytics.papers p using (paper_id)
    order by s.rank desc, year desc nulls last, s.paper_id
"""
_MEMBERS = """
    select m.record_id, r.source || ':' || r.source_key as name from catalog.member m
    join catalog.record r using (record_id) where m.paper_id = %s order by r.source, r.source_key
"""


@app.command(epilog=common.example("pubcat papers search neural networks", "pubcat papers search bengio --json"))
def search(
    words: Annotated[list[str], typer.Argument(metavar="WORDS...", help="Words, as in a web search.")],
    language: Annotated[
        Literal["fr", "en"] | None, typer.Option("--lang", help="Endings of one language only.")
    ] = None,
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="At most so many.")] = 20,
    json: common.Json = False,
) -> None:
    """Find papers by words of title, authors, venue and abstract, the best first.

    As in a web search: "a phrase", or, -without. Capitals, accents and endings make no difference; a word nobody
    wrote is read as the most alike that somebody did.
    """
    with common.reading(prepared=True) as cursor:
        found = common.rows(cursor, _FOUND, (" ".join(words).replace("\x00", " "), language, limit))
    columns = {"paper_key": "paper", "year": "year", "title": "title", "authors": "authors", "venue": "venue"}
    if found and found[0]["match_kind"] == "corrected":
        common.say("no paper has these words; the nearest ones")
    common.show([{**row, "authors": _short(row["authors"], json=json)} for row in found], columns, json=json)
    raise typer.Exit(0 if found else 1)


def _short(authors: str | None, *, json: bool) -> str | None:
    names = (authors or "").split("; ")
    return authors if json or len(names) <= 3 else f"{'; '.join(names[:2])}; +{len(names) - 2}"


@app.command(
    epilog=common.example(
        "pubcat papers show p-000001",
        "pubcat papers show p-000001 --why title",
        "pubcat papers show p-000001 --why-same p-000002",
    )
)
def show(
    paper: Annotated[
        str, typer.Argument(help="p-000123, a number, a DOI, an arXiv number, any other id or SOURCE:KEY.")
    ],
    why: Annotated[str | None, typer.Option(metavar="FIELD", help="Why this field says what it says.")] = None,
    why_same: Annotated[
        str | None, typer.Option(metavar="OTHER", help="What speaks for and against being one work with OTHER.")
    ] = None,
    json: common.Json = False,
) -> None:
    """Show everything known of a paper: its fields, records and identifiers; numbers merged away lead on."""
    with common.reading() as cursor:
        if why_same is not None:
            ours, theirs = (paper_decisions.named(cursor, text) for text in (paper, why_same))
            evidence.tell(evidence.pairs(cursor, ours, theirs), json=json)
            return
        for paper_id in common.known("paper", paper, find(cursor, paper)):
            if why is None:
                _show(cursor, paper_id, json=json)
            else:
                found = explanation(cursor, paper_id, why)
                print_why(found, paper_id, _decision(cursor, found), json=json)


def find(cursor: Cursor, text: str) -> list[int]:
    """Papers known by that number, identifier, address or record; redirects are followed."""
    text = text.strip()
    ids: list[int] = []
    if number := re.fullmatch(r"(?:p-)?0*(\d{1,18})", text, re.I):
        ids = [int(number[1])]
    elif ":" in text:
        source, _, key = text.partition(":")
        query = """
            select paper_id from catalog.member join catalog.record using (record_id)
            where source = %s and source_key = %s
        """
        ids = [row[0] for row in cursor.execute(query, (source, key))]
    return _living(cursor, ids) or _identified(cursor, text)


def _living(cursor: Cursor, ids: list[int]) -> list[int]:
    """Where these numbers lead now."""
    return [
        row[0]
        for row in cursor.execute(
            """
            with recursive way(paper_id) as (
                select unnest(%s::bigint[]) union
                select to_id from catalog.redirect join way on entity = 'paper' and from_id = way.paper_id)
            select paper_id from way join catalog.paper using (paper_id) order by paper_id
            """,
            (ids,),
        )
    ]


def _identified(cursor: Cursor, text: str) -> list[int]:
    from worker.normalise import identifiers

    schemes = (
        "doi",
        "arxiv",
        "openreview",
        "openalex",
        "dblp",
        "acl",
        "pmid",
        "pmcid",
        "hal",
        "s2",
        "corpusid",
        "pmlr",
    )
    told = [identifiers.normalise(scheme, text) for scheme in schemes]
    scheme, _, value = text.partition(":")
    told += [identifiers.from_url(text), identifiers.normalise(scheme.lower(), value)]
    known = {(one.scheme, one.value) for one in told if one is not None}
    query = """
        select distinct i.paper_id from catalog.identifier i
        join unnest(%s::text[], %s::text[]) as asked(scheme, value) using (scheme, value) order by 1
    """
    return [row[0] for row in cursor.execute(query, ([s for s, _ in known], [v for _, v in known]))]


def _show(cursor: Cursor, paper_id: int, *, json: bool) -> None:
    [paper] = common.rows(cursor, "select * from analytics.papers where paper_id = %s", (paper_id,))
    records = common.rows(
        cursor,
        "select source, source_key, title, publication_year, text_state, source_url, match_verdict_text"
        " from analytics.source_records where paper_id = %s order by source, source_key",
        (paper_id,),
    )
    ids = common.rows(
        cursor, "select scheme, value from catalog.identifier where paper_id = %s order by 1, 2", (paper_id,)
    )
    if json:
        common.print_json({**paper, "identifiers": [[i["scheme"], i["value"]] for i in ids], "records": records})
        return
    states = {"cut": " (cut)", "unknown": ""}
    common.facts(
        [
            ("paper", paper["paper_key"]),
            ("title", f"{paper['title'] or '(no title)'}{states.get(paper['title_state'], '')}"),
            ("authors", f"{paper['author_names_text'] or ''}{states.get(paper['authors_state'], '')}"),
            (
                "published",
                str(paper["publication_date"] or "")[
                    : {"year": 4, "month": 7}.get(paper["publication_date_precision"], 10)
                ],
            ),
            ("venue", paper["venue_name"]),
            ("type", f"{paper['paper_type']}, {paper['publication_status']}"),
            ("abstract", paper["abstract"] and f"{paper['abstract']}{states.get(paper['abstract_state'], '')}"),
            ("identifiers", [f"{i['scheme']}:{i['value']}" for i in ids]),
            ("read it", paper["pdf_url"] or paper["landing_page_url"]),
            ("citations", paper["n_citations"]),
            ("topics", paper["topics_text"]),
        ]
    )
    typer.echo()
    names = {
        "source": "said by",
        "source_key": "as",
        "title": "title",
        "text_state": "abstract",
        "match_verdict_text": "belongs here because",
    }
    common.show(records, names)


def explanation(cursor: Cursor, paper_id: int, field: str) -> Explanation:
    """Why a field of a paper says what it says, from the paper's records.

    Raises:
        Misconfigured: no such field.
    """
    from worker.errors import Misconfigured
    from worker.merge.papers.explaining import explain
    from worker.pipeline import rulings
    from worker.pipeline.deduplicate import load
    from worker.tools import Memory

    ids = [row["record_id"] for row in common.rows(cursor, _MEMBERS, (paper_id,))]
    claims = [known.claim for known in load(cursor, Memory(), ids).values()]
    try:
        return explain(claims, field, rulings.ruling(cursor, ids).fixed([ids]).get(0, {}))
    except ValueError as error:
        raise Misconfigured(str(error)) from error


def _decision(cursor: Cursor, found: Explanation) -> dict[str, Any] | None:
    """The decision that fixed a field, if one did."""
    from worker.pipeline import decisions

    return decisions.listed(cursor, [found.decision_id])[0] if found.decision_id else None


def print_why(found: Explanation, paper_id: int, decision: dict[str, Any] | None = None, *, json: bool = False) -> None:
    """The winner, the rule as a sentence, and why each other value lost; who decided, when a person did."""
    rows: list[dict[str, Any]] = []
    if decision is not None:
        rows.append(
            {
                "outcome": "kept",
                "source": decision["by"],
                "key": f"decision {decision['decision']}",
                "value": _told(found.value),
                "rule": found.rule,
                "reason": f"{found.reason} {decision['text']}",
            }
        )
    if found.winner is not None:
        who = found.winner
        rows.append({"outcome": "kept", "source": who.source, "key": who.record.source_key,
                     "value": _told(found.value), "rule": found.rule, "reason": found.reason})  # fmt: skip
    rows += [
        {"outcome": "agrees", "source": c.source, "key": c.record.source_key, "value": None, "rule": None,
         "reason": "Says the same."} for c in found.agreeing
    ]  # fmt: skip
    rows += [
        {"outcome": "lost", "source": loser.claim.source, "key": loser.claim.record.source_key,
         "value": _told(loser.value), "rule": loser.rule, "reason": loser.reason} for loser in found.losers
    ]  # fmt: skip
    if json:
        common.print_json({"paper_id": paper_id, "field": found.field, "value": _told(found.value),
                           "rule": found.rule, "reason": found.reason, "records": rows})  # fmt: skip
        return
    typer.echo(f"{found.field} of p-{paper_id:06d}: {_cut(_told(found.value)) or found.reason}")
    for row in rows:
        says = f": {_cut(row['value'])}" if row["value"] else ""
        typer.echo(f"\n{row['outcome']:<6}  {row['source']} {row['key']}{says}\n        {row['reason']}")


def _told(value: Any) -> str | None:
    """A value of any field as text."""
    match value:
        case None | () | []:
            return None
        case tuple() | list():
            return "; ".join(str(getattr(item, "name", None) or _joined(item)) for item in value)
        case _:
            return str(value)


def _joined(item: Any) -> str:
    import msgspec

    plain = msgspec.to_builtins(item)
    if isinstance(plain, dict):
        return ", ".join(str(part) for part in plain.values())
    return ":".join(map(str, plain)) if isinstance(plain, list | tuple) else str(plain)


def _cut(text: str | None, most: int = 160) -> str | None:
    return text if text is None or len(text) <= most else f"{text[: most - 40]} … {text[-35:]}"
