-- Which papers are about reinforcement learning, the best match first?
select paper_key, year, title, round(rank::numeric, 3)::float8 as rank, headline
from search_papers('reinforcement learning', null, 20);
