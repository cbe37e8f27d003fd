create view analytics.duplicate_candidates as
select
    v.record_a as record_a_id,
    v.record_b as record_b_id,
    a.source as source_a,
    a.source_key as source_key_a,
    b.source as source_b,
    b.source_key as source_key_b,
    ma.paper_id as paper_a_id,
    mb.paper_id as paper_b_id,
    coalesce(ma.paper_id = mb.paper_id, false) as is_same_paper,
    pa.title as title_a,
    pb.title as title_b,
    v.score::float8 as score,
    replace(v.reasons, E'\n', '; ') as reasons_text
from catalog.verdict v
join catalog.record a on a.record_id = v.record_a
join catalog.record b on b.record_id = v.record_b
left join catalog.member ma on ma.record_id = v.record_a
left join catalog.member mb on mb.record_id = v.record_b
left join catalog.paper pa on pa.paper_id = ma.paper_id
left join catalog.paper pb on pb.paper_id = mb.paper_id
where v.verdict = 'unsure';

comment on view analytics.duplicate_candidates is
    'One row per pair of records of which the rules cannot say whether they are the same work.';
comment on column analytics.duplicate_candidates.record_a_id is 'One record: the smaller number.';
comment on column analytics.duplicate_candidates.record_b_id is 'The other record.';
comment on column analytics.duplicate_candidates.source_a is 'Source of the one.';
comment on column analytics.duplicate_candidates.source_key_a is 'How that source names it.';
comment on column analytics.duplicate_candidates.source_b is 'Source of the other.';
comment on column analytics.duplicate_candidates.source_key_b is 'How that source names it.';
comment on column analytics.duplicate_candidates.paper_a_id is 'Paper of the one.';
comment on column analytics.duplicate_candidates.paper_b_id is 'Paper of the other.';
comment on column analytics.duplicate_candidates.is_same_paper is
    'True when other evidence, or a third record, has united them nevertheless.';
comment on column analytics.duplicate_candidates.title_a is 'Title of the one''s paper.';
comment on column analytics.duplicate_candidates.title_b is 'Title of the other''s paper.';
comment on column analytics.duplicate_candidates.score is 'In [0, 1]; 1 would be surely the same work.';
comment on column analytics.duplicate_candidates.reasons_text is 'The evidence for and against, joined by "; ".';
