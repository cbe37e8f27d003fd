create view analytics.paper_identifiers as
select
    f.paper_id,
    f.scheme,
    f.value,
    case f.scheme
        when 'doi' then 'https://doi.org/'
        when 'arxiv' then 'https://arxiv.org/abs/'
        when 'openreview' then 'https://openreview.net/forum?id='
        when 'openalex' then 'https://openalex.org/'
        when 'dblp' then 'https://dblp.org/rec/'
        when 's2' then 'https://www.semanticscholar.org/paper/'
        when 'corpusid' then 'https://api.semanticscholar.org/CorpusID:'
        when 'pmid' then 'https://pubmed.ncbi.nlm.nih.gov/'
        when 'pmcid' then 'https://pmc.ncbi.nlm.nih.gov/articles/'
        when 'hal' then 'https://hal.science/'
        when 'acl' then 'https://aclanthology.org/'
        when 'pmlr' then 'https://proceedings.mlr.press/'
        when 'wikidata' then 'https://www.wikidata.org/wiki/'
    end || f.value || case f.scheme when 'pmlr' then '.html' else '' end as url
from catalog.identifier f;

comment on view analytics.paper_identifiers is 'One row per identifier of a paper.';
comment on column analytics.paper_identifiers.paper_id is 'The paper.';
comment on column analytics.paper_identifiers.scheme is
    'doi, arxiv, openreview, openalex, dblp, s2, corpusid, pmid, pmcid, hal, acl, pmlr, isbn ...';
comment on column analytics.paper_identifiers.value is 'The identifier in its one canonical spelling.';
comment on column analytics.paper_identifiers.url is 'Where it resolves; null for schemes without a resolver.';
