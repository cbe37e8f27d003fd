create view analytics.changelog as
select c.contract_version, c.released_on, c.view_name, c.change, c.description
from (
    values
    ('0.1.0'::text, date '2026-11-24', 'analytics'::text, 'added'::text, 'First version of the contract.'::text),
    ('0.2.0', '2026-11-25', 'analytics', 'added',
     'Organisations, venues, topics, links, history of papers, people and courses, citations by day, co-author nodes, '
     'ready counts by year and person, coverage of sources, single quality issues, sample queries; functions '
     'search_papers and papers_as_of.'),
    ('0.2.0', '2026-11-25', 'paper_versions', 'added', 'link_method: what ties a version to the preferred one.'),
    ('0.2.0', '2026-11-25', 'analytics', 'changed',
     'Ready counts are computed some seconds after changes: see refreshed_at.'),
    ('0.2.0', '2026-11-25', 'data_quality_summary', 'changed', 'One row per check and day; is_latest marks the last.'),
    ('0.2.0', '2026-11-25', 'authors', 'changed', 'n_coauthors counts papers of at most 50 authors.'),
    ('0.2.0', '2026-11-25', 'papers_by_venue_year', 'changed', 'Spellings that differ in capitals or accents are one.'),
    ('0.3.0', '2026-11-26', 'search_papers', 'changed', 'Without max_rows it gives 50 rows; lang may be auto.'),
    ('0.3.0', '2026-11-26', 'citations_by_day', 'changed',
     'A count that held for days is kept when two others came on the day it ended.'),
    ('0.3.0', '2026-11-26', 'freshness', 'changed', 'A source switched off is not late.'),
    ('0.3.0', '2026-11-26', 'memberships', 'added', 'Who is on a roster, when, as what, and which author that is.'),
    ('0.3.0', '2026-11-26', 'analytics', 'changed',
     'Columns about the institute and its members, constant before, follow from the rosters; open_access_by_year has '
     'rows of scope institute_first and institute_last.')
) c(contract_version, released_on, view_name, change, description);

comment on view analytics.changelog is 'One row per change of schema analytics.';
comment on column analytics.changelog.contract_version is 'Version that brought it: see contract.';
comment on column analytics.changelog.released_on is 'Day of that version.';
comment on column analytics.changelog.view_name is 'The view that changed; analytics for all.';
comment on column analytics.changelog.change is 'added, changed, deprecated or removed.';
comment on column analytics.changelog.description is 'What analysts should know.';
