"""``pubcat rebuild``: an empty database, given the same, comes to the same catalog."""

from __future__ import annotations

from pathlib import Path

from tests.cli.program import Program
from worker import embedded

LISTING = Path(__file__).resolve().parents[1] / "sources" / "listing"
MISSPELT = """id,title,authors,year,abstract
9,Turtles all the way dawn,Ann Lee; Bo Li,2021,We stand on turtles.
"""


def test_what_was_given_makes_the_same_catalog(pubcat: Program, tmp_path: Path) -> None:
    (pubcat.home / "other.csv").write_text(MISSPELT)
    assert pubcat("ingest", "desk.csv", "--source", "desk", "--as-of", "2026-03-20").code == 0
    assert pubcat("ingest", "other.csv", "--source", "other", "--as-of", "2026-03-21").code == 0
    for page in ("page_fr.txt", "page_cards.html"):
        assert pubcat("ingest", str(LISTING / page), "--source", "mila", "--as-of", "2026-03-20").code == 0
    [first, second, *_] = pubcat("sql", "--format", "json", "select paper_id from papers order by paper_id").lines
    merged = pubcat("papers", "merge", f"p-{first['paper_id']:06d}", f"p-{second['paper_id']:06d}")
    assert merged.code == 0, merged.err
    assert pubcat("papers", "set", f"p-{first['paper_id']:06d}", "title", "By hand").code == 0
    tmp_path.chmod(0o755)
    target = tmp_path / "rebuilt"
    try:
        done = pubcat("rebuild", "--from-raw", "--into", str(target), "--json")
        assert done.code == 0, (done.out, done.err)
        [told] = done.lines
        assert told["equal"]
        assert told["digest"] == told["rebuilt_digest"] == pubcat("dump", "--canonical", "--digest").out.strip()
        assert (told["pages"], told["decisions"]) == (4, 2)

        again = pubcat("rebuild", "--from-raw", "--into", str(target))
        assert (again.code, "not empty" in again.err) == (1, True), again.err
    finally:
        embedded.stop(target)
    assert pubcat("rebuild", "--into", str(target)).code == 2
