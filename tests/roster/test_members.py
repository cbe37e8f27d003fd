"""Who belongs to the institute: read from a roster, matched with authors, and followed into every view."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from tests.line import ask, bring, digest, lines
from worker import run
from worker.pipeline import rebuild
from worker.tools import Tools

ADA, LEE, OTHER = "0000-0002-1825-0097", "0000-0001-5109-3700", "0000-0002-1694-233X"


def paper(key: str, year: str, *authors: str | dict[str, str]) -> dict[str, Any]:
    named = [{"name": one} if isinstance(one, str) else one for one in authors]
    return {"id": key, "title": f"On {key} and its shadow", "year": year, "authors": named, "venue": "Annals"}


PAPERS = [
    paper("amber", "2020", {"name": "Ada Exemple", "orcid": ADA}, "Bo Li"),
    paper("basalt", "2022-06", "Bo Li", {"name": "Ada Exemple", "orcid": ADA}),
    paper("cedar", "2024-03-10", {"name": "Ada Exemple", "orcid": ADA}, "Cy Stranger"),
    paper("delta", "2024", {"name": "Ann Lee", "orcid": LEE}, "Dee Undated"),
    paper("ember", "2024", {"name": "Ann Lee", "orcid": OTHER}, "Eve Else"),
]
ROSTER = b"""name,orcid,role,start,end
A. N. Other-Name,0000-0002-1825-0097,Professor,2021-09,2024-02
Bo Li,,Student,2020,2021
Ann Lee,,Visitor,,
"""


def roster(tools: Tools, body: bytes = ROSTER, day: int = 20, name: str = "roster") -> None:
    bring(tools, "roster", body, adapter="roster", name=name, as_of=datetime(2026, 3, day, tzinfo=UTC))
    run.refresh(tools)


@pytest.fixture
def filled(tools: Tools) -> Tools:
    bring(tools, "desk", PAPERS)
    roster(tools)
    return tools


def verdicts(tools: Tools) -> dict[str, tuple[str | None, str | None, str]]:
    """Name on the roster -> author, how we know, and why."""
    found = ask(
        tools,
        "select m.member_name, a.display_name, m.match_method, m.match_evidence from analytics.memberships m"
        " left join analytics.authors a using (author_id) order by m.member_id, a.display_name",
    )
    return {row[0]: row[1:] for row in found}


def flagged(tools: Tools) -> set[tuple[str, str]]:
    return set(
        ask(
            tools,
            "select split_part(p.title, ' ', 2), s.author_name_as_published from analytics.authorships s"
            " join analytics.papers p using (paper_id) where s.is_institute_author",
        )
    )


def test_ids_decide_first_then_a_name_that_one_author_bears(filled: Tools) -> None:
    found = verdicts(filled)
    assert found["A. N. Other-Name"] == ("Ada Exemple", "orcid", f"Same ORCID {ADA}.")
    assert found["Bo Li"] == ("Bo Li", "name", "The only author of this name, and no id says otherwise.")
    author, method, why = found["Ann Lee"]
    assert (author, method) == (None, None)
    assert why.startswith("2 authors go by this name (a-")


def test_dates_bound_what_is_ours(filled: Tools) -> None:
    """Ada came in September 2021 and left in February 2024; Bo's year 2020 is known, his paper of 2022 is not ours."""
    assert flagged(filled) == {("amber", "Bo Li"), ("basalt", "Ada Exemple")}
    counts = dict(ask(filled, "select split_part(title, ' ', 2), n_institute_authors from analytics.papers"))
    assert counts == {"amber": 1, "basalt": 1, "cedar": 0, "delta": 0, "ember": 0}


def test_the_views_follow(filled: Tools) -> None:
    people = ask(
        filled,
        "select display_name, membership_role, membership_start::text, membership_end::text from analytics.authors"
        " where is_institute_member order by display_name",
    )
    assert people == [
        ("Ada Exemple", "Professor", "2021-09-01", "2024-02-29"), ("Bo Li", "Student", "2020-01-01", "2021-12-31"),
    ]  # fmt: skip
    by_year = ask(
        filled,
        "select publication_year, n_papers_fractional, n_first_author_papers, n_last_author_papers"
        " from analytics.papers_by_venue_year order by 1",
    )
    assert by_year == [(2020, 0.5, 0, 1), (2022, 0.5, 0, 1), (2024, 0.0, 0, 0)]
    scopes = ask(filled, "select scope, sum(n_papers)::int from analytics.open_access_by_year group by 1 order by 1")
    assert scopes == [("all", 5), ("institute_last", 2)]
    assert ask(filled, "select count(*) from analytics.coauthor_edges where is_internal") == [(0,)]
    roster(filled, b"name,orcid\nAda Exemple,0000-0002-1825-0097\nBo Li,\n", day=21, name="wider")
    internal = ask(filled, "select author_a_name, author_b_name from analytics.coauthor_edges where is_internal")
    assert [set(pair) for pair in internal] == [{"Ada Exemple", "Bo Li"}]


def test_without_a_roster_nothing_is_claimed(tools: Tools) -> None:
    bring(tools, "desk", PAPERS)
    run.refresh(tools)
    assert ask(tools, "select bool_or(is_institute_member) from analytics.authors") == [(False,)]
    assert ask(tools, "select count(n_papers_fractional), max(scope) from analytics.papers_by_venue_year"
               " cross join analytics.open_access_by_year") == [(0, "all")]  # fmt: skip
    assert not [line for line in lines(tools) if line["entity"] == "member"]


@pytest.mark.parametrize(
    ("rows", "why"),
    [
        (b"name,orcid\nAda Exemple,0000-0002-9079-593X", "has another ORCID."),
        (b"name\nNobody Yet", "No author of this name or with one of these ids yet."),
        (b"id,name\n1,Bo Li\n2,Bo Li", "2 people on the roster go by the name of a-"),
    ],
)
def test_a_doubt_matches_nobody_and_says_why(tools: Tools, rows: bytes, why: str) -> None:
    bring(tools, "desk", PAPERS)
    roster(tools, rows)
    assert {(author, method) for author, method, _ in verdicts(tools).values()} == {(None, None)}
    assert all(why in told for _, _, told in verdicts(tools).values())


def test_a_stronger_id_overrules_a_weaker_one(tools: Tools) -> None:
    bring(tools, "desk", [paper("amber", "2020", {"name": "Ada Exemple", "orcid": ADA, "openalex": "A5000000001"})])
    roster(
        tools,
        b"name,orcid,openalex\nAda Exemple,0000-0002-1825-0097,A5000000002\nAnn Lee,0000-0001-5109-3700,A5000000001",
    )
    found = verdicts(tools)
    assert found["Ada Exemple"][:2] == ("Ada Exemple", "orcid")
    assert found["Ann Lee"][:2] == (None, None)


def test_other_names_are_looked_for(tools: Tools) -> None:
    bring(tools, "desk", PAPERS)
    roster(tools, b'nom;autres noms\nBob Lee-Smith;"Li, Bo; B. Smith"\n')
    assert verdicts(tools)["Bob Lee-Smith"][:2] == ("Bo Li", "name")


def test_a_later_roster_corrects_an_earlier_one_and_absence_ends_nothing(filled: Tools) -> None:
    roster(
        filled, b"name,orcid,role,start,end\nBo Li,,Student,2019,2023\nAnn Lee,0000-0001-5109-3700,Visitor,,\n", day=21
    )
    assert flagged(filled) == {("amber", "Bo Li"), ("basalt", "Bo Li"), ("basalt", "Ada Exemple"), ("delta", "Ann Lee")}
    assert ask(filled, "select count(*) from analytics.memberships") == [(3,)]
    roster(filled, b"name,deleted\nBo Li,yes\n", day=22)
    assert flagged(filled) == {("basalt", "Ada Exemple"), ("delta", "Ann Lee")}


def test_the_same_roster_again_changes_nothing(filled: Tools) -> None:
    before = digest(filled), ask(filled, "select count(*) from catalog.event")
    roster(filled, day=21)
    roster(filled, ROSTER + b"\n", day=21, name="another")
    assert (digest(filled), ask(filled, "select count(*) from catalog.event")) == before


def test_members_are_events_and_no_papers(filled: Tools) -> None:
    assert ask(filled, "select entity, kind, count(*) from catalog.event where entity = 'member' group by 1, 2") == [
        ("member", "created", 3)
    ]
    assert ask(filled, "select count(*) from analytics.papers") == [(5,)]
    assert ask(filled, "select count(*) from ops.work where state <> 'done' and kind <> 'refresh'") == [(0,)]
    assert {line["record"] for line in lines(filled) if line["entity"] == "member"} == {
        "roster:name:a n other name", "roster:name:bo li", "roster:name:ann lee",
    }  # fmt: skip


def test_order_and_rebuild_give_the_same_catalog(filled: Tools, second: Tools) -> None:
    """A later state first, then the earlier one; and everything again from the stored bytes."""
    later = b"name,role,end\nBo Li,Student,2022\n"
    roster(filled, later, day=21)
    with filled.transaction() as here, second.transaction() as there:
        rebuild.copy(here, there, lambda size: None)
    run.drain(second)
    run.refresh(second)
    assert digest(second) == digest(filled)
    assert flagged(second) == flagged(filled)


def test_an_earlier_roster_that_comes_later_changes_nothing(filled: Tools, second: Tools) -> None:
    later = b"name,role,end\nBo Li,Student,2022\n"
    roster(filled, later, day=21)
    roster(second, later, day=21)
    roster(second)
    bring(second, "desk", PAPERS)
    run.refresh(second)
    assert digest(second) == digest(filled)
    assert flagged(second) == flagged(filled)
