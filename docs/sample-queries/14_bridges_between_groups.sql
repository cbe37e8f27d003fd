-- Who has co-authors most widely, and how large is the network around them?
select a.display_name, n.degree, n.weighted_degree, c.size as component_size
from coauthor_nodes n
join authors a using (author_id)
join (select component_id, count(*)::int4 as size from coauthor_nodes group by component_id) c using (component_id)
order by n.degree desc, a.display_name
limit 20;
