create view analytics.author_history as
select
    c.entity_id as author_id,
    case c.key when '' then 'author' else c.key end as field_name,
    case c.key when '' then c.before ->> 'display_name' else mart.shown(c.key, c.old_value) end as old_value_text,
    mart.shown(c.key, c.new_value) as new_value_text,
    c.at as changed_at,
    c.actor,
    c.kind as change_kind,
    c.history_id as change_id
from mart.change c
where c.entity = 'author' and (c.key = '' or c.old_value is distinct from c.new_value);

comment on view analytics.author_history is
    'One row per change of a field of a person, or per person who became part of others; first values are no change.';
comment on column analytics.author_history.author_id is 'The person; may be a number no longer in use.';
comment on column analytics.author_history.field_name is
    'display_name, given, family, identifiers, names, method or confidence; author when the number came to its end.';
comment on column analytics.author_history.old_value_text is 'The value until then, lists joined by "; "; null when empty.';
comment on column analytics.author_history.new_value_text is 'The value from then on; null when empty.';
comment on column analytics.author_history.changed_at is 'When the change was written here.';
comment on column analytics.author_history.actor is 'The person whose decision it was; null when the rules decided.';
comment on column analytics.author_history.change_kind is 'changed, merged or deleted.';
comment on column analytics.author_history.change_id is 'Equal for all that changed of a person at once.';
