"""Duplicates end to end: tables with known answers through the product's own pipeline into a real database.

    python -m bench linkage DIR                 a.csv and b.csv (or one table), and gold.csv
    python -m bench linkage --set dblp-acm      a set from ../shared/data, laid out so for the run

Columns are those every table may have (id, title, authors, venue, year, ...); ``bench/labelled.py`` says what
gold.csv may look like. The database is a throw-away embedded Postgres; no label is used before the catalog stands.
Prints one table, and last lines ``FIGURE name value unit``:

precision, recall, f1       over pairs of records in one paper; with two tables, over pairs across them
merges_precision            the same for verdicts ``same`` alone, before clusters refuse what contradicts itself
candidate_recall            true pairs that share a blocking key
false_merges                pairs in one paper that are labelled, or known, to be two works
unsure                      pairs that wait for a person
looks                       how many of them, likeliest first, a person looks at until recall is 0.995, or all
recall_after_looks          the recall she reached then
linkage_speed               records per CPU second, Postgres included
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import combinations
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench import home, labelled
from bench.labelled import Gold, Name, Pair, pair
from bench.meter import Reading, measured
from catalog.engine import Cursor
from worker import run
from worker.formats import files
from worker.pipeline import ingest, unpack
from worker.tools import Tools

DAY = datetime(2026, 1, 1, tzinfo=UTC)
WANTED = 0.995
"""The recall a person's looks should lead to."""


@dataclass
class Outcome:
    """What the catalog says of the tables' records."""

    paper: dict[Name, int] = field(default_factory=dict)
    same: dict[Pair, str] = field(default_factory=dict)
    """Pairs of verdict ``same``, with the reasons."""
    unsure: list[tuple[float, Pair, str]] = field(default_factory=list)
    """Pairs in two papers that a person would be asked about, likeliest first: score, pair, reasons. Papers that
    both hold a record of a source that lists each work once need no question.
    """
    candidates: set[Pair] = field(default_factory=set)
    """Labelled pairs that share a blocking key."""
    reading: Reading = field(default_factory=Reading)


def main(argv: list[str] | None = None) -> None:
    """Reads the arguments, runs one set and prints what came out."""
    parser = argparse.ArgumentParser(
        prog="python -m bench linkage", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", nargs="?", type=Path, metavar="DIR", help="a.csv, b.csv (or one table), gold.csv")
    parser.add_argument("--set", choices=labelled.SETS, help="lay out this set from ../shared/data and run it")
    parser.add_argument(
        "--unique", choices=("auto", "all", "a", "b", "none"), default="auto",
        help="which tables list each work once, as in pubcat ingest --unique; auto: those without twins of their own",
    )  # fmt: skip
    parser.add_argument("--errors", type=int, default=0, metavar="N", help="show up to N wrong pairs of each kind")
    given = parser.parse_args(argv)
    if (given.folder is None) == (given.set is None):
        parser.error("give a folder or --set NAME")
    with tempfile.TemporaryDirectory(prefix="pubcat-bench-") as place:
        folder = given.folder
        if folder is None:
            folder = Path(place)
            labelled.SETS[given.set](folder)
        try:
            tables = labelled.tables_in(folder)
            gold = labelled.gold_of(folder, {name: labelled.ids(path) for name, path in tables.items()})
        except (OSError, ValueError) as error:
            parser.error(str(error))
        unique = _unique(tables, given.unique)
        with home.server() as server, server.tools() as tools:
            outcome = link(tools, server.postmaster, tables, unique, gold)
        report(given.set or folder.name, tables, unique, gold, outcome, given.errors)


def _unique(tables: dict[str, Path], said: str) -> set[str]:
    """The tables that are declared to list each work once."""
    if said == "auto":
        return {name for name, path in tables.items() if labelled.lists_once(labelled.records(path))}
    names = list(tables)
    return {"all": set(names), "none": set(), "a": {names[0]}, "b": {names[-1]}}[said]


# -- running


def link(tools: Tools, postmaster: int | None, tables: dict[str, Path], unique: set[str], gold: Gold) -> Outcome:
    """Ingests the tables, a source each, drains the line, and reads what the catalog says of every pair."""
    outcome = Outcome()
    with measured(postmaster) as outcome.reading:
        for name, path in tables.items():
            _store(tools, name, path, name in unique)
        run.drain(tools)
    with tools.transaction() as cursor:
        _read(cursor, outcome, gold, len(tables) == 2, unique)
    return outcome


def _store(tools: Tools, name: str, path: Path, unique: bool) -> None:
    with path.open("rb") as raw:
        _, unpacked = next(unpack.opened(raw, str(path)))
        head, stream = unpack.head_of(unpacked)
        form = files.recognise(head, str(path))
        configured = ingest.reader(tools.sources, name, form)
        with tools.transaction() as cursor:
            bodies = ingest.pages(stream, form, str(path))
            ingest.store(cursor, configured, str(path), form, DAY, bodies, unique=unique)


def _read(cursor: Cursor, outcome: Outcome, gold: Gold, across: bool, unique: set[str]) -> None:
    names: dict[int, Name] = {}
    for number, source, key, paper in cursor.execute(
        "select record_id, source, source_key, paper_id from catalog.record join catalog.member using (record_id)"
    ):
        names[number] = (source, key)
        outcome.paper[source, key] = paper
    listed = {(paper, source) for (source, _), paper in outcome.paper.items() if source in unique}
    for a, b, verdict, score, reasons in cursor.execute(
        "select record_a, record_b, verdict, score, reasons from catalog.verdict"
        " where verdict in ('same', 'unsure') order by score desc, record_a, record_b"
    ):
        if across and names[a][0] == names[b][0]:
            continue
        found = pair(names[a], names[b])
        if verdict == "same":
            outcome.same[found] = reasons
        papers = outcome.paper[found[0]], outcome.paper[found[1]]
        if papers[0] != papers[1] and not any({(papers[0], once), (papers[1], once)} <= listed for once in unique):
            outcome.unsure.append((score, found, reasons))
    keys: dict[Name, set[int]] = defaultdict(set)
    for number, key in cursor.execute(
        "select record_id, key from catalog.record_key where key not in (select key from catalog.crowded_key)"
    ):
        if number in names:
            keys[names[number]].add(key)
    outcome.candidates = {both for both in gold.same if not keys[both[0]].isdisjoint(keys[both[1]])}


# -- counting


def decided(paper: dict[Name, int], across: bool) -> set[Pair]:
    """Pairs of records in one paper; with two tables, those across them."""
    groups: dict[int, list[Name]] = defaultdict(list)
    for name, number in paper.items():
        groups[number].append(name)
    return {
        both
        for group in groups.values()
        for both in combinations(sorted(group), 2)
        if not across or both[0][0] != both[1][0]
    }


def looks(outcome: Outcome, gold: Gold, across: bool) -> tuple[int, float]:
    """How many pairs a person looks at, likeliest first, until recall is ``WANTED``; and the recall reached then.

    What she calls the same is one paper from then on, so a pair whose papers have met meanwhile is not asked.
    """
    at = dict(outcome.paper)
    members: dict[int, list[Name]] = defaultdict(list)
    for name, number in at.items():
        members[number].append(name)
    found = len(decided(at, across) & gold.same)
    asked = 0
    for _, (one, other), _ in outcome.unsure:
        if found >= WANTED * len(gold.same):
            break
        if at[one] == at[other]:
            continue
        asked += 1
        if (one, other) in gold.same:
            ours, theirs = members[at[one]], members.pop(at[other])
            found += sum(pair(x, y) in gold.same for x in ours for y in theirs)
            for name in theirs:
                at[name] = at[one]
            ours += theirs
    return asked, rate(found, len(gold.same))


def rate(part: int, whole: int) -> float:
    """A share; of nothing, 0."""
    return part / whole if whole else 0.0


def f1(precision: float, recall: float) -> float:
    """Their harmonic mean."""
    return 2 * precision * recall / (precision + recall) if precision + recall else 0.0


def report(
    name: str, tables: dict[str, Path], unique: set[str], gold: Gold, outcome: Outcome, errors: int
) -> None:  # fmt: skip
    """Prints the table and the figures."""
    across = len(tables) == 2
    together = decided(outcome.paper, across)
    same = set(outcome.same)
    if not gold.is_whole:
        together &= gold.same | gold.different
        same &= gold.same | gold.different
    hits = together & gold.same
    precision, recall = rate(len(hits), len(together)), rate(len(hits), len(gold.same))
    n_records, n_papers = len(outcome.paper), len(set(outcome.paper.values()))
    n_looks, reached = looks(outcome, gold, across)
    n_true = sum(found in gold.same for _, found, _ in outcome.unsure)
    cpu = outcome.reading.cpu_s
    told = ", ".join(f"{table} ({'each work once' if table in unique else 'with repeats'})" for table in tables)
    print(f"{name}: {n_records:,} records, {n_papers:,} papers from {told}")
    if gold.n_unknown:
        print(f"{gold.n_unknown} labelled pairs left out: their ids are in no table")
    print(f"{'':<24}{'precision':>10}{'recall':>10}{'F1':>10}{'pairs':>10}")
    print(f"{'in one paper':<24}{precision:>10.4f}{recall:>10.4f}{f1(precision, recall):>10.4f}{len(together):>10,}")
    sure, found = rate(len(same & gold.same), len(same)), rate(len(same & gold.same), len(gold.same))
    print(f"{'verdict same':<24}{sure:>10.4f}{found:>10.4f}{f1(sure, found):>10.4f}{len(same):>10,}")
    print(f"{'candidates':<24}{'':>10}{rate(len(outcome.candidates), len(gold.same)):>10.4f}")
    print(f"{'waiting for a person':<24}{n_true:>10} of them are one work{len(outcome.unsure):>17,}")
    print(f"{n_looks} looks lead to recall {reached:.4f}" + ("" if reached >= WANTED else f", not to {WANTED}"))
    if errors:
        _explain("false merge", sorted(together - gold.same), outcome, tables, errors)
        _explain("missed", sorted(gold.same - together), outcome, tables, errors)
    print(f"FIGURE precision {precision:.4f} ratio")
    print(f"FIGURE recall {recall:.4f} ratio")
    print(f"FIGURE f1 {f1(precision, recall):.4f} ratio")
    print(f"FIGURE merges_precision {sure:.4f} ratio")
    print(f"FIGURE candidate_recall {rate(len(outcome.candidates), len(gold.same)):.4f} ratio")
    print(f"FIGURE false_merges {len(together - hits)} pairs")
    print(f"FIGURE unsure {len(outcome.unsure)} pairs")
    print(f"FIGURE looks {n_looks} pairs")
    print(f"FIGURE recall_after_looks {reached:.4f} ratio")
    print(f"FIGURE linkage_speed {n_records / cpu:.0f} records/cpu-s")


def _explain(what: str, pairs: list[Pair], outcome: Outcome, tables: dict[str, Path], most: int) -> None:
    """Up to ``most`` wrong pairs, evenly chosen, with both records."""
    print(f"{what}: {len(pairs)}")
    said = {(name, record.source_key): record for name, path in tables.items() for record in labelled.records(path)}
    reasons = {**outcome.same, **{found: why for _, found, why in outcome.unsure}}
    for both in pairs[:: max(1, len(pairs) // most)][:most]:
        why = reasons.get(both, "" if both in outcome.candidates else "no candidate")
        print(f"   {'; '.join(why.split(chr(10)))}")
        for name in both:
            record = said.get(name)
            if record:
                authors = ", ".join(author.name for author in record.authors)
                print(f"      {name[1]} | {record.title} | {authors[:90]} | {record.venue} | {record.date}")


if __name__ == "__main__":
    main()
