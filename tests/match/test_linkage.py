"""The linkage bench counts right: tables in any dialect, gold in any shape, figures one can check by hand."""

from pathlib import Path

import pytest

from bench import labelled, linkage, pairs
from tests.shared import needs_shared
from worker.tools import Tools

A = """id;title;authors;venue;year
a1;Étude of Graph Kernels for Molecules;François Légaré, Zoë Müller;VLDB;2001
a2;Sparse Maps for Planning Agents;Ada Quill;SIGMOD Conference;2002
a3;Editorial;Bo Renn;SIGMOD Record;2003
a4;Streams of Events in Large Networks;Li Wei, Omar Said;VLDB;2004
"""
B = """"id","title","authors","venue","year"
1,"Etude of graph kernels for molecules","F. Legare, Z. Mueller","Very Large Data Bases",2001
2,"Sparse maps for planning agents","A. Quill","International Conference on Management of Data",2002
3,"Editorial","Jane Doe","ACM SIGMOD Record",2003
4,"Quantum Codes over Finite Rings","Jane Doe","VLDB",2004
"""


def folder(place: Path, gold: str) -> Path:
    (place / "a.csv").write_bytes(A.encode("latin-1"))
    (place / "b.csv").write_text(B)
    (place / "gold.csv").write_text(gold)
    return place


@pytest.mark.parametrize(
    "gold",
    [
        "idA,idB\na1,1\na2,2\n",
        "1|a1\n2|a2\n",
        "b;a\n1;a1\n2;a2\n9;a9\n",
        "pair,x,y,label\n0,a1,1,1\n1,a2,2,1\n2,a3,3,0\n",
    ],
)
def test_gold_in_any_shape(tmp_path: Path, gold: str) -> None:
    place = folder(tmp_path, gold)
    known = {name: labelled.ids(path) for name, path in labelled.tables_in(place).items()}
    found = labelled.gold_of(place, known)
    assert found.same == {(("a", "a1"), ("b", "1")), (("a", "a2"), ("b", "2"))}
    assert found.is_whole == ("label" not in gold)
    assert found.n_unknown == gold.count("a9")


def test_pairs_of_one_table_are_closed(tmp_path: Path) -> None:
    (tmp_path / "papers.csv").write_text("id,title\n" + "".join(f"{n},Title {n}\n" for n in range(5)))
    (tmp_path / "gold.csv").write_text("0,1\n1,2\n")
    known = {name: labelled.ids(path) for name, path in labelled.tables_in(tmp_path).items()}
    found = labelled.gold_of(tmp_path, known)
    assert {(a[1], b[1]) for a, b in found.same} == {("0", "1"), ("1", "2"), ("0", "2")}


def test_a_folder_that_is_none_says_what_is_missing(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"expected a\.csv and b\.csv"):
        labelled.tables_in(tmp_path)
    (tmp_path / "papers.csv").write_text("title,year\nA title,2001\n")
    with pytest.raises(ValueError, match="expected a column called id"):
        labelled.ids(tmp_path / "papers.csv")
    with pytest.raises(ValueError, match=r"there is no gold\.csv"):
        labelled.gold_of(tmp_path, {"papers": set()})


def test_a_table_with_twins_is_not_called_unique(tmp_path: Path) -> None:
    found = [labelled.records(path) for path in labelled.tables_in(folder(tmp_path, "")).values()]
    assert all(labelled.lists_once(table) for table in found)
    assert not labelled.lists_once(found[0] + found[1])


def test_the_whole_line_links_two_tables(tmp_path: Path, tools: Tools, capsys: pytest.CaptureFixture[str]) -> None:
    place = folder(tmp_path, "idA,idB\na1,1\na2,2\na4,4\n")
    tables = labelled.tables_in(place)
    gold = labelled.gold_of(place, {name: labelled.ids(path) for name, path in tables.items()})
    outcome = linkage.link(tools, None, tables, set(tables), gold)
    linkage.report("mine", tables, set(tables), gold, outcome, 2)
    said = capsys.readouterr().out
    figures = {line.split()[1]: line.split()[2] for line in said.split("\n") if line.startswith("FIGURE")}
    assert (figures["precision"], figures["recall"]) == ("1.0000", "0.6667")
    assert figures["candidate_recall"] == "0.6667"
    assert figures["false_merges"] == "0"
    assert "Quantum Codes over Finite Rings" in said


def test_looks_stop_when_recall_is_reached() -> None:
    a, b, c = ("a", "1"), ("b", "1"), ("b", "2")
    gold = labelled.Gold(frozenset({(a, b), (a, c)}), frozenset(), True, 0)
    outcome = linkage.Outcome(paper={a: 1, b: 1, c: 2, ("b", "3"): 3})
    outcome.unsure = [(0.8, (a, ("b", "3")), ""), (0.7, (a, c), ""), (0.6, (("b", "3"), c), "")]
    assert linkage.looks(outcome, gold, across=True) == (2, 1.0)


@needs_shared
@pytest.mark.parametrize(
    ("name", "precision", "recall", "candidates"),
    [
        ("dblp-acm", 0.999, 0.982, 0.996),
        ("dblp-acm-pairs", 1.0, 0.97, 0.99),
        ("cora", 0.946, 0.859, 0.936),
        ("kdd2023", 1.0, 1.0, 1.0),
        ("acmmm2024", 1.0, 1.0, 1.0),
        ("icra2022", 1.0, 1.0, 1.0),
        ("ijcai2023", 1.0, 1.0, 1.0),
        ("iclr2024", 0.999, 0.895, 0.95),
        ("iclr2024-ids", 1.0, 1.0, 1.0),
        ("icml2023", 0.999, 0.998, 0.999),
    ],
)
def test_quality_stays(tmp_path: Path, name: str, precision: float, recall: float, candidates: float) -> None:
    """What the rules were tuned on is never matched worse than it was, the same settings for all."""
    labelled.SETS[name](tmp_path)
    found = pairs.matched(tmp_path)
    assert found.precision >= precision
    assert found.recall >= recall
    assert found.candidate_recall >= candidates
    assert sum(map(len, found.keys)) / len(found.keys) < 6.5
