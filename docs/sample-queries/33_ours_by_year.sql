-- How many papers of each year are the institute's own, and led by it?
select p.publication_year,
       count(*)::int4 as n_papers,
       count(*) filter (where p.n_institute_authors > 0)::int4 as n_ours,
       (count(*) filter (where a.is_institute_author))::int4 as n_led_by_us
from papers p
left join authorships a on a.paper_id = p.paper_id and a.is_first
group by p.publication_year
order by p.publication_year;
