"""The worked example of docs/how-to/add-a-source.md: its blocks are taken from the page and run as a newcomer would."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from tests.line import ask
from tests.sources.test_sources import shown
from worker import run
from worker.demo.server import Answer, serving
from worker.page import Page, Question, Source, Window
from worker.pipeline import harvests
from worker.settings import load_sources
from worker.tools import Tools

GUIDE = Path(__file__).resolve().parents[2] / "docs" / "how-to" / "add-a-source.md"
BLOCKS = dict(re.findall(r"(?ms)^```\w+ (\w+)\n(.*?)^```$", GUIDE.read_text(encoding="utf-8")))


@pytest.fixture
def source(monkeypatch: pytest.MonkeyPatch) -> Source:
    """The file of the guide, where the program looks for it."""
    module = ModuleType("worker.sources.example_archive")
    monkeypatch.setitem(sys.modules, module.__name__, module)
    exec(compile(BLOCKS["source"], "example_archive.py", "exec"), module.__dict__)  # the guide itself
    found: Source = module.SOURCE
    return found


def test_the_page_becomes_what_the_guide_says(source: Source) -> None:
    found = source.read(Page("page.json", BLOCKS["page"].encode()))
    assert [shown(one) for one in found] == json.loads(BLOCKS["expected"])


def answered(path: str, query: Mapping[str, str]) -> Answer:
    """The archive: the page of the guide, and a second one that ends it."""
    content: dict[str, Any] = json.loads(BLOCKS["page"])
    if query.get("page") == "2":
        content = {"total": 4, "next": None, "items": [{"id": "A-19", "title": "A last one"}]}
    return Answer(json.dumps(content).encode(), "application/json")


def test_the_source_is_configured_and_harvested(
    source: Source, tools: Tools, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "sources.toml"
    file.write_text(BLOCKS["sources"], encoding="utf-8")
    assert load_sources(file).get("archive").why_off == "set PUBCAT_CONTACT to turn it on"
    with serving(answered) as base_url:
        monkeypatch.setenv("PUBCAT_BASE_URL_ARCHIVE", base_url)
        tools.sources = load_sources(file)
        configured = tools.sources.get("archive")
        assert (configured.enabled, configured.walks, configured.every_s) == (True, True, 86_400)
        with tools.transaction() as cursor:
            harvests.start_sweep(cursor, configured)
        run.drain(tools)
    assert ask(tools, "select n_pages, n_records, n_dead from ops.harvest where kind = 'sweep'") == [(2, 3, 1)]
    assert ask(tools, "select title from catalog.paper order by title") == [
        ("A last one",),
        ("Sparse Memories for Recurrent Learners",),
    ]


def test_what_it_asks(source: Source) -> None:
    configured = load_sources(GUIDE.parents[2] / "worker" / "sources.toml").get("mila")
    site = type(configured.site)("archive", options={"topic": "a & b"})
    (start,) = source.first(site, Window(date(2026, 1, 1)))
    assert start.url == "https://archive.example/items?topic=a%20%26%20b&page=1&after=2026-01-01"
    question = source.ask(site, Question("doi", "10.5555/x"))
    assert question is not None
    assert question.url == "https://archive.example/items?doi=10.5555%2Fx"


def test_every_path_of_the_guide_exists() -> None:
    text = GUIDE.read_text(encoding="utf-8")
    for target in re.findall(r"\]\(([^)#:]+)\)", text):
        assert (GUIDE.parent / target).exists(), target
    for path in re.findall(r"`((?:worker|tests)/[\w/.]+\.py)`", text):
        assert "example_archive" in path or (GUIDE.parents[2] / path).exists(), path
