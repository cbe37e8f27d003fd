-- Who writes most, counted whole and by share?
select a.display_name, p.n_papers, p.n_fractional
from (
    select author_id, sum(n_papers)::int4 as n_papers, round(sum(n_papers_fractional)::numeric, 2)::float8 as n_fractional
    from author_productivity
    where publication_year >= 2015
    group by author_id
    order by 2 desc, 3 desc, 1
    limit 20
) p
join authors a using (author_id)
order by p.n_papers desc, p.n_fractional desc, a.display_name;
