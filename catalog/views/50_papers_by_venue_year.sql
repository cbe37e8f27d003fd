create view analytics.papers_by_venue_year as
select
    g.publication_year,
    null::int8 as venue_id,
    g.venue_name,
    g.venue_type,
    null::text as venue_rank,
    g.paper_type,
    g.n_papers,
    null::float8 as n_papers_fractional,
    null::int4 as n_first_author_papers,
    null::int4 as n_last_author_papers,
    g.n_open_access,
    g.n_open_access / nullif(g.n_oa_known, 0)::float8 as open_access_share,
    g.n_preprint_linked,
    g.n_citations,
    g.median_citations,
    g.n_papers / (sum(g.n_papers) over (partition by g.publication_year))::float8 as share_of_year,
    rank() over (partition by g.publication_year order by g.n_papers desc)::int4 as rank_in_year,
    case when lag(g.publication_year) over place = g.publication_year - 1 then
        g.n_papers / (lag(g.n_papers) over place)::float8 - 1
    end as yoy_change
from (
    select
        p.year::int4 as publication_year,
        p.venue as venue_name,
        p.venue_kind as venue_type,
        coalesce(p.kind, 'other') as paper_type,
        count(*)::int4 as n_papers,
        count(*) filter (where p.oa_status in ('gold', 'diamond', 'hybrid', 'green', 'bronze'))::int4 as n_open_access,
        count(*) filter (where p.oa_status in ('gold', 'diamond', 'hybrid', 'green', 'bronze', 'closed'))::int4
            as n_oa_known,
        count(*) filter (
            where p.versions @> '[{"kind": "preprint"}]' and p.status is distinct from 'preprint'
        )::int4 as n_preprint_linked,
        sum(p.n_citations)::int4 as n_citations,
        percentile_cont(0.5) within group (order by p.n_citations) as median_citations
    from catalog.paper p
    group by 1, 2, 3, 4
) g
window place as (partition by g.venue_name, g.venue_type, g.paper_type order by g.publication_year);

comment on view analytics.papers_by_venue_year is
    'One row per year, venue and paper type; papers without year or venue are counted under null.';
comment on column analytics.papers_by_venue_year.publication_year is 'Year of publication.';
comment on column analytics.papers_by_venue_year.venue_id is 'Number of the venue. Venues are plain names yet: always null.';
comment on column analytics.papers_by_venue_year.venue_name is 'Venue as printed: two spellings are two rows.';
comment on column analytics.papers_by_venue_year.venue_type is 'journal, conference, workshop, repository, book or other.';
comment on column analytics.papers_by_venue_year.venue_rank is 'Rank of the venue. Not collected: always null.';
comment on column analytics.papers_by_venue_year.paper_type is 'As in papers.paper_type.';
comment on column analytics.papers_by_venue_year.n_papers is 'Papers.';
comment on column analytics.papers_by_venue_year.n_papers_fractional is
    'Papers weighted by the institute''s share of authors. No roster is read yet: always null.';
comment on column analytics.papers_by_venue_year.n_first_author_papers is
    'Papers with a first author of the institute. No roster is read yet: always null.';
comment on column analytics.papers_by_venue_year.n_last_author_papers is
    'Papers with a last author of the institute. No roster is read yet: always null.';
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
