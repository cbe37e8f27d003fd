create view analytics.coauthor_edges as
select
    e.author_a_id,
    a.display_name as author_a_name,
    e.author_b_id,
    b.display_name as author_b_name,
    e.n_papers,
    e.weight_fractional,
    e.first_year,
    e.last_year,
    false as is_internal,
    null::text as organization_a_name,
    null::text as organization_b_name,
    e.paper_ids_text,
    true as papers_over_50_authors_excluded
from (
    select
        s.author_a_id,
        s.author_b_id,
        count(*)::int4 as n_papers,
        sum(1 / (p.n_authors - 1)::float8) as weight_fractional,
        min(p.year)::int4 as first_year,
        max(p.year)::int4 as last_year,
        string_agg(p.paper_id::text, '; ' order by p.paper_id) as paper_ids_text
    from (
        -- Grouped, because somebody may be listed twice on one paper.
        select one.paper_id, one.author_id as author_a_id, other.author_id as author_b_id
        from analytics.authorships one
        join analytics.authorships other on other.paper_id = one.paper_id and other.author_id > one.author_id
        group by 1, 2, 3
    ) s
    join catalog.paper p on p.paper_id = s.paper_id and p.n_authors between 2 and 50
    group by s.author_a_id, s.author_b_id
) e
join catalog.author a on a.author_id = e.author_a_id
join catalog.author b on b.author_id = e.author_b_id;

comment on view analytics.coauthor_edges is
    'One row per unordered pair of people who wrote together on papers of at most 50 authors.';
comment on column analytics.coauthor_edges.author_a_id is 'The person with the smaller number.';
comment on column analytics.coauthor_edges.author_a_name is 'Name of that person.';
comment on column analytics.coauthor_edges.author_b_id is 'The person with the larger number.';
comment on column analytics.coauthor_edges.author_b_name is 'Name of that person.';
comment on column analytics.coauthor_edges.n_papers is 'Papers they share.';
comment on column analytics.coauthor_edges.weight_fractional is 'Sum of 1 / (authors - 1) over those papers (Newman 2001).';
comment on column analytics.coauthor_edges.first_year is 'Year of the first.';
comment on column analytics.coauthor_edges.last_year is 'Year of the last.';
comment on column analytics.coauthor_edges.is_internal is
    'Both belong to the institute. No roster is read yet: always false.';
comment on column analytics.coauthor_edges.organization_a_name is
    'Present organisation of a. Not computed yet: always null.';
comment on column analytics.coauthor_edges.organization_b_name is
    'Present organisation of b. Not computed yet: always null.';
comment on column analytics.coauthor_edges.paper_ids_text is 'The papers, joined by "; ".';
comment on column analytics.coauthor_edges.papers_over_50_authors_excluded is
    'Always true: one paper of 3,000 authors would make 4.5 million pairs.';
