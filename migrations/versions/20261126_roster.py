"""Makes it possible to read a roster: members of the institute are records that are found without reading the others."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "20261126_roster"
down_revision = "20261126_lighter"
branch_labels = None
depends_on = None

COMMENTS = (
    ("table catalog.record", "What one source says about one work or course: the current state.",
     "What one source says about one work, course or member of the institute: the current state."),
    ("column catalog.record.entity", "paper or course.", "paper, course or member."),
    ("column catalog.event.entity", "paper or course.", "paper, course or member."),
    ("column catalog.event.entity_id", "Its number.", "Its number; of a member that of the record."),
)  # fmt: skip
"""What is explained, before and after."""


def upgrade() -> None:
    op.create_index(
        "ix_record_member", "record", ["record_id"], schema="catalog", postgresql_where=sa.text("entity = 'member'")
    )
    for what, _, after in COMMENTS:
        op.execute(f"comment on {what} is '{after}'")


def downgrade() -> None:
    for what, before, _ in COMMENTS:
        op.execute(f"comment on {what} is '{before}'")
    op.drop_index("ix_record_member", table_name="record", schema="catalog")
