"""Files of any size cut into pages in bounded memory, at what rate: BibTeX, RIS, XML, JSON Lines, a JSON array.

Each file is made on disk from a fixture under new keys until it has so many megabytes, read as ``pubcat ingest`` reads
it, and thrown away. Memory may grow by no more than 256 MB, whatever the size.
"""

from __future__ import annotations

import argparse
import re
import resource
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from worker.formats.files import recognise
from worker.pipeline import unpack
from worker.pipeline.ingest import pages

FIXTURES = Path(__file__).parents[1] / "sources"
LARGEST_MB = 256
KINDS = {
    "bibtex": ("bibtex/page_entries.bib", b"", b"", re.compile(rb"@(\w+)\{(\w+),")),
    "ris": ("ris/page_ris.ris", b"", b"", None),
    "oai": ("oai/page.xml", b"<ListRecords>", b"<resumptionToken", None),
    "jsonl": ("table/page_shapes.jsonl", b"", b"", None),
    "csl": ("csl/page_items.json", b"[", b"]", None),
}


def main(argv: list[str]) -> int:
    """Cuts one file of each kind; 1 when memory grew with the file."""
    parser = argparse.ArgumentParser(prog="python -m tests.lab streams", description=__doc__)
    parser.add_argument("--megabytes", type=int, default=200, help="of each file")
    given = parser.parse_args(argv)
    failed = False
    print(f"{'format':<10}{'MB':>7}{'pages':>8}{'MB/cpu-s':>10}{'grown MB':>10}")
    for name in KINDS:
        with tempfile.NamedTemporaryFile(prefix="pubcat-stream-") as file:
            for piece in _pieces(name, given.megabytes << 20):
                file.write(piece)
            file.flush()
            n_pages, cpu_s, grown_mb, size = _cut(Path(file.name))
        failed = failed or grown_mb > LARGEST_MB
        print(f"{name:<10}{size / 1e6:>7.0f}{n_pages:>8}{size / 1e6 / cpu_s:>10.0f}{grown_mb:>10.0f}", flush=True)
        print(f"FIGURE stream_{name}_grown {grown_mb:.0f} MB for {size / 1e6:.0f} MB")
    return 1 if failed else 0


def _pieces(name: str, size: int) -> Iterator[bytes]:
    path, opening, closing, key = KINDS[name]
    body = (FIXTURES / path).read_bytes()
    head, _, rest = body.partition(opening) if opening else (b"", b"", body)
    middle, _, tail = rest.rpartition(closing) if closing else (rest, b"", b"")
    yield head + opening
    made = number = 0
    while made < size:
        piece = key.sub(rb"@\1{\2x%d," % number, middle) if key else middle
        if opening == b"[" and number:
            piece = b"," + piece
        yield piece
        made += len(piece)
        number += 1
    yield closing + tail


def _cut(path: Path) -> tuple[int, float, float, int]:
    before = _peak_mb()
    started = time.process_time()
    n_pages = 0
    with path.open("rb") as raw:
        for where, unpacked in unpack.opened(raw, path.name):
            head, stream = unpack.head_of(unpacked)
            for _ in pages(stream, recognise(head, where), where):
                n_pages += 1
    return n_pages, time.process_time() - started, _peak_mb() - before, path.stat().st_size


def _peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
