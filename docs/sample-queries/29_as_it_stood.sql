-- How many papers did we know of a month ago, and how many now?
select (select count(*)::int4 from papers_as_of(now() - interval '1 month')) as a_month_ago,
       (select count(*)::int4 from papers) as now;
