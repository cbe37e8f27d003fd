create view mart.quality_check as
select k.*
from (
    values
    ('paper_without_title', 'No source tells the title.', 'error', 'paper'),
    ('paper_with_cut_title', 'Only the beginning of the title is known.', 'warning', 'paper'),
    ('paper_without_authors', 'No source tells an author.', 'error', 'paper'),
    ('paper_with_cut_authors', 'The author list is known to go on.', 'warning', 'paper'),
    ('paper_without_abstract', 'No source tells the abstract.', 'info', 'paper'),
    ('paper_with_cut_abstract', 'Only the beginning of the abstract is known.', 'warning', 'paper'),
    ('paper_without_year', 'No source tells the year.', 'warning', 'paper'),
    ('paper_in_the_future', 'The year is later than next year.', 'error', 'paper'),
    ('paper_without_identifier', 'No DOI, arXiv number or other identifier.', 'info', 'paper'),
    ('doi_on_several_papers', 'One DOI stands on several papers.', 'warning', 'identifier'),
    ('record_without_paper', 'A record that became part of no paper (answers of enrichment may).', 'info', 'record'),
    ('unsure_pair', 'Two records of which the rules cannot say whether they are the same work.', 'warning',
     'record pair'),
    ('course_without_offering', 'A course of which no cohort is known.', 'info', 'course'),
    ('offering_without_date', 'A cohort of which no day is known.', 'warning', 'offering'),
    ('offering_year_inferred', 'The year comes from the date of the page.', 'info', 'offering'),
    ('dead_letter_open', 'A page or record nobody could read, not yet retried or discarded.', 'error',
     'dead letter'),
    ('source_late', 'A scheduled source whose last success is too long ago.', 'error', 'source')
) k(check_name, description, severity, entity_type);
comment on view mart.quality_check is 'One row per check of data quality.';
