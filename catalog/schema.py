"""The shape shared by all tables: one metadata, naming rules, and the types that keys and moments use."""

from __future__ import annotations

from sqlalchemy import DateTime, MetaData, Text, text

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)

Name = Text(collation="C")
"""Text that is a key: compared byte by byte, so no change of locale reorders it."""
Moment = DateTime(timezone=True)
NOW = text("clock_timestamp()")
