-- How did the citations of our most cited papers grow?
select p.paper_key, p.title, c.counted_from_date, c.counted_until_date, c.n_citations
from citations_by_day c
join papers p using (paper_id)
where p.n_citations > 0
order by p.n_citations desc, p.paper_id, c.counted_from_date
limit 200;
