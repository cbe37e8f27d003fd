create view analytics.venues as
select
    m.venue_id,
    m.venue_name,
    m.venue_type,
    m.n_papers,
    m.first_year,
    m.last_year,
    m.n_citations,
    (select r.refreshed_at from ops.refresh r where r.mart = 'venues') as refreshed_at
from mart.venues m;

comment on view analytics.venues is
    'One row per venue of a preferred version; spellings that differ in capitals or accents only are one.';
comment on column analytics.venues.venue_id is
    'Number of the venue: follows from its folded name alone, so it never changes.';
comment on column analytics.venues.venue_name is 'The most frequent spelling.';
comment on column analytics.venues.venue_type is
    'journal, conference, workshop, repository, book or other: the most frequent.';
comment on column analytics.venues.n_papers is 'Papers that appeared there.';
comment on column analytics.venues.first_year is 'Year of the earliest.';
comment on column analytics.venues.last_year is 'Year of the latest.';
comment on column analytics.venues.n_citations is 'Sum where known; null when no count is.';
comment on column analytics.venues.refreshed_at is 'When it was last computed; null: not yet.';
