"""The items of a page read one by one, so that one that cannot be read stops none of its neighbours."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from itertools import repeat
from typing import Any, TypeVar

import orjson

from worker.errors import Malformed
from worker.normalise.texts import clean
from worker.page import Page, read_json
from worker.seen import Seen

Read = TypeVar("Read")


def each(
    items: Iterable[Any], read: Callable[[Any], Read | None], where: str, seen: Seen | None = None
) -> Iterator[Read | Malformed]:
    """What ``read`` makes of every item; a ``Malformed`` with the item's bytes where it fails, nothing where it
    returns nothing. An item that is ``Malformed`` already is passed on.

    With ``seen``, for readers to whom an item says the same on every page, items whose records are stored are not read
    again.
    """
    hashes: Iterable[bytes | None] = repeat(None)
    if seen is not None:
        items = list(items)
        hashes = seen.hashes(items)
    for number, (item, known) in enumerate(zip(items, hashes, strict=False), 1):
        if seen is not None and known in seen.met:
            continue
        if isinstance(item, Malformed):
            yield item
            continue
        if not isinstance(item, dict):
            content = as_bytes(item)
            yield Malformed(f"{where}, item {number}: expected an object, found {content[:60]!r}", content)
            continue
        try:
            found = read(item)
        except (KeyError, IndexError, TypeError, ValueError, AttributeError, RecursionError) as error:
            reason = f"missing {error}" if isinstance(error, KeyError) else str(error)
            content = as_bytes(item)
            shown = content[:120].decode("utf-8", errors="replace")
            yield Malformed(f"{where}, item {number}: {reason}, found {shown}", content)
            continue
        if found is not None:
            if seen is not None and known is not None:
                seen.note(found, known)
            yield found


def documents(page: Page) -> list[Any]:
    """The JSON documents of a page: one, or one a line; a line that is none is ``Malformed`` in its place.

    Raises:
        Malformed: not even the first line is JSON.
    """
    try:
        return [page.json()]
    except Malformed as whole:
        lines = [line for line in page.body.split(b"\n") if line.strip()]
        if len(lines) < 2:
            raise
        found = [_document(line, f"{page.url}, line {number}") for number, line in enumerate(lines, 1)]
        if isinstance(found[0], Malformed):
            raise whole from None
        return found


def _document(line: bytes, where: str) -> Any:
    try:
        return read_json(line, where)
    except Malformed as error:
        return Malformed(str(error), line)


def fields(names: str) -> frozenset[str]:
    """The names of the fields a reader knows, written with blanks between them."""
    return frozenset(names.split())


def unread(names: Iterable[str]) -> tuple[str, ...]:
    """Names of fields nobody has met before, fit to be stored: clean, sorted, at most 100 characters each."""
    return tuple(sorted({shown[:100] for name in names if (shown := clean(name))}))


def as_bytes(item: object) -> bytes:
    """JSON of an item with its keys sorted: equal items give equal bytes."""
    try:
        return orjson.dumps(item, option=orjson.OPT_SORT_KEYS)
    except TypeError:
        return json.dumps(item, sort_keys=True, default=repr, skipkeys=True).encode()
