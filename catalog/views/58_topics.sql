create view analytics.topics as
select
    m.topic_id,
    m.topic_name,
    m.n_papers,
    m.first_year,
    m.last_year,
    (select r.refreshed_at from ops.refresh r where r.mart = 'topics') as refreshed_at
from mart.topics m;

comment on view analytics.topics is
    'One row per topic or keyword, as spelled.';
comment on column analytics.topics.topic_id is 'Number of the topic: follows from its name alone, so it never changes.';
comment on column analytics.topics.topic_name is 'The topic.';
comment on column analytics.topics.n_papers is 'Papers that carry it.';
comment on column analytics.topics.first_year is 'Year of the earliest.';
comment on column analytics.topics.last_year is 'Year of the latest.';
comment on column analytics.topics.refreshed_at is 'When it was last computed; null: not yet.';
