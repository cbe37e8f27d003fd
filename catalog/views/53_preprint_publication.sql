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
    c.title_similarity,
    c.title_changed,
    c.authors_changed,
    case
        when pub.version_kind is null then null
        when pre.link_method = 'title_match' and exists (
            select from catalog.decision d
            join catalog.decision_about x using (decision_id)
            join catalog.decision_about y using (decision_id)
            join catalog.record rx on rx.source = x.source and rx.source_key = x.source_key
            join catalog.record ry on ry.source = y.source and ry.source_key = y.source_key
            join catalog.member mx on mx.record_id = rx.record_id
            join catalog.member my on my.record_id = ry.record_id
            where d.is_live and d.entity = 'paper' and d.kind = 'same'
                and mx.paper_id = pre.paper_id and my.paper_id = pre.paper_id
                and rx.source = any(string_to_array(pre.sources_text, '; '))
                and ry.source = any(string_to_array(pub.sources_text, '; '))
        ) then 'manual'
        else pre.link_method
    end as link_method,
    case when pub.version_kind is null then null when c.record_a is null then 1 else c.score::float8 end
        as link_confidence,
    case when pub.version_kind is not null then coalesce(p.status, 'unknown') end as published_status,
    pre.version_date_precision as preprint_date_precision,
    pub.version_date_precision as published_date_precision,
    pub.version_kind as published_kind
from analytics.paper_versions pre
join catalog.paper p on p.paper_id = pre.paper_id
left join lateral (
    select v.doi, v.venue_name, v.version_date, v.version_date_precision, v.version_kind, v.sources_text
    from analytics.paper_versions v
    where v.paper_id = pre.paper_id and v.version_kind in ('journal', 'proceedings', 'workshop')
    order by v.version_order
    limit 1
) pub on true
left join lateral (
    -- One record of either version; the two closest by verdict where there are several.
    select
        a.record_id as record_a,
        v.score,
        v.reasons,
        catalog.fold(a.said ->> 'title') <> catalog.fold(b.said ->> 'title') as title_changed,
        (
            select count(*) filter (where w.n > 1) / nullif(count(*), 0)::float8
            from (
                select word, count(*) as n
                from (
                    select distinct 1 as side, word
                    from regexp_split_to_table(catalog.fold(a.said ->> 'title'), '[^[:alnum:]]+') word
                    union all
                    select distinct 2, word
                    from regexp_split_to_table(catalog.fold(b.said ->> 'title'), '[^[:alnum:]]+') word
                ) both_titles
                where word <> ''
                group by word
            ) w
        ) as title_similarity,
        (select array_agg(catalog.fold(e.author ->> 'name') order by e.n)
         from jsonb_array_elements(a.said -> 'authors') with ordinality e(author, n))
        <> (select array_agg(catalog.fold(e.author ->> 'name') order by e.n)
            from jsonb_array_elements(b.said -> 'authors') with ordinality e(author, n)) as authors_changed
    from (
        select m.record_id, r.source, convert_from(r.document, 'UTF8')::jsonb as said
        from catalog.member m join catalog.record r using (record_id)
        where m.paper_id = pre.paper_id and pub.version_kind is not null
          and r.source = any(string_to_array(pre.sources_text, '; '))
    ) a
    join (
        select m.record_id, r.source, convert_from(r.document, 'UTF8')::jsonb as said
        from catalog.member m join catalog.record r using (record_id)
        where m.paper_id = pre.paper_id and r.source = any(string_to_array(pub.sources_text, '; '))
    ) b on b.record_id <> a.record_id
    left join catalog.verdict v
        on v.record_a = least(a.record_id, b.record_id) and v.record_b = greatest(a.record_id, b.record_id)
        and v.verdict = 'same'
    order by v.score desc nulls last, a.source, b.source, a.record_id, b.record_id
    limit 1
) c on true
where pre.version_kind = 'preprint'
  -- Said of the paper too, so that only papers with a preprint are unfolded.
  and (p.versions @> '[{"kind": "preprint"}]'
       or p.versions is null and (p.status = 'preprint' or p.kind = 'preprint' or p.venue_kind = 'repository'));

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
    'Words both titles share, as a share of all their words, 0 to 1; null when one record tells of both.';
comment on column analytics.preprint_publication.title_changed is
    'True when the titles differ in more than capitals and accents; null when one record tells of both.';
comment on column analytics.preprint_publication.authors_changed is
    'True when the lists of names differ; null when one record tells of both.';
comment on column analytics.preprint_publication.link_method is
    'What links the two: crossref_relation, datacite_relation, arxiv_doi or openalex_merge (that source names both), '
    'identifier_match (another one does), title_match, or manual (a person said so); null while unpublished.';
comment on column analytics.preprint_publication.link_confidence is
    'Score of the verdict that links them, 0 to 1; 1 when one record tells of both; null when only a third record links them.';
comment on column analytics.preprint_publication.published_status is
    'Status of the paper (accepted, published, retracted ...); null while there is no published version.';
comment on column analytics.preprint_publication.preprint_date_precision is 'day, month or year.';
comment on column analytics.preprint_publication.published_date_precision is 'day, month or year.';
comment on column analytics.preprint_publication.published_kind is 'journal, proceedings or workshop.';
