"""What a stage needs from the outside, made once per process."""

from __future__ import annotations

import gc
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from importlib.metadata import PackageNotFoundError, version
from itertools import count
from typing import TYPE_CHECKING

from sqlalchemy import Engine

from catalog.engine import Cursor, engine, transaction
from worker.heart import Heart
from worker.http import Client
from worker.match.keys import blocking_keys
from worker.settings import Sources, contact, load_sources

if TYPE_CHECKING:
    from worker.match.facts import Facts
    from worker.record import Record

KNOWN_AT_ONCE = 4_000
"""Records kept in memory between the stages of one process: what it read lately."""
LOOKS_THROUGH_EVERY = 200
"""Batches between two looks of the garbage collector at everything."""


def our_version() -> str:
    """The version of this program, or ``0`` when it runs from a checkout."""
    try:
        return version("pubcat")
    except PackageNotFoundError:
        return "0"


@contextmanager
def uncollected() -> Iterator[None]:
    """Holds the garbage collector off while a batch is worked on.

    Its values, some hundred thousand, form no cycles and are gone at the end: looking through those that still live,
    again and again, was a fifteenth of the worker's time. What outlives the batch, records that are kept in mind, is
    handed to the oldest generation unseen; all of that is looked through now and then.
    """
    gc.disable()
    try:
        yield
    finally:
        if next(_batches) % LOOKS_THROUGH_EVERY:
            gc.freeze()
            gc.unfreeze()
        else:
            gc.collect()
        gc.enable()


_batches = count(1)


class Met:
    """A record with the facts that matching compares."""

    __slots__ = ("_keys", "facts", "record")

    def __init__(self, record: Record, facts: Facts) -> None:
        self.record, self.facts = record, facts
        self._keys: list[tuple[int, int]] | None = None

    @property
    def keys(self) -> list[tuple[int, int]]:
        """Blocking keys as (kind, key), each key once; worked out when first asked for."""
        if self._keys is None:
            self._keys = [(kind, key) for key, kind in {key: kind for kind, key in blocking_keys(self.facts)}.items()]
        return self._keys


class Memory:
    """The records this process met last, by number and content: saves reading back what it just wrote."""

    def __init__(self, most: int = KNOWN_AT_ONCE) -> None:
        self._most = most
        self._known: OrderedDict[tuple[int, bytes], Met] = OrderedDict()

    def put(self, record_id: int, content_hash: bytes, met: Met) -> None:
        """Remembers one record; the oldest makes room."""
        self._known[record_id, content_hash] = met
        if len(self._known) > self._most:
            self._known.popitem(last=False)

    def get(self, record_id: int, content_hash: bytes, deduplicates: bool) -> Met | None:
        """The record of that number, if its content and the rules of its source are still the same."""
        met = self._known.get((record_id, content_hash))
        return met if met and met.facts.deduplicates == deduplicates else None


@dataclass
class Tools:
    """Engine, sources, HTTP client, memory and heart of one process."""

    database_url: str
    broker_url: str | None = None
    role: str = "pubcat"
    sources: Sources = field(default_factory=load_sources)
    memory: Memory = field(default_factory=Memory)
    sessions: dict[str, Mapping[str, str]] = field(default_factory=dict)
    """Secrets that logins of sources answered; never stored."""
    progress: Callable[[str], None] | None = None
    """Called with the kind of each finished work."""
    in_doubt: bool = False
    """The database went away while we claimed: some row may be ours without our knowing."""

    def __post_init__(self) -> None:
        """Batches make millions of values that live long and form no cycles: the collector looks less often."""
        gc.set_threshold(50_000, 20, 100)

    @cached_property
    def engine(self) -> Engine:
        """The engine, connected on first use."""
        return engine(self.database_url, role=self.role)

    @cached_property
    def client(self) -> Client:
        """The HTTP client."""
        return Client(our_version(), contact())

    @cached_property
    def heart(self) -> Heart:
        """What keeps our claims alive."""
        return Heart(self.database_url)

    @contextmanager
    def transaction(self) -> Iterator[Cursor]:
        """A cursor in one transaction."""
        with transaction(self.engine) as cursor:
            yield cursor

    def close(self) -> None:
        """Gives every connection back."""
        if "heart" in self.__dict__:
            self.heart.close()
        if "engine" in self.__dict__:
            self.engine.dispose()
        if "client" in self.__dict__:
            self.client.close()
