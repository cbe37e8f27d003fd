create view analytics.author_redirects as
select
    r.from_id as from_author_id,
    'a-' || lpad(r.from_id::text, greatest(6, length(r.from_id::text)), '0') as from_author_key,
    r.to_id as to_author_id,
    'a-' || lpad(r.to_id::text, greatest(6, length(r.to_id::text)), '0') as to_author_key,
    r.at as redirected_at
from catalog.redirect r
where r.entity = 'author';

comment on view analytics.author_redirects is 'One row per number of a person that was merged into another.';
comment on column analytics.author_redirects.from_author_id is 'The number that is no longer used.';
comment on column analytics.author_redirects.from_author_key is 'The same as people write it.';
comment on column analytics.author_redirects.to_author_id is 'The person it leads to.';
comment on column analytics.author_redirects.to_author_key is 'The same as people write it.';
comment on column analytics.author_redirects.redirected_at is 'When they were found to be the same.';
