-- Who belongs to the institute: a verdict computed from the rosters and the authors, again after every change of either.
-- Prepared before the other tables, which build on it.

-- Dates are as precise as they are known (2024, 2024-09, 2024-09-01), so two are compared as far as both go.
create function mart.may_lie_within(told text, starts text, ends text) returns bool immutable parallel safe language sql
as $$
    select (told is null or starts is null
            or left(told, length(starts)) collate "C" >= left(starts, length(told)) collate "C")
       and (told is null or ends is null
            or left(told, length(ends)) collate "C" <= left(ends, length(told)) collate "C")
$$;
comment on function mart.may_lie_within(text, text, text) is
    'Whether a date lies between two others as far as all three are known; what is not known is open.';

create function mart.first_day(told text) returns date immutable parallel safe language sql as
$$ select (told || substr('0000-01-01', length(told) + 1))::date $$;
comment on function mart.first_day(text) is 'The first day of a year, month or day.';

create function mart.last_day(told text) returns date immutable parallel safe language sql as
$$
    select (mart.first_day(told) + case length(told) when 4 then interval '1 year' when 7 then interval '1 month'
            else interval '1 day' end)::date - 1
$$;
comment on function mart.last_day(text) is 'The last day of a year, month or day.';

-- Ids first, the strongest that both have deciding; else a name that one author bears. The order of schemes is that of
-- worker/merge/people.py.
create materialized view mart.memberships as
with scheme as (
    select s.scheme, s.label, s.method, s.strength
    from (
        values
        ('orcid', 'ORCID', 'orcid', 1),
        ('openreview_profile', 'OpenReview profile', 'openreview', 2),
        ('dblp_pid', 'dblp person', 'dblp', 3),
        ('openalex', 'OpenAlex author', 'openalex', 4),
        ('s2_author', 'Semantic Scholar author', 'semanticscholar', 5)
    ) s(scheme, label, method, strength)
),
member as materialized (
    select r.record_id, r.source, d.document
    from catalog.record r
    cross join lateral (select convert_from(r.document, 'UTF8')::jsonb as document offset 0) d
    where r.entity = 'member' and not r.deleted
),
told as materialized (
    select m.record_id, s.scheme, s.label, s.method, s.strength, i.id ->> 1 as value, s.scheme || ':' || (i.id ->> 1) as id
    from member m
    cross join lateral jsonb_array_elements(m.document -> 'identifiers') i(id)
    join scheme s on s.scheme = i.id ->> 0
),
called as materialized (
    select m.record_id, m.source, k.name_key
    from member m
    cross join lateral jsonb_array_elements_text(m.document -> 'name_keys') k(name_key)
),
bearer as materialized (
    select distinct c.record_id, w.author_id
    from called c
    join catalog.author_name n on n.name_key = c.name_key
    cross join lateral (
        select n.author_id
        union
        select h.author_id from catalog.authorship h where h.name_id = n.name_id and h.author_id is not null
    ) w
    join catalog.author u on u.author_id = w.author_id
),
holder as (
    select distinct t.record_id, u.author_id
    from catalog.author u
    cross join lateral unnest(u.identifiers) held(id)
    join told t on t.id = held.id
),
compared as materialized (
    select
        pair.record_id,
        pair.author_id,
        min(c.strength) filter (where c.agrees) as agrees_at,
        min(c.strength) filter (where not c.agrees) as differs_at,
        (array_agg(c.method order by c.strength) filter (where c.agrees))[1] as method,
        (array_agg(c.label || ' ' || c.value order by c.strength) filter (where c.agrees))[1] as shared,
        (array_agg(c.label order by c.strength) filter (where not c.agrees))[1] as differing
    from (select record_id, author_id from holder union select record_id, author_id from bearer) pair
    join catalog.author u on u.author_id = pair.author_id
    left join lateral (
        select t.strength, t.method, t.label, bool_or(t.id = held.id) as agrees,
               min(t.value) filter (where t.id = held.id) as value
        from told t
        join unnest(u.identifiers) held(id) on starts_with(held.id, t.scheme || ':')
        where t.record_id = pair.record_id
        group by t.strength, t.method, t.label
    ) c on true
    group by pair.record_id, pair.author_id
),
by_id as (
    select record_id, author_id, method, 'Same ' || shared || '.' as evidence
    from compared
    where agrees_at < coalesce(differs_at, 99)
),
by_name as materialized (
    select
        m.record_id,
        count(b.author_id)::int4 as n_bearers,
        min(b.author_id) as author_id,
        min(c.differing) as differing,
        string_agg('a-' || lpad(b.author_id::text, greatest(6, length(b.author_id::text)), '0'), ', ' order by b.author_id)
            filter (where b.nth <= 5) as bearers,
        (
            select count(distinct other.record_id)
            from called mine
            join called other on other.source = mine.source and other.name_key = mine.name_key
            where mine.record_id = m.record_id
        )::int4 as n_namesakes
    from member m
    left join (select *, row_number() over (partition by record_id order by author_id) as nth from bearer) b
        on b.record_id = m.record_id
    left join compared c on c.record_id = b.record_id and c.author_id = b.author_id
    where m.record_id not in (select record_id from by_id)
    group by m.record_id
),
verdict as (
    select record_id, author_id, method, evidence from by_id
    union all
    select
        record_id,
        case when n_bearers = 1 and differing is null and n_namesakes = 1 then author_id end,
        case when n_bearers = 1 and differing is null and n_namesakes = 1 then 'name' end,
        case
            when n_bearers = 0 then 'No author of this name or with one of these ids yet.'
            when n_bearers > 1 then
                n_bearers || ' authors go by this name (' || bearers || '): an id on the roster would tell.'
            when differing is not null then 'The author of this name, ' || bearers || ', has another ' || differing || '.'
            when n_namesakes > 1 then
                n_namesakes || ' people on the roster go by the name of ' || bearers || ': an id would tell.'
            else 'The only author of this name, and no id says otherwise.'
        end
    from by_name
)
select
    m.record_id as member_id,
    v.author_id,
    e.n::int4 as membership_order,
    m.source as source_name,
    m.document ->> 'name' as member_name,
    e.said ->> 'role' as membership_role,
    e.said ->> 'start' as starts,
    e.said ->> 'end' as ends,
    mart.first_day(e.said ->> 'start') as membership_start,
    mart.last_day(e.said ->> 'end') as membership_end,
    v.method as match_method,
    v.evidence as match_evidence
from member m
join verdict v using (record_id)
cross join lateral jsonb_array_elements(m.document -> 'memberships') with ordinality e(said, n)
with no data;
create unique index on mart.memberships (member_id, author_id, membership_order);
create index on mart.memberships (author_id);

create materialized view mart.institute_authorships as
select
    h.paper_id,
    h.author_id,
    bool_or(h.position = 1) as is_first,
    bool_or(h.position = p.n_authors and p.authors_state is distinct from 'cut') as is_last
from (
    select paper_id, position, author_id
    from catalog.authorship
    where author_id is not null
    union all
    select w.paper_id, w.position, n.author_id
    from catalog.authorship w
    join catalog.author_name n using (name_id)
    where w.author_id is null
) h
join mart.memberships m on m.author_id = h.author_id
join catalog.paper p on p.paper_id = h.paper_id and mart.may_lie_within(p.published, m.starts, m.ends)
group by h.paper_id, h.author_id
with no data;
create unique index on mart.institute_authorships (paper_id, author_id);
