create view analytics.paper_topics as
select
    p.paper_id,
    t.n::int4 as topic_order,
    mart.number_of(t.topic) as topic_id,
    t.topic as topic_name
from catalog.paper p
cross join lateral unnest(p.topics) with ordinality t(topic, n);

comment on view analytics.paper_topics is
    'One row per topic or keyword of a paper.';
comment on column analytics.paper_topics.paper_id is 'The paper.';
comment on column analytics.paper_topics.topic_order is '1 for the first in alphabetical order.';
comment on column analytics.paper_topics.topic_id is 'The topic: see topics.';
comment on column analytics.paper_topics.topic_name is 'Its name.';
