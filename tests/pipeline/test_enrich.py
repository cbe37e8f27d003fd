"""Questions: each once in a while, few a day, none forgotten."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from tests.line import ask, bring
from worker import run
from worker.settings import Sources, load_sources
from worker.tools import Tools

WORDS = ("Rivers", "Lattices", "Samplers")


def test_questions_too_many_for_a_day_come_back(tools: Tools) -> None:
    """Three papers lack an abstract, the source may be asked two questions a day."""
    openalex = load_sources().get("openalex")
    few = replace(openalex, enabled=True, questions_per_day=2)
    rows = [
        {
            "title": f"What {word} Remember of Themselves",
            "authors": "Ada Lovelace",
            "year": 2021,
            "doi": f"10.5555/{word}",
        }
        for word in WORDS
    ]
    tools.sources = Sources(Path("tests"), {"openalex": few})
    bring(tools, "alpha", rows, drain=False)
    count = "select count(*) from ops.harvest where kind = 'question'"
    open_ = "select work_id from ops.work where kind = 'enrich' and state = 'queued'"
    while ask(tools, open_ + " and not_before < now()") or not ask(tools, open_):
        assert run.take_next(tools)
    assert ask(tools, count) == [(2,)]

    ask(tools, "update ops.question set asked_at = asked_at - interval '1 day' returning 1")
    ((rest,),) = ask(tools, open_)
    ask(tools, "update ops.work set not_before = now() where kind = 'enrich' and state = 'queued' returning 1")
    assert run.take(tools, rest)
    assert ask(tools, count) == [(3,)]
    assert ask(tools, open_) == []
