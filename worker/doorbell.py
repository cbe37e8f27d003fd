"""Redis as a doorbell: what stands in a queue and is no message is thrown away, and the worker goes on."""

from __future__ import annotations

from queue import Empty
from typing import Any

import structlog
from kombu.transport import redis

log = structlog.get_logger("pubcat")


class Channel(redis.Channel):
    """As Kombu's, which lets the worker end at the first list entry that is not JSON or lacks a field."""

    def _brpop_read(self, **options: Any) -> Any:
        try:
            return super()._brpop_read(**options)
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            log.warning("no message at all: thrown away", error=f"{type(error).__name__}: {error}"[:200])
            raise Empty from error


class Transport(redis.Transport):
    """Kombu's Redis transport with that channel."""

    Channel = Channel
