create view analytics.open_access_by_year as
select
    m.publication_year,
    m.scope,
    m.oa_status,
    m.n_papers,
    m.n_total,
    m.oa_share,
    m.n_with_doi,
    m.n_unknown,
    m.share_of_known,
    m.repository_copy_share,
    m.preprint_only_share,
    m.checked_at_min,
    m.checked_at_max,
    (select r.refreshed_at from ops.refresh r where r.mart = 'open_access_by_year') as refreshed_at
from mart.open_access_by_year m;

comment on view analytics.open_access_by_year is
    'One row per year, scope and open-access status; papers without year are counted under null.';
comment on column analytics.open_access_by_year.publication_year is 'Year of publication.';
comment on column analytics.open_access_by_year.scope is
    'all; institute_first and institute_last are the papers of all whose first or last author was of the institute '
    'then, as a roster says.';
comment on column analytics.open_access_by_year.oa_status is 'gold, diamond, hybrid, green, bronze, closed or unknown.';
comment on column analytics.open_access_by_year.n_papers is 'Papers of this status.';
comment on column analytics.open_access_by_year.n_total is 'All papers of the year and scope: the denominator of oa_share.';
comment on column analytics.open_access_by_year.oa_share is 'n_papers / n_total, 0 to 1.';
comment on column analytics.open_access_by_year.n_with_doi is 'Those of n_papers that have a DOI.';
comment on column analytics.open_access_by_year.n_unknown is 'Papers of the year and scope whose status nobody told.';
comment on column analytics.open_access_by_year.share_of_known is
    'n_papers / (n_total - n_unknown), 0 to 1; null in the row unknown.';
comment on column analytics.open_access_by_year.repository_copy_share is
    'Share of n_papers with a preprint version, 0 to 1.';
comment on column analytics.open_access_by_year.preprint_only_share is
    'Share of n_papers that are nothing but preprints, 0 to 1.';
comment on column analytics.open_access_by_year.checked_at_min is
    'When the bytes that tell the status came, of the paper asked about longest ago; null in the row unknown.';
comment on column analytics.open_access_by_year.checked_at_max is 'The same of the paper asked about last.';
comment on column analytics.open_access_by_year.refreshed_at is 'When it was last computed; null: not yet.';
