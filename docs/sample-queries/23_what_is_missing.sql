-- What is missing in our data, and is it getting better?
select check_name, severity, n_checked, n_failed, failed_share, trend_7d, example_ids_text
from data_quality_summary
where is_latest and n_failed > 0
order by case severity when 'error' then 1 when 'warning' then 2 else 3 end, n_failed desc;
