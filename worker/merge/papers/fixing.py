"""What a person fixed: it wins over every record."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from zlib import crc32

import msgspec

from worker.merge.fixed import Fixed
from worker.merge.papers.authors import with_known
from worker.merge.papers.values import FIELDS, Merged

_TYPES: Mapping[str, Any] = {f.name: f.type for f in msgspec.structs.fields(Merged)}
_FOLLOWING = {"title": ("title_state", "whole"), "abstract": ("abstract_state", "whole"),
              "authors": ("authors_state", "whole"), "is_retracted": ("status", "retracted")}  # fmt: skip
"""What goes with a field that is fixed to something: its text is whole, the retracted paper's status is that."""


def fixed_value(field: str, value: Any) -> Any:
    """A value as a paper holds it; authors may be bare names.

    Raises:
        ValueError: no such field, or it cannot hold the value.
    """
    if field not in FIELDS:
        raise ValueError(f"{field!r} is no field of a paper; fields are {', '.join(FIELDS)}")
    if field == "authors" and value:
        value = [{"name": a} if isinstance(a, str) else a for a in value]
    try:
        return msgspec.convert(value, _TYPES[field])
    except msgspec.ValidationError as error:
        raise ValueError(f"{field} cannot be {value!r}: {error}") from error


def fix(merged: Merged, fixed: Mapping[str, Fixed]) -> Merged:
    """The paper with what a person fixed; authors keep the ids and affiliations that records know of them."""
    values: dict[str, Any] = {}
    won: dict[str, tuple[int, str]] = {}
    for field, (value, decision_id) in sorted(fixed.items()):
        values[field] = fixed_value(field, value)
        won[field] = -decision_id, "person"
        if field in _FOLLOWING:
            other, told = _FOLLOWING[field]
            if other not in fixed and (values[field] or field != "is_retracted"):
                values[other] = told if values[field] else None
                won[other] = won[field]
    if "authors" in values:
        values["authors"] = with_known(values["authors"], merged.authors)
    mark = crc32(repr(sorted(won.items())).encode(), merged.provenance_hash)
    return msgspec.structs.replace(
        merged, **values, provenance={**won, **merged.provenance, **won}, provenance_hash=mark
    )
