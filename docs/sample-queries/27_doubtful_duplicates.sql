-- Which pairs should a person look at, the most likely first?
select source_a, source_key_a, title_a, source_b, source_key_b, title_b, score
from duplicate_candidates
where not is_same_paper
order by score desc
limit 50;
