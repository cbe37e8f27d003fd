-- Which share of each year's papers is open access, and of how many do we know it?
select publication_year,
       sum(n_papers) filter (where oa_status not in ('closed', 'unknown'))::int4 as n_open,
       max(n_total) as n_total,
       max(n_unknown) as n_unknown,
       sum(share_of_known) filter (where oa_status not in ('closed', 'unknown')) as open_share_of_known
from open_access_by_year
where scope = 'all'
group by publication_year
order by publication_year;
