"""Deduplicate courses: all course records become courses with their offerings and days.

Courses are few (hundreds, where papers are hundreds of thousands), so they are computed as a whole each time;
only what changed is written.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any

import msgspec
from psycopg.types.json import Jsonb

from catalog.engine import Cursor
from worker import ledger
from worker.ledger import NewWork, Work
from worker.merge.courses import CourseClaim, MergedCourse, course_identities, fix_course, merge_courses
from worker.pipeline import history, rulings
from worker.record import CourseRecord, decode

COLUMNS = (
    "identity", "title_fr", "title_en", "description_fr", "description_en", "provider", "code", "audience", "url_fr",
    "url_en",
)  # fmt: skip


def deduplicate(cursor: Cursor, work: Work) -> None:
    """Recomputes the courses from their records; one worker at a time."""
    cursor.execute("select pg_advisory_xact_lock(7208215004)")
    claims = _claims(cursor)
    groups = course_identities(claims)
    records = [sorted({claims[i].record_id for i in group}) for group in groups]
    fixed = rulings.courses(cursor).fixed(records)
    merged = [
        (records[n], fix_course(merge_courses([claims[i] for i in group]), fixed.get(n, {})))
        for n, group in enumerate(groups)
    ]
    before = {
        row[0]: (row[1], row[2])
        for row in cursor.execute("select identity, course_id, content_hash from catalog.course for update")
    }
    events: list[tuple[int, str]] = []
    past = history.course_documents(cursor, _touched(before, merged, claims))
    for identity in before.keys() - {course.identity for _, course in merged}:
        cursor.execute("delete from catalog.course where course_id = %s", (before[identity][0],))
        events.append((before[identity][0], "deleted"))
    for own, course in merged:
        seal = _seal(own, course, claims)
        old = before.get(course.identity)
        if old is None or old[1] != seal:
            course_id = _write(cursor, course, seal)
            _write_parts(cursor, course_id, own, course)
            events.append((course_id, "changed" if old else "created"))
    _keep_past(cursor, work, past)
    for course_id, kind in sorted(events):
        cursor.execute(
            "insert into catalog.event (work_id, entity, entity_id, kind) values (%s, 'course', %s, %s)",
            (work.work_id, course_id, kind),
        )
    if events:
        ledger.add(cursor, [NewWork("publish", str(work.work_id), {"batch": work.work_id})], work)


def _touched(
    before: dict[str, tuple[int, bytes]],
    merged: Sequence[tuple[Sequence[int], MergedCourse]],
    claims: Sequence[CourseClaim],
) -> list[int]:
    """Numbers of the courses that will not stay as they are."""
    seals = {course.identity: _seal(records, course, claims) for records, course in merged}
    return [course_id for identity, (course_id, seal) in before.items() if seals.get(identity) != seal]


def _keep_past(cursor: Cursor, work: Work, past: dict[int, tuple[Any, dict[str, Any]]]) -> None:
    """Keeps what courses said before, where they say something else now or are no more."""
    present = history.course_documents(cursor, list(past))
    changes = []
    for course_id, (born_at, old) in sorted(past.items()):
        new = present[course_id][1] if course_id in present else {}
        said = {name: value for name, value in old.items() if course_id not in present or new.get(name) != value}
        changes.append((course_id, born_at, "changed" if course_id in present else "deleted", said))
    history.courses(cursor, work, changes)


def _claims(cursor: Cursor) -> list[CourseClaim]:
    found = []
    for record_id, source, trust, as_of, content, document in cursor.execute(
        """
        select r.record_id, r.source, s.trust, to_char(r.as_of, 'YYYY-MM-DD'), r.content_hash, r.document
        from catalog.record r join catalog.source s on s.source = r.source
        where r.entity = 'course' and not r.deleted order by r.source, r.source_key
        """
    ):
        record = decode(document)
        assert isinstance(record, CourseRecord)
        found.append(CourseClaim(record_id, source, trust, as_of, content, record))
    return found


def _seal(records: Sequence[int], course: MergedCourse, claims: Sequence[CourseClaim]) -> bytes:
    """Sixteen bytes that change when anything stored of the course would."""
    names = sorted(f"{c.source}:{c.record.source_key}" for c in claims if c.record_id in records)
    said = msgspec.json.encode([names, course])
    return hashlib.blake2b(said, digest_size=16).digest()


def _write(cursor: Cursor, course: MergedCourse, seal: bytes) -> int:
    """The course row; its number stays what it was."""
    values = [getattr(course, column) for column in COLUMNS]
    row = cursor.execute(
        """
        insert into catalog.course as c (identity, title_fr, title_en, description_fr, description_en, provider, code,
            audience, url_fr, url_en, provenance, content_hash)
        values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
        on conflict (identity) do update set title_fr = excluded.title_fr, title_en = excluded.title_en,
            description_fr = excluded.description_fr, description_en = excluded.description_en,
            provider = excluded.provider, code = excluded.code, audience = excluded.audience,
            url_fr = excluded.url_fr, url_en = excluded.url_en, provenance = excluded.provenance,
            content_hash = excluded.content_hash, updated_at = clock_timestamp()
        returning course_id
        """,
        (*values, Jsonb(course.provenance, msgspec.json.encode), seal),
    ).fetchone()
    assert row is not None
    return int(row[0])


def _write_parts(cursor: Cursor, course_id: int, records: Sequence[int], course: MergedCourse) -> None:
    """Members, people, offerings and days, from nothing; a cohort of the same days and label keeps its number."""
    cursor.execute(
        "delete from catalog.course_member where course_id = %s or record_id = any(%s)", (course_id, list(records))
    )
    cursor.execute("delete from catalog.course_person where course_id = %s", (course_id,))
    cursor.execute(
        "delete from catalog.offering where course_id = %s returning start_date::text, end_date::text, label,"
        " offering_id",
        (course_id,),
    )
    numbers = {(start, end, label): number for start, end, label, number in cursor.fetchall()}
    cursor.execute(
        "insert into catalog.course_member (record_id, course_id) select unnest(%s::bigint[]), %s",
        (list(records), course_id),
    )
    cursor.execute(
        "insert into catalog.course_person (course_id, name) select %s, unnest(%s::text[]) on conflict do nothing",
        (course_id, list(course.instructors)),
    )
    for position, offering in enumerate(course.offerings, 1):
        values: dict[str, Any] = {
            name: getattr(offering, name)
            for name in (
                "label", "dates_text", "date_kind", "start_date", "end_date", "date_precision", "year_inferred",
                "date_confidence", "timezone", "mode", "language", "location", "registration_status",
                "registration_url", "registration_deadline", "price", "currency",
            )
        }  # fmt: skip
        days = (offering.start_date, offering.end_date, offering.label)
        row = cursor.execute(
            """
            insert into catalog.offering (offering_id, course_id, position, label, dates_text, date_kind, start_date,
                end_date, date_precision, year_inferred, date_confidence, timezone, mode, language, location,
                registration_status, registration_url, registration_deadline, price, currency)
            values (coalesce(%(number)s, nextval('catalog.offering_offering_id_seq')), %(course_id)s, %(position)s,
                %(label)s, %(dates_text)s, %(date_kind)s, %(start_date)s, %(end_date)s,
                %(date_precision)s, %(year_inferred)s, %(date_confidence)s, %(timezone)s, %(mode)s, %(language)s,
                %(location)s, %(registration_status)s, %(registration_url)s, %(registration_deadline)s, %(price)s,
                %(currency)s)
            returning offering_id
            """,
            {"course_id": course_id, "position": position, "number": numbers.pop(days, None), **values},
        ).fetchone()
        assert row is not None
        for number, session in enumerate(offering.sessions, 1):
            cursor.execute(
                "insert into catalog.course_session (offering_id, session_number, session_date, start_time, end_time,"
                " location) values (%s, %s, %s, %s, %s, %s)",
                (row[0], number, session.date, session.start_time, session.end_time, session.location),
            )
