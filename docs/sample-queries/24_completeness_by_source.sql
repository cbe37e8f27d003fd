-- How complete is what each source tells?
select source_name, n_records, n_papers_only_here, abstract_share, doi_share, affiliations_share
from source_coverage
order by n_records desc;
