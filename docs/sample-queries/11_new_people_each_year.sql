-- How many people publish with us for the first time, by year?
select first_publication_year, count(*)::int4 as n_people
from authors
where first_publication_year is not null
group by first_publication_year
order by first_publication_year;
