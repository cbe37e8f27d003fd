"""Sources that people switched on or off by hand: their word comes before the sources file."""

from __future__ import annotations

from dataclasses import replace

from catalog.engine import Cursor
from worker.settings import Sources


def switch(cursor: Cursor, name: str, on: bool) -> None:
    """Remembers what somebody said of a source."""
    cursor.execute(
        "insert into ops.source_switch as s (source, is_on) values (%s, %s)"
        " on conflict (source) do update set is_on = excluded.is_on, changed_at = clock_timestamp()"
        " where s.is_on <> excluded.is_on",
        (name, on),
    )


def switched(cursor: Cursor, sources: Sources) -> Sources:
    """The sources as the file and people's word make them."""
    said: dict[str, bool] = dict(cursor.execute("select source, is_on from ops.source_switch").fetchall())
    if not said:
        return sources
    return replace(
        sources,
        by_name={
            name: configured.switched(said[name]) if name in said else configured
            for name, configured in sources.by_name.items()
        },
    )
