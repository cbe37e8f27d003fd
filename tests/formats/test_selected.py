"""Fields selected in bytes and in decoded objects are the same ones."""

from pathlib import Path
from typing import Any

import msgspec
import orjson
import pytest

from worker.errors import Malformed
from worker.formats.selected import Selected, Skimmed
from worker.page import Page
from worker.sources import openalex


class _Person(msgspec.Struct):
    name: Any = None


FIELDS = Selected({"id": Any, "people": list[_Person] | None})
ITEM = {"id": 7, "people": [{"name": "Ada", "age": 36}], "other": {"deep": [1, 2]}}
SKIM = msgspec.json.Decoder(Skimmed)


def test_both_ways_give_what_was_selected_and_the_names_of_the_rest() -> None:
    expected = {"id": 7, "people": [_Person("Ada")], "other": None}
    assert FIELDS.decoded(SKIM.decode(orjson.dumps(ITEM))) == FIELDS.converted(ITEM) == expected


def test_a_field_of_another_type_is_refused_with_its_name() -> None:
    with pytest.raises(ValueError, match="people: Expected `array"):
        FIELDS.converted({"people": "Ada"})
    with pytest.raises(ValueError, match="Expected"):
        FIELDS.decoded(SKIM.decode(b'{"people": "Ada"}'))


def test_one_broken_work_changes_no_other_and_is_shown_whole() -> None:
    """A list is read without decoding it all until something in it is wrong."""
    folder = Path(__file__).parents[1] / "sources" / "openalex"
    content = orjson.loads((folder / "page.json").read_bytes())
    content["results"] = [work for work in content["results"] if "id" in work]
    good = openalex.SOURCE.read(Page("page", orjson.dumps(content)))
    assert len(good) > 3
    assert not any(isinstance(one, Malformed) for one in good)
    broken = {"id": "https://openalex.org/W123", "authorships": 3, "note": "nobody reads this"}
    content["results"].insert(0, broken)
    letter, *others = openalex.SOURCE.read(Page("page", orjson.dumps(content)))
    assert others == good
    assert isinstance(letter, Malformed)
    assert "item 1: authorships: Expected" in str(letter)
    assert orjson.loads(letter.fragment) == broken
