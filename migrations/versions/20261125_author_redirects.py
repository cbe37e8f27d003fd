"""Makes numbers of people come back after a split: what a redirect remembers of them."""

from __future__ import annotations

from alembic import op

revision = "20261125_author_redirects"
down_revision = "20261125_search"
branch_labels = None
depends_on = None

COMMENTS = (
    (
        "redirect",
        "record_id",
        "The record that founded it, of a person a hash of their name: a split gives the number back.",
        "The record that founded it: a split gives the number back.",
    ),
    (
        "author",
        "method",
        "orcid, source_id, name or manual: how we know.",
        "orcid, source_id or name: how we know.",
    ),
)
"""Table, column, comment from now on, comment before."""


def upgrade() -> None:
    for table, column, comment, _ in COMMENTS:
        op.alter_column(table, column, comment=comment, schema="catalog")


def downgrade() -> None:
    for table, column, _, comment in COMMENTS:
        op.alter_column(table, column, comment=comment, schema="catalog")
