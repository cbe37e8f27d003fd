-- The present with old values put back: of each column the earliest that changed after the moment wins.
create function analytics.papers_as_of(ts timestamptz) returns setof analytics.papers
stable language sql security definer set search_path = pg_catalog as
$$
with old as (
    select h.entity_id, h.born_at, bool_or(h.kind in ('merged', 'deleted')) as is_gone,
           jsonb_object_agg(c.key, c.value order by h.at desc, h.history_id desc) as before
    from catalog.history h
    cross join lateral jsonb_each(h.before) c(key, value)
    where h.entity = 'paper' and h.at > ts and h.born_at <= ts
    group by h.entity_id, h.born_at
),
past as (
    select p, o.before
    from catalog.paper p
    left join old o on o.entity_id = p.paper_id and o.born_at = p.created_at
    where p.created_at <= ts and o.before is null
    union all
    select jsonb_populate_record(p, o.before), o.before
    from old o
    join catalog.paper p on p.paper_id = o.entity_id and p.created_at = o.born_at
    union all
    select jsonb_populate_record(null::catalog.paper, o.before
               || jsonb_build_object('paper_id', o.entity_id, 'created_at', o.born_at)), o.before
    from old o
    where o.is_gone
)
select
    -- the columns of 10_papers.sql
from past
cross join lateral (select (past.p).*) p
left join lateral (
    select
        coalesce(min(f.value) filter (where f.scheme = 'doi' and f.value not like '10.48550/%'),
                 min(f.value) filter (where f.scheme = 'doi')) as doi,
        min(f.value) filter (where f.scheme = 'arxiv') as arxiv_id,
        min(f.value) filter (where f.scheme = 'openreview') as openreview_id,
        min(f.value) filter (where f.scheme = 'openalex') as openalex_id,
        min(f.value) filter (where f.scheme = 'dblp') as dblp_key,
        min(f.value) filter (where f.scheme = 'pmid') as pmid,
        count(*) as n
    from (
        select w.scheme, w.value from catalog.identifier w
        where w.paper_id = p.paper_id and (past.before ? 'identifiers') is not true
        union all
        select e ->> 0, e ->> 1 from jsonb_array_elements(past.before -> 'identifiers') e
    ) f
) i on true
left join lateral (
    select
        string_agg(h.credited_as, '; ' order by h.position) as author_names_text,
        min(h.credited_as) filter (where h.position = 1) as first_author_name,
        min(h.credited_as) filter (where h.position = p.n_authors) as last_author_name,
        string_agg(h.credited_as, '; ' order by h.position) filter (where h.is_corresponding)
            as corresponding_author_name
    from (
        select w.position::int8 as position, w.credited_as, w.is_corresponding from catalog.authorship w
        where w.paper_id = p.paper_id and (past.before ? 'authors') is not true
        union all
        select e.n, e.a ->> 0, (e.a ->> 3)::bool
        from jsonb_array_elements(past.before -> 'authors') with ordinality e(a, n)
    ) h
) a on true
left join lateral (
    select count(distinct r.source)::int4 as n_sources
    from (
        select m.record_id from catalog.member m
        where m.paper_id = p.paper_id and (past.before ? 'records') is not true
        union all
        select e::int8 from jsonb_array_elements_text(past.before -> 'records') e
    ) m
    join catalog.record r using (record_id)
) s on true
cross join (select null::timestamptz as citations_at) c
cross join (select null::bool as has_conflict) k
cross join (select null::int4 as n_institute_authors) o
$$;

comment on function analytics.papers_as_of(timestamptz) is
    'Papers as they stood at a moment, in the columns of papers; null in has_conflict, n_institute_authors '
    'and citations_at, which the past does not tell. Example: select * from papers_as_of(''2026-06-30'')';
