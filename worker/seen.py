"""Items of pages that were read before: a sweep lists most works as it listed them the last time."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import msgspec

Stored = Callable[[list[bytes]], Mapping[bytes, Any]]
"""What is stored of the items with these hashes."""


class Seen:
    """Tells the items of one page apart whose records are stored.

    An item is known by its bytes and by ``context``: who reads it, and by which rules. ``met`` collects what is stored
    of the items that need not be read again, by hash.
    """

    def __init__(self, context: bytes, stored: Stored) -> None:
        self.met: dict[bytes, Any] = {}
        self._context, self._stored = hashlib.blake2b(context, digest_size=32).digest(), stored
        self._read: dict[int, tuple[object, bytes]] = {}

    def hashes(self, items: Sequence[Any]) -> list[bytes | None]:
        """The hash of every item, nothing for what is no JSON; ``met`` learns which are stored."""
        found = [self._hash(item) for item in items]
        self.met.update(self._stored([one for one in found if one is not None]))
        return found

    def note(self, record: object, item: bytes) -> None:
        """Remembers the hash of the item that a record was read from."""
        self._read[id(record)] = (record, item)

    def item_of(self, record: object) -> bytes | None:
        """The hash of the item that this very object was read from."""
        found = self._read.get(id(record))
        return found[1] if found is not None else None

    def _hash(self, item: object) -> bytes | None:
        try:
            content = msgspec.json.encode(item)
        except (TypeError, ValueError, RecursionError):
            return None
        return hashlib.blake2b(content, digest_size=16, key=self._context).digest()
