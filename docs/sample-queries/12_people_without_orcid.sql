-- Whom should we ask for an ORCID first?
select author_key, display_name, n_papers, last_publication_year
from authors
where orcid is null and n_papers > 1
order by n_papers desc, display_name
limit 50;
