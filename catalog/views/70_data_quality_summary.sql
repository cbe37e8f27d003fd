-- The worker counts the issues after changes and keeps one row a check and day (refresh, worker/run.py).
create view analytics.data_quality_summary as
select
    q.check_name,
    k.description,
    k.severity,
    k.entity_type,
    q.n_checked,
    q.n_failed,
    coalesce(q.n_failed / nullif(q.n_checked, 0)::float8, 0) as failed_share,
    q.example_ids_text,
    q.checked_on,
    coalesce(q.n_failed / nullif(q.n_checked, 0)::float8, 0) - before.failed_share as trend_7d,
    not exists (
        select from catalog.quality later where later.check_name = q.check_name and later.checked_on > q.checked_on
    ) as is_latest,
    q.checked_at as refreshed_at
from catalog.quality q
join mart.quality_check k using (check_name)
left join lateral (
    select coalesce(b.n_failed / nullif(b.n_checked, 0)::float8, 0) as failed_share
    from catalog.quality b
    where b.check_name = q.check_name and b.checked_on <= q.checked_on - 7
    order by b.checked_on desc
    limit 1
) before on true;

comment on view analytics.data_quality_summary is 'One row per check and day: the latest state of each day on which the worker looked.';
comment on column analytics.data_quality_summary.check_name is 'Name of the check.';
comment on column analytics.data_quality_summary.description is 'What a failure means.';
comment on column analytics.data_quality_summary.severity is 'error, warning or info.';
comment on column analytics.data_quality_summary.entity_type is 'What is checked: paper, record, course ...';
comment on column analytics.data_quality_summary.n_checked is 'How many were looked at.';
comment on column analytics.data_quality_summary.n_failed is 'How many fail.';
comment on column analytics.data_quality_summary.failed_share is 'n_failed / n_checked, 0 to 1; 0 when there is nothing to check.';
comment on column analytics.data_quality_summary.example_ids_text is 'The first five that fail, joined by "; ".';
comment on column analytics.data_quality_summary.checked_on is 'The day.';
comment on column analytics.data_quality_summary.trend_7d is
    'failed_share minus that of seven days before, or of the last day looked at before that; null when there is none.';
comment on column analytics.data_quality_summary.is_latest is 'True on the last day the check was looked at.';
comment on column analytics.data_quality_summary.refreshed_at is 'When it was last computed that day.';
