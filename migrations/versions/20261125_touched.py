"""Makes it possible to note the name blocks a batch touched in one row, where there was one row a block."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "20261125_touched"
down_revision = "20261125_source_switches"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("create temporary table touched on commit drop as select distinct block from ops.touched_block")
    op.drop_table("touched_block", schema="ops")
    op.create_table(
        "touched_block",
        sa.Column("touch_id", sa.BigInteger(), sa.Identity(always=False), nullable=False, comment="Number of the row."),
        sa.Column(
            "blocks", sa.ARRAY(sa.BigInteger()), nullable=False, comment="Hashes of the name blocks a batch touched."
        ),
        sa.PrimaryKeyConstraint("touch_id", name=op.f("pk_touched_block")),
        schema="ops",
        comment="Name blocks whose people must be computed again, a row a batch; taken together by identify.",
    )
    op.execute("insert into ops.touched_block (blocks) select array_agg(block) from touched having count(*) > 0")


def downgrade() -> None:
    op.execute("create temporary table touched on commit drop as select distinct unnest(blocks) from ops.touched_block")
    op.drop_table("touched_block", schema="ops")
    op.create_table(
        "touched_block",
        sa.Column("block", sa.BigInteger(), nullable=False, comment="Hash of an author name block."),
        sa.Column(
            "transaction_id", sa.BigInteger(), nullable=False, comment="Who touched it: no two batches meet here."
        ),
        sa.PrimaryKeyConstraint("block", "transaction_id", name=op.f("pk_touched_block")),
        schema="ops",
        comment="Name blocks whose people must be computed again; taken in batches by identify.",
    )
    op.execute("insert into ops.touched_block select *, 0 from touched")
