"""Schema ``catalog``: who wrote what."""

from __future__ import annotations

from sqlalchemy import (
    ARRAY,
    REAL,
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Identity,
    Index,
    PrimaryKeyConstraint,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from catalog.schema import NOW, Moment, Name, metadata

authorship = Table(
    "authorship",
    metadata,
    Column("paper_id", BigInteger, nullable=False, comment="The paper."),
    Column("position", SmallInteger, nullable=False, comment="1 for the first author."),
    Column("name_id", BigInteger, nullable=False, comment="The folded name (author_name)."),
    Column("author_id", BigInteger, comment="The person, where several people share the name."),
    Column("credited_as", Text, nullable=False, comment="The name as printed."),
    Column("is_corresponding", Boolean, comment="True when marked as corresponding author."),
    Column("identifiers", ARRAY(Text), comment="scheme:value of the person, as the sources say."),
    Column("affiliations", JSONB, comment="Where the author was then: [name, ror, country]."),
    PrimaryKeyConstraint("paper_id", "position"),
    CheckConstraint("position >= 1", name="position"),
    Index(None, "name_id"),
    Index("ix_authorship_exception", "author_id", postgresql_where=text("author_id is not null")),
    schema="catalog",
    comment="One author in one position on one paper.",
)

author_name = Table(
    "author_name",
    metadata,
    Column("name_id", BigInteger, primary_key=True, comment="Hash of name_key."),
    Column("name_key", Name, nullable=False, comment="The name, folded."),
    Column("block", BigInteger, nullable=False, comment="Hash of family name and first initial."),
    Column("author_id", BigInteger, comment="The person of that name; issued with the name, settled by identify."),
    Index(None, "block"),
    Index(None, "author_id"),
    schema="catalog",
    comment="Distinct folded names of authors, and the person each belongs to.",
)

author = Table(
    "author",
    metadata,
    Column("author_id", BigInteger, Identity(), primary_key=True, comment="Number of the person."),
    Column("block", BigInteger, nullable=False, comment="Hash of the name block it was computed in."),
    Column("identity", Name, nullable=False, comment="Natural key within the block: an id, or the folded name."),
    Column("display_name", Text, nullable=False, comment="The fullest, most frequent spelling."),
    Column("given", Text, comment="Given names."),
    Column("family", Text, comment="Family name."),
    Column("identifiers", ARRAY(Text), nullable=False, server_default="{}", comment="scheme:value, sorted."),
    Column("names", ARRAY(Text), nullable=False, server_default="{}", comment="Spellings met, sorted."),
    Column("method", Text, nullable=False, comment="orcid, source_id, name or manual: how we know."),
    Column("confidence", REAL, nullable=False, comment="In [0, 1]."),
    Column("created_at", Moment, nullable=False, server_default=NOW, comment="First seen."),
    Column("updated_at", Moment, nullable=False, server_default=NOW, comment="Last change."),
    UniqueConstraint("block", "identity"),
    schema="catalog",
    comment="One person, computed from all mentions of a name block.",
)
