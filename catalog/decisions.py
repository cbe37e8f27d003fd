"""Schema ``catalog``: what people decided. With the payloads the only input of the catalog; never recomputed."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Identity,
    Index,
    SmallInteger,
    Table,
    Text,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from catalog.schema import NOW, Moment, Name, metadata

decision = Table(
    "decision",
    metadata,
    Column("decision_id", BigInteger, Identity(), primary_key=True, comment="Number of the decision, in their order."),
    Column("entity", Name, nullable=False, comment="paper, author or course."),
    Column("kind", Name, nullable=False, comment="same, different, set, lock or undo."),
    Column("field", Text, comment="Of set and lock: the field."),
    Column("value", JSONB, comment="Of set and lock: the value that stays; null for none."),
    Column("undoes", BigInteger, ForeignKey("catalog.decision.decision_id"), comment="Of undo: what it takes back."),
    Column("is_live", Boolean, nullable=False, server_default=text("true"), comment="False once taken back."),
    Column("actor", Text, nullable=False, comment="Who decided."),
    Column("why", Text, comment="Why, in their words."),
    Column("decided_at", Moment, nullable=False, server_default=NOW, comment="When."),
    CheckConstraint("entity in ('paper','author','course')", name="entity"),
    CheckConstraint("kind in ('same','different','set','lock','undo')", name="kind"),
    CheckConstraint("(kind in ('set','lock')) = (field is not null)", name="field"),
    CheckConstraint("(kind = 'undo') = (undoes is not null)", name="undoes"),
    schema="catalog",
    comment="The human ledger: what people decided, who, when and why. Rows are added; only is_live ever changes.",
)

decision_about = Table(
    "decision_about",
    metadata,
    Column("source", Name, primary_key=True, comment="Source of the record; for people the scheme of an id, or name."),
    Column("source_key", Name, primary_key=True, comment="Its key there; for people the id, or the folded name."),
    Column(
        "decision_id",
        BigInteger,
        ForeignKey("catalog.decision.decision_id"),
        primary_key=True,
        comment="The decision that speaks of it.",
    ),
    Column("side", SmallInteger, nullable=False, comment="Of different: what stands on two sides is not the same."),
    Column(
        "position", SmallInteger, nullable=False, comment="Of set and lock: the first that lives carries the value."
    ),
    Column(
        "block",
        BigInteger,
        primary_key=True,
        server_default="0",
        comment="For people: the name block it was met in; else 0.",
    ),
    Index(None, "decision_id"),
    Index("ix_decision_about_block", "block", postgresql_where=text("block <> 0")),
    schema="catalog",
    comment="What decisions are about, by natural name: they outlive rebuilds and wait for what is to come.",
)
