"""Makes incomplete walks visible: what each walk listed, what it was told, and what it would hide."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "20261125_walks"
down_revision = "20261125_touched"
branch_labels = None
depends_on = None

BEFORE = {
    "seq": "Moves by compare-and-set, one a page.",
    "cursor": "The next request of the running walk, secrets removed; null at its end.",
    "stream": "Hash of what is walked.",
    "harvest_id": "Whose walk moved it last.",
}
AFTER = {
    "seq": "Rises by one with every walk that ends well.",
    "cursor": "The first request of the walk, secrets removed.",
    "stream": "Hash of the first request of the walk.",
    "harvest_id": "The sweep that moved it last.",
}


def _column(name: str, kind: Any, comment: str, default: str | None = None) -> sa.Column[Any]:
    return sa.Column(name, kind, server_default=default, nullable=False, comment=comment)


def upgrade() -> None:
    op.create_table(
        "walk",
        sa.Column(
            "harvest_id", sa.BigInteger(), autoincrement=False, nullable=False, comment="The sweep it is part of."
        ),
        sa.Column(
            "walk",
            sa.Integer(),
            autoincrement=False,
            nullable=False,
            comment="Number of the walk in the sweep, from 0.",
        ),
        _column("stream", sa.BigInteger(), "Hash of its first request: the same walk in every sweep."),
        _column("first", postgresql.JSONB(), "Its first request; a walk whose cursor is forgotten begins again."),
        _column("attempt", sa.Integer(), "How often it began again.", "0"),
        _column("seq", sa.Integer(), "Pages taken; moves by one, or not at all.", "0"),
        _column("n_reasked", sa.Integer(), "How often this page was asked again.", "0"),
        _column("n_repeated", sa.Integer(), "Pages that repeat another one.", "0"),
        sa.Column("n_told", sa.Integer(), nullable=True, comment="How many items the source counts in it, at most."),
        sa.Column("n_listed", sa.Integer(), nullable=True, comment="How many different items came, once it is over."),
        _column("is_over", sa.Boolean(), "No page follows.", "false"),
        sa.PrimaryKeyConstraint("harvest_id", "walk", name=op.f("pk_walk")),
        schema="ops",
        comment="How far each walk of a sweep came. A sweep is one walk, or one a venue, set or page.",
    )
    op.create_table(
        "walk_page",
        sa.Column("harvest_id", sa.BigInteger(), autoincrement=False, nullable=False, comment="The sweep."),
        sa.Column("walk", sa.Integer(), autoincrement=False, nullable=False, comment="The walk."),
        sa.Column("attempt", sa.Integer(), autoincrement=False, nullable=False, comment="Its attempt."),
        sa.Column("seq", sa.Integer(), autoincrement=False, nullable=False, comment="The page, from 0."),
        _column("request_hash", sa.BigInteger(), "Hash of the request: a cursor given twice is a circle."),
        _column("content_hash", sa.BigInteger(), "Hash of the bytes."),
        sa.Column(
            "keys",
            postgresql.ARRAY(sa.BigInteger()),
            nullable=False,
            comment="Hashes of the items listed, to count different ones.",
        ),
        sa.PrimaryKeyConstraint("harvest_id", "walk", "attempt", "seq", name=op.f("pk_walk_page")),
        schema="ops",
        comment="Pages of walks under way, so that circles, repetitions and gaps are seen; emptied when a sweep ends.",
    )
    op.create_table(
        "held",
        sa.Column(
            "observation_id", sa.BigInteger(), autoincrement=False, nullable=False, comment="The page that would hide."
        ),
        _column("harvest_id", sa.BigInteger(), "The run that brought it."),
        _column("n_records", sa.Integer(), "How many records it would hide."),
        sa.Column(
            "held_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("clock_timestamp()"),
            nullable=False,
            comment="When.",
        ),
        sa.Column(
            "released_at",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="When it was allowed to; null: it may not.",
        ),
        sa.Column("released_by", sa.Text(), nullable=True, comment="Who allowed it: the brake itself, or a person."),
        sa.PrimaryKeyConstraint("observation_id", name=op.f("pk_held")),
        schema="ops",
        comment=(
            "Pages whose tombstones wait for the end of their run: many at once hide nothing unless a person says so."
        ),
    )
    op.create_index(op.f("ix_held_harvest_id"), "held", ["harvest_id"], unique=False, schema="ops")
    op.add_column(
        "harvest", _column("n_held", sa.Integer(), "Records it would hide, and must not yet.", "0"), schema="ops"
    )
    op.add_column(
        "harvest",
        sa.Column("confirmed_by", sa.Text(), nullable=True, comment="Who said that what looked wrong is right."),
        schema="ops",
    )
    op.add_column(
        "checkpoint",
        sa.Column(
            "n_listed",
            sa.Integer(),
            nullable=True,
            comment="Different items of the last walk that was whole.",
        ),
        schema="ops",
    )
    for name, comment in AFTER.items():
        op.execute(f"comment on column ops.checkpoint.{name} is '{comment}'")
    op.execute(
        "comment on table ops.checkpoint is"
        " 'What we have of a source: moved by sweeps that end well, by no other. Never ahead of what is stored.'"
    )
    # Sweeps under way were begun without walks: the next one takes their place.
    op.execute("delete from ops.checkpoint")
    op.execute(
        "update ops.harvest set state = 'cancelled', finished_at = clock_timestamp(),"
        " error = 'cancelled by an upgrade; the next sync walks again' where state = 'running' and kind = 'sweep'"
    )
    op.execute(
        "update ops.work set state = 'done', token = token + 1, lease_until = null, last_error = 'cancelled',"
        " finished_at = clock_timestamp()"
        " where state in ('queued', 'leased') and kind = 'fetch' and args ->> 'role' = 'page'"
    )


def downgrade() -> None:
    op.drop_column("checkpoint", "n_listed", schema="ops")
    op.drop_column("harvest", "confirmed_by", schema="ops")
    op.drop_column("harvest", "n_held", schema="ops")
    op.drop_table("held", schema="ops")
    op.drop_table("walk_page", schema="ops")
    op.drop_table("walk", schema="ops")
    for name, comment in BEFORE.items():
        op.execute(f"comment on column ops.checkpoint.{name} is '{comment}'")
    op.execute(
        "comment on table ops.checkpoint is 'Where our walk through a source stands. Never ahead of what is stored.'"
    )
