"""``pubcat papers merge|split|different|lock|set``: what people decide about papers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any

import typer

from worker.cli import common, decide

if TYPE_CHECKING:
    from catalog.engine import Cursor
    from worker.merge.papers.values import Merged
    from worker.pipeline.decisions import Draft, Subject

WHICH = "A paper (p-000123, DOI, any id) with all its records, or one record as SOURCE:KEY."
Paper = Annotated[str, typer.Argument(metavar="ID", help="p-000123, a number, a DOI, any other id or SOURCE:KEY.")]
Field = Annotated[str, typer.Argument(metavar="FIELD", help="title, venue, publication_date, authors ...")]

ALIASES = {
    "paper_type": "kind", "publication_year": "publication_date", "venue_name": "venue", "venue_type": "venue_kind",
    "publication_status": "status", "landing_page_url": "landing_url", "author_names_text": "authors",
    "topics_text": "topics",
}  # fmt: skip
"""Columns of ``analytics.papers`` -> the fields they show."""
UNSETTABLE = ("versions", "other_titles", "other_abstracts", "citations_source")
"""Fields that follow from the records alone."""

_MEMBERS = """
    select r.source, r.source_key from catalog.member m join catalog.record r using (record_id)
    where m.paper_id = %s order by r.asked, r.record_id
"""


@dataclass(frozen=True)
class Named:
    """What somebody called by a name: records, and the paper when all of a paper was meant."""

    label: str
    subjects: tuple[Subject, ...]
    paper_id: int | None = None


def named(cursor: Cursor, text: str) -> Named:
    """A record called SOURCE:KEY, or a paper with all its records.

    A record of a known source that is not here yet is one too: the decision waits for it.

    Raises:
        Misconfigured: nothing, or more than one paper, is called so.
    """
    from worker.errors import Misconfigured
    from worker.pipeline.decisions import Subject

    source, _, key = text.strip().partition(":")
    known = cursor.execute(
        "select exists (select from catalog.record where source = %s and source_key = %s and entity = 'paper'),"
        " exists (select from catalog.source where source = %s)",
        (source, key, source),
    ).fetchone()
    assert known is not None
    if key and known[0]:
        return Named(text, (Subject(source, key),))
    try:
        paper_id = sole(cursor, text)
    except Misconfigured:
        if not (key and known[1]):
            raise
        common.say(f"{source} has not told of {key!r} yet: the decision waits for it")
        return Named(text, (Subject(source, key),))
    return Named(f"p-{paper_id:06d}", members(cursor, paper_id), paper_id)


def members(cursor: Cursor, paper_id: int) -> tuple[Subject, ...]:
    """The records of a paper; the one that founded it first."""
    from worker.pipeline.decisions import Subject

    return tuple(Subject(*row) for row in cursor.execute(_MEMBERS, (paper_id,)))


def sole(cursor: Cursor, text: str) -> int:
    """The one paper of that name.

    Raises:
        Misconfigured: none, or several.
    """
    from worker.cli.papers import find

    return common.sole("paper", text, find(cursor, text))


def merge(
    papers: Annotated[list[str], typer.Argument(metavar="A B...", help=WHICH)],
    why: decide.Why = None,
    by: decide.By = None,
    dry_run: decide.DryRun = False,
    json: common.Json = False,
) -> None:
    """Say that papers are one work; the oldest number stays, the others lead to it.

    Holds whatever the evidence says, now and later. Refused when somebody said they are different: take that back.
    """
    if len(papers) < 2:
        raise typer.BadParameter("name two or more", param_hint="A B...")
    decide.command(lambda cursor: merging(cursor, papers), by, why, dry_run=dry_run, json=json)


def merging(cursor: Cursor, papers: Sequence[str]) -> Draft:
    """That all of these are one work.

    Raises:
        Misconfigured: one is unknown, or somebody said otherwise.
    """
    from worker.pipeline import decisions

    draft = decisions.same("paper", [s for text in papers for s in named(cursor, text).subjects])
    return _new(cursor, draft)


def _new(cursor: Cursor, draft: Draft) -> Draft:
    """The draft, if it contradicts nothing and says something new."""
    from worker.errors import Misconfigured
    from worker.pipeline import decisions

    if len(draft.subjects) < 2:
        raise Misconfigured("that is one record alone: name two records or papers")
    if number := decisions.is_said(cursor, draft):
        [said] = decisions.listed(cursor, [number])
        raise decide.Said(said)
    decisions.check(cursor, draft)
    return draft


def different(
    a: Annotated[str, typer.Argument(metavar="A", help=WHICH)],
    b: Annotated[str, typer.Argument(metavar="B", help=WHICH)],
    why: decide.Why = None,
    by: decide.By = None,
    dry_run: decide.DryRun = False,
    json: common.Json = False,
) -> None:
    """Say that two papers, or two records, are different works; nothing joins them again.

    Refused when somebody said they are the same: take that back, or use pubcat papers split.
    """
    decide.command(lambda cursor: parting(cursor, a, b), by, why, dry_run=dry_run, json=json)


def parting(cursor: Cursor, a: str, b: str) -> Draft:
    """That these are two works.

    Raises:
        Misconfigured: one is unknown, they share records, or somebody said otherwise.
    """
    from worker.errors import Misconfigured
    from worker.pipeline import decisions

    ours, theirs = named(cursor, a), named(cursor, b)
    if set(ours.subjects) & set(theirs.subjects):
        raise Misconfigured(
            f"{a} and {b} share records: name two records as SOURCE:KEY, or use pubcat papers split {ours.label}"
        )
    return _new(cursor, decisions.different("paper", (ours.subjects, theirs.subjects)))


def split(
    paper: Paper,
    records: Annotated[
        list[str] | None, typer.Argument(metavar="[RECORD]...", help="Records that leave, as SOURCE:KEY.")
    ] = None,
    why: decide.Why = None,
    by: decide.By = None,
    dry_run: decide.DryRun = False,
    json: common.Json = False,
) -> None:
    """Take records out of a paper, or take the paper apart; former numbers are given back.

    The named records leave together and are different from the rest. Without names the paper falls apart into what
    the rules alone would make of its records, without what people called the same; where that is one paper, into its
    single records. A split is the later word about what was called the same before.
    """
    decide.command(lambda cursor: splitting(cursor, paper, records or []), by, why, dry_run=dry_run, json=json)


def splitting(cursor: Cursor, paper: str, records: Sequence[str]) -> Draft:
    """That these records are another work than the rest of the paper; see ``split``.

    Raises:
        Misconfigured: there is no such paper, no such record in it, or nothing to split.
    """
    from worker.errors import Misconfigured
    from worker.pipeline import decisions

    paper_id = sole(cursor, paper)
    whole = members(cursor, paper_id)
    if len(whole) < 2:
        raise Misconfigured(f"p-{paper_id:06d} is one record, {whole[0]}: there is nothing to split")
    leaving = [s for text in records for s in named(cursor, text).subjects]
    if strangers := [str(s) for s in leaving if s not in whole]:
        raise Misconfigured(f"{', '.join(strangers)} is no record of p-{paper_id:06d}: see pubcat papers show {paper}")
    if leaving and len(set(leaving)) == len(whole):
        raise Misconfigured("these are all its records: leave one out, or name none to take the paper apart")
    rest = [s for s in whole if s not in leaving]
    sides = [leaving, rest] if leaving else _parts(cursor, paper_id)
    draft = decisions.different("paper", sides)
    decisions.check(cursor, draft, overrule=True)
    return draft


def _parts(cursor: Cursor, paper_id: int) -> list[list[Subject]]:
    """What the rules alone make of a paper's records; its single records when that is one paper."""
    from worker.pipeline.decisions import Subject
    from worker.pipeline.deduplicate import load, without_people
    from worker.tools import Memory

    ids = [row[0] for row in cursor.execute("select record_id from catalog.member where paper_id = %s", (paper_id,))]
    known = load(cursor, Memory(), ids)
    groups = without_people(known)
    if len(groups) == 1:
        groups = [[number] for number in ids]
    return [[Subject(known[number].source, known[number].source_key) for number in group] for group in groups]


def lock(
    paper: Paper,
    field: Field,
    why: decide.Why = None,
    by: decide.By = None,
    dry_run: decide.DryRun = False,
    json: common.Json = False,
) -> None:
    """Keep a field as it is now, whatever sources say later; pubcat undo ends it."""
    decide.command(lambda cursor: fixing(cursor, paper, field, None, "lock"), by, why, dry_run=dry_run, json=json)


def set_(
    paper: Paper,
    field: Field,
    value: Annotated[
        str, typer.Argument(metavar="VALUE", help='The value; lists with ";" between; "" for nothing; or JSON.')
    ],
    why: decide.Why = None,
    by: decide.By = None,
    dry_run: decide.DryRun = False,
    json: common.Json = False,
) -> None:
    """Give a field another value, which stays whatever sources say; pubcat undo ends it."""
    decide.command(lambda cursor: fixing(cursor, paper, field, value, "set"), by, why, dry_run=dry_run, json=json)


def fixing(cursor: Cursor, paper: str, field: str, text: str | None, kind: str) -> Draft:
    """That a field of a paper stays: as ``text`` says, or as it is now when that is nothing.

    Raises:
        Misconfigured: there is no such paper or field, or the field cannot hold that.
    """
    import msgspec

    from worker.errors import Misconfigured
    from worker.merge.papers.fixing import fixed_value
    from worker.merge.papers.values import FIELDS
    from worker.pipeline.decisions import Draft

    field = ALIASES.get(field, field)
    if field not in FIELDS or field in UNSETTABLE:
        fields = ", ".join(name for name in FIELDS if name not in UNSETTABLE)
        raise Misconfigured(f"{field!r} is no field that can be fixed; fields are {fields}")
    paper_id = sole(cursor, paper)
    records = members(cursor, paper_id)
    try:
        value = _present(cursor, records, field) if text is None else fixed_value(field, read(field, text))
    except ValueError as error:
        raise Misconfigured(str(error)) from error
    if field == "authors" and value:
        value = [author if isinstance(author, str) else author.name for author in value]
    return Draft("paper", kind, (records,), field, msgspec.to_builtins(value))


def _present(cursor: Cursor, records: Sequence[Subject], field: str) -> Any:
    """What a field says now."""
    return getattr(_merged(cursor, records), field)


def _merged(cursor: Cursor, records: Sequence[Subject]) -> Merged:
    """The paper of these records, made anew."""
    from worker.merge.papers.merging import merge
    from worker.pipeline import rulings
    from worker.pipeline.deduplicate import load
    from worker.tools import Memory

    ids = [
        row[0]
        for row in cursor.execute(
            "select record_id from catalog.record join unnest(%s::text[], %s::text[]) n(source, source_key)"
            " using (source, source_key)",
            ([s.source for s in records], [s.key for s in records]),
        )
    ]
    known = load(cursor, Memory(), ids)
    fixed = rulings.ruling(cursor, ids).fixed([ids])
    return merge([one.claim for one in known.values()], fixed.get(0, {}))


def read(field: str, text: str) -> Any:
    """A value as typed on a command line.

    Raises:
        ValueError: not such a value.
    """
    import re

    import orjson

    text = text.strip()
    if text[:1] in ("[", "{"):
        try:
            return orjson.loads(text)
        except orjson.JSONDecodeError as error:
            raise ValueError(f"{field} cannot be {text!r}: {error}") from error
    parts = [part.strip() for part in text.split(";") if part.strip()]
    match field:
        case "authors" | "topics":
            return parts
        case "identifiers":
            return [_identifier(part) for part in parts]
        case "links":
            return [{"url": part} for part in parts]
        case "is_retracted":
            if text.lower() not in ("true", "false", "yes", "no"):
                raise ValueError(f"is_retracted is true or false, not {text!r}")
            return text.lower() in ("true", "yes")
        case "n_citations" if text:
            if not text.isdecimal():
                raise ValueError(f"n_citations is a number, not {text!r}")
            return int(text)
        case "publication_date" if text and not re.fullmatch(
            r"[12]\d{3}(-(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01]))?)?", text
        ):
            raise ValueError(f"publication_date is YYYY, YYYY-MM or YYYY-MM-DD, not {text!r}")
        case "status" if not text:
            return "unknown"
        case _:
            return text or None


def _identifier(text: str) -> list[str]:
    from worker.normalise import identifiers

    scheme, _, value = text.partition(":")
    found = identifiers.normalise(scheme.lower(), value) or identifiers.from_url(text)
    if found is None:
        raise ValueError(f"{text!r} is no identifier: write SCHEME:VALUE, such as doi:10.5555/12345678")
    return [found.scheme, found.value]
