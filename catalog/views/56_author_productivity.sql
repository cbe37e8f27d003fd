create view analytics.author_productivity as
select
    m.author_id,
    u.display_name,
    m.publication_year,
    m.n_papers,
    m.n_papers_fractional,
    m.n_first_author_papers,
    m.n_last_author_papers,
    m.n_open_access,
    m.n_citations,
    (select r.refreshed_at from ops.refresh r where r.mart = 'author_productivity') as refreshed_at
from mart.author_productivity m
left join catalog.author u using (author_id);

comment on view analytics.author_productivity is
    'One row per person and year of publication; papers without year are counted under null.';
comment on column analytics.author_productivity.author_id is 'The person.';
comment on column analytics.author_productivity.display_name is 'Name of the person.';
comment on column analytics.author_productivity.publication_year is 'Year of publication.';
comment on column analytics.author_productivity.n_papers is 'Papers.';
comment on column analytics.author_productivity.n_papers_fractional is 'Sum of 1 / authors over them.';
comment on column analytics.author_productivity.n_first_author_papers is 'Those with this person first.';
comment on column analytics.author_productivity.n_last_author_papers is
    'Those with this person last, where the author list is not cut.';
comment on column analytics.author_productivity.n_open_access is 'Those known to be open in any colour.';
comment on column analytics.author_productivity.n_citations is 'Sum where known; null when no count is.';
comment on column analytics.author_productivity.refreshed_at is 'When it was last computed; null: not yet.';
