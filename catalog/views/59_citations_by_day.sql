-- A count lives until history says that it changed: a day without change costs nothing.
create view analytics.citations_by_day as
select
    s.paper_id,
    s.from_day as counted_from_date,
    s.until_day as counted_until_date,
    s.n_citations,
    s.citations_source
from (
    select
        t.paper_id,
        coalesce(lag(t.until) over life, t.born_at)::date as from_day,
        t.until::date as until_day,
        t.n_citations,
        t.citations_source
    from (
        select h.entity_id as paper_id, h.born_at, h.at as until, (h.before ->> 'n_citations')::int4 as n_citations,
               h.before ->> 'citations_source' as citations_source
        from catalog.history h
        where h.entity = 'paper' and h.before ? 'n_citations'
        union all
        select p.paper_id, p.created_at, null, p.n_citations, p.citations_source
        from catalog.paper p
    ) t
    window life as (partition by t.paper_id, t.born_at order by t.until nulls last)
) s
where s.n_citations is not null and s.from_day is distinct from s.until_day;

comment on view analytics.citations_by_day is
    'One row per count of citations of a paper and the days on which it held; of one day the last count stays.';
comment on column analytics.citations_by_day.paper_id is 'The paper.';
comment on column analytics.citations_by_day.counted_from_date is 'First day on which this catalog knew that count.';
comment on column analytics.citations_by_day.counted_until_date is 'Day on which another count came; null for the present one.';
comment on column analytics.citations_by_day.n_citations is 'The count.';
comment on column analytics.citations_by_day.citations_source is 'Who counted; null when the counter is that of the next row.';
