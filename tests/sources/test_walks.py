"""Every source walks its pages over real HTTP, resumes wherever it was killed, and does nothing twice."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path

import pytest

from tests.line import ask
from tests.sources.far import FAR, SIZE, Answering, Far
from tests.sources.test_sources import HERE, page_of
from worker import ledger, run
from worker.demo.server import Answer, serving
from worker.errors import Malformed
from worker.formats import addresses
from worker.page import Site, Source
from worker.pipeline import fetch, harvests, walks
from worker.settings import Configured, Sources
from worker.tools import Tools

ADAPTERS = sorted(path.stem for path in Path("worker/sources").glob("[a-z]*.py"))
ASKED_ONLY = {"unpaywall", "ror"}


def adapter(name: str) -> Source:
    source = import_module(f"worker.sources.{name.partition('-')[0]}").SOURCE
    assert isinstance(source, Source)
    return source


def files_of(name: str) -> Far:
    """The far side of a source that is files on the web: its fixture pages, served as they are."""
    pages = sorted(HERE.glob(f"{name}/page*"))[:2]

    def answer(path: str, query: Mapping[str, str], here: str) -> Answer | None:
        return next((Answer(one.read_bytes(), "text/plain") for one in pages if path == f"/{one.name}"), None)

    keys = {
        one.source_key
        for page in pages
        for one in adapter(name).read(page_of(page))
        if not isinstance(one, Malformed)
    }  # fmt: skip
    return Far({"pages": [f"/{page.name}" for page in pages]}, answer, pages=len(pages), records=len(keys))


FILES = [name for name in ADAPTERS if name not in FAR and adapter(name).first is addresses.first]


def test_no_source_is_left_out() -> None:
    assert set(ADAPTERS) == {name.partition("-")[0] for name in FAR} | set(FILES) | ASKED_ONLY


class Counting:
    """A far side that remembers how often each address was asked."""

    def __init__(self, answer: Answering) -> None:
        self.asked: Counter[str] = Counter()
        self.here = ""
        self._answer = answer

    def __call__(self, path: str, query: Mapping[str, str]) -> Answer | None:
        self.asked[f"{path}?{sorted(query.items())}"] += 1
        return self._answer(path, query, self.here)


def sweep(tools: Tools, configured: Configured, *, kill: bool) -> None:
    """A whole harvest. With ``kill`` a worker dies at every page the first time: it has the answer, and nothing is
    written; its lease runs out."""
    with tools.transaction() as cursor:
        harvests.start_sweep(cursor, configured)
    died: set[str] = set()
    while True:
        with tools.transaction() as cursor:
            work = ledger.claim_next(cursor)
        if work is None:
            with tools.transaction() as cursor:
                ledger.reconcile(cursor)
            return
        if kill and work.kind == "fetch" and work.args["url"] not in died:
            died.add(work.args["url"])
            with tools.transaction() as cursor:
                asked = fetch.prepare(cursor, tools.sources, work)
            fetch.send(tools.client, tools.sessions, asked)
            with tools.transaction() as cursor:
                cursor.execute("update ops.work set lease_until = clock_timestamp() - interval '1 second'"
                               " where work_id = %s", (work.work_id,))  # fmt: skip
                ledger.reconcile(cursor)
                cursor.execute("update ops.work set not_before = clock_timestamp() where state <> 'done'")
        else:
            run.perform(work, tools)


@pytest.mark.parametrize("name", [*FAR, *FILES])
def test_every_source_walks_resumes_and_rests(name: str, tools: Tools, monkeypatch: pytest.MonkeyPatch) -> None:
    far = FAR.get(name) or files_of(name)
    source = adapter(name)
    if far.small:
        monkeypatch.setattr(f"worker.sources.{source.name}.PER_PAGE", SIZE)
    if name in FILES:
        # Some end on purpose with an item that cannot be read: such a page would be asked for again.
        monkeypatch.setattr(walks, "MOST_REASKED", 0)
    side = Counting(far.answer)
    with serving(side) as base_url:
        side.here = base_url
        configured = Configured(name, source, Site(name, base_url, options=far.options), name)
        tools.sources = Sources(Path("tests"), {name: configured})
        sweep(tools, configured, kill=True)
        killed = side.asked.copy()
        assert len(killed) == far.pages
        assert set(killed.values()) == {2}, "a page is fetched again once for every kill, and no other page is"
        [(state, n_pages, n_new)] = ask(tools, "select state, n_pages, n_new from ops.harvest")
        assert (n_pages, n_new) == (far.pages, far.records)
        assert state == "done" or name in FILES, "complete by the source's own count"
        n_parsed = count(tools, "parse")
        sweep(tools, configured, kill=False)
        assert side.asked - killed == Counter(dict.fromkeys(killed, 1))
        changes = ask(tools, "select n_new, n_changed from ops.harvest order by harvest_id desc limit 1")
        assert (changes, count(tools, "parse")) == ([(0, 0)], n_parsed), "nothing was read, for nothing changed"
        records = ask(tools, "select count(*) from catalog.record where not deleted")
        assert records == [(far.records,)] or name in FILES


def count(tools: Tools, kind: str) -> int:
    [(found,)] = ask(tools, "select count(*) from ops.work where kind = %s", (kind,))
    return int(found)
