"""Matching alone, without a database: reading, facts, keys, verdicts, clusters over labelled sets, zero labels used.

    python bench/pairs.py [SET|DIR...] [--errors N]

Sets are those of ``bench/labelled.py``, folders as ``bench/linkage.py`` takes them: the same records, rules and
clusters without Postgres, for trying rules out. Prints precision, recall and F1 over pairs in one cluster, those of
``same`` verdicts alone, recall of candidates, how many ``unsure`` pairs wait for a person, and records per CPU second
for facts, keys and verdicts (reading the table and clusters aside), collected as a worker does: between batches.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench import labelled
from bench.labelled import Gold, Name
from bench.labelled import pair as named_pair
from worker.match.clusters import Edge, Node, clusters
from worker.match.facts import Facts, facts
from worker.match.keys import KINDS, blocking_keys, is_crowded
from worker.match.verdict import Verdict, judge
from worker.record import Record
from worker.tools import uncollected

Pair = tuple[int, int]


def candidates(found: Iterable[list[tuple[int, int]]]) -> Iterator[Pair]:
    """Pairs that share a key which is not too common, each once."""
    blocks: dict[tuple[int, int], list[int]] = defaultdict(list)
    for number, keys in enumerate(found):
        for key in keys:
            blocks[key].append(number)
    met: set[Pair] = set()
    for (kind, _), members in blocks.items():
        if len(members) < 2 or is_crowded(kind, len(members)):
            continue
        for both in combinations(members, 2):
            if both not in met:
                met.add(both)
                yield both


def rate(part: int, whole: int) -> float:
    return part / whole if whole else 0.0


def f1(precision: float, recall: float) -> float:
    return 2 * precision * recall / (precision + recall) if precision + recall else 0.0


@dataclass(frozen=True)
class Matched:
    """One set, matched: records with their source, what was decided, which pairs are true, what it cost (seconds)."""

    records: list[tuple[Record, str]]
    known: list[Facts]
    keys: list[list[tuple[int, int]]]
    verdicts: dict[Pair, Verdict]
    together: set[Pair]
    true: set[Pair]
    counts: Callable[[Pair], bool]
    unique: list[str]
    costs: dict[str, float]

    @property
    def precision(self) -> float:
        return rate(len(self.together & self.true), len(self.together))

    @property
    def recall(self) -> float:
        return rate(len(self.together & self.true), len(self.true))

    @property
    def f1(self) -> float:
        return f1(self.precision, self.recall)

    @property
    def candidate_recall(self) -> float:
        return rate(len(self.verdicts.keys() & self.true), len(self.true))

    def pairs(self, kind: str) -> set[Pair]:
        """The pairs of one verdict that count."""
        return {both for both, verdict in self.verdicts.items() if verdict.kind == kind and self.counts(both)}


def matched(folder: Path) -> Matched:
    """Matches one set."""
    tables = labelled.tables_in(folder)
    gold = labelled.gold_of(folder, {source: labelled.ids(path) for source, path in tables.items()})
    costs: dict[str, float] = {}

    @contextmanager
    def cost(of: str) -> Iterator[None]:
        start = time.process_time()
        with uncollected():
            yield
        costs[of] = time.process_time() - start

    with cost("reading"):
        read = {source: labelled.records(path) for source, path in tables.items()}
    unique = [source for source, found in read.items() if labelled.lists_once(found)]
    records = [(record, source) for source, found in read.items() for record in found]
    with cost("facts"):
        known = [facts(record, source=source, deduplicates=source in unique) for record, source in records]
    with cost("keys"):
        keys = [blocking_keys(one) for one in known]
    pairs = list(candidates(keys))
    with cost("verdicts"):
        verdicts = {(a, b): judge(known[a], known[b]) for a, b in pairs}
    edges = [Edge(a, b, verdict.score) for (a, b), verdict in verdicts.items() if verdict.kind == "same"]
    nodes = [
        Node(number, f"{one.source}\0{one.key}".encode(), one.source if one.deduplicates else None)
        for number, one in enumerate(known)
    ]
    with cost("clusters"):
        groups = clusters(nodes, edges, lambda a, b: judge(known[a], known[b]))
    true, counts = _numbered(gold, known)
    together = {both for group in groups for both in combinations(sorted(group), 2) if counts(both)}
    return Matched(records, known, keys, verdicts, together, true, counts, unique, costs)


def run(name: str, folder: Path, errors: int) -> None:
    """Matches one set and prints its line of the table."""
    found = matched(folder)
    same, unsure = found.pairs("same"), found.pairs("unsure") - found.together
    n, true, costs = len(found.known), found.true, found.costs
    pure = costs["facts"] + costs["keys"] + costs["verdicts"]
    print(
        f"{name:14} {found.precision:.4f} {found.recall:.4f} {found.f1:.4f}"
        f"  same {rate(len(same & true), len(same)):.4f} {rate(len(same & true), len(true)):.4f}"
        f"  candidates {found.candidate_recall:.4f} of {len(found.verdicts):7,}"
        f"  unsure {len(unsure & true):4}/{len(unsure):5}  {n / pure:7,.0f} rec/CPU-s ("
        + ", ".join(f"{of} {seconds / n * 1e6:.0f}" for of, seconds in costs.items())
        + f" us a record; {sum(map(len, found.keys)) / n:.1f} keys) once: {','.join(found.unique) or '-'}",
        flush=True,
    )
    if errors:
        explain(found, "FALSE MERGE", sorted(found.together - true), errors)
        explain(found, "MISSED", sorted(true - found.together), errors)
        print("  not even candidates:", len(true - found.verdicts.keys()))
        blamed: dict[str, int] = defaultdict(int)
        for a, b in true & found.verdicts.keys():
            shared = set(found.keys[a]) & set(found.keys[b])
            if len({kind for kind, _ in shared}) == 1:
                blamed[KINDS[next(iter(shared))[0]]] += 1
        print("  found by one kind of key alone:", dict(blamed))


def _numbered(gold: Gold, known: list[Facts]) -> tuple[set[Pair], Callable[[Pair], bool]]:
    """The true pairs by number, and which pairs count: those across two tables, or the labelled ones alone."""
    place: dict[Name, int] = {(one.source, one.key): number for number, one in enumerate(known)}

    def numbers(found: Iterable[tuple[Name, Name]]) -> set[Pair]:
        return {(min(place[a], place[b]), max(place[a], place[b])) for a, b in found if a in place and b in place}

    across = len({one.source for one in known}) > 1
    judged = gold.same | gold.different

    def counted(both: Pair) -> bool:
        a, b = known[both[0]], known[both[1]]
        if not gold.is_whole:
            return named_pair((a.source, a.key), (b.source, b.key)) in judged
        return not across or a.source != b.source

    return numbers(gold.same), counted


def explain(found: Matched, what: str, pairs: list[Pair], most: int) -> None:
    """Prints pairs decided wrongly, both records and the reasons."""
    print(f"  {what}: {len(pairs)}")
    for a, b in pairs[:: max(1, len(pairs) // most)][:most]:
        verdict = judge(found.known[a], found.known[b])
        told = "; ".join(verdict.text.split("\n"))
        print(f"   {verdict.kind} {verdict.score} {'' if (a, b) in found.verdicts else '(no candidate) '}{told}")
        for number in (a, b):
            record, source = found.records[number]
            names = ", ".join(author.name for author in record.authors)
            print(
                f"      {source} {record.source_key} | {record.title} | {names[:90]} | {record.venue}"
                f" {record.volume or ''} {record.pages or ''} | {record.date}"
            )


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("sets", nargs="*", metavar="SET|DIR", help=", ".join(labelled.SETS))
    parser.add_argument("--errors", type=int, default=0, metavar="N", help="show up to N wrong pairs of each kind")
    chosen = parser.parse_args()
    print(f"{'':14} prec.  recall F1")
    for name in chosen.sets or labelled.SETS:
        if name in labelled.SETS:
            with tempfile.TemporaryDirectory() as place:
                labelled.SETS[name](Path(place))
                run(name, Path(place), chosen.errors)
        else:
            run(Path(name).name, Path(name), chosen.errors)


if __name__ == "__main__":
    main()
