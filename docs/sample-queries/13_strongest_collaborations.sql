-- Who writes together most?
select author_a_name, author_b_name, n_papers, round(weight_fractional::numeric, 2)::float8 as weight, first_year, last_year
from coauthor_edges
order by n_papers desc, weight desc
limit 30;
