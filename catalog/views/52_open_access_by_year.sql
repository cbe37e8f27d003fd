-- The institute scopes of the contract join once a roster says who belongs to it.
create view analytics.open_access_by_year as
select
    g.publication_year,
    'all'::text as scope,
    g.oa_status,
    g.n_papers,
    y.n_total,
    g.n_papers / y.n_total::float8 as oa_share,
    g.n_with_doi,
    y.n_unknown,
    case when g.oa_status <> 'unknown' then g.n_papers / nullif(y.n_total - y.n_unknown, 0)::float8 end
        as share_of_known,
    g.n_preprint / g.n_papers::float8 as repository_copy_share,
    g.n_preprint_only / g.n_papers::float8 as preprint_only_share,
    null::timestamptz as checked_at_min,
    null::timestamptz as checked_at_max
from (
    select
        p.year::int4 as publication_year,
        coalesce(p.oa_status, 'unknown') as oa_status,
        count(*)::int4 as n_papers,
        count(*) filter (
            where exists (select from catalog.identifier i where i.paper_id = p.paper_id and i.scheme = 'doi')
        )::int4 as n_with_doi,
        count(*) filter (
            where p.status = 'preprint' or p.versions @> '[{"kind": "preprint"}]'
        )::int4 as n_preprint,
        count(*) filter (where p.status = 'preprint')::int4 as n_preprint_only
    from catalog.paper p
    group by 1, 2
) g
join (
    select
        p.year::int4 as publication_year,
        count(*)::int4 as n_total,
        count(*) filter (where p.oa_status is null or p.oa_status = 'unknown')::int4 as n_unknown
    from catalog.paper p
    group by 1
) y on y.publication_year is not distinct from g.publication_year;

comment on view analytics.open_access_by_year is
    'One row per year, scope and open-access status; papers without year are counted under null.';
comment on column analytics.open_access_by_year.publication_year is 'Year of publication.';
comment on column analytics.open_access_by_year.scope is
    'all. institute_first and institute_last follow once a roster is read.';
comment on column analytics.open_access_by_year.oa_status is 'gold, diamond, hybrid, green, bronze, closed or unknown.';
comment on column analytics.open_access_by_year.n_papers is 'Papers of this status.';
comment on column analytics.open_access_by_year.n_total is 'All papers of the year: the denominator of oa_share.';
comment on column analytics.open_access_by_year.oa_share is 'n_papers / n_total, 0 to 1.';
comment on column analytics.open_access_by_year.n_with_doi is 'Those of n_papers that have a DOI.';
comment on column analytics.open_access_by_year.n_unknown is 'Papers of the year whose status nobody told.';
comment on column analytics.open_access_by_year.share_of_known is
    'n_papers / (n_total - n_unknown), 0 to 1; null in the row unknown.';
comment on column analytics.open_access_by_year.repository_copy_share is
    'Share of n_papers with a preprint version, 0 to 1.';
comment on column analytics.open_access_by_year.preprint_only_share is
    'Share of n_papers that are nothing but preprints, 0 to 1.';
comment on column analytics.open_access_by_year.checked_at_min is 'Oldest check. Not kept yet: always null.';
comment on column analytics.open_access_by_year.checked_at_max is 'Latest check. Not kept yet: always null.';
