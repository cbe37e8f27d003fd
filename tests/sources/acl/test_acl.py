"""ACL Anthology: letters kept in capitals, a paper that was taken back, one that was removed, and numbers of old."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from worker.errors import Malformed, Misconfigured
from worker.page import Page, Site, Window
from worker.record import Identifier, Record
from worker.sources import acl

HERE = Path(__file__).parent


def records(name: str) -> list[Record]:
    return [one for one in acl.SOURCE.read(Page(name, (HERE / name).read_bytes())) if isinstance(one, Record)]


def test_a_retracted_paper_stays_and_a_removed_one_goes():
    whole, retracted, removed = records("page.xml")
    assert whole.title == "Sparse Memories for BERT in O(n)"
    assert (retracted.is_retracted, retracted.deleted, retracted.title_language) == (True, False, "fr")
    assert removed.deleted
    assert whole.unread == ("hologram",)


def test_old_numbers_are_made_of_collection_volume_and_paper():
    (old,) = records("page_old.xml")
    assert old.identifiers == (Identifier("acl", "W18-1201"),)
    assert (old.date, old.kind, old.licence) == ("2018-06", "workshop", "cc-by")


@pytest.mark.parametrize(("volume", "key"), [("1", "D19-1001"), ("50", "D19-5001")])
def test_numbers_of_a_meeting_and_of_its_workshops(volume, key):
    body = (
        f'<collection id="D19"><volume id="{volume}"><paper id="1"><title>A title</title></paper></volume></collection>'
    )
    record: Any
    (record,) = acl.SOURCE.read(Page("u", body.encode()))
    assert record.source_key == key


def test_a_collection_is_a_file_and_nothing_else_is_asked():
    (request,) = acl.first(Site("acl", options={"collections": "2024.acl"}), Window())
    assert request.url.endswith("/data/xml/2024.acl.xml")
    with pytest.raises(Misconfigured):
        list(acl.first(Site("acl", options={"collections": ["../secrets"]}), Window()))
    with pytest.raises(Malformed, match="collection"):
        acl.SOURCE.read(Page("u", b"<html/>"))


def test_its_bibtex_is_read_too():
    entry = b'@inproceedings{exemple-2024-sparse, title = "{S}parse Memories", author = "Exemple, Ada", year = "2024"}'
    record: Any
    (record,) = acl.SOURCE.read(Page("u", entry))
    assert isinstance(record, Record)
    assert record.title == "Sparse Memories"
