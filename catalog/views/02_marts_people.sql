-- Prepared tables about people, computed again by the worker after changes (refresh, worker/run.py). The unique
-- index lets a refresh run beside readers.
create materialized view mart.coauthor_edges as
with author as materialized (
    -- Distinct, because somebody may be listed twice on one paper.
    select distinct h.paper_id, coalesce(h.author_id, n.author_id) as author_id, o.author_id is not null as is_ours
    from catalog.authorship h
    join catalog.author_name n using (name_id)
    join catalog.paper p on p.paper_id = h.paper_id and p.n_authors between 2 and 50
    left join mart.institute_authorships o
        on o.paper_id = h.paper_id and o.author_id = coalesce(h.author_id, n.author_id)
),
edge as (
    select
        one.author_id as author_a_id,
        other.author_id as author_b_id,
        count(*)::int4 as n_papers,
        sum(1 / (p.n_authors - 1)::float8) as weight_fractional,
        min(p.year)::int4 as first_year,
        max(p.year)::int4 as last_year,
        bool_or(one.is_ours and other.is_ours) as is_internal,
        array_to_string(array_agg(p.paper_id order by p.paper_id), '; ') as paper_ids_text
    from author one
    join author other on other.paper_id = one.paper_id and other.author_id > one.author_id
    join catalog.paper p on p.paper_id = one.paper_id
    group by 1, 2
)
select
    e.author_a_id, a.display_name as author_a_name, e.author_b_id, b.display_name as author_b_name, e.n_papers,
    e.weight_fractional, e.first_year, e.last_year, e.is_internal, e.paper_ids_text
from edge e
join catalog.author a on a.author_id = e.author_a_id
join catalog.author b on b.author_id = e.author_b_id
with no data;
create unique index on mart.coauthor_edges (author_a_id, author_b_id);
create index on mart.coauthor_edges (author_b_id);
create index on mart.coauthor_edges (n_papers);

create materialized view mart.coauthor_nodes as
with place as (
    select c.author_id, c.component_id
    from (select array_agg(author_a_id) as a, array_agg(author_b_id) as b from mart.coauthor_edges) e
    cross join lateral mart.components(e.a, e.b) c
),
degree as (
    select author_id, count(*)::int4 as degree, sum(weight_fractional) as weighted_degree
    from (
        select author_a_id as author_id, weight_fractional from mart.coauthor_edges
        union all
        select author_b_id, weight_fractional from mart.coauthor_edges
    ) e
    group by author_id
)
select author_id, d.degree, d.weighted_degree, p.component_id
from degree d
join place p using (author_id)
with no data;
create unique index on mart.coauthor_nodes (author_id);

create materialized view mart.author_productivity as
select
    h.author_id,
    p.year::int4 as publication_year,
    count(*)::int4 as n_papers,
    sum(1 / nullif(p.n_authors, 0)::float8) as n_papers_fractional,
    count(*) filter (where h.is_first)::int4 as n_first_author_papers,
    count(*) filter (where h.last = p.n_authors and p.authors_state is distinct from 'cut')::int4
        as n_last_author_papers,
    count(*) filter (where p.oa_status in ('gold', 'diamond', 'hybrid', 'green', 'bronze'))::int4 as n_open_access,
    sum(p.n_citations)::int4 as n_citations
from (
    select
        h.paper_id,
        coalesce(h.author_id, n.author_id) as author_id,
        bool_or(h.position = 1) as is_first,
        max(h.position) as last
    from catalog.authorship h
    join catalog.author_name n using (name_id)
    group by 1, 2
) h
join catalog.paper p using (paper_id)
where h.author_id is not null
group by 1, 2
with no data;
create unique index on mart.author_productivity (author_id, publication_year);

create materialized view mart.author_counts as
with written as (
    select
        author_id,
        sum(n_papers)::int4 as n_papers,
        coalesce(sum(n_papers) filter (where publication_year > extract(year from current_date) - 5), 0)::int4
            as n_papers_last_5y,
        sum(n_citations)::int4 as n_citations,
        min(publication_year) as first_publication_year,
        max(publication_year) as last_publication_year
    from mart.author_productivity
    group by author_id
),
author as (
    select distinct coalesce(h.author_id, n.author_id) as author_id, h.paper_id
    from catalog.authorship h
    join catalog.author_name n using (name_id)
    join catalog.paper p on p.paper_id = h.paper_id and p.n_citations > 0
),
cited as (
    select
        a.author_id,
        p.n_citations,
        row_number() over (partition by a.author_id order by p.n_citations desc) as nth
    from author a
    join catalog.paper p using (paper_id)
),
hirsch as (
    select author_id, count(*)::int4 as h_index from cited where n_citations >= nth group by author_id
),
place as (
    select distinct on (author_id) author_id, organization_id, organization_name
    from (
        select
            coalesce(h.author_id, n.author_id) as author_id,
            mart.number_of(coalesce(e.affiliation ->> 1, catalog.fold(e.affiliation ->> 0))) as organization_id,
            e.affiliation ->> 0 as organization_name,
            p.year,
            p.paper_id,
            e.n
        from catalog.authorship h
        join catalog.author_name n using (name_id)
        join catalog.paper p using (paper_id)
        cross join lateral jsonb_array_elements(h.affiliations) with ordinality e(affiliation, n)
    ) told
    where author_id is not null
    order by author_id, year desc nulls last, paper_id desc, n
)
select
    w.*, coalesce(d.degree, 0) as n_coauthors, coalesce(k.h_index, 0) as h_index, place.organization_id,
    place.organization_name
from written w
left join mart.coauthor_nodes d using (author_id)
left join hirsch k using (author_id)
left join place using (author_id)
with no data;
create unique index on mart.author_counts (author_id);
create index on mart.author_counts (n_papers);

create materialized view mart.organizations as
with told as materialized (
    select distinct
        mart.number_of(coalesce(e.affiliation ->> 1, catalog.fold(e.affiliation ->> 0))) as organization_id,
        e.affiliation ->> 0 as name,
        e.affiliation ->> 1 as ror,
        e.affiliation ->> 2 as country_code,
        h.paper_id,
        coalesce(h.author_id, n.author_id) as author_id
    from catalog.authorship h
    join catalog.author_name n using (name_id)
    cross join lateral jsonb_array_elements(h.affiliations) e(affiliation)
    where coalesce(e.affiliation ->> 1, e.affiliation ->> 0) is not null
)
select
    t.organization_id,
    mode() within group (order by t.name) as organization_name,
    min(t.ror) as ror,
    mode() within group (order by t.country_code) as country_code,
    count(distinct t.paper_id)::int4 as n_papers,
    count(distinct t.author_id)::int4 as n_authors,
    min(p.year)::int4 as first_year,
    max(p.year)::int4 as last_year
from told t
join catalog.paper p using (paper_id)
group by t.organization_id
with no data;
create unique index on mart.organizations (organization_id);

create materialized view mart.organization_collaboration as
with place as materialized (
    select distinct
        h.paper_id, mart.number_of(coalesce(e.affiliation ->> 1, catalog.fold(e.affiliation ->> 0))) as organization_id
    from catalog.authorship h
    join catalog.paper p on p.paper_id = h.paper_id and p.n_authors between 2 and 50
    cross join lateral jsonb_array_elements(h.affiliations) e(affiliation)
    where coalesce(e.affiliation ->> 1, e.affiliation ->> 0) is not null
)
select
    one.organization_id as organization_a_id,
    other.organization_id as organization_b_id,
    count(*)::int4 as n_papers,
    min(p.year)::int4 as first_year,
    max(p.year)::int4 as last_year
from place one
join place other on other.paper_id = one.paper_id and other.organization_id > one.organization_id
join catalog.paper p on p.paper_id = one.paper_id
group by 1, 2
with no data;
create unique index on mart.organization_collaboration (organization_a_id, organization_b_id);
