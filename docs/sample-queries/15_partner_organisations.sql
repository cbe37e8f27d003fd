-- With which organisations do ours appear together?
select organization_a_name, organization_b_name, n_papers, last_year
from organization_collaboration
order by n_papers desc, last_year desc
limit 30;
