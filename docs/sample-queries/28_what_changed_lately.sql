-- What changed in the last thirty days?
select h.changed_at, h.paper_id, h.field_name, h.old_value_text, h.new_value_text, h.source_name, h.actor
from paper_history h
where h.changed_at > now() - interval '30 days'
order by h.changed_at desc, h.paper_id, h.field_name
limit 200;
