"""References that reference managers read back, whatever the titles hold."""

from __future__ import annotations

import re

import bibtexparser
import pytest
import rispy

from tests.export.hostile import STRINGS
from worker.export.citations import Reference, bibtex, csl, ris, tex

PAPER = Reference(
    paper_id=17,
    title="Learning & unlearning: 50% of $x_1$",
    authors=("Ludwig van Beethoven", "Anna-María O'Neil", "The ATLAS Collaboration", "Smith and Sons Ltd"),
    kind="article",
    published="2024-05-03",
    venue="Journal of Examples",
    venue_kind="journal",
    volume="3",
    issue="2",
    pages="10\u201320",
    doi="10.5555/a_b",
    url="https://example.org/a_b",
    topics=("graphs", "text"),
)


def test_bibtex_is_read_back() -> None:
    said = bibtex(PAPER)
    assert said.startswith("@article{")
    library = bibtexparser.parse_string(said)
    assert not library.failed_blocks
    [entry] = library.entries
    assert entry.key == "vanbeethoven2024learning-17"
    fields = {field.key: field.value for field in entry.fields}
    assert fields["title"] == r"{Learning \& unlearning: 50\% of \$x\_1\$}"
    assert fields["author"] == (
        "van Beethoven, Ludwig and O'Neil, Anna-María and {The ATLAS Collaboration} and {Smith and Sons Ltd}"
    )
    assert fields["pages"] == "10--20"
    assert fields["month"] == "5"
    assert fields["doi"] == r"10.5555/a\_b"


def test_ris_is_read_back() -> None:
    [entry] = rispy.loads(ris(PAPER))
    assert entry["type_of_reference"] == "JOUR"
    assert entry["title"] == PAPER.title
    assert entry["authors"][0] == "van Beethoven, Ludwig"
    assert (entry["start_page"], entry["end_page"], entry["doi"]) == ("10", "20", "10.5555/a_b")
    assert entry["keywords"] == ["graphs", "text"]


def test_csl_names_and_dates() -> None:
    item = csl(PAPER)
    assert item["author"][0] == {"family": "van Beethoven", "given": "Ludwig"}
    assert item["issued"] == {"date-parts": [[2024, 5, 3]]}
    assert item["type"] == "article-journal"


@pytest.mark.parametrize(
    ("paper", "types"),
    [
        (Reference(1, "t", venue_kind="conference"), ("inproceedings", "CPAPER", "paper-conference")),
        (Reference(1, "t", arxiv_id="2401.00001"), ("misc", "UNPB", "article")),
        (Reference(1, "t", kind="thesis"), ("phdthesis", "THES", "thesis")),
        (Reference(1, "t", kind="book_chapter"), ("incollection", "CHAP", "chapter")),
    ],
)
def test_each_kind_of_work_has_its_type(paper: Reference, types: tuple[str, str, str]) -> None:
    assert bibtex(paper).startswith(f"@{types[0]}{{")
    assert ris(paper).startswith(f"TY  - {types[1]}\r\n")
    assert csl(paper)["type"] == types[2]


def _hostile(text: str) -> Reference:
    return Reference(
        7, text, (text, "Ann Lee"), published="2020", venue=text, volume=text, pages=text, doi=text, url=text,
        abstract=text, topics=(text,), publisher=text, language=text,
    )  # fmt: skip


@pytest.mark.parametrize("text", STRINGS)
def test_one_paper_stays_one_entry(text: str) -> None:
    paper = _hostile(text)
    library = bibtexparser.parse_string(bibtex(paper))
    assert not library.failed_blocks
    assert len(library.entries) == 1
    said = ris(paper)
    assert said.count("\r\nER  - \r\n") == 1
    assert len(re.findall(r"^TY  - ", said, re.M)) == 1
    assert "<" not in str(csl(paper))
    assert "javascript:" not in str(csl(paper).get("URL", ""))


@pytest.mark.parametrize("text", STRINGS)
def test_tex_prints_and_never_runs(text: str) -> None:
    left = re.sub(r"\\(?:textbackslash|textasciicircum|textasciitilde)\{\}|\\[{}$&#%_]", "", tex(text))
    assert not re.search(r"[\\{}$&#%_^~\x00-\x1f]", left)
