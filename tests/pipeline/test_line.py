"""The line as a whole: a page in, a catalog out; the same catalog whatever the order."""

from __future__ import annotations

import random
import threading
from typing import Any

import pytest

from tests.line import ask, bring, digest, lines, states
from worker import run
from worker.pipeline import reindex
from worker.tools import Memory, Tools

ADJECTIVES = ["Robust", "Sparse", "Causal", "Neural", "Bayesian", "Latent", "Modular", "Hierarchical"]
NOUNS = ["Samplers", "Transformers", "Policies", "Graphs", "Bandits", "Embeddings", "Proteins", "Kernels"]
PEOPLE = ["Ada Lovelace", "Emmy Noether", "Alan Turing", "Kurt Gödel", "Grace Hopper", "Émilie du Châtelet"]


def works(seed: int, count: int = 60) -> list[dict[str, Any]]:
    """Works that three sources describe differently."""
    dice = random.Random(seed)
    made = []
    for number in range(count):
        title = f"{dice.choice(ADJECTIVES)} {dice.choice(NOUNS)} for {dice.choice(ADJECTIVES)} {dice.choice(NOUNS)}"
        made.append(
            {
                "title": f"{title}: case {number} of the {dice.choice(NOUNS).lower()} atlas",
                "authors": "; ".join(dice.sample(PEOPLE, dice.randint(1, 4))),
                "year": 2015 + dice.randrange(9),
                "venue": dice.choice(["ICML", "Journal of Tests", "NeurIPS"]),
                "doi": f"10.5555/{seed}.{number}" if dice.random() < 0.5 else None,
            }
        )
    return made


def pages(seed: int) -> list[tuple[str, list[dict[str, Any]]]]:
    """(source, rows) of three sources with overlaps, misprints and gaps."""
    dice = random.Random(seed + 1)
    found: list[tuple[str, list[dict[str, Any]]]] = []
    for source in ("alpha", "beta", "gamma"):
        rows = []
        for number, work in enumerate(works(seed)):
            if dice.random() < 0.7:
                row = {"id": f"{source}-{number}", **work}
                if dice.random() < 0.3:
                    row["doi"] = None
                if dice.random() < 0.2:
                    row["title"] = row["title"].upper()
                if dice.random() < 0.2:
                    row["year"] += 1
                rows.append(row)
        found += [(source, rows[start : start + 9]) for start in range(0, len(rows), 9)]
    return found


@pytest.mark.parametrize("seed", range(3))
def test_any_order_and_any_repetition_give_one_catalog(tools: Tools, database: str, seed: int, second: Tools) -> None:
    found = pages(seed)
    for number, (source, rows) in enumerate(found):
        bring(tools, source, rows, name=f"{source}{number}", unique=True)
    again = [(number, *page) for number, page in enumerate(found)] * 2
    random.Random(seed).shuffle(again)
    for number, source, rows in again:
        bring(second, source, random.Random(seed).sample(rows, len(rows)), name=f"{source}{number}", unique=True)
    assert digest(tools) == digest(second)
    assert {line["entity"] for line in lines(tools)} == {"paper", "person"}
    assert 55 <= sum(line["entity"] == "paper" for line in lines(tools)) <= 65


def test_all_parsed_first_or_each_at_once_is_one_catalog(tools: Tools, second: Tools) -> None:
    for number, (source, rows) in enumerate(pages(7)):
        bring(tools, source, rows, name=str(number), unique=True)
        bring(second, source, rows, name=str(number), unique=True, drain=False)
    run.drain(second)
    assert digest(tools) == digest(second)


def test_a_memory_smaller_than_a_batch_gives_the_same_catalog(tools: Tools, second: Tools) -> None:
    second.memory = Memory(3)
    for number, (source, rows) in enumerate(pages(13)):
        bring(tools, source, rows, name=str(number), unique=True)
        bring(second, source, rows, name=str(number), unique=True)
    assert states(second) == {"done": sum(states(second).values())}
    assert digest(tools) == digest(second)


def test_two_workers_side_by_side_give_the_same_catalog(tools: Tools, second: Tools) -> None:
    for number, (source, rows) in enumerate(pages(11)):
        bring(tools, source, rows, name=str(number), unique=True)
        bring(second, source, rows, name=str(number), unique=True, drain=False)
    other = Tools(second.database_url, sources=second.sources)
    threads = [threading.Thread(target=run.drain, args=(one,)) for one in (second, other)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    run.drain(second)
    other.close()
    assert states(second) == {"done": sum(states(second).values())}
    assert digest(tools) == digest(second)


def test_bringing_the_same_again_changes_nothing_and_says_nothing(tools: Tools) -> None:
    rows = [{"id": str(i), **work} for i, work in enumerate(works(3))]
    bring(tools, "alpha", rows)
    before = ask(tools, "select count(*), max(event_id) from catalog.event")
    bring(tools, "alpha", rows)
    bring(tools, "alpha", list(reversed(rows)), name="other")
    assert ask(tools, "select count(*), max(event_id) from catalog.event") == before
    assert ask(tools, "select n_new, n_changed from ops.harvest order by harvest_id") == [(60, 0), (0, 0), (0, 0)]


def test_a_reindex_changes_nothing_and_says_nothing(tools: Tools) -> None:
    for number, (source, rows) in enumerate(pages(5)):
        bring(tools, source, rows, name=str(number), unique=True)
    before, events = digest(tools), ask(tools, "select count(*) from catalog.event")
    for parser in (False, True):
        with tools.transaction() as cursor:
            reindex.start(cursor, parser=parser)
        run.drain(tools)
        assert digest(tools) == before
        assert ask(tools, "select count(*) from catalog.event") == events


def test_a_reindex_brings_the_keys_of_the_present_rules(tools: Tools) -> None:
    """A release that makes other keys finds, after a reindex, what it would have found from the start."""
    keys = "select r.source, r.source_key, k.key, k.kind from catalog.record_key k join catalog.record r"
    keys += " using (record_id) order by 1, 2, 3"
    rows = [{"id": "1", "title": "Sparse Maps for Planning Agents", "authors": "Ada Quill; Bo Renn", "year": 2021}]
    bring(tools, "alpha", rows)
    bring(tools, "beta", rows)
    before, papers = ask(tools, keys), digest(tools)
    with tools.transaction() as cursor:
        cursor.execute("update catalog.record_key set key = hashint8extended(key, record_id)")
        cursor.execute("insert into catalog.crowded_key select min(key) from catalog.record_key")
        cursor.execute("delete from catalog.verdict")
        reindex.start(cursor)
    tools.memory = Memory()
    run.drain(tools)
    assert ask(tools, keys) == before
    assert digest(tools) == papers
    assert ask(tools, "select count(*) from catalog.paper") == [(1,)]


def test_a_changed_title_changes_its_paper_and_names_the_field(tools: Tools) -> None:
    bring(tools, "alpha", [{"id": "1", "title": "On Computable Numbers", "authors": "Alan Turing", "year": 1936}])
    bring(
        tools,
        "alpha",
        [{"id": "1", "title": "On Computable Numbers, with an Application", "authors": "Alan Turing", "year": 1936}],
    )
    assert ask(tools, "select title from catalog.paper") == [("On Computable Numbers, with an Application",)]
    assert ask(tools, "select kind, fields from catalog.event order by event_id") == [
        ("created", None),
        ("changed", ["title"]),
    ]


def test_a_merge_redirects_and_a_split_gives_the_number_back(tools: Tools) -> None:
    same = {"title": "Learning Deep Things Slowly in the North", "authors": "Ada Lovelace; Alan Turing", "year": 2020}
    bring(tools, "alpha", [{"id": "a", **same, "doi": "10.5555/a"}], name="a")
    bring(tools, "beta", [{"id": "b", **same, "title": "Completely Another Matter of Kernels"}], name="b")
    bring(tools, "beta", [{"id": "b", **same, "doi": "10.5555/a"}], name="b")
    assert ask(tools, "select paper_id, n_records from catalog.paper") == [(1, 2)]
    assert ask(tools, "select from_id, to_id from catalog.redirect") == [(2, 1)]
    bring(
        tools,
        "beta",
        [{"id": "b", "title": "Quantum Gravity on a Lattice of Sheep", "authors": "Kurt Gödel", "year": 1999}],
        name="b",
    )
    assert ask(tools, "select paper_id, n_records from catalog.paper order by 1") == [(1, 1), (2, 1)]
    assert ask(tools, "select from_id, to_id from catalog.redirect") == []


def test_a_record_nobody_can_read_is_a_dead_letter_and_its_neighbours_arrive(tools: Tools) -> None:
    body = b'{"id": "1", "title": "A Good Record About Trees"}\n{"id": "2", "title": \n{"id": "3", "title": "Another"}'
    bring(tools, "alpha", body)
    assert ask(tools, "select count(*) from catalog.paper") == [(2,)]
    [(stage, fragment)] = ask(tools, "select stage, fragment from ops.dead_letter")
    assert stage == "parse"
    assert b'"id": "2"' in fragment
    assert ask(tools, "select state, n_dead from ops.harvest") == [("suspect", 1)]


def test_the_newer_word_of_one_file_wins_whatever_comes_first(tools: Tools, second: Tools) -> None:
    old = [
        {"id": "1", "title": "The Old Title of a Work on Rivers", "authors": "Ada Lovelace", "updated_at": "2024-01-01"}
    ]
    new = [
        {"id": "1", "title": "The New Title of a Work on Rivers", "authors": "Ada Lovelace", "updated_at": "2025-01-01"}
    ]
    for one, order in ((tools, (old, new)), (second, (new, old))):
        for number, rows in enumerate(order):
            bring(one, "alpha", rows, name=f"{number}")
    assert digest(tools) == digest(second)
    assert ask(second, "select title from catalog.paper") == [("The New Title of a Work on Rivers",)]


def test_a_cut_author_list_never_replaces_the_whole_one_of_the_same_day(tools: Tools) -> None:
    work = {"id": "1", "title": "A Census of Very Long Author Lists", "updated_at": "2025-01-01"}
    whole = [{**work, "authors": "Ada Lovelace; Alan Turing; Emmy Noether"}]
    cut = [{**work, "authors": "Ada Lovelace; Alan Turing; et al."}]
    bring(tools, "alpha", whole, name="single")
    for name in ("list", "list again"):
        bring(tools, "alpha", [*cut, {"id": name, "title": f"Another Matter Called {name}"}], name=name)
    assert ask(tools, "select n_authors, authors_state from catalog.paper where n_authors > 0") == [(3, "whole")]
    assert ask(tools, "select sum(n_changed) from ops.harvest") == [(0,)]


def test_a_person_has_every_spelling_whichever_comes_first(tools: Tools, second: Tools) -> None:
    one = [{"id": "1", "title": "A very long title about many things", "authors": "Kurt Gödel", "year": 2000}]
    other = [{"id": "2", "title": "Another wholly different text on sheep", "authors": "Kurt Godel", "year": 2001}]
    for some, order in ((tools, (one, other)), (second, (other, one))):
        for number, rows in enumerate(order):
            bring(some, "alpha", rows, name=str(number))
    assert digest(tools) == digest(second)
    assert ask(tools, "select names from catalog.author") == [(["Kurt Godel", "Kurt Gödel"],)]


def test_a_person_without_papers_comes_back_with_the_next(tools: Tools) -> None:
    one = {"id": "1", "title": "A very long title about many things", "authors": "Kurt Gödel", "year": 2000}
    bring(tools, "alpha", [one], name="a")
    bring(tools, "alpha", [{**one, "authors": "Ada Lovelace", "updated_at": "2030-01-01"}], name="a")
    assert ask(tools, "select display_name from catalog.author") == [("Ada Lovelace",)]
    bring(tools, "alpha", [{**one, "id": "2", "title": "Another wholly different text on sheep"}], name="b")
    assert ask(tools, "select display_name from catalog.author order by 1") == [("Ada Lovelace",), ("Kurt Gödel",)]
