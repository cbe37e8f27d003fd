"""Makes it visible which name blocks are being computed, so that batches under way can call for them again."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "20261126_under_way"
down_revision = "20261125_brief"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "touched_block",
        sa.Column("work_id", sa.BigInteger(), comment="The work that computes their people now."),
        schema="ops",
    )
    op.create_index(
        op.f("ix_touched_block_work_id"),
        "touched_block",
        ["work_id"],
        schema="ops",
        postgresql_where=sa.text("work_id is not null"),
    )


def downgrade() -> None:
    op.drop_column("touched_block", "work_id", schema="ops")
