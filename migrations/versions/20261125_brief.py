"""Makes it possible to see at a glance that two records are plainly two works."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "20261125_brief"
down_revision = "20261125_author_redirects"
branch_labels = None
depends_on = None


def upgrade() -> None:
    column = sa.Column(
        "brief", sa.Text(), comment="Family names and title, folded: tells plainly other works at a glance."
    )
    op.add_column("record", column, schema="catalog")


def downgrade() -> None:
    op.drop_column("record", "brief", schema="catalog")
