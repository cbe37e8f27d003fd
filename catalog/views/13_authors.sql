-- Outer joins of groups: the planner drops those nobody asks for, and computes the others for one author alone.
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
    false as is_institute_member,
    null::text as membership_role,
    null::date as membership_start,
    null::date as membership_end,
    null::int8 as current_organization_id,
    null::text as current_organization_name,
    coalesce(w.n_papers, 0) as n_papers,
    coalesce(w.n_papers_last_5y, 0) as n_papers_last_5y,
    coalesce(c.n_coauthors, 0) as n_coauthors,
    w.n_citations,
    coalesce(k.h_index, 0) as h_index,
    w.first_publication_year,
    w.last_publication_year,
    u.confidence::float8 as identity_confidence,
    false as is_locked,
    u.created_at as first_seen_at,
    u.updated_at,
    u.method as identity_method
from catalog.author u
left join (
    select
        h.author_id,
        count(*)::int4 as n_papers,
        count(*) filter (where p.year > extract(year from current_date) - 5)::int4 as n_papers_last_5y,
        sum(p.n_citations)::int4 as n_citations,
        min(p.year)::int4 as first_publication_year,
        max(p.year)::int4 as last_publication_year
    from (select distinct author_id, paper_id from analytics.authorships) h
    join catalog.paper p using (paper_id)
    group by h.author_id
) w on w.author_id = u.author_id
left join (
    select mine.author_id, count(distinct other.author_id)::int4 as n_coauthors
    from analytics.authorships mine
    join analytics.authorships other on other.paper_id = mine.paper_id and other.author_id <> mine.author_id
    group by mine.author_id
) c on c.author_id = u.author_id
left join (
    select cited.author_id, count(*)::int4 as h_index
    from (
        select h.author_id, p.n_citations,
               row_number() over (partition by h.author_id order by p.n_citations desc) as nth
        from (select distinct author_id, paper_id from analytics.authorships) h
        join catalog.paper p using (paper_id)
        where p.n_citations is not null
    ) cited
    where cited.n_citations >= cited.nth
    group by cited.author_id
) k on k.author_id = u.author_id
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
    'Belongs or belonged to the institute. No roster is read yet: always false.';
comment on column analytics.authors.membership_role is 'Role at the institute. No roster is read yet: always null.';
comment on column analytics.authors.membership_start is 'First day at the institute. No roster is read yet: always null.';
comment on column analytics.authors.membership_end is 'Last day at the institute. No roster is read yet: always null.';
comment on column analytics.authors.current_organization_id is
    'Number of the present organisation. Organisations are plain names yet: always null.';
comment on column analytics.authors.current_organization_name is
    'Present organisation. Not computed yet: always null; see authorship_affiliations.';
comment on column analytics.authors.n_papers is 'Papers of this person.';
comment on column analytics.authors.n_papers_last_5y is 'Those of this calendar year and the four before.';
comment on column analytics.authors.n_coauthors is 'Different people on those papers, papers of any length counted.';
comment on column analytics.authors.n_citations is 'Sum over the papers whose citations are known; null when none is.';
comment on column analytics.authors.h_index is 'Largest h such that h papers have h citations or more, by what is known here.';
comment on column analytics.authors.first_publication_year is 'Year of the earliest paper.';
comment on column analytics.authors.last_publication_year is 'Year of the latest paper.';
comment on column analytics.authors.identity_confidence is 'How sure it is that these mentions are one person, in [0, 1].';
comment on column analytics.authors.is_locked is
    'True when a person fixed this identity. No such decisions are recorded yet: always false.';
comment on column analytics.authors.first_seen_at is 'When the person entered this catalog.';
comment on column analytics.authors.updated_at is 'When any field last changed here.';
comment on column analytics.authors.identity_method is 'How we know: orcid, source_id or name.';
