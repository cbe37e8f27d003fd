-- Names and ids are live, counts and memberships come from prepared tables.
create view analytics.authors as
select
    u.author_id,
    'a-' || lpad(u.author_id::text, greatest(6, length(u.author_id::text)), '0') as author_key,
    u.display_name,
    u.given as given_names,
    u.family as family_name,
    array_to_string(u.names, '; ') as name_variants_text,
    i.orcid,
    i.openalex_id,
    i.dblp_pid,
    o.author_id is not null as is_institute_member,
    o.membership_role,
    o.membership_start,
    o.membership_end,
    w.organization_id as current_organization_id,
    w.organization_name as current_organization_name,
    coalesce(w.n_papers, 0) as n_papers,
    coalesce(w.n_papers_last_5y, 0) as n_papers_last_5y,
    coalesce(w.n_coauthors, 0) as n_coauthors,
    w.n_citations,
    coalesce(w.h_index, 0) as h_index,
    w.first_publication_year,
    w.last_publication_year,
    u.confidence::float8 as identity_confidence,
    u.method = 'manual' as is_locked,
    u.created_at as first_seen_at,
    u.updated_at,
    u.method as identity_method,
    (select r.refreshed_at from ops.refresh r where r.mart = 'author_counts') as refreshed_at
from catalog.author u
left join mart.author_counts w on w.author_id = u.author_id
left join lateral (
    select
        min(m.author_id) as author_id,
        (array_agg(m.membership_role order by m.ends desc nulls first, m.starts desc nulls last, m.membership_role))[1]
            as membership_role,
        case when bool_and(m.starts is not null) then min(m.membership_start) end as membership_start,
        case when bool_and(m.ends is not null) then max(m.membership_end) end as membership_end
    from mart.memberships m
    where m.author_id = u.author_id
) o on true
left join lateral (
    select
        min(substr(known, 7)) filter (where known like 'orcid:%') as orcid,
        min(substr(known, 10)) filter (where known like 'openalex:%') as openalex_id,
        min(substr(known, 10)) filter (where known like 'dblp_pid:%') as dblp_pid
    from unnest(u.identifiers) known
) i on true;

comment on view analytics.authors is 'One row per person who wrote something, as far as people could be told apart.';
comment on column analytics.authors.author_id is
    'Number of the person; a number merged away leads on in author_redirects.';
comment on column analytics.authors.author_key is 'The number as people write it: a-000123.';
comment on column analytics.authors.display_name is 'The fullest, most frequent spelling.';
comment on column analytics.authors.given_names is 'Given names.';
comment on column analytics.authors.family_name is 'Family name.';
comment on column analytics.authors.name_variants_text is 'Spellings met, sorted, joined by "; ".';
comment on column analytics.authors.orcid is 'ORCID, when a source gives it.';
comment on column analytics.authors.openalex_id is 'OpenAlex author, A and digits.';
comment on column analytics.authors.dblp_pid is 'dblp person id.';
comment on column analytics.authors.is_institute_member is
    'Belongs or belonged to the institute, as a roster says: see memberships for every time and the evidence.';
comment on column analytics.authors.membership_role is 'Latest role at the institute, as the roster writes it.';
comment on column analytics.authors.membership_start is
    'First day at the institute, the first of the month or year when only that is known; null when not known.';
comment on column analytics.authors.membership_end is
    'Last day at the institute, the last of the month or year when only that is known; null while it lasts.';
comment on column analytics.authors.current_organization_id is
    'The organisation named first on the latest paper that names one: see organizations.';
comment on column analytics.authors.current_organization_name is
    'Its name, as printed there.';
comment on column analytics.authors.n_papers is 'Papers of this person.';
comment on column analytics.authors.n_papers_last_5y is 'Those of this calendar year and the four before.';
comment on column analytics.authors.n_coauthors is 'Different people on those papers of them that have at most 50 authors: see coauthor_edges.';
comment on column analytics.authors.n_citations is 'Sum over the papers whose citations are known; null when none is.';
comment on column analytics.authors.h_index is 'Largest h such that h papers have h citations or more, by what is known here.';
comment on column analytics.authors.first_publication_year is 'Year of the earliest paper.';
comment on column analytics.authors.last_publication_year is 'Year of the latest paper.';
comment on column analytics.authors.identity_confidence is 'How sure it is that these mentions are one person, in [0, 1].';
comment on column analytics.authors.is_locked is
    'True when somebody decided who this is: identity_method manual.';
comment on column analytics.authors.first_seen_at is 'When the person entered this catalog.';
comment on column analytics.authors.updated_at is 'When any field last changed here.';
comment on column analytics.authors.identity_method is 'How we know: orcid, source_id, name, or manual when somebody decided.';
comment on column analytics.authors.refreshed_at is
    'When counts, memberships and the present organisation were last computed; null: not yet. Names and ids are '
    'live.';
