-- How many articles, conference papers and preprints each year?
select publication_year, paper_type, n_papers
from papers_by_year
where publication_year >= 2015
order by publication_year, n_papers desc;
