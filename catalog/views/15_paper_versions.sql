-- A paper with one version does not store it: it is the paper itself, and its kind is told from the venue.
create view analytics.paper_versions as
select
    p.paper_id,
    e.n::int4 as version_order,
    e.n = 1 as is_preferred,
    e.version ->> 'kind' as version_kind,
    e.version ->> 'venue' as venue_name,
    case when e.version ->> 'date' ~ '^[1-9][0-9]{3}(-(0[1-9]|1[0-2])(-[0-9]{2})?)?$' then
        make_date(left(e.version ->> 'date', 4)::int4,
                  coalesce(nullif(substr(e.version ->> 'date', 6, 2), '')::int4, 1), 1)
        + coalesce(nullif(substr(e.version ->> 'date', 9, 2), '')::int4, 1) - 1
    end as version_date,
    case length(e.version ->> 'date') when 4 then 'year' when 7 then 'month' when 10 then 'day' end
        as version_date_precision,
    i.doi,
    i.arxiv_id,
    i.identifiers_text,
    e.version ->> 'volume' as volume,
    e.version ->> 'issue' as issue,
    e.version ->> 'pages' as pages,
    e.version ->> 'publisher' as publisher,
    (select string_agg(s, '; ' order by s) from jsonb_array_elements_text(e.version -> 'sources') s) as sources_text,
    e.version ->> 'link' as link_method
from catalog.paper p
cross join lateral jsonb_array_elements(coalesce(p.versions, jsonb_build_array(jsonb_build_object(
    'kind', case
        when p.status = 'preprint' or p.kind = 'preprint' or p.venue_kind = 'repository' then 'preprint'
        when p.venue_kind in ('journal', 'workshop') then p.venue_kind
        when p.venue_kind = 'conference' then 'proceedings'
        else 'other'
    end,
    'venue', p.venue, 'date', p.published, 'volume', p.volume, 'issue', p.issue, 'pages', p.pages,
    'publisher', p.publisher,
    'identifiers', (select coalesce(jsonb_agg(jsonb_build_array(o.scheme, o.value)), '[]')
                    from catalog.identifier o where o.paper_id = p.paper_id),
    'sources', (select coalesce(jsonb_agg(distinct r.source), '[]')
                from catalog.member m join catalog.record r using (record_id) where m.paper_id = p.paper_id)
)))) with ordinality e(version, n)
left join lateral (
    select
        min(f ->> 1) filter (where f ->> 0 = 'doi') as doi,
        min(f ->> 1) filter (where f ->> 0 = 'arxiv') as arxiv_id,
        string_agg((f ->> 0) || ':' || (f ->> 1), '; ' order by f ->> 0, f ->> 1) as identifiers_text
    from jsonb_array_elements(e.version -> 'identifiers') f
) i on true;

comment on view analytics.paper_versions is
    'One row per version of a paper: a preprint and its published article are versions of one paper.';
comment on column analytics.paper_versions.paper_id is 'The paper.';
comment on column analytics.paper_versions.version_order is '1 for the preferred version: journal before proceedings before preprint.';
comment on column analytics.paper_versions.is_preferred is 'True for the version the paper is cited by.';
comment on column analytics.paper_versions.version_kind is 'journal, proceedings, workshop, preprint or other.';
comment on column analytics.paper_versions.venue_name is 'Where this version appeared, as printed.';
comment on column analytics.paper_versions.version_date is
    'Its day; the first day of the month or year when only that is known: see version_date_precision.';
comment on column analytics.paper_versions.version_date_precision is 'day, month or year.';
comment on column analytics.paper_versions.doi is 'DOI of this version.';
comment on column analytics.paper_versions.arxiv_id is 'arXiv number of this version.';
comment on column analytics.paper_versions.identifiers_text is 'Its identifiers as scheme:value, sorted, joined by "; ".';
comment on column analytics.paper_versions.volume is 'Volume.';
comment on column analytics.paper_versions.issue is 'Issue.';
comment on column analytics.paper_versions.pages is 'Pages, as printed.';
comment on column analytics.paper_versions.publisher is 'Publisher.';
comment on column analytics.paper_versions.sources_text is
    'Sources that describe this version, joined by "; "; null when it is known by its identifier only.';
comment on column analytics.paper_versions.link_method is
    'What ties it to the preferred version: crossref_relation, datacite_relation, arxiv_doi or openalex_merge (that '
    'source names both), identifier_match (another one does) or title_match; null for the preferred version itself.';
