"""Schema ``ops``: the work ledger and what it needs. Postgres is the ledger, the broker is a doorbell."""

from __future__ import annotations

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    Double,
    Identity,
    Index,
    Integer,
    LargeBinary,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from catalog.schema import NOW, Moment, Name, metadata

harvest = Table(
    "harvest",
    metadata,
    Column("harvest_id", BigInteger, Identity(), primary_key=True, comment="Number to quote for this run."),
    Column("source", Name, nullable=False, comment="Name of the source."),
    Column("kind", Name, nullable=False, comment="sweep, question, file or reindex."),
    Column("stream", BigInteger, nullable=False, comment="Hash of what is walked."),
    Column(
        "state", Name, nullable=False, server_default="running", comment="running, done, suspect, failed, cancelled."
    ),
    Column("since", Date, comment="Only what changed since this day was asked for; null: everything."),
    Column("n_expected", Integer, comment="How many records the source says it has."),
    Column("n_pages", Integer, nullable=False, server_default="0", comment="Pages received."),
    Column("n_records", Integer, nullable=False, server_default="0", comment="Records read."),
    Column("n_new", Integer, nullable=False, server_default="0", comment="Records never seen before."),
    Column("n_changed", Integer, nullable=False, server_default="0", comment="Records whose content changed."),
    Column("n_unchanged", Integer, nullable=False, server_default="0", comment="Records as they were."),
    Column("n_dead", Integer, nullable=False, server_default="0", comment="Pages or records nobody could read."),
    Column("n_held", Integer, nullable=False, server_default="0", comment="Records it would hide, and must not yet."),
    Column("confirmed_by", Text, comment="Who said that what looked wrong is right."),
    Column("error", Text, comment="Why it is suspect or failed, in one sentence."),
    Column("requested_by", Text, comment="Who or what asked: schedule, command line, enrichment."),
    Column("started_at", Moment, nullable=False, server_default=NOW, comment="Start."),
    Column("finished_at", Moment, comment="End; null while running."),
    CheckConstraint("state in ('running','done','suspect','failed','cancelled')", name="state"),
    Index("ix_harvest_running", "harvest_id", postgresql_where=text("state = 'running'")),
    Index(None, "source", "started_at"),
    schema="ops",
    comment="One walk through a source: what was expected, what came, how it ended.",
)

work = Table(
    "work",
    metadata,
    Column("work_id", BigInteger, Identity(), primary_key=True, comment="What a broker message carries."),
    Column(
        "kind", Name, nullable=False, comment="fetch, parse, deduplicate, identify, enrich, publish, reindex, refresh."
    ),
    Column("work_key", Name, nullable=False, comment="What is to be done, so that it is asked for only once."),
    Column("generation", Integer, nullable=False, server_default="0", comment="Rises when a person asks again."),
    Column("args", JSONB, nullable=False, comment="What the stage needs to know; never a secret."),
    Column("priority", SmallInteger, nullable=False, comment="Smaller goes first."),
    Column("state", Name, nullable=False, server_default="queued", comment="queued, leased, done or dead."),
    Column("not_before", Moment, nullable=False, server_default=NOW, comment="Not to be tried before."),
    Column("lease_until", Moment, comment="The claim ends then unless the worker's heartbeat extends it."),
    Column("token", BigInteger, nullable=False, server_default="0", comment="Fencing token: rises with every claim."),
    Column("errors", Integer, nullable=False, server_default="0", comment="Attempts that ended in an error."),
    Column("crashes", Integer, nullable=False, server_default="0", comment="Leases that ran out."),
    Column("crashes_alone", Integer, nullable=False, server_default="0", comment="Processes of its own that it ended."),
    Column("rung_at", Moment, comment="When the broker was last told."),
    Column("harvest_id", BigInteger, comment="The run it belongs to."),
    Column("parent_id", BigInteger, comment="The work that called for it."),
    Column("last_error", Text, comment="What went wrong last time."),
    Column("worker", Text, comment="Who claimed it last."),
    Column("created_at", Moment, nullable=False, server_default=NOW, comment="When it was called for."),
    Column("finished_at", Moment, comment="When it was done or declared dead."),
    UniqueConstraint("kind", "work_key", "generation"),
    CheckConstraint("state in ('queued','leased','done','dead')", name="state"),
    Index("ix_work_open", "priority", "work_id", postgresql_where=text("state in ('queued','leased')")),
    Index("ix_work_harvest_open", "harvest_id", postgresql_where=text("state in ('queued','leased')")),
    schema="ops",
    comment="The ledger: every piece of work. A broker message only rings the bell for one of these rows.",
)

reading = Table(
    "reading",
    metadata,
    Column("observation_id", BigInteger, primary_key=True, comment="What was read."),
    Column("revision", Integer, nullable=False, comment="Revision of the reader."),
    Column("n_records", Integer, nullable=False, comment="Records found in it."),
    Column("read_at", Moment, nullable=False, server_default=NOW, comment="When."),
    schema="ops",
    comment="Which observations were read by which revision: an unchanged page is not read twice.",
)

walk = Table(
    "walk",
    metadata,
    Column("harvest_id", BigInteger, primary_key=True, autoincrement=False, comment="The sweep it is part of."),
    Column("walk", Integer, primary_key=True, autoincrement=False, comment="Number of the walk in the sweep, from 0."),
    Column("stream", BigInteger, nullable=False, comment="Hash of its first request: the same walk in every sweep."),
    Column("first", JSONB, nullable=False, comment="Its first request; a walk whose cursor is forgotten begins again."),
    Column("attempt", Integer, nullable=False, server_default="0", comment="How often it began again."),
    Column("seq", Integer, nullable=False, server_default="0", comment="Pages taken; moves by one, or not at all."),
    Column("n_reasked", Integer, nullable=False, server_default="0", comment="How often this page was asked again."),
    Column("n_repeated", Integer, nullable=False, server_default="0", comment="Pages that repeat another one."),
    Column("n_told", Integer, comment="How many items the source counts in it, at most."),
    Column("n_listed", Integer, comment="How many different items came, once it is over."),
    Column("is_over", Boolean, nullable=False, server_default=text("false"), comment="No page follows."),
    schema="ops",
    comment="How far each walk of a sweep came. A sweep is one walk, or one a venue, set or page.",
)

walk_page = Table(
    "walk_page",
    metadata,
    Column("harvest_id", BigInteger, primary_key=True, autoincrement=False, comment="The sweep."),
    Column("walk", Integer, primary_key=True, autoincrement=False, comment="The walk."),
    Column("attempt", Integer, primary_key=True, autoincrement=False, comment="Its attempt."),
    Column("seq", Integer, primary_key=True, autoincrement=False, comment="The page, from 0."),
    Column(
        "request_hash", BigInteger, nullable=False, comment="Hash of the request: a cursor given twice is a circle."
    ),
    Column("content_hash", BigInteger, nullable=False, comment="Hash of the bytes."),
    Column("keys", ARRAY(BigInteger), nullable=False, comment="Hashes of the items listed, to count different ones."),
    schema="ops",
    comment="Pages of walks under way, so that circles, repetitions and gaps are seen; emptied when a sweep ends.",
)

checkpoint = Table(
    "checkpoint",
    metadata,
    Column("source", Name, primary_key=True, comment="Name of the source."),
    Column("stream", BigInteger, primary_key=True, comment="Hash of the first request of the walk."),
    Column("cursor", Text, comment="The first request of the walk, secrets removed."),
    Column(
        "seq", BigInteger, nullable=False, server_default="0", comment="Rises by one with every walk that ends well."
    ),
    Column("harvest_id", BigInteger, comment="The sweep that moved it last."),
    Column("watermark", Moment, comment="Everything before was seen by a walk that ended well."),
    Column("n_listed", Integer, comment="Different items of the last walk that was whole."),
    Column("moved_at", Moment, nullable=False, server_default=NOW, comment="When it last moved."),
    schema="ops",
    comment="What we have of a source: moved by sweeps that end well, by no other. Never ahead of what is stored.",
)

held = Table(
    "held",
    metadata,
    Column("observation_id", BigInteger, primary_key=True, autoincrement=False, comment="The page that would hide."),
    Column("harvest_id", BigInteger, nullable=False, comment="The run that brought it."),
    Column("n_records", Integer, nullable=False, comment="How many records it would hide."),
    Column("held_at", Moment, nullable=False, server_default=NOW, comment="When."),
    Column("released_at", Moment, comment="When it was allowed to; null: it may not."),
    Column("released_by", Text, comment="Who allowed it: the brake itself, or a person."),
    Index(None, "harvest_id"),
    schema="ops",
    comment="Pages whose tombstones wait for the end of their run: many at once hide nothing unless a person says so.",
)

schedule = Table(
    "schedule",
    metadata,
    Column("schedule", Name, primary_key=True, comment="Name; by habit that of the source."),
    Column("source", Name, nullable=False, comment="The source to sync."),
    Column("every_s", Integer, nullable=False, comment="Seconds between slots."),
    Column("at", Text, comment="HH:MM in the zone, for schedules of a day or more; null: slots count from 1970."),
    Column("zone", Text, nullable=False, server_default="UTC", comment="IANA time zone of at."),
    Column("paused", Boolean, nullable=False, server_default=text("false"), comment="No slots while true."),
    Column("since", Moment, nullable=False, server_default=NOW, comment="No slots before."),
    CheckConstraint("every_s >= 1", name="every"),
    schema="ops",
    comment="When sources are synced.",
)

schedule_slot = Table(
    "schedule_slot",
    metadata,
    Column("schedule", Name, primary_key=True, comment="The schedule."),
    Column("slot", Moment, primary_key=True, comment="The moment it was due."),
    Column("harvest_id", BigInteger, comment="The harvest it started; null: one was still running."),
    Column("claimed_at", Moment, nullable=False, server_default=NOW, comment="When a scheduler took it."),
    schema="ops",
    comment="Slots taken: the primary key lets any number of schedulers run side by side.",
)

dead_letter = Table(
    "dead_letter",
    metadata,
    Column("dead_letter_id", BigInteger, Identity(), primary_key=True, comment="Number to quote."),
    Column("work_id", BigInteger, comment="The work that ended here."),
    Column("source", Name, comment="Name of the source."),
    Column("stage", Name, nullable=False, comment="Where it ended: fetch, parse, deduplicate ..."),
    Column("reason_hash", BigInteger, nullable=False, comment="Hash of payload and reason: one letter for each."),
    Column("sha256", LargeBinary, comment="The payload, when bytes came."),
    Column("fragment", LargeBinary, comment="The offending bytes of one record among good ones."),
    Column("error_class", Text, nullable=False, comment="Kind of error."),
    Column("detail", Text, nullable=False, comment="One sentence: place, hope, reality."),
    Column("first_seen_at", Moment, nullable=False, server_default=NOW, comment="When."),
    Column("resolved_at", Moment, comment="When it was retried with success or discarded."),
    Column("resolution", Text, comment="retried or discarded, and by whom."),
    UniqueConstraint("stage", "reason_hash"),
    schema="ops",
    comment="What cannot succeed by itself, with bytes and reason. Accounted for, never lost.",
)

host_budget = Table(
    "host_budget",
    metadata,
    Column("host_group", Name, primary_key=True, comment="Hosts that share one limit."),
    Column("next_at", Moment, nullable=False, server_default=NOW, comment="The next request may start then."),
    Column("throttled_until", Moment, comment="The host asked for silence until then."),
    Column("n_requests", BigInteger, nullable=False, server_default="0", comment="Requests so far."),
    Column("n_refused", Integer, nullable=False, server_default="0", comment="Requests refused in a row."),
    Column(
        "slowdown", Double, nullable=False, server_default="1", comment="Pauses are so many times longer than usual."
    ),
    schema="ops",
    comment="Politeness shared by all workers.",
)

host_slot = Table(
    "host_slot",
    metadata,
    Column("work_id", BigInteger, primary_key=True, autoincrement=False, comment="The fetch that asks."),
    Column("host_group", Name, nullable=False, comment="Hosts that share one limit."),
    Column("until", Moment, nullable=False, comment="A request still under way then belongs to a dead worker."),
    Index(None, "host_group"),
    schema="ops",
    comment="Requests under way, so that a host sees few at once from all workers together.",
)

source_switch = Table(
    "source_switch",
    metadata,
    Column("source", Name, primary_key=True, comment="The source that somebody switched."),
    Column("is_on", Boolean, nullable=False, comment="What they said; the sources file says otherwise or nothing."),
    Column("changed_at", Moment, nullable=False, server_default=NOW, comment="When."),
    schema="ops",
    comment="Sources switched on or off by hand: pubcat sources enable, pubcat sources disable.",
)

question = Table(
    "question",
    metadata,
    Column("source", Name, primary_key=True, comment="Who was asked."),
    Column("question_hash", BigInteger, primary_key=True, comment="Hash of what was asked."),
    Column("asked_at", Moment, nullable=False, server_default=NOW, comment="When; asked again after a period."),
    Column("harvest_id", BigInteger, comment="The one-page harvest that asks."),
    schema="ops",
    comment="Questions of enrichment, so that each is asked once per period.",
)

worker_seen = Table(
    "worker",
    metadata,
    Column("worker", Name, primary_key=True, comment="Host and process."),
    Column("role", Name, nullable=False, comment="worker or scheduler."),
    Column("started_at", Moment, nullable=False, server_default=NOW, comment="Start."),
    Column("seen_at", Moment, nullable=False, server_default=NOW, comment="Last sign of life."),
    schema="ops",
    comment="Who works; the command line follows when somebody does, else does the work itself.",
)

touched_block = Table(
    "touched_block",
    metadata,
    Column("touch_id", BigInteger, Identity(), primary_key=True, comment="Number of the row."),
    Column("blocks", ARRAY(BigInteger), nullable=False, comment="Hashes of the name blocks a batch touched."),
    Column("names", ARRAY(BigInteger), comment="Beside each block a name told of anew, null for the whole block."),
    Column("work_id", BigInteger, comment="The work that computes their people now."),
    Index(None, "work_id", postgresql_where=text("work_id is not null")),
    schema="ops",
    comment="Name blocks whose people must be computed again, a row a batch; taken together by identify.",
)
