-- "offset 0" keeps the planner from reading the document again for every column.
create view analytics.source_records as
select
    r.source,
    r.source_key,
    r.record_id,
    m.paper_id,
    d.document ->> 'title' as title,
    left(d.document ->> 'date', 4)::int4 as publication_year,
    (
        select string_agg(e.author ->> 'name', '; ' order by e.n)
        from jsonb_array_elements(d.document -> 'authors') with ordinality e(author, n)
    ) as author_names_text,
    (
        select min(f ->> 1)
        from jsonb_array_elements(d.document -> 'identifiers') f
        where f ->> 0 = 'doi'
    ) as doi,
    r.deleted as is_deleted,
    case when d.document ? 'abstract' then coalesce(d.document ->> 'abstract_state', 'unknown') end as text_state,
    coalesce(
        (
            select e.link ->> 'url'
            from jsonb_array_elements(d.document -> 'links') with ordinality e(link, n)
            where coalesce(e.link ->> 'kind', 'landing') = 'landing'
            order by e.n
            limit 1
        ),
        case when o.request_key like 'http%' then o.request_key end
    ) as source_url,
    encode(o.sha256, 'hex') as payload_sha256,
    v.match_verdict_text,
    r.first_seen_at,
    -- They come a moment before they are read.
    greatest(r.first_seen_at, (select max(seen.fetched_at) from raw.observation seen where seen.sha256 = o.sha256))
        as last_seen_at,
    r.source_updated_at,
    r.asked as is_answer
from catalog.record r
left join catalog.member m on m.record_id = r.record_id
left join raw.observation o on o.observation_id = r.observation_id
cross join lateral (select convert_from(r.document, 'UTF8')::jsonb as document offset 0) d
left join lateral (
    select
        'same as ' || other.source || ' ' || other.source_key || ' (' || round(j.score::numeric, 2) || '): '
        || (
            select string_agg(best.line, '; ' order by best.weight desc nulls last, best.line)
            from (
                select line, substring(line from '^\S+ ([+-][0-9]+(?:\.[0-9]+)?)')::float8 as weight
                from string_to_table(j.reasons, E'\n') line
                order by weight desc nulls last, line
                limit 3
            ) best
        ) as match_verdict_text
    from (
        select record_b as other_id, score, reasons from catalog.verdict
        where record_a = r.record_id and verdict = 'same'
        union all
        select record_a, score, reasons from catalog.verdict
        where record_b = r.record_id and verdict = 'same'
    ) j
    join catalog.member mate on mate.record_id = j.other_id and mate.paper_id = m.paper_id
    join catalog.record other on other.record_id = j.other_id
    order by j.score desc, other.source, other.source_key
    limit 1
) v on true
where r.entity = 'paper';

comment on view analytics.source_records is
    'One row per record: what one source says of one work, as it says it now. Courses apart.';
comment on column analytics.source_records.source is 'Who says it.';
comment on column analytics.source_records.source_key is 'How the source names the work.';
comment on column analytics.source_records.record_id is 'Number of the record.';
comment on column analytics.source_records.paper_id is
    'The paper it became part of; null when withdrawn, not yet decided, or an answer no paper needed.';
comment on column analytics.source_records.title is 'Title in the words of the source; null when it gives none.';
comment on column analytics.source_records.publication_year is 'Year, as the source says.';
comment on column analytics.source_records.author_names_text is 'Authors, as the source says, joined by "; ".';
comment on column analytics.source_records.doi is 'DOI, as the source says; the smallest of several.';
comment on column analytics.source_records.is_deleted is 'True when the source withdrew it explicitly.';
comment on column analytics.source_records.text_state is
    'Of the abstract: whole, cut (its beginning only) or unknown; null without abstract.';
comment on column analytics.source_records.source_url is
    'Page of the work at the source; else the address it was read from; null for files.';
comment on column analytics.source_records.payload_sha256 is 'SHA-256 of the stored bytes it was read from, hexadecimal.';
comment on column analytics.source_records.match_verdict_text is
    'Why it belongs to its paper: the surest verdict that it is the same as another record of it, its score and '
    'its three strongest reasons (name, weight, detail); '
    'null when it is the paper''s only record.';
comment on column analytics.source_records.first_seen_at is 'When the record first came.';
comment on column analytics.source_records.last_seen_at is 'When the bytes it was read from last came.';
comment on column analytics.source_records.source_updated_at is 'When the source says it last changed it.';
comment on column analytics.source_records.is_answer is
    'True when it came as an answer to a question about a paper: it completes papers and founds none.';
