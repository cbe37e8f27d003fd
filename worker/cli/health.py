"""What machines ask of ``pubcat up``: is it alive, is it ready, how is it doing."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import psycopg
from kombu.connection import Connection
from kombu.exceptions import OperationalError
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from sqlalchemy.exc import SQLAlchemyError

from catalog import migrate
from worker.cli.processes import Children
from worker.errors import Misconfigured
from worker.tools import Tools, our_version

STALE_S = 30.0
"""The supervisor looks after its children every second; longer silence means that it hangs."""

_RECORDS = """
    select source, sum(n_new)::float8, sum(n_changed)::float8, sum(n_unchanged)::float8, sum(n_dead)::float8
    from ops.harvest group by source order by source
"""
_SUCCESS = """
    select source, extract(epoch from max(finished_at))::float8 from ops.harvest
    where state = 'done' and kind in ('sweep', 'file') group by source order by source
"""
_QUEUE = """
    select kind, count(*)::float8, greatest(0, extract(epoch from max(clock_timestamp() - not_before)))::float8
    from ops.work where state in ('queued', 'leased') group by kind order by kind
"""
_DEAD = "select stage, count(*)::float8 from ops.dead_letter where resolved_at is null group by stage order by stage"
_WORKERS = """
    select count(*)::float8 from ops.worker where role = 'worker' and seen_at > clock_timestamp() - interval '15 s'
"""
_THROTTLED = """
    select host_group, extract(epoch from throttled_until)::float8 from ops.host_budget
    where throttled_until > clock_timestamp() order by host_group
"""


class Figures:
    """Counted in the database when somebody looks, so that any number of processes agree."""

    def __init__(self, tools: Tools) -> None:
        self._tools = tools

    def collect(self) -> Iterator[Metric]:
        """Every figure, by the names the dashboards use."""
        with self._tools.transaction() as cursor:
            cursor.execute("set local statement_timeout = '10s'")
            records = CounterMetricFamily("ingest_records", "Records read, by outcome.", labels=("source", "outcome"))
            for source, *counts in cursor.execute(_RECORDS).fetchall():
                for outcome, count in zip(("new", "changed", "unchanged", "dead"), counts, strict=True):
                    records.add_metric((source, outcome), count)
            yield records
            yield _by(cursor, _SUCCESS, "ingest_last_success_timestamp_seconds", "End of the last good run.", "source")
            depth = GaugeMetricFamily("queue_depth", "Open work.", labels=("queue",))
            oldest = GaugeMetricFamily("queue_oldest_age_seconds", "Age of the oldest due work.", labels=("queue",))
            for kind, count, age in cursor.execute(_QUEUE).fetchall():
                depth.add_metric((kind,), count)
                oldest.add_metric((kind,), age)
            yield depth
            yield oldest
            yield _by(cursor, _DEAD, "dead_letters", "What nobody could read, unresolved.", "reason")
            yield _by(cursor, _THROTTLED, "source_throttled_until_seconds", "A host asked for silence.", "source")
            alive = cursor.execute(_WORKERS).fetchone()
            yield GaugeMetricFamily("workers_alive", "Worker processes seen lately.", value=alive[0] if alive else 0)


def _by(cursor: Any, query: str, name: str, help: str, label: str) -> Metric:
    metric = GaugeMetricFamily(name, help, labels=(label,))
    for value, figure in cursor.execute(query).fetchall():
        metric.add_metric((value,), figure)
    return metric


def readiness(tools: Tools, children: Children) -> tuple[bool, dict[str, Any]]:
    """Whether work can be done here, and the reason of each part."""
    said: dict[str, Any] = {"version": our_version()}
    try:
        said["schema"] = "ok" if migrate.is_current(tools.engine) else "not migrated: run pubcat db migrate"
        said["database"] = "ok"
    except (SQLAlchemyError, psycopg.Error) as error:
        said["database"] = f"does not answer: {type(error).__name__}"
    try:
        if tools.broker_url:
            answers(tools.broker_url)
        said["broker"] = "ok"
    except (OperationalError, OSError) as error:
        said["broker"] = f"does not answer: {type(error).__name__}"
    for name, alive in children.alive().items():
        said[name] = "ok" if alive else "is being started again"
    return all(said[name] == "ok" for name in said.keys() - {"version"}), said


def answers(broker_url: str) -> None:
    """Connects to a broker of any kind, once.

    Raises:
        OperationalError: it does not answer.
    """
    with Connection(broker_url, connect_timeout=3) as connection:
        connection.ensure_connection(max_retries=1, interval_start=0, timeout=3)


@contextmanager
def serving(tools: Tools, children: Children, host: str, port: int) -> Iterator[str]:
    """Answers as long as the block lasts; yields the address.

    Raises:
        Misconfigured: the port is taken.
    """
    registry = CollectorRegistry()
    registry.register(Figures(tools))

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            match self.path.partition("?")[0]:
                case "/livez":
                    fresh = time.monotonic() - children.watched_at < STALE_S
                    self._send(200 if fresh else 503, b"ok\n" if fresh else b"the supervisor hangs\n")
                case "/readyz" | "/healthz":
                    ready, said = readiness(tools, children)
                    self._send(200 if ready else 503, json.dumps(said).encode() + b"\n", "application/json")
                case "/metrics":
                    try:
                        self._send(200, generate_latest(registry), CONTENT_TYPE_LATEST)
                    except (SQLAlchemyError, psycopg.Error) as error:
                        self._send(503, f"the database does not answer: {type(error).__name__}\n".encode())
                case "/version":
                    self._send(200, our_version().encode() + b"\n")
                case _:
                    self._send(404, b"/livez /readyz /healthz /metrics /version\n")

        def _send(self, status: int, body: bytes, media_type: str = "text/plain; charset=utf-8") -> None:
            self.send_response(status)
            self.send_header("Content-Type", media_type)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """Probes come every few seconds: not logged."""

    try:
        server = ThreadingHTTPServer((host, port), Handler)
    except OSError as error:
        raise Misconfigured(f"{host}:{port} cannot be used ({error.strerror}); choose another with --port") from error
    thread = threading.Thread(target=server.serve_forever, args=(0.2,), name="health", daemon=True)
    thread.start()
    try:
        yield f"http://{host}:{server.server_address[1]}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
