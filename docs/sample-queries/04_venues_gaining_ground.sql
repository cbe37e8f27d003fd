-- Which venues grew most against the year before?
select publication_year, venue_name, paper_type, n_papers, yoy_change
from papers_by_venue_year
where yoy_change is not null and n_papers >= 2
order by yoy_change desc, n_papers desc
limit 20;
