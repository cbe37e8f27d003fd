"""Every table, so that importing this module fills the metadata (Alembic compares against it)."""

from catalog import courses, decisions, history, ops, papers, people, raw, search
from catalog.schema import metadata

__all__ = ["courses", "decisions", "history", "metadata", "ops", "papers", "people", "raw", "search"]
