"""Runs migrations under one lock, then makes the analysts' views from their files.

A second container that starts at the same time waits its turn; no query waits for us longer than 3 s.
"""

from __future__ import annotations

import os

from alembic import context
from sqlalchemy import Connection, create_engine, make_url, pool, text

from catalog import roles, tables, views

LOCK = 7_208_215_001
"""Advisory lock held for the whole run."""


def database_url() -> str:
    """``PUBCAT_DATABASE_URL``, or what the caller (``pubcat db migrate``) put into the configuration."""
    url = context.config.attributes.get("database_url") or os.environ.get("PUBCAT_DATABASE_URL")
    if not url:
        raise SystemExit("Set PUBCAT_DATABASE_URL, or use: pubcat db migrate")
    return make_url(url).set(drivername="postgresql+psycopg").render_as_string(hide_password=False)


def run(connection: Connection) -> None:
    """All revisions in one transaction, between taking the views away and making them again."""
    connection.execute(text("select pg_advisory_lock(:lock)"), {"lock": LOCK})
    connection.execute(text("set lock_timeout = '3s'"))
    if not _checking():
        roles.become_owner(connection.connection.cursor())  # type: ignore[arg-type]
    connection.commit()
    try:
        context.configure(
            connection=connection,
            target_metadata=tables.metadata,
            include_schemas=True,
            include_name=lambda name, kind, parents: kind != "schema" or name in ("raw", "ops", "catalog"),
            version_table_schema="public",
            compare_type=True,
            transaction_per_migration=False,
        )
        with context.begin_transaction():
            if not _checking():
                views.remove(connection)
            context.run_migrations()
            if not _checking() and _is_newest(connection):
                views.install(connection)
                roles.install(connection.connection.cursor())  # type: ignore[arg-type]
        if not _checking() and connection.scalar(text("select to_regnamespace('mart')")) is not None:
            views.fill(connection)
    finally:
        connection.rollback()
        connection.execute(text("reset role"))
        connection.execute(text("select pg_advisory_unlock(:lock)"), {"lock": LOCK})
        connection.commit()


def _is_newest(connection: Connection) -> bool:
    """Whether the tables are those the view files are written for: after a downgrade there are no views."""
    present = connection.scalar(text("select version_num from public.alembic_version"))
    return bool(present == context.script.get_current_head())


def _checking() -> bool:
    """``alembic check`` and ``alembic revision`` compare; they must not touch the views."""
    command = getattr(context.config.cmd_opts, "cmd", None) or [None]
    return getattr(command[0], "__name__", "") in ("check", "revision", "current", "heads", "history")


engine = create_engine(database_url(), poolclass=pool.NullPool)
with engine.connect() as live:
    run(live)
