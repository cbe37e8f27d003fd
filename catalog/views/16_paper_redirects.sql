create view analytics.paper_redirects as
select
    r.from_id as from_paper_id,
    'p-' || lpad(r.from_id::text, greatest(6, length(r.from_id::text)), '0') as from_paper_key,
    r.to_id as to_paper_id,
    'p-' || lpad(r.to_id::text, greatest(6, length(r.to_id::text)), '0') as to_paper_key,
    r.at as redirected_at
from catalog.redirect r
where r.entity = 'paper';

comment on view analytics.paper_redirects is
    'One row per number of a paper that was merged into another: join old reports through it.';
comment on column analytics.paper_redirects.from_paper_id is 'The number that is no longer used.';
comment on column analytics.paper_redirects.from_paper_key is 'The same as people write it.';
comment on column analytics.paper_redirects.to_paper_id is 'The paper it leads to.';
comment on column analytics.paper_redirects.to_paper_key is 'The same as people write it.';
comment on column analytics.paper_redirects.redirected_at is 'When they were found to be the same.';
