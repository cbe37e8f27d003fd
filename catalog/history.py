"""Schemas ``catalog`` and ``ops``: what was true before, and when prepared tables were computed."""

from __future__ import annotations

from sqlalchemy import (
    REAL,
    BigInteger,
    Column,
    Date,
    Identity,
    Index,
    Integer,
    PrimaryKeyConstraint,
    Table,
    Text,
)
from sqlalchemy.dialects.postgresql import JSONB

from catalog.schema import NOW, Moment, Name, metadata

history = Table(
    "history",
    metadata,
    Column("history_id", BigInteger, Identity(), primary_key=True, comment="Number of the change."),
    Column("entity", Name, nullable=False, comment="paper, author or course."),
    Column("entity_id", BigInteger, nullable=False, comment="Its number."),
    Column("born_at", Moment, nullable=False, comment="When this number came to life: one given back lives twice."),
    Column("at", Moment, nullable=False, comment="When the change was written; what is in before held until then."),
    Column("kind", Name, nullable=False, comment="changed, split, merged or deleted; the last two keep everything."),
    Column("before", JSONB, nullable=False, comment="Old values of what changed, by column; null where it was empty."),
    Column("sources", JSONB, comment="Field: the source whose word the new value is."),
    Column("actor", Text, comment="The person whose decision it was; null: the rules."),
    Column("work_id", BigInteger, comment="The batch it happened in."),
    Index(None, "entity", "entity_id", "at"),
    Index(None, "at"),
    schema="catalog",
    comment="Old values of what changed, one row a change event: the past is the present with these put back.",
)

quality = Table(
    "quality",
    metadata,
    Column("check_name", Name, nullable=False, comment="Name of the check."),
    Column("checked_on", Date, nullable=False, comment="The day."),
    Column("n_checked", Integer, nullable=False, comment="How many were looked at."),
    Column("n_failed", Integer, nullable=False, comment="How many failed."),
    Column("example_ids_text", Text, comment="The first five that failed."),
    Column("checked_at", Moment, nullable=False, server_default=NOW, comment="When it was last counted that day."),
    PrimaryKeyConstraint("check_name", "checked_on"),
    schema="catalog",
    comment="How many failed which check of data quality on which day.",
)

refresh = Table(
    "refresh",
    metadata,
    Column("mart", Name, primary_key=True, comment="The prepared table, in schema mart."),
    Column("refreshed_at", Moment, nullable=False, server_default=NOW, comment="When it was last computed."),
    Column("seconds", REAL, nullable=False, comment="How long that took."),
    Column("event_id", BigInteger, nullable=False, comment="The latest change it may have seen."),
    schema="ops",
    comment="When prepared tables were computed, so that the worker knows which are out of date.",
)
