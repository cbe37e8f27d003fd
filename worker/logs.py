"""One line an event: JSON for machines, plain text for people (``LOG_FORMAT=console``), secrets never."""

from __future__ import annotations

import logging
import os
import re
import sys
from typing import Any

import structlog

_SECRET = re.compile(r"(?i)((?:api_key|token|password|signature|secret)=|://[^:/@\s]*:)[^&\s@]+")


def configure(*, level: str | None = None) -> None:
    """Sets logging up for this process; ``LOG_LEVEL`` and ``LOG_FORMAT`` (json, console) are read."""
    wanted = logging.getLevelName((level or os.environ.get("LOG_LEVEL") or "INFO").upper())
    console = os.environ.get("LOG_FORMAT", "console" if sys.stderr.isatty() else "json") == "console"
    renderer: Any = (
        structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty(), exception_formatter=structlog.dev.plain_traceback)
        if console
        else structlog.processors.JSONRenderer()
    )
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True, key="ts"),
            *([] if console else [structlog.processors.format_exc_info]),
            _redact,
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(wanted if isinstance(wanted, int) else logging.INFO),
        logger_factory=structlog.WriteLoggerFactory(sys.stderr),
        cache_logger_on_first_use=False,
    )


def _redact(logger: Any, method: str, event: Any) -> Any:
    """Secrets in addresses become stars."""
    return {
        key: _SECRET.sub(r"\1***", value) if isinstance(value, str) else value for key, value in dict(event).items()
    }
