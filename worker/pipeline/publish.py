"""Publish: the change events of one batch go to a Redis stream, in order and once.

One script in Redis writes the whole batch and a mark that it did, so a crash between Redis and Postgres repeats
nothing. Without Redis the events stay what they are: rows of ``catalog.event``.
"""

from __future__ import annotations

from typing import Any

import orjson
import redis

from catalog.engine import Cursor
from worker import ledger
from worker.errors import Transient
from worker.ledger import Work

STREAM = "pubcat:events"
MOST_EVENTS = 1_000_000
"""The stream forgets the oldest beyond that (approximately); the table does not."""
MARK_S = 7 * 86_400
"""How long Redis remembers that a batch was handed on."""
PATIENCE_S = 30.0
"""Between two tries while Redis is away."""
SLICE = 5_000
"""Events in one script call."""

_HAND_ON = """
if redis.call('set', KEYS[2], '1', 'NX', 'EX', ARGV[1]) then
  for i = 3, #ARGV, 2 do
    redis.call('xadd', KEYS[1], 'MAXLEN', '~', ARGV[2], '*', 'event_id', ARGV[i], 'event', ARGV[i + 1])
  end
end
return 1
"""


def events(cursor: Cursor, batch: int) -> list[tuple[int, bytes]]:
    """The events of a batch, oldest first, as (event_id, JSON)."""
    rows = cursor.execute(
        "select event_id, entity, entity_id, kind, fields, at from catalog.event where work_id = %s order by event_id",
        (batch,),
    ).fetchall()
    return [(row[0], orjson.dumps(as_json(row))) for row in rows]


def as_json(row: Any) -> dict[str, Any]:
    """An event as subscribers see it."""
    event_id, entity, entity_id, kind, fields, at = row
    return {"event_id": event_id, "entity": entity, "id": entity_id, "kind": kind, "fields": fields, "at": at}


def streams(broker_url: str | None) -> bool:
    """Whether this broker has streams: Redis and Valkey."""
    return bool(broker_url) and str(broker_url).startswith(("redis://", "rediss://", "unix://"))


def why_not_streamed(broker_url: str | None) -> str | None:
    """What happens to change events without Redis, in one sentence; None when they are streamed."""
    if streams(broker_url):
        return None
    broker = "RabbitMQ has no streams of ours" if broker_url else "there is no broker"
    return f"{broker}: change events stay in the database, in order; read them with pubcat events replay --after N"


def hold_order(cursor: Cursor) -> None:
    """One publisher at a time, until the end of the transaction."""
    cursor.execute("select pg_advisory_xact_lock(7208215002)")


def hand_on(broker_url: str | None, batch: int, found: list[tuple[int, bytes]]) -> None:
    """Writes a batch to the stream, once.

    Raises:
        Transient: Redis does not answer.
    """
    if not found or not broker_url or not streams(broker_url):
        return
    try:
        with redis.Redis.from_url(broker_url, socket_timeout=10, socket_connect_timeout=3) as client:
            for start in range(0, len(found), SLICE):
                arguments: list[Any] = [MARK_S, MOST_EVENTS]
                for event_id, body in found[start : start + SLICE]:
                    arguments += [event_id, body]
                client.eval(_HAND_ON, 2, STREAM, f"{STREAM}:batch:{batch}:{start}", *arguments)
    except redis.RedisError as error:
        raise Transient(f"events of batch {batch}: {error}") from error


def publish(cursor: Cursor, broker_url: str | None, work: Work) -> None:
    """Hands on the events of one batch and finishes the work; while Redis is away the events wait, however long."""
    hold_order(cursor)
    try:
        hand_on(broker_url, int(work.args["batch"]), events(cursor, int(work.args["batch"])))
    except Transient as error:
        ledger.postpone(cursor, work, PATIENCE_S, str(error))
    else:
        ledger.finish(cursor, work)
