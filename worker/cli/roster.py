"""``pubcat roster``: who belongs to the institute, and which author that is."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from worker.cli import common

if TYPE_CHECKING:
    from worker.page import Page
    from worker.settings import Configured
    from worker.tools import Tools

app = common.group("Say who belongs to the institute, and see which authors they are.", "pubcat roster list")

COUNTS = {"members": "members", "new": "new", "changed": "changed", "unchanged": "unchanged", "absent": "not named",
          "unreadable": "unreadable"}  # fmt: skip

_LIST = """
    select m.member_name, m.membership_role, m.membership_start, m.membership_end,
           'a-' || lpad(m.author_id::text, greatest(6, length(m.author_id::text)), '0') as author_key, a.display_name,
           m.match_method, m.match_evidence, m.source_name, m.refreshed_at
    from analytics.memberships m left join analytics.authors a using (author_id)
    order by a.family_name nulls first, m.member_name, m.member_id, m.author_id, m.membership_order
"""


@app.command(
    "import",
    epilog=common.example(
        "printf 'name,orcid,role,start,end\\nAnn Lee,0000-0002-1825-0097,PhD student,2021-09,2025\\n'"
        " | pubcat roster import -",
        "pubcat roster list",
    ),
)
def import_(
    file: Annotated[str, typer.Argument(metavar="FILE", help="CSV, TSV, JSON Lines or JSON; - for stdin.")],
    source: Annotated[str, typer.Option(help="Whose roster it is, when there are several.")] = "roster",
    as_of: Annotated[
        str | None, typer.Option(metavar="DATE", help="The day it speaks of; else the day the file was changed.")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would be read; write nothing.")] = False,
    json: common.Json = False,
) -> None:
    """Read who belongs to the institute, in which role, from when to when.

    A column of names is enough; ids (orcid, openreview, openalex, dblp, semantic scholar), role, start and end are
    understood under their usual names, in English and French. A later roster replaces what an earlier one said of the
    people it names. Whom it does not name stays as they were: give them an end date, or "yes" in a column "deleted".
    """
    from worker.errors import Malformed, Misconfigured
    from worker.pipeline import ingest as reading
    from worker.record import MemberRecord

    day = common.a_day(as_of) if as_of else None
    if not source.strip() or ":" in source:
        raise typer.BadParameter("--source needs a plain name", param_hint="--source")
    where, body, changed = _read(file)
    with common.session() as tools:
        configured = tools.sources.get(source, "roster")
        moment = reading.start_of(day) if day else changed or _today(tools)
        found = configured.source.read(_page(configured, where, body, moment))
        members = [one for one in found if isinstance(one, MemberRecord)]
        unreadable = [one for one in found if isinstance(one, Malformed)]
        if not members:
            raise unreadable[0] if unreadable else Misconfigured(f"{where}: names nobody")
        told = _compared(tools, source, members)
        if not dry_run:
            told |= _store(tools, configured, where, body, moment)
    told["unreadable"] = len(unreadable)
    if json:
        common.print_json(told)
    else:
        common.facts([(heading, told[name]) for name, heading in COUNTS.items()])
        for one in unreadable:
            common.say(str(one))
        if told["absent"]:
            common.say(f"{told['absent']} known from before are not in this file and stay as they were")
        if told.get("error"):
            common.say(f"run {told['run']} ended {told['state']}: {told['error']}")
        if not dry_run:
            common.say("which authors they are: pubcat roster list")
    raise typer.Exit(3 if unreadable or told.get("state", "done") != "done" else 0)


def _read(file: str) -> tuple[str, bytes, datetime | None]:
    """Where the file is, its bytes, unpacked, and the day it was changed.

    Raises:
        IngestError: it is empty, too large or several files.
        OSError: it cannot be read.
    """
    import sys
    from datetime import UTC
    from pathlib import Path

    from worker.errors import Misconfigured
    from worker.formats import cuts
    from worker.pipeline import ingest, unpack

    if file == "-":
        where, changed = "stdin", None
        packed = sys.stdin.buffer
    else:
        path = Path(file)
        where, packed = str(path.resolve()), path.open("rb")
        changed = ingest.start_of(datetime.fromtimestamp(path.stat().st_mtime, UTC).date())
    with packed:
        bodies = [b"".join(cuts.whole(one)) for _, one in unpack.opened(packed, where)]
    if len(bodies) != 1:
        raise Misconfigured(f"{file}: expected one table, found {len(bodies)} files; save a spreadsheet as CSV")
    if not bodies[0].strip():
        raise Misconfigured(f"{file}: an empty file")
    return where, bodies[0], changed


def _page(configured: Configured, where: str, body: bytes, as_of: datetime) -> Page:
    from worker.pipeline import ingest

    return ingest.page_of(configured, where, ingest.named("roster"), as_of, body)


def _today(tools: Tools) -> datetime:
    from worker.pipeline import ingest

    with tools.transaction() as cursor:
        row = cursor.execute("select current_date").fetchone()
    assert row is not None
    return ingest.start_of(row[0])


def _compared(tools: Tools, source: str, members: list[Any]) -> dict[str, Any]:
    """What a roster says against what is known of its source."""
    from worker.record import content_hash, encode

    with tools.transaction() as cursor:
        known = dict(
            cursor.execute(
                "select source_key, content_hash from catalog.record"
                " where entity = 'member' and source = %s and not deleted",
                (source,),
            ).fetchall()
        )
    said = {one.source_key: content_hash(encode(one)) for one in members}
    unchanged = sum(1 for key, content in said.items() if known.get(key) == content)
    new = len(said.keys() - known.keys())
    return {
        "members": len(said),
        "new": new,
        "changed": len(said) - new - unchanged,
        "unchanged": unchanged,
        "absent": len(known.keys() - said.keys()),
    }


def _store(tools: Tools, configured: Configured, where: str, body: bytes, as_of: datetime) -> dict[str, Any]:
    """Stores the file and has it read; what became of it."""
    from worker.cli import progress
    from worker.pipeline import ingest

    with tools.transaction() as cursor:
        format = ingest.named("roster")
        harvest_id = ingest.store(cursor, configured, where, format, as_of, [body], stream="roster")
    [harvest] = progress.settle(tools, [harvest_id]).harvests
    counts = {name: harvest[f"n_{name}"] for name in ("new", "changed", "unchanged")}
    return {"run": harvest_id, "state": harvest["state"], "error": harvest["error"], **counts}


@app.command("list", epilog=common.example("pubcat roster list", "pubcat roster list --json"))
def list_(json: common.Json = False) -> None:
    """List who is on the roster, in which role and when, which author that is, and how we know."""
    with common.reading(prepared=True) as cursor:
        found = common.rows(cursor, _LIST)
    columns = {"member_name": "name", "membership_role": "role", "membership_start": "from", "membership_end": "to",
               "author_key": "author", "match_evidence": "because"}  # fmt: skip
    common.show(found, columns, json=json, empty="nobody is on a roster; see pubcat roster import --help")
