"""The docs tell the truth: recipes run as they stand, every tool reads every view, links lead somewhere."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import warnings
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from catalog import dictionary, roles
from tests.conftest import _fresh
from tests.line import DAY, bring
from worker import embedded, run
from worker.settings import Sources
from worker.tools import Tools

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
RECIPES = (DOCS / "how-to" / "query.md").read_text(encoding="utf-8")
VIEWS = sorted(view for view in __import__("json").loads(dictionary.CONTRACT.read_text()) if "(" not in view)
PAPERS = [
    {"id": str(n), "title": f"Paper {n} about {word}", "authors": "Ada Lovelace; Emile Borel", "year": str(2015 + n),
     "venue": "Journal of Seeing", "doi": f"10.5555/{n}", "n_citations": n, "abstract": f"We study {word}."}
    for n, word in enumerate(("graphs", "flows", "kernels", "bandits", "réseaux"))
]  # fmt: skip


@pytest.fixture(scope="module")
def catalog_url(servers: embedded.Servers, template: str) -> Iterator[str]:
    """The address of a reader of a small catalog with some past."""
    name = f"test_docs_{os.getpid()}"
    with _fresh(servers, template) as url:
        tools = Tools(url, sources=Sources(Path("tests"), {}), role="pubcat tests")
        bring(tools, "desk", PAPERS)
        bring(tools, "shelf", [{**PAPERS[0], "id": "s", "venue": "Annals of Seeing"}])
        bring(tools, "desk", [{**row, "n_citations": 9} for row in PAPERS], as_of=DAY.replace(day=21))
        run.refresh(tools)
        tools.close()
        password = roles.new_password()
        with psycopg.connect(url) as admin, admin.cursor() as cursor:
            roles.install(cursor)
            roles.grant_reader(cursor, name, password)
        yield roles.address_for(url, name, password)
    with psycopg.connect(servers.database_url, autocommit=True) as admin:
        admin.execute(f"drop role {name}")


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", RECIPES, re.DOTALL)


@pytest.mark.parametrize("number", range(2))
def test_python_recipes(catalog_url: str, number: int, tmp_path: Path) -> None:
    """pandas and polars."""
    done = subprocess.run(
        [sys.executable, "-c", blocks("python")[number]],
        env={"PATH": os.environ["PATH"], "CATALOG_URL": catalog_url},
        cwd=tmp_path, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip()


def _answers(catalog_url: str, query: str) -> int:
    """How many rows a recipe's SQL gives a reader."""
    with psycopg.connect(catalog_url) as connection:
        return len(connection.execute(query.encode()).fetchall())


def test_psql_recipe(catalog_url: str, tmp_path: Path) -> None:
    """The queries in it; and all of it, word by word, where psql is installed."""
    [recipe] = [block for block in blocks("sh") if block.startswith("psql")]
    queries = re.findall(r"select [^\"()]+", recipe)
    assert len(queries) == 2
    assert all(_answers(catalog_url, query) for query in queries)
    if not shutil.which("psql"):
        return
    for line in recipe.splitlines():
        done = subprocess.run(
            ["bash", "-c", line], env={"PATH": os.environ["PATH"], "CATALOG_URL": catalog_url}, cwd=tmp_path,
            capture_output=True, text=True, timeout=60, check=False,
        )  # fmt: skip
        assert (done.returncode, done.stderr) == (0, ""), line
    assert (tmp_path / "papers_by_year.csv").read_text().startswith("publication_year,")


def test_duckdb_recipe(catalog_url: str) -> None:
    """It parses, and its query answers; and it runs where DuckDB may download its extension."""
    import duckdb

    [recipe] = [block for block in blocks("sql") if "attach" in block]
    statements = recipe.replace("${CATALOG_URL}", catalog_url).split(";")[:-1]
    with duckdb.connect() as connection:
        assert len(connection.extract_statements(recipe)) == 4
        assert _answers(catalog_url, statements[-1].replace("cat.analytics.", "")) == len(PAPERS)
        try:
            connection.execute("install postgres")
        except duckdb.IOException:
            return
        for statement in statements:
            connection.execute(statement)
        assert len(connection.fetchall()) == len(PAPERS)


def test_r_recipe(catalog_url: str, tmp_path: Path) -> None:
    """Its query answers; and it runs where R and its package for Postgres are installed."""
    [recipe] = blocks("r")
    [query] = re.findall(r'"(select [^"]+)"', recipe)
    assert _answers(catalog_url, query) == len(PAPERS)
    r = shutil.which("Rscript")
    if not r or subprocess.run([r, "-e", "library(RPostgres)"], capture_output=True, check=False).returncode:
        return
    (tmp_path / "recipe.R").write_text(recipe)
    done = subprocess.run(
        ["Rscript", "recipe.R"], env={**os.environ, "CATALOG_URL": catalog_url}, cwd=tmp_path, capture_output=True,
        text=True, timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("view", VIEWS)
def test_every_tool_reads_every_view(catalog_url: str, view: str, tmp_path: Path) -> None:
    import duckdb
    import pandas as pd
    import polars as pl
    import pyarrow.parquet as pq
    from sqlalchemy import create_engine

    query = f"select * from {view}"  # noqa: S608
    with psycopg.connect(catalog_url) as connection:
        frame = pl.read_database(query, connection, infer_schema_length=None)
    assert not [kind for kind in frame.dtypes if kind in (pl.Object, pl.Binary, pl.Decimal)]
    engine = create_engine(catalog_url.replace("postgresql://", "postgresql+psycopg://", 1))
    with warnings.catch_warnings():
        warnings.simplefilter("error", UserWarning)
        read = pd.read_sql(query, engine)
    engine.dispose()
    assert (len(read), list(read.columns)) == (frame.height, frame.columns)
    table = frame.to_arrow()
    pq.write_table(table, tmp_path / "view.parquet")
    assert pq.read_table(tmp_path / "view.parquet").num_rows == frame.height
    with duckdb.connect() as lake:
        [(count,)] = lake.execute(f"select count(*) from '{tmp_path / 'view.parquet'}'").fetchall()  # noqa: S608
    assert count == frame.height


@pytest.mark.parametrize("path", sorted(dictionary.SAMPLES.glob("*.sql")), ids=lambda path: path.stem)
def test_sample_queries_run_as_a_reader(catalog_url: str, path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert re.match(r"-- [A-Z].*\?\n", text), "the first line asks the question"
    with psycopg.connect(catalog_url) as connection:
        cursor = connection.execute(text.encode())
        assert cursor.description
        cursor.fetchall()


def test_there_are_enough_questions() -> None:
    assert len(list(dictionary.SAMPLES.glob("*.sql"))) >= 25


def test_the_index_names_every_page_and_links_lead_somewhere() -> None:
    index = (DOCS / "README.md").read_text(encoding="utf-8")
    pages = {path.relative_to(DOCS).as_posix() for path in DOCS.rglob("*.md")} - {"README.md"}
    assert pages <= set(re.findall(r"\]\(([^)#]+)\)", index))
    for page in DOCS.rglob("*.md"):
        for target in re.findall(r"\]\(([^)#]+)\)", page.read_text(encoding="utf-8")):
            assert target.startswith("http") or (page.parent / target).exists(), f"{page.name}: {target}"


@pytest.mark.parametrize("page", ["query", "readers", "metabase", "superset"])
def test_views_that_how_tos_name_exist(page: str) -> None:
    text = (DOCS / "how-to" / f"{page}.md").read_text(encoding="utf-8")
    told = set(re.findall(r"`(papers_\w+|coauthor_\w+|data_quality_\w+|paper_history|courses_calendar|venues)`", text))
    assert told - {"papers_as_of"} <= set(VIEWS)
