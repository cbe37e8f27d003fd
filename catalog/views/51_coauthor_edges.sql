create view analytics.coauthor_edges as
select
    e.author_a_id,
    e.author_a_name,
    e.author_b_id,
    e.author_b_name,
    e.n_papers,
    e.weight_fractional,
    e.first_year,
    e.last_year,
    e.is_internal,
    a.organization_name as organization_a_name,
    b.organization_name as organization_b_name,
    e.paper_ids_text,
    true as papers_over_50_authors_excluded,
    (select r.refreshed_at from ops.refresh r where r.mart = 'coauthor_edges') as refreshed_at
from mart.coauthor_edges e
left join mart.author_counts a on a.author_id = e.author_a_id
left join mart.author_counts b on b.author_id = e.author_b_id;

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
    'Both were of the institute when at least one of these papers was published.';
comment on column analytics.coauthor_edges.organization_a_name is
    'Present organisation of a: see authors.current_organization_name.';
comment on column analytics.coauthor_edges.organization_b_name is
    'Present organisation of b.';
comment on column analytics.coauthor_edges.paper_ids_text is 'The papers, joined by "; ".';
comment on column analytics.coauthor_edges.papers_over_50_authors_excluded is
    'Always true: one paper of 3,000 authors would make 4.5 million pairs.';
comment on column analytics.coauthor_edges.refreshed_at is 'When it was last computed; null: not yet.';
