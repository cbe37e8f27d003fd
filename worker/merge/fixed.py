"""A value that a person fixed."""

from __future__ import annotations

from typing import Any, NamedTuple


class Fixed(NamedTuple):
    """The value, and the number of the decision: its provenance, made negative to tell it from a record's."""

    value: Any
    decision_id: int
