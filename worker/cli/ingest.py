"""``pubcat ingest``: reads what somebody brings."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import IO, TYPE_CHECKING, Annotated, Any

import typer

from worker.cli import common

if TYPE_CHECKING:
    from worker.formats.files import Format
    from worker.settings import Configured
    from worker.tools import Tools

app = common.single()

FORMAT_HELP = (
    "csv, jsonl, json, parquet; bibtex, ris, medline, isi, refer, endnote, csl, csl-yaml, cff, jsonld, paperoni; jats, "
    "crossref-xml, datacite-xml, mods, marcxml, pubmed, oai; crossref, datacite, openalex, openreview, "
    "semanticscholar, arxiv, acl, dblp, dblp-xml, dblp-rdf, europepmc, europepmc-xml, hal, orcid, unpaywall, virtual; "
    "feed, json-feed, html, text. Without it the content tells."
)

COLUMNS = {
    "file": "file",
    "format": "format",
    "state": "state",
    "records": "records",
    "new": "new",
    "changed": "changed",
    "unchanged": "unchanged",
    "dead": "unreadable",
    "error": "remark",
}


@dataclass(frozen=True)
class Options:
    """What the command line says of all files."""

    source: str
    format: str | None
    as_of: datetime | None
    unique: bool


@app.command(
    epilog=common.example(
        "printf 'id,title,authors,year\\n1,A title,Ann Lee; Bo Li,2024\\n' | pubcat ingest - --source mine"
    )
)
def ingest(
    paths: Annotated[list[str], typer.Argument(metavar="PATH|URL...", help="Files, folders, addresses; - for stdin.")],
    source: Annotated[str, typer.Option(help="Who says it: a configured source, or any new name.")],
    format: Annotated[
        str | None,
        typer.Option(help=FORMAT_HELP),
    ] = None,
    as_of: Annotated[
        str | None, typer.Option(metavar="DATE", help="The day the files speak of; else the day they were changed.")
    ] = None,
    unique: Annotated[bool, typer.Option("--unique", help="Each work stands in the files once.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would be read; write nothing.")] = False,
    json: common.Json = False,
) -> None:
    """Read files of any known format, plain, compressed or in archives, and bring the catalog up to date.

    Reading a file again changes nothing; the order of files never matters.
    """
    started = time.monotonic()
    day = common.a_day(as_of) if as_of else None
    if not source.strip() or ":" in source:
        raise typer.BadParameter("--source needs a plain name", param_hint="--source")
    with common.session() as tools:
        from worker.pipeline import ingest as reading

        if format:
            reading.named(format)
        options = Options(source, format, reading.start_of(day) if day else None, unique)
        if dry_run:
            raise typer.Exit(_preview(tools, paths, options, json=json))
        outcome = _run(tools, paths, options)
        with tools.transaction() as cursor:
            n_papers = cursor.execute("select count(*) from catalog.paper").fetchone()
    total = _total(outcome, int(n_papers[0]) if n_papers else 0, time.monotonic() - started)
    if json:
        common.show([*outcome, {"total": True, **total}], {}, json=True)
    else:
        common.show(outcome, COLUMNS)
        typer.echo(
            f"{total['records']:,} records: {total['new']:,} new, {total['changed']:,} changed,"
            f" {total['unchanged']:,} unchanged, {total['dead']:,} unreadable;"
            f" {total['papers']:,} papers now; {total['seconds']:.1f} s"
        )
    raise typer.Exit(_exit_code(outcome))


def _run(tools: Tools, paths: list[str], options: Options) -> list[dict[str, Any]]:
    """Stores and reads every file; one row each, also for those that could not be read."""
    from worker.cli import progress
    from worker.errors import IngestError

    rows: list[dict[str, Any]] = []
    brought: dict[int, dict[str, Any]] = {}
    with _bytes_bar(paths) as told:
        for found in _all(tools, paths, rows):
            try:
                harvest_id, format = _store(tools, found, options, told)
            except (IngestError, OSError) as error:
                rows.append(_failed(found.shown, _reason(found.where, error)))
                continue
            row: dict[str, Any] = {"file": found.shown, "format": format.name}
            rows.append(row)
            brought[harvest_id] = row
    if brought:
        state = progress.settle(tools, list(brought))
        for harvest in state.harvests:
            brought[harvest["harvest_id"]].update(_counts(harvest))
    return rows


@dataclass(frozen=True)
class Found:
    """One file, unpacked: its address, its name as the command line spells it, and what it says."""

    where: str
    shown: str
    stream: IO[bytes]
    as_of: datetime | None


def _all(tools: Tools, paths: list[str], rows: list[dict[str, Any]]) -> Iterator[Found]:
    """Every file the arguments name, those in folders and archives too; what is not there becomes a row."""
    from worker.errors import IngestError
    from worker.pipeline import unpack

    for shown, open_ in _named(tools, paths, rows):
        try:
            with open_() as (where, stream, as_of):
                for inside, unpacked in unpack.opened(stream, where):
                    yield Found(inside, shown + inside.removeprefix(where), unpacked, as_of)
        except (IngestError, OSError) as error:
            rows.append(_failed(shown, _reason(shown, error)))


Open = Callable[[], AbstractContextManager[tuple[str, IO[bytes], datetime | None]]]


def _named(tools: Tools, paths: list[str], rows: list[dict[str, Any]]) -> Iterator[tuple[str, Open]]:
    from worker.pipeline import unpack

    for path in paths:
        if path == "-":
            yield "standard input", _stdin
        elif path.startswith(("http://", "https://")):
            yield path, partial(_fetched, tools, path)
        elif not Path(path).exists():
            rows.append(_failed(path, "no such file"))
        elif not (found := unpack.files(Path(path))):
            rows.append(_failed(path, "no file in this folder"))
        else:
            for one in found:
                yield str(one), partial(_opened, one)


@contextmanager
def _stdin() -> Iterator[tuple[str, IO[bytes], datetime | None]]:
    yield "stdin", sys.stdin.buffer, None


@contextmanager
def _opened(path: Path) -> Iterator[tuple[str, IO[bytes], datetime | None]]:
    from worker.pipeline import ingest as reading

    changed = datetime.fromtimestamp(path.stat().st_mtime, UTC).date()
    with path.open("rb") as stream:
        yield str(path.resolve()), stream, reading.start_of(changed)


@contextmanager
def _fetched(tools: Tools, url: str) -> Iterator[tuple[str, IO[bytes], datetime | None]]:
    import io

    from worker.http import admitted
    from worker.page import Request

    page = tools.client.send(Request(url), hosts=admitted(url))
    yield page.url, io.BytesIO(page.body), None


def _prepared(tools: Tools, found: Found, options: Options) -> tuple[Configured, Format, IO[bytes]]:
    from worker.formats import files
    from worker.pipeline import ingest as reading
    from worker.pipeline import unpack

    head, stream = unpack.head_of(found.stream)
    format = reading.named(options.format) if options.format else files.recognise(head, found.where)
    return reading.reader(tools.sources, options.source, format), format, stream


def _store(tools: Tools, found: Found, options: Options, told: Callable[[int], None]) -> tuple[int, Format]:
    from worker.pipeline import ingest as reading

    configured, format, stream = _prepared(tools, found, options)
    with tools.transaction() as cursor:
        as_of = options.as_of or found.as_of or _today(cursor)
        bodies = reading.pages(stream, format, found.where)
        return reading.store(
            cursor, configured, found.where, format, as_of, bodies, unique=options.unique, told=told
        ), format


def _today(cursor: Any) -> datetime:
    from worker.pipeline import ingest as reading

    return reading.start_of(cursor.execute("select current_date").fetchone()[0])


def _preview(tools: Tools, paths: list[str], options: Options, *, json: bool) -> int:
    """What would be read, without writing; the exit code."""
    from worker.errors import IngestError

    rows: list[dict[str, Any]] = []
    for found in _all(tools, paths, rows):
        try:
            rows.append({"file": found.shown, **_read(tools, found, options)})
        except (IngestError, OSError) as error:
            rows.append({"file": found.shown, "error": _reason(found.where, error)})
    full = [{name: row.get(name) for name in PREVIEW} for row in rows]
    common.show(full, {name: name for name in PREVIEW}, json=json)
    bad = sum(1 for row in full if row["error"])
    return 0 if not bad else 1 if bad == len(full) else 3


PREVIEW = ("file", "format", "adapter", "pages", "papers", "courses", "members", "unreadable", "first", "error")


def _read(tools: Tools, found: Found, options: Options) -> dict[str, Any]:
    """What the reader finds in a file."""
    from worker.errors import Malformed
    from worker.pipeline import ingest as reading
    from worker.record import ENTITY, MemberRecord

    configured, format, stream = _prepared(tools, found, options)
    as_of = options.as_of or found.as_of or datetime.now(UTC)
    n_pages, first = 0, None
    counts = {"papers": 0, "courses": 0, "members": 0, "unreadable": 0}
    for body in reading.pages(stream, format, found.where):
        n_pages += 1
        for record in configured.source.read(reading.page_of(configured, found.where, format, as_of, body)):
            if isinstance(record, Malformed):
                counts["unreadable"] += 1
            else:
                counts[f"{ENTITY[type(record)]}s"] += 1
                first = first or (record.name if isinstance(record, MemberRecord) else record.title)
    return {"format": format.name, "adapter": configured.source.name, "pages": n_pages, "first": first, **counts}


def _failed(where: str, reason: str) -> dict[str, Any]:
    common.say(f"{where}: {reason}")
    nothing = {"records": 0, "new": 0, "changed": 0, "unchanged": 0, "dead": 0}
    return {"file": where, "format": None, "state": "failed", **nothing, "error": reason}


def _reason(where: str, error: BaseException) -> str:
    said = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    for prefix in (where, str(Path(where).resolve())):
        said = said.removeprefix(prefix).lstrip(": ")
    return said


def _counts(harvest: dict[str, Any]) -> dict[str, Any]:
    nothing_read = harvest["n_records"] == 0 and harvest["n_dead"] > 0
    return {
        "run": harvest["harvest_id"],
        "state": "failed" if nothing_read else harvest["state"],
        **{name: harvest[f"n_{name}"] for name in ("records", "new", "changed", "unchanged", "dead")},
        "error": harvest["error"],
    }


def _total(rows: list[dict[str, Any]], n_papers: int, seconds: float) -> dict[str, Any]:
    names = ("records", "new", "changed", "unchanged", "dead")
    return {
        **{name: sum(row[name] for row in rows) for name in names},
        "papers": n_papers,
        "seconds": round(seconds, 3),
    }


def _exit_code(rows: list[dict[str, Any]]) -> int:
    states = [row["state"] for row in rows]
    if states and all(state == "failed" for state in states):
        return 1
    return 0 if all(state == "done" for state in states) else 3


@contextmanager
def _bytes_bar(paths: list[str]) -> Iterator[Callable[[int], None]]:
    """A bar over the bytes stored, on a terminal."""
    if not common.is_terminal():
        yield lambda size: None
        return
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn

    with Progress(
        TextColumn("storing"), BarColumn(30), DownloadColumn(), console=common.console(stderr=True), transient=True
    ) as bar:
        task = bar.add_task("storing", total=None)
        yield lambda size: bar.advance(task, size)
