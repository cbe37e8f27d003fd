"""Makes it possible to tell work that ends its process from work whose worker was killed."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "20261125_alone"
down_revision = "20261125_polite_hosts"
branch_labels = None
depends_on = None


def upgrade() -> None:
    column = sa.Column(
        "crashes_alone", sa.Integer(), server_default="0", nullable=False, comment="Processes of its own that it ended."
    )
    op.add_column("work", column, schema="ops")


def downgrade() -> None:
    op.drop_column("work", "crashes_alone", schema="ops")
