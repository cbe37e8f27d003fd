create view analytics.course_people as
select
    p.course_id,
    coalesce(c.title_fr, c.title_en) as course_title,
    p.name as person_name,
    p.role,
    null::int8 as author_id
from catalog.course_person p
join catalog.course c using (course_id);

comment on view analytics.course_people is 'One row per person who teaches a course.';
comment on column analytics.course_people.course_id is 'The course.';
comment on column analytics.course_people.course_title is 'Its French title, else the English one.';
comment on column analytics.course_people.person_name is 'The name as printed.';
comment on column analytics.course_people.role is 'instructor.';
comment on column analytics.course_people.author_id is
    'The same person among authors. Not recognised yet: always null.';
