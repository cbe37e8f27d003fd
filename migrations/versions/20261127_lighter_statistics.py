"""Spares ANALYZE the columns that nobody filters, joins or groups by."""

from __future__ import annotations

from alembic import op

revision = "20261127_lighter_statistics"
down_revision = "20261127_touched_names"
branch_labels = None
depends_on = None

ONLY_READ = {
    "catalog.record": ("document", "brief", "content_hash", "source_updated_at"),
    "catalog.verdict": ("reasons",),
    "catalog.paper": (
        "other_texts", "volume", "issue", "pages", "landing_url", "links", "versions", "provenance", "fingerprints",
    ),
    "catalog.authorship": ("affiliations",),
    "catalog.author": ("given",),
}  # fmt: skip
"""Texts and documents that are shown, or compared for one row that was found by its number."""


def upgrade() -> None:
    _set(0)


def downgrade() -> None:
    _set(-1)


def _set(statistics: int) -> None:
    for table, columns in ONLY_READ.items():
        changes = ", ".join(f"alter column {column} set statistics {statistics}" for column in columns)
        op.execute(f"alter table {table} {changes}")
