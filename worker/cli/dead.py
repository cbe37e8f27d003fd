"""``pubcat dead``: what could not be read, with bytes and reason."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated, Any

import typer

from worker.cli import common

if TYPE_CHECKING:
    from catalog.engine import Cursor

app = common.group("List, show, retry or discard what could not be read.", "pubcat dead list")

Letters = Annotated[list[int] | None, typer.Argument(metavar="[LETTER]...", help="Their numbers.")]
All = Annotated[bool, typer.Option("--all", help="Every letter that waits.")]
Of = Annotated[str | None, typer.Option("--source", help="Every letter of this source.")]
At = Annotated[str | None, typer.Option("--stage", help="Every letter of this stage: fetch, parse, deduplicate ...")]

_LIST = """
    select dead_letter_id as letter, source, stage, error_class, detail, first_seen_at, resolved_at, resolution
    from ops.dead_letter
    where (%(all)s or resolved_at is null) and (%(source)s::text is null or source = %(source)s)
    order by dead_letter_id desc limit %(limit)s
"""
_SHOW = """
    select d.*, p.media_type, p.size_bytes, w.kind, w.args, w.errors, w.crashes, w.harvest_id as run,
           (select o.request_key from raw.observation o where o.sha256 = d.sha256
            order by o.observation_id desc limit 1) as request
    from ops.dead_letter d left join raw.payload p using (sha256) left join ops.work w using (work_id)
    where dead_letter_id = %s
"""


@app.command("list", epilog=common.example("pubcat dead list", "pubcat dead list --json"))
def list_(
    source: Annotated[str | None, typer.Option(help="Only of this source.")] = None,
    all_: Annotated[bool, typer.Option("--all", help="Those retried or discarded, too.")] = False,
    limit: Annotated[int, typer.Option(min=1, max=100_000, help="At most so many.")] = 50,
    json: common.Json = False,
) -> None:
    """List dead letters, newest first."""
    with common.reading() as cursor:
        found = common.rows(cursor, _LIST, {"all": all_, "source": source, "limit": limit})
    columns = {"letter": "letter", "source": "source", "stage": "stage", "first_seen_at": "since", "detail": "reason"}
    if all_:
        columns["resolution"] = "resolution"
    common.show(found, columns, json=json, empty="no dead letters")


@app.command(epilog=common.example("pubcat dead show 1", "pubcat dead show 1 --bytes > page.bin"))
def show(
    letter: Annotated[int, typer.Argument(help="Its number.")],
    bytes_: Annotated[bool, typer.Option("--bytes", help="The bytes themselves, and nothing else.")] = False,
    json: common.Json = False,
) -> None:
    """Show one dead letter: the reason, where it came from, and the beginning of the bytes."""
    from worker.errors import Misconfigured
    from worker.pipeline.harvests import body_of

    with common.reading() as cursor:
        found = common.rows(cursor, _SHOW, (letter,))
        if not found:
            raise Misconfigured(f"no dead letter has the number {letter}; see pubcat dead list --all")
        known = found[0]
        stored = cursor.execute("select body from raw.payload where sha256 = %s", (known["sha256"],)).fetchone()
    body = bytes(known["fragment"] or (body_of(stored[0]) if stored else b""))
    if bytes_:
        sys.stdout.buffer.write(body)
        return
    if json:
        common.print_json(known)
        return
    hidden = ("fragment", "sha256", "reason_hash")
    common.facts([(name, value) for name, value in known.items() if name not in hidden])
    if body:
        typer.echo(f"\n{body[:800].decode(errors='replace')}")


@app.command(epilog=common.example("pubcat dead retry --all", "pubcat dead retry --source mila --stage parse"))
def retry(letters: Letters = None, all_: All = False, source: Of = None, stage: At = None) -> None:
    """Try again, one or many after a fix: the work goes back on the list with no error counted, and is done."""
    from worker.cli import progress, sync

    with common.session() as tools:
        with tools.transaction() as cursor:
            works = [row["work_id"] for row in _resolve(cursor, letters, all_, source, stage, "retried")]
            runs = [
                row[0]
                for row in cursor.execute(
                    "update ops.work set state = 'queued', errors = 0, crashes = 0, crashes_alone = 0,"
                    " lease_until = null,"
                    " finished_at = null, not_before = clock_timestamp()"
                    " where work_id = any(%s) and state in ('dead', 'done') returning harvest_id",
                    (works,),
                )
            ]
            # One update a run: it is running again, and its letters no longer count.
            cursor.execute(
                "update ops.harvest h set state = 'running', finished_at = null, error = null,"
                " n_dead = greatest(0, n_dead - gone.n)"
                " from (select run, count(*) as n from unnest(%s::bigint[]) as r(run) group by run) gone"
                " where h.harvest_id = gone.run and h.state <> 'cancelled'",
                (runs,),
            )
        if not runs:
            common.say("nothing to retry")
            return
        state = progress.settle(tools, sorted({run for run in runs if run is not None}))
    raise typer.Exit(sync.report(state, json=False))


@app.command(epilog=common.example("pubcat dead discard --all"))
def discard(letters: Letters = None, all_: All = False, source: Of = None, stage: At = None) -> None:
    """Take letters off the list; the bytes stay stored."""
    with common.session(broker=False) as tools, tools.transaction() as cursor:
        found = _resolve(cursor, letters, all_, source, stage, "discarded")
    common.say(f"{len(found)} discarded")


def _resolve(
    cursor: Cursor, letters: list[int] | None, all_: bool, source: str | None, stage: str | None, how: str
) -> list[dict[str, Any]]:
    """Marks letters, those that fit all that is said; the rows.

    Raises:
        typer.BadParameter: none was named.
        Misconfigured: a number is none of a letter that waits and fits.
    """
    from worker.cli.decide import me
    from worker.errors import Misconfigured

    if not letters and not all_ and source is None and stage is None:
        raise typer.BadParameter("say which: numbers, --all, --source NAME or --stage NAME", param_hint=how)
    found = common.rows(
        cursor,
        "update ops.dead_letter set resolved_at = clock_timestamp(), resolution = %(how)s"
        " where resolved_at is null and (%(ids)s::bigint[] is null or dead_letter_id = any(%(ids)s))"
        " and (%(source)s::text is null or source = %(source)s) and (%(stage)s::text is null or stage = %(stage)s)"
        " returning dead_letter_id, work_id",
        {"how": f"{how} by {me(None)}", "ids": letters or None, "source": source, "stage": stage},
    )
    if unknown := {*(letters or ())} - {row["dead_letter_id"] for row in found}:
        raise Misconfigured(f"no such letter waits: {', '.join(map(str, sorted(unknown)))}; see pubcat dead list")
    return found
