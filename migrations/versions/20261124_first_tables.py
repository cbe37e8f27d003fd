"""Makes the whole line possible: payloads, work, records, papers, people and courses."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "20261124_first_tables"
down_revision = None
branch_labels = None
depends_on = None

SCHEMAS = {
    "raw": "What came, byte for byte. Append-only.",
    "ops": "The work ledger.",
    "catalog": "What is known. Private: analysts read schema analytics.",
}


def upgrade() -> None:
    for schema, purpose in SCHEMAS.items():
        op.execute(f"create schema {schema}")
        op.execute(f"comment on schema {schema} is '{purpose}'")
    op.create_table(
        "author",
        sa.Column(
            "author_id", sa.BigInteger(), sa.Identity(always=False), nullable=False, comment="Number of the person."
        ),
        sa.Column("block", sa.BigInteger(), nullable=False, comment="Hash of the name block it was computed in."),
        sa.Column(
            "identity",
            sa.Text(collation="C"),
            nullable=False,
            comment="Natural key within the block: an id, or the folded name.",
        ),
        sa.Column("display_name", sa.Text(), nullable=False, comment="The fullest, most frequent spelling."),
        sa.Column("given", sa.Text(), nullable=True, comment="Given names."),
        sa.Column("family", sa.Text(), nullable=True, comment="Family name."),
        sa.Column(
            "identifiers", sa.ARRAY(sa.Text()), server_default="{}", nullable=False, comment="scheme:value, sorted."
        ),
        sa.Column("names", sa.ARRAY(sa.Text()), server_default="{}", nullable=False, comment="Spellings met, sorted."),
        sa.Column("method", sa.Text(), nullable=False, comment="orcid, source_id or name: how we know."),
        sa.Column("confidence", sa.REAL(), nullable=False, comment="In [0, 1]."),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("clock_timestamp()"),
            nullable=False,
            comment="First seen.",
        ),
        sa.Column(
            "updated_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("clock_timestamp()"),
            nullable=False,
            comment="Last change.",
        ),
        sa.PrimaryKeyConstraint("author_id", name=op.f("pk_author")),
        sa.UniqueConstraint("block", "identity", name=op.f("uq_author_block_identity")),
        schema="catalog",
        comment="One person, computed from all mentions of a name block.",
    )
    op.create_table(
        "author_name",
        sa.Column("name_id", sa.BigInteger(), nullable=False, comment="Hash of name_key."),
        sa.Column("name_key", sa.Text(collation="C"), nullable=False, comment="The name, folded."),
        sa.Column("block", sa.BigInteger(), nullable=False, comment="Hash of family name and first initial."),
        sa.Column(
            "author_id",
            sa.BigInteger(),
            nullable=True,
            comment="The person of that name; issued with the name, settled by identify.",
        ),
        sa.PrimaryKeyConstraint("name_id", name=op.f("pk_author_name")),
        schema="catalog",
        comment="Distinct folded names of authors, and the person each belongs to.",
    )
    op.create_index(op.f("ix_author_name_author_id"), "author_name", ["author_id"], unique=False, schema="catalog")
    op.create_index(op.f("ix_author_name_block"), "author_name", ["block"], unique=False, schema="catalog")
    op.create_table(
        "authorship",
        sa.Column("paper_id", sa.BigInteger(), nullable=False, comment="The paper."),
        sa.Column("position", sa.SmallInteger(), nullable=False, comment="1 for the first author."),
        sa.Column("name_id", sa.BigInteger(), nullable=False, comment="The folded name (author_name)."),
        sa.Column(
            "author_id", sa.BigInteger(), nullable=True, comment="The person, where several people share the name."
        ),
        sa.Column("credited_as", sa.Text(), nullable=False, comment="The name as printed."),
        sa.Column("is_corresponding", sa.Boolean(), nullable=True, comment="True when marked as corresponding author."),
        sa.Column(
            "identifiers", sa.ARRAY(sa.Text()), nullable=True, comment="scheme:value of the person, as the sources say."
        ),
        sa.Column(
            "affiliations",
            postgresql.JSONB(astext_type=sa.Text()),
            nullable=True,
            comment="Where the author was then: [name, ror, country].",
        ),
        sa.CheckConstraint("position >= 1", name=op.f("ck_authorship_position")),
        sa.PrimaryKeyConstraint("paper_id", "position", name=op.f("pk_authorship")),
        schema="catalog",
        comment="One author in one position on one paper.",
    )
    op.create_index(
        "ix_authorship_exception",
        "authorship",
        ["author_id"],
        unique=False,
        schema="catalog",
        postgresql_where=sa.text("author_id is not null"),
    )
    op.create_index(op.f("ix_authorship_name_id"), "authorship", ["name_id"], unique=False, schema="catalog")
    op.create_table(
        "course",
        sa.Column(
            "course_id", sa.BigInteger(), sa.Identity(always=False), nullable=False, comment="Number of the course."
        ),
        sa.Column(
            "identity", sa.Text(collation="C"), nullable=False, comment="Natural key: its smallest source:source_key."
        ),
        sa.Column("title_fr", sa.Text(), nullable=True, comment="French title."),
        sa.Column("title_en", sa.Text(), nullable=True, comment="English title."),
        sa.Column("description_fr", sa.Text(), nullable=True, comment="French description."),
        sa.Column("description_en", sa.Text(), nullable=True, comment="English description."),
        sa.Column("provider", sa.Text(), nullable=True, comment="Who gives it."),
        sa.Column("code", sa.Text(), nullable=True, comment="Course code."),
        sa.Column("audience", sa.Text(), nullable=True, comment="For whom."),
        sa.Column("url_fr", sa.Text(), nullable=True, comment="French page."),
        sa.Column("url_en", sa.Text(), nullable=True, comment="English page."),
        sa.Column(
            "provenance",
            postgresql.JSONB(astext_type=sa.Text()),
            nullable=False,
            comment="Field: [winning record_id, rule].",
        ),
        sa.Column(
            "content_hash", sa.LargeBinary(), nullable=False, comment="Tells whether a new merge changed anything."
        ),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("clock_timestamp()"),
            nullable=False,
            comment="First seen.",
        ),
        sa.Column(
            "updated_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("clock_timestamp()"),
            nullable=False,
            comment="Last change.",
        ),
        sa.PrimaryKeyConstraint("course_id", name=op.f("pk_course")),
        sa.UniqueConstraint("identity", name=op.f("uq_course_identity")),
        schema="catalog",
        comment="One training course, merged from its records.",
    )
    op.create_table(
        "crowded_key",
        sa.Column("key", sa.BigInteger(), nullable=False, comment="A key too many records share: no key any more."),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_crowded_key")),
        schema="catalog",
        comment="Blocking keys that outgrew the cap. The first to notice re-decides the whole block.",
    )
    op.create_table(
        "event",
        sa.Column(
            "event_id", sa.BigInteger(), sa.Identity(always=False), nullable=False, comment="Number of the event."
        ),
        sa.Column("work_id", sa.BigInteger(), nullable=False, comment="The batch it happened in."),
        sa.Column("entity", sa.Text(collation="C"), nullable=False, comment="paper or course."),
        sa.Column("entity_id", sa.BigInteger(), nullable=False, comment="Its number."),
        sa.Column(
            "kind", sa.Text(collation="C"), nullable=False, comment="created, changed, merged, split or deleted."
        ),
        sa.Column("fields", sa.ARRAY(sa.Text()), nullable=True, comment="What changed; null for created."),
        sa.Column(
            "at",
            sa.DateTime(timezone=True),
            server_default=sa.text("clock_timestamp()"),
            nullable=False,
            comment="When.",
        ),
        sa.PrimaryKeyConstraint("event_id", name=op.f("pk_event")),
        schema="catalog",
        comment="Outbox of change events, handed on in order by publish. An identical run writes none.",
    )
    op.create_index(op.f("ix_event_work_id"), "event", ["work_id"], unique=False, schema="catalog")
    op.create_table(
        "identifier",
        sa.Column("scheme", sa.Text(collation="C"), nullable=False, comment="doi, arxiv, openreview ..."),
        sa.Column("value", sa.Text(collation="C"), nullable=False, comment="Normalised value."),
        sa.Column("paper_id", sa.BigInteger(), nullable=False, comment="The paper that carries it."),
        sa.PrimaryKeyConstraint("scheme", "value", "paper_id", name=op.f("pk_identifier")),
        schema="catalog",
        comment="Identifiers of papers.",
    )
    op.create_index(op.f("ix_identifier_paper_id"), "identifier", ["paper_id"], unique=False, schema="catalog")
    op.create_table(
        "member",
        sa.Column("record_id", sa.BigInteger(), nullable=False, comment="The record."),
        sa.Column("paper_id", sa.BigInteger(), nullable=False, comment="The paper it is part of."),
        sa.PrimaryKeyConstraint("record_id", name=op.f("pk_member")),
        schema="catalog",
        comment="Which records make which paper.",
    )
    op.create_index(op.f("ix_member_paper_id"), "member", ["paper_id"], unique=False, schema="catalog")
    op.create_table(
        "paper",
        sa.Column(
            "paper_id",
            sa.BigInteger(),
            sa.Identity(always=False),
            nullable=False,
            comment="Issued once; redirects after a merge.",
        ),
        sa.Column("title", sa.Text(), nullable=True, comment="Title in the main language."),
        sa.Column("title_language", sa.Text(), nullable=True, comment="ISO 639-1."),
        sa.Column("title_state", sa.Text(), nullable=True, comment="whole, cut or unknown."),
        sa.Column("abstract", sa.Text(), nullable=True, comment="Abstract in the main language."),
        sa.Column("abstract_language", sa.Text(), nullable=True, comment="ISO 639-1."),
        sa.Column("abstract_state", sa.Text(), nullable=True, comment="whole, cut or unknown."),
        sa.Column(
            "other_texts",
            postgresql.JSONB(astext_type=sa.Text()),
            nullable=True,
            comment="Titles and abstracts in further languages: [field, language, text, state].",
        ),
        sa.Column("kind", sa.Text(), nullable=True, comment="article, conference, preprint, book_chapter, thesis ..."),
        sa.Column(
            "status", sa.Text(), nullable=True, comment="preprint, accepted, published, withdrawn, retracted, unknown."
        ),
        sa.Column(
            "published",
            sa.Text(collation="C"),
            nullable=True,
            comment="YYYY, YYYY-MM or YYYY-MM-DD; its length is its precision.",
        ),
        sa.Column("year", sa.SmallInteger(), nullable=True, comment="Year of published."),
        sa.Column("venue", sa.Text(), nullable=True, comment="Journal, conference or series as printed."),
        sa.Column(
            "venue_kind", sa.Text(), nullable=True, comment="journal, conference, workshop, repository, book, other."
        ),
        sa.Column("volume", sa.Text(), nullable=True, comment="Volume."),
        sa.Column("issue", sa.Text(), nullable=True, comment="Issue."),
        sa.Column("pages", sa.Text(), nullable=True, comment="Pages."),
        sa.Column("publisher", sa.Text(), nullable=True, comment="Publisher."),
        sa.Column("language", sa.Text(), nullable=True, comment="Language of the text, ISO 639-1."),
        sa.Column("landing_url", sa.Text(), nullable=True, comment="Where to read about it."),
        sa.Column("pdf_url", sa.Text(), nullable=True, comment="Where to read it."),
        sa.Column(
            "links", postgresql.JSONB(astext_type=sa.Text()), nullable=True, comment="Further links: [url, kind]."
        ),
        sa.Column("topics", sa.ARRAY(sa.Text()), nullable=True, comment="Keywords and topics, sorted."),
        sa.Column(
            "versions",
            postgresql.JSONB(astext_type=sa.Text()),
            nullable=True,
            comment="Preprint, proceedings, journal ...: one object each, preferred first.",
        ),
        sa.Column("n_authors", sa.SmallInteger(), nullable=False, comment="Length of the author list."),
        sa.Column("authors_state", sa.Text(), nullable=True, comment="whole or cut."),
        sa.Column("n_citations", sa.Integer(), nullable=True, comment="Latest count."),
        sa.Column("citations_source", sa.Text(), nullable=True, comment="Who counted."),
        sa.Column("oa_status", sa.Text(), nullable=True, comment="gold, diamond, hybrid, green, bronze, closed."),
        sa.Column("licence", sa.Text(), nullable=True, comment="Licence of the full text."),
        sa.Column("is_retracted", sa.Boolean(), server_default=sa.text("false"), nullable=False, comment="Retracted."),
        sa.Column("n_records", sa.SmallInteger(), nullable=False, comment="Records it is made of."),
        sa.Column(
            "provenance",
            postgresql.JSONB(astext_type=sa.Text()),
            nullable=True,
            comment="Field: [winning record_id, rule]; null when there is one record only.",
        ),
        sa.Column(
            "fingerprints",
            sa.LargeBinary(),
            nullable=False,
            comment="Four bytes a field: tells what a new merge changed.",
        ),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("clock_timestamp()"),
            nullable=False,
            comment="First seen in this catalog.",
        ),
        sa.Column(
            "updated_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("clock_timestamp()"),
            nullable=False,
            comment="Last change of any field.",
        ),
        sa.PrimaryKeyConstraint("paper_id", name=op.f("pk_paper")),
        schema="catalog",
        comment="One work, merged from its records; a function of them, never edited.",
    )
    op.create_index(
        "ix_paper_title_words",
        "paper",
        [sa.literal_column("to_tsvector('simple', coalesce(title, ''))")],
        unique=False,
        schema="catalog",
        postgresql_using="gin",
    )
    op.create_table(
        "record",
        sa.Column(
            "record_id", sa.BigInteger(), sa.Identity(always=False), nullable=False, comment="Number of the record."
        ),
        sa.Column("source", sa.Text(collation="C"), nullable=False, comment="Who says it."),
        sa.Column("source_key", sa.Text(collation="C"), nullable=False, comment="How the source names it."),
        sa.Column("entity", sa.Text(collation="C"), nullable=False, comment="paper or course."),
        sa.Column(
            "document", sa.LargeBinary(), nullable=False, comment="The normalised record as JSON (worker/record.py)."
        ),
        sa.Column(
            "content_hash",
            sa.LargeBinary(),
            nullable=False,
            comment="Hash of document: equal content costs one compare.",
        ),
        sa.Column(
            "source_updated_at",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="When the source says it last changed it.",
        ),
        sa.Column(
            "as_of", sa.DateTime(timezone=True), nullable=False, comment="The moment the winning payload speaks of."
        ),
        sa.Column("stream", sa.BigInteger(), nullable=False, comment="The walk it came from: a later one replaces it."),
        sa.Column("observation_id", sa.BigInteger(), nullable=False, comment="The observation it was read from."),
        sa.Column(
            "deleted",
            sa.Boolean(),
            server_default=sa.text("false"),
            nullable=False,
            comment="The source withdrew it explicitly.",
        ),
        sa.Column(
            "asked",
            sa.Boolean(),
            nullable=False,
            comment="Known only as an answer to enrichment: completes papers, founds none.",
        ),
        sa.Column(
            "first_seen_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("clock_timestamp()"),
            nullable=False,
            comment="When it was first read.",
        ),
        sa.PrimaryKeyConstraint("record_id", name=op.f("pk_record")),
        sa.UniqueConstraint("source", "source_key", name=op.f("uq_record_source_source_key")),
        schema="catalog",
        comment="What one source says about one work or course: the current state.",
    )
    op.create_index(op.f("ix_record_observation_id"), "record", ["observation_id"], unique=False, schema="catalog")
    op.create_table(
        "record_key",
        sa.Column("key", sa.BigInteger(), nullable=False, comment="64-bit hash of a blocking key."),
        sa.Column("record_id", sa.BigInteger(), nullable=False, comment="The record that has it."),
        sa.Column("kind", sa.SmallInteger(), nullable=False, comment="What kind of key (worker/match/keys.py)."),
        sa.PrimaryKeyConstraint("key", "record_id", name=op.f("pk_record_key")),
        schema="catalog",
        comment="Blocking keys: records that share one are candidates. Deleted by exact key only.",
    )
    op.create_table(
        "redirect",
        sa.Column("entity", sa.Text(collation="C"), nullable=False, comment="paper, author or course."),
        sa.Column("from_id", sa.BigInteger(), nullable=False, comment="The number that was merged away."),
        sa.Column("to_id", sa.BigInteger(), nullable=False, comment="Where it leads now."),
        sa.Column(
            "record_id",
            sa.BigInteger(),
            nullable=True,
            comment="The record that founded it: a split gives the number back.",
        ),
        sa.Column(
            "at",
            sa.DateTime(timezone=True),
            server_default=sa.text("clock_timestamp()"),
            nullable=False,
            comment="When.",
        ),
        sa.PrimaryKeyConstraint("entity", "from_id", name=op.f("pk_redirect")),
        schema="catalog",
        comment="Numbers once issued keep leading somewhere.",
    )
    op.create_index(op.f("ix_redirect_entity_to_id"), "redirect", ["entity", "to_id"], unique=False, schema="catalog")
    op.create_table(
        "source",
        sa.Column("source", sa.Text(collation="C"), nullable=False, comment="Name of the source."),
        sa.Column("adapter", sa.Text(collation="C"), nullable=False, comment="Which reader understands it."),
        sa.Column("deduplicates", sa.Boolean(), nullable=False, comment="Two of its keys are two works."),
        sa.Column("trust", sa.SmallInteger(), nullable=False, comment="Smaller is believed first."),
        sa.Column(
            "added_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("clock_timestamp()"),
            nullable=False,
            comment="When it was first met.",
        ),
        sa.PrimaryKeyConstraint("source", name=op.f("pk_source")),
        schema="catalog",
        comment="Every source that ever said something, and the rules its words are read by.",
    )
    op.create_table(
        "verdict",
        sa.Column("record_a", sa.BigInteger(), nullable=False, comment="The smaller record number."),
        sa.Column("record_b", sa.BigInteger(), nullable=False, comment="The larger one."),
        sa.Column("verdict", sa.Text(collation="C"), nullable=False, comment="same, different or unsure."),
        sa.Column("score", sa.REAL(), nullable=False, comment="In [0, 1]; 1 is surely the same work."),
        sa.Column("reasons", sa.Text(), nullable=False, comment="Evidence: name, signed weight, detail; one a line."),
        sa.Column("revision", sa.SmallInteger(), nullable=False, comment="Which rules judged."),
        sa.CheckConstraint("verdict in ('same','different','unsure')", name=op.f("ck_verdict_verdict")),
        sa.CheckConstraint("record_a < record_b", name=op.f("ck_verdict_order")),
        sa.PrimaryKeyConstraint("record_a", "record_b", name=op.f("pk_verdict")),
        schema="catalog",
        comment="What the rules say of two records, with reasons. Recomputed whenever one of them changes.",
    )
    op.create_index(op.f("ix_verdict_record_b"), "verdict", ["record_b"], unique=False, schema="catalog")
    op.create_index(
        "ix_verdict_unsure",
        "verdict",
        ["record_a", "record_b"],
        unique=False,
        schema="catalog",
        postgresql_where=sa.text("verdict = 'unsure'"),
    )
    op.create_table(
        "checkpoint",
        sa.Column("source", sa.Text(collation="C"), nullable=False, comment="Name of the source."),
        sa.Column("stream", sa.BigInteger(), nullable=False, comment="Hash of what is walked."),
        sa.Column(
            "cursor",
            sa.Text(),
            nullable=True,
            comment="The next request of the running walk, secrets removed; null at its end.",
        ),
        sa.Column(
            "seq", sa.BigInteger(), server_default="0", nullable=False, comment="Moves by compare-and-set, one a page."
        ),
        sa.Column("harvest_id", sa.BigInteger(), nullable=True, comment="Whose walk moved it last."),
        sa.Column(
            "watermark",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="Everything before was seen by a walk that ended well.",
        ),
        sa.Column(
            "moved_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("clock_timestamp()"),
            nullable=False,
            comment="When it last moved.",
        ),
        sa.PrimaryKeyConstraint("source", "stream", name=op.f("pk_checkpoint")),
        schema="ops",
        comment="Where our walk through a source stands. Never ahead of what is stored.",
    )
    op.create_table(
        "dead_letter",
        sa.Column(
            "dead_letter_id", sa.BigInteger(), sa.Identity(always=False), nullable=False, comment="Number to quote."
        ),
        sa.Column("work_id", sa.BigInteger(), nullable=True, comment="The work that ended here."),
        sa.Column("source", sa.Text(collation="C"), nullable=True, comment="Name of the source."),
        sa.Column(
            "stage", sa.Text(collation="C"), nullable=False, comment="Where it ended: fetch, parse, deduplicate ..."
        ),
        sa.Column(
            "reason_hash", sa.BigInteger(), nullable=False, comment="Hash of payload and reason: one letter for each."
        ),
        sa.Column("sha256", sa.LargeBinary(), nullable=True, comment="The payload, when bytes came."),
        sa.Column(
            "fragment", sa.LargeBinary(), nullable=True, comment="The offending bytes of one record among good ones."
        ),
        sa.Column("error_class", sa.Text(), nullable=False, comment="Kind of error."),
        sa.Column("detail", sa.Text(), nullable=False, comment="One sentence: place, hope, reality."),
        sa.Column(
            "first_seen_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("clock_timestamp()"),
            nullable=False,
            comment="When.",
        ),
        sa.Column(
            "resolved_at",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="When it was retried with success or discarded.",
        ),
        sa.Column("resolution", sa.Text(), nullable=True, comment="retried or discarded, and by whom."),
        sa.PrimaryKeyConstraint("dead_letter_id", name=op.f("pk_dead_letter")),
        sa.UniqueConstraint("stage", "reason_hash", name=op.f("uq_dead_letter_stage_reason_hash")),
        schema="ops",
        comment="What cannot succeed by itself, with bytes and reason. Accounted for, never lost.",
    )
    op.create_table(
        "harvest",
        sa.Column(
            "harvest_id",
            sa.BigInteger(),
            sa.Identity(always=False),
            nullable=False,
            comment="Number to quote for this run.",
        ),
        sa.Column("source", sa.Text(collation="C"), nullable=False, comment="Name of the source."),
        sa.Column("kind", sa.Text(collation="C"), nullable=False, comment="sweep, question, file or reindex."),
        sa.Column("stream", sa.BigInteger(), nullable=False, comment="Hash of what is walked."),
        sa.Column(
            "state",
            sa.Text(collation="C"),
            server_default="running",
            nullable=False,
            comment="running, done, suspect, failed, cancelled.",
        ),
        sa.Column(
            "since",
            sa.Date(),
            nullable=True,
            comment="Only what changed since this day was asked for; null: everything.",
        ),
        sa.Column("n_expected", sa.Integer(), nullable=True, comment="How many records the source says it has."),
        sa.Column("n_pages", sa.Integer(), server_default="0", nullable=False, comment="Pages received."),
        sa.Column("n_records", sa.Integer(), server_default="0", nullable=False, comment="Records read."),
        sa.Column("n_new", sa.Integer(), server_default="0", nullable=False, comment="Records never seen before."),
        sa.Column(
            "n_changed", sa.Integer(), server_default="0", nullable=False, comment="Records whose content changed."
        ),
        sa.Column("n_unchanged", sa.Integer(), server_default="0", nullable=False, comment="Records as they were."),
        sa.Column(
            "n_dead", sa.Integer(), server_default="0", nullable=False, comment="Pages or records nobody could read."
        ),
        sa.Column("error", sa.Text(), nullable=True, comment="Why it is suspect or failed, in one sentence."),
        sa.Column(
            "requested_by", sa.Text(), nullable=True, comment="Who or what asked: schedule, command line, enrichment."
        ),
        sa.Column(
            "started_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("clock_timestamp()"),
            nullable=False,
            comment="Start.",
        ),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True, comment="End; null while running."),
        sa.CheckConstraint("state in ('running','done','suspect','failed','cancelled')", name=op.f("ck_harvest_state")),
        sa.PrimaryKeyConstraint("harvest_id", name=op.f("pk_harvest")),
        schema="ops",
        comment="One walk through a source: what was expected, what came, how it ended.",
    )
    op.create_index(
        "ix_harvest_running",
        "harvest",
        ["harvest_id"],
        unique=False,
        schema="ops",
        postgresql_where=sa.text("state = 'running'"),
    )
    op.create_index(
        op.f("ix_harvest_source_started_at"), "harvest", ["source", "started_at"], unique=False, schema="ops"
    )
    op.create_table(
        "host_budget",
        sa.Column("host_group", sa.Text(collation="C"), nullable=False, comment="Hosts that share one limit."),
        sa.Column(
            "next_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("clock_timestamp()"),
            nullable=False,
            comment="The next request may start then.",
        ),
        sa.Column(
            "throttled_until",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="The host asked for silence until then.",
        ),
        sa.Column("n_requests", sa.BigInteger(), server_default="0", nullable=False, comment="Requests so far."),
        sa.PrimaryKeyConstraint("host_group", name=op.f("pk_host_budget")),
        schema="ops",
        comment="Politeness shared by all workers.",
    )
    op.create_table(
        "question",
        sa.Column("source", sa.Text(collation="C"), nullable=False, comment="Who was asked."),
        sa.Column("question_hash", sa.BigInteger(), nullable=False, comment="Hash of what was asked."),
        sa.Column(
            "asked_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("clock_timestamp()"),
            nullable=False,
            comment="When; asked again after a period.",
        ),
        sa.Column("harvest_id", sa.BigInteger(), nullable=True, comment="The one-page harvest that asks."),
        sa.PrimaryKeyConstraint("source", "question_hash", name=op.f("pk_question")),
        schema="ops",
        comment="Questions of enrichment, so that each is asked once per period.",
    )
    op.create_table(
        "reading",
        sa.Column("observation_id", sa.BigInteger(), nullable=False, comment="What was read."),
        sa.Column("revision", sa.Integer(), nullable=False, comment="Revision of the reader."),
        sa.Column("n_records", sa.Integer(), nullable=False, comment="Records found in it."),
        sa.Column(
            "read_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("clock_timestamp()"),
            nullable=False,
            comment="When.",
        ),
        sa.PrimaryKeyConstraint("observation_id", name=op.f("pk_reading")),
        schema="ops",
        comment="Which observations were read by which revision: an unchanged page is not read twice.",
    )
    op.create_table(
        "schedule",
        sa.Column("schedule", sa.Text(collation="C"), nullable=False, comment="Name; by habit that of the source."),
        sa.Column("source", sa.Text(collation="C"), nullable=False, comment="The source to sync."),
        sa.Column("every_s", sa.Integer(), nullable=False, comment="Seconds between slots."),
        sa.Column(
            "at",
            sa.Text(),
            nullable=True,
            comment="HH:MM in the zone, for schedules of a day or more; null: slots count from 1970.",
        ),
        sa.Column("zone", sa.Text(), server_default="UTC", nullable=False, comment="IANA time zone of at."),
        sa.Column(
            "paused", sa.Boolean(), server_default=sa.text("false"), nullable=False, comment="No slots while true."
        ),
        sa.Column(
            "since",
            sa.DateTime(timezone=True),
            server_default=sa.text("clock_timestamp()"),
            nullable=False,
            comment="No slots before.",
        ),
        sa.CheckConstraint("every_s >= 1", name=op.f("ck_schedule_every")),
        sa.PrimaryKeyConstraint("schedule", name=op.f("pk_schedule")),
        schema="ops",
        comment="When sources are synced.",
    )
    op.create_table(
        "schedule_slot",
        sa.Column("schedule", sa.Text(collation="C"), nullable=False, comment="The schedule."),
        sa.Column("slot", sa.DateTime(timezone=True), nullable=False, comment="The moment it was due."),
        sa.Column(
            "harvest_id", sa.BigInteger(), nullable=True, comment="The harvest it started; null: one was still running."
        ),
        sa.Column(
            "claimed_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("clock_timestamp()"),
            nullable=False,
            comment="When a scheduler took it.",
        ),
        sa.PrimaryKeyConstraint("schedule", "slot", name=op.f("pk_schedule_slot")),
        schema="ops",
        comment="Slots taken: the primary key lets any number of schedulers run side by side.",
    )
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
    op.create_table(
        "work",
        sa.Column(
            "work_id",
            sa.BigInteger(),
            sa.Identity(always=False),
            nullable=False,
            comment="What a broker message carries.",
        ),
        sa.Column(
            "kind",
            sa.Text(collation="C"),
            nullable=False,
            comment="fetch, parse, deduplicate, identify, enrich, publish, reindex.",
        ),
        sa.Column(
            "work_key",
            sa.Text(collation="C"),
            nullable=False,
            comment="What is to be done, so that it is asked for only once.",
        ),
        sa.Column(
            "generation", sa.Integer(), server_default="0", nullable=False, comment="Rises when a person asks again."
        ),
        sa.Column(
            "args",
            postgresql.JSONB(astext_type=sa.Text()),
            nullable=False,
            comment="What the stage needs to know; never a secret.",
        ),
        sa.Column("priority", sa.SmallInteger(), nullable=False, comment="Smaller goes first."),
        sa.Column(
            "state",
            sa.Text(collation="C"),
            server_default="queued",
            nullable=False,
            comment="queued, leased, done or dead.",
        ),
        sa.Column(
            "not_before",
            sa.DateTime(timezone=True),
            server_default=sa.text("clock_timestamp()"),
            nullable=False,
            comment="Not to be tried before.",
        ),
        sa.Column(
            "lease_until",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="The claim ends then unless the worker's heartbeat extends it.",
        ),
        sa.Column(
            "token",
            sa.BigInteger(),
            server_default="0",
            nullable=False,
            comment="Fencing token: rises with every claim.",
        ),
        sa.Column(
            "errors", sa.Integer(), server_default="0", nullable=False, comment="Attempts that ended in an error."
        ),
        sa.Column("crashes", sa.Integer(), server_default="0", nullable=False, comment="Leases that ran out."),
        sa.Column("rung_at", sa.DateTime(timezone=True), nullable=True, comment="When the broker was last told."),
        sa.Column("harvest_id", sa.BigInteger(), nullable=True, comment="The run it belongs to."),
        sa.Column("parent_id", sa.BigInteger(), nullable=True, comment="The work that called for it."),
        sa.Column("last_error", sa.Text(), nullable=True, comment="What went wrong last time."),
        sa.Column("worker", sa.Text(), nullable=True, comment="Who claimed it last."),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("clock_timestamp()"),
            nullable=False,
            comment="When it was called for.",
        ),
        sa.Column(
            "finished_at", sa.DateTime(timezone=True), nullable=True, comment="When it was done or declared dead."
        ),
        sa.CheckConstraint("state in ('queued','leased','done','dead')", name=op.f("ck_work_state")),
        sa.PrimaryKeyConstraint("work_id", name=op.f("pk_work")),
        sa.UniqueConstraint("kind", "work_key", "generation", name=op.f("uq_work_kind_work_key_generation")),
        schema="ops",
        comment="The ledger: every piece of work. A broker message only rings the bell for one of these rows.",
    )
    op.create_index(
        "ix_work_harvest_open",
        "work",
        ["harvest_id"],
        unique=False,
        schema="ops",
        postgresql_where=sa.text("state in ('queued','leased')"),
    )
    op.create_index(
        "ix_work_open",
        "work",
        ["priority", "work_id"],
        unique=False,
        schema="ops",
        postgresql_where=sa.text("state in ('queued','leased')"),
    )
    op.create_table(
        "worker",
        sa.Column("worker", sa.Text(collation="C"), nullable=False, comment="Host and process."),
        sa.Column("role", sa.Text(collation="C"), nullable=False, comment="worker or scheduler."),
        sa.Column(
            "started_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("clock_timestamp()"),
            nullable=False,
            comment="Start.",
        ),
        sa.Column(
            "seen_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("clock_timestamp()"),
            nullable=False,
            comment="Last sign of life.",
        ),
        sa.PrimaryKeyConstraint("worker", name=op.f("pk_worker")),
        schema="ops",
        comment="Who works; the command line follows when somebody does, else does the work itself.",
    )
    op.create_table(
        "payload",
        sa.Column("sha256", sa.LargeBinary(), nullable=False, comment="SHA-256 of the bytes as they came."),
        sa.Column("body", sa.LargeBinary(), nullable=False, comment="The bytes, Zstandard-compressed."),
        sa.Column("media_type", sa.Text(), nullable=False, comment="Media type the source declared, or we found."),
        sa.Column("size_bytes", sa.BigInteger(), nullable=False, comment="Size before compression."),
        sa.Column(
            "stored_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("clock_timestamp()"),
            nullable=False,
            comment="When it was first stored.",
        ),
        sa.PrimaryKeyConstraint("sha256", name=op.f("pk_payload")),
        schema="raw",
        comment="What a source answered, byte for byte, once per content. Never changed or deleted.",
    )
    op.create_table(
        "course_member",
        sa.Column("record_id", sa.BigInteger(), nullable=False, comment="The record."),
        sa.Column("course_id", sa.BigInteger(), nullable=False, comment="The course."),
        sa.ForeignKeyConstraint(
            ["course_id"], ["catalog.course.course_id"], name=op.f("fk_course_member_course_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("record_id", name=op.f("pk_course_member")),
        schema="catalog",
        comment="Which records make which course.",
    )
    op.create_table(
        "course_person",
        sa.Column("course_id", sa.BigInteger(), nullable=False, comment="The course."),
        sa.Column("name", sa.Text(collation="C"), nullable=False, comment="The name as printed."),
        sa.Column("role", sa.Text(collation="C"), server_default="instructor", nullable=False, comment="instructor."),
        sa.ForeignKeyConstraint(
            ["course_id"], ["catalog.course.course_id"], name=op.f("fk_course_person_course_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("course_id", "name", name=op.f("pk_course_person")),
        schema="catalog",
        comment="Who teaches a course.",
    )
    op.create_table(
        "offering",
        sa.Column(
            "offering_id", sa.BigInteger(), sa.Identity(always=False), nullable=False, comment="Number of the offering."
        ),
        sa.Column("course_id", sa.BigInteger(), nullable=False, comment="The course."),
        sa.Column("position", sa.SmallInteger(), nullable=False, comment="Order among the offerings of the course."),
        sa.Column("label", sa.Text(), nullable=True, comment="Cohort label as printed."),
        sa.Column("dates_text", sa.Text(), nullable=True, comment="The dates as written."),
        sa.Column("date_kind", sa.Text(), nullable=False, comment="set, range, start, deadline, coarse or none."),
        sa.Column("start_date", sa.Date(), nullable=True, comment="First day."),
        sa.Column("end_date", sa.Date(), nullable=True, comment="Last day."),
        sa.Column("date_precision", sa.Text(), nullable=True, comment="day, month, season or year."),
        sa.Column(
            "year_inferred", sa.Boolean(), nullable=False, comment="The year was not written; the page's date gave it."
        ),
        sa.Column("date_confidence", sa.REAL(), nullable=False, comment="In [0, 1]."),
        sa.Column("timezone", sa.Text(), nullable=False, comment="IANA zone of days and times."),
        sa.Column("mode", sa.Text(), nullable=True, comment="online, onsite or blended."),
        sa.Column("language", sa.Text(), nullable=True, comment="Language of instruction."),
        sa.Column("location", sa.Text(), nullable=True, comment="Place."),
        sa.Column("registration_status", sa.Text(), nullable=True, comment="announced, open, full or closed."),
        sa.Column("registration_url", sa.Text(), nullable=True, comment="Where to register."),
        sa.Column("registration_deadline", sa.Date(), nullable=True, comment="Last day to register."),
        sa.Column("price", sa.Text(), nullable=True, comment="Price as printed."),
        sa.Column("currency", sa.Text(), nullable=True, comment="ISO 4217."),
        sa.ForeignKeyConstraint(
            ["course_id"], ["catalog.course.course_id"], name=op.f("fk_offering_course_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("offering_id", name=op.f("pk_offering")),
        sa.UniqueConstraint("course_id", "position", name=op.f("uq_offering_course_id_position")),
        schema="catalog",
        comment="One cohort of a course.",
    )
    op.create_index(op.f("ix_offering_course_id"), "offering", ["course_id"], unique=False, schema="catalog")
    op.create_table(
        "observation",
        sa.Column(
            "observation_id",
            sa.BigInteger(),
            sa.Identity(always=False),
            nullable=False,
            comment="Number of the observation.",
        ),
        sa.Column("source", sa.Text(collation="C"), nullable=False, comment="Name of the source as configured."),
        sa.Column(
            "adapter",
            sa.Text(collation="C"),
            nullable=False,
            comment="Which reader understands it: listing, openalex, table ...",
        ),
        sa.Column("request_key", sa.Text(), nullable=False, comment="Address or path asked, secrets removed."),
        sa.Column("request_hash", sa.BigInteger(), nullable=False, comment="Hash of request_key, to find it by."),
        sa.Column(
            "stream", sa.BigInteger(), nullable=False, comment="Hash of the walk it belongs to: a file, a sweep."
        ),
        sa.Column("sha256", sa.LargeBinary(), nullable=False, comment="The payload."),
        sa.Column(
            "as_of",
            sa.DateTime(timezone=True),
            nullable=False,
            comment="The moment the payload speaks of; a date a person gave wins.",
        ),
        sa.Column(
            "fetched_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("clock_timestamp()"),
            nullable=False,
            comment="When it came to us.",
        ),
        sa.Column("status", sa.Integer(), nullable=False, comment="HTTP status; 200 for a file."),
        sa.Column(
            "headers",
            postgresql.JSONB(astext_type=sa.Text()),
            nullable=True,
            comment="ETag, Last-Modified and the like.",
        ),
        sa.Column("harvest_id", sa.BigInteger(), nullable=True, comment="The harvest that asked."),
        sa.ForeignKeyConstraint(["sha256"], ["raw.payload.sha256"], name=op.f("fk_observation_sha256")),
        sa.PrimaryKeyConstraint("observation_id", name=op.f("pk_observation")),
        schema="raw",
        comment="Who answered what, when, to which request. Append-only: with payload, the input of the catalog.",
    )
    op.create_index(op.f("ix_observation_sha256"), "observation", ["sha256"], unique=False, schema="raw")
    op.create_index(
        op.f("ix_observation_source_request_hash"),
        "observation",
        ["source", "request_hash"],
        unique=False,
        schema="raw",
    )
    op.create_table(
        "course_session",
        sa.Column("offering_id", sa.BigInteger(), nullable=False, comment="The offering."),
        sa.Column("session_number", sa.SmallInteger(), nullable=False, comment="1 for the first day."),
        sa.Column("session_date", sa.Date(), nullable=False, comment="The day."),
        sa.Column("start_time", sa.Text(), nullable=True, comment="HH:MM."),
        sa.Column("end_time", sa.Text(), nullable=True, comment="HH:MM."),
        sa.Column("location", sa.Text(), nullable=True, comment="Place."),
        sa.ForeignKeyConstraint(
            ["offering_id"],
            ["catalog.offering.offering_id"],
            name=op.f("fk_course_session_offering_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("offering_id", "session_number", name=op.f("pk_course_session")),
        schema="catalog",
        comment="One day of an offering.",
    )
    # The payload arrives compressed: letting Postgres try again would only cost time.
    op.execute("alter table raw.payload alter column body set storage external")


def downgrade() -> None:
    op.drop_table("course_session", schema="catalog")
    op.drop_index(op.f("ix_observation_source_request_hash"), table_name="observation", schema="raw")
    op.drop_index(op.f("ix_observation_sha256"), table_name="observation", schema="raw")
    op.drop_table("observation", schema="raw")
    op.drop_index(op.f("ix_offering_course_id"), table_name="offering", schema="catalog")
    op.drop_table("offering", schema="catalog")
    op.drop_table("course_person", schema="catalog")
    op.drop_table("course_member", schema="catalog")
    op.drop_table("payload", schema="raw")
    op.drop_table("worker", schema="ops")
    op.drop_index(
        "ix_work_open", table_name="work", schema="ops", postgresql_where=sa.text("state in ('queued','leased')")
    )
    op.drop_index(
        "ix_work_harvest_open",
        table_name="work",
        schema="ops",
        postgresql_where=sa.text("state in ('queued','leased')"),
    )
    op.drop_table("work", schema="ops")
    op.drop_table("touched_block", schema="ops")
    op.drop_table("schedule_slot", schema="ops")
    op.drop_table("schedule", schema="ops")
    op.drop_table("reading", schema="ops")
    op.drop_table("question", schema="ops")
    op.drop_table("host_budget", schema="ops")
    op.drop_index(op.f("ix_harvest_source_started_at"), table_name="harvest", schema="ops")
    op.drop_index(
        "ix_harvest_running", table_name="harvest", schema="ops", postgresql_where=sa.text("state = 'running'")
    )
    op.drop_table("harvest", schema="ops")
    op.drop_table("dead_letter", schema="ops")
    op.drop_table("checkpoint", schema="ops")
    op.drop_index(
        "ix_verdict_unsure", table_name="verdict", schema="catalog", postgresql_where=sa.text("verdict = 'unsure'")
    )
    op.drop_index(op.f("ix_verdict_record_b"), table_name="verdict", schema="catalog")
    op.drop_table("verdict", schema="catalog")
    op.drop_table("source", schema="catalog")
    op.drop_index(op.f("ix_redirect_entity_to_id"), table_name="redirect", schema="catalog")
    op.drop_table("redirect", schema="catalog")
    op.drop_table("record_key", schema="catalog")
    op.drop_index(op.f("ix_record_observation_id"), table_name="record", schema="catalog")
    op.drop_table("record", schema="catalog")
    op.drop_index("ix_paper_title_words", table_name="paper", schema="catalog", postgresql_using="gin")
    op.drop_table("paper", schema="catalog")
    op.drop_index(op.f("ix_member_paper_id"), table_name="member", schema="catalog")
    op.drop_table("member", schema="catalog")
    op.drop_index(op.f("ix_identifier_paper_id"), table_name="identifier", schema="catalog")
    op.drop_table("identifier", schema="catalog")
    op.drop_index(op.f("ix_event_work_id"), table_name="event", schema="catalog")
    op.drop_table("event", schema="catalog")
    op.drop_table("crowded_key", schema="catalog")
    op.drop_table("course", schema="catalog")
    op.drop_index(op.f("ix_authorship_name_id"), table_name="authorship", schema="catalog")
    op.drop_index(
        "ix_authorship_exception",
        table_name="authorship",
        schema="catalog",
        postgresql_where=sa.text("author_id is not null"),
    )
    op.drop_table("authorship", schema="catalog")
    op.drop_index(op.f("ix_author_name_block"), table_name="author_name", schema="catalog")
    op.drop_index(op.f("ix_author_name_author_id"), table_name="author_name", schema="catalog")
    op.drop_table("author_name", schema="catalog")
    op.drop_table("author", schema="catalog")
    for schema in reversed(SCHEMAS):
        op.execute(f"drop schema {schema}")
