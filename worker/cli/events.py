"""``pubcat events``: what changed."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from worker.cli import common

app = common.group("Follow or replay what changed.", "pubcat events replay --limit 5")

_REPLAY = """
    select event_id, entity, entity_id, kind, fields, at from catalog.event
    where event_id > %(after)s and (%(day)s::date is null or at >= %(day)s::date)
    order by event_id limit %(limit)s
"""


@app.command(epilog=common.example("pubcat events replay --limit 5"))
def replay(
    after: Annotated[int, typer.Option(help="Only events with a greater number.")] = 0,
    since: Annotated[str | None, typer.Option(metavar="DATE", help="Only events since that day.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=1_000_000_000, help="At most so many.")] = 1_000_000_000,
) -> None:
    """Print past events in order, one JSON object a line."""
    from worker.pipeline.publish import as_json

    parameters = {"after": after, "day": common.a_day(since) if since else None, "limit": limit}
    with common.reading(seconds=0) as cursor, cursor.connection.cursor(name="events") as stream:
        for row in stream.execute(_REPLAY, parameters):
            common.print_json(as_json(row))


@app.command(epilog=common.example("pubcat events follow --after 0 --for 1"))
def follow(
    after: Annotated[int | None, typer.Option(help="Events with a greater number first; else only what comes.")] = None,
    seconds: Annotated[float | None, typer.Option("--for", help="Leave after so many seconds; else at Ctrl-C.")] = None,
) -> None:
    """Print events as they are published, one JSON object a line."""
    import sys
    import time

    import redis

    from worker.errors import Misconfigured
    from worker.pipeline.publish import STREAM, why_not_streamed

    with common.session() as tools:
        if why := why_not_streamed(tools.broker_url):
            raise Misconfigured(why)
        assert tools.broker_url is not None
        with redis.Redis.from_url(tools.broker_url) as client:
            ends_at = time.monotonic() + seconds if seconds is not None else None
            position: Any = "$" if after is None else "0"
            while ends_at is None or time.monotonic() < ends_at:
                wait_ms = 1000 if ends_at is None else max(1, min(1000, int(1000 * (ends_at - time.monotonic()))))
                answer: Any = client.xread({STREAM: position}, count=1000, block=wait_ms)
                for _, entries in answer or ():
                    for _, fields in entries:
                        if after is None or int(fields[b"event_id"]) > after:
                            sys.stdout.buffer.write(fields[b"event"] + b"\n")
                    position = entries[-1][0]
                sys.stdout.buffer.flush()
