create view analytics.merges as
select
    p.paper_id,
    'p-' || lpad(p.paper_id::text, greatest(6, length(p.paper_id::text)), '0') as paper_key,
    p.title,
    p.n_records::int4 as n_records,
    s.n_sources,
    s.records_text,
    coalesce(f.n_redirected_papers, 0) as n_redirected_papers,
    f.redirected_paper_ids_text,
    f.last_redirected_at,
    v.weakest_score,
    v.weakest_reasons_text
from catalog.paper p
left join (
    select
        to_id,
        count(*)::int4 as n_redirected_papers,
        string_agg(from_id::text, '; ' order by from_id) as redirected_paper_ids_text,
        max(at) as last_redirected_at
    from catalog.redirect
    where entity = 'paper'
    group by to_id
) f on f.to_id = p.paper_id
left join lateral (
    select
        count(distinct r.source)::int4 as n_sources,
        string_agg(r.source || ':' || r.source_key, '; ' order by r.source, r.source_key) as records_text
    from catalog.member m
    join catalog.record r using (record_id)
    where m.paper_id = p.paper_id
) s on true
left join lateral (
    select j.score::float8 as weakest_score, left(replace(j.reasons, E'\n', '; '), 500) as weakest_reasons_text
    from catalog.member one
    join catalog.verdict j on j.record_a = one.record_id and j.verdict = 'same'
    join catalog.member other on other.record_id = j.record_b and other.paper_id = p.paper_id
    where one.paper_id = p.paper_id
    order by j.score, j.record_a, j.record_b
    limit 1
) v on true
where p.n_records > 1 or f.to_id is not null;

comment on view analytics.merges is
    'One row per paper that unites several records or took over another paper''s number.';
comment on column analytics.merges.paper_id is 'The paper.';
comment on column analytics.merges.paper_key is 'The number as people write it.';
comment on column analytics.merges.title is 'Its title.';
comment on column analytics.merges.n_records is 'Records it unites.';
comment on column analytics.merges.n_sources is 'Different sources among them.';
comment on column analytics.merges.records_text is 'The records as source:key, sorted, joined by "; ".';
comment on column analytics.merges.n_redirected_papers is 'Numbers of former papers that lead here now.';
comment on column analytics.merges.redirected_paper_ids_text is 'Those numbers, joined by "; ".';
comment on column analytics.merges.last_redirected_at is 'When the last of them was merged away.';
comment on column analytics.merges.weakest_score is
    'Score of the weakest "same" verdict among its records, in [0, 1]: look at the smallest first.';
comment on column analytics.merges.weakest_reasons_text is 'The evidence of that verdict.';
