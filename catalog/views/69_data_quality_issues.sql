-- Live: one check of one thing is an index look-up away where it matters, and a scan where everything is asked.
create view analytics.data_quality_issues as
select i.check_name, k.severity, k.entity_type, i.entity_id_text, i.paper_id, i.label
from (
    select 'paper_without_title' as check_name, p.paper_id::text as entity_id_text, p.paper_id, p.title as label
    from catalog.paper p where p.title is null
    union all
    select 'paper_with_cut_title', p.paper_id::text, p.paper_id, p.title
    from catalog.paper p where p.title_state = 'cut'
    union all
    select 'paper_without_authors', p.paper_id::text, p.paper_id, p.title
    from catalog.paper p where p.n_authors = 0
    union all
    select 'paper_with_cut_authors', p.paper_id::text, p.paper_id, p.title
    from catalog.paper p where p.authors_state = 'cut'
    union all
    select 'paper_without_abstract', p.paper_id::text, p.paper_id, p.title
    from catalog.paper p where p.abstract is null
    union all
    select 'paper_with_cut_abstract', p.paper_id::text, p.paper_id, p.title
    from catalog.paper p where p.abstract_state = 'cut'
    union all
    select 'paper_without_year', p.paper_id::text, p.paper_id, p.title
    from catalog.paper p where p.year is null
    union all
    select 'paper_in_the_future', p.paper_id::text, p.paper_id, p.title
    from catalog.paper p where p.year > extract(year from current_date) + 1
    union all
    select 'paper_without_identifier', p.paper_id::text, p.paper_id, p.title
    from catalog.paper p where not exists (select from catalog.identifier i where i.paper_id = p.paper_id)
    union all
    select 'doi_on_several_papers', i.value, null, i.value
    from catalog.identifier i where i.scheme = 'doi' group by i.value having count(*) > 1
    union all
    select 'record_without_paper', r.record_id::text, null, r.source || ':' || r.source_key
    from catalog.record r
    where r.entity = 'paper' and not r.deleted
      and not exists (select from catalog.member m where m.record_id = r.record_id)
    union all
    select 'unsure_pair', v.record_a || '/' || v.record_b, null, a.source || ':' || a.source_key || ' / '
        || b.source || ':' || b.source_key
    from catalog.verdict v
    join catalog.record a on a.record_id = v.record_a
    join catalog.record b on b.record_id = v.record_b
    where v.verdict = 'unsure'
    union all
    select 'course_without_offering', c.course_id::text, null, coalesce(c.title_fr, c.title_en)
    from catalog.course c where not exists (select from catalog.offering o where o.course_id = c.course_id)
    union all
    select 'offering_without_date', o.offering_id::text, null, coalesce(c.title_fr, c.title_en)
    from catalog.offering o join catalog.course c using (course_id)
    where o.start_date is null and o.end_date is null
    union all
    select 'offering_year_inferred', o.offering_id::text, null, coalesce(c.title_fr, c.title_en)
    from catalog.offering o join catalog.course c using (course_id) where o.year_inferred
    union all
    select 'dead_letter_open', d.dead_letter_id::text, null, left(d.detail, 200)
    from ops.dead_letter d where d.resolved_at is null
    union all
    select 'source_late', f.source_name, null, f.last_error
    from analytics.freshness f where f.is_late
) i
join mart.quality_check k using (check_name);

comment on view analytics.data_quality_issues is
    'One row per check and thing that fails it, as of now.';
comment on column analytics.data_quality_issues.check_name is 'The check: see data_quality_summary.';
comment on column analytics.data_quality_issues.severity is 'error, warning or info.';
comment on column analytics.data_quality_issues.entity_type is 'What is checked: paper, record, course ...';
comment on column analytics.data_quality_issues.entity_id_text is 'Which one: a number, a DOI, two record numbers, a source.';
comment on column analytics.data_quality_issues.paper_id is 'The paper, where the check is about papers.';
comment on column analytics.data_quality_issues.label is 'Its title or name.';
