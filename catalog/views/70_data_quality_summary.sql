-- Checks of papers share one pass over the table; a slice of an aggregate gives the examples.
create view analytics.data_quality_summary as
with paper as (
    select
        count(*)::int4 as n,
        array_agg(p.paper_id order by p.paper_id) filter (where p.title is null) as no_title,
        array_agg(p.paper_id order by p.paper_id) filter (where p.title_state = 'cut') as cut_title,
        array_agg(p.paper_id order by p.paper_id) filter (where p.n_authors = 0) as no_authors,
        array_agg(p.paper_id order by p.paper_id) filter (where p.authors_state = 'cut') as cut_authors,
        array_agg(p.paper_id order by p.paper_id) filter (where p.abstract is null) as no_abstract,
        array_agg(p.paper_id order by p.paper_id) filter (where p.abstract_state = 'cut') as cut_abstract,
        array_agg(p.paper_id order by p.paper_id) filter (where p.year is null) as no_year,
        array_agg(p.paper_id order by p.paper_id) filter (where p.year > extract(year from current_date) + 1)
            as future_year,
        array_agg(p.paper_id order by p.paper_id) filter (
            where not exists (select from catalog.identifier i where i.paper_id = p.paper_id)
        ) as no_identifier
    from catalog.paper p
),
shared as (
    select count(*)::int4 as n, array_agg(i.value order by i.value) filter (where i.n_papers > 1) as dois
    from (select value, count(*) as n_papers from catalog.identifier where scheme = 'doi' group by value) i
),
record as (
    select
        count(*)::int4 as n,
        array_agg(r.record_id order by r.record_id) filter (
            where not exists (select from catalog.member m where m.record_id = r.record_id)
        ) as homeless
    from catalog.record r
    where r.entity = 'paper' and not r.deleted
),
verdict as (
    select
        count(*)::int4 as n,
        array_agg(v.record_a || '/' || v.record_b order by v.record_a, v.record_b)
            filter (where v.verdict = 'unsure') as unsure
    from catalog.verdict v
),
offering as (
    select
        count(*)::int4 as n,
        array_agg(o.offering_id order by o.offering_id) filter (where o.start_date is null and o.end_date is null)
            as no_date,
        array_agg(o.offering_id order by o.offering_id) filter (where o.year_inferred) as inferred
    from catalog.offering o
),
course as (
    select
        count(*)::int4 as n,
        array_agg(c.course_id order by c.course_id) filter (
            where not exists (select from catalog.offering o where o.course_id = c.course_id)
        ) as no_offering
    from catalog.course c
),
letter as (
    select
        count(*)::int4 as n,
        array_agg(d.dead_letter_id order by d.dead_letter_id) filter (where d.resolved_at is null) as unresolved
    from ops.dead_letter d
),
late as (
    select count(*)::int4 as n, array_agg(f.source_name order by f.source_name) filter (where f.is_late) as sources
    from analytics.freshness f
    where f.expected_every_hours is not null
)
select
    c.check_name,
    c.description,
    c.severity,
    c.entity_type,
    c.n_checked,
    coalesce(cardinality(c.failed), 0) as n_failed,
    coalesce(coalesce(cardinality(c.failed), 0) / nullif(c.n_checked, 0)::float8, 0) as failed_share,
    array_to_string(c.failed[1:5], '; ') as example_ids_text,
    current_date as checked_on,
    null::float8 as trend_7d
from paper, shared, record, verdict, offering, course, letter, late
cross join lateral (
    values
    ('paper_without_title', 'No source tells the title.', 'error', 'paper', paper.n, paper.no_title::text[]),
    ('paper_with_cut_title', 'Only the beginning of the title is known.', 'warning', 'paper', paper.n,
     paper.cut_title::text[]),
    ('paper_without_authors', 'No source tells an author.', 'error', 'paper', paper.n, paper.no_authors::text[]),
    ('paper_with_cut_authors', 'The author list is known to go on.', 'warning', 'paper', paper.n,
     paper.cut_authors::text[]),
    ('paper_without_abstract', 'No source tells the abstract.', 'info', 'paper', paper.n, paper.no_abstract::text[]),
    ('paper_with_cut_abstract', 'Only the beginning of the abstract is known.', 'warning', 'paper', paper.n,
     paper.cut_abstract::text[]),
    ('paper_without_year', 'No source tells the year.', 'warning', 'paper', paper.n, paper.no_year::text[]),
    ('paper_in_the_future', 'The year is later than next year.', 'error', 'paper', paper.n,
     paper.future_year::text[]),
    ('paper_without_identifier', 'No DOI, arXiv number or other identifier.', 'info', 'paper', paper.n,
     paper.no_identifier::text[]),
    ('doi_on_several_papers', 'One DOI stands on several papers.', 'warning', 'identifier', shared.n, shared.dois),
    ('record_without_paper', 'A record that became part of no paper (answers of enrichment may).', 'info', 'record',
     record.n, record.homeless::text[]),
    ('unsure_pair', 'Two records of which the rules cannot say whether they are the same work.', 'warning',
     'record pair', verdict.n, verdict.unsure),
    ('course_without_offering', 'A course of which no cohort is known.', 'info', 'course', course.n,
     course.no_offering::text[]),
    ('offering_without_date', 'A cohort of which no day is known.', 'warning', 'offering', offering.n,
     offering.no_date::text[]),
    ('offering_year_inferred', 'The year comes from the date of the page.', 'info', 'offering', offering.n,
     offering.inferred::text[]),
    ('dead_letter_open', 'A page or record nobody could read, not yet retried or discarded.', 'error',
     'dead letter', letter.n, letter.unresolved::text[]),
    ('source_late', 'A scheduled source whose last success is too long ago.', 'error', 'source', late.n,
     late.sources)
) c(check_name, description, severity, entity_type, n_checked, failed);

comment on view analytics.data_quality_summary is 'One row per check, computed now.';
comment on column analytics.data_quality_summary.check_name is 'Name of the check.';
comment on column analytics.data_quality_summary.description is 'What a failure means.';
comment on column analytics.data_quality_summary.severity is 'error, warning or info.';
comment on column analytics.data_quality_summary.entity_type is 'What is checked: paper, record, course ...';
comment on column analytics.data_quality_summary.n_checked is 'How many were looked at.';
comment on column analytics.data_quality_summary.n_failed is 'How many fail.';
comment on column analytics.data_quality_summary.failed_share is 'n_failed / n_checked, 0 to 1; 0 when there is nothing to check.';
comment on column analytics.data_quality_summary.example_ids_text is 'The first five that fail, joined by "; ".';
comment on column analytics.data_quality_summary.checked_on is 'Today.';
comment on column analytics.data_quality_summary.trend_7d is
    'Change of failed_share in seven days. History is not kept yet: always null.';
