"""Makes hosts asked more slowly after a refusal, and by few requests at once over all workers."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "20261125_polite_hosts"
down_revision = "20261124_first_tables"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "host_budget",
        sa.Column("n_refused", sa.Integer(), server_default="0", nullable=False, comment="Requests refused in a row."),
        schema="ops",
    )
    op.add_column(
        "host_budget",
        sa.Column(
            "slowdown",
            sa.Double(),
            server_default="1",
            nullable=False,
            comment="Pauses are so many times longer than usual.",
        ),
        schema="ops",
    )
    op.create_table(
        "host_slot",
        sa.Column("work_id", sa.BigInteger(), autoincrement=False, nullable=False, comment="The fetch that asks."),
        sa.Column("host_group", sa.Text(collation="C"), nullable=False, comment="Hosts that share one limit."),
        sa.Column(
            "until",
            sa.DateTime(timezone=True),
            nullable=False,
            comment="A request still under way then belongs to a dead worker.",
        ),
        sa.PrimaryKeyConstraint("work_id", name=op.f("pk_host_slot")),
        schema="ops",
        comment="Requests under way, so that a host sees few at once from all workers together.",
    )
    op.create_index(op.f("ix_host_slot_host_group"), "host_slot", ["host_group"], unique=False, schema="ops")


def downgrade() -> None:
    op.drop_table("host_slot", schema="ops")
    op.drop_column("host_budget", "slowdown", schema="ops")
    op.drop_column("host_budget", "n_refused", schema="ops")
