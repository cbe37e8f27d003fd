"""Schema ``catalog``: courses, their cohorts and days."""

from __future__ import annotations

from sqlalchemy import (
    REAL,
    BigInteger,
    Boolean,
    Column,
    Date,
    ForeignKey,
    Identity,
    LargeBinary,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
)
from sqlalchemy.dialects.postgresql import JSONB

from catalog.schema import NOW, Moment, Name, metadata

course = Table(
    "course",
    metadata,
    Column("course_id", BigInteger, Identity(), primary_key=True, comment="Number of the course."),
    Column("identity", Name, nullable=False, unique=True, comment="Natural key: its smallest source:source_key."),
    Column("title_fr", Text, comment="French title."),
    Column("title_en", Text, comment="English title."),
    Column("description_fr", Text, comment="French description."),
    Column("description_en", Text, comment="English description."),
    Column("provider", Text, comment="Who gives it."),
    Column("code", Text, comment="Course code."),
    Column("audience", Text, comment="For whom."),
    Column("url_fr", Text, comment="French page."),
    Column("url_en", Text, comment="English page."),
    Column("provenance", JSONB, nullable=False, comment="Field: [winning record_id, rule]."),
    Column("content_hash", LargeBinary, nullable=False, comment="Tells whether a new merge changed anything."),
    Column("created_at", Moment, nullable=False, server_default=NOW, comment="First seen."),
    Column("updated_at", Moment, nullable=False, server_default=NOW, comment="Last change."),
    schema="catalog",
    comment="One training course, merged from its records.",
)

course_member = Table(
    "course_member",
    metadata,
    Column("record_id", BigInteger, primary_key=True, comment="The record."),
    Column(
        "course_id",
        BigInteger,
        ForeignKey("catalog.course.course_id", ondelete="CASCADE"),
        nullable=False,
        comment="The course.",
    ),
    schema="catalog",
    comment="Which records make which course.",
)

offering = Table(
    "offering",
    metadata,
    Column("offering_id", BigInteger, Identity(), primary_key=True, comment="Number of the offering."),
    Column(
        "course_id",
        BigInteger,
        ForeignKey("catalog.course.course_id", ondelete="CASCADE"),
        nullable=False,
        index=True,
        comment="The course.",
    ),
    Column("position", SmallInteger, nullable=False, comment="Order among the offerings of the course."),
    Column("label", Text, comment="Cohort label as printed."),
    Column("dates_text", Text, comment="The dates as written."),
    Column("date_kind", Text, nullable=False, comment="set, range, start, deadline, coarse or none."),
    Column("start_date", Date, comment="First day."),
    Column("end_date", Date, comment="Last day."),
    Column("date_precision", Text, comment="day, month, season or year."),
    Column("year_inferred", Boolean, nullable=False, comment="The year was not written; the page's date gave it."),
    Column("date_confidence", REAL, nullable=False, comment="In [0, 1]."),
    Column("timezone", Text, nullable=False, comment="IANA zone of days and times."),
    Column("mode", Text, comment="online, onsite or blended."),
    Column("language", Text, comment="Language of instruction."),
    Column("location", Text, comment="Place."),
    Column("registration_status", Text, comment="announced, open, full or closed."),
    Column("registration_url", Text, comment="Where to register."),
    Column("registration_deadline", Date, comment="Last day to register."),
    Column("price", Text, comment="Price as printed."),
    Column("currency", Text, comment="ISO 4217."),
    UniqueConstraint("course_id", "position"),
    schema="catalog",
    comment="One cohort of a course.",
)

course_session = Table(
    "course_session",
    metadata,
    Column(
        "offering_id",
        BigInteger,
        ForeignKey("catalog.offering.offering_id", ondelete="CASCADE"),
        primary_key=True,
        comment="The offering.",
    ),
    Column("session_number", SmallInteger, primary_key=True, comment="1 for the first day."),
    Column("session_date", Date, nullable=False, comment="The day."),
    Column("start_time", Text, comment="HH:MM."),
    Column("end_time", Text, comment="HH:MM."),
    Column("location", Text, comment="Place."),
    schema="catalog",
    comment="One day of an offering.",
)

course_person = Table(
    "course_person",
    metadata,
    Column(
        "course_id",
        BigInteger,
        ForeignKey("catalog.course.course_id", ondelete="CASCADE"),
        primary_key=True,
        comment="The course.",
    ),
    Column("name", Name, primary_key=True, comment="The name as printed."),
    Column("role", Name, nullable=False, server_default="instructor", comment="instructor."),
    schema="catalog",
    comment="Who teaches a course.",
)
