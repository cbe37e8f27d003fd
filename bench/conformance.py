"""Every recorded answer and sample read, with whatever source or format fits: ``python -m bench conformance FOLDER``.

Prints, for each set, its files (or recorded exchanges), the records read, how many of the twelve main fields a record
has filled, and the dead letters; then how far other projects' results agree with ours. An error nobody foresaw is
counted apart and fails the run. ``--letters`` shows every dead letter with its reason.
"""

from __future__ import annotations

import gzip
import io
import json
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from worker.errors import IngestError, Malformed
from worker.formats import files
from worker.page import Page, Source
from worker.pipeline import unpack
from worker.pipeline.ingest import pages
from worker.record import AnyRecord, CourseRecord, Record, encode
from worker.settings import adapter_named

MAIN_FIELDS = (
    "title", "abstract", "authors", "identifiers", "kind", "date", "venue", "pages", "publisher", "language", "links",
    "topics",
)  # fmt: skip

HOSTS = {
    "api.crossref.org": "crossref",
    "api.openalex.org": "openalex",
    "api.datacite.org": "datacite",
    "api.semanticscholar.org": "semanticscholar",
    "partner.semanticscholar.org": "semanticscholar",
    "pub.orcid.org": "orcid",
    "api.openreview.net": "openreview",
    "api.archives-ouvertes.fr": "hal",
    "dblp.org": "dblp",
    "sparql.dblp.org": "dblp",
    "www.ebi.ac.uk": "europepmc",
    "api.unpaywall.org": "unpaywall",
    "api.ror.org": "ror",
    "export.arxiv.org": "arxiv",
}
"""Who reads recorded exchanges, by the host they were recorded from; answers of others are read as files."""
SETS = {
    "dblp_search_json": "dblp",
    "europepmc": "europepmc",
    "hal_search_json": "hal",
    "openreview_v1": "openreview",
    "orcid_rorcid": "orcid",
    "arxiv_atom": "arxiv",
    "semanticscholar_get": "semanticscholar",
    "openalex_fixtures": "openalex",
    "ror_records": "ror",
    "pmlr_v180": "pmlr",
}
"""Who reads the files of a set that are JSON without a name on it."""


@dataclass
class Outcome:
    """What became of one set."""

    n_files: int = 0
    n_records: int = 0
    n_filled: int = 0
    letters: list[str] = field(default_factory=list)
    uncaught: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Sample:
    """One answer or file as it would arrive; ``source`` reads it, or it is recognised by content."""

    where: str
    body: bytes
    source: str | None = None
    status: int = 200


def main(folder: Path, *, letters: bool = False) -> int:
    """Reads all sets below the folder and prints the table; 1 when an error was not foreseen."""
    if not folder.is_dir():
        print(f"{folder} is absent", file=sys.stderr)
        return 1
    outcomes = {path.name: of_set(path) for path in sorted(folder.iterdir()) if path.is_dir()}
    print(f"{'set':<34}{'files':>7}{'records':>9}{'filled':>8}{'dead':>6}{'uncaught':>10}")
    for name, one in outcomes.items():
        filled = one.n_filled / one.n_records if one.n_records else 0.0
        print(f"{name:<34}{one.n_files:>7}{one.n_records:>9}{filled:>8.1f}{len(one.letters):>6}{len(one.uncaught):>10}")
        for text in one.letters if letters else ():
            print(f"    {text}")
        for text in one.uncaught:
            print(f"    UNCAUGHT {text}")
    everything = outcomes.values()
    for name, count in (
        ("files", sum(one.n_files for one in everything)),
        ("records", sum(one.n_records for one in everything)),
        ("dead_letters", sum(len(one.letters) for one in everything)),
        ("uncaught", sum(len(one.uncaught) for one in everything)),
    ):
        print(f"FIGURE conformance_{name} {count} {name}")
    _agreement(folder)
    return 1 if any(one.uncaught for one in everything) else 0


def _agreement(folder: Path) -> None:
    from bench import expected

    counts, others = expected.report(folder)
    print(f"\n{'expected results':<34}{'records':>7}{'agree':>9}{'share':>8}")
    for name, (n, agreeing) in counts.items():
        print(f"{name:<34}{n:>7}{agreeing:>9}{agreeing / n:>8.3f}")
    for one in others:
        reason = expected.REASONS.get(one.sample, "")
        print(f"    {one.set}, {one.sample}: {', '.join(one.differ)}{': ' if reason else ''}{reason}")
    n, agreeing = (sum(told) for told in zip(*counts.values(), strict=True))
    print(f"FIGURE conformance_agreement {agreeing / n:.4f} share of {n} records")


def of_set(folder: Path) -> Outcome:
    """Every sample of one set, read."""
    outcome = Outcome()
    for sample in samples(folder):
        outcome.n_files += 1
        if sample.status != 200:
            outcome.letters.append(f"{sample.where}: HTTP {sample.status}")
            continue
        try:
            found = read(sample)
        except IngestError as error:
            outcome.letters.append(_line(error))
            continue
        except Exception as error:
            outcome.uncaught.append(f"{sample.where}: {type(error).__name__}: {error}")
            continue
        for one in found:
            if isinstance(one, Malformed):
                outcome.letters.append(_line(one))
            else:
                encode(one)
                outcome.n_records += 1
                outcome.n_filled += _filled(one)
    return outcome


def _line(error: BaseException) -> str:
    return " ".join(str(error).split())[:240]


def _filled(record: AnyRecord) -> int:
    if isinstance(record, CourseRecord):
        return sum(bool(getattr(record, name, None)) for name in ("title", "description", "offerings", "language"))
    return sum(bool(getattr(record, name)) for name in MAIN_FIELDS) if isinstance(record, Record) else 0


def read(sample: Sample) -> list[AnyRecord | Malformed]:
    """What the source named, or the one that fits, makes of a sample.

    Raises:
        Malformed: nothing fits, or the sample as a whole cannot be read.
    """
    if sample.source is not None:
        return _source(sample.source).read(Page(sample.where, sample.body))
    found: list[AnyRecord | Malformed] = []
    for where, stream in unpack.opened(io.BytesIO(sample.body), sample.where):
        head, stream = unpack.head_of(stream)
        format = files.recognise(head, where)
        for body in pages(stream, format, where):
            found += _source(format.adapters[0]).read(Page(where, body, format.media_type))
    return found


def _source(name: str) -> Source:
    return adapter_named(name)


def samples(folder: Path) -> Iterator[Sample]:
    """The answers and files of a set; expected results and remarks are none of them."""
    for path in sorted(folder.rglob("*")):
        inside = str(path.relative_to(folder))
        if not path.is_file() or _is_expectation(inside):
            continue
        raw = path.read_bytes()
        if path.name.startswith("recorded_http"):
            yield from _exchanges(gzip.decompress(raw), inside)
            continue
        body = gzip.decompress(raw) if path.suffix == ".gz" else raw
        name = path.name.removesuffix(".gz")
        if folder.name == "arxiv_atom":
            told = json.loads(body)
            yield Sample(
                told.get("url") or inside, str(told.get("body", "")).encode(), "arxiv", told.get("status", 200)
            )
        elif folder.name in SETS and name.endswith((".json", ".jsonl")):
            yield Sample(inside, body, SETS[folder.name])
        elif "unpaywall" in name:
            yield Sample(inside, body, "unpaywall")
        elif (name.startswith("dblp") and name.endswith(".ttl")) or folder.name == "dblp_rdf":
            yield Sample(inside, body, "dblp")
        else:
            yield Sample(inside, body)


def _is_expectation(inside: str) -> bool:
    return bool(re.search(r"(?:^|/)README|^output/|_parsed\.json|_expected|expected.*\.(?:json|ya?ml)", inside))


def _exchanges(body: bytes, where: str) -> Iterator[Sample]:
    for number, line in enumerate(body.split(b"\n"), 1):
        if not line.strip():
            continue
        told = json.loads(line)
        content = json.dumps(told["json"]).encode() if "json" in told else str(told.get("text", "")).encode()
        host = urlsplit(told["uri"]).hostname or ""
        source = HOSTS.get(host) if "json" in told or host == "export.arxiv.org" else None
        yield Sample(told["uri"] if source else f"{where}, line {number}", content, source, told.get("status", 200))


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), letters="--letters" in sys.argv))
