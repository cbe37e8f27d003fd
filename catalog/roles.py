"""Who may do what: owner, migrator, worker, reader. Groups without login; people and programs are members.

Everything is granted again after each migration, because views are made anew. Where the migrating user may not make
roles, one user stays everything, as before. What Postgres cannot forbid a reader, ``watch`` ends.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from urllib.parse import quote, unquote, urlsplit, urlunsplit

import psycopg
from psycopg import sql

from catalog.engine import Cursor

OWNER, MIGRATOR, WORKER, READER = "catalog_owner", "catalog_migrator", "catalog_worker", "catalog_reader"
ANALYST = "pubcat_analyst"
"""The login that ``pubcat sql`` uses."""
LONGEST_S = 60
"""A reader's query is cancelled after that, whatever the session says of its own time limit."""
LOCK = 7_208_215_006
NAME = re.compile(r"(?!pg_)[a-z_][a-z0-9_]{0,62}")

_GROUPS = """
do $$
declare
    wanted text;
begin
    foreach wanted in array array['catalog_owner', 'catalog_migrator', 'catalog_worker', 'catalog_reader'] loop
        if not exists (select from pg_roles where rolname = wanted) then
            execute format('create role %I nologin', wanted);
        end if;
    end loop;
    if not pg_has_role('catalog_migrator', 'catalog_owner', 'member') then
        grant catalog_owner to catalog_migrator;
    end if;
end
$$
"""
_OWN = """
do $$
declare
    thing record;
begin
    for thing in
        select n.nspname, null::text as name, 'schema' as kind from pg_namespace n
        where n.nspname = any(array['raw', 'ops', 'catalog', 'mart', 'analytics'])
          and n.nspowner <> 'catalog_owner'::regrole
        union all
        select n.nspname, c.relname,
               case c.relkind when 'v' then 'view' when 'm' then 'materialized view' else 'table' end
        from pg_class c join pg_namespace n on n.oid = c.relnamespace
        where (n.nspname = any(array['raw', 'ops', 'catalog', 'mart', 'analytics'])
               or n.nspname = 'public' and c.relname = 'alembic_version')
          and c.relkind in ('r', 'p', 'v', 'm') and c.relowner <> 'catalog_owner'::regrole
        union all
        select n.nspname, p.oid::regprocedure::text, 'routine'
        from pg_proc p join pg_namespace n on n.oid = p.pronamespace
        where n.nspname = any(array['raw', 'ops', 'catalog', 'mart', 'analytics'])
          and p.proowner <> 'catalog_owner'::regrole
    loop
        if thing.kind = 'schema' then
            execute format('alter schema %I owner to catalog_owner', thing.nspname);
        elsif thing.kind = 'routine' then
            execute format('alter routine %s owner to catalog_owner', thing.name);
        else
            execute format('alter %s %I.%I owner to catalog_owner', thing.kind, thing.nspname, thing.name);
        end if;
    end loop;
    execute format('grant create, temporary on database %I to catalog_owner', current_database());
end
$$
"""
_GRANTS = """
grant usage on schema raw, ops, catalog, mart, analytics to catalog_worker;
grant select, insert on all tables in schema raw to catalog_worker;
revoke update, delete, truncate on all tables in schema raw from catalog_worker;
grant select, insert, update, delete on all tables in schema ops, catalog to catalog_worker;
grant select on all tables in schema mart, analytics to catalog_worker;
grant usage on all sequences in schema raw, ops, catalog to catalog_worker;
grant select on public.alembic_version to catalog_worker;
revoke execute on function mart.renew(text) from public;
grant execute on function mart.renew(text) to catalog_worker;
grant usage on schema analytics to catalog_reader;
grant select on all tables in schema analytics to catalog_reader;
"""
_HARMFUL = """
    select p.oid::regprocedure::text
    from pg_proc p
    where p.pronamespace = 'pg_catalog'::regnamespace
      and (p.proname ~ '^pg_(try_)?advisory_' or p.proname ~ '^(lo_|loread$|lowrite$)'
           or p.proname in ('pg_notify', 'pg_sleep', 'pg_sleep_for', 'pg_sleep_until', 'pg_cancel_backend',
                            'pg_terminate_backend', 'pg_current_xact_id', 'txid_current', 'pg_export_snapshot',
                            'pg_logical_emit_message', 'currval', 'setval', 'nextval'))
      and has_function_privilege('public', p.oid, 'execute')
"""
"""What nobody needs to read: locks the worker waits for, large objects, sleeping, signals, spending transactions."""

_WATCH = """
    select case when a.state = 'active' and clock_timestamp() - a.query_start < interval '90 s'
           then pg_cancel_backend(a.pid) else pg_terminate_backend(a.pid) end
    from pg_stat_activity a
    where a.datname = current_database() and a.pid <> pg_backend_pid()
      and pg_has_role('pg_signal_backend', 'member')
      and a.usesysid in (select m.member from pg_auth_members m
                         where m.roleid = (select oid from pg_roles where rolname = 'catalog_reader'))
      and (a.state = 'active' and a.query_start < clock_timestamp() - make_interval(secs => %(longest_s)s)
           or a.state like 'idle in transaction%%' and a.state_change < clock_timestamp() - interval '5 min')
"""


def install(cursor: Cursor) -> bool:
    """Makes the groups, hands everything to the owner and grants; false where the user may not make roles."""
    row = cursor.execute("select rolsuper from pg_roles where rolname = current_user").fetchone()
    if not row or not row[0]:
        row = cursor.execute("select count(*) from pg_roles where rolname = any(%s)", ([WORKER, READER],)).fetchone()
        if row and row[0] == 2:
            cursor.execute(_GRANTS)
        return False
    cursor.execute("select pg_advisory_xact_lock(%s)", (LOCK,))
    cursor.execute(_GROUPS)
    cursor.execute(_OWN)
    cursor.execute(_GRANTS)
    cursor.execute(f"grant pg_signal_backend, pg_read_all_stats to {WORKER}")
    return True


def harden(cursor: Cursor) -> list[str]:
    """Takes from everybody what a reader must not do and the worker may; what the user has no right to take.

    Needs a superuser for the functions and the language; the owner of the database for temporary tables.
    """
    left: list[str] = []
    statements = [f"revoke temporary on database {_database(cursor)} from public",
                  f"grant temporary on database {_database(cursor)} to {WORKER}, {OWNER}",
                  "revoke create on schema public from public",
                  "revoke usage on language plpgsql from public",
                  f"grant usage on language plpgsql to {OWNER}"]  # fmt: skip
    for (function,) in cursor.execute(_HARMFUL).fetchall():
        statements.append(f"revoke execute on function {function} from public")
        statements.append(f"grant execute on function {function} to {WORKER}, {OWNER}")
    for statement in statements:
        try:
            with cursor.connection.transaction():
                cursor.execute(statement.encode())
        except psycopg.errors.InsufficientPrivilege:
            left.append(statement)
    return left


def _database(cursor: Cursor) -> str:
    row = cursor.execute("select quote_ident(current_database())").fetchone()
    return str(row[0]) if row else ""


def grant_reader(cursor: Cursor, name: str, password: str | None, connections: int = 5) -> list[str]:
    """Makes or mends a login that reads schema analytics and nothing else; what could not be forbidden.

    ``password``: none leaves the one there is.

    Raises:
        ValueError: no name for a role, or a role that is more than a reader.
        psycopg.errors.InsufficientPrivilege: the user may not make roles.
    """
    if not NAME.fullmatch(name) or name in (OWNER, MIGRATOR, WORKER, READER):
        raise ValueError(f"{name!r} is no name for a reader: small letters, digits and _, a letter first")
    cursor.execute("select pg_advisory_xact_lock(%s)", (LOCK,))
    row = cursor.execute(
        "select rolsuper or rolcreaterole or rolcreatedb or rolreplication or rolbypassrls,"
        " exists (select from pg_auth_members m where m.member = r.oid"
        "         and m.roleid <> coalesce((select oid from pg_roles where rolname = %s), 0)),"
        " (select count(*) from pg_shdepend d where d.refobjid = r.oid and d.deptype = 'o')"
        " from pg_roles r where rolname = %s",
        (READER, name),
    ).fetchone()
    if row and (row[0] or row[1] or row[2]):
        raise ValueError(f"{name} is more than a reader already; choose another name")
    role = sql.Identifier(name)
    if row is None:
        cursor.execute(sql.SQL("create role {}").format(role))
    limits = "login nosuperuser nocreatedb nocreaterole inherit connection limit"
    cursor.execute(sql.SQL("alter role {} {} {}").format(role, sql.SQL(limits), sql.Literal(connections)))
    if password is not None:
        cursor.execute(sql.SQL("alter role {} password {}").format(role, sql.Literal(password)))
    cursor.execute(sql.SQL("grant {} to {}").format(sql.Identifier(READER), role))
    for setting, value in (
        ("default_transaction_read_only", "on"), ("search_path", "analytics"),
        ("statement_timeout", f"{LONGEST_S}s"), ("lock_timeout", "5s"),
        ("idle_in_transaction_session_timeout", "60s"), ("timezone", "UTC"),
    ):  # fmt: skip
        cursor.execute(sql.SQL("alter role {} set {} = {}").format(role, sql.Identifier(setting), sql.Literal(value)))
    left = []
    try:
        with cursor.connection.transaction():
            cursor.execute(sql.SQL("alter role {} set temp_file_limit = '4GB'").format(role))
    except psycopg.errors.InsufficientPrivilege:
        left.append("limit temporary files")
    return left + harden(cursor)


def new_password() -> str:
    """A password nobody guesses."""
    return secrets.token_urlsafe(24)


def address_for(url: str, name: str, password: str | None) -> str:
    """The address of another login on the same database."""
    parts = urlsplit(url)
    login = f"{name}:{quote(password)}" if password else name
    return urlunsplit(parts._replace(netloc=f"{login}@{parts.netloc.rpartition('@')[2]}"))


def reader_url(url: str) -> str:
    """The address of the analyst's login on the same database, made when it is not there yet.

    Its password follows from that of the address given, so nothing has to be kept.

    Raises:
        psycopg.Error: the user may not make roles, or the address has no password to derive from.
    """
    parts = urlsplit(url)
    if not parts.password:
        raise psycopg.errors.InsufficientPrivilege("the address holds no password to derive the analyst's from")
    derived = hmac.new(unquote(parts.password).encode(), b"pubcat analyst", hashlib.sha256).hexdigest()[:40]
    address = address_for(url, ANALYST, derived)
    if not _is_ready(address):
        with psycopg.connect(urlunsplit(parts), connect_timeout=5) as connection, connection.cursor() as cursor:
            grant_reader(cursor, ANALYST, derived, connections=20)
    return address


def _is_ready(address: str) -> bool:
    """Whether the analyst can log in there and has lost what a reader must not have."""
    try:
        with psycopg.connect(address, connect_timeout=5) as connection:
            row = connection.execute(
                "select has_database_privilege(current_database(), 'temporary')"
                " or has_function_privilege('pg_catalog.pg_advisory_lock(bigint)', 'execute')"
            ).fetchone()
    except psycopg.OperationalError:
        return False
    return bool(row and not row[0])


def watch(cursor: Cursor) -> int:
    """Cancels queries of readers that outlast ``LONGEST_S`` and ends idle transactions; how many."""
    return len(cursor.execute(_WATCH, {"longest_s": LONGEST_S}).fetchall())


def become_owner(cursor: Cursor) -> None:
    """Makes what a migrator makes belong to the owner; a superuser hands it over in ``install``."""
    row = cursor.execute(
        "select exists (select from pg_roles where rolname = current_user and not rolsuper)"
        " and exists (select from pg_roles where rolname = %s and pg_has_role(oid, 'member'))",
        (OWNER,),
    ).fetchone()
    if row and row[0]:
        cursor.execute(f"set role {OWNER}")
