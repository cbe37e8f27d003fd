-- The present with old values put back: of each column the earliest that changed after the moment wins. Columns are
-- those of papers, for which tests/catalog/test_history.py stands.
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
    p.paper_id,
    'p-' || lpad(p.paper_id::text, greatest(6, length(p.paper_id::text)), '0') as paper_key,
    p.title,
    coalesce(p.title_language, 'und') as title_language,
    p.abstract,
    p.abstract_language,
    null::text as abstract_licence,
    coalesce(p.kind, 'other') as paper_type,
    case when p.published ~ '^[1-9][0-9]{3}(-(0[1-9]|1[0-2])(-[0-9]{2})?)?$' then
        make_date(left(p.published, 4)::int4, coalesce(nullif(substr(p.published, 6, 2), '')::int4, 1), 1)
        + coalesce(nullif(substr(p.published, 9, 2), '')::int4, 1) - 1
    end as publication_date,
    case length(p.published) when 4 then 'year' when 7 then 'month' when 10 then 'day' end
        as publication_date_precision,
    p.year::int4 as publication_year,
    p.created_at as first_seen_at,
    p.updated_at,
    mart.number_of(catalog.fold(p.venue)) as venue_id,
    p.venue as venue_name,
    p.venue_kind as venue_type,
    case
        when p.venue_kind in ('journal', 'conference', 'workshop') then true
        when p.venue_kind = 'repository' or p.status = 'preprint' then false
    end as is_peer_reviewed,
    coalesce(p.status, 'unknown') as publication_status,
    i.doi,
    i.arxiv_id,
    i.openreview_id,
    i.openalex_id,
    i.dblp_key,
    i.pmid,
    p.landing_url as landing_page_url,
    p.pdf_url,
    coalesce(p.oa_status, 'unknown') as oa_status,
    case
        when p.oa_status in ('gold', 'diamond', 'hybrid', 'green', 'bronze') then true
        when p.oa_status = 'closed' then false
    end as is_open_access,
    p.licence,
    p.n_authors::int4 as n_authors,
    null::int4 as n_institute_authors,
    a.author_names_text,
    a.first_author_name,
    case when p.authors_state is distinct from 'cut' then a.last_author_name end as last_author_name,
    a.corresponding_author_name,
    p.n_citations,
    p.citations_source,
    null::timestamptz as citations_at,
    s.n_sources,
    null::bool as has_conflict,
    (
        (p.title is not null and p.title_state is distinct from 'cut')::int4
        + (p.abstract is not null and p.abstract_state is distinct from 'cut')::int4
        + (p.n_authors > 0 and p.authors_state is distinct from 'cut')::int4
        + (p.year is not null)::int4
        + (p.venue is not null)::int4
        + (p.kind is not null)::int4
        + (p.landing_url is not null or p.pdf_url is not null)::int4
        + (i.n > 0)::int4
    ) / 8::float8 as quality_score,
    p.is_retracted,
    coalesce(jsonb_path_exists(p.provenance, '$.*[1] ? (@ == "person")'), false) as is_locked,
    p.title_state,
    p.abstract_state,
    p.authors_state,
    p.volume,
    p.issue,
    p.pages,
    p.publisher,
    p.language,
    array_to_string(p.topics, '; ') as topics_text,
    p.n_records::int4 as n_records
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
$$;

comment on function analytics.papers_as_of(timestamptz) is
    'Papers as they stood at a moment, in the columns of papers; null in has_conflict, n_institute_authors '
    'and citations_at, which the past does not tell. Example: select * from papers_as_of(''2026-06-30'')';
