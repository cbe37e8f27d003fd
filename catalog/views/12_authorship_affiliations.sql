create view analytics.authorship_affiliations as
select
    h.paper_id,
    h.position::int4 as author_order,
    e.n::int4 as affiliation_order,
    coalesce(h.author_id, n.author_id) as author_id,
    h.credited_as as author_name_as_published,
    e.affiliation ->> 0 as organization_name,
    mart.number_of(coalesce(e.affiliation ->> 1, catalog.fold(e.affiliation ->> 0))) as organization_id,
    e.affiliation ->> 1 as ror,
    e.affiliation ->> 2 as country_code
from catalog.authorship h
cross join lateral jsonb_array_elements(h.affiliations) with ordinality e(affiliation, n)
left join catalog.author_name n on n.name_id = h.name_id;

comment on view analytics.authorship_affiliations is
    'One row per affiliation of an author position on a paper: authors without affiliation are absent.';
comment on column analytics.authorship_affiliations.paper_id is 'The paper.';
comment on column analytics.authorship_affiliations.author_order is '1 for the first author.';
comment on column analytics.authorship_affiliations.affiliation_order is '1 for the first affiliation of this author.';
comment on column analytics.authorship_affiliations.author_id is 'The person; null until identified.';
comment on column analytics.authorship_affiliations.author_name_as_published is 'The name as printed on the paper.';
comment on column analytics.authorship_affiliations.organization_name is 'The organisation as printed.';
comment on column analytics.authorship_affiliations.organization_id is 'The organisation: see organizations.';
comment on column analytics.authorship_affiliations.ror is 'ROR id of the organisation, where a source gives it.';
comment on column analytics.authorship_affiliations.country_code is 'ISO 3166-1 alpha-2, where a source gives it.';
