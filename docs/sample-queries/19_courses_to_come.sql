-- Which courses start next, and is registration open?
select course_title_fr, course_title_en, cohort_label, offering_start_date, days_until, registration_status, registration_url
from course_offerings
where status in ('upcoming', 'running')
order by offering_start_date nulls last
limit 50;
