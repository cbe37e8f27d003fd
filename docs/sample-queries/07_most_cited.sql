-- Which papers are cited most, and since when do we know the count?
select paper_key, title, publication_year, n_citations, citations_source, citations_at
from papers
where n_citations > 0
order by n_citations desc, paper_id
limit 20;
