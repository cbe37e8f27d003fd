create view analytics.preprint_publication as
select
    pre.paper_id,
    coalesce(pre.venue_name, case when pre.arxiv_id is not null then 'arXiv' end, pre.sources_text) as preprint_source,
    coalesce(pre.arxiv_id, pre.doi, pre.identifiers_text) as preprint_id,
    pre.version_date as preprint_date,
    (
        select count(*)::int4 from analytics.paper_versions v
        where v.paper_id = pre.paper_id and v.version_kind = 'preprint'
    ) as n_preprint_versions,
    pub.doi as published_doi,
    pub.venue_name as published_venue_name,
    pub.version_date as published_date,
    case when pre.version_date_precision = 'day' and pub.version_date_precision = 'day' then
        pub.version_date - pre.version_date
    end as lag_days,
    null::float8 as title_similarity,
    null::bool as title_changed,
    null::bool as authors_changed,
    null::text as link_method,
    null::float8 as link_confidence,
    case when pub.version_kind is not null then coalesce(p.status, 'unknown') end as published_status,
    pre.version_date_precision as preprint_date_precision,
    pub.version_date_precision as published_date_precision,
    pub.version_kind as published_kind
from analytics.paper_versions pre
join catalog.paper p on p.paper_id = pre.paper_id
left join lateral (
    select v.doi, v.venue_name, v.version_date, v.version_date_precision, v.version_kind
    from analytics.paper_versions v
    where v.paper_id = pre.paper_id and v.version_kind in ('journal', 'proceedings', 'workshop')
    order by v.version_order
    limit 1
) pub on true
where pre.version_kind = 'preprint';

comment on view analytics.preprint_publication is
    'One row per preprint version of a paper, beside the preferred published version; unpublished ones have null '
    'published columns.';
comment on column analytics.preprint_publication.paper_id is 'The paper both are versions of.';
comment on column analytics.preprint_publication.preprint_source is 'Repository of the preprint, as far as told.';
comment on column analytics.preprint_publication.preprint_id is 'arXiv number, else DOI, else all identifiers as scheme:value.';
comment on column analytics.preprint_publication.preprint_date is
    'Its day; the first day of the month or year when only that is known: see preprint_date_precision.';
comment on column analytics.preprint_publication.n_preprint_versions is
    'Preprints of this paper in different repositories; revisions in one repository are not counted.';
comment on column analytics.preprint_publication.published_doi is 'DOI of the published version.';
comment on column analytics.preprint_publication.published_venue_name is 'Its venue, as printed.';
comment on column analytics.preprint_publication.published_date is
    'Its day; the first day of the month or year when only that is known: see published_date_precision.';
comment on column analytics.preprint_publication.lag_days is
    'Days from preprint to publication, negative when it came later; only where both days are known.';
comment on column analytics.preprint_publication.title_similarity is
    'Similarity of both titles. Not computed yet: always null.';
comment on column analytics.preprint_publication.title_changed is 'Not computed yet: always null.';
comment on column analytics.preprint_publication.authors_changed is 'Not computed yet: always null.';
comment on column analytics.preprint_publication.link_method is
    'What links the two. Not summed up yet: always null; see source_records.match_verdict_text.';
comment on column analytics.preprint_publication.link_confidence is 'How sure the link is. Not summed up yet: always null.';
comment on column analytics.preprint_publication.published_status is
    'Status of the paper (accepted, published, retracted ...); null while there is no published version.';
comment on column analytics.preprint_publication.preprint_date_precision is 'day, month or year.';
comment on column analytics.preprint_publication.published_date_precision is 'day, month or year.';
comment on column analytics.preprint_publication.published_kind is 'journal, proceedings or workshop.';
