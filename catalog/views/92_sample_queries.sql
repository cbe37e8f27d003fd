-- Written by python -m catalog.dictionary from docs/sample-queries.
create view analytics.sample_queries as
select q.query_name, q.question, q.sql_text
from (
    values
    ($q$01_papers_by_year$q$, $q$How many papers do we publish each year?$q$, $q$select publication_year, sum(n_papers)::int4 as n_papers
from papers_by_year
where publication_year is not null
group by publication_year
order by publication_year;$q$),
    ($q$02_papers_by_year_and_type$q$, $q$How many articles, conference papers and preprints each year?$q$, $q$select publication_year, paper_type, n_papers
from papers_by_year
where publication_year >= 2015
order by publication_year, n_papers desc;$q$),
    ($q$03_top_venues$q$, $q$Where do we publish most?$q$, $q$select venue_name, venue_type, n_papers, first_year, last_year
from venues
order by n_papers desc, venue_name
limit 20;$q$),
    ($q$04_venues_gaining_ground$q$, $q$Which venues grew most against the year before?$q$, $q$select publication_year, venue_name, paper_type, n_papers, yoy_change
from papers_by_venue_year
where yoy_change is not null and n_papers >= 2
order by yoy_change desc, n_papers desc
limit 20;$q$),
    ($q$05_open_access_by_year$q$, $q$Which share of each year's papers is open access, and of how many do we know it?$q$, $q$select publication_year,
       sum(n_papers) filter (where oa_status not in ('closed', 'unknown'))::int4 as n_open,
       max(n_total) as n_total,
       max(n_unknown) as n_unknown,
       sum(share_of_known) filter (where oa_status not in ('closed', 'unknown')) as open_share_of_known
from open_access_by_year
where scope = 'all'
group by publication_year
order by publication_year;$q$),
    ($q$06_closed_with_a_preprint$q$, $q$Which closed papers could be read as a preprint?$q$, $q$select p.paper_key, p.title, p.publication_year, v.preprint_source, v.preprint_id
from papers p
join preprint_publication v using (paper_id)
where p.oa_status = 'closed'
order by p.publication_year desc, p.paper_key
limit 100;$q$),
    ($q$07_most_cited$q$, $q$Which papers are cited most, and since when do we know the count?$q$, $q$select paper_key, title, publication_year, n_citations, citations_source, citations_at
from papers
where n_citations > 0
order by n_citations desc, paper_id
limit 20;$q$),
    ($q$08_citations_over_time$q$, $q$How did the citations of our most cited papers grow?$q$, $q$select p.paper_key, p.title, c.counted_from_date, c.counted_until_date, c.n_citations
from citations_by_day c
join papers p using (paper_id)
where p.n_citations > 0
order by p.n_citations desc, p.paper_id, c.counted_from_date
limit 200;$q$),
    ($q$09_most_productive_people$q$, $q$Who writes most, counted whole and by share?$q$, $q$select a.display_name, p.n_papers, p.n_fractional
from (
    select author_id, sum(n_papers)::int4 as n_papers, round(sum(n_papers_fractional)::numeric, 2)::float8 as n_fractional
    from author_productivity
    where publication_year >= 2015
    group by author_id
    order by 2 desc, 3 desc, 1
    limit 20
) p
join authors a using (author_id)
order by p.n_papers desc, p.n_fractional desc, a.display_name;$q$),
    ($q$10_people_by_h_index$q$, $q$Who has the highest h-index, by the citations known here?$q$, $q$select display_name, orcid, n_papers, n_citations, h_index
from authors
where h_index > 0
order by h_index desc, n_citations desc nulls last
limit 20;$q$),
    ($q$11_new_people_each_year$q$, $q$How many people publish with us for the first time, by year?$q$, $q$select first_publication_year, count(*)::int4 as n_people
from authors
where first_publication_year is not null
group by first_publication_year
order by first_publication_year;$q$),
    ($q$12_people_without_orcid$q$, $q$Whom should we ask for an ORCID first?$q$, $q$select author_key, display_name, n_papers, last_publication_year
from authors
where orcid is null and n_papers > 1
order by n_papers desc, display_name
limit 50;$q$),
    ($q$13_strongest_collaborations$q$, $q$Who writes together most?$q$, $q$select author_a_name, author_b_name, n_papers, round(weight_fractional::numeric, 2)::float8 as weight, first_year, last_year
from coauthor_edges
order by n_papers desc, weight desc
limit 30;$q$),
    ($q$14_bridges_between_groups$q$, $q$Who has co-authors most widely, and how large is the network around them?$q$, $q$select a.display_name, n.degree, n.weighted_degree, c.size as component_size
from coauthor_nodes n
join authors a using (author_id)
join (select component_id, count(*)::int4 as size from coauthor_nodes group by component_id) c using (component_id)
order by n.degree desc, a.display_name
limit 20;$q$),
    ($q$15_partner_organisations$q$, $q$With which organisations do ours appear together?$q$, $q$select organization_a_name, organization_b_name, n_papers, last_year
from organization_collaboration
order by n_papers desc, last_year desc
limit 30;$q$),
    ($q$16_countries$q$, $q$From which countries are the affiliations?$q$, $q$select country_code, sum(n_papers)::int4 as n_paper_mentions, count(*)::int4 as n_organizations
from organizations
where country_code is not null
group by country_code
order by 2 desc;$q$),
    ($q$17_preprint_lag$q$, $q$How long from preprint to publication, by year of publication?$q$, $q$select extract(year from published_date)::int4 as published_year,
       count(*)::int4 as n_papers,
       percentile_cont(0.5) within group (order by lag_days)::int4 as median_days
from preprint_publication
where lag_days is not null
group by 1
order by 1;$q$),
    ($q$18_preprints_never_published$q$, $q$Which preprints of two years ago or older have no published version?$q$, $q$select paper_id, preprint_source, preprint_id, preprint_date
from preprint_publication
where published_status is null and preprint_date < current_date - 730
order by preprint_date
limit 100;$q$),
    ($q$19_courses_to_come$q$, $q$Which courses start next, and is registration open?$q$, $q$select course_title_fr, course_title_en, cohort_label, offering_start_date, days_until, registration_status, registration_url
from course_offerings
where status in ('upcoming', 'running')
order by offering_start_date nulls last
limit 50;$q$),
    ($q$20_course_days_by_term$q$, $q$How many course days are there in each academic term?$q$, $q$select d.calendar_year, d.academic_term_fr, count(*)::int4 as n_days
from courses_calendar c
join dates d on d.calendar_date = c.session_date
group by 1, 2
order by 1, 2;$q$),
    ($q$21_who_teaches$q$, $q$Who teaches what?$q$, $q$select person_name, course_title
from course_people
order by person_name, course_title;$q$),
    ($q$22_papers_by_fiscal_year$q$, $q$How many papers in each fiscal year, April to March?$q$, $q$select d.fiscal_year, count(*)::int4 as n_papers
from papers p
join dates d on d.calendar_date = p.publication_date
where p.publication_date_precision in ('day', 'month')
group by d.fiscal_year
order by d.fiscal_year;$q$),
    ($q$23_what_is_missing$q$, $q$What is missing in our data, and is it getting better?$q$, $q$select check_name, severity, n_checked, n_failed, failed_share, trend_7d, example_ids_text
from data_quality_summary
where is_latest and n_failed > 0
order by case severity when 'error' then 1 when 'warning' then 2 else 3 end, n_failed desc;$q$),
    ($q$24_completeness_by_source$q$, $q$How complete is what each source tells?$q$, $q$select source_name, n_records, n_papers_only_here, abstract_share, doi_share, affiliations_share
from source_coverage
order by n_records desc;$q$),
    ($q$25_is_it_fresh$q$, $q$Is everything up to date?$q$, $q$select source_name, last_success_at, hours_since_success, expected_every_hours, is_late, last_error
from freshness
order by is_late desc, source_name;$q$),
    ($q$26_disagreements$q$, $q$Where do the sources of a paper disagree about the year?$q$, $q$select f.paper_id, f.value_text as kept, f.source_name, f.chosen_rule, f.other_values_text
from field_provenance f
where f.paper_id in (select paper_id from papers where n_sources > 1 order by paper_id limit 200)
  and f.field_name = 'publication_date' and f.n_disagreeing_sources > 0
order by f.paper_id;$q$),
    ($q$27_doubtful_duplicates$q$, $q$Which pairs should a person look at, the most likely first?$q$, $q$select source_a, source_key_a, title_a, source_b, source_key_b, title_b, score
from duplicate_candidates
where not is_same_paper
order by score desc
limit 50;$q$),
    ($q$28_what_changed_lately$q$, $q$What changed in the last thirty days?$q$, $q$select h.changed_at, h.paper_id, h.field_name, h.old_value_text, h.new_value_text, h.source_name, h.actor
from paper_history h
where h.changed_at > now() - interval '30 days'
order by h.changed_at desc, h.paper_id, h.field_name
limit 200;$q$),
    ($q$29_as_it_stood$q$, $q$How many papers did we know of a month ago, and how many now?$q$, $q$select (select count(*)::int4 from papers_as_of(now() - interval '1 month')) as a_month_ago,
       (select count(*)::int4 from papers) as now;$q$),
    ($q$30_find_by_words$q$, $q$Which papers are about reinforcement learning, the best match first?$q$, $q$select paper_key, year, title, round(rank::numeric, 3)::float8 as rank, headline
from search_papers('reinforcement learning', null, 20);$q$),
    ($q$31_old_numbers$q$, $q$Where do numbers of an old report lead now?$q$, $q$select from_paper_key, to_paper_key, redirected_at
from paper_redirects
order by redirected_at desc
limit 50;$q$),
    ($q$32_topics$q$, $q$Which topics come up most, and since when?$q$, $q$select topic_name, n_papers, first_year, last_year
from topics
order by n_papers desc, topic_name
limit 30;$q$),
    ($q$33_ours_by_year$q$, $q$How many papers of each year are the institute's own, and led by it?$q$, $q$select p.publication_year,
       count(*)::int4 as n_papers,
       count(*) filter (where p.n_institute_authors > 0)::int4 as n_ours,
       (count(*) filter (where a.is_institute_author))::int4 as n_led_by_us
from papers p
left join authorships a on a.paper_id = p.paper_id and a.is_first
group by p.publication_year
order by p.publication_year;$q$)
) q(query_name, question, sql_text);

comment on view analytics.sample_queries is 'One row per sample query: a question an institute asks, and its SQL.';
comment on column analytics.sample_queries.query_name is 'Its file in docs/sample-queries, without .sql.';
comment on column analytics.sample_queries.question is 'The question.';
comment on column analytics.sample_queries.sql_text is 'The query, ready to run.';
