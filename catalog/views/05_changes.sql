-- One branch for everything, so that the latest changes are found by the index on their time. One row a changed column: its old value, and the new one from the next change or the present. What comes
-- after a change, and the present, are read once a change and not once a column.
create view mart.change as
select
    h.history_id,
    h.entity,
    h.entity_id,
    h.kind,
    h.at,
    h.actor,
    h.sources,
    h.work_id,
    h.before,
    c.key,
    c.value as old_value,
    case when later.before ? c.key or later.is_gone then later.before -> c.key
         else coalesce(paper.now, author.now, course.now) -> c.key
    end as new_value
from catalog.history h
left join lateral (
    -- Of later changes of one column the first counts: in an object the last of equal keys stays.
    select jsonb_object_agg(k.key, k.value order by l.at desc, l.history_id desc) as before,
           coalesce(bool_or(l.kind in ('merged', 'deleted')), false) as is_gone
    from catalog.history l
    cross join lateral jsonb_each(l.before) k(key, value)
    where l.entity = h.entity and l.entity_id = h.entity_id and l.born_at = h.born_at
      and (l.at, l.history_id) > (h.at, h.history_id)
) later on true
left join lateral (
    select to_jsonb(p) - 'abstract'
        || case when h.before ? 'abstract' then jsonb_build_object('abstract', p.abstract) else '{}' end
        || case when h.before ? 'authors' then jsonb_build_object('authors', (
               select jsonb_agg(jsonb_build_array(a.credited_as) order by a.position)
               from catalog.authorship a where a.paper_id = h.entity_id)) else '{}' end
        || case when h.before ? 'identifiers' then jsonb_build_object('identifiers', (
               select jsonb_agg(jsonb_build_array(i.scheme, i.value) order by i.scheme, i.value)
               from catalog.identifier i where i.paper_id = h.entity_id)) else '{}' end
        || case when h.before ? 'records' then jsonb_build_object('records', (
               select jsonb_agg(m.record_id order by m.record_id)
               from catalog.member m where m.paper_id = h.entity_id)) else '{}' end as now
    from catalog.paper p
    where h.entity = 'paper' and p.paper_id = h.entity_id and p.created_at = h.born_at
    offset 0
) paper on true
left join lateral (
    select to_jsonb(u) as now
    from catalog.author u
    where h.entity = 'author' and u.author_id = h.entity_id
    offset 0
) author on true
left join lateral (
    select to_jsonb(u) || jsonb_build_object(
        'people', (select jsonb_agg(p.name order by p.name) from catalog.course_person p
                   where p.course_id = h.entity_id),
        'records', (select jsonb_agg(m.record_id order by m.record_id) from catalog.course_member m
                    where m.course_id = h.entity_id),
        'offerings', (select jsonb_agg(jsonb_build_object('dates_text', o.dates_text, 'label', o.label)
                                       order by o.position)
                      from catalog.offering o where o.course_id = h.entity_id)) as now
    from catalog.course u
    where h.entity = 'course' and u.course_id = h.entity_id
    offset 0
) course on true
cross join lateral (
    select e.key, e.value from jsonb_each(h.before) e where h.kind in ('changed', 'split')
    union all
    select '', null::jsonb where h.kind in ('merged', 'deleted')
) c;
comment on view mart.change is
    'One row per changed column of a paper, person or course; one with an empty key where its number came to its end.';

create function mart.shown(key text, value jsonb) returns text immutable parallel safe language sql as
$$
    select case
        when value is null or value = 'null' or value = '[]' then null
        when key = 'authors' then (select string_agg(e.a ->> 0, '; ' order by e.n)
                                   from jsonb_array_elements(value) with ordinality e(a, n))
        when key = 'identifiers' then (select string_agg((e.a ->> 0) || ':' || (e.a ->> 1), '; ' order by e.n)
                                       from jsonb_array_elements(value) with ordinality e(a, n))
        when key = 'offerings' then (select string_agg(coalesce(e.a ->> 'dates_text', e.a ->> 'label'), '; ' order by e.n)
                                     from jsonb_array_elements(value) with ordinality e(a, n))
        when jsonb_typeof(value) = 'array' and jsonb_typeof(value -> 0) in ('string', 'number') then
            (select string_agg(e.a, '; ' order by e.n) from jsonb_array_elements_text(value) with ordinality e(a, n))
        else value #>> '{}'
    end
$$;
comment on function mart.shown(text, jsonb) is 'A value of history as people read it; lists joined by "; ".';
