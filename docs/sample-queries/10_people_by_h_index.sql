-- Who has the highest h-index, by the citations known here?
select display_name, orcid, n_papers, n_citations, h_index
from authors
where h_index > 0
order by h_index desc, n_citations desc nulls last
limit 20;
