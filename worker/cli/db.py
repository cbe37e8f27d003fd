"""``pubcat db``: the shape of the database."""

from __future__ import annotations

import typer

from worker.cli import common

app = common.group("Migrate or check the database.", "pubcat db check")


@app.command(epilog=common.example("pubcat db migrate"))
def migrate() -> None:
    """Bring the database to the shape this release needs.

    A second caller waits its turn; doing it twice changes nothing.
    """
    from catalog import migrate as migrations
    from worker import embedded

    common.quiet_logs()
    with embedded.servers(broker=False) as found:
        migrations.migrate(found.database_url)
    typer.echo(f"the database is at revision {migrations.head()}")


@app.command(epilog=common.example("pubcat db check"))
def check() -> None:
    """Say whether tables and views are those of this release; exit 1 when they are not."""
    from catalog import engine, migrate
    from worker import embedded

    common.quiet_logs()
    with embedded.servers(broker=False) as found:
        bind = engine.engine(found.database_url)
        try:
            current = migrate.is_current(bind)
        finally:
            bind.dispose()
    if not current:
        common.say(f"the database is not at revision {migrate.head()}; run: pubcat db migrate")
        raise typer.Exit(1)
    typer.echo(f"the database is at revision {migrate.head()}")
