"""Deduplicate courses."""

from catalog.engine import Cursor
from worker.ledger import Work


def deduplicate(cursor: Cursor, work: Work) -> None:
    pass
