"""PMLR: one file a volume in three spellings, papers that inherit from their volume, YAML that would unfold."""

from __future__ import annotations

from pathlib import Path

import pytest

from worker.errors import Malformed, Misconfigured
from worker.page import Page, Site, Window
from worker.record import Identifier, Record
from worker.sources import pmlr

HERE = Path(__file__).parent


@pytest.mark.parametrize(
    ("name", "number", "day"),
    [
        ("page.yaml", "v235/exemple24a", "2024-07-08"),
        ("page_volume.bib", "v180/exemple22a", "2022-08-17"),
        ("page_post.md", "v180/exemple22b", "2022-08-17"),
    ],
)
def test_three_spellings_of_one_volume_agree(name, number, day):
    record = pmlr.SOURCE.read(Page(name, (HERE / name).read_bytes()))[0]
    assert isinstance(record, Record)
    assert record.identifiers == (Identifier("openreview", "AbCdEf1234"), Identifier("pmlr", number))
    assert (record.source_key, record.date, record.kind) == (number, day, "conference")
    assert record.venue
    assert record.venue.startswith("Proceedings of the ")


def test_a_file_that_would_unfold_is_refused():
    bomb = b"a: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]\n"
    with pytest.raises(Malformed, match="aliases"):
        pmlr.SOURCE.read(Page("u", bomb))
    for body in (b"", b"- 1\n- [2", b"{a: b"):
        with pytest.raises(Malformed):
            pmlr.SOURCE.read(Page("u", body))


def test_volumes():
    (request,) = pmlr.first(Site("pmlr", options={"volumes": 235}), Window())
    assert request.url == "https://proceedings.mlr.press/v235/assets/bib/citeproc.yaml"
    with pytest.raises(Misconfigured):
        list(pmlr.first(Site("pmlr", options={"volumes": ["../x"]}), Window()))
