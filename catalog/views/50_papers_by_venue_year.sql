create view analytics.papers_by_venue_year as
select
    m.publication_year,
    m.venue_id,
    m.venue_name,
    m.venue_type,
    null::text as venue_rank,
    m.paper_type,
    m.n_papers,
    m.n_papers_fractional,
    m.n_first_author_papers,
    m.n_last_author_papers,
    m.n_open_access,
    m.open_access_share,
    m.n_preprint_linked,
    m.n_citations,
    m.median_citations,
    m.share_of_year,
    m.rank_in_year,
    m.yoy_change,
    (select r.refreshed_at from ops.refresh r where r.mart = 'papers_by_venue_year') as refreshed_at
from mart.papers_by_venue_year m;

comment on view analytics.papers_by_venue_year is
    'One row per year, venue and paper type; papers without year or venue are counted under null.';
comment on column analytics.papers_by_venue_year.publication_year is 'Year of publication.';
comment on column analytics.papers_by_venue_year.venue_id is 'Number of the venue: see venues.';
comment on column analytics.papers_by_venue_year.venue_name is 'The most frequent spelling; capitals and accents make no difference.';
comment on column analytics.papers_by_venue_year.venue_type is 'journal, conference, workshop, repository, book or other.';
comment on column analytics.papers_by_venue_year.venue_rank is 'Rank of the venue. Not collected: always null.';
comment on column analytics.papers_by_venue_year.paper_type is 'As in papers.paper_type.';
comment on column analytics.papers_by_venue_year.n_papers is 'Papers.';
comment on column analytics.papers_by_venue_year.n_papers_fractional is
    'Papers weighted by the institute''s share of their authors; null while no roster is read.';
comment on column analytics.papers_by_venue_year.n_first_author_papers is
    'Papers whose first author was of the institute then; null while no roster is read.';
comment on column analytics.papers_by_venue_year.n_last_author_papers is
    'Papers whose last author was of the institute then; null while no roster is read.';
comment on column analytics.papers_by_venue_year.n_open_access is 'Papers known to be open in any colour.';
comment on column analytics.papers_by_venue_year.open_access_share is
    'Open papers as a share of those whose status is known, 0 to 1; null when none is.';
comment on column analytics.papers_by_venue_year.n_preprint_linked is 'Published papers that also have a preprint version.';
comment on column analytics.papers_by_venue_year.n_citations is 'Sum where known; null when no count is.';
comment on column analytics.papers_by_venue_year.median_citations is 'Median over the papers whose count is known.';
comment on column analytics.papers_by_venue_year.share_of_year is 'n_papers as a share of all papers of the year, 0 to 1.';
comment on column analytics.papers_by_venue_year.rank_in_year is '1 for the row with most papers of its year; ties share a rank.';
comment on column analytics.papers_by_venue_year.yoy_change is
    'n_papers against the year before, as a share: 0.25 is a quarter more; null when the year before has none.';
comment on column analytics.papers_by_venue_year.refreshed_at is 'When it was last computed; null: not yet.';
