"""``pubcat db``: the shape of the database."""

from __future__ import annotations

from typing import Annotated

import typer

from worker.cli import common

app = common.group("Migrate or check the database, and let people read it.", "pubcat db check")


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


@app.command(
    "grant-reader", epilog=common.example("pubcat db grant-reader ada", "pubcat db grant-reader ada --new-password")
)
def grant_reader(
    name: Annotated[str, typer.Argument(help="Name of the login: small letters, digits and _.")],
    connections: Annotated[int, typer.Option(min=1, max=1000, help="Connections it may hold at once.")] = 5,
    new_password: Annotated[bool, typer.Option("--new-password", help="Also when the login is there already.")] = False,
    json: common.Json = False,
) -> None:
    """Make a login that reads the views of schema analytics and nothing else, and print its address once.

    Doing it again mends what was loosened. What this database user may not forbid is said; a worker ends what lasts
    longer than 60 seconds.
    """
    import psycopg

    from catalog import roles
    from worker.errors import Misconfigured

    with common.session(broker=False) as tools, tools.transaction() as cursor:
        known = cursor.execute("select 1 from pg_roles where rolname = %s", (name,)).fetchone()
        password = roles.new_password() if new_password or not known else None
        try:
            left = roles.grant_reader(cursor, name, password, connections)
        except ValueError as error:
            raise Misconfigured(str(error)) from error
        except psycopg.errors.InsufficientPrivilege as error:
            raise Misconfigured(
                "this database user may not make logins; run the command as one that may (PUBCAT_DATABASE_URL)"
            ) from error
        address = roles.address_for(tools.database_url, name, password)
    if json:
        common.print_json({"name": name, "url": address, "connections": connections, "not_forbidden": left})
        return
    typer.echo(address)
    if password is None:
        common.say(f"{name} keeps the password it has; --new-password makes another")
    if left:
        common.say(f"{len(left)} things only a superuser can forbid are still allowed; docs/how-to/readers.md")
