-- Candidates first, ranking after: a common word has hundreds of thousands of papers, of which some hundred are ranked.
-- Words that no paper has are replaced by the most alike that one has; half of a word with one slip is always whole, so
-- candidates share its first or its last half.
create function mart.search_query(words text, lang text) returns tsquery stable parallel safe language plpgsql
set search_path = pg_catalog as
$$
begin
    return case
        when lang = 'fr' then websearch_to_tsquery('french', words)
        when lang = 'en' then websearch_to_tsquery('english', words)
        else websearch_to_tsquery('english', words) || websearch_to_tsquery('french', words)
    end;
exception when internal_error then
    -- "tsquery stack too small": hundreds of quotation marks mean nothing anyway.
    return plainto_tsquery('english', words) || plainto_tsquery('french', words);
end
$$;
comment on function mart.search_query(text, text) is 'What people type, as a query over stems; en, fr, or both.';

create function mart.likeness(a text, b text) returns float8 immutable parallel safe language sql
set search_path = pg_catalog as
$$
    select 2.0 * count(*) / (length(a) + length(b) + 2)
    from (
        select substr(' ' || a || ' ', i, 2) as pair, row_number() over (partition by substr(' ' || a || ' ', i, 2))
        from generate_series(1, length(a) + 1) i
        intersect
        select substr(' ' || b || ' ', i, 2), row_number() over (partition by substr(' ' || b || ' ', i, 2))
        from generate_series(1, length(b) + 1) i
    ) shared
$$;
comment on function mart.likeness(text, text) is 'Pairs of neighbouring letters two words share, 0 to 1 (Dice).';

create function mart.corrected(words text) returns text stable language sql set search_path = pg_catalog as
$$
    select string_agg(coalesce(near.word, t.token), ' ' order by t.n)
    from regexp_split_to_table(words, '[^[:alnum:]]+') with ordinality t(token, n)
    cross join lateral (
        select left(t.token, greatest(3, length(t.token) / 2)) as head,
               left(reverse(t.token), greatest(3, (length(t.token) + 1) / 2)) as tail
    ) half
    left join lateral (
        select alike.word
        from (
            (select c.word from catalog.word c
             where c.word >= half.head and c.word < half.head || chr(1114111)
               and length(c.word) between length(t.token) - 2 and length(t.token) + 2
             order by c.word limit 500)
            union
            (select c.word from catalog.word c
             where reverse(c.word) >= half.tail and reverse(c.word) < half.tail || chr(1114111)
               and length(c.word) between length(t.token) - 2 and length(t.token) + 2
             order by reverse(c.word) limit 500)
        ) w
        cross join lateral (select w.word, mart.likeness(w.word, t.token) as likeness offset 0) alike
        where alike.likeness >= 0.5
        order by alike.likeness desc, alike.word
        limit 1
    ) near on length(t.token) between 4 and 40 and not exists (select from catalog.word k where k.word = t.token)
    where t.token <> '' and t.n <= 12
$$;
comment on function mart.corrected(text) is 'Words nobody wrote, replaced by the most alike that somebody did.';

create function analytics.search_papers(q text, lang text default 'auto', max_rows int4 default 50)
returns table (paper_id int8, title text, year int4, rank float8, headline text, paper_key text, match_kind text)
stable language plpgsql security definer set search_path = pg_catalog as
$$
#variable_conflict use_column
declare
    most int4 := least(greatest(coalesce(max_rows, 50), 0), 10000);
    enough int4 := greatest(most, 500);
    typed text := left(regexp_replace(left(coalesce(q, ''), 400), '[[:cntrl:]]', ' ', 'g'), 400);
    words text := left(catalog.fold(typed), 500);
    wanted tsquery;
    shown tsquery;
    how text;
    found int8[] := '{}';
begin
    foreach how in array array['words', 'beginning', 'corrected'] loop
        -- Quotation marks and minus are meant: nothing is put in the place of what they ask for.
        exit when how <> 'words' and typed ~ '"|(^|\s)-';
        if how = 'beginning' then
            wanted := (
                select to_tsquery('simple', string_agg(quote_literal(token) || ':*', ' & '))
                from regexp_split_to_table(words, '[^[:alnum:]]+') token
                where length(token) >= 4
            );
        else
            if how = 'corrected' then
                words := mart.corrected(words);
            end if;
            wanted := mart.search_query(coalesce(words, ''), lang);
        end if;
        -- What only excludes asks for nothing.
        continue when wanted is null or querytree(wanted) in ('', 'T');
        found := array(select w.paper_id from catalog.paper_words w where w.words @@ wanted limit enough);
        if cardinality(found) < most then
            -- Written a moment ago: only the title is known to the index yet.
            found := found || array(
                select p.paper_id from catalog.paper p
                where catalog.title_words(p.title, p.title_language) @@ wanted and p.paper_id <> all(found)
                limit enough);
        end if;
        exit when cardinality(found) > 0;
    end loop;
    if wanted is null or cardinality(found) = 0 then
        return;
    end if;
    shown := wanted || mart.search_query(typed, lang);
    return query
    with best as materialized (
        select
            p.paper_id,
            ts_rank('{0.05, 0.3, 0.5, 1}', coalesce(w.words, setweight(
                catalog.title_words(p.title, p.title_language), 'A')), wanted, 1)::float8 as rank,
            p.year
        from unnest(found) f(paper_id)
        join catalog.paper p on p.paper_id = f.paper_id
        left join catalog.paper_words w on w.paper_id = f.paper_id
        order by 2 desc, p.year desc nulls last, p.paper_id
        limit most
    )
    select
        p.paper_id,
        p.title,
        p.year::int4,
        b.rank,
        case
            when position('**' in h.plain) > 0 or octet_length(t.body) = length(t.body) then h.plain
            else (
                select case when position('**' in bare) > 0 then bare else h.plain end
                from ts_headline('english', catalog.fold(t.body), wanted,
                                 'StartSel=**, StopSel=**, MaxFragments=1, MaxWords=30, MinWords=12') bare
            )
        end,
        'p-' || lpad(p.paper_id::text, greatest(6, length(p.paper_id::text)), '0'),
        how
    from best b
    join catalog.paper p on p.paper_id = b.paper_id
    cross join lateral (
        select left(concat_ws('. ', p.title, p.abstract), 4000) as body,
               case when coalesce(p.abstract_language, p.title_language) = 'fr' then 'french' else 'english' end::regconfig
                   as config
    ) t
    cross join lateral (
        select ts_headline(t.config, t.body, shown,
                           'StartSel=**, StopSel=**, MaxFragments=1, MaxWords=30, MinWords=12') as plain
        offset 0
    ) h
    order by b.rank desc, b.year desc nulls last, b.paper_id;
end
$$;
comment on function analytics.search_papers(text, text, int4) is
    'Papers by words of title, authors, venue and abstract, the best first. q: as in a web search ("a phrase", or, '
    '-without); capitals, accents and endings make no difference; words nobody wrote are read as the most alike. lang: '
    'fr, en, or auto for both. Found words stand between ** in headline. match_kind: words, beginning or corrected. '
    'Example: select * from search_papers(''flow networks'')';
