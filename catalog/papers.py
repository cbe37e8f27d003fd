"""Schema ``catalog``: records, verdicts, papers and what changed about them.

Rows that the bulk path writes per record are kept few and narrow (each indexed row costs some microseconds):
facts nobody joins on, such as provenance, versions, links and further languages, live in compact columns of
``paper`` and are unfolded by the analysts' views.
"""

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
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from catalog.schema import NOW, Moment, Name, metadata

source = Table(
    "source",
    metadata,
    Column("source", Name, primary_key=True, comment="Name of the source."),
    Column("adapter", Name, nullable=False, comment="Which reader understands it."),
    Column("deduplicates", Boolean, nullable=False, comment="Two of its keys are two works."),
    Column("trust", SmallInteger, nullable=False, comment="Smaller is believed first."),
    Column("added_at", Moment, nullable=False, server_default=NOW, comment="When it was first met."),
    schema="catalog",
    comment="Every source that ever said something, and the rules its words are read by.",
)

record = Table(
    "record",
    metadata,
    Column("record_id", BigInteger, Identity(), primary_key=True, comment="Number of the record."),
    Column("source", Name, nullable=False, comment="Who says it."),
    Column("source_key", Name, nullable=False, comment="How the source names it."),
    Column("entity", Name, nullable=False, comment="paper, course or member."),
    Column("document", LargeBinary, nullable=False, comment="The normalised record as JSON (worker/record.py)."),
    Column("brief", Text, comment="Names, title and pages, folded: tells other works at a glance."),
    Column("content_hash", LargeBinary, nullable=False, comment="Hash of document: equal content costs one compare."),
    Column("item_hash", LargeBinary, comment="Hash of the item of a page it was read from, where it is read alone."),
    Column("source_updated_at", Moment, comment="When the source says it last changed it."),
    Column("as_of", Moment, nullable=False, comment="The moment the winning payload speaks of."),
    Column("stream", BigInteger, nullable=False, comment="The walk it came from: a later one replaces it."),
    Column("observation_id", BigInteger, nullable=False, comment="The observation it was read from."),
    Column(
        "deleted", Boolean, nullable=False, server_default=text("false"), comment="The source withdrew it explicitly."
    ),
    Column(
        "asked",
        Boolean,
        nullable=False,
        comment="Known only as an answer to enrichment: completes papers, founds none.",
    ),
    Column("first_seen_at", Moment, nullable=False, server_default=NOW, comment="When it was first read."),
    UniqueConstraint("source", "source_key"),
    Index(None, "observation_id"),
    Index(None, "item_hash"),
    Index("ix_record_member", "record_id", postgresql_where=text("entity = 'member'")),
    schema="catalog",
    comment="What one source says about one work, course or member of the institute: the current state.",
)

record_key = Table(
    "record_key",
    metadata,
    Column("key", BigInteger, nullable=False, comment="64-bit hash of a blocking key."),
    Column("record_id", BigInteger, nullable=False, comment="The record that has it."),
    Column("kind", SmallInteger, nullable=False, comment="What kind of key (worker/match/keys.py)."),
    PrimaryKeyConstraint("key", "record_id"),
    schema="catalog",
    comment="Blocking keys: records that share one are candidates. Deleted by exact key only.",
)

crowded_key = Table(
    "crowded_key",
    metadata,
    Column("key", BigInteger, primary_key=True, comment="A key too many records share: no key any more."),
    schema="catalog",
    comment="Blocking keys that outgrew the cap. The first to notice re-decides the whole block.",
)

verdict = Table(
    "verdict",
    metadata,
    Column("record_a", BigInteger, primary_key=True, comment="The smaller record number."),
    Column("record_b", BigInteger, primary_key=True, comment="The larger one."),
    Column("verdict", Name, nullable=False, comment="same, different or unsure."),
    Column("score", REAL, nullable=False, comment="In [0, 1]; 1 is surely the same work."),
    Column("reasons", Text, nullable=False, comment="Evidence: name, signed weight, detail; one a line."),
    Column("revision", SmallInteger, nullable=False, comment="Which rules judged."),
    CheckConstraint("record_a < record_b", name="order"),
    CheckConstraint("verdict in ('same','different','unsure')", name="verdict"),
    Index(None, "record_b"),
    Index("ix_verdict_unsure", "record_a", "record_b", postgresql_where=text("verdict = 'unsure'")),
    schema="catalog",
    comment="What the rules say of two records, with reasons. Recomputed whenever one of them changes.",
)

paper = Table(
    "paper",
    metadata,
    Column("paper_id", BigInteger, Identity(), primary_key=True, comment="Issued once; redirects after a merge."),
    Column("title", Text, comment="Title in the main language."),
    Column("title_language", Text, comment="ISO 639-1."),
    Column("title_state", Text, comment="whole, cut or unknown."),
    Column("abstract", Text, comment="Abstract in the main language."),
    Column("abstract_language", Text, comment="ISO 639-1."),
    Column("abstract_state", Text, comment="whole, cut or unknown."),
    Column("other_texts", JSONB, comment="Titles and abstracts in further languages: [field, language, text, state]."),
    Column("kind", Text, comment="article, conference, preprint, book_chapter, thesis ..."),
    Column("status", Text, comment="preprint, accepted, published, withdrawn, retracted, unknown."),
    Column("published", Text(collation="C"), comment="YYYY, YYYY-MM or YYYY-MM-DD; its length is its precision."),
    Column("year", SmallInteger, comment="Year of published."),
    Column("venue", Text, comment="Journal, conference or series as printed."),
    Column("venue_kind", Text, comment="journal, conference, workshop, repository, book, other."),
    Column("volume", Text, comment="Volume."),
    Column("issue", Text, comment="Issue."),
    Column("pages", Text, comment="Pages."),
    Column("publisher", Text, comment="Publisher."),
    Column("language", Text, comment="Language of the text, ISO 639-1."),
    Column("landing_url", Text, comment="Where to read about it."),
    Column("pdf_url", Text, comment="Where to read it."),
    Column("links", JSONB, comment="Further links: [url, kind]."),
    Column("topics", ARRAY(Text), comment="Keywords and topics, sorted."),
    Column("versions", JSONB, comment="Preprint, proceedings, journal ...: one object each, preferred first."),
    Column("n_authors", SmallInteger, nullable=False, comment="Length of the author list."),
    Column("authors_state", Text, comment="whole or cut."),
    Column("n_citations", Integer, comment="Latest count."),
    Column("citations_source", Text, comment="Who counted."),
    Column("oa_status", Text, comment="gold, diamond, hybrid, green, bronze, closed."),
    Column("licence", Text, comment="Licence of the full text."),
    Column("is_retracted", Boolean, nullable=False, server_default=text("false"), comment="Retracted."),
    Column("n_records", SmallInteger, nullable=False, comment="Records it is made of."),
    Column(
        "provenance",
        JSONB,
        comment="Field: [winning record_id, or a decision_id made negative; rule]; null when one record says it all.",
    ),
    Column("fingerprints", LargeBinary, nullable=False, comment="Four bytes a field: tells what a new merge changed."),
    Column("created_at", Moment, nullable=False, server_default=NOW, comment="First seen in this catalog."),
    Column("updated_at", Moment, nullable=False, server_default=NOW, comment="Last change of any field."),
    Index("ix_paper_title_words", text("catalog.title_words(title, title_language)"), postgresql_using="gin"),
    schema="catalog",
    comment="One work, merged from its records; a function of them, never edited.",
)

member = Table(
    "member",
    metadata,
    Column("record_id", BigInteger, primary_key=True, comment="The record."),
    Column("paper_id", BigInteger, nullable=False, comment="The paper it is part of."),
    Index(None, "paper_id"),
    schema="catalog",
    comment="Which records make which paper.",
)

identifier = Table(
    "identifier",
    metadata,
    Column("scheme", Name, nullable=False, comment="doi, arxiv, openreview ..."),
    Column("value", Name, nullable=False, comment="Normalised value."),
    Column("paper_id", BigInteger, nullable=False, comment="The paper that carries it."),
    PrimaryKeyConstraint("scheme", "value", "paper_id"),
    Index(None, "paper_id"),
    schema="catalog",
    comment="Identifiers of papers.",
)

redirect = Table(
    "redirect",
    metadata,
    Column("entity", Name, primary_key=True, comment="paper, author or course."),
    Column("from_id", BigInteger, primary_key=True, comment="The number that was merged away."),
    Column("to_id", BigInteger, nullable=False, comment="Where it leads now."),
    Column(
        "record_id",
        BigInteger,
        comment="The record that founded it, of a person a hash of their name: a split gives the number back.",
    ),
    Column("at", Moment, nullable=False, server_default=NOW, comment="When."),
    Index(None, "entity", "to_id"),
    schema="catalog",
    comment="Numbers once issued keep leading somewhere.",
)

event = Table(
    "event",
    metadata,
    Column("event_id", BigInteger, Identity(), primary_key=True, comment="Number of the event."),
    Column("work_id", BigInteger, nullable=False, comment="The batch it happened in."),
    Column("entity", Name, nullable=False, comment="paper, course or member."),
    Column("entity_id", BigInteger, nullable=False, comment="Its number; of a member that of the record."),
    Column("kind", Name, nullable=False, comment="created, changed, merged, split or deleted."),
    Column("fields", ARRAY(Text), comment="What changed; null for created."),
    Column("at", Moment, nullable=False, server_default=NOW, comment="When."),
    Index(None, "work_id"),
    schema="catalog",
    comment="Outbox of change events, handed on in order by publish. An identical run writes none.",
)
