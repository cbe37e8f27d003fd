"""Readers beside their peers on the same bytes, in one run: ``python -m bench parse``.

Records per CPU second, medians of runs taken in turns. A peer does less: it hands on what the file says, while ours
gives normalised records (identifiers checked, names split, dates and languages read). Peers live in an environment of
their own, made for the run and thrown away.
"""

from __future__ import annotations

import gzip
import json
import os
import re
import statistics
import subprocess
import sys
import tempfile
import venv
from dataclasses import dataclass
from pathlib import Path

PEERS = ("bibtexparser==2.1.0", "sickle==0.7.0", "pyalex==0.21")
OAI_RECORDS, OPENALEX_RECORDS, BIBTEX_ENTRIES = 2_000, 400, 2_000

_SCRIPT = """
import io, json, sys, time
what, whose, path = sys.argv[1:4]
body = open(path, "rb").read()
if whose == "peer" and what == "bibtex":
    import bibtexparser, logging
    logging.disable(logging.CRITICAL)
    read = lambda: len(bibtexparser.parse_string(body.decode("utf-8")).entries)
elif whose == "peer" and what == "oai":
    from sickle import Sickle
    from sickle.response import OAIResponse
    class Answer:
        content, text, encoding = body, body.decode("utf-8"), "utf-8"
    class Local(Sickle):
        def harvest(self, **told):
            return OAIResponse(Answer, params=told)
    def read():
        listed = Local("http://x").ListRecords(metadataPrefix="oai_dc")
        return len([(one.header.identifier, getattr(one, "metadata", None)) for one in listed])
elif whose == "peer" and what == "openalex":
    from pyalex.api import Work
    def read():
        works = [Work(one) for one in json.loads(body)["results"]]
        return len([(one["id"], one["display_name"], one["abstract"]) for one in works])
else:
    import gc
    gc.set_threshold(50_000, 20, 100)  # as every worker runs
    sys.path.insert(0, sys.argv[4])
    from worker.page import Page
    from worker.record import encode
    from worker.settings import adapter_named
    source = adapter_named(what)
    read = lambda: len(source.read(Page("page", body)))
imported = read()
started = time.process_time()
n = 0
while time.process_time() - started < 1.0:
    n += read()
print(json.dumps({"records": imported, "rate": n / (time.process_time() - started)}))
"""
"""One reader in a process of its own, warmed up, for a second of CPU."""


@dataclass(frozen=True)
class Job:
    """The same bytes for both."""

    name: str
    peer: str
    body: bytes


def main(folder: Path, repeat: int) -> int:
    """Prints the table; 1 when a peer was faster."""
    jobs = [
        Job("bibtex", "bibtexparser", bibliography(folder)),
        Job("oai", "sickle", repository(folder)),
        Job("openalex", "pyalex", works(folder)),
    ]
    root = Path(__file__).resolve().parents[1]
    behind = False
    with tempfile.TemporaryDirectory(prefix="pubcat-peers-") as home:
        peers = _environment(Path(home) / "venv")
        print(
            f"{'format':<12}{'records':>9}{'MB':>7}{'peer':>16}{'peer rec/cpu-s':>16}{'ours rec/cpu-s':>16}{'ratio':>8}"
        )
        for job in jobs:
            path = Path(home) / job.name
            path.write_bytes(job.body)
            theirs, ours, n = [], [], 0
            for _ in range(repeat):
                told = _run(peers, job.name, "peer", path, root)
                theirs.append(told["rate"])
                told = _run(Path(sys.executable), job.name, "ours", path, root)
                ours.append(told["rate"])
                n = int(told["records"])
            peer, own = statistics.median(theirs), statistics.median(ours)
            behind = behind or own < peer
            size = f"{job.name:<10}{n:>8}{len(job.body) / 1e6:>6.1f}"
            print(f"{size}{job.peer:>14}{peer:>16,.0f}{own:>16,.0f}{own / peer:>7.2f}", flush=True)
            print(f"FIGURE parse_{job.name}_of_{job.peer} {own / peer:.2f} ratio")
    print("adsingestp is in no package index; measured elsewhere: Crossref 54, JATS 7.6, DataCite 220 records/cpu-s")
    for name, adapter in (("jats", "jats"), ("crossref", "crossref_xml"), ("datacite", "datacite_xml")):
        rate = publishers(folder, name, adapter)
        print(f"FIGURE parse_{name}_xml {rate:.0f} records/cpu-s")
    return 1 if behind else 0


def publishers(folder: Path, prefix: str, adapter: str) -> float:
    """Our records per CPU second over the raw records that adsingestp is tested with."""
    import time

    from worker.errors import Malformed
    from worker.page import Page
    from worker.settings import adapter_named

    source = adapter_named(adapter)
    bodies = [path.read_bytes() for path in sorted((folder / "ads_ingest" / "input").glob(f"{prefix}_*.xml"))]
    started, n = time.process_time(), 0
    while time.process_time() - started < 1.0:
        for body in bodies:
            try:
                n += len(source.read(Page("page", body)))
            except Malformed:
                continue
    return n / (time.process_time() - started)


def bibliography(folder: Path) -> bytes:
    """Entries of a real proceedings volume and of two real bibliographies, repeated under keys of their own."""
    bodies = [
        gzip.decompress((folder / name).read_bytes())
        for name in ("pmlr_v180/uai22.bib.gz", "bibtex_jabref_testbib/jabref-authors.bib.gz")
    ]
    whole = b"\n".join(bodies)
    times = -(-BIBTEX_ENTRIES // whole.count(b"\n@"))
    return b"\n".join(re.sub(rb"(?m)^(@\w+\{[^,\s]+),", rb"\1x%d," % number, whole) for number in range(times))


def repository(folder: Path) -> bytes:
    """A page of a real repository's records in Dublin Core, repeated."""
    sample = (folder / "oai_pmh_sickle" / "ListRecords.xml").read_bytes()
    head, _, rest = sample.partition(b"<record>")
    records, _, tail = rest.rpartition(b"</record>")
    record = b"<record>" + records + b"</record>"
    tail = tail[tail.index(b"</ListRecords>") :]
    return head + record * (OAI_RECORDS // record.count(b"<record>")) + tail


def works(folder: Path) -> bytes:
    """Two real OpenAlex works, repeated."""
    told = [json.loads(path.read_bytes()) for path in sorted((folder / "openalex_fixtures").glob("W*.json"))]
    return json.dumps({"meta": {"count": OPENALEX_RECORDS}, "results": told * (OPENALEX_RECORDS // len(told))}).encode()


def _environment(home: Path) -> Path:
    """A Python with the peers."""
    venv.create(home, with_pip=True)
    python = home / "bin" / "python"
    subprocess.run([python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *PEERS], check=True)
    return python


def _run(python: Path, what: str, whose: str, path: Path, root: Path) -> dict[str, float]:
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    command = [str(python), "-c", _SCRIPT, what, whose, str(path), str(root)]
    done = subprocess.run(command, env=environment, check=True, capture_output=True, text=True, cwd=path.parent)
    told: dict[str, float] = json.loads(done.stdout)
    return told
