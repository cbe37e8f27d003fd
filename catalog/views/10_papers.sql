-- Each lateral join gives exactly one row, so the planner drops it when none of its columns is asked for. The columns
-- are also those of papers_as_of, which gives the same names to what it joins.
create view analytics.papers as
select
    p.paper_id,
    'p-' || lpad(p.paper_id::text, greatest(6, length(p.paper_id::text)), '0') as paper_key,
    p.title,
    coalesce(p.title_language, 'und') as title_language,
    p.abstract,
    p.abstract_language,
    null::text as abstract_licence,
    coalesce(p.kind, 'other') as paper_type,
    -- The day is added, not cast: a 30 February in a source must not break a query over all papers.
    case when p.published ~ '^[1-9][0-9]{3}(-(0[1-9]|1[0-2])(-[0-9]{2})?)?$' then
        make_date(left(p.published, 4)::int4, coalesce(nullif(substr(p.published, 6, 2), '')::int4, 1), 1)
        + coalesce(nullif(substr(p.published, 9, 2), '')::int4, 1) - 1
    end as publication_date,
    case length(p.published) when 4 then 'year' when 7 then 'month' when 10 then 'day' end
        as publication_date_precision,
    p.year::int4 as publication_year,
    p.created_at as first_seen_at,
    p.updated_at,
    mart.number_of(catalog.fold(p.venue)) as venue_id,
    p.venue as venue_name,
    p.venue_kind as venue_type,
    case
        when p.venue_kind in ('journal', 'conference', 'workshop') then true
        when p.venue_kind = 'repository' or p.status = 'preprint' then false
    end as is_peer_reviewed,
    coalesce(p.status, 'unknown') as publication_status,
    i.doi,
    i.arxiv_id,
    i.openreview_id,
    i.openalex_id,
    i.dblp_key,
    i.pmid,
    p.landing_url as landing_page_url,
    p.pdf_url,
    coalesce(p.oa_status, 'unknown') as oa_status,
    case
        when p.oa_status in ('gold', 'diamond', 'hybrid', 'green', 'bronze') then true
        when p.oa_status = 'closed' then false
    end as is_open_access,
    p.licence,
    p.n_authors::int4 as n_authors,
    o.n_institute_authors,
    a.author_names_text,
    a.first_author_name,
    case when p.authors_state is distinct from 'cut' then a.last_author_name end as last_author_name,
    a.corresponding_author_name,
    p.n_citations,
    p.citations_source,
    c.citations_at,
    s.n_sources,
    k.has_conflict,
    (
        (p.title is not null and p.title_state is distinct from 'cut')::int4
        + (p.abstract is not null and p.abstract_state is distinct from 'cut')::int4
        + (p.n_authors > 0 and p.authors_state is distinct from 'cut')::int4
        + (p.year is not null)::int4
        + (p.venue is not null)::int4
        + (p.kind is not null)::int4
        + (p.landing_url is not null or p.pdf_url is not null)::int4
        + (i.n > 0)::int4
    ) / 8::float8 as quality_score,
    p.is_retracted,
    coalesce(jsonb_path_exists(p.provenance, '$.*[1] ? (@ == "person")'), false) as is_locked,
    p.title_state,
    p.abstract_state,
    p.authors_state,
    p.volume,
    p.issue,
    p.pages,
    p.publisher,
    p.language,
    array_to_string(p.topics, '; ') as topics_text,
    p.n_records::int4 as n_records
from catalog.paper p
left join lateral (
    select
        -- The DOI of an arXiv copy is the paper's only when there is no other.
        coalesce(min(f.value) filter (where f.scheme = 'doi' and f.value not like '10.48550/%'),
                 min(f.value) filter (where f.scheme = 'doi')) as doi,
        min(f.value) filter (where f.scheme = 'arxiv') as arxiv_id,
        min(f.value) filter (where f.scheme = 'openreview') as openreview_id,
        min(f.value) filter (where f.scheme = 'openalex') as openalex_id,
        min(f.value) filter (where f.scheme = 'dblp') as dblp_key,
        min(f.value) filter (where f.scheme = 'pmid') as pmid,
        count(*) as n
    from catalog.identifier f
    where f.paper_id = p.paper_id
) i on true
left join lateral (
    select count(*)::int4 as n_institute_authors from mart.institute_authorships w where w.paper_id = p.paper_id
) o on true
left join lateral (
    select
        string_agg(h.credited_as, '; ' order by h.position) as author_names_text,
        min(h.credited_as) filter (where h.position = 1) as first_author_name,
        min(h.credited_as) filter (where h.position = p.n_authors) as last_author_name,
        string_agg(h.credited_as, '; ' order by h.position) filter (where h.is_corresponding)
            as corresponding_author_name
    from catalog.authorship h
    where h.paper_id = p.paper_id
) a on true
left join lateral (
    select count(distinct r.source)::int4 as n_sources
    from catalog.member m
    join catalog.record r using (record_id)
    where m.paper_id = p.paper_id
) s on true
left join lateral (
    select max(r.as_of) as citations_at
    from catalog.member m
    join catalog.record r using (record_id)
    where p.n_citations is not null and m.paper_id = p.paper_id
      and m.record_id = coalesce((p.provenance -> 'n_citations' ->> 0)::int8, m.record_id)
) c on true
left join lateral (
    select p.n_records > 1 and exists (
        select
        from catalog.member one
        join catalog.verdict v on v.record_a = one.record_id
        join catalog.member other on other.record_id = v.record_b and other.paper_id = p.paper_id
        where one.paper_id = p.paper_id and v.verdict <> 'same'
    ) as has_conflict
) k on true;

comment on view analytics.papers is
    'One row per paper, merged from everything the sources say about it.';
comment on column analytics.papers.paper_id is
    'Number of the paper, stable; a number merged away leads on in paper_redirects.';
comment on column analytics.papers.paper_key is 'The number as people write it: p-000123.';
comment on column analytics.papers.title is 'Title in the main language, without markup; null when no source tells it.';
comment on column analytics.papers.title_language is 'Language of the title, ISO 639-1; und when not known.';
comment on column analytics.papers.abstract is 'Abstract in the main language; see abstract_state.';
comment on column analytics.papers.abstract_language is 'Language of the abstract, ISO 639-1.';
comment on column analytics.papers.abstract_licence is 'Licence of the abstract''s text. Not collected yet: always null.';
comment on column analytics.papers.paper_type is
    'article, conference, workshop, preprint, book, book_chapter, thesis, dataset, report, review, editorial, '
    'erratum, front_matter; other when none of them or not known.';
comment on column analytics.papers.publication_date is
    'Day of publication; the first day of the month or year when only that is known: see publication_date_precision.';
comment on column analytics.papers.publication_date_precision is 'day, month or year.';
comment on column analytics.papers.publication_year is 'Year of publication.';
comment on column analytics.papers.first_seen_at is 'When the paper entered this catalog.';
comment on column analytics.papers.updated_at is 'When any field of it last changed here.';
comment on column analytics.papers.venue_id is 'Number of the venue: see venues.';
comment on column analytics.papers.venue_name is 'Journal, conference or series of the preferred version, as printed.';
comment on column analytics.papers.venue_type is 'journal, conference, workshop, repository, book or other.';
comment on column analytics.papers.is_peer_reviewed is
    'Told from venue_type alone: true for journal, conference and workshop, false for repositories and preprints, '
    'null otherwise.';
comment on column analytics.papers.publication_status is
    'preprint, accepted, published, withdrawn, retracted or unknown.';
comment on column analytics.papers.doi is
    'DOI in lower case, without address; the smallest when there are several, that of an arXiv copy last. '
    'All: paper_identifiers.';
comment on column analytics.papers.arxiv_id is 'arXiv number without version.';
comment on column analytics.papers.openreview_id is 'OpenReview id of the forum.';
comment on column analytics.papers.openalex_id is 'OpenAlex work, W and digits.';
comment on column analytics.papers.dblp_key is 'dblp key.';
comment on column analytics.papers.pmid is 'PubMed number.';
comment on column analytics.papers.landing_page_url is 'Where to read about it.';
comment on column analytics.papers.pdf_url is 'Where to read it.';
comment on column analytics.papers.oa_status is 'gold, diamond, hybrid, green, bronze, closed or unknown.';
comment on column analytics.papers.is_open_access is 'True unless oa_status is closed; null when it is unknown.';
comment on column analytics.papers.licence is 'Licence of the full text.';
comment on column analytics.papers.n_authors is 'Authors listed; fewer than printed when authors_state is cut.';
comment on column analytics.papers.n_institute_authors is
    'Authors who were of the institute when it was published: see authorships.is_institute_author.';
comment on column analytics.papers.author_names_text is 'Names as printed, in order, joined by "; ".';
comment on column analytics.papers.first_author_name is 'Name of the first author.';
comment on column analytics.papers.last_author_name is 'Name of the last author; null when the list is known to be cut.';
comment on column analytics.papers.corresponding_author_name is
    'Names of those marked as corresponding, joined by "; "; null when no source tells.';
comment on column analytics.papers.n_citations is 'Latest count of citations.';
comment on column analytics.papers.citations_source is 'Who counted the citations.';
comment on column analytics.papers.citations_at is 'The moment that count speaks of; earlier counts: citations_by_day.';
comment on column analytics.papers.n_sources is 'Different sources that speak of it.';
comment on column analytics.papers.has_conflict is
    'True when the rules doubt or deny that two of its records are the same work.';
comment on column analytics.papers.quality_score is
    'Share of eight things that are there: whole title, whole abstract, whole author list, year, venue, type, '
    'an address, an identifier.';
comment on column analytics.papers.is_retracted is 'True when a source says it was retracted.';
comment on column analytics.papers.is_locked is
    'True when a person fixed a field: which and to what, see field_provenance where is_manual.';
comment on column analytics.papers.title_state is 'whole, cut or unknown.';
comment on column analytics.papers.abstract_state is 'whole, cut (its beginning only) or unknown.';
comment on column analytics.papers.authors_state is 'whole or cut (the list goes on).';
comment on column analytics.papers.volume is 'Volume.';
comment on column analytics.papers.issue is 'Issue.';
comment on column analytics.papers.pages is 'Pages, as printed.';
comment on column analytics.papers.publisher is 'Publisher.';
comment on column analytics.papers.language is 'Language of the text, ISO 639-1.';
comment on column analytics.papers.topics_text is 'Keywords and topics, sorted, joined by "; ".';
comment on column analytics.papers.n_records is 'Records it is made of; one source may give several. See source_records.';
