"""The analysts' contract: one SQL file a view, made again whenever their text or a migration changes."""

from __future__ import annotations

import hashlib
import re
from importlib.resources import files
from pathlib import Path

from sqlalchemy import Connection, text

FOLDER = Path(str(files(__name__)))


def statements() -> list[tuple[str, str]]:
    """(view, SQL) of every file, in the order their names give."""
    return [(path.stem, path.read_text(encoding="utf-8")) for path in sorted(FOLDER.glob("*.sql"))]


def text_hash() -> str:
    """What the installed views are compared with."""
    return hashlib.sha256("\0".join(sql for _, sql in statements()).encode()).hexdigest()


def remove(connection: Connection) -> None:
    """Takes all views away, so that tables below them may change."""
    connection.execute(text("drop schema if exists analytics cascade"))


def install(connection: Connection) -> None:
    """Makes all views from their files and remembers which text made them."""
    remove(connection)
    connection.execute(text("create schema analytics"))
    for _, sql in statements():
        connection.exec_driver_sql(re.sub("%", "%%", sql))
    connection.execute(text(f"comment on schema analytics is 'The promised surface. text={text_hash()}'"))


def installed(connection: Connection) -> bool:
    """Whether the views in the database are those of these files."""
    comment = connection.scalar(text("select obj_description(to_regnamespace('analytics'), 'pg_namespace')"))
    return bool(comment and str(comment).endswith(text_hash()))
