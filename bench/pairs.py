"""Matching alone, without a database: keys, candidates, verdicts, clusters over labelled sets, zero labels used.

    python bench/pairs.py [SET...] [--errors N]

Sets: dblp_acm, cora, cora1879, kdd2023, acmmm2024, icra2022, ijcai2023 (two sources each, no DOIs), iclr2024 and
icml2023 (titles that changed; with and without ids), references (raw references, labelled pairs). They are read in
place from ``../shared/data/entity_matching``. Prints precision, recall and F1 over pairs of clustered records, those
of ``same`` verdicts alone, recall of candidates, how many ``unsure`` pairs wait for a person, and records per CPU
second for facts, keys and verdicts.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import json
import re
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from worker.match.clusters import Edge, Node, clusters
from worker.match.facts import Facts, facts
from worker.match.keys import CAP, KINDS, blocking_keys, is_identifier
from worker.match.verdict import Verdict, judge
from worker.normalise.identifiers import of
from worker.normalise.texts import clean
from worker.record import Author, Record

SHARED = Path(__file__).resolve().parents[2] / "shared" / "data" / "entity_matching"
Pair = tuple[int, int]


@dataclass
class Labelled:
    """Records with their source and whether it lists each work once, and the pairs that are one work."""

    name: str
    records: list[tuple[Record, str, bool]] = field(default_factory=list)
    gold: set[Pair] = field(default_factory=set)
    judged: list[tuple[int, int, bool]] | None = None
    """Only these pairs are labelled, when not all are."""

    def add(self, record: Record, source: str, deduplicates: bool) -> int:
        self.records.append((record, source, deduplicates))
        return len(self.records) - 1


def text(path: Path, encoding: str = "utf-8") -> str:
    """The text of a file, packed or not."""
    body = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    return body.decode(encoding, errors="replace")


def people(line: str) -> tuple[Author, ...]:
    """Authors as the generic table reads them: by ``;``, else by ``,``."""
    line = clean(line) or ""
    parts = line.split(";") if ";" in line else line.split(",")
    return tuple(Author(name=part.strip()) for part in parts if part.strip(" ."))


def row_record(key: str, row: dict[str, str]) -> Record:
    """A row with the usual column names."""
    year = re.search(r"(?:19|20)\d\d", row.get("year") or "")
    return Record(
        source_key=key,
        title=clean(row.get("title")) or "untitled",
        authors=people(row.get("authors") or row.get("author") or ""),
        venue=row.get("venue") or None,
        date=year[0] if year else None,
        volume=row.get("volume") or None,
        pages=row.get("pages") or None,
        publisher=row.get("publisher") or None,
    )


def dblp_acm() -> Labelled:
    folder = SHARED / "dblp_acm" / "leipzig"
    found = Labelled("DBLP-ACM")
    place: dict[str, int] = {}
    for file, encoding, source in (("DBLP2.csv", "latin-1", "dblp"), ("ACM.csv", "utf-8", "acm")):
        for row in csv.DictReader(text(folder / file, encoding).splitlines()):
            place[row["id"]] = found.add(row_record(row["id"], row), source, True)
    for row in csv.DictReader(text(folder / "DBLP-ACM_perfectMapping.csv").splitlines()):
        found.gold.add((place[row["idDBLP"]], place[row["idACM"]]))
    return found


def cora() -> Labelled:
    folder = SHARED / "cora" / "cora1295"
    found = Labelled("CORA 1295")
    place: dict[str, int] = {}
    for row in csv.DictReader(text(folder / "cora.csv").splitlines(), delimiter="|"):
        place[row["Entity Id"]] = found.add(row_record(row["Entity Id"], row), "cora", False)
    for line in text(folder / "cora_gt.csv").splitlines():
        a, b = line.split("|")[:2]
        found.gold.add((min(place[a], place[b]), max(place[a], place[b])))
    return found


def cora1879() -> Labelled:
    folder = SHARED / "cora" / "cora1879"
    found = Labelled("CORA 1879")
    place: dict[str, int] = {}
    for row in csv.DictReader(text(folder / "cora.csv").splitlines()):
        row = {name: (value or "").strip() for name, value in row.items() if name}
        row["venue"] = row["journal"] or row["booktitle"] or row["type"]
        place[row["id"]] = found.add(row_record(row["id"], row), "cora", False)
    for line in text(folder / "gt.csv.gz").splitlines()[1:]:
        a, b = line.split(",")[:2]
        if a != b:
            found.gold.add((min(place[a], place[b]), max(place[a], place[b])))
    return found


def two_sources(name: str, a: str, b: str) -> Callable[[], Labelled]:
    def load() -> Labelled:
        folder = SHARED / "venue_two_sources"
        found = Labelled(f"{name} (no DOIs)")
        place: dict[str, int] = {}
        for file, source in ((f"{name}_A_{a}", "publisher"), (f"{name}_B_{b}", "dblp")):
            for line in text(folder / f"{file}.jsonl.gz").split("\n"):
                if line:
                    row = json.loads(line)
                    record = Record(
                        source_key=row["key"],
                        title=row["title"],
                        abstract=row["abstract"] or None,
                        authors=tuple(Author(name=one) for one in row["authors"]),
                        venue=row["track"],
                        date=str(row["year"]),
                    )
                    place[row["key"]] = found.add(record, source, True)
        for row in csv.DictReader(text(folder / f"{name}_gold_doi.csv.gz").splitlines()):
            found.gold.add((place[row["a"]], place[row["b"]]))
        return found

    return load


def drift(name: str, file: str, one: str, other: str, with_ids: bool) -> Callable[[], Labelled]:
    def load() -> Labelled:
        found = Labelled(f"{name} ({'with' if with_ids else 'no'} ids)")
        for row in csv.DictReader(text(SHARED / "title_drift" / file).splitlines()):
            ids = of(openreview=row["openreview_id"]) if with_ids else ()
            a, b = (
                found.add(Record(source_key=row["openreview_id"], title=row[column], identifiers=ids), source, True)
                for column, source in ((one, "submitted"), (other, "final"))
            )
            found.gold.add((a, b))
        return found

    return load


_REFERENCE = re.compile(r"^(?P<authors>[^,:“\"«]{3,60}?(?:, ?[A-Z]\.(?: ?[A-Z]\.)?)?)[,:] *(?P<rest>.+)$")


def references() -> Labelled:
    """Raw references, read roughly: what stands before the first comma is the author, then the title until the next."""
    found = Labelled("reference pairs")
    found.judged = []
    place: dict[str, int] = {}

    def number(key: str, reference: str) -> int:
        key = key or reference or "-"
        if key not in place:
            split = _REFERENCE.match(reference.strip())
            rest = split["rest"] if split else reference
            title = re.split(r"[,.;(](?=\s|\d|$)|, in\b", rest.strip('“”"«» '), maxsplit=1)[0][:300] or rest[:300]
            year = re.search(r"\b1[5-9]\d\d\b|\b20[012]\d\b", rest)
            place[key] = found.add(
                Record(
                    source_key=key,
                    title=title or reference or "untitled",
                    authors=(Author(name=split["authors"]),) if split else (),
                    date=year[0] if year else None,
                ),
                "references",
                False,
            )
        return place[key]

    for row in csv.DictReader(text(SHARED / "reference_pairs" / "dataset.tsv.gz").splitlines(), delimiter="\t"):
        if row["same-bibl-entity"] in ("0.0", "1.0"):
            pair = (number(row["seed_ref_id"], row["seed_ref"]), number(row["ref_id"], row["ref"]))
            found.judged.append((*pair, row["same-bibl-entity"] == "1.0"))
    return found


SETS: dict[str, Callable[[], Labelled]] = {
    "dblp_acm": dblp_acm,
    "cora": cora,
    "kdd2023": two_sources("kdd2023", "acm", "dblp"),
    "acmmm2024": two_sources("acmmm2024", "acm", "dblp"),
    "icra2022": two_sources("icra2022", "ieee", "dblp"),
    "ijcai2023": two_sources("ijcai2023", "ijcai", "dblp"),
    "iclr2024": drift(
        "iclr2024", "iclr2024_submission_vs_final.csv.gz", "title_at_submission", "title_final", with_ids=False
    ),
    "iclr2024_ids": drift(
        "iclr2024", "iclr2024_submission_vs_final.csv.gz", "title_at_submission", "title_final", with_ids=True
    ),
    "icml2023": drift("icml2023", "icml2023_openreview_vs_pmlr.csv.gz", "title_openreview", "title_pmlr", False),
    "icml2023_ids": drift("icml2023", "icml2023_openreview_vs_pmlr.csv.gz", "title_openreview", "title_pmlr", True),
    "cora1879": cora1879,
    "references": references,
}


def candidates(found: Iterable[list[tuple[int, int]]]) -> Iterator[Pair]:
    """Pairs that share a key which is not too common, each once."""
    blocks: dict[tuple[int, int], list[int]] = defaultdict(list)
    for number, keys in enumerate(found):
        for key in keys:
            blocks[key].append(number)
    met: set[Pair] = set()
    for (kind, _), members in blocks.items():
        if len(members) < 2 or (len(members) > CAP and not is_identifier(kind)):
            continue
        for place, one in enumerate(members):
            for other in members[place + 1 :]:
                if (one, other) not in met:
                    met.add((one, other))
                    yield one, other


def pairs_of(groups: Iterable[list[int]]) -> set[Pair]:
    return {(min(a, b), max(a, b)) for group in groups for place, a in enumerate(group) for b in group[place + 1 :]}


def rate(part: int, whole: int) -> float:
    return part / whole if whole else 0.0


def f1(precision: float, recall: float) -> float:
    return 2 * precision * recall / (precision + recall) if precision + recall else 0.0


def run(found: Labelled, errors: int) -> None:
    """Matches one set and prints its line of the table."""
    if found.judged is not None:
        labelled_pairs(found, errors)
        return
    start = time.process_time()
    known = [facts(record, source=source, deduplicates=once) for record, source, once in found.records]
    with_facts = time.process_time()
    keys = [blocking_keys(one) for one in known]
    with_keys = time.process_time()
    pairs = list(candidates(keys))
    with_pairs = time.process_time()
    verdicts = {(a, b): judge(known[a], known[b]) for a, b in pairs}
    end = time.process_time()
    pure = (with_keys - start) + (end - with_pairs)
    edges = [Edge(a, b, verdict.score) for (a, b), verdict in verdicts.items() if verdict.kind == "same"]
    nodes = [
        Node(number, f"{one.source}\0{one.key}".encode(), one.source if one.deduplicates else None)
        for number, one in enumerate(known)
    ]
    clustered = time.process_time()
    groups = clusters(nodes, edges, lambda a, b: judge(known[a], known[b]))
    clustered = time.process_time() - clustered
    decided = pairs_of(groups)
    same = {pair for pair, verdict in verdicts.items() if verdict.kind == "same"}
    unsure = {pair for pair, verdict in verdicts.items() if verdict.kind == "unsure"} - decided
    precision, recall = rate(len(decided & found.gold), len(decided)), rate(len(decided & found.gold), len(found.gold))
    n = len(known)
    print(
        f"{found.name:22} {precision:.4f} {recall:.4f} {f1(precision, recall):.4f}"
        f"  same {rate(len(same & found.gold), len(same)):.4f} {rate(len(same & found.gold), len(found.gold)):.4f}"
        f"  candidates {rate(len(set(verdicts) & found.gold), len(found.gold)):.4f} of {len(verdicts):7,}"
        f"  unsure {len(unsure & found.gold):4}/{len(unsure):5}"
        f"  {n / pure:7,.0f} rec/CPU-s (facts {(with_facts - start) / n * 1e6:.0f}, keys"
        f" {(with_keys - with_facts) / n * 1e6:.0f}, verdicts {(end - with_pairs) / n * 1e6:.0f}, clusters"
        f" {clustered / n * 1e6:.0f} us a record; {sum(map(len, keys)) / n:.1f} keys)",
        flush=True,
    )
    if errors:
        explain(found, known, verdicts, "FALSE MERGE", sorted(decided - found.gold), errors)
        explain(found, known, verdicts, "MISSED", sorted(found.gold - decided), errors)
        lost = found.gold - set(verdicts)
        if lost:
            print("  not even candidates:", len(lost))
        blamed: dict[str, int] = defaultdict(int)
        for a, b in found.gold & set(verdicts):
            shared = set(keys[a]) & set(keys[b])
            if len({kind for kind, _ in shared}) == 1:
                blamed[KINDS[next(iter(shared))[0]]] += 1
        print("  found by one kind of key alone:", dict(blamed))


def labelled_pairs(found: Labelled, errors: int) -> None:
    """Judges labelled pairs directly: what the verdict alone is worth."""
    known = [facts(record, source=source, deduplicates=once) for record, source, once in found.records]
    judged = found.judged or []
    answers = [(judge(known[a], known[b]), label) for a, b, label in judged]
    hits = sum(1 for verdict, label in answers if label and verdict.kind == "same")
    said = sum(1 for verdict, _ in answers if verdict.kind == "same")
    wanted = sum(1 for _, label in answers if label)
    unsure = [label for verdict, label in answers if verdict.kind == "unsure"]
    precision, recall = rate(hits, said), rate(hits, wanted)
    print(
        f"{found.name:22} {precision:.4f} {recall:.4f} {f1(precision, recall):.4f}"
        f"  {said} same of {len(answers)}, unsure {sum(unsure)}/{len(unsure)}"
    )
    if errors:
        verdicts = {(a, b): verdict for (a, b, _), (verdict, _) in zip(judged, answers, strict=True)}
        wrong = [(a, b) for a, b, label in judged if not label and verdicts[a, b].kind == "same"]
        missed = [(a, b) for a, b, label in judged if label and verdicts[a, b].kind != "same"]
        explain(found, known, verdicts, "FALSE MERGE", wrong, errors)
        explain(found, known, verdicts, "MISSED", missed, errors)


def explain(
    found: Labelled, known: list[Facts], verdicts: dict[Pair, Verdict], what: str, pairs: list[Pair], most: int
) -> None:
    """Prints pairs decided wrongly, both records and the reasons."""
    print(f"  {what}: {len(pairs)}")
    step = max(1, len(pairs) // most)
    for a, b in pairs[::step][:most]:
        verdict = verdicts.get((a, b)) or judge(known[a], known[b])
        told = "; ".join(verdict.text.split("\n"))
        print(f"   {verdict.kind} {verdict.score} {'' if (a, b) in verdicts else '(no candidate) '}{told}")
        for number in (a, b):
            record, source, _ = found.records[number]
            names = ", ".join(author.name for author in record.authors)
            print(
                f"      {source} {record.source_key} | {record.title} | {names[:90]} | {record.venue} | {record.date}"
            )


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("sets", nargs="*", metavar="SET", help=", ".join(SETS))
    parser.add_argument("--errors", type=int, default=0, metavar="N", help="show up to N wrong pairs of each kind")
    chosen = parser.parse_args()
    print(f"{'':22} prec.  recall F1")
    for name in chosen.sets or SETS:
        run(SETS[name](), chosen.errors)


if __name__ == "__main__":
    main()
