"""``pubcat export``: the catalog in other people's formats, as it was at one moment."""

from __future__ import annotations

import hashlib
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, BinaryIO

import typer

from worker.cli import common

if TYPE_CHECKING:
    from catalog.engine import Cursor
    from worker.export.citations import Reference

app = common.single()


class Format(StrEnum):
    """What may be asked for."""

    csv = "csv"
    jsonl = "jsonl"
    parquet = "parquet"
    duckdb = "duckdb"
    bibtex = "bibtex"
    ris = "ris"
    csl = "csl"
    ics = "ics"


_TEXT = (Format.csv, Format.jsonl)
_BINARY = (Format.parquet, Format.duckdb)
_NOT_EXPORTED = ("data_dictionary",)
"""Told by schema.sql."""

_VIEWS = """
    select v.relname::text, a.attname::text, format_type(a.atttypid, null), col_description(v.oid, a.attnum),
           obj_description(v.oid, 'pg_class')
    from pg_class v join pg_attribute a on a.attrelid = v.oid and a.attnum > 0 and not a.attisdropped
    where v.relnamespace = 'analytics'::regnamespace and v.relkind = 'v' order by 1, a.attnum
"""
_CHOSEN = "select paper_id from ({query}\n) as chosen"
_PAPERS = """
    select p.*, (select array_agg(a.author_name_as_published order by a.author_order)
                 from analytics.authorships a where a.paper_id = p.paper_id) as names
    from analytics.papers p {where} order by p.paper_id
"""


@dataclass(frozen=True)
class View:
    """A view of schema analytics: its columns with types and comments, '' for the view itself."""

    name: str
    types: Mapping[str, str]
    comments: Mapping[str, str]


@dataclass(frozen=True)
class Written:
    """One file of an export."""

    view: str
    path: Path
    n_rows: int

    def told(self) -> dict[str, Any]:
        """For the manifest and for people."""
        with self.path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        return {"view": self.view, "file": self.path.name, "rows": self.n_rows,
                "size_bytes": self.path.stat().st_size, "sha256": digest}  # fmt: skip


@app.command(
    epilog=common.example(
        "pubcat export --format bibtex > papers.bib",
        "pubcat export --format parquet --output snapshots",
        'pubcat export --format ris --query "select paper_id from papers where publication_year = 2024"',
    )
)
def export(
    format: Annotated[Format, typer.Option("--format", "-f", help="What to write.")],
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", help="A file; a folder for all views; - is standard output."),
    ] = None,
    view: Annotated[list[str] | None, typer.Option(help="Only this view of schema analytics; may be repeated.")] = None,
    query: Annotated[
        str | None, typer.Option(help="Only the papers whose paper_id this query gives (bibtex, ris, csl).")
    ] = None,
    json: common.Json = False,
) -> None:
    """Write the catalog, all of it as of one moment, in bounded memory.

    csv, jsonl: the view papers on standard output, or all views with a manifest into a folder. parquet, duckdb: all
    views, into snapshots/DAY by default. bibtex, ris, csl: papers. ics: the calendar of courses. In csv no text can
    start a formula; jsonl and parquet keep every text as it is.
    """
    if query and format in (*_TEXT, *_BINARY, Format.ics):
        raise typer.BadParameter("--query chooses papers for bibtex, ris and csl; see pubcat sql for tables")
    with common.reading(seconds=0, prepared=True) as cursor:
        if format in _TEXT or format in _BINARY:
            _tables(cursor, format, output, view or [], json=json)
        else:
            if view:
                raise typer.BadParameter(f"--view chooses tables; {format} writes papers or courses")
            with _one_file(output, sys.stdout.buffer) as out:
                count = _calendar(cursor, out) if format is Format.ics else _references(cursor, format, query, out)
            _tell([Written("courses_calendar" if format is Format.ics else "papers", output, count)]
                  if output and output != Path("-") else [], json=json)  # fmt: skip


# --- tables -------------------------------------------------------------------------------------------------------


def _tables(cursor: Cursor, format: Format, output: Path | None, names: Sequence[str], *, json: bool) -> None:
    views = _views(cursor, names)
    if (output is None and format in _TEXT) or output == Path("-"):
        if format in _BINARY:
            raise typer.BadParameter(f"{format} is no text: name a file or folder with --output")
        chosen = views[0] if names else next(one for one in views if one.name == "papers")
        if len(names) > 1:
            raise typer.BadParameter("standard output takes one view; name a folder with --output")
        _write(cursor, chosen, format, sys.stdout.buffer)
        return
    day = datetime.now(UTC).date().isoformat()
    target = output or Path("snapshots") / (day if format is Format.parquet else f"{day}.duckdb")
    if format is Format.duckdb:
        _tell([_duckdb(cursor, views, target / f"{day}.duckdb" if target.is_dir() else target)], json=json)
    elif target.suffix and not target.is_dir():
        if len(names) > 1:
            raise typer.BadParameter(f"{target.name} is one file, {len(names)} views were asked for; name a folder")
        chosen = views[0] if names else next(one for one in views if one.name == "papers")
        with _replacing(target) as part:
            count = _write_file(cursor, chosen, format, part)
        _tell([Written(chosen.name, target, count)], json=json)
    else:
        _tell(_folder(cursor, views, format, target), json=json)


def _views(cursor: Cursor, names: Sequence[str]) -> list[View]:
    from worker.errors import Misconfigured

    found: dict[str, tuple[dict[str, str], dict[str, str]]] = {}
    for view, column, type_, comment, about in cursor.execute(_VIEWS):
        types, comments = found.setdefault(view, ({}, {"": about or ""}))
        types[column] = type_
        comments[column] = comment or ""
    unknown = [name for name in names if name not in found]
    if unknown:
        raise Misconfigured(f"no view {', '.join(unknown)}; there are {', '.join(found)}")
    chosen = names or [name for name in found if name not in _NOT_EXPORTED]
    return [View(name, *found[name]) for name in dict.fromkeys(chosen)]


def _rows(cursor: Cursor, query: bytes) -> Iterator[tuple[Any, ...]]:
    """Rows streamed by the server: memory does not grow with their number."""
    with cursor.connection.cursor("export", scrollable=False) as stream:
        stream.itersize = 5_000
        stream.execute(query)
        yield from stream


def _select(view: View) -> bytes:
    columns = ", ".join(f'"{name}"' for name in view.types)
    return f'select {columns} from analytics."{view.name}" order by 1, 2'.encode()  # noqa: S608


def _write(cursor: Cursor, view: View, format: Format, out: BinaryIO) -> int:
    import io

    from worker.export import plain

    rows = _rows(cursor, _select(view))
    if format is Format.jsonl:
        return plain.write_jsonl(out, list(view.types), rows)
    text = io.TextIOWrapper(out, encoding="utf-8", errors="replace", newline="", write_through=True)
    count = plain.write_csv(text, list(view.types), rows)
    text.detach()
    return count


def _write_file(cursor: Cursor, view: View, format: Format, path: Path) -> int:
    if format is Format.parquet:
        from worker.export import columns

        return columns.write_parquet(path, columns.schema(view.types, view.comments), _rows(cursor, _select(view)))
    with path.open("wb") as out:
        return _write(cursor, view, format, out)


def _folder(cursor: Cursor, views: Sequence[View], format: Format, target: Path) -> list[Written]:
    """One file a view, with manifest, schema and licence; written beside and moved into place when whole."""
    import orjson

    target.parent.mkdir(parents=True, exist_ok=True)
    part = Path(tempfile.mkdtemp(prefix=f".{target.name}-", dir=target.parent))
    try:
        written = []
        with _progress(len(views)) as advance:
            for view in views:
                file = part / f"{view.name}.{format}"
                written.append(Written(view.name, file, _write_file(cursor, view, format, file)))
                advance(view.name)
        (part / "manifest.json").write_bytes(
            orjson.dumps(
                {**_contract(cursor), "format": format.value, "files": [one.told() for one in written]},
                option=orjson.OPT_INDENT_2,
            )
        )
        (part / "schema.sql").write_text(_schema(views), encoding="utf-8")
        (part / "LICENCE.md").write_text(_LICENCE, encoding="utf-8")
        part.chmod(0o755)
        target.mkdir(exist_ok=True)
        for file in sorted(part.iterdir()):
            file.replace(target / file.name)
        _point(target)
    finally:
        shutil.rmtree(part, ignore_errors=True)
    return [Written(one.view, target / one.path.name, one.n_rows) for one in written]


def _point(target: Path) -> None:
    """``latest`` beside a snapshot leads to the newest one, where links are possible."""
    latest = target.parent / "latest"
    if not target.name[:2].isdigit() or (latest.exists() and not latest.is_symlink()):
        return
    part = target.parent / f".latest-{os.getpid()}"
    try:
        part.symlink_to(target.name)
        part.replace(latest)
    except OSError:
        part.unlink(missing_ok=True)


def _duckdb(cursor: Cursor, views: Sequence[View], target: Path) -> Written:
    from worker.export import columns

    target.parent.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory(prefix=f".{target.name}-", dir=target.parent) as folder,
        _replacing(target) as part,
    ):
        files, count = {}, 0
        with _progress(len(views)) as advance:
            for view in views:
                files[view.name] = Path(folder) / f"{view.name}.parquet"
                count += _write_file(cursor, view, Format.parquet, files[view.name])
                advance(view.name)
        columns.write_duckdb(part, files, {view.name: view.comments for view in views})
    return Written(f"{len(views)} views", target, count)


def _contract(cursor: Cursor) -> dict[str, Any]:
    [row] = common.rows(cursor, "select contract_version, migration_head from analytics.contract")
    return {"made_at": datetime.now(UTC), **row}


def _schema(views: Sequence[View]) -> str:
    """The tables an export fills, for any SQL database."""
    out = ["create schema if not exists analytics;\n"]
    for view in views:
        columns = ",\n".join(f'    "{name}" {type_}' for name, type_ in view.types.items())
        out.append(f'create table analytics."{view.name}" (\n{columns}\n);')
        for name, comment in view.comments.items():
            what = f'column analytics."{view.name}"."{name}"' if name else f'table analytics."{view.name}"'
            out.append(f"comment on {what} is '{comment.replace(chr(39), chr(39) * 2)}';")
        out.append("")
    return "\n".join(out)


_LICENCE = """# Licence

Titles, names, dates, venues and identifiers are facts, collected from the sources named in the view `source_records`;
use them as you like and name those sources. Abstracts and full texts belong to their authors or publishers: what
`papers.abstract_licence` and `papers.licence` say holds for them, and where they say nothing, ask before you publish.
"""


# --- references and courses ---------------------------------------------------------------------------------------


def _references(cursor: Cursor, format: Format, query: str | None, out: BinaryIO) -> int:
    import orjson

    from worker.export import citations

    count = 0
    for paper in _papers(cursor, query):
        match format:
            case Format.bibtex:
                said = ("\n" if count else "") + citations.bibtex(paper)
            case Format.ris:
                said = citations.ris(paper)
            case _:
                said = ("[\n" if not count else ",\n") + orjson.dumps(citations.csl(paper)).decode()
        out.write(said.encode("utf-8", "replace"))
        count += 1
    if format is Format.csl:
        out.write(b"\n]\n" if count else b"[]\n")
    return count


def _papers(cursor: Cursor, query: str | None) -> Iterator[Reference]:
    """Papers with their authors, streamed.

    Raises:
        Misconfigured: the query does not give paper numbers.
    """
    import psycopg

    from worker.errors import Misconfigured
    from worker.export.citations import Reference

    where = f"where p.paper_id in ({_CHOSEN.format(query=query.strip().rstrip(';'))})" if query else ""
    statement = _PAPERS.format(where=where).encode()
    try:
        with cursor.connection.cursor("papers", scrollable=False) as stream:
            stream.itersize = 2_000
            stream.execute(statement)
            names = [column.name for column in stream.description or ()]
            for values in stream:
                row = dict(zip(names, values, strict=True))
                precision = {"year": 4, "month": 7}.get(row["publication_date_precision"], 10)
                yield Reference(
                    paper_id=row["paper_id"], title=row["title"], authors=tuple(filter(None, row["names"] or ())),
                    kind=row["paper_type"],
                    published=str(row["publication_date"])[:precision] if row["publication_date"] else None,
                    venue=row["venue_name"], venue_kind=row["venue_type"], volume=row["volume"], issue=row["issue"],
                    pages=row["pages"], publisher=row["publisher"], doi=row["doi"], arxiv_id=row["arxiv_id"],
                    url=row["landing_page_url"] or row["pdf_url"], abstract=row["abstract"], language=row["language"],
                    topics=tuple(filter(None, (row["topics_text"] or "").split("; "))),
                )  # fmt: skip
    except psycopg.Error as error:
        raise Misconfigured(f"the query failed: {error.diag.message_primary or error}") from error


def _calendar(cursor: Cursor, out: BinaryIO) -> int:
    from worker.export.agenda import calendar

    rows = common.rows(
        cursor, "select * from analytics.courses_calendar order by course_id, offering_id, session_number"
    )
    out.write(calendar(rows, datetime.now(UTC)))
    return len(rows)


# --- files --------------------------------------------------------------------------------------------------------


@contextmanager
def _one_file(output: Path | None, standard: BinaryIO) -> Iterator[BinaryIO]:
    if output is None or output == Path("-"):
        yield standard
        return
    with _replacing(output) as part, part.open("wb") as out:
        yield out


@contextmanager
def _replacing(target: Path) -> Iterator[Path]:
    """A file that takes the place of ``target`` when it is whole, and leaves nothing when it is not."""
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_name(f".{target.name}.{os.getpid()}")
    try:
        yield part
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)


@contextmanager
def _progress(total: int) -> Iterator[Any]:
    """A bar for people who watch."""
    from rich.progress import Progress

    with Progress(console=common.console(stderr=True), disable=not common.is_terminal(), transient=True) as bar:
        task = bar.add_task("views", total=total)
        yield lambda name: bar.update(task, advance=1, description=name)


def _tell(written: Sequence[Written], *, json: bool) -> None:
    if not written:
        return
    told = [{**one.told(), "path": str(one.path)} for one in written]
    common.show(told, {"view": "view", "rows": "rows", "size_bytes": "bytes", "path": "file"}, json=json)
