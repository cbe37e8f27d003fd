"""A long harvest killed in the middle: it resumes from its checkpoint and asks at most one page again per kill."""

from __future__ import annotations

import argparse
import random
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from tests.lab.far import OVERLAP, Bibliography
from tests.lab.home import Home, home, kill
from tests.lab.report import Report
from worker import embedded
from worker.demo.server import Answer

OAI = """<?xml version="1.0" encoding="UTF-8"?>
<OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/"><responseDate>2026-03-20T00:00:00Z</responseDate>
<request>http://127.0.0.1/oai</request>{}</OAI-PMH>"""
IDENTIFY = """<Identify><repositoryName>Lab</repositoryName><baseURL>http://127.0.0.1/oai</baseURL>
<protocolVersion>2.0</protocolVersion><adminEmail>lab@example.org</adminEmail>
<earliestDatestamp>2000-01-01</earliestDatestamp><deletedRecord>persistent</deletedRecord>
<granularity>YYYY-MM-DD</granularity></Identify>"""
RECORD = """<record><header><identifier>oai:lab:{id}</identifier><datestamp>2026-03-01</datestamp></header><metadata>
<oai_dc:dc xmlns:oai_dc="http://www.openarchives.org/OAI/2.0/oai_dc/" xmlns:dc="http://purl.org/dc/elements/1.1/">
<dc:title>{title}</dc:title>{creators}<dc:date>{year}</dc:date><dc:type>article</dc:type></oai_dc:dc></metadata></record>"""


@dataclass(frozen=True)
class Counted(Bibliography):
    """A far side that counts how often each page of a chain is asked for."""

    asked: Counter[str] = field(default_factory=Counter)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def answer(self, path: str, query: Mapping[str, str]) -> Answer | None:
        """What the server says; questions about single works are no pages."""
        if path == "/oai":
            place = query.get("resumptionToken") or query.get("verb", "")
            said: Answer | None = self._oai(query)
        elif path == "/openalex/works" and "search" not in query:
            place, said = query.get("cursor", "*"), super().answer(path, query)
        else:
            return super().answer(path, query)
        with self.lock:
            self.asked[place] += 1
        return said

    def _oai(self, query: Mapping[str, str]) -> Answer:
        if query.get("verb") == "Identify":
            return Answer(OAI.format(IDENTIFY).encode(), "text/xml")
        rows = self.rows[::OVERLAP]
        start = int(query.get("resumptionToken", "at0")[2:])
        shown = rows[start : start + self.per_page]
        following = start + self.per_page
        token = f"at{following}" if following < len(rows) else ""
        records = "".join(
            RECORD.format(
                id=row["id"], title=row["title"], year=row["year"],
                creators="".join(f"<dc:creator>{name}</dc:creator>" for name in row["authors"].split("; ")),
            )
            for row in shown
        )  # fmt: skip
        end = f'<resumptionToken completeListSize="{len(rows)}" cursor="{start}">{token}</resumptionToken>'
        return Answer(OAI.format(f"<ListRecords>{records}{end}</ListRecords>").encode(), "text/xml")

    def source(self, name: str, base_url: str) -> str:
        """The sources file for one of the two chains."""
        more = 'filter = "type:article"\nquestions_per_day = 0\n' if name == "openalex" else ""
        path = "openalex" if name == "openalex" else "oai"
        return f'[sources.{name}]\nkind = "{name}"\nbase_url = "{base_url}/{path}"\n{more}'


def walk(at: Home, name: str, far: Counted, kills: int, dice: random.Random) -> int:
    """Syncs to the end, killed at random pages; how many kills hit."""
    hit = 0
    goals = sorted(dice.uniform(0.1, 0.9) for _ in range(kills))
    pages = -(-far.n // OVERLAP // far.per_page)
    while True:
        with (at.path / "sync.log").open("wb") as log:
            process = subprocess.Popen(
            [sys.executable, "-m", "worker", "sync", name],
                env=at.environment, cwd=at.path, stdout=log, stderr=log,
            start_new_session=True,
        )  # fmt: skip
        while process.poll() is None and (hit >= kills or len(far.asked) < goals[hit] * pages):
            time.sleep(0.05)
        if process.poll() is not None:
            if process.returncode not in (0, 3):
                raise RuntimeError((at.path / "sync.log").read_text()[-2000:])
            return hit
        hit += kill(process.pid, group=True)
        process.wait()


def main(argv: list[str]) -> int:
    """Harvests each source once, killed now and then."""
    parser = argparse.ArgumentParser(prog="python -m tests.lab harvest", description=__doc__)
    parser.add_argument("--source", nargs="+", choices=("oai", "openalex"), default=["oai", "openalex"])
    parser.add_argument("--records", type=int, default=50_000)
    parser.add_argument("--per-page", type=int, default=100)
    parser.add_argument("--kills", type=int, default=2)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args(argv)

    report = Report(("source", "records", "pages", "kills", "asked again", "state", "seconds"))
    for name in options.source:
        far = Counted(options.records * OVERLAP, options.per_page)
        _ = far.works  # Made before anybody asks: so many take longer than a client waits, and it would ask again.
        began = time.monotonic()
        with (
            far.served() as base_url,
            home(far.source(name, base_url), broker="none") as at,
            embedded.using(at.data, broker=False),
        ):
            hit = walk(at, name, far, options.kills, random.Random(f"{options.seed} {name}"))
            n_records = at.ask("select count(*) from catalog.record where not deleted") or 0
            n_done = at.ask("select count(*) from ops.harvest where kind = 'sweep' and state = 'done'") or 0
            n_sweeps = at.ask("select count(*) from ops.harvest where kind = 'sweep'") or 0
        again = sum(far.asked.values()) - len(far.asked)
        state = "done" if n_done == n_sweeps == 1 else f"{n_done} of {n_sweeps} done"
        report.row(name, n_records, len(far.asked), hit, again, state, f"{time.monotonic() - began:.0f}")
        report.figure(f"{name}_records", n_records, "records")
        report.figure(f"{name}_pages_asked_again", again, "pages")
        report.must(hit == options.kills, f"{name}: only {hit} kills hit")
        most = far.asked.most_common(again)
        report.must(again <= hit, f"{name}: {again} pages were asked again after {hit} kills, such as {most}")
        report.must(n_records == options.records, f"{name}: {n_records} records of {options.records}")
        report.must(state == "done", f"{name}: the harvest is not done: {state}")
    return report.end()
