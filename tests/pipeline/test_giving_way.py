"""A large file does not keep a single record waiting."""

from __future__ import annotations

import orjson

from tests.line import DAY, ask, bring
from worker import run
from worker.formats import files
from worker.pipeline import ingest
from worker.tools import Tools


def test_a_record_goes_before_the_further_pages_of_a_file(tools: Tools) -> None:
    form = files.FORMATS["jsonl"]
    bodies = [orjson.dumps({"id": f"f{n}", "title": f"Page {n} of a large file of lattices"}) for n in range(3)]
    with tools.transaction() as cursor:
        configured = ingest.reader(tools.sources, "files", form)
        ingest.store(cursor, configured, "large.jsonl", form, DAY, bodies)
    bring(tools, "events", [{"id": "single", "title": "What an event tells of rivers"}], drain=False)
    order: list[str] = []
    while run.take_next(tools):
        read = {key for (key,) in ask(tools, "select source_key from catalog.record")}
        order += sorted(read.difference(order))
    assert order == ["f0", "single", "f1", "f2"]
