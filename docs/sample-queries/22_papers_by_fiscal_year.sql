-- How many papers in each fiscal year, April to March?
select d.fiscal_year, count(*)::int4 as n_papers
from papers p
join dates d on d.calendar_date = p.publication_date
where p.publication_date_precision in ('day', 'month')
group by d.fiscal_year
order by d.fiscal_year;
