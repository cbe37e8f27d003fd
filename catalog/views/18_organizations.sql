create view analytics.organizations as
select
    m.organization_id,
    m.organization_name,
    m.ror,
    m.country_code,
    m.n_papers,
    m.n_authors,
    m.first_year,
    m.last_year,
    (select r.refreshed_at from ops.refresh r where r.mart = 'organizations') as refreshed_at
from mart.organizations m;

comment on view analytics.organizations is
    'One row per organisation named as an affiliation: by ROR id where known, else by its name.';
comment on column analytics.organizations.organization_id is
    'Number of the organisation: follows from its ROR id or folded name alone, so it never changes.';
comment on column analytics.organizations.organization_name is 'The most frequent spelling.';
comment on column analytics.organizations.ror is 'ROR id, where a source gives it.';
comment on column analytics.organizations.country_code is 'Country, ISO 3166-1 alpha-2.';
comment on column analytics.organizations.n_papers is 'Papers that name it.';
comment on column analytics.organizations.n_authors is 'People who gave it.';
comment on column analytics.organizations.first_year is 'Year of the earliest of those papers.';
comment on column analytics.organizations.last_year is 'Year of the latest.';
comment on column analytics.organizations.refreshed_at is 'When it was last computed; null: not yet.';
