-- Prepared tables about papers, venues, topics and sources.
create materialized view mart.venues as
select
    mart.number_of(catalog.fold(p.venue)) as venue_id,
    mode() within group (order by p.venue) as venue_name,
    mode() within group (order by p.venue_kind) as venue_type,
    count(*)::int4 as n_papers,
    min(p.year)::int4 as first_year,
    max(p.year)::int4 as last_year,
    sum(p.n_citations)::int4 as n_citations
from catalog.paper p
where p.venue is not null
group by 1
with no data;
create unique index on mart.venues (venue_id);

create materialized view mart.topics as
select
    mart.number_of(t.topic) as topic_id,
    t.topic as topic_name,
    count(*)::int4 as n_papers,
    min(p.year)::int4 as first_year,
    max(p.year)::int4 as last_year
from catalog.paper p
cross join lateral unnest(p.topics) t(topic)
group by t.topic
with no data;
create unique index on mart.topics (topic_name);

create materialized view mart.papers_by_venue_year as
select
    g.publication_year,
    g.venue_id,
    v.venue_name,
    g.venue_type,
    g.paper_type,
    g.n_papers,
    case when roster.is_read then g.n_papers_fractional end as n_papers_fractional,
    case when roster.is_read then g.n_first_author_papers end as n_first_author_papers,
    case when roster.is_read then g.n_last_author_papers end as n_last_author_papers,
    g.n_open_access,
    g.n_open_access / nullif(g.n_oa_known, 0)::float8 as open_access_share,
    g.n_preprint_linked,
    g.n_citations,
    g.median_citations,
    g.n_papers / (sum(g.n_papers) over (partition by g.publication_year))::float8 as share_of_year,
    rank() over (partition by g.publication_year order by g.n_papers desc)::int4 as rank_in_year,
    case when lag(g.publication_year) over place = g.publication_year - 1 then
        g.n_papers / (lag(g.n_papers) over place)::float8 - 1
    end as yoy_change
from (
    select
        p.year::int4 as publication_year,
        mart.number_of(catalog.fold(p.venue)) as venue_id,
        p.venue_kind as venue_type,
        coalesce(p.kind, 'other') as paper_type,
        count(*)::int4 as n_papers,
        coalesce(sum(o.n / nullif(p.n_authors, 0)::float8), 0) as n_papers_fractional,
        count(*) filter (where o.is_first)::int4 as n_first_author_papers,
        count(*) filter (where o.is_last)::int4 as n_last_author_papers,
        count(*) filter (where p.oa_status in ('gold', 'diamond', 'hybrid', 'green', 'bronze'))::int4 as n_open_access,
        count(*) filter (where p.oa_status in ('gold', 'diamond', 'hybrid', 'green', 'bronze', 'closed'))::int4
            as n_oa_known,
        count(*) filter (
            where p.versions @> '[{"kind": "preprint"}]' and p.status is distinct from 'preprint'
        )::int4 as n_preprint_linked,
        sum(p.n_citations)::int4 as n_citations,
        percentile_cont(0.5) within group (order by p.n_citations) as median_citations
    from catalog.paper p
    left join (
        select paper_id, count(*) as n, bool_or(is_first) as is_first, bool_or(is_last) as is_last
        from mart.institute_authorships
        group by paper_id
    ) o using (paper_id)
    group by 1, 2, 3, 4
) g
cross join (select exists (select from mart.memberships) as is_read) roster
left join mart.venues v using (venue_id)
window place as (partition by g.venue_id, g.venue_type, g.paper_type order by g.publication_year)
with no data;
create unique index on mart.papers_by_venue_year (publication_year, venue_id, venue_type, paper_type);

create materialized view mart.papers_by_year as
select
    p.year::int4 as publication_year,
    coalesce(p.kind, 'other') as paper_type,
    count(*)::int4 as n_papers,
    count(*) filter (where p.abstract is not null)::int4 as n_with_abstract,
    count(*) filter (where d.doi)::int4 as n_with_doi,
    count(*) filter (where p.oa_status in ('gold', 'diamond', 'hybrid', 'green', 'bronze'))::int4 as n_open_access,
    count(*) filter (where p.oa_status in ('gold', 'diamond', 'hybrid', 'green', 'bronze'))
        / nullif(count(*) filter (where p.oa_status in ('gold', 'diamond', 'hybrid', 'green', 'bronze', 'closed')), 0)
            ::float8 as open_access_share,
    avg(nullif(p.n_authors, 0))::float8 as mean_authors,
    sum(p.n_citations)::int4 as n_citations,
    count(*) filter (where p.is_retracted)::int4 as n_retracted
from catalog.paper p
left join (select distinct paper_id, true as doi from catalog.identifier where scheme = 'doi') d using (paper_id)
group by 1, 2
with no data;
create unique index on mart.papers_by_year (publication_year, paper_type);

create materialized view mart.open_access_by_year as
select
    g.publication_year,
    g.scope,
    g.oa_status,
    g.n_papers,
    (sum(g.n_papers) over year)::int4 as n_total,
    g.n_papers / (sum(g.n_papers) over year)::float8 as oa_share,
    g.n_with_doi,
    coalesce(sum(g.n_papers) filter (where g.oa_status = 'unknown') over year, 0)::int4 as n_unknown,
    case when g.oa_status <> 'unknown' then
        g.n_papers / (sum(g.n_papers) filter (where g.oa_status <> 'unknown') over year)::float8
    end as share_of_known,
    g.n_in_repository / g.n_papers::float8 as repository_copy_share,
    g.n_preprint_only / g.n_papers::float8 as preprint_only_share,
    g.checked_at_min,
    g.checked_at_max
from (
    select
        p.year::int4 as publication_year,
        s.scope,
        coalesce(p.oa_status, 'unknown') as oa_status,
        count(*)::int4 as n_papers,
        count(*) filter (where d.doi)::int4 as n_with_doi,
        count(*) filter (
            where p.venue_kind = 'repository' or p.status = 'preprint' or p.versions @> '[{"kind": "preprint"}]'
        )::int4 as n_in_repository,
        count(*) filter (where p.status = 'preprint')::int4 as n_preprint_only,
        min(o.fetched_at) filter (where p.oa_status is not null) as checked_at_min,
        max(o.fetched_at) filter (where p.oa_status is not null) as checked_at_max
    from catalog.paper p
    left join (select distinct paper_id, true as doi from catalog.identifier where scheme = 'doi') d using (paper_id)
    left join catalog.record r on p.oa_status is not null and r.record_id = coalesce(
        (p.provenance -> 'oa_status' ->> 0)::int8,
        (select min(m.record_id) from catalog.member m where m.paper_id = p.paper_id))
    left join raw.observation o on o.observation_id = r.observation_id
    left join (
        select paper_id, bool_or(is_first) as is_first, bool_or(is_last) as is_last
        from mart.institute_authorships
        group by paper_id
    ) i on i.paper_id = p.paper_id
    cross join lateral (
        values ('all', true), ('institute_first', i.is_first), ('institute_last', i.is_last)
    ) s(scope, holds)
    where s.holds
    group by 1, 2, 3
) g
window year as (partition by g.publication_year, g.scope)
with no data;
create unique index on mart.open_access_by_year (publication_year, scope, oa_status);

-- A key stands in the document as "key": with its colon; inside a text quotes are escaped, so no text looks like it.
create materialized view mart.source_coverage as
select
    r.source as source_name,
    count(*)::int4 as n_records,
    count(distinct m.paper_id)::int4 as n_papers,
    count(distinct m.paper_id) filter (where p.n_records = 1)::int4 as n_papers_only_here,
    avg((position('"title":'::bytea in r.document) > 0)::int4)::float8 as title_share,
    avg((position('"authors":'::bytea in r.document) > 0)::int4)::float8 as authors_share,
    avg((position('"abstract":'::bytea in r.document) > 0)::int4)::float8 as abstract_share,
    avg((position('"date":'::bytea in r.document) > 0)::int4)::float8 as date_share,
    avg((position('"venue":'::bytea in r.document) > 0)::int4)::float8 as venue_share,
    avg((position('["doi",'::bytea in r.document) > 0)::int4)::float8 as doi_share,
    avg((position('"affiliations":'::bytea in r.document) > 0)::int4)::float8 as affiliations_share,
    avg((position('"n_citations":'::bytea in r.document) > 0)::int4)::float8 as citations_share
from catalog.record r
left join catalog.member m using (record_id)
left join catalog.paper p using (paper_id)
where r.entity = 'paper' and not r.deleted
group by r.source
with no data;
create unique index on mart.source_coverage (source_name);
