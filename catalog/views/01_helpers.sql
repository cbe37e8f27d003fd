-- What several views share. Schema mart is private, like catalog; it is made again together with the views.
create function mart.number_of(key text) returns int8 immutable parallel safe language sql as
$$ select ('x' || left(md5(key), 13))::bit(52)::int8 $$;
comment on function mart.number_of(text) is
    'A number for something known by a text alone: the same in every database, exact in spreadsheets (52 bits).';

-- Runs as its owner: only an owner may refresh. A first filling cannot run beside readers; there are none yet.
create function mart.renew(mart text) returns void language plpgsql security definer set search_path = pg_catalog as
$$
declare
    started timestamptz := clock_timestamp();
    seen int8 := coalesce((select max(event_id) from catalog.event), 0);
    filled bool := (select relispopulated from pg_class where oid = ('mart.' || quote_ident(mart))::regclass);
begin
    execute format('refresh materialized view %s mart.%I', case when filled then 'concurrently' else '' end, mart);
    insert into ops.refresh as r (mart, refreshed_at, seconds, event_id)
    values (mart, clock_timestamp(), extract(epoch from clock_timestamp() - started), seen)
    on conflict on constraint pk_refresh do update
        set refreshed_at = excluded.refreshed_at, seconds = excluded.seconds, event_id = excluded.event_id;
end
$$;
comment on function mart.renew(text) is 'Computes a prepared table again, beside its readers.';

-- Union-find over author numbers; in plpgsql because a recursive query walks every path.
create function mart.components(author_a int8[], author_b int8[])
returns table (author_id int8, component_id int8) stable parallel safe language plpgsql as
$$
declare
    numbers int8[] := (select array_agg(distinct n order by n) from unnest(author_a || author_b) n);
    parent int4[] := (select array_agg(i) from generate_series(1, coalesce(cardinality(numbers), 0)) i);
    pair record;
    a int4;
    b int4;
begin
    for pair in
        with place as materialized (select n, i::int4 as i from unnest(numbers) with ordinality u(n, i))
        select x.i as a, y.i as b
        from unnest(author_a, author_b) e(a, b) join place x on x.n = e.a join place y on y.n = e.b
    loop
        a := pair.a;
        b := pair.b;
        while parent[a] <> a loop
            parent[a] := parent[parent[a]];
            a := parent[a];
        end loop;
        while parent[b] <> b loop
            parent[b] := parent[parent[b]];
            b := parent[b];
        end loop;
        if a < b then
            parent[b] := a;
        elsif b < a then
            parent[a] := b;
        end if;
    end loop;
    for a in 1 .. coalesce(cardinality(numbers), 0) loop
        parent[a] := parent[parent[a]];
    end loop;
    return query select numbers[i], numbers[parent[i]] from generate_series(1, coalesce(cardinality(numbers), 0)) i;
end
$$;
comment on function mart.components(int8[], int8[]) is
    'Connected components of a graph given as pairs; each is named by its smallest number.';
