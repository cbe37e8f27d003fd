"""Prepared tables (schema ``mart``) and the daily count of quality issues: which there are, computing them again."""

from __future__ import annotations

from catalog.engine import Cursor

_CHANGED = """
    (select coalesce(max(event_id), 0) from catalog.event) > (select coalesce(min(event_id), -1) from ops.refresh)
    or exists (select from ops.work where kind = 'identify' and state = 'done'
               and finished_at > (select min(refreshed_at) from ops.refresh))
"""
DIRTY = f"{_CHANGED} or (select min(refreshed_at)::date from ops.refresh) < current_date"  # noqa: S608
"""True in SQL when something changed since the prepared tables were computed, or another day began."""

_COUNT_ISSUES = """
    insert into catalog.quality (check_name, checked_on, n_checked, n_failed, example_ids_text)
    select k.check_name, current_date, n.n_checked, coalesce(f.n_failed, 0), f.example_ids_text
    from mart.quality_check k
    join (
        select 'paper' as entity_type, count(*)::int4 as n_checked from catalog.paper
        union all select 'identifier', count(distinct value)::int4 from catalog.identifier where scheme = 'doi'
        union all select 'record', count(*)::int4 from catalog.record where entity = 'paper' and not deleted
        union all select 'record pair', count(*)::int4 from catalog.verdict
        union all select 'course', count(*)::int4 from catalog.course
        union all select 'offering', count(*)::int4 from catalog.offering
        union all select 'dead letter', count(*)::int4 from ops.dead_letter
        union all select 'source', count(*)::int4 from analytics.freshness where expected_every_hours is not null
    ) n using (entity_type)
    left join (
        select check_name, count(*)::int4 as n_failed,
               string_agg(entity_id_text, '; ' order by nth) filter (where nth <= 5) as example_ids_text
        from (
            select check_name, entity_id_text,
                   row_number() over (partition by check_name order by paper_id, entity_id_text) as nth
            from analytics.data_quality_issues
        ) i
        group by check_name
    ) f using (check_name)
    on conflict (check_name, checked_on) do update set n_checked = excluded.n_checked, n_failed = excluded.n_failed,
        example_ids_text = excluded.example_ids_text, checked_at = clock_timestamp()
"""


def names(cursor: Cursor) -> list[str]:
    """The prepared tables, in the order in which they build on each other."""
    cursor.execute(
        "select relname from pg_class where relnamespace = 'mart'::regnamespace and relkind = 'm' order by oid"
    )
    return [row[0] for row in cursor.fetchall()]


def renew(cursor: Cursor, mart: str) -> None:
    """Computes one prepared table again; readers see the old one until the transaction ends."""
    cursor.execute("select mart.renew(%s)", (mart,))


def count_issues(cursor: Cursor) -> None:
    """Counts what fails the checks of data quality, for today."""
    cursor.execute(_COUNT_ISSUES)


def are_dirty(cursor: Cursor) -> bool:
    """Whether anything changed since the prepared tables were computed."""
    row = cursor.execute(f"select {_CHANGED}").fetchone()
    return bool(row and row[0])


def slowest(cursor: Cursor) -> str:
    """The prepared table that took longest last time, and how long."""
    row = cursor.execute("select mart, seconds from ops.refresh order by seconds desc limit 1").fetchone()
    return f"{row[0]} ({row[1]:.1f} s)" if row else "none"
