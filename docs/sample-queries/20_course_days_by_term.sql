-- How many course days are there in each academic term?
select d.calendar_year, d.academic_term_fr, count(*)::int4 as n_days
from courses_calendar c
join dates d on d.calendar_date = c.session_date
group by 1, 2
order by 1, 2;
