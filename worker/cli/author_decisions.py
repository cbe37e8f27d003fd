"""``pubcat authors merge|split``: what people decide about who is who."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from worker.cli import common, decide

if TYPE_CHECKING:
    from catalog.engine import Cursor
    from worker.merge.people import Mention
    from worker.pipeline.decisions import Draft, Subject

_MENTIONS = """
    select n.block, n.name_key, a.credited_as, a.identifiers
    from catalog.author_name n join catalog.authorship a using (name_id)
    where coalesce(a.author_id, n.author_id) = %s group by 1, 2, 3, 4 order by 1, 2, 3, 4
"""


def merge(
    authors: Annotated[list[str], typer.Argument(metavar="A B...", help="a-000123, a number, an ORCID, another id.")],
    why: decide.Why = None,
    by: decide.By = None,
    dry_run: decide.DryRun = False,
    json: common.Json = False,
) -> None:
    """Say that these are one person, whatever their names; the oldest number stays, the others lead to it."""
    if len(authors) < 2:
        raise typer.BadParameter("name two or more", param_hint="A B...")
    decide.command(lambda cursor: merging(cursor, authors), by, why, dry_run=dry_run, json=json)


def merging(cursor: Cursor, authors: Sequence[str]) -> Draft:
    """That all of these are one person.

    Raises:
        Misconfigured: one is unknown, all are one already, or somebody said otherwise.
    """
    from worker.errors import Misconfigured
    from worker.pipeline import decisions

    ids = [_sole(cursor, text) for text in authors]
    if len(set(ids)) < 2:
        raise Misconfigured(f"that is one person already: {authors[0]}")
    draft = decisions.same("author", [s for author_id in ids for m in mentions(cursor, author_id) for s in handles(*m)])
    decisions.check(cursor, draft)
    return draft


def split(
    author: Annotated[str, typer.Argument(metavar="ID", help="a-000123, a number, an ORCID, another id.")],
    leaving: Annotated[
        list[str] | None, typer.Argument(metavar="[NAME|ID]...", help="Spellings or ids (openalex:A1) that leave.")
    ] = None,
    why: decide.Why = None,
    by: decide.By = None,
    dry_run: decide.DryRun = False,
    json: common.Json = False,
) -> None:
    """Take spellings or ids out of a person, who become another one; former numbers are given back.

    Without names the person falls apart into what the rules alone would make, without what people called the same;
    where that is one person, into single spellings and ids.
    """
    decide.command(lambda cursor: splitting(cursor, author, leaving or []), by, why, dry_run=dry_run, json=json)


def splitting(cursor: Cursor, author: str, leaving: Sequence[str]) -> Draft:
    """That these spellings and ids are another person than the rest; see ``split``.

    Raises:
        Misconfigured: the person or the spelling is unknown, or nothing tells two people apart.
    """
    from worker.errors import Misconfigured
    from worker.pipeline import decisions

    known = mentions(cursor, _sole(cursor, author))
    if leaving:
        gone = [m for m in known if any(_is_called(m[1], text) for text in leaving)]
        if not gone:
            spellings = "; ".join(sorted({m.name for _, m in known}))
            raise Misconfigured(f"nothing of {author} is called {', '.join(leaving)}; known are {spellings}")
        parts = [gone, [m for m in known if m not in gone]]
    else:
        parts = _parts(known)
    sides = [sorted({s for m in part for s in handles(*m)}) for part in parts if part]
    if len(sides) < 2:
        raise Misconfigured(f"{author} has one spelling and no ids: sources give nothing to tell two people apart by")
    if common_ones := {str(s) for i, side in enumerate(sides) for other in sides[i + 1 :] for s in {*side} & {*other}}:
        raise Misconfigured(f"both would have {', '.join(sorted(common_ones))}: name everything that carries it")
    draft = decisions.different("author", sides)
    decisions.check(cursor, draft, overrule=True)
    return draft


def _parts(known: Sequence[tuple[int, Mention]]) -> list[list[tuple[int, Mention]]]:
    """What the rules alone make of these mentions; single ones where that is one person."""
    from worker.merge.people import people

    found: list[list[tuple[int, Mention]]] = []
    for block in sorted({block for block, _ in known}):
        own = [m for m in known if m[0] == block]
        found += [[own[i] for i in person.mentions] for person in people([m for _, m in own])]
    if len(found) > 1:
        return found
    single: dict[tuple[Subject, ...], list[tuple[int, Mention]]] = {}
    for mention in known:
        single.setdefault(tuple(handles(*mention)), []).append(mention)
    return list(single.values())


def mentions(cursor: Cursor, author_id: int) -> list[tuple[int, Mention]]:
    """Spellings with their ids, as they stand on the papers of a person, each with its name block."""
    from worker.merge.people import Mention
    from worker.record import Identifier

    return [
        (block, Mention(printed, key, tuple(Identifier(*text.split(":", 1)) for text in ids or ())))
        for block, key, printed, ids in cursor.execute(_MENTIONS, (author_id,))
    ]


def handles(block: int, mention: Mention) -> list[Subject]:
    """What a decision calls a mention by: its ids, else its folded name."""
    from worker.pipeline.decisions import Subject

    return [Subject(i.scheme, i.value, block) for i in sorted(mention.identifiers)] or [
        Subject("name", mention.name_key, block)
    ]


def _is_called(mention: Mention, text: str) -> bool:
    from worker.normalise import identifiers
    from worker.normalise.names import name_key

    scheme, _, value = text.partition(":")
    told = identifiers.normalise("orcid", text) or identifiers.normalise(scheme.lower(), value)
    if told in mention.identifiers:
        return True
    return f"{scheme}:{value}" in {f"{i.scheme}:{i.value}" for i in mention.identifiers} or (
        mention.name == text or (not mention.identifiers and mention.name_key == name_key(text))
    )


def _sole(cursor: Cursor, text: str) -> int:
    from worker.cli.authors import find

    return common.sole("author", text, find(cursor, text))
