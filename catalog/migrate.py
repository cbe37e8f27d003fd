"""Bringing a database to the present shape, and asking whether it is there."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, text
from sqlalchemy.exc import ProgrammingError

from catalog import views

MIGRATIONS = Path(__file__).resolve().parents[1] / "migrations"


def configuration(database_url: str) -> Config:
    """Alembic's configuration for one database."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["database_url"] = database_url
    return config


def head() -> str:
    """The revision this program needs."""
    revision = ScriptDirectory(str(MIGRATIONS)).get_current_head()
    assert revision is not None, "migrations/versions is empty"
    return revision


def migrate(database_url: str) -> None:
    """Runs what is missing and makes the analysts' views; a second caller waits its turn."""
    command.upgrade(configuration(database_url), "head")


def is_current(engine: Engine) -> bool:
    """Whether tables and views are those of this program."""
    with engine.connect() as connection:
        try:
            present = connection.scalar(text("select version_num from public.alembic_version"))
        except ProgrammingError:
            return False
        return present == head() and views.installed(connection)
