"""Pubcat measured: against the physical limit, its peers and itself when it grows.

Every measurement prints a table and last lines ``FIGURE name value unit``: medians of runs of one process, CPU
seconds of all processes including Postgres. Ratios are what to quote; rates depend on the machine.
"""

from __future__ import annotations

import argparse


def main() -> None:
    """Reads the arguments and runs one measurement."""
    parser = argparse.ArgumentParser(
        prog="python -m bench", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    what = parser.add_subparsers(dest="what", required=True)
    for name, text in (
        ("ingest", "the whole line per record, by stage, against COPY of the rows it wrote"),
        ("limit", "COPY of the rows an ingest wrote into the same indexed tables"),
    ):
        command = what.add_parser(name, help=text)
        command.add_argument("--records", type=int, default=240_403, help="of the three files together")
        command.add_argument("--repeat", type=int, default=3, help="runs, of which the median is told")
    given = parser.parse_args()
    match given.what:
        case "ingest" | "limit":
            from bench import ingest

            (ingest.main if given.what == "ingest" else ingest.limit)(given.records, given.repeat)


if __name__ == "__main__":
    main()
