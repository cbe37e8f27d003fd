"""An item of a page that was read before need not be read again."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "20261126_items"
down_revision = "20261126_roster"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Records read before have no hash until a page lists them again."""
    op.add_column(
        "record",
        sa.Column(
            "item_hash",
            sa.LargeBinary(),
            comment="Hash of the item of a page it was read from, where it is read alone.",
        ),
        schema="catalog",
    )
    op.create_index("ix_record_item_hash", "record", ["item_hash"], schema="catalog")


def downgrade() -> None:
    op.drop_index("ix_record_item_hash", "record", schema="catalog")
    op.drop_column("record", "item_hash", schema="catalog")
