-- Is everything up to date?
select source_name, last_success_at, hours_since_success, expected_every_hours, is_late, last_error
from freshness
order by is_late desc, source_name;
