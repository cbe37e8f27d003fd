"""Who may do what: more than a hundred statements by role, and what Postgres cannot forbid is ended by the watch."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import psycopg
import pytest

from catalog import roles, views
from worker.tools import Tools

Connections = dict[str, psycopg.Connection[Any]]

VIEWS = [stem.split("_", 1)[1] for stem, text in views.statements() if "create view analytics." in text]
NOBODY, READER, WORKER = "", "r", "w"
"""Who may: letters of the roles. The migrator owns everything and is asked apart."""

MATRIX: list[tuple[str, str]] = [
    *[(f"select * from analytics.{view} limit 1", "rw") for view in VIEWS],  # noqa: S608
    # What an analyst does.
    ("select * from topics limit 1", "silent"),
    ("select count(*) from analytics.search_papers('flow')", "rw"),
    ("select count(*) from analytics.papers_as_of(now())", "rw"),
    ("explain select * from analytics.papers where paper_id = 1", "rw"),
    ("with p as (select * from analytics.papers) select count(*) from p", "rw"),
    ("copy (select * from analytics.papers) to stdout", "rw"),
    ("begin; declare c cursor for select * from analytics.papers; fetch 1 from c; rollback", "rw"),
    ("prepare q as select 1; execute q; deallocate q", "rw"),
    ("show search_path", "rw"),
    ("select current_user", "rw"),
    ("set statement_timeout = '1s'", "rw"),
    # Below the views.
    ("select * from raw.payload", "w"),
    ("select * from raw.observation", "w"),
    ("select * from ops.work", "w"),
    ("select * from ops.harvest", "w"),
    ("select * from ops.dead_letter", "w"),
    ("select * from catalog.paper", "w"),
    ("select * from catalog.record", "w"),
    ("select * from catalog.author", "w"),
    ("select * from catalog.decision", "w"),
    ("select * from catalog.history", "w"),
    ("select * from mart.author_counts", "w"),
    ("select mart.renew('topics')", "w"),
    ("select * from public.alembic_version", "w"),
    ("copy catalog.paper to stdout", "w"),
    # The bytes are append-only.
    ("insert into raw.payload (sha256, body, media_type, size_bytes) values ('x', 'x', 'text/plain', 1)", "w"),
    ("update raw.payload set body = 'y'", NOBODY),
    ("delete from raw.payload", NOBODY),
    ("truncate raw.payload", NOBODY),
    ("update raw.observation set status = 500", NOBODY),
    ("delete from raw.observation", NOBODY),
    ("truncate raw.observation cascade", NOBODY),
    ("merge into raw.payload p using (select 1) s on true when matched then delete", NOBODY),
    ("alter table raw.payload add column x int", NOBODY),
    ("drop table raw.observation", NOBODY),
    ("create trigger t before insert on raw.payload execute function suppress_redundant_updates_trigger()", NOBODY),
    ("alter table raw.payload disable trigger all", NOBODY),
    # Writing.
    ("insert into ops.schedule (schedule, source, every_s) values ('x', 'x', 60)", "w"),
    ("update catalog.paper set title = 'x'", "w"),
    ("delete from catalog.paper", "w"),
    ("insert into catalog.word values ('word')", "w"),
    ("update ops.work set state = 'done'", "w"),
    ("select nextval('catalog.paper_paper_id_seq')", "w"),
    ("truncate catalog.paper", NOBODY),
    ("update analytics.papers set title = 'x'", NOBODY),
    ("delete from analytics.paper_identifiers", NOBODY),
    ("insert into analytics.paper_identifiers (paper_id) values (1)", NOBODY),
    # Making things.
    ("create table analytics.mine (n int)", NOBODY),
    ("create table public.mine (n int)", NOBODY),
    ("create table catalog.mine (n int)", NOBODY),
    ("create schema mine", NOBODY),
    ("create temporary table mine (n int)", "w"),
    ("select 1 as n into temporary mine", "w"),
    ("create view public.mine as select 1", NOBODY),
    ("create materialized view public.mine as select 1", NOBODY),
    ("create function public.f() returns int language sql as 'select 1'", NOBODY),
    ("create function pg_temp.f() returns int language sql as 'select 1'", "w"),
    ("create sequence public.s", NOBODY),
    ("create type public.t as (n int)", NOBODY),
    ("create extension pg_trgm", NOBODY),
    ("create extension file_fdw", NOBODY),
    ("create database mine", NOBODY),
    ("create role mine", NOBODY),
    ("create event trigger e on ddl_command_start execute function suppress_redundant_updates_trigger()", NOBODY),
    ("create publication p for all tables", NOBODY),
    ("create index on catalog.paper (title)", NOBODY),
    ("drop view analytics.papers", NOBODY),
    ("alter view analytics.papers rename to other", NOBODY),
    ("create or replace view analytics.papers as select 1", NOBODY),
    ("comment on view analytics.papers is 'x'", NOBODY),
    ("alter table analytics.papers owner to current_user", NOBODY),
    ("alter function mart.renew(text) owner to current_user", NOBODY),
    ("refresh materialized view mart.topics", NOBODY),
    ("analyze catalog.paper", "silent"),
    ("vacuum catalog.paper", "silent"),
    ("lock table catalog.paper in access exclusive mode", "w"),
    ("lock table analytics.papers in access exclusive mode", NOBODY),
    ("cluster catalog.paper using pk_paper", NOBODY),
    ("reindex table catalog.paper", NOBODY),
    ("security label on table catalog.paper is 'x'", NOBODY),
    # The machine.
    ("select pg_read_file('/etc/passwd')", NOBODY),
    ("select pg_read_binary_file('/etc/passwd')", NOBODY),
    ("select pg_ls_dir('/')", NOBODY),
    ("select pg_stat_file('/etc/passwd')", NOBODY),
    ("copy (select 1) to program 'true'", NOBODY),
    ("copy (select 1) to '/tmp/x'", NOBODY),
    ("copy catalog.word from '/etc/passwd'", NOBODY),
    ("copy catalog.word from program 'id'", NOBODY),
    ("load 'plpgsql'", "w?"),
    ("alter system set work_mem = '1GB'", NOBODY),
    ("select pg_reload_conf()", NOBODY),
    ("select pg_rotate_logfile()", NOBODY),
    ("checkpoint", NOBODY),
    ("select rolpassword from pg_authid", NOBODY),
    ("select * from pg_shadow", NOBODY),
    ("select pg_create_physical_replication_slot('s')", NOBODY),
    ("select lo_import('/etc/passwd')", NOBODY),
    ("select lo_export(1, '/tmp/x')", NOBODY),
    # Standing in others' way.
    ("select pg_advisory_lock(1)", "w"),
    ("select pg_try_advisory_lock(1)", "w"),
    ("select pg_advisory_xact_lock(1)", "w"),
    ("select pg_try_advisory_xact_lock_shared(1, 2)", "w"),
    ("select lo_create(0)", "w"),
    ("select lo_creat(-1)", "w"),
    ("select lo_from_bytea(0, 'x')", "w"),
    ("select pg_notify('a', 'b')", "w"),
    ("select pg_sleep(0.01)", "w"),
    ("select pg_sleep_for('1 ms')", "w"),
    ("select pg_sleep_until(now())", "w"),
    ("select pg_cancel_backend(0)", "w"),
    ("select pg_terminate_backend(0)", "w"),
    ("select pg_current_xact_id()", "w"),
    ("select txid_current()", "w"),
    ("select pg_export_snapshot()", "w"),
    ("select pg_logical_emit_message(false, 'a', 'b')", "w"),
    ("do $$ begin perform 1; end $$", NOBODY),
    ("set role catalog_owner", NOBODY),
    ("set role catalog_migrator", NOBODY),
    ("set session authorization catalog_owner", NOBODY),
    ("alter role catalog_reader superuser", NOBODY),
    ("grant catalog_owner to current_user", NOBODY),
    ("reassign owned by catalog_owner to current_user", NOBODY),
    ("drop owned by catalog_owner", NOBODY),
    ("set session_replication_role = replica", NOBODY),
    ("set log_statement = 'none'", NOBODY),
    ("set temp_file_limit = -1", NOBODY),
]  # fmt: skip


@pytest.fixture
def logins(database: str) -> Iterator[Connections]:
    """A reader, a worker and a migrator, each by a login of its own."""
    made = {kind: f"test_{kind}_{uuid4().hex[:8]}" for kind in ("reader", "worker", "migrator")}
    password = roles.new_password()
    with psycopg.connect(database) as admin, admin.cursor() as cursor:
        assert roles.install(cursor)
        assert roles.grant_reader(cursor, made["reader"], password) == []
        for kind, group in (("worker", roles.WORKER), ("migrator", roles.MIGRATOR)):
            cursor.execute(f"create role {made[kind]} login password '{password}' in role {group}")
    opened = {
        kind: psycopg.connect(roles.address_for(database, name, password), autocommit=True)
        for kind, name in made.items()
    }
    try:
        yield opened
    finally:
        for connection in opened.values():
            connection.close()
        with psycopg.connect(database, autocommit=True) as admin:
            for name in made.values():
                admin.execute(f"drop role {name}")


def attempt(connection: psycopg.Connection[Any], statement: str) -> str:
    """``yes``, or the SQLSTATE of the refusal. Whatever it does is undone."""
    try:
        if statement.startswith(("begin", "vacuum", "prepare", "create database", "alter system", "checkpoint")):
            connection.execute(statement)
        else:
            with connection.transaction(force_rollback=True):
                if statement.startswith("copy") and "stdout" in statement:
                    with connection.cursor().copy(statement) as copy:
                        for _ in copy:
                            """Read to its end."""
                else:
                    connection.execute(statement)
    except psycopg.Error as error:
        connection.rollback()
        return error.sqlstate or "lost"
    return "yes"


REFUSED = {"42501", "25006", "0LP01", "55000", "0A000", "22023", "42809", "25001"}
"""Insufficient privilege first of all; read-only transaction; and what no view or server of ours can do at all."""


def test_the_matrix_holds(logins: Connections) -> None:
    assert len({statement for statement, _ in MATRIX}) >= 100
    wrong = []
    logins["reader"].execute("set default_transaction_read_only = off")  # a reader may: rights must not rest on it
    for statement, may in MATRIX:
        for letter, kind in (("r", "reader"), ("w", "worker")):
            if may in ("silent", "w?"):
                continue
            result = attempt(logins[kind], statement)
            if (letter in may) != (result == "yes") or result not in {"yes", *REFUSED}:
                wrong.append((kind, statement, may, result))
    assert not wrong, "\n".join(map(str, wrong))


def test_a_reader_is_read_only_and_short_by_default(logins: Connections) -> None:
    expected = {
        "default_transaction_read_only": "on",
        "search_path": "analytics",
        "statement_timeout": "1min",
        "lock_timeout": "5s",
        "temp_file_limit": "4GB",
    }
    for name, value in expected.items():
        assert logins["reader"].execute(f"show {name}").fetchone() == (value,)


def test_a_reader_holds_few_connections(logins: Connections, database: str) -> None:
    name, password = logins["reader"].info.user, logins["reader"].info.password
    address = roles.address_for(database, name, password)
    held = [psycopg.connect(address) for _ in range(4)]
    try:
        with pytest.raises(psycopg.OperationalError, match="too many connections"):
            psycopg.connect(address)
    finally:
        for connection in held:
            connection.close()


def test_the_watch_ends_what_lasts(logins: Connections, tools: Tools, monkeypatch: pytest.MonkeyPatch) -> None:
    """A reader may switch off its time limit: the worker's tick cancels the query all the same."""
    import threading

    monkeypatch.setattr(roles, "LONGEST_S", 0.5)
    reader = logins["reader"]
    reader.execute("set statement_timeout = 0")
    ended: list[BaseException] = []

    def count() -> None:
        try:
            reader.execute("select count(*) from generate_series(1, 1000000000000) n where n % 2 = 3")
        except psycopg.Error as error:
            ended.append(error)

    thread = threading.Thread(target=count)
    thread.start()
    time.sleep(1.0)
    with tools.transaction() as cursor:
        assert roles.watch(cursor) == 1
    thread.join(20)
    assert isinstance(ended[0], psycopg.errors.QueryCanceled)


def test_a_worker_may_watch(logins: Connections) -> None:
    with logins["worker"].cursor() as cursor:
        assert roles.watch(cursor) == 0
        assert cursor.execute("select pg_has_role('pg_signal_backend', 'member')").fetchone() == (True,)


def test_a_migrator_changes_the_shape(logins: Connections) -> None:
    migrator = logins["migrator"]
    with migrator.cursor() as cursor:
        roles.become_owner(cursor)
        for statement in (
            "alter table catalog.paper add column extra text", "drop view analytics.topics", "create schema extra",
            "update raw.payload set media_type = media_type",
        ):  # fmt: skip
            with migrator.transaction(force_rollback=True):
                cursor.execute(statement.encode())


def test_the_line_runs_as_the_worker(logins: Connections, database: str) -> None:
    """Everything the pipeline does, with the rights of a worker."""
    from pathlib import Path

    from tests.line import ask, bring, states
    from worker import run
    from worker.settings import Sources

    info = logins["worker"].info
    address = roles.address_for(database, info.user, info.password)
    tools = Tools(address, sources=Sources(Path("tests"), {}), role="pubcat tests")
    try:
        row = {"id": "1", "title": "On the growth of graphs", "authors": "Ada Lovelace; Emile Borel", "year": "2020"}
        bring(tools, "desk", [row])
        bring(tools, "shelf", [{**row, "venue": "Journal of Seeing"}])
        run.tick(tools)
        run.refresh(tools)
        assert set(states(tools)) == {"done"}
        assert ask(tools, "select n_records, venue_name from analytics.papers") == [(2, "Journal of Seeing")]
        assert ask(tools, "select n_papers from analytics.venues") == [(1,)]
    finally:
        tools.close()


@pytest.mark.parametrize("name", ["", "Ada", "pg_ada", "a; drop", "catalog_owner", "x" * 64, "1a"])
def test_names_of_readers(tools: Tools, name: str) -> None:
    with tools.transaction() as cursor, pytest.raises(ValueError, match="no name for a reader"):
        roles.grant_reader(cursor, name, "x")


def test_somebody_with_power_becomes_no_reader(tools: Tools) -> None:
    with tools.transaction() as cursor, pytest.raises(ValueError, match="more than a reader"):
        roles.grant_reader(cursor, "pubcat", "x")
