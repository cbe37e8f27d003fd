"""What every process holds between batches, and when it looks for garbage."""

from __future__ import annotations

import gc
import weakref

from worker.tools import LOOKS_THROUGH_EVERY, uncollected


class Knot:
    """Something that only the collector can free."""

    def __init__(self) -> None:
        self.itself = self


def test_the_collector_is_off_in_a_batch_and_on_behind_it() -> None:
    with uncollected():
        assert not gc.isenabled()
    assert gc.isenabled()


def test_garbage_of_batches_is_gone_after_some_hundred_of_them() -> None:
    with uncollected():
        left = weakref.ref(Knot())
    for _ in range(LOOKS_THROUGH_EVERY):
        with uncollected():
            pass
    assert left() is None
