create view analytics.organization_collaboration as
select
    m.organization_a_id,
    a.organization_name as organization_a_name,
    a.country_code as country_a_code,
    m.organization_b_id,
    b.organization_name as organization_b_name,
    b.country_code as country_b_code,
    m.n_papers,
    m.first_year,
    m.last_year,
    (select r.refreshed_at from ops.refresh r where r.mart = 'organization_collaboration') as refreshed_at
from mart.organization_collaboration m
left join mart.organizations a on a.organization_id = m.organization_a_id
left join mart.organizations b on b.organization_id = m.organization_b_id;

comment on view analytics.organization_collaboration is
    'One row per unordered pair of organisations named on one paper of at most 50 authors.';
comment on column analytics.organization_collaboration.organization_a_id is 'The organisation with the smaller number.';
comment on column analytics.organization_collaboration.organization_a_name is 'Its name.';
comment on column analytics.organization_collaboration.country_a_code is 'Its country.';
comment on column analytics.organization_collaboration.organization_b_id is 'The organisation with the larger number.';
comment on column analytics.organization_collaboration.organization_b_name is 'Its name.';
comment on column analytics.organization_collaboration.country_b_code is 'Its country.';
comment on column analytics.organization_collaboration.n_papers is 'Papers that name both.';
comment on column analytics.organization_collaboration.first_year is 'Year of the first.';
comment on column analytics.organization_collaboration.last_year is 'Year of the last.';
comment on column analytics.organization_collaboration.refreshed_at is 'When it was last computed; null: not yet.';
