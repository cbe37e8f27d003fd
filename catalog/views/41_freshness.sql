create view analytics.freshness as
select
    f.source_name,
    f.last_success_at,
    f.last_attempt_at,
    f.last_status,
    f.hours_since_success,
    f.expected_every_hours,
    coalesce(f.expected_every_hours is not null
             and (f.hours_since_success > 1.5 * f.expected_every_hours
                  or f.last_success_at is null
                     and f.scheduled_since < now() - 1.5 * f.expected_every_hours * interval '1 hour'),
             false) as is_late,
    f.n_records,
    f.n_new_last_run,
    f.last_error
from (
    select
        s.source as source_name,
        ok.finished_at as last_success_at,
        last.started_at as last_attempt_at,
        last.state as last_status,
        extract(epoch from now() - ok.finished_at)::float8 / 3600 as hours_since_success,
        plan.every_s::float8 / 3600 as expected_every_hours,
        plan.since as scheduled_since,
        (
            select count(*)::int4 from catalog.record r where r.source = s.source and not r.deleted
        ) as n_records,
        last.n_new as n_new_last_run,
        (
            select h.error from ops.harvest h
            where h.source = s.source and h.kind in ('sweep', 'file') and h.error is not null
            order by h.started_at desc
            limit 1
        ) as last_error
    from (
        select source from catalog.source
        union
        select source from ops.schedule
        union
        select source from ops.harvest where kind in ('sweep', 'file')
    ) s
    left join lateral (
        select h.finished_at from ops.harvest h
        where h.source = s.source and h.kind in ('sweep', 'file') and h.state = 'done'
        order by h.started_at desc
        limit 1
    ) ok on true
    left join lateral (
        select h.started_at, h.state, h.n_new from ops.harvest h
        where h.source = s.source and h.kind in ('sweep', 'file')
        order by h.started_at desc
        limit 1
    ) last on true
    left join lateral (
        select every_s, since from ops.schedule p
        where p.source = s.source and not p.paused
          and not exists (select from ops.source_switch w where w.source = s.source and not w.is_on)
        order by p.every_s
        limit 1
    ) plan on true
) f;

comment on view analytics.freshness is 'One row per source: how fresh what we know from it is.';
comment on column analytics.freshness.source_name is 'The source.';
comment on column analytics.freshness.last_success_at is 'End of the last run that ended well.';
comment on column analytics.freshness.last_attempt_at is 'Start of the last run.';
comment on column analytics.freshness.last_status is 'How that ended: running, done, suspect, failed or cancelled.';
comment on column analytics.freshness.hours_since_success is 'Hours since last_success_at.';
comment on column analytics.freshness.expected_every_hours is
    'Hours between syncs by the schedule; null when there is none, it is paused, or the source is switched off.';
comment on column analytics.freshness.is_late is
    'True when the last success, or the start of a schedule that never had one, is more than one and a half '
    'periods ago.';
comment on column analytics.freshness.n_records is 'Records of the source, withdrawn ones apart; courses and answers to questions included.';
comment on column analytics.freshness.n_new_last_run is 'Records the last run saw for the first time.';
comment on column analytics.freshness.last_error is 'The latest complaint, perhaps of an earlier run.';
