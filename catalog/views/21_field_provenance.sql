-- Provenance is one column of a paper; here it is unfolded. "said" reads each record's document once a paper.
create view analytics.field_provenance as
select
    p.paper_id,
    w.field_name,
    w.value_text,
    w.source_name,
    w.source_record_id,
    w.source_url,
    w.observed_at,
    w.chosen_rule,
    w.n_agreeing_sources,
    w.n_disagreeing_sources,
    w.other_values_text,
    coalesce(w.chosen_rule = 'person', false) as is_manual,
    w.actor,
    w.source_key
from catalog.paper p
cross join lateral (
    with document as materialized (
        select m.record_id, r.source, r.source_key, r.observation_id,
               convert_from(r.document, 'UTF8')::jsonb as said
        from catalog.member m
        join catalog.record r using (record_id)
        where m.paper_id = p.paper_id
    ),
    link as materialized (
        select d.record_id,
               min(e.link ->> 'url') filter (where coalesce(e.link ->> 'kind', 'landing') = 'landing') as landing_url,
               min(e.link ->> 'url') filter (where e.link ->> 'kind' = 'pdf') as pdf_url
        from document d
        cross join lateral jsonb_array_elements(d.said -> 'links') e(link)
        group by d.record_id
    ),
    said as materialized (
        select d.source, f.field_name, f.value, f.language
        from document d
        left join link l using (record_id)
        cross join lateral (
            values
            ('title', d.said ->> 'title', d.said ->> 'title_language'),
            ('title_language', d.said ->> 'title_language', null),
            ('title_state', case when d.said ? 'title' then coalesce(d.said ->> 'title_state', 'whole') end, null),
            ('abstract', d.said ->> 'abstract', d.said ->> 'abstract_language'),
            ('abstract_language', d.said ->> 'abstract_language', null),
            ('abstract_state',
             case when d.said ? 'abstract' then coalesce(d.said ->> 'abstract_state', 'unknown') end, null),
            ('authors',
             (select string_agg(e.author ->> 'name', '; ' order by e.n)
              from jsonb_array_elements(d.said -> 'authors') with ordinality e(author, n)), null),
            ('authors_state',
             case when d.said ? 'authors' then coalesce(d.said ->> 'authors_state', 'whole') end, null),
            ('identifiers',
             (select string_agg((i ->> 0) || ':' || (i ->> 1), '; ' order by i ->> 0, i ->> 1)
              from jsonb_array_elements(d.said -> 'identifiers') i), null),
            ('kind', d.said ->> 'kind', null),
            ('publication_date', d.said ->> 'date', null),
            ('venue', d.said ->> 'venue', null),
            ('volume', d.said ->> 'volume', null),
            ('issue', d.said ->> 'issue', null),
            ('pages', d.said ->> 'pages', null),
            ('publisher', d.said ->> 'publisher', null),
            ('language', d.said ->> 'language', null),
            ('links', (select string_agg(e.link ->> 'url', '; ' order by e.link ->> 'url')
                       from jsonb_array_elements(d.said -> 'links') e(link)), null),
            ('landing_url', l.landing_url, null),
            ('pdf_url', l.pdf_url, null),
            ('topics', (select string_agg(t, '; ' order by t)
                        from jsonb_array_elements_text(d.said -> 'topics') t), null),
            ('n_citations', d.said ->> 'n_citations', null),
            ('citations_source', case when d.said ? 'n_citations' then d.source end, null),
            ('oa_status', d.said ->> 'oa_status', null),
            ('licence', d.said ->> 'licence', null),
            ('is_retracted', d.said ->> 'is_retracted', null)
        ) f(field_name, value, language)
        where f.value is not null
    ),
    kept as materialized (
        select f.field_name, f.value, f.language,
               f.field_name in ('identifiers', 'links', 'topics', 'versions', 'other_titles', 'other_abstracts')
                   as is_united,
               (p.provenance -> f.field_name ->> 0)::int8 as record_id,
               p.provenance -> f.field_name ->> 1 as rule
        from (
            values
            ('title', p.title, p.title_language),
            ('title_language', p.title_language, null),
            ('title_state', case when p.title is not null then p.title_state end, null),
            ('abstract', p.abstract, p.abstract_language),
            ('abstract_language', p.abstract_language, null),
            ('abstract_state', case when p.abstract is not null then p.abstract_state end, null),
            ('authors', (select string_agg(h.credited_as, '; ' order by h.position)
                         from catalog.authorship h where h.paper_id = p.paper_id), null),
            ('authors_state', case when p.n_authors > 0 then p.authors_state end, null),
            ('identifiers', (select string_agg(i.scheme || ':' || i.value, '; ' order by i.scheme, i.value)
                             from catalog.identifier i where i.paper_id = p.paper_id), null),
            ('kind', p.kind, null),
            ('publication_date', p.published, null),
            ('venue', p.venue, null),
            ('venue_kind', p.venue_kind, null),
            ('volume', p.volume, null),
            ('issue', p.issue, null),
            ('pages', p.pages, null),
            ('publisher', p.publisher, null),
            ('language', p.language, null),
            ('status', nullif(p.status, 'unknown'), null),
            ('links', (select string_agg(l ->> 0, '; ' order by l ->> 0) from jsonb_array_elements(p.links) l), null),
            ('landing_url', p.landing_url, null),
            ('pdf_url', p.pdf_url, null),
            ('topics', array_to_string(p.topics, '; '), null),
            ('versions', (select string_agg(v.version ->> 'kind', '; ' order by v.n)
                          from jsonb_array_elements(p.versions) with ordinality v(version, n)), null),
            ('other_titles', (select string_agg(o ->> 2, '; ' order by o ->> 1)
                              from jsonb_array_elements(p.other_texts) o where o ->> 0 = 'title'), null),
            ('other_abstracts', (select string_agg(o ->> 2, '; ' order by o ->> 1)
                                 from jsonb_array_elements(p.other_texts) o where o ->> 0 = 'abstract'), null),
            ('n_citations', p.n_citations::text, null),
            ('citations_source', p.citations_source, null),
            ('oa_status', p.oa_status, null),
            ('licence', p.licence, null),
            ('is_retracted', case when p.is_retracted then 'true' end, null)
        ) f(field_name, value, language)
        where f.value <> ''
    )
    select
        k.field_name,
        k.value as value_text,
        d.source as source_name,
        d.record_id as source_record_id,
        coalesce(l.landing_url, case when o.request_key like 'http%' then o.request_key end) as source_url,
        o.fetched_at as observed_at,
        -- One record has nothing to tell: its provenance is left out, except that an address may be built.
        case
            when p.provenance is not null then k.rule
            when k.field_name = 'landing_url' and l.landing_url is null then 'identifier'
            else 'only'
        end as chosen_rule,
        -- A paper of one record agrees with itself, where that record says the value literally.
        coalesce(c.n_agreeing_sources,
                 (exists (select from said b where b.field_name = k.field_name))::int4) as n_agreeing_sources,
        coalesce(c.n_disagreeing_sources, 0) as n_disagreeing_sources,
        c.other_values_text,
        d.source_key,
        e.actor
    from kept k
    left join document d on d.record_id = k.record_id or p.provenance is null
    left join catalog.decision e on e.decision_id = -k.record_id
    left join link l on l.record_id = d.record_id
    left join raw.observation o on o.observation_id = d.observation_id
    left join lateral (
        select * from (
            select
                count(distinct s.source) filter (where s.agrees)::int4 as n_agreeing_sources,
                count(distinct s.source) filter (where not s.agrees)::int4 as n_disagreeing_sources,
                string_agg(distinct s.source || ': ' || left(s.value, 200), '; ') filter (where not s.agrees)
                    as other_values_text
            from (
                select
                    b.source,
                    b.value,
                    -- Folding costs more than all the rest: only texts that differ are folded.
                    case
                        when k.is_united or b.value = k.value then true
                        when k.field_name in ('abstract', 'publication_date') then (
                            select starts_with(ours, theirs) or starts_with(theirs, ours)
                            from (
                                select lower(regexp_replace(k.value, '[[:space:][:punct:]]+', '', 'g')) as ours,
                                       lower(regexp_replace(b.value, '[[:space:][:punct:]]+', '', 'g')) as theirs
                                offset 0
                            ) folded
                        )
                        else lower(regexp_replace(k.value, '[[:space:][:punct:]]+', '', 'g'))
                           = lower(regexp_replace(b.value, '[[:space:][:punct:]]+', '', 'g'))
                    end as agrees
                from said b
                where b.field_name = k.field_name
                  and coalesce(b.language <> k.language, false) is false
            ) s
            offset 0
        ) counted
        where p.n_records > 1
    ) c on true
) w;

comment on view analytics.field_provenance is
    'One row per filled field of a paper: which record it comes from, by which rule, and who says otherwise.';
comment on column analytics.field_provenance.paper_id is 'The paper.';
comment on column analytics.field_provenance.field_name is
    'title, abstract, authors, publication_date, venue, identifiers, n_citations ...';
comment on column analytics.field_provenance.value_text is
    'The value that stayed; lists joined by "; ", of versions the kinds only.';
comment on column analytics.field_provenance.source_name is
    'The source that says it; of united lists the most trusted one; null when a person set it.';
comment on column analytics.field_provenance.source_record_id is 'Its record: see source_records.';
comment on column analytics.field_provenance.source_url is
    'Page of the work at that source; else the address it was read from; null for files.';
comment on column analytics.field_provenance.observed_at is 'When the bytes it was read from came.';
comment on column analytics.field_provenance.chosen_rule is
    'Why this value stayed: only, agreed, whole_text, beginning, main_language, preferred_version, more_precise, '
    'field_trust, trust, newest, tie, furthest, whole_list, longer_list, full_names, united, any, identifier '
    '(an address built from an identifier) or person.';
comment on column analytics.field_provenance.n_agreeing_sources is
    'Sources of this paper that say the same, the chosen one included; capitals, blanks and punctuation apart; a '
    'text or date that begins the other agrees, a text in another language is not counted. 0 for what no source '
    'says literally, such as status.';
comment on column analytics.field_provenance.n_disagreeing_sources is 'Sources of this paper that say otherwise.';
comment on column analytics.field_provenance.other_values_text is
    'What those say, "source: value", the first 200 characters, joined by "; ".';
comment on column analytics.field_provenance.is_manual is 'True when a person set the value.';
comment on column analytics.field_provenance.actor is 'Who set it, where is_manual.';
comment on column analytics.field_provenance.source_key is 'How that source names the work.';
