"""Every table, so that importing this module fills the metadata (Alembic compares against it)."""

from catalog import courses, decisions, ops, papers, people, raw
from catalog.schema import metadata

__all__ = ["courses", "decisions", "metadata", "ops", "papers", "people", "raw"]
