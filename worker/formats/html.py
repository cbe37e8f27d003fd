"""HTML of strangers as a tree, unless it is nested beyond measure."""

from __future__ import annotations

import re

from selectolax.lexbor import LexborHTMLParser

from worker.errors import Malformed

TOO_DEEP = 5000
"""The parser's time grows with the square of the depth (16,000: half a second)."""

_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9]*)")
_UNCOUNTED_LINE = (
    "area base br col embed hr img input link meta source track wbr p li dt dd tr td th tbody thead tfoot option"
    " optgroup rp rt colgroup a"
)
_UNCOUNTED = frozenset(_UNCOUNTED_LINE.split())


def tree(text: str, where: str) -> LexborHTMLParser:
    """The page as a tree.

    Raises:
        Malformed: elements stand in each other more than ``TOO_DEEP`` deep.
    """
    if _depth(text) > TOO_DEEP:
        raise Malformed(f"{where}: expected a page, found more than {TOO_DEEP:,} elements in each other")
    return LexborHTMLParser(text)


def _depth(text: str) -> int:
    """How deep elements stand in each other, at most: those that must be closed, opened less closed."""
    depth = deepest = 0
    for closing, name in _TAG.findall(text):
        if name.lower() in _UNCOUNTED:
            continue
        depth = max(0, depth + (-1 if closing else 1))
        deepest = max(deepest, depth)
    return deepest
