create view analytics.papers_by_year as
select
    m.publication_year,
    m.paper_type,
    m.n_papers,
    m.n_with_abstract,
    m.n_with_doi,
    m.n_open_access,
    m.open_access_share,
    m.mean_authors,
    m.n_citations,
    m.n_retracted,
    (select r.refreshed_at from ops.refresh r where r.mart = 'papers_by_year') as refreshed_at
from mart.papers_by_year m;

comment on view analytics.papers_by_year is
    'One row per year and paper type; papers without year are counted under null.';
comment on column analytics.papers_by_year.publication_year is 'Year of publication.';
comment on column analytics.papers_by_year.paper_type is 'As in papers.paper_type.';
comment on column analytics.papers_by_year.n_papers is 'Papers.';
comment on column analytics.papers_by_year.n_with_abstract is 'Those with an abstract, whole or cut.';
comment on column analytics.papers_by_year.n_with_doi is 'Those with a DOI.';
comment on column analytics.papers_by_year.n_open_access is 'Those known to be open in any colour.';
comment on column analytics.papers_by_year.open_access_share is
    'Open papers as a share of those whose status is known, 0 to 1; null when none is.';
comment on column analytics.papers_by_year.mean_authors is 'Authors a paper, over papers with authors.';
comment on column analytics.papers_by_year.n_citations is 'Sum where known; null when no count is.';
comment on column analytics.papers_by_year.n_retracted is 'Retracted papers.';
comment on column analytics.papers_by_year.refreshed_at is 'When it was last computed; null: not yet.';
