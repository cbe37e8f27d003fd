-- Where do numbers of an old report lead now?
select from_paper_key, to_paper_key, redirected_at
from paper_redirects
order by redirected_at desc
limit 50;
