-- How long from preprint to publication, by year of publication?
select extract(year from published_date)::int4 as published_year,
       count(*)::int4 as n_papers,
       percentile_cont(0.5) within group (order by lag_days)::int4 as median_days
from preprint_publication
where lag_days is not null
group by 1
order by 1;
