create view analytics.changelog as
select c.contract_version, c.released_on, c.view_name, c.change, c.description
from (
    values
    ('0.1.0'::text, date '2026-11-24', 'analytics'::text, 'added'::text, 'First version of the contract.'::text)
) c(contract_version, released_on, view_name, change, description);

comment on view analytics.changelog is 'One row per change of schema analytics.';
comment on column analytics.changelog.contract_version is 'Version that brought it: see contract.';
comment on column analytics.changelog.released_on is 'Day of that version.';
comment on column analytics.changelog.view_name is 'The view that changed; analytics for all.';
comment on column analytics.changelog.change is 'added, changed, deprecated or removed.';
comment on column analytics.changelog.description is 'What analysts should know.';
