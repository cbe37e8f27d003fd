create view analytics.data_dictionary as
select
    v.relname::text as view_name,
    obj_description(v.oid, 'pg_class') as view_comment,
    a.attnum::int4 as ordinal,
    a.attname::text as column_name,
    format_type(a.atttypid, a.atttypmod) as data_type,
    col_description(v.oid, a.attnum::int4) as comment
from pg_catalog.pg_class v
join pg_catalog.pg_attribute a on a.attrelid = v.oid and a.attnum > 0 and not a.attisdropped
where v.relnamespace = 'analytics'::regnamespace and v.relkind = 'v';

comment on view analytics.data_dictionary is 'One row per column of the views in schema analytics: this very text.';
comment on column analytics.data_dictionary.view_name is 'The view.';
comment on column analytics.data_dictionary.view_comment is 'What one row of the view is.';
comment on column analytics.data_dictionary.ordinal is '1 for its first column.';
comment on column analytics.data_dictionary.column_name is 'The column.';
comment on column analytics.data_dictionary.data_type is 'Its PostgreSQL type.';
comment on column analytics.data_dictionary.comment is 'What it means.';
