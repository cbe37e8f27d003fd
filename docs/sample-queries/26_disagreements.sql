-- Where do the sources of a paper disagree about the year?
select f.paper_id, f.value_text as kept, f.source_name, f.chosen_rule, f.other_values_text
from field_provenance f
where f.paper_id in (select paper_id from papers where n_sources > 1 order by paper_id limit 200)
  and f.field_name = 'publication_date' and f.n_disagreeing_sources > 0
order by f.paper_id;
