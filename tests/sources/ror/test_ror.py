"""ROR: what an affiliation means, in both schemas of its records."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from tests.shared import SHARED, needs_shared
from worker.errors import Malformed
from worker.formats import organisations
from worker.formats.organisations import Organisation
from worker.page import Page, Question, Site
from worker.sources import ror


def test_an_affiliation_and_what_it_may_mean() -> None:
    page = Page("page.json", Path(__file__).with_name("page.json").read_bytes())
    sure, other, wrong = organisations.read(page)
    assert sure == Organisation(
        ror="05c22rx21",
        name="Mila - Quebec Artificial Intelligence Institute",
        names=(
            "Mila",
            "Mila - Quebec Artificial Intelligence Institute",
            "Institut québécois d'intelligence artificielle",
        ),
        country="CA",
        kinds=("facility", "nonprofit"),
        parents=("0161xgx34",),
        score=1.0,
        is_chosen=True,
    )
    assert isinstance(other, Organisation)
    assert (other.name, other.names[1:], other.country, other.is_chosen) == (
        "Université de Montréal", ("UdeM", "University of Montreal"), "CA", False,
    )  # fmt: skip
    assert isinstance(wrong, Malformed)


def test_what_is_asked_and_with_which_id() -> None:
    site = Site("ror", secrets={"ROR_CLIENT_ID": "me"})
    request = ror.ask(site, Question("affiliation", "Mila, Montréal & co"))
    assert request is not None
    assert request.url == "https://api.ror.org/v2/organizations?affiliation=Mila%2C%20Montr%C3%A9al%20%26%20co"
    assert ror.authorise(site, request).headers == {"Client-Id": "me"}
    assert ror.authorise(Site("ror"), request) == request
    with pytest.raises(Malformed, match="not found"):
        ror.SOURCE.read(Page("u", b'{"errors": ["ROR ID \'x\' not found"]}'))


@needs_shared
def test_recorded_organisations() -> None:
    found = []
    for path in sorted((SHARED / "api" / "ror_records").iterdir()):
        body = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
        found += list(organisations.read(Page(path.name, body)))
    assert len(found) == 21
    assert all(isinstance(one, Organisation) and one.country and one.names and one.kinds for one in found)
