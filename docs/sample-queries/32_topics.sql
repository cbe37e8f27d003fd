-- Which topics come up most, and since when?
select topic_name, n_papers, first_year, last_year
from topics
order by n_papers desc, topic_name
limit 30;
