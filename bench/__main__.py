"""Pubcat measured: against the physical limit, its peers and itself when it grows.

Every measurement prints a table and last lines ``FIGURE name value unit``: medians of runs of one process, CPU
seconds of all processes including Postgres. Ratios are what to quote; rates depend on the machine.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

WHOLE = 240_403
"""Records of the three real files."""


def main() -> None:
    """Reads the arguments and runs one measurement."""
    parser = argparse.ArgumentParser(
        prog="python -m bench", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    what = parser.add_subparsers(dest="what", required=True)

    def command(name: str, text: str, records: int, repeat: int | None = None) -> argparse.ArgumentParser:
        one = what.add_parser(name, help=text, description=text)
        if records:
            one.add_argument("--records", type=int, default=records, help=f"how many (default {records:,})")
        if repeat:
            one.add_argument("--repeat", type=int, default=repeat, help=f"median of so many runs (default {repeat})")
        return one

    command("ingest", "The whole line per record, by stage, against COPY of the rows it wrote.", WHOLE, 3)
    command("limit", "COPY of the rows an ingest wrote into the same indexed tables.", WHOLE, 3)
    command("peers", "The same file by dlt's merge and by us, in turn.", 60_000, 3)
    scale = command("scale", "A million records: cost by catalog size, and what repeats cost.", 1_200_000)
    scale.add_argument(
        "--steps", nargs="*", default=["again", "reindex", "latency", "search"], help="what to do after the load"
    )
    scale.add_argument("--seed", type=int, default=1, help="another seed makes other records")
    command("reindex", "All decided again, killed once on the way, beside live syncs; rebuilt from raw.", 200_000)
    command("latency", "From the arrival of one record to its paper: idle, and during a bulk load.", 60_000)
    command("search", "analytics.search_papers with rare and common words.", WHOLE)
    queries = command("queries", "What analysts wait for: sample queries, questions about one thing, searches.", WHOLE)
    queries.add_argument("--copies", type=int, default=0, help="further copies of all papers, vowels exchanged")
    command("workers", "Two workers against one.", 60_000, 3)
    command("people", "People told apart without labels: B3 and pair F1.", 0)
    command("linkage", "Duplicates found without labels.", 0)
    conformance = command("conformance", "Every recorded answer and sample read, and where other projects agree.", 0)
    conformance.add_argument("folder", type=Path, help="such as ../shared/data/api")
    conformance.add_argument("--letters", action="store_true", help="every dead letter with its reason")
    parse = command("parse", "Readers of files beside their peers on the same bytes.", 0, 5)
    parse.add_argument("--folder", type=Path, default=Path("../shared/data/api"), help="where real samples lie")
    given, rest = parser.parse_known_args()
    if rest and given.what != "linkage":
        parser.error(f"unrecognized arguments: {' '.join(rest)}")
    match given.what:
        case "conformance":
            from bench import conformance as samples

            sys.exit(samples.main(given.folder, letters=given.letters))
        case "parse":
            from bench import parse as readers

            sys.exit(readers.main(given.folder, given.repeat))
        case "ingest":
            from bench import ingest

            ingest.main(given.records, given.repeat)
        case "limit":
            from bench import ingest

            ingest.limit(given.records, given.repeat)
        case "peers":
            from bench import peers

            peers.main(given.records, given.repeat)
        case "scale":
            from bench import scale as growth

            growth.main(given.records, given.steps, given.seed)
        case "reindex":
            from bench import reindex

            reindex.main(given.records)
        case "latency":
            from bench import latency

            latency.main(given.records)
        case "search":
            from bench import search

            search.main(given.records)
        case "queries":
            from bench import queries as analysts

            analysts.main(given.records, given.copies)
        case "workers":
            from bench import workers

            workers.main(given.records, given.repeat)
        case "people":
            from bench import people

            people.main()
        case "linkage":
            from importlib import import_module

            import_module("bench.linkage").main(rest)


if __name__ == "__main__":
    main()
