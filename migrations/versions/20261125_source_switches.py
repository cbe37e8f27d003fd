"""Lets people switch sources on and off without touching the sources file."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "20261125_source_switches"
down_revision = "20261125_analysts"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "source_switch",
        sa.Column("source", sa.Text(collation="C"), nullable=False, comment="The source that somebody switched."),
        sa.Column(
            "is_on",
            sa.Boolean(),
            nullable=False,
            comment="What they said; the sources file says otherwise or nothing.",
        ),
        sa.Column(
            "changed_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("clock_timestamp()"),
            nullable=False,
            comment="When.",
        ),
        sa.PrimaryKeyConstraint("source", name=op.f("pk_source_switch")),
        schema="ops",
        comment="Sources switched on or off by hand: pubcat sources enable, pubcat sources disable.",
    )


def downgrade() -> None:
    op.drop_table("source_switch", schema="ops")
