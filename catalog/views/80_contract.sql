create view analytics.contract as
select
    '0.3.0'::text as contract_version,
    (select string_agg(version_num, '; ' order by version_num) from public.alembic_version)::text as migration_head,
    now() as generated_at,
    'docs/README.md'::text as docs_url;

comment on view analytics.contract is 'One row per database: which promise these views keep.';
comment on column analytics.contract.contract_version is
    'Semantic version of schema analytics: columns are added in minor versions, removed in major ones.';
comment on column analytics.contract.migration_head is 'Revision of the tables below.';
comment on column analytics.contract.generated_at is 'The moment of this very answer: views are always current.';
comment on column analytics.contract.docs_url is 'Where it is described, inside the program''s repository.';
