"""The main job, as a stranger meets it: ``pubcat demo`` twice, and killed in between."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from catalog import dictionary, roles
from tests.cli.program import Done, Program
from tests.cli.test_up import children_left, until
from worker import embedded


@pytest.fixture
def demo() -> Iterator[Program]:
    """The program in a home nobody has used."""
    home = Path(tempfile.mkdtemp(prefix="pubcat-demo-"))
    home.chmod(0o755)
    try:
        yield Program(home)
    finally:
        shutil.rmtree(home, ignore_errors=True)


def figure(done: Done, name: str) -> int:
    """The first number of a line of the summary."""
    found = re.search(rf"^{name}\s+(\d+)", done.out, re.M)
    assert found is not None, done.out
    return int(found[1])


def answered(home: Path) -> int:
    """How many of the sample queries have something to say, asked by a reader."""
    with (
        embedded.using(home, broker=False) as servers,
        psycopg.connect(roles.reader_url(servers.database_url)) as reader,
    ):
        queries = [path.read_text(encoding="utf-8") for path in sorted(dictionary.SAMPLES.glob("*.sql"))]
        return sum(bool(reader.execute(query.encode()).fetchall()) for query in queries)


def test_the_sample_institute_twice(demo: Program) -> None:
    first = demo("demo")
    assert first.code == 0, first.err
    assert figure(first, "papers") >= 50
    assert figure(first, "authors") >= 150
    assert figure(first, "courses") == 2
    assert figure(first, "duplicates merged") >= 40
    assert figure(first, "records completed") >= 8
    assert "Why does this paper say what it says?" in first.out
    for home, query in re.findall(r'PUBCAT_HOME=(\S+) \S+ sql "(.+)"', first.out):
        assert demo("sql", "--format", "json", query, PUBCAT_HOME=home).lines
    assert answered(Path(home)) >= 22
    digest = demo("dump", "--canonical", "--digest").out

    began = time.monotonic()
    second = demo("demo")
    assert second.code == 0, second.err
    assert time.monotonic() - began < 30
    assert "0 new, 0 changed" in second.out
    assert "0 change events" in second.out
    assert demo("dump", "--canonical", "--digest").out == digest

    (demo.home / "sources.toml").write_text("[sources]\n")
    assert demo("ingest", "-", "--source", "ours", stdin="id,title,year\n1,Ours,2020\n").code == 0
    refused = demo("demo")
    assert refused.code == 1
    assert "holds ours" in refused.err


def test_interrupted_it_stops_everything_it_started(demo: Program) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "worker", "demo"],
        env=demo.environment,
        cwd=demo.home,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stderr is not None
    next(line for line in process.stderr if "scheduler" in line)
    started = [int(pid) for pid in re.findall(r"\d+", (demo.home / "data" / "up.json").read_text())]
    assert len(started) == 3
    os.kill(process.pid, signal.SIGINT)
    assert process.wait(60) == 130
    until(lambda: not children_left(started))
