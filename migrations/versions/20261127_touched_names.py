"""Which names of a touched block something was told of."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "20261127_touched_names"
down_revision = "20261127_brief_pages"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "touched_block",
        sa.Column(
            "names",
            sa.ARRAY(sa.BigInteger()),
            nullable=True,
            comment="Beside each block a name told of anew, null for the whole block.",
        ),
        schema="ops",
    )


def downgrade() -> None:
    op.drop_column("touched_block", "names", schema="ops")
