"""Labelled sets as folders: ``a.csv`` and ``b.csv`` (or one table) and ``gold.csv``, with the columns of ``table``.

``gold.csv`` holds pairs of ids, with a header or without, in any encoding or dialect the tables may have. A further
column of zeros and ones (``label``) says that only these pairs are labelled; else every pair that is not there is
two works, and the pairs of a single table are closed: what two pairs share makes the third.

``python -m bench linkage --set NAME`` lays one of ``SETS`` out so, from ``../shared/data/entity_matching``.
"""

from __future__ import annotations

import csv
import gzip
import io
import json
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import combinations
from pathlib import Path

from worker.errors import Malformed
from worker.formats import tables
from worker.match.facts import facts
from worker.match.keys import TITLE, blocking_keys
from worker.match.verdict import judge
from worker.normalise.texts import clean
from worker.page import Page, decode_text
from worker.record import Record
from worker.sources import table

SHARED = Path(__file__).resolve().parents[2] / "shared" / "data" / "entity_matching"

Name = tuple[str, str]
"""A record: the table's name, which is its source, and the id."""
Pair = tuple[Name, Name]

TWINS = 0.01
"""A table where a larger share of rows has a twin in the same table does not list each work once."""
YES = frozenset(("1", "1.0", "true", "yes", "y", "same", "match", "t"))
NO = frozenset(("0", "0.0", "false", "no", "n", "different", "non-match", "nonmatch", "f"))


@dataclass(frozen=True)
class Gold:
    """Pairs that are one work and pairs that are two; ``is_whole``: all others are two as well."""

    same: frozenset[Pair]
    different: frozenset[Pair]
    is_whole: bool
    n_unknown: int
    """Pairs left out because an id is in no table."""


def pair(one: Name, other: Name) -> Pair:
    """The two in one order."""
    return (one, other) if one < other else (other, one)


def body(path: Path) -> bytes:
    """The bytes of a file, unpacked."""
    data = path.read_bytes()
    return gzip.decompress(data) if data.startswith(b"\x1f\x8b") else data


def tables_in(folder: Path) -> dict[str, Path]:
    """The one or two tables of a folder by the name of their source.

    Raises:
        ValueError: there are none, or more than two.
    """
    found = sorted(
        path
        for path in folder.iterdir()
        if re.search(r"\.(?:csv|tsv|jsonl|json)(?:\.gz)?$", path.name) and not path.name.startswith("gold")
    )
    if len(found) not in (1, 2):
        names = ", ".join(path.name for path in found) or "none"
        raise ValueError(f"{folder}: expected a.csv and b.csv, or one table, beside gold.csv; found {names}")
    return {path.name.split(".")[0]: path for path in found}


def ids(path: Path) -> set[str]:
    """The ids of a table, also of rows from which no record comes.

    Raises:
        ValueError: the table has no id column.
    """
    rows = [row for row in tables.rows(body(path), path.name) if not isinstance(row, Malformed)]
    found = {key for row in rows if (key := clean(tables.known(row)[0].get("key")))}
    if rows and not found:
        raise ValueError(f"{path}: expected a column called id; found {', '.join(rows[0])}")
    return found


def records(path: Path) -> list[Record]:
    """What the product's reader makes of a table."""
    page = Page(path.name, body(path), "text/csv")
    return [found for found in table.parse(page) if isinstance(found, Record)]


def lists_once(found: Sequence[Record]) -> bool:
    """Whether a table lists each work once, told from the table alone: hardly a row has a twin in it.

    A twin is what the rules call the same work, among rows that share a long title.
    """
    known = [facts(record, source="", deduplicates=False) for record in found]
    blocks: dict[int, list[int]] = defaultdict(list)
    for number, one in enumerate(known):
        for kind, key in blocking_keys(one):
            if kind == TITLE:
                blocks[key].append(number)
    twins = sum(
        any(judge(known[other], known[number]).kind == "same" for other in block[max(0, place - 8) : place])
        for block in blocks.values()
        for place, number in enumerate(block)
    )
    return twins <= TWINS * len(known)


def gold_of(folder: Path, known: dict[str, set[str]]) -> Gold:
    """The labelled pairs of a folder.

    Raises:
        ValueError: no gold file, or no two columns of it hold ids of the tables.
    """
    path = next((found for found in sorted(folder.iterdir()) if found.name.startswith("gold.")), None)
    if path is None:
        raise ValueError(f"{folder}: there is no gold.csv")
    rows = _cells(decode_text(body(path)))
    sources = list(known)
    first, second = sources[0], sources[-1]
    columns = _columns(rows, known[first], known[second])
    if columns is None:
        raise ValueError(f"{path}: no two columns hold ids of {first} and {second}; it begins with {rows[:2]}")
    left, right = columns
    label = next((place for place in range(len(rows[-1])) if place not in columns and _is_label(rows, place)), None)
    same: set[Pair] = set()
    different: set[Pair] = set()
    n_unknown = 0
    for number, row in enumerate(rows):
        if len(row) <= max(left, right):
            continue
        if row[left] not in known[first] or row[right] not in known[second]:
            n_unknown += number > 0  # the first row may be a header
            continue
        one, other = (first, row[left]), (second, row[right])
        if one != other:
            is_same = label is None or row[label].lower() in YES
            (same if is_same else different).add(pair(one, other))
    if not different and first == second:
        same = closed(same)
    return Gold(frozenset(same), frozenset(different - same), not different, n_unknown)


def _cells(text: str) -> list[list[str]]:
    head = text[:4096]
    delimiter = max(tables.DELIMITERS, key=head.split("\n")[0].count)
    rows = csv.reader(io.StringIO(text.lstrip("\ufeff")), delimiter=delimiter)
    return [[clean(cell) or "" for cell in row] for row in rows if any(row)]


def _columns(rows: list[list[str]], mine: set[str], theirs: set[str]) -> tuple[int, int] | None:
    """The columns of the first and of the second table's ids: those where most cells are such ids."""
    width = max((len(row) for row in rows), default=0)
    sample = rows[1:2001] or rows

    def share(place: int, among: set[str]) -> float:
        return sum(len(row) > place and row[place] in among for row in sample) / len(sample)

    scored = [
        (share(one, mine) + share(other, theirs), -one, -other)
        for one in range(width)
        for other in range(width)
        if one != other and share(one, mine) > 0.5 and share(other, theirs) > 0.5
    ]
    if not scored:
        return None
    _, one, other = max(scored)
    return -one, -other


def _is_label(rows: list[list[str]], place: int) -> bool:
    said = {row[place].lower() for row in rows[1:] if len(row) > place}
    return bool(said) and said <= YES | NO and not said.isdisjoint(NO)


def closed(pairs: Iterable[Pair]) -> set[Pair]:
    """The pairs and what follows from them."""
    groups: dict[Name, set[Name]] = {}
    for one, other in pairs:
        ours, theirs = groups.get(one, {one}), groups.get(other, {other})
        if ours is not theirs:
            united = ours | theirs
            groups.update(dict.fromkeys(united, united))
    distinct = {id(group): group for group in groups.values()}
    return {both for group in distinct.values() for both in combinations(sorted(group), 2)}


# -- the sets at hand, laid out


def _write(path: Path, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out)
        writer.writerow(columns)
        writer.writerows(rows)


def _rows(path: Path, delimiter: str = ",") -> Iterator[dict[str, str]]:
    return csv.DictReader(io.StringIO(body(path).decode("utf-8")), delimiter=delimiter)


def _dblp_acm(folder: Path) -> None:
    leipzig = SHARED / "dblp_acm" / "leipzig"
    for name, file in (("a.csv", "DBLP2.csv"), ("b.csv", "ACM.csv"), ("gold.csv", "DBLP-ACM_perfectMapping.csv")):
        (folder / name).write_bytes((leipzig / file).read_bytes())


def _cora(folder: Path) -> None:
    cora = SHARED / "cora" / "cora1295"
    (folder / "cora.csv").write_bytes((cora / "cora.csv").read_bytes())
    (folder / "gold.csv").write_bytes((cora / "cora_gt.csv").read_bytes())


def _cora1879(folder: Path) -> None:
    cora = SHARED / "cora" / "cora1879"
    columns = ("id", "title", "authors", "venue", "year", "volume", "pages", "publisher")
    rows = [{name: (cell or "").strip() for name, cell in row.items() if name} for row in _rows(cora / "cora.csv")]
    _write(
        folder / "cora.csv",
        columns,
        (
            [row["id"], row["title"], row.get("author") or row.get("authors"),
             row["journal"] or row["booktitle"] or row["type"], row["year"], row["volume"], row["pages"],
             row["publisher"]]
            for row in rows
        ),
    )  # fmt: skip
    (folder / "gold.csv").write_bytes(body(cora / "gt.csv.gz"))


def _venue(folder: Path, *, name: str, publisher: str) -> None:
    """The same proceedings from a publisher and from dblp, without any identifier."""
    two = SHARED / "venue_two_sources"
    for side, file in (("a", f"{name}_A_{publisher}"), ("b", f"{name}_B_dblp")):
        lines = body(two / f"{file}.jsonl.gz").decode("utf-8").split("\n")
        found = [json.loads(line) for line in lines if line]
        _write(
            folder / f"{side}.csv",
            ("id", "title", "authors", "venue", "year", "abstract"),
            ([row["key"], row["title"], "; ".join(row["authors"]), row["track"], row["year"], row["abstract"]]
             for row in found),
        )  # fmt: skip
    (folder / "gold.csv").write_bytes(body(two / f"{name}_gold_doi.csv.gz"))


def _drift(folder: Path, *, file: str, before: str, after: str, with_ids: bool) -> None:
    """The same papers under the titles at submission and at publication."""
    rows = list(_rows(SHARED / "title_drift" / file))
    for side, column in (("a", before), ("b", after)):
        _write(
            folder / f"{side}.csv",
            ("id", "title", "openreview"),
            ([f"{side}{n}", row[column], row["openreview_id"] if with_ids else ""] for n, row in enumerate(rows)),
        )
    _write(folder / "gold.csv", ("a", "b"), ([f"a{n}", f"b{n}"] for n in range(len(rows))))


_REFERENCE = re.compile(r"^(?P<authors>[^,:“\"«]{3,60}?(?:, ?[A-Z]\.(?: ?[A-Z]\.)?)?)[,:] *(?P<rest>.+)$")


def _references(folder: Path) -> None:
    """Raw references, read roughly: what stands before the first comma is the author, then the title until the next."""
    found: dict[str, list[str]] = {}
    gold: list[list[str]] = []
    for row in _rows(SHARED / "reference_pairs" / "dataset.tsv.gz", "\t"):
        if row["same-bibl-entity"] not in ("0.0", "1.0"):
            continue
        keys = []
        for key, reference in ((row["seed_ref_id"], row["seed_ref"]), (row["ref_id"], row["ref"])):
            split = _REFERENCE.match(reference.strip())
            rest = split["rest"] if split else reference
            title = re.split(r"[,.;(](?=\s|\d|$)|, in\b", rest.strip('“”"«» '), maxsplit=1)[0][:300] or rest[:300]
            year = re.search(r"\b1[5-9]\d\d\b|\b20[012]\d\b", rest)
            keys.append(clean(key) or reference[:90] or "none")
            found.setdefault(
                keys[-1], [title or reference or "untitled", split["authors"] if split else "", year[0] if year else ""]
            )
        gold.append([*keys, row["same-bibl-entity"]])
    _write(folder / "references.csv", ("id", "title", "authors", "year"), ([key, *row] for key, row in found.items()))
    _write(folder / "gold.csv", ("one", "other", "label"), gold)


_VALUES = re.compile(r"COL (\w+) VAL (.*?)(?= COL |$)")


def _ditto(folder: Path, *, name: str) -> None:
    """DBLP-ACM as labelled pairs that are hard to tell, values with blanks around every sign; ``dirty``: some stand
    in a column where they do not belong.
    """
    found: dict[str, dict[str, int]] = {"a": {}, "b": {}}
    gold = []
    for part in ("train", "valid", "test"):
        for line in body(SHARED / "dblp_acm" / name / f"{part}.txt.gz").decode("utf-8").split("\n"):
            if line:
                a, b, label = line.split("\t")
                keys = [found[side].setdefault(text, len(found[side])) for side, text in (("a", a), ("b", b))]
                gold.append([f"a{keys[0]}", f"b{keys[1]}", label])
    for side, texts in found.items():
        rows = ({key: value.strip() for key, value in _VALUES.findall(text)} for text in texts)
        _write(
            folder / f"{side}.csv",
            ("id", "title", "authors", "venue", "year"),
            ([f"{side}{n}", *(row.get(key, "") for key in ("title", "authors", "venue", "year"))]
             for n, row in enumerate(rows)),
        )  # fmt: skip
    _write(folder / "gold.csv", ("a", "b", "label"), gold)


_iclr = partial(_drift, file="iclr2024_submission_vs_final.csv.gz", before="title_at_submission", after="title_final")
_icml = partial(_drift, file="icml2023_openreview_vs_pmlr.csv.gz", before="title_openreview", after="title_pmlr")

SETS: dict[str, Callable[[Path], None]] = {
    "dblp-acm": _dblp_acm,
    "dblp-acm-pairs": partial(_ditto, name="deepmatcher_structured"),
    "dblp-acm-dirty": partial(_ditto, name="deepmatcher_dirty"),
    "cora": _cora,
    "cora1879": _cora1879,
    "kdd2023": partial(_venue, name="kdd2023", publisher="acm"),
    "acmmm2024": partial(_venue, name="acmmm2024", publisher="acm"),
    "icra2022": partial(_venue, name="icra2022", publisher="ieee"),
    "ijcai2023": partial(_venue, name="ijcai2023", publisher="ijcai"),
    "iclr2024": partial(_iclr, with_ids=False),
    "iclr2024-ids": partial(_iclr, with_ids=True),
    "icml2023": partial(_icml, with_ids=False),
    "icml2023-ids": partial(_icml, with_ids=True),
    "references": _references,
}
