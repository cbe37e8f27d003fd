"""Makes prepared tables, history and data quality by day possible for analysts."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "20261125_analysts"
down_revision = "20261125_decisions"
branch_labels = None
depends_on = None

FOLD = r"""
create function catalog.fold(words text) returns text immutable parallel safe language sql as $$
select case
    when octet_length(words) = length(words) then lower(words)
    else lower(translate(
        replace(replace(replace(replace(replace(
            regexp_replace(normalize(words, NFKD), '[\u0300-\u036f]', '', 'g'),
            'œ', 'oe'), 'Œ', 'oe'), 'æ', 'ae'), 'Æ', 'ae'), 'ß', 'ss'),
        'øØłŁđĐıΑΒΓΔΕΖΗΘΙΚΛΜΝΞΟΠΡΣΤΥΦΧΨΩςАБВГДЕЖЗИЙКЛМНОПРСТУФХЦЧШЩЪЫЬЭЮЯ',
        'oollddiαβγδεζηθικλμνξοπρστυφχψωσабвгдежзийклмнопрстуфхцчшщъыьэюя'))
end $$
"""


def upgrade() -> None:
    op.execute(FOLD)
    op.execute(
        "comment on function catalog.fold(text) is 'Small letters without accents, the same under every locale.'"
    )
    kinds = "fetch, parse, deduplicate, identify, enrich, publish, reindex, refresh."
    op.alter_column("work", "kind", comment=kinds, existing_comment=kinds.replace(", refresh", ""), schema="ops")
    moment = sa.DateTime(timezone=True)
    name = sa.Text(collation="C")
    now = sa.text("clock_timestamp()")
    op.create_table(
        "history",
        sa.Column(
            "history_id", sa.BigInteger(), sa.Identity(always=False), nullable=False, comment="Number of the change."
        ),
        sa.Column("entity", name, nullable=False, comment="paper, author or course."),
        sa.Column("entity_id", sa.BigInteger(), nullable=False, comment="Its number."),
        sa.Column(
            "born_at", moment, nullable=False, comment="When this number came to life: one given back lives twice."
        ),
        sa.Column(
            "at", moment, nullable=False, comment="When the change was written; what is in before held until then."
        ),
        sa.Column(
            "kind", name, nullable=False, comment="changed, split, merged or deleted; the last two keep everything."
        ),
        sa.Column(
            "before",
            postgresql.JSONB(),
            nullable=False,
            comment="Old values of what changed, by column; null where it was empty.",
        ),
        sa.Column(
            "sources", postgresql.JSONB(), nullable=True, comment="Field: the source whose word the new value is."
        ),
        sa.Column("actor", sa.Text(), nullable=True, comment="The person whose decision it was; null: the rules."),
        sa.Column("work_id", sa.BigInteger(), nullable=True, comment="The batch it happened in."),
        sa.PrimaryKeyConstraint("history_id", name=op.f("pk_history")),
        schema="catalog",
        comment="Old values of what changed, one row a change event: the past is the present with these put back.",
    )
    op.create_index(op.f("ix_history_entity_entity_id_at"), "history", ["entity", "entity_id", "at"], schema="catalog")
    op.create_index(op.f("ix_history_at"), "history", ["at"], schema="catalog")
    op.create_table(
        "quality",
        sa.Column("check_name", name, nullable=False, comment="Name of the check."),
        sa.Column("checked_on", sa.Date(), nullable=False, comment="The day."),
        sa.Column("n_checked", sa.Integer(), nullable=False, comment="How many were looked at."),
        sa.Column("n_failed", sa.Integer(), nullable=False, comment="How many failed."),
        sa.Column("example_ids_text", sa.Text(), nullable=True, comment="The first five that failed."),
        sa.Column(
            "checked_at", moment, server_default=now, nullable=False, comment="When it was last counted that day."
        ),
        sa.PrimaryKeyConstraint("check_name", "checked_on", name=op.f("pk_quality")),
        schema="catalog",
        comment="How many failed which check of data quality on which day.",
    )
    op.create_table(
        "refresh",
        sa.Column("mart", name, nullable=False, comment="The prepared table, in schema mart."),
        sa.Column("refreshed_at", moment, server_default=now, nullable=False, comment="When it was last computed."),
        sa.Column("seconds", sa.REAL(), nullable=False, comment="How long that took."),
        sa.Column("event_id", sa.BigInteger(), nullable=False, comment="The latest change it may have seen."),
        sa.PrimaryKeyConstraint("mart", name=op.f("pk_refresh")),
        schema="ops",
        comment="When prepared tables were computed, so that the worker knows which are out of date.",
    )


def downgrade() -> None:
    op.drop_table("refresh", schema="ops")
    op.drop_table("quality", schema="catalog")
    op.drop_table("history", schema="catalog")
    op.execute("drop function catalog.fold(text)")
