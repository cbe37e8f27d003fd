-- Who writes most, counted whole and by share?
select display_name, sum(n_papers)::int4 as n_papers, round(sum(n_papers_fractional)::numeric, 2)::float8 as n_fractional
from author_productivity
where publication_year >= 2015
group by author_id, display_name
order by 2 desc, 1
limit 20;
