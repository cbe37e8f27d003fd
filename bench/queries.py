"""What analysts wait for, on a large catalog.

Ingests the three real files, ``--copies`` of all papers added with vowels exchanged, computes the prepared tables, then
asks every query of docs/sample-queries, questions about one thing, and searches, several times each, as the read-only
analyst. A plan that reads a table whole where an index should serve is an error.
"""

from __future__ import annotations

import re
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from statistics import median, quantiles
from typing import Any

import psycopg

from bench import home, scaledata
from bench.meter import measured
from catalog import marts, roles, search
from worker import run
from worker.tools import Tools

QUERIES = Path(__file__).resolve().parents[1] / "docs" / "sample-queries"
SEARCHES = (
    "learning", "neural networks", "the language model", "deep reinforcement learning", "generative flow networks",
    "translation", "attention is all you need", "parsing", "bengio", "yoshua bengio attention", '"machine translation"',
    "graph -neural", "robust or sparse", "réseaux de neurones", "lerning", "tranlsation models", "reinforcment",
    "a", "data", "model", "using", "based", "zzzzqqqq", "diffusion models image", "variational inference",
)  # fmt: skip
"""Common words, rare ones, phrases, names, slips of the pen."""
BY_KEY = {
    "paper by number": ("select * from papers where paper_id = {paper}", {"paper"}),
    "paper by identifier": (
        "select p.title from paper_identifiers i join papers p using (paper_id)"
        " where i.scheme = 'doi' and i.value = '{doi}'",
        {"paper"},
    ),
    "records of a paper": (
        "select * from source_records where paper_id = {paper}",
        {"record", "verdict", "observation"},
    ),
    "provenance of a paper": ("select * from field_provenance where paper_id = {paper}", {"paper", "record"}),
    "history of a paper": ("select * from paper_history where paper_id = {paper}", {"history"}),
    "papers of an author": (
        "select p.title from authorships a join papers p using (paper_id) where a.author_id = {author}",
        {"paper", "authorship", "author_name"},
    ),
    "author by number": ("select * from authors where author_id = {author}", {"author", "author_counts"}),
    "co-authors of an author": (
        "select * from coauthor_edges where author_a_id = {author} or author_b_id = {author}",
        {"coauthor_edges"},
    ),
}
"""Question -> SQL, and tables that must not be read whole for it."""
REPEATS = 5


def main(records: int, copies: int) -> None:
    """Runs the measurement.

    Raises:
        SystemExit: a plan reads a table whole where an index should serve.
    """
    with home.server() as server, server.database() as url:
        with home.worker(url) as tools:
            scaledata.ingested(tools, records)
            for n in range(1, copies + 1):
                _copy(tools, n)
            with measured(server.postmaster) as words:
                while _index(tools):
                    """Slice by slice."""
            with measured(server.postmaster) as prepared:
                run.refresh(tools)
            with tools.transaction() as cursor:
                cursor.execute("analyze")
                row = cursor.execute(
                    "select (select count(*) from catalog.paper), (select count(*) from catalog.author)"
                )
                n_papers, n_authors = row.fetchone() or (0, 0)
                slowest = marts.slowest(cursor)
        print(f"{n_papers:,} papers, {n_authors:,} people; slowest prepared table: {slowest}")
        with psycopg.connect(roles.reader_url(url), autocommit=True) as reader:
            by_key, bad = _by_key(reader)
            samples = _ask(reader, "sample query", _samples())
            searched = _ask(reader, "search", _searches())
    print(f"FIGURE papers {n_papers} papers")
    print(f"FIGURE index_words {1e6 * words.cpu_s / max(n_papers, 1):.0f} us/paper")
    print(f"FIGURE refresh {prepared.cpu_s:.1f} cpu-s")
    for name, (wall, cpu) in (("by_key", by_key), ("sample_query", samples), ("search", searched)):
        print(f"FIGURE {name}_p95 {wall:.1f} ms")
        print(f"FIGURE {name}_cpu_p95 {cpu:.1f} cpu-ms")
    print(f"FIGURE whole_reads {len(bad)} plans")
    if bad:
        raise SystemExit("reads a table whole: " + "; ".join(bad))


def _index(tools: Tools) -> bool:
    with tools.transaction() as cursor:
        return search.index_texts(cursor)


def _copy(tools: Tools, n: int) -> None:
    """All first papers once more under new numbers, vowels of long words exchanged: as many words, other words."""
    letters = ("aeiou", "eioua", "iouae", "ouaei")[n % 4]
    with tools.transaction() as cursor:
        cursor.execute("select max(paper_id) from catalog.paper")
        (last,) = cursor.fetchone() or (0,)
        cursor.execute(
            "create temporary table twin on commit drop as select paper_id, paper_id + %s as twin_id from catalog.paper"
            " where paper_id <= (select min(paper_id) + (max(paper_id) - min(paper_id) + 1) / %s from catalog.paper)",
            (last, n),
        )
        cursor.execute(
            """
            insert into catalog.paper (paper_id, title, title_language, title_state, abstract, abstract_state, kind,
                status, published, year, venue, venue_kind, n_authors, authors_state, n_citations, n_records,
                fingerprints)
            select t.twin_id, case when t.paper_id %% 4 = 0 then title else translate(title, 'aeiou', %s) end,
                title_language, title_state, abstract, abstract_state, kind, status, published, year, venue, venue_kind,
                n_authors, authors_state, n_citations, 1, fingerprints
            from twin t join catalog.paper using (paper_id)
            """,
            (letters,),
        )
        cursor.execute(
            "insert into catalog.authorship (paper_id, position, name_id, author_id, credited_as)"
            " select t.twin_id, position, name_id, author_id, credited_as"
            " from twin t join catalog.authorship using (paper_id)"
        )


@dataclass(frozen=True)
class Took:
    """Milliseconds of one query: by the clock, and on a processor (other programs on the machine do not count)."""

    wall: float
    cpu: float


def _timed(reader: psycopg.Connection[Any], query: str, parameters: Any = None) -> Took:
    backend = Path(f"/proc/{reader.info.backend_pid}/schedstat")
    start, spent = time.perf_counter(), int(backend.read_text().split()[0])
    reader.execute(query, parameters).fetchall()
    return Took(1e3 * (time.perf_counter() - start), 1e-6 * (int(backend.read_text().split()[0]) - spent))


def _p95(times: list[float]) -> float:
    return quantiles(times, n=20)[18] if len(times) > 1 else times[0]


def _ask(reader: psycopg.Connection[Any], title: str, questions: Mapping[str, tuple[str, Any]]) -> tuple[float, float]:
    """Asks each question several times and prints what it took; p95 by the clock and on the processor."""
    print(f"\n{title:<40}{'p50 ms':>9}{'p95 ms':>9}{'cpu p95':>9}")
    everything: list[Took] = []
    for name, (query, parameters) in questions.items():
        times = [_timed(reader, query, parameters) for _ in range(REPEATS)]
        everything += times
        walls = [took.wall for took in times]
        print(f"{name:<40}{median(walls):>9.1f}{_p95(walls):>9.1f}{_p95([took.cpu for took in times]):>9.1f}")
    return _p95([took.wall for took in everything]), _p95([took.cpu for took in everything])


def _by_key(reader: psycopg.Connection[Any]) -> tuple[tuple[float, float], list[str]]:
    """Questions about one thing, and the plans that read a whole table for it."""
    [(paper,)] = reader.execute("select paper_id from papers order by n_records desc, paper_id limit 1").fetchall()
    [(author,)] = reader.execute("select author_id from authors order by n_papers desc, author_id limit 1").fetchall()
    found = reader.execute("select value from paper_identifiers where scheme = 'doi' limit 1").fetchone()
    queries = {
        name: template.format(paper=paper, author=author, doi=found[0] if found else "")
        for name, (template, _) in BY_KEY.items()
    }
    bad = []
    for name, query in queries.items():
        plan = "\n".join(row[0] for row in reader.execute(f"explain {query}"))
        bad += [f"{name}: {table}" for table in re.findall(r"Seq Scan on (\w+)", plan) if table in BY_KEY[name][1]]
    return _ask(reader, "by key", {name: (query, None) for name, query in queries.items()}), bad


def _samples() -> dict[str, tuple[str, None]]:
    return {path.stem: (path.read_text(encoding="utf-8"), None) for path in sorted(QUERIES.glob("*.sql"))}


def _searches() -> dict[str, tuple[str, tuple[str]]]:
    return {text: ("select * from search_papers(%s)", (text,)) for text in SEARCHES}
