"""Tables as rows: CSV in the dialects people send, JSON Lines, JSON arrays.

A row is a dictionary of the columns as the file spells them. ``plan`` says which of them hold what, under the names
people usually give (a ``Vocabulary``: papers unless told otherwise). A row that cannot be read is yielded as
``Malformed`` and stops nobody else.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cached_property, lru_cache
from io import BytesIO
from typing import Any, Literal

import orjson

from worker.errors import Malformed
from worker.formats.items import unread
from worker.page import decode_text, read_json

Row = dict[str, Any]

DELIMITERS = ",;\t|"
LONGEST_ROW_LINES = 200
"""Lines a quoted field may run over before the quote is held to be a slip."""
LONGEST_FIELD = 16_000_000
"""Characters of one CSV field; the csv module reads 131,072 unless told."""


@dataclass(frozen=True, eq=False)
class Vocabulary:
    """The columns of one kind of table: field -> the names people give it, the most telling first.

    A CSV file is of that kind when its header names ``least`` fields and one of ``telling``; ``wanted`` says so to
    people. ``unused`` are names that are known and say nothing we keep.
    """

    names: Mapping[str, str]
    telling: frozenset[str]
    least: int
    wanted: str
    unused: frozenset[str] = frozenset()

    @cached_property
    def spellings(self) -> dict[str, tuple[str, int]]:
        """Name -> its field, and how telling it is."""
        return {name: (field, n) for field, names in self.names.items() for n, name in enumerate(names.split())}


_NAMES: dict[str, str] = {
    "key": "id key source_key entity_id record_id paper_id identifier uid citation_key citekey accession",
    "scope": "venue_file",
    "title": "title paper_title name titre article_title document_title display_name title_pmlr title_final",
    "authors": "authors author author_names creators creator auteurs auteur author_list author_s",
    "author_ids": "authorids author_ids author_profiles openreview_ids",
    "affiliations": "aff affiliation affiliations institutions author_affiliations affs",
    "venue": "venue conference container container_title source_title publication_title published_in journal_title "
    "publication venue_name",
    "journal": "journal revue",
    "booktitle": "booktitle book_title proceedings event conference_title",
    "date": "date published published_on publication_date pub_date issued published_date",
    "year": "year publication_year pub_year annee",
    "doi": "doi digital_object_identifier doi_url",
    "arxiv": "arxiv arxiv_id arxivid eprint arxiv_url",
    "openreview": "openreview openreview_id forum forum_id openreview_url",
    "openalex": "openalex openalex_id",
    "dblp": "dblp dblp_key dblp_id",
    "acl": "acl acl_id anthology_id",
    "pmid": "pmid pubmed pubmed_id",
    "pmcid": "pmcid pmc pmc_id",
    "s2": "s2 s2_id semantic_scholar_id",
    "corpusid": "corpusid corpus_id s2_corpus_id",
    "hal": "hal hal_id halid",
    "url": "url link paper_url landing_page address_url site lien openaccess openreview_forum",
    "pdf": "pdf pdf_url pdf_link",
    "code": "github github_url code code_url repository",
    "video": "video video_url",
    "abstract": "abstract summary resume description abstract_text",
    "abstract_state": "abstract_state",
    "volume": "volume vol",
    "issue": "issue",
    "pages": "pages page page_range",
    "publisher": "publisher editeur",
    "keywords": "keywords keyword topics subjects mots_cles tags",
    "kind": "type kind document_type publication_type doc_type entrytype type_crossref",
    "status": "status decision",
    "language": "language lang langue",
    "citations": "citations n_citations cited_by_count citation_count times_cited gs_citation",
    "licence": "licence license",
    "updated": "updated updated_at modified last_modified",
}
SCHEMES = ("doi", "arxiv", "openreview", "openalex", "dblp", "acl", "pmid", "pmcid", "s2", "corpusid", "hal")
"""Identifier schemes that have columns of their own."""
_KNOWN_AND_UNUSED = (
    "title_xml track address editor editors institution month note label venue_key first_institute presentation "
    "project project_url tldr slides proceeding issn isbn rating confidence correctness "
    "technical_novelty empirical_novelty primary_area "
    "position withdraw number email emails aff_domain raw_id source conference_url fetched_at title_openreview differs "
    "changed title_at_submission bibtex aff_campus_unique aff_campus aff_country aff_country_unique aff_unique_index "
    "aff_unique_norm aff_unique_dep aff_unique_url aff_unique_abbr supplementary_material author_num replies_avg "
    "rating_avg confidence_avg correctness_avg technical_novelty_avg empirical_novelty_avg presentation_avg "
    "corr_rating_confidence corr_rating_correctness homepage dblp_url google_scholar orcid linkedin"
)
PAPERS = Vocabulary(
    _NAMES,
    telling=frozenset(("title", "authors", "author_ids", "abstract", "booktitle", *SCHEMES)),
    least=2,
    wanted="the usual column names",
    unused=frozenset(_KNOWN_AND_UNUSED.split()),
)

_LISTS = (
    "records", "results", "items", "papers", "publications", "data", "works", "entries", "rows", "articles", "members",
    "people",
)  # fmt: skip
"""Where a JSON object keeps its rows."""


@dataclass(frozen=True)
class Plan:
    """Which columns hold what.

    ``pairs`` are (field, column as spelled), the most telling column of a field first; ``unread`` the columns that
    nobody here knows.
    """

    pairs: tuple[tuple[str, str], ...]
    unread: tuple[str, ...]


@lru_cache(maxsize=4096)
def plan(columns: tuple[str, ...], vocabulary: Vocabulary = PAPERS) -> Plan:
    """Which of these columns hold what; a name is known by its letters, not by its case, blanks or accents."""
    found: list[tuple[str, int, str]] = []
    others: list[str] = []
    for column in columns:
        plain = _plain(column)
        known_as = vocabulary.spellings.get(plain)
        if known_as is not None:
            found.append((*known_as, column))
        elif plain and plain not in vocabulary.unused:
            others.append(column)
    found.sort()
    return Plan(tuple((field, column) for field, _, column in found), unread(others))


def known(row: Mapping[str, Any], vocabulary: Vocabulary = PAPERS) -> tuple[dict[str, Any], tuple[str, ...]]:
    """The row by field (empty values left out), and the names of the columns nobody knows.

    Of several columns for one field the most telling wins; a second id is ``other_key``.
    """
    columns = plan(tuple(row), vocabulary)
    fields: dict[str, Any] = {}
    for field, column in columns.pairs:
        value = row[column]
        if value is not None and value != "":
            if field not in fields:
                fields[field] = value
            elif field == "key":
                fields["other_key"] = value
    return fields, columns.unread


def sniff(body: bytes, vocabulary: Vocabulary = PAPERS) -> Literal["csv", "jsonl", "json"] | None:
    """What kind of table these bytes are; nothing when they are none (prose, HTML, BibTeX ...).

    CSV must have a header row with columns known here.
    """
    start = body[:65_536].lstrip(b"\xef\xbb\xbf \t\r\n")
    if start.startswith(b"["):
        return "json" if re.match(rb"\[\s*(?:[\[{\"\]0-9-]|null|true|false)", start) else None
    if start.startswith(b"{"):
        first, _, rest = start.partition(b"\n")
        if first.rstrip().endswith(b"}") and (rest.lstrip().startswith(b"{") or not rest.strip()):
            whole = len(body) <= 65_536 and not rest.strip()
            return "json" if whole and _is_container(first) else "jsonl"
        return "json"
    if not start or start.startswith((b"<", b"@", b"%", b"\x1f\x8b", b"PK")):
        return None
    try:
        _header(_lines(start), vocabulary)
    except Malformed:
        return None
    return "csv"


def rows(body: bytes, where: str, media_type: str = "", vocabulary: Vocabulary = PAPERS) -> Iterator[Row | Malformed]:
    """Every row, and a ``Malformed`` with its bytes in the place of each that cannot be read.

    Raises:
        Malformed: it is no table at all.
    """
    if body.startswith(b"PAR1"):
        yield from _parquet_rows(body, where)
        return
    kind = sniff(body, vocabulary)
    if kind == "jsonl":
        yield from _json_lines(body, where)
    elif kind == "json":
        yield from _json_rows(body, where)
    elif kind == "csv" or "csv" in media_type or "tab-separated" in media_type:
        yield from _csv_rows(body, where, vocabulary)
    else:
        found = body[:60].decode("utf-8", errors="replace")
        raise Malformed(f"{where}: expected a table (CSV with a header row, JSON Lines or JSON), found {found!r}", body)


LARGEST_PARQUET = 512 << 20
"""Bytes a Parquet file may unpack to."""


def _parquet_rows(body: bytes, where: str) -> Iterator[Row | Malformed]:
    """Rows of a Parquet file; days and moments as ISO 8601, what is no text, number, list or structure left out."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        file = pq.ParquetFile(BytesIO(body))
        groups = (file.metadata.row_group(number) for number in range(file.metadata.num_row_groups))
        if sum(group.total_byte_size for group in groups) > LARGEST_PARQUET:
            raise Malformed(f"{where}: expected a page of rows, found more than {LARGEST_PARQUET >> 20} MB of them")
        for row in file.read().to_pylist():
            yield {str(name): _jsonable(value) for name, value in row.items()}
    except (pa.ArrowException, OSError, ValueError, OverflowError, MemoryError) as error:
        said = " ".join(str(error).split())[:200]
        raise Malformed(f"{where}: expected Parquet, found {said}", body) from error


def _jsonable(value: Any) -> Any:
    if value is None or isinstance(value, str | int | float | bool):
        return value
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, list):
        return [_jsonable(one) for one in value]
    if isinstance(value, dict):
        return {str(name): _jsonable(one) for name, one in value.items()}
    return str(value) if isinstance(value, Decimal) else None


def _plain(column: str) -> str:
    """``Publication Year`` and ``publication-year`` are ``publication_year``; ``Année`` is ``annee``."""
    folded = column.strip().lower().translate(_UNACCENTED)
    return re.sub(r"[^a-z0-9]+", "_", folded).strip("_")


_UNACCENTED = str.maketrans("éèêëàâçîïôûùü", "eeeeaaciiouuu")


def _json_lines(body: bytes, where: str) -> Iterator[Row | Malformed]:
    """Lines end at \\n and nowhere else: values may hold U+2028 and U+0085."""
    loads = orjson.loads
    if body.startswith(b"\xef\xbb\xbf"):
        body = body[3:]
    for number, line in enumerate(BytesIO(body), 1):
        try:
            row = loads(line)
        except orjson.JSONDecodeError:
            if line.isspace():
                continue
            try:
                row = read_json(line.strip(), f"{where}, line {number}")
            except Malformed as error:
                yield Malformed(str(error), line)
                continue
        if type(row) is dict:
            yield row
        else:
            yield Malformed(f"{where}, line {number}: expected an object, found {line[:60]!r}", line)


def _json_rows(body: bytes, where: str) -> Iterator[Row | Malformed]:
    try:
        content = orjson.loads(body)
    except orjson.JSONDecodeError:
        content = read_json(body, where)
    if isinstance(content, dict):
        lists = [content[name] for name in _LISTS if isinstance(content.get(name), list)]
        content = lists[0] if lists else [content]
    if not isinstance(content, list):
        raise Malformed(f"{where}: expected a list of objects, found {body[:60]!r}", body)
    for number, row in enumerate(content, 1):
        if isinstance(row, dict):
            yield row
        else:
            fragment = repr(row)[:2048].encode("utf-8", errors="replace")
            yield Malformed(f"{where}, item {number}: expected an object, found {fragment[:60]!r}", fragment)


def _is_container(line: bytes) -> bool:
    try:
        content = orjson.loads(line)
    except orjson.JSONDecodeError:
        return False
    return isinstance(content, dict) and any(isinstance(content.get(name), list) for name in _LISTS)


def _lines(body: bytes) -> list[str]:
    """Text lines with their ends. Each line is decoded for itself, so that one Latin-1 name in a UTF-8 file, or
    the reverse, spoils no other line."""
    if body.startswith((b"\xff\xfe", b"\xfe\xff")):
        return decode_text(body).splitlines(keepends=True)
    if b"\n" not in body:
        body = body.replace(b"\r", b"\n")
    return [decode_text(line) for line in BytesIO(body)]


def _header(lines: list[str], vocabulary: Vocabulary) -> tuple[int, list[str], str]:
    """The number of lines up to and with the header, its columns, and the delimiter.

    Raises:
        Malformed: no line among the first that names columns known here.
    """
    first = 0
    while first < len(lines) and (not lines[first].strip() or re.match(r"(?i)sep=.\s*$|#", lines[first])):
        first += 1
    if first == len(lines):
        raise Malformed("expected a header row, found nothing")
    best: tuple[int, list[str], str] | None = None
    for delimiter in DELIMITERS:
        if delimiter not in lines[first]:
            continue
        try:
            cells = next(csv.reader([lines[first]], delimiter=delimiter), [])
        except csv.Error:
            continue
        fields = {found[0] for cell in cells if (found := vocabulary.spellings.get(_plain(cell)))}
        if len(fields) >= vocabulary.least and fields & vocabulary.telling and (best is None or len(fields) > best[0]):
            best = (len(fields), cells, delimiter)
    alone = vocabulary.spellings.get(_plain(lines[first]))
    if best is None and vocabulary.least == 1 and alone is not None and alone[0] in vocabulary.telling:
        best = (1, [lines[first].strip()], "\t")
    if best is None:
        raise Malformed(f"expected a header row with {vocabulary.wanted}, found {lines[first][:80]!r}")
    return first + 1, best[1], best[2]


def _csv_rows(body: bytes, where: str, vocabulary: Vocabulary) -> Iterator[Row | Malformed]:
    csv.field_size_limit(LONGEST_FIELD)
    lines = _lines(body)
    try:
        position, header, delimiter = _header(lines, vocabulary)
    except Malformed as error:
        raise Malformed(f"{where}: {error}", body) from error
    while position < len(lines):
        if lines[position].isspace():
            position += 1
            continue
        cells, used, complaint = _cells(lines, position, delimiter)
        if complaint is None:
            complaint = _misfit(cells, header, used)
        if complaint is None:
            yield {column: cell for column, cell in zip(header, cells, strict=False) if column}
            position += used
            continue
        yield Malformed(f"{where}, line {position + 1}: {complaint}", lines[position].encode())
        position += 1


def _cells(lines: list[str], position: int, delimiter: str) -> tuple[list[str], int, str | None]:
    """The cells of the row that begins here, the lines it took, and what is wrong with it.

    A quote that is opened and never closed would swallow rows to the next quote or to the end of the file, so a row
    of several lines must be well-formed; else its first line is given up and the next row begins on the second.
    """
    used = 0

    def feed() -> Iterator[str]:
        nonlocal used
        for line in lines[position : position + LONGEST_ROW_LINES]:
            used += 1
            yield line

    try:
        cells = next(csv.reader(feed(), delimiter=delimiter), [])
        if used > 1:
            row = "".join(lines[position : position + used])
            next(csv.reader([row], delimiter=delimiter, strict=True), [])
    except csv.Error as error:
        return [], 1, str(error)
    return cells, used, None


def _misfit(cells: list[str], header: list[str], used: int) -> str | None:
    """What is wrong with the number of cells; columns missing at the end of a line are empty."""
    while len(cells) > len(header) and not cells[-1].strip():
        cells.pop()
    if len(cells) > len(header) or (used > 1 and len(cells) != len(header)):
        return f"expected {len(header)} cells, found {len(cells)}"
    if len(cells) == 1 and len(header) > 2:
        return "expected a row, found one cell"
    return None
