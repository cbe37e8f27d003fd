-- From which countries are the affiliations?
select country_code, sum(n_papers)::int4 as n_paper_mentions, count(*)::int4 as n_organizations
from organizations
where country_code is not null
group by country_code
order by 2 desc;
