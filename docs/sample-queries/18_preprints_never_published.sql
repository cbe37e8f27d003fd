-- Which preprints of two years ago or older have no published version?
select paper_id, preprint_source, preprint_id, preprint_date
from preprint_publication
where published_status is null and preprint_date < current_date - 730
order by preprint_date
limit 100;
