"""What the environment and the sources file say, read once. ``pubcat doctor`` shows it."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from importlib import import_module
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from worker.environment import given
from worker.errors import Misconfigured
from worker.page import Site, Source, Window, is_loopback

SHIPPED_SOURCES = Path(__file__).with_name("sources.toml")
PLACEHOLDER = re.compile(
    r"@(?:example\.(?:com|org|net)|test|localhost|domain\.\w+)$|^(?:you|your|me|name|user|admin)@", re.I
)
SPAN = re.compile(r"(\d+)\s*([smhdw])")
SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}
_OWN = frozenset(
    {"kind", "title", "enabled", "base_url", "every", "at", "zone", "trust", "deduplicates", "questions_per_day",
     "seconds_between_requests", "concurrency", "host_group"}
)  # fmt: skip


def contact() -> str | None:
    """The mail address sent to sources.

    Raises:
        Misconfigured: a placeholder, or no mail address at all.
    """
    address = given("PUBCAT_CONTACT")
    if address and ("@" not in address or PLACEHOLDER.search(address)):
        raise Misconfigured(f"PUBCAT_CONTACT={address} is no address a source could write to; set a real one")
    return address


@dataclass(frozen=True)
class Configured:
    """One source as it runs here: its adapter, its site, and whether it is on."""

    name: str
    source: Source
    site: Site
    title: str
    enabled: bool = True
    why_off: str | None = None
    lacking: tuple[str, ...] = ()
    """Environment names that are not set and without which it stays off."""
    every_s: int | None = None
    at: str | None = None
    zone: str = "UTC"
    trust: int = 50
    deduplicates: bool = False
    questions_per_day: int = 2000
    seconds_between_requests: float | None = None
    """As the sources file says; else the source's own, and none on this machine."""
    concurrency: int | None = None

    host_group: str = ""
    """Sources that share one limit share this name."""

    def switched(self, on: bool) -> Configured:
        """As somebody said by hand, whatever the sources file says; without its credentials it stays off."""
        if not on:
            return replace(self, enabled=False, why_off=f"switched off by hand: pubcat sources enable {self.name}")
        if self.lacking:
            return replace(self, enabled=False, why_off=_wanting(self.lacking))
        return replace(self, enabled=True, why_off=None)

    @property
    def walks(self) -> bool:
        """Whether there is anything to walk through; other sources only answer questions. What is wrong in the sources
        file is something, too: whoever begins the walk is told."""
        try:
            return next(iter(self.source.first(self.site, Window())), None) is not None
        except Misconfigured:
            return True

    @property
    def addresses(self) -> tuple[str, ...]:
        """Where the source may be asked: addresses of its pages, and bare hosts."""
        pages = (page if isinstance(page, str) else page.get("url") for page in self.site.options.get("pages", ()))
        hosts = (*self.source.hosts, *self.site.options.get("hosts", ()))
        return tuple(str(one) for one in (self.site.base_url, *pages) if one and "://" in str(one)) + hosts


@dataclass(frozen=True)
class Sources:
    """All configured sources, and the file they came from."""

    path: Path
    by_name: Mapping[str, Configured] = field(default_factory=dict)

    def get(self, name: str, adapter: str | None = None) -> Configured:
        """The source of that name; with ``adapter`` a name nobody configured becomes a plain file source.

        Raises:
            Misconfigured: unknown and no adapter given.
        """
        if name in self.by_name:
            known = self.by_name[name]
            if adapter in (None, known.source.name):
                return known
            other = adapter_named(str(adapter))
            return replace(known, source=other)
        if adapter is None:
            known_names = ", ".join(sorted(self.by_name)) or "none"
            raise Misconfigured(f"no source is called {name!r}; {self.path} knows {known_names}")
        source = adapter_named(adapter)
        return Configured(
            name=name,
            source=source,
            site=Site(name=name),
            title=name,
            enabled=False,
            why_off="a file source: bring files with pubcat ingest",
            host_group=source.host_group or name,
            trust=source.trust,
            deduplicates=source.deduplicates,
        )


def adapter_named(kind: str) -> Source:
    """The adapter of that name: the ``SOURCE`` of ``worker/sources/<kind>.py``.

    Raises:
        Misconfigured: no such file.
    """
    if not re.fullmatch(r"[a-z][a-z0-9_]*", kind):
        raise Misconfigured(f"{kind!r} is no adapter name; see worker/sources/")
    try:
        module = import_module(f"worker.sources.{kind}")
    except ModuleNotFoundError as error:
        raise Misconfigured(f"no adapter {kind!r}: worker/sources/{kind}.py does not exist") from error
    source: Source = module.SOURCE
    return source


def span_s(text: str) -> int:
    """``30s``, ``15m``, ``6h``, ``1d`` or ``1w`` as seconds.

    Raises:
        Misconfigured: anything else.
    """
    found = SPAN.fullmatch(text.strip())
    if not found or not int(found[1]):
        raise Misconfigured(f"every = {text!r}: write a number and s, m, h, d or w, such as 6h")
    return int(found[1]) * SECONDS[found[2]]


def check_times(every_s: int, at: Any, zone: str) -> None:
    """Refuses a schedule that no scheduler could keep.

    Raises:
        Misconfigured: no such zone, no time of day, or a time of day for parts of days.
    """
    try:
        ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise Misconfigured(f"{zone!r} is no time zone; write Europe/Paris, America/Toronto, UTC") from error
    if at is not None and not (isinstance(at, str) and re.fullmatch(r"([01]?\d|2[0-3]):[0-5]\d", at)):
        raise Misconfigured(f"at = {str(at)!r} is no time of day; write HH:MM, as text")
    if at is not None and every_s % SECONDS["d"]:
        raise Misconfigured("at needs every in whole days or weeks")


def load_sources(path: Path | None = None) -> Sources:
    """The sources file: ``PUBCAT_SOURCES``, else the shipped one.

    Raises:
        Misconfigured: no such file, no TOML, or a table that names no adapter.
    """
    path = path or Path(given("PUBCAT_SOURCES") or SHIPPED_SOURCES)
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise Misconfigured(f"sources file {path}: {error.strerror}; set PUBCAT_SOURCES") from error
    except tomllib.TOMLDecodeError as error:
        raise Misconfigured(f"sources file {path}: {error}") from error
    tables = document.get("sources", {})
    return Sources(path, {name: _configured(name, table, path) for name, table in tables.items()})


def _configured(name: str, table: Mapping[str, Any], path: Path) -> Configured:
    if "kind" not in table:
        raise Misconfigured(f'{path}: [sources.{name}] needs kind = "listing" (or another adapter)')
    source = adapter_named(str(table["kind"]))
    variable = f"PUBCAT_BASE_URL_{re.sub(r'[^A-Z0-9]', '_', name.upper())}"
    elsewhere = given(variable)
    told = {need: value for need in (*source.needs, *source.may_use) if (value := given(need))}
    at_home = is_loopback(urlsplit(str(table.get("base_url", ""))).hostname or "")
    lacking = () if elsewhere or at_home else tuple(need for need in source.needs if need not in told)
    why_off = None
    if not elsewhere and table.get("enabled") is False:
        why_off = f"switched off in the sources file; set enabled = true, or: pubcat sources enable {name}"
    if lacking:
        why_off = _wanting(lacking) if why_off is None else f"set {' and '.join(lacking)}; pubcat sources enable {name}"
    every_s, at, zone = _times(name, table, path)
    return Configured(
        name=name,
        source=source,
        site=Site(
            name=name,
            base_url=(elsewhere or table.get("base_url") or source.base_url).rstrip("/"),
            contact=contact(),
            secrets={need: value for need, value in told.items() if need != "PUBCAT_CONTACT"},
            options=_options(table, elsewhere),
        ),
        title=str(table.get("title", source.title)),
        enabled=why_off is None,
        why_off=why_off,
        lacking=lacking,
        host_group=str(table.get("host_group") or source.host_group or name),
        every_s=every_s,
        at=at,
        zone=zone,
        trust=int(_number({"trust": source.trust, **table}, "trust", 0, 1000, path) or 0),
        deduplicates=bool(table.get("deduplicates", source.deduplicates)),
        questions_per_day=int(_number({"questions_per_day": 2000, **table}, "questions_per_day", 0, 1e9, path) or 0),
        seconds_between_requests=_number(table, "seconds_between_requests", 0, 86_400, path),
        concurrency=int(most) if (most := _number(table, "concurrency", 1, 100, path)) else None,
    )


def _times(name: str, table: Mapping[str, Any], path: Path) -> tuple[int | None, str | None, str]:
    """When a source is synced: every how many seconds, at which time of day, in which zone."""
    if "every" not in table:
        return None, None, "UTC"
    at, zone = table.get("at"), str(table.get("zone", "UTC"))
    try:
        every_s = span_s(str(table["every"]))
        check_times(every_s, at, zone)
    except Misconfigured as error:
        raise Misconfigured(f"{path}: [sources.{name}]: {error}") from error
    return every_s, at, zone


def _wanting(lacking: tuple[str, ...]) -> str:
    return f"set {' and '.join(lacking)} to turn it on"


def _number(table: Mapping[str, Any], name: str, least: float, most: float, path: Path) -> float | None:
    value = table.get(name)
    if value is None:
        return None
    if not isinstance(value, int | float) or not least <= value <= most:
        raise Misconfigured(f"{path}: {name} = {value!r}: write a number between {least} and {most}")
    return float(value)


def _options(table: Mapping[str, Any], elsewhere: str | None) -> dict[str, Any]:
    """What the adapter reads; addresses of pages follow ``PUBCAT_BASE_URL_<SOURCE>`` when it is set."""
    options = {key: value for key, value in table.items() if key not in _OWN}
    if elsewhere and "pages" in options:
        options["pages"] = [
            _moved(page, elsewhere) if isinstance(page, str) else {**page, "url": _moved(page["url"], elsewhere)}
            for page in options["pages"]
        ]
    return options


def _moved(url: str, elsewhere: str) -> str:
    """The same path and query under another origin."""
    parts = urlsplit(url)
    return elsewhere.rstrip("/") + urlunsplit(("", "", parts.path or "/", parts.query, ""))
