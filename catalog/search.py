"""Schema ``catalog``: what full-text search looks through, and filling it."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Index, Table, text
from sqlalchemy.dialects.postgresql import TSVECTOR

from catalog.engine import Cursor
from catalog.schema import Moment, Name, metadata

paper_words = Table(
    "paper_words",
    metadata,
    Column("paper_id", BigInteger, primary_key=True, autoincrement=False, comment="The paper."),
    Column("words", TSVECTOR, nullable=False, comment="Stems: title A, authors B, venue C, abstract D."),
    Column("updated_at", Moment, nullable=False, comment="State of the paper they are of."),
    Index(None, "words", postgresql_using="gin"),
    schema="catalog",
    comment="What full-text search looks through, apart from papers: computing it is dear, so it happens later.",
)

word = Table(
    "word",
    metadata,
    Column("word", Name, primary_key=True, comment="The word, folded."),
    Index("ix_word_reverse", text("reverse(word)")),
    schema="catalog",
    comment="Words of titles and names of authors ever met: what a misspelt word of a search may have meant.",
)

SLICE = 20_000
"""Papers indexed in one transaction."""

_STALE = """
    create temporary table stale on commit drop as
    select p.paper_id from catalog.paper p left join catalog.paper_words w using (paper_id)
    where w.paper_id is null or w.updated_at <> p.updated_at
    limit %s
"""
_GONE = """
    delete from catalog.paper_words w
    where not exists (select from catalog.paper p where p.paper_id = w.paper_id)
"""
_INDEX = """
    with text as materialized (
        select p.paper_id, p.updated_at,
               case when p.title_language = 'fr' then 'pg_catalog.french' else 'pg_catalog.english' end::regconfig
                   as main,
               case when p.abstract_language = 'fr' then 'pg_catalog.french' else 'pg_catalog.english' end::regconfig
                   as second,
               catalog.fold(coalesce(p.title, '')) as title, catalog.fold(coalesce(a.names, '')) as names,
               catalog.fold(coalesce(p.venue, '')) as venue, catalog.fold(coalesce(p.abstract, '')) as abstract,
               p.other_texts
        from stale join catalog.paper p using (paper_id)
        left join lateral (
            select string_agg(h.credited_as, '; ' order by h.position) as names
            from catalog.authorship h where h.paper_id = p.paper_id
        ) a on true
    ), met as (
        insert into catalog.word
        select distinct token
        from text cross join lateral regexp_split_to_table(title || ' ' || names, '[^[:alnum:]]+') token
        where length(token) between 4 and 40
        on conflict do nothing
    )
    insert into catalog.paper_words as w (paper_id, words, updated_at)
    select paper_id,
           setweight(to_tsvector(main, title), 'A') || setweight(to_tsvector(main, names), 'B')
           || setweight(to_tsvector(main, venue), 'C') || setweight(to_tsvector(second, left(abstract, 100000)), 'D')
           || coalesce((
               select setweight(to_tsvector('pg_catalog.french', string_agg(catalog.fold(o ->> 2), ' ')
                                filter (where o ->> 1 = 'fr')), 'D')
               from jsonb_array_elements(other_texts) o), '')
           || coalesce((
               select setweight(to_tsvector('pg_catalog.english', string_agg(catalog.fold(o ->> 2), ' ')
                                filter (where o ->> 1 is distinct from 'fr')), 'D')
               from jsonb_array_elements(other_texts) o), ''),
           updated_at
    from text
    on conflict (paper_id) do update set words = excluded.words, updated_at = excluded.updated_at
"""


def index_texts(cursor: Cursor) -> bool:
    """Indexes a slice of papers whose words are missing or of an older state; false when none is left."""
    cursor.execute(_STALE, (SLICE,))
    cursor.execute("select count(*) from stale")
    row = cursor.fetchone()
    if not row or not row[0]:
        cursor.execute(_GONE)
        return False
    cursor.execute(_INDEX)
    return True
