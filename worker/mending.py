"""JSON that is nearly JSON, put right: what spoils one value shall not cost the page its other records.

Only what the strict reader refuses comes here. Constants that are no JSON are no value; numbers beyond all measure and
halves of surrogate pairs become text; what is nested beyond measure is left out.
"""

from __future__ import annotations

import math
import re

DEEPEST = 200
"""Levels of nesting; no source needs ten."""

_TOKEN = re.compile(
    r'"(?:[^"\\]|\\.)*+"|[\[\]{}]|-?\b(?:NaN|Infinity)\b|-?\d++(?:\.\d++)?(?:[eE][+-]?\d++)?', re.DOTALL
)
_ESCAPE = re.compile(
    r"\\u([dD][89abAB][0-9a-fA-F]{2})\\u([dD][c-fC-F][0-9a-fA-F]{2})|\\u[dD][89a-fA-F][0-9a-fA-F]{2}|\\."
)
_CONTROL = re.compile(r"[\x00-\x1f]")
LONGEST_NUMBER = 300


def mended(text: str) -> str:
    """The text as JSON, as far as it can be put right; what is wrong otherwise stays."""
    kept: list[str] = []
    depth = at = 0
    hidden_at: int | None = None
    for found in _TOKEN.finditer(text):
        token = found[0]
        first = token[0]
        if first in "[{":
            depth += 1
            if depth == DEEPEST + 1:
                kept.append(text[at : found.start()])
                hidden_at = found.start()
        elif first in "]}":
            if depth == DEEPEST + 1 and hidden_at is not None:
                kept.append("null")
                at, hidden_at = found.end(), None
            depth -= 1
        elif hidden_at is None and (instead := _instead(token)) != token:
            kept.append(text[at : found.start()])
            kept.append(instead)
            at = found.end()
    if hidden_at is None:
        kept.append(text[at:])
    return "".join(kept)


def _instead(token: str) -> str:
    """What stands for a text, a constant or a number."""
    if token[0] == '"':
        return _CONTROL.sub(_escaped, _ESCAPE.sub(_whole, token))
    if token[-1] in "Ny":
        return "null"
    if len(token) > LONGEST_NUMBER or not math.isfinite(float(token)):
        return f'"{token}"'
    return token


def _whole(escape: re.Match[str]) -> str:
    """Escapes as they are; half a pair is no character."""
    return "\\ufffd" if escape[1] is None and escape[0][1] == "u" and len(escape[0]) == 6 else escape[0]


def _escaped(control: re.Match[str]) -> str:
    """A bare line end or tab within a text is meant."""
    return f"\\u{ord(control[0]):04x}"
