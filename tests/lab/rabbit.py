"""Faults of a RabbitMQ that others may use, too: only our queue and our connections suffer."""

from __future__ import annotations

from contextlib import suppress

from kombu.connection import Connection

from worker.tasks import QUEUE


def strike(broker_url: str | None) -> bool:
    """Takes the queue away with everything in it; whoever consumed it is cut off."""
    if not broker_url or not broker_url.startswith("amqp"):
        return False
    with Connection(broker_url, connect_timeout=5) as connection, suppress(*connection.channel_errors):
        connection.channel().queue_delete(QUEUE)
    return True
