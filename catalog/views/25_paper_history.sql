create view analytics.paper_history as
select
    c.entity_id as paper_id,
    case c.key when 'published' then 'publication_date' when 'other_texts' then 'other_languages' when '' then 'paper'
        else c.key end as field_name,
    case c.key
        when '' then 'p-' || lpad(c.entity_id::text, greatest(6, length(c.entity_id::text)), '0')
            || coalesce(' ' || (c.before ->> 'title'), '')
        else mart.shown(c.key, c.old_value)
    end as old_value_text,
    case c.key
        when '' then 'p-' || lpad(r.to_id::text, greatest(6, length(r.to_id::text)), '0')
        else mart.shown(c.key, c.new_value)
    end as new_value_text,
    c.at as changed_at,
    c.sources ->> (case c.key when 'published' then 'publication_date' else c.key end) as source_name,
    c.actor,
    c.kind as change_kind,
    c.history_id as change_id
from mart.change c
left join catalog.redirect r on c.key = '' and r.entity = 'paper' and r.from_id = c.entity_id
where c.entity = 'paper' and c.key not in ('year', 'n_authors', 'n_records', 'provenance', 'updated_at', 'created_at')
  and (c.key = '' or c.old_value is distinct from c.new_value
                     and mart.shown(c.key, c.old_value) is distinct from mart.shown(c.key, c.new_value));

comment on view analytics.paper_history is
    'One row per change of a field of a paper, or per paper that was merged away or deleted; its first values are no '
    'change.';
comment on column analytics.paper_history.paper_id is 'The paper; may be a number merged away since.';
comment on column analytics.paper_history.field_name is
    'title, authors, identifiers, n_citations, records (those it is made of) ...; paper when it came to its end.';
comment on column analytics.paper_history.old_value_text is
    'The value until then, lists joined by "; "; of a paper that ended its key and title; null when empty.';
comment on column analytics.paper_history.new_value_text is
    'The value from then on; of a merged paper where its number leads now; null when empty.';
comment on column analytics.paper_history.changed_at is 'When the change was written here.';
comment on column analytics.paper_history.source_name is 'The source whose word the new value is; null when none or a person.';
comment on column analytics.paper_history.actor is 'The person whose decision it was; null when the rules decided.';
comment on column analytics.paper_history.change_kind is
    'changed, split (records left the paper), merged (into another paper) or deleted.';
comment on column analytics.paper_history.change_id is 'Equal for all that changed of a paper at once.';
