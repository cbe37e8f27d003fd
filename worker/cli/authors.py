"""``pubcat authors``: who wrote what."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Annotated

import typer

from worker.cli import author_decisions, common

if TYPE_CHECKING:
    from catalog.engine import Cursor

app = common.group("Search authors, show one with their papers, and decide who is who.", "pubcat authors search lee")
app.command("merge", epilog=common.example("pubcat authors merge a-000001 a-000002"))(author_decisions.merge)
app.command("split", epilog=common.example('pubcat authors split a-000001 "A. Lee"', "pubcat authors split a-000001"))(
    author_decisions.split
)

_FOUND = """
    with named as (
        select distinct author_id from catalog.author_name where author_id is not null and name_key like all(%(parts)s)
        union select distinct a.author_id from catalog.author_name n join catalog.authorship a using (name_id)
        where a.author_id is not null and n.name_key like all(%(parts)s))
    select author_id, author_key, display_name, orcid, n_papers, first_publication_year as first,
           last_publication_year as last, name_variants_text as variants
    from analytics.authors join named using (author_id) order by n_papers desc, author_id limit %(limit)s
"""
_PAPERS = """
    select p.paper_key, p.publication_year as year, p.title, p.venue_name as venue, a.author_order as position,
           a.affiliations_text as affiliations
    from analytics.authorships a join analytics.papers p using (paper_id)
    where a.author_id = %s order by p.publication_year desc nulls last, p.paper_id
"""


@app.command(epilog=common.example("pubcat authors search lee"))
def search(
    words: Annotated[list[str], typer.Argument(metavar="NAME...", help="Parts of the name; accents do not matter.")],
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="At most so many.")] = 20,
    json: common.Json = False,
) -> None:
    """Find people by name."""
    from worker.normalise.names import folded

    parts = [f"%{part}%" for part in re.findall(r"\w+", folded(" ".join(words)))]
    with common.reading(prepared=True) as cursor:
        found = common.rows(cursor, _FOUND, {"parts": parts, "limit": limit}) if parts else []
    columns = {"author_key": "author", "display_name": "name", "orcid": "ORCID", "n_papers": "papers",
               "first": "from", "last": "to", "variants": "also written"}  # fmt: skip
    common.show(found, columns, json=json)
    raise typer.Exit(0 if found else 1)


@app.command(epilog=common.example("pubcat authors show a-000001"))
def show(
    author: Annotated[str, typer.Argument(help="a-000123, a number, an ORCID, or another id (openalex:A1 ...).")],
    json: common.Json = False,
) -> None:
    """Show a person: names, identifiers, papers."""
    with common.reading(prepared=True) as cursor:
        for author_id in common.known("author", author, find(cursor, author)):
            [known] = common.rows(cursor, "select * from analytics.authors where author_id = %s", (author_id,))
            papers = common.rows(cursor, _PAPERS, (author_id,))
            if json:
                common.print_json({**known, "papers": papers})
                continue
            common.facts(
                [
                    ("author", known["author_key"]),
                    ("name", known["display_name"]),
                    ("also written", known["name_variants_text"]),
                    ("ORCID", known["orcid"]),
                    ("OpenAlex", known["openalex_id"]),
                    ("known by", f"{known['identity_method']}, confidence {known['identity_confidence']:.2f}"),
                    ("papers", known["n_papers"]),
                    ("co-authors", known["n_coauthors"]),
                ]
            )
            typer.echo()
            columns = {"paper_key": "paper", "year": "year", "title": "title", "venue": "venue", "position": "as no."}
            common.show(papers, columns)


def find(cursor: Cursor, text: str) -> list[int]:
    """Living people known by that number or identifier; redirects are followed."""
    from worker.normalise import identifiers

    if number := re.fullmatch(r"(?:a-)?0*(\d{1,18})", text.strip(), re.I):
        query = """
            with recursive way(author_id) as (
                select %s::bigint union
                select to_id from catalog.redirect join way on entity = 'author' and from_id = way.author_id)
            select author_id from way join catalog.author using (author_id)
        """
        return [row[0] for row in cursor.execute(query, (int(number[1]),))]
    scheme, _, value = text.partition(":")
    orcid = identifiers.normalise("orcid", text)
    wanted = [f"{orcid.scheme}:{orcid.value}"] if orcid else [f"{scheme}:{value}"]
    return [r[0] for r in cursor.execute("select author_id from catalog.author where identifiers && %s", (wanted,))]
