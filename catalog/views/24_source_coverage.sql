create view analytics.source_coverage as
select
    m.source_name,
    m.n_records,
    m.n_papers,
    m.n_papers_only_here,
    m.title_share,
    m.authors_share,
    m.abstract_share,
    m.date_share,
    m.venue_share,
    m.doi_share,
    m.affiliations_share,
    m.citations_share,
    (select r.refreshed_at from ops.refresh r where r.mart = 'source_coverage') as refreshed_at
from mart.source_coverage m;

comment on view analytics.source_coverage is
    'One row per source: how much it tells of papers, and how much only it tells.';
comment on column analytics.source_coverage.source_name is 'The source.';
comment on column analytics.source_coverage.n_records is 'Its records of papers, withdrawn ones apart.';
comment on column analytics.source_coverage.n_papers is 'Papers they are part of.';
comment on column analytics.source_coverage.n_papers_only_here is 'Papers no other record speaks of.';
comment on column analytics.source_coverage.title_share is 'Share of its records with a title, 0 to 1.';
comment on column analytics.source_coverage.authors_share is 'Share of its records with an author, 0 to 1.';
comment on column analytics.source_coverage.abstract_share is
    'Share of its records with an abstract, whole or cut, 0 to 1.';
comment on column analytics.source_coverage.date_share is 'Share of its records with a date, 0 to 1.';
comment on column analytics.source_coverage.venue_share is 'Share of its records with a venue, 0 to 1.';
comment on column analytics.source_coverage.doi_share is 'Share of its records with a DOI, 0 to 1.';
comment on column analytics.source_coverage.affiliations_share is 'Share of its records with an affiliation, 0 to 1.';
comment on column analytics.source_coverage.citations_share is
    'Share of its records with a count of citations, 0 to 1.';
comment on column analytics.source_coverage.refreshed_at is 'When it was last computed; null: not yet.';
