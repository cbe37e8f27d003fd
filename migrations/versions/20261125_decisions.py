"""Makes human decisions possible: same, different, set, lock, undo, by natural names."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "20261125_decisions"
down_revision = "20261125_alone"
branch_labels = None
depends_on = None

COMMENTS = (
    (
        "paper",
        "provenance",
        "Field: [winning record_id, or a decision_id made negative; rule]; null when one record says it all.",
        "Field: [winning record_id, rule]; null when there is one record only.",
    ),
)
"""Table, column, comment from now on, comment before."""


def upgrade() -> None:
    op.create_table(
        "decision",
        sa.Column(
            "decision_id",
            sa.BigInteger(),
            sa.Identity(always=False),
            nullable=False,
            comment="Number of the decision, in their order.",
        ),
        sa.Column("entity", sa.Text(collation="C"), nullable=False, comment="paper, author or course."),
        sa.Column("kind", sa.Text(collation="C"), nullable=False, comment="same, different, set, lock or undo."),
        sa.Column("field", sa.Text(), nullable=True, comment="Of set and lock: the field."),
        sa.Column(
            "value",
            postgresql.JSONB(),
            nullable=True,
            comment="Of set and lock: the value that stays; null for none.",
        ),
        sa.Column("undoes", sa.BigInteger(), nullable=True, comment="Of undo: what it takes back."),
        sa.Column(
            "is_live", sa.Boolean(), server_default=sa.text("true"), nullable=False, comment="False once taken back."
        ),
        sa.Column("actor", sa.Text(), nullable=False, comment="Who decided."),
        sa.Column("why", sa.Text(), nullable=True, comment="Why, in their words."),
        sa.Column(
            "decided_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("clock_timestamp()"),
            nullable=False,
            comment="When.",
        ),
        sa.CheckConstraint("entity in ('paper','author','course')", name=op.f("ck_decision_entity")),
        sa.CheckConstraint("kind in ('same','different','set','lock','undo')", name=op.f("ck_decision_kind")),
        sa.CheckConstraint("(kind in ('set','lock')) = (field is not null)", name=op.f("ck_decision_field")),
        sa.CheckConstraint("(kind = 'undo') = (undoes is not null)", name=op.f("ck_decision_undoes")),
        sa.PrimaryKeyConstraint("decision_id", name=op.f("pk_decision")),
        sa.ForeignKeyConstraint(["undoes"], ["catalog.decision.decision_id"], name=op.f("fk_decision_undoes")),
        schema="catalog",
        comment="The human ledger: what people decided, who, when and why. Rows are added; only is_live ever changes.",
    )
    op.create_table(
        "decision_about",
        sa.Column(
            "source",
            sa.Text(collation="C"),
            nullable=False,
            comment="Source of the record; for people the scheme of an id, or name.",
        ),
        sa.Column(
            "source_key",
            sa.Text(collation="C"),
            nullable=False,
            comment="Its key there; for people the id, or the folded name.",
        ),
        sa.Column("decision_id", sa.BigInteger(), nullable=False, comment="The decision that speaks of it."),
        sa.Column(
            "side",
            sa.SmallInteger(),
            nullable=False,
            comment="Of different: what stands on two sides is not the same.",
        ),
        sa.Column(
            "position",
            sa.SmallInteger(),
            nullable=False,
            comment="Of set and lock: the first that lives carries the value.",
        ),
        sa.Column(
            "block",
            sa.BigInteger(),
            server_default="0",
            nullable=False,
            comment="For people: the name block it was met in; else 0.",
        ),
        sa.ForeignKeyConstraint(
            ["decision_id"], ["catalog.decision.decision_id"], name=op.f("fk_decision_about_decision_id")
        ),
        sa.PrimaryKeyConstraint("source", "source_key", "decision_id", "block", name=op.f("pk_decision_about")),
        schema="catalog",
        comment="What decisions are about, by natural name: they outlive rebuilds and wait for what is to come.",
    )
    op.create_index(op.f("ix_decision_about_decision_id"), "decision_about", ["decision_id"], schema="catalog")
    op.create_index(
        "ix_decision_about_block",
        "decision_about",
        ["block"],
        schema="catalog",
        postgresql_where=sa.text("block <> 0"),
    )
    for table, column, comment, _ in COMMENTS:
        op.alter_column(table, column, comment=comment, schema="catalog")


def downgrade() -> None:
    for table, column, _, comment in COMMENTS:
        op.alter_column(table, column, comment=comment, schema="catalog")
    op.drop_table("decision_about", schema="catalog")
    op.drop_table("decision", schema="catalog")
