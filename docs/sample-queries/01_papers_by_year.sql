-- How many papers do we publish each year?
select publication_year, sum(n_papers)::int4 as n_papers
from papers_by_year
where publication_year is not null
group by publication_year
order by publication_year;
