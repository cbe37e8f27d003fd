create view analytics.sync_runs as
select
    h.harvest_id as sync_run_id,
    h.source as source_name,
    h.kind as run_kind,
    h.state,
    h.since as since_date,
    h.n_expected,
    h.n_pages,
    h.n_records,
    h.n_new,
    h.n_changed,
    h.n_unchanged,
    h.n_dead,
    h.error as error_text,
    h.requested_by,
    h.started_at,
    h.finished_at,
    extract(epoch from coalesce(h.finished_at, now()) - h.started_at)::float8 as duration_seconds
from ops.harvest h
where h.kind in ('sweep', 'file');

comment on view analytics.sync_runs is
    'One row per sync of a source or ingest of a file; questions of enrichment are left out.';
comment on column analytics.sync_runs.sync_run_id is 'Number to quote for this run.';
comment on column analytics.sync_runs.source_name is 'The source.';
comment on column analytics.sync_runs.run_kind is 'sweep (a walk through the source) or file.';
comment on column analytics.sync_runs.state is
    'running, done, suspect (ended, but what came contradicts what was expected), failed or cancelled.';
comment on column analytics.sync_runs.since_date is 'Only what changed since this day was asked for; null: everything.';
comment on column analytics.sync_runs.n_expected is 'Records the source says it has; null when it does not tell.';
comment on column analytics.sync_runs.n_pages is 'Pages received.';
comment on column analytics.sync_runs.n_records is 'Records read.';
comment on column analytics.sync_runs.n_new is 'Records never seen before.';
comment on column analytics.sync_runs.n_changed is 'Records whose content changed.';
comment on column analytics.sync_runs.n_unchanged is 'Records as they were.';
comment on column analytics.sync_runs.n_dead is 'Pages or records nobody could read.';
comment on column analytics.sync_runs.error_text is 'Why it is suspect or failed.';
comment on column analytics.sync_runs.requested_by is 'Who or what asked: schedule, command line.';
comment on column analytics.sync_runs.started_at is 'Start.';
comment on column analytics.sync_runs.finished_at is 'End; null while running.';
comment on column analytics.sync_runs.duration_seconds is 'Seconds it took, or has taken so far.';
