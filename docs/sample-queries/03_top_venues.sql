-- Where do we publish most?
select venue_name, venue_type, n_papers, first_year, last_year
from venues
order by n_papers desc, venue_name
limit 20;
