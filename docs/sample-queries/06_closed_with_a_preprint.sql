-- Which closed papers could be read as a preprint?
select p.paper_key, p.title, p.publication_year, v.preprint_source, v.preprint_id
from papers p
join preprint_publication v using (paper_id)
where p.oa_status = 'closed'
order by p.publication_year desc, p.paper_key
limit 100;
