create view analytics.coauthor_nodes as
select
    n.author_id,
    n.degree,
    n.weighted_degree,
    n.component_id,
    c.n_papers,
    (select r.refreshed_at from ops.refresh r where r.mart = 'coauthor_nodes') as refreshed_at
from mart.coauthor_nodes n
left join mart.author_counts c using (author_id);

comment on view analytics.coauthor_nodes is
    'One row per person with a co-author: the nodes of coauthor_edges.';
comment on column analytics.coauthor_nodes.author_id is 'The person.';
comment on column analytics.coauthor_nodes.degree is 'Different co-authors.';
comment on column analytics.coauthor_nodes.weighted_degree is 'Sum of weight_fractional over the edges.';
comment on column analytics.coauthor_nodes.component_id is
    'Smallest author_id of all who are connected: equal for everybody of one component.';
comment on column analytics.coauthor_nodes.n_papers is 'Papers of this person.';
comment on column analytics.coauthor_nodes.refreshed_at is 'When it was last computed; null: not yet.';
