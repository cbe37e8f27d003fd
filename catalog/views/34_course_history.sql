create view analytics.course_history as
select
    c.entity_id as course_id,
    case c.key when '' then 'course' else c.key end as field_name,
    case c.key when '' then coalesce(c.before ->> 'title_fr', c.before ->> 'title_en') else mart.shown(c.key, c.old_value) end as old_value_text,
    mart.shown(c.key, c.new_value) as new_value_text,
    c.at as changed_at,
    c.actor,
    c.kind as change_kind,
    c.history_id as change_id
from mart.change c
where c.entity = 'course' and c.key <> 'updated_at' and (c.key = '' or c.old_value is distinct from c.new_value);

comment on view analytics.course_history is
    'One row per change of a field of a course, or per course that is no more; first values are no change.';
comment on column analytics.course_history.course_id is 'The course; may be a number no longer in use.';
comment on column analytics.course_history.field_name is
    'title_fr, title_en, description_fr, offerings (cohorts with their dates), people ...; course when it ended.';
comment on column analytics.course_history.old_value_text is 'The value until then, lists joined by "; "; null when empty.';
comment on column analytics.course_history.new_value_text is 'The value from then on; null when empty.';
comment on column analytics.course_history.changed_at is 'When the change was written here.';
comment on column analytics.course_history.actor is 'The person whose decision it was; null when the rules decided.';
comment on column analytics.course_history.change_kind is 'changed, merged or deleted.';
comment on column analytics.course_history.change_id is 'Equal for all that changed of a course at once.';
