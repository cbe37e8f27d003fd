"""Schema ``raw``: what came, byte for byte. Append-only."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, ForeignKey, Identity, Index, Integer, LargeBinary, Table, Text
from sqlalchemy.dialects.postgresql import JSONB

from catalog.schema import NOW, Moment, Name, metadata

payload = Table(
    "payload",
    metadata,
    Column("sha256", LargeBinary, primary_key=True, comment="SHA-256 of the bytes as they came."),
    Column("body", LargeBinary, nullable=False, comment="The bytes, Zstandard-compressed."),
    Column("media_type", Text, nullable=False, comment="Media type the source declared, or we found."),
    Column("size_bytes", BigInteger, nullable=False, comment="Size before compression."),
    Column("stored_at", Moment, nullable=False, server_default=NOW, comment="When it was first stored."),
    schema="raw",
    comment="What a source answered, byte for byte, once per content. Never changed or deleted.",
)

observation = Table(
    "observation",
    metadata,
    Column("observation_id", BigInteger, Identity(), primary_key=True, comment="Number of the observation."),
    Column("source", Name, nullable=False, comment="Name of the source as configured."),
    Column("adapter", Name, nullable=False, comment="Which reader understands it: listing, openalex, table ..."),
    Column("request_key", Text, nullable=False, comment="Address or path asked, secrets removed."),
    Column("request_hash", BigInteger, nullable=False, comment="Hash of request_key, to find it by."),
    Column("stream", BigInteger, nullable=False, comment="Hash of the walk it belongs to: a file, a sweep."),
    Column("sha256", LargeBinary, ForeignKey("raw.payload.sha256"), nullable=False, comment="The payload."),
    Column("as_of", Moment, nullable=False, comment="The moment the payload speaks of; a date a person gave wins."),
    Column("fetched_at", Moment, nullable=False, server_default=NOW, comment="When it came to us."),
    Column("status", Integer, nullable=False, comment="HTTP status; 200 for a file."),
    Column("headers", JSONB, comment="ETag, Last-Modified and the like."),
    Column("harvest_id", BigInteger, comment="The harvest that asked."),
    Index(None, "source", "request_hash"),
    Index(None, "sha256"),
    schema="raw",
    comment="Who answered what, when, to which request. Append-only: with payload, the input of the catalog.",
)
