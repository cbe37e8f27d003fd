create view analytics.memberships as
select
    m.member_id,
    m.membership_order,
    m.source_name,
    m.member_name,
    m.author_id,
    m.membership_role,
    m.membership_start,
    case length(m.starts) when 4 then 'year' when 7 then 'month' when 10 then 'day' end as membership_start_precision,
    m.membership_end,
    case length(m.ends) when 4 then 'year' when 7 then 'month' when 10 then 'day' end as membership_end_precision,
    m.match_method,
    m.match_evidence,
    (select r.refreshed_at from ops.refresh r where r.mart = 'memberships') as refreshed_at
from mart.memberships m;

comment on view analytics.memberships is
    'One row per time somebody on a roster spent at the institute, and per author they are; one with author_id null '
    'while nobody can say which author that is.';
comment on column analytics.memberships.member_id is 'Number of the person on the roster.';
comment on column analytics.memberships.membership_order is '1 for the first time of this person at the institute.';
comment on column analytics.memberships.source_name is 'The roster that says so.';
comment on column analytics.memberships.member_name is 'The name on the roster.';
comment on column analytics.memberships.author_id is
    'The author this is: see authors. Null when match_evidence says why nobody.';
comment on column analytics.memberships.membership_role is 'Role, as the roster writes it.';
comment on column analytics.memberships.membership_start is
    'First day, the first of the month or year when only that is known; null when not known.';
comment on column analytics.memberships.membership_start_precision is 'day, month or year.';
comment on column analytics.memberships.membership_end is
    'Last day, the last of the month or year when only that is known; null while it lasts.';
comment on column analytics.memberships.membership_end_precision is 'day, month or year.';
comment on column analytics.memberships.match_method is
    'How we know the author: by orcid, openreview, dblp, openalex, semanticscholar, or by name when one author only '
    'bears it; null when we do not.';
comment on column analytics.memberships.match_evidence is 'Why this author, or why nobody, in one sentence.';
comment on column analytics.memberships.refreshed_at is 'When it was last computed; null: not yet.';
