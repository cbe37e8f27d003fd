create view analytics.courses as
select
    c.course_id,
    'c-' || lpad(c.course_id::text, greatest(6, length(c.course_id::text)), '0') as course_key,
    c.title_fr as course_title_fr,
    c.title_en as course_title_en,
    c.description_fr,
    c.description_en,
    c.provider as provider_name,
    c.code as course_code,
    c.audience as audience_text,
    c.url_fr,
    c.url_en,
    coalesce(o.n_offerings, 0) as n_offerings,
    o.next_start_date,
    p.instructor_names_text,
    s.sources_text,
    c.created_at as first_seen_at,
    c.updated_at
from catalog.course c
left join lateral (
    select
        count(*)::int4 as n_offerings,
        min(f.start_date) filter (where f.start_date >= current_date) as next_start_date
    from catalog.offering f
    where f.course_id = c.course_id
) o on true
left join lateral (
    select string_agg(t.name, '; ' order by t.name) as instructor_names_text
    from catalog.course_person t
    where t.course_id = c.course_id and t.role = 'instructor'
) p on true
left join (
    select m.course_id, string_agg(distinct r.source, '; ') as sources_text
    from catalog.course_member m
    join catalog.record r using (record_id)
    group by m.course_id
) s on s.course_id = c.course_id;

comment on view analytics.courses is 'One row per training course, merged from everything the sources say about it.';
comment on column analytics.courses.course_id is 'Number of the course, stable.';
comment on column analytics.courses.course_key is 'The number as people write it: c-000012.';
comment on column analytics.courses.course_title_fr is 'French title.';
comment on column analytics.courses.course_title_en is 'English title.';
comment on column analytics.courses.description_fr is 'French description.';
comment on column analytics.courses.description_en is 'English description.';
comment on column analytics.courses.provider_name is 'Who gives it.';
comment on column analytics.courses.course_code is 'Course code.';
comment on column analytics.courses.audience_text is 'For whom it is, as printed.';
comment on column analytics.courses.url_fr is 'French page.';
comment on column analytics.courses.url_en is 'English page.';
comment on column analytics.courses.n_offerings is 'Cohorts known, past ones included.';
comment on column analytics.courses.next_start_date is 'First day of the next cohort from today on; null when none is known.';
comment on column analytics.courses.instructor_names_text is 'Instructors, joined by "; ".';
comment on column analytics.courses.sources_text is 'Sources that announce it, joined by "; ".';
comment on column analytics.courses.first_seen_at is 'When the course entered this catalog.';
comment on column analytics.courses.updated_at is 'When any field of it last changed here.';
