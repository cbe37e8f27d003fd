create view analytics.paper_links as
select
    p.paper_id,
    l.n::int4 as link_order,
    l.link ->> 0 as url,
    l.link ->> 1 as link_kind
from catalog.paper p
cross join lateral jsonb_array_elements(p.links) with ordinality l(link, n);

comment on view analytics.paper_links is
    'One row per web address that the sources give for a paper.';
comment on column analytics.paper_links.paper_id is 'The paper.';
comment on column analytics.paper_links.link_order is '1 for the first, addresses being sorted.';
comment on column analytics.paper_links.url is 'The address.';
comment on column analytics.paper_links.link_kind is 'landing, pdf, code, video or other.';
