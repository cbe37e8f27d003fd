"""The analysts' contract: one SQL file a view, made again whenever their text or a migration changes.

Files below 10 make what views share: schema ``mart`` with prepared tables (materialized views), private like
``catalog``. They are made empty, so that no reader waits for a migration, and filled by ``fill`` right after it.
"""

from __future__ import annotations

import hashlib
import re
from importlib.resources import files
from pathlib import Path

from sqlalchemy import Connection, text

FOLDER = Path(str(files(__name__)))


def _texts() -> dict[str, str]:
    """Every file, in the order their names give."""
    return {path.stem: path.read_text(encoding="utf-8") for path in sorted(FOLDER.glob("*.sql"))}


def statements() -> list[tuple[str, str]]:
    """(view, SQL) of every file, in their order; the columns of papers are written once, for papers_as_of, too."""
    texts = _texts()
    columns = texts["10_papers"].partition("\nselect\n")[2].partition("\nfrom catalog.paper p")[0]
    return [(name, sql.replace("    -- the columns of 10_papers.sql", columns)) for name, sql in texts.items()]


def text_hash() -> str:
    """What the installed views are compared with."""
    return hashlib.sha256("\0".join(_texts().values()).encode()).hexdigest()


def remove(connection: Connection) -> None:
    """Takes all views away, so that tables below them may change."""
    connection.execute(text("drop schema if exists analytics cascade"))
    connection.execute(text("drop schema if exists mart cascade"))


def install(connection: Connection) -> None:
    """Makes all views from their files and remembers which text made them."""
    remove(connection)
    connection.execute(text("create schema mart"))
    connection.execute(text("comment on schema mart is 'Prepared tables of the views. Private.'"))
    connection.execute(text("create schema analytics"))
    for _, sql in statements():
        connection.exec_driver_sql(re.sub("%", "%%", sql))
    connection.execute(text(f"comment on schema analytics is 'The promised surface. text={text_hash()}'"))


def fill(connection: Connection) -> None:
    """Computes every prepared table that is still empty, each in a transaction of its own."""
    empty = "select relname from pg_class where relnamespace = to_regnamespace('mart') and relkind = 'm'"
    for (mart,) in connection.execute(text(f"{empty} and not relispopulated order by oid")).all():
        connection.execute(text("select mart.renew(:mart)"), {"mart": mart})
        connection.commit()


def installed(connection: Connection) -> bool:
    """Whether the views in the database are those of these files."""
    comment = connection.scalar(text("select obj_description(to_regnamespace('analytics'), 'pg_namespace')"))
    return bool(comment and str(comment).endswith(text_hash()))
