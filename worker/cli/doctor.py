"""``pubcat doctor``: is everything as it should be, and what to do if not."""

from __future__ import annotations

import shutil
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import typer

from worker.cli import common

if TYPE_CHECKING:
    from worker.tools import Tools

app = common.single()

PACKAGES = ("celery", "psycopg", "SQLAlchemy", "redis", "httpx2", "selectolax", "rapidfuzz", "msgspec", "orjson")
FULL_BYTES, LOW_BYTES = 200 << 20, 2 << 30
"""Free space below the first is a failure, below the second a warning."""


@dataclass(frozen=True)
class Finding:
    """One line: ok, warn or fail, what was looked at, what was seen, and what to do."""

    level: str
    check: str
    seen: str
    to_do: str = ""


@app.command(epilog=common.example("pubcat doctor"))
def doctor(json: common.Json = False) -> None:
    """Check versions, servers, clock, sources, secrets and disk; each line says what to do. Exit 1 when one fails."""
    found = list(_look())
    if json:
        common.show((vars(one) for one in found), {}, json=True)
    else:
        columns = {"level": "", "check": "check", "seen": "seen", "to_do": "what to do"}
        common.show([vars(one) for one in found], columns)
    raise typer.Exit(1 if any(one.level == "fail" for one in found) else 0)


def _look() -> Iterator[Finding]:
    from worker import embedded

    yield _versions()
    yield from _guarded("contact", _contact)
    yield from _guarded("sources", _sources)
    place = embedded.home()
    yield Finding("ok", "home", str(place), "")
    yield _disk(str(next(p for p in (place, *place.parents) if p.exists())))
    yield from _guarded("database", _database)


def _guarded(check: str, look: Callable[[], Iterator[Finding]]) -> Iterator[Finding]:
    """A check that cannot be made is a finding, too."""
    from worker.cli.main import sentence

    try:
        yield from look()
    except Exception as error:
        yield Finding("fail", check, sentence(error))


def _versions() -> Finding:
    from importlib.metadata import PackageNotFoundError, version

    from worker.tools import our_version

    seen = [f"pubcat {our_version()}", f"Python {sys.version.split()[0]}"]
    lacking = []
    for package in PACKAGES:
        try:
            seen.append(f"{package} {version(package)}")
        except PackageNotFoundError:
            lacking.append(package)
    if lacking:
        return Finding("fail", "versions", f"{', '.join(lacking)} not installed", "run ./pubcat again; it sets up")
    return Finding("ok", "versions", ", ".join(seen))


def _contact() -> Iterator[Finding]:
    from worker.settings import contact

    address = contact()
    if address is None:
        yield Finding(
            "warn", "contact", "none", "set PUBCAT_CONTACT to your mail address; sources want to know who asks"
        )
    else:
        yield Finding("ok", "contact", address)


def _sources() -> Iterator[Finding]:
    from worker.settings import load_sources

    sources = load_sources()
    on = [name for name, c in sorted(sources.by_name.items()) if c.enabled]
    yield Finding("ok" if on else "warn", "sources", f"{sources.path}: {', '.join(on) or 'none'} on", "")
    for name, c in sorted(sources.by_name.items()):
        secrets = ", ".join(f"{key}={_masked(value)}" for key, value in sorted(c.site.secrets.items()))
        if secrets or set(c.source.needs) - {"PUBCAT_CONTACT"}:
            level = "ok" if c.enabled else "warn"
            yield Finding(level, f"keys of {name}", secrets or "none", c.why_off or "")


def _masked(value: str) -> str:
    return f"{value[:2]}…{value[-2:]}" if len(value) > 8 else "…"


def _disk(place: str) -> Finding:
    free = shutil.disk_usage(place).free
    level = "fail" if free < FULL_BYTES else "warn" if free < LOW_BYTES else "ok"
    return Finding(level, "disk", f"{free / (1 << 30):.1f} GB free at {place}", "" if level == "ok" else "make room")


def _database() -> Iterator[Finding]:
    from worker import embedded
    from worker.environment import given
    from worker.settings import Sources
    from worker.tools import Tools

    common.quiet_logs()
    whose = "given" if given("PUBCAT_DATABASE_URL") else "embedded"
    with embedded.servers() as found:
        from pathlib import Path

        tools = Tools(found.database_url, found.broker_url or None, sources=Sources(Path()), role="pubcat doctor")
        try:
            yield from _postgres(tools, whose)
            yield from _guarded("broker", lambda: _broker(tools))
        finally:
            tools.close()


def _postgres(tools: Tools, whose: str) -> Iterator[Finding]:
    from catalog import migrate

    before = time.time()
    with tools.transaction() as cursor:
        [seen] = common.rows(
            cursor,
            "select current_setting('server_version') as version, extract(epoch from clock_timestamp())::float8 as now,"
            " pg_size_pretty(pg_database_size(current_database())) as size,"
            " (select string_agg(extname, ', ' order by extname) from pg_extension) as extensions",
        )
    after = time.time()
    major = int(seen["version"].split(".")[0])
    level = "ok" if major >= embedded_minimum() else "fail"
    yield Finding(
        level,
        "database",
        f"{whose}, PostgreSQL {seen['version']}, {seen['size']}",
        "" if level == "ok" else "upgrade it",
    )
    yield Finding("ok", "extensions", seen["extensions"])
    skew = max(before - seen["now"], seen["now"] - after, 0.0)
    yield Finding(
        "ok" if skew < 2 else "warn", "clock", f"{skew:.1f} s apart", "" if skew < 2 else "set the clocks by NTP"
    )
    if migrate.is_current(tools.engine):
        yield Finding("ok", "schema", migrate.head())
    elif whose == "embedded":
        yield Finding("ok", "schema", "made or renewed by the next command")
    else:
        yield Finding("fail", "schema", f"not at {migrate.head()}", "run: pubcat db migrate")


def embedded_minimum() -> int:
    """The oldest PostgreSQL that does."""
    from worker.embedded import postgres

    return postgres.OLDEST_POSTGRES


def _broker(tools: Tools) -> Iterator[Finding]:
    import redis

    from worker.environment import given
    from worker.pipeline.publish import why_not_streamed

    why = why_not_streamed(tools.broker_url)
    if not tools.broker_url:
        yield Finding("warn", "broker", "none; workers look into the ledger every second", str(why))
        return
    if why:
        from worker.cli.health import answers

        answers(tools.broker_url)
        yield Finding("warn", "broker", "given, answers", why)
        return
    with redis.Redis.from_url(tools.broker_url, socket_timeout=3, socket_connect_timeout=3) as client:
        said: Any = client.info()
    name = "Valkey" if "valkey_version" in said else "Redis"
    whose = "given" if given("PUBCAT_BROKER_URL") else "embedded"
    policy = said.get("maxmemory_policy", "noeviction")
    level = "ok" if policy == "noeviction" else "warn"
    to_do = "" if level == "ok" else "set maxmemory-policy noeviction"
    yield Finding(
        level, "broker", f"{whose}, {name} {said.get('valkey_version') or said['redis_version']}, {policy}", to_do
    )
