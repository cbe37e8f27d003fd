-- Two branches rather than coalesce(): a search for one author then uses an index in each. Outer joins: the
-- planner drops those nobody asks for.
create view analytics.authorships as
select
    h.paper_id,
    h.position::int4 as author_order,
    h.author_id,
    h.credited_as as author_name_as_published,
    h.position = 1 as is_first,
    case when p.authors_state is distinct from 'cut' then h.position = p.n_authors end as is_last,
    h.is_corresponding,
    null::bool as is_equal_contribution,
    exists (
        select from mart.institute_authorships o where o.paper_id = h.paper_id and o.author_id = h.author_id
    ) as is_institute_author,
    coalesce(jsonb_array_length(h.affiliations), 0) as n_affiliations,
    f.affiliations_text,
    f.organization_ids_text,
    f.country_codes_text,
    1 / nullif(p.n_authors, 0)::float8 as author_weight,
    p.year::int4 as publication_year,
    u.method as identity_method,
    u.confidence::float8 as identity_confidence
from (
    select paper_id, position, credited_as, is_corresponding, affiliations, author_id
    from catalog.authorship
    where author_id is not null
    union all
    select w.paper_id, w.position, w.credited_as, w.is_corresponding, w.affiliations, n.author_id
    from catalog.authorship w
    left join catalog.author_name n using (name_id)
    where w.author_id is null
) h
left join catalog.paper p on p.paper_id = h.paper_id
left join catalog.author u on u.author_id = h.author_id
left join lateral (
    select
        string_agg(e.affiliation ->> 0, '; ' order by e.n) as affiliations_text,
        string_agg(e.affiliation ->> 1, '; ' order by e.n) as organization_ids_text,
        string_agg(distinct e.affiliation ->> 2, '; ') as country_codes_text
    from jsonb_array_elements(h.affiliations) with ordinality e(affiliation, n)
) f on true;

comment on view analytics.authorships is
    'One row per author position on a paper, so count(*) counts authors; affiliations apart in '
    'authorship_affiliations.';
comment on column analytics.authorships.paper_id is 'The paper.';
comment on column analytics.authorships.author_order is '1 for the first author.';
comment on column analytics.authorships.author_id is 'The person; null until identified.';
comment on column analytics.authorships.author_name_as_published is 'The name as printed on the paper.';
comment on column analytics.authorships.is_first is 'First author.';
comment on column analytics.authorships.is_last is 'Last author; null when the author list is known to be cut.';
comment on column analytics.authorships.is_corresponding is 'Marked as corresponding; null when no source tells.';
comment on column analytics.authorships.is_equal_contribution is
    'Marked as equal contribution. Not collected yet: always null.';
comment on column analytics.authorships.is_institute_author is
    'Was of the institute when the paper was published, as far as a roster and the date of the paper tell; what they '
    'leave open counts as yes. Computed with the prepared tables: see memberships.refreshed_at.';
comment on column analytics.authorships.n_affiliations is 'Affiliations given for this author on this paper.';
comment on column analytics.authorships.affiliations_text is 'Their names, as printed, joined by "; ".';
comment on column analytics.authorships.organization_ids_text is 'Their ROR ids where known, joined by "; ".';
comment on column analytics.authorships.country_codes_text is 'Their countries, ISO 3166-1 alpha-2, each once, joined by "; ".';
comment on column analytics.authorships.author_weight is '1 / number of listed authors: sums to 1 over a paper.';
comment on column analytics.authorships.publication_year is 'Year of the paper.';
comment on column analytics.authorships.identity_method is
    'How the person was recognised: orcid, source_id, name, or manual when somebody decided; null until identified.';
comment on column analytics.authorships.identity_confidence is 'How sure that is, in [0, 1].';
