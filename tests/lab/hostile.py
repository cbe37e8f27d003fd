"""A real HTTP server on loopback that follows a script: every answer may be good, late, cut, wrong or a trap."""

from __future__ import annotations

import hashlib
import socket
import ssl
import struct
import subprocess
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

from worker.demo.api import BadQuery, NotFound
from worker.demo.server import Answer, FarSide, as_json


@dataclass
class Exchange:
    """One request, and the means to answer it well or badly. ``asked`` counts requests of this address so far, this
    one included; ``number`` counts all requests; ``place`` is when this address was first asked, from 1."""

    path: str
    query: dict[str, str]
    headers: Mapping[str, str]
    asked: int
    number: int
    place: int
    base_url: str
    handler: BaseHTTPRequestHandler
    far_side: FarSide
    over: threading.Event
    memory: dict[str, bytes]
    """What a script remembers between requests."""

    def clean(self, **query: str) -> Answer:
        """What the far side answers when nothing is wrong; ``query`` asks something else instead."""
        try:
            answer = self.far_side(self.path, {**self.query, **query})
        except NotFound:
            answer = None
        except BadQuery as refusal:
            return as_json({"error": str(refusal)}, 400)
        return answer or as_json({"error": "NotFound"}, 404)

    def send(
        self, answer: Answer, *, headers: Mapping[str, str | None] | None = None, body: bytes | None = None
    ) -> None:
        """A whole answer; ``headers`` replaces some, None leaves one out; ``body`` is what is sent in its place."""
        sent = answer.body if body is None else body
        told: dict[str, str | None] = {
            "Content-Type": answer.media_type,
            "Content-Length": str(len(sent)),
            "ETag": f'"{hashlib.sha256(answer.body).hexdigest()[:16]}"' if answer.status == 200 else None,
            **answer.headers,
            **(headers or {}),
        }
        self.handler.send_response(answer.status)
        for name, value in told.items():
            if value is not None:
                self.handler.send_header(name, value)
        self.handler.end_headers()
        self.raw(sent)

    def status(self, code: int, body: bytes = b"", **headers: str) -> None:
        """A bare status; header names are written with ``_`` for ``-``."""
        told = {name.replace("_", "-"): value for name, value in headers.items()}
        self.send(Answer(body, "text/plain", code), headers=told)

    def raw(self, data: bytes) -> None:
        """Bytes as they are; whoever stopped listening is forgiven."""
        with suppress(OSError):
            self.handler.wfile.write(data)
            self.handler.wfile.flush()

    def drip(self, data: bytes, pause_s: float = 0.05) -> None:
        """One byte at a time, until the lab is over."""
        for byte in data:
            if self.over.is_set():
                return
            try:
                self.handler.wfile.write(bytes((byte,)))
                self.handler.wfile.flush()
            except OSError:
                return
            time.sleep(pause_s)

    def reset(self) -> None:
        """The connection ends with RST."""
        with suppress(OSError):
            self.handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.handler.connection.close()
        self.handler.close_connection = True

    def hang(self, most_s: float = 30.0) -> None:
        """Says nothing."""
        self.over.wait(most_s)
        self.handler.close_connection = True


Script = Callable[[Exchange], None]
"""Answers one request, one way or another."""


def politely(exchange: Exchange) -> None:
    """The clean far side, with conditional requests."""
    answer = exchange.clean()
    etag = f'"{hashlib.sha256(answer.body).hexdigest()[:16]}"'
    if answer.status == 200 and etag in exchange.headers.get("If-None-Match", ""):
        exchange.send(Answer(b"", answer.media_type, 304), headers={"ETag": etag, "Content-Length": None})
    else:
        exchange.send(answer)


@dataclass
class Hostile:
    """A server under way. ``script`` may be exchanged while it runs."""

    far_side: FarSide
    script: Script = politely
    base_url: str = ""
    asked: Counter[str] = field(default_factory=Counter)
    memory: dict[str, bytes] = field(default_factory=dict)
    places: dict[str, int] = field(default_factory=dict)
    number: int = 0
    over: threading.Event = field(default_factory=threading.Event)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def follow(self, script: Script) -> None:
        """From now on this script, with its counts at zero."""
        with self.lock:
            self.script, self.number = script, 0
            self.asked.clear()
            self.places.clear()
            self.memory.clear()

    def answer(self, handler: BaseHTTPRequestHandler) -> None:
        """One request."""
        address = urlsplit(handler.path)
        with self.lock:
            self.number += 1
            self.asked[handler.path] += 1
            place = self.places.setdefault(handler.path, len(self.places) + 1)
            exchange = Exchange(
                address.path,
                dict(parse_qsl(address.query, keep_blank_values=True)),
                dict(handler.headers.items()),
                self.asked[handler.path],
                self.number,
                place,
                self.base_url,
                handler,
                self.far_side,
                self.over,
                self.memory,
            )
            script = self.script
        script(exchange)


class _Server(ThreadingHTTPServer):
    request_queue_size = 64
    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        """Clients hang up on bad answers: that is the point."""


@contextmanager
def serving(far_side: FarSide, certificate: Path | None = None) -> Iterator[Hostile]:
    """A hostile server as long as the block lasts; https when there is a certificate (with its key)."""
    hostile = Hostile(far_side)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            length = self.headers.get("Content-Length", "0")
            if length.isdigit():
                self.rfile.read(int(length))
            hostile.answer(self)

        do_POST = do_GET

        def log_message(self, format: str, *args: object) -> None:
            """Silence."""

    with _Server(("127.0.0.1", 0), Handler) as server:
        scheme = "http"
        if certificate is not None:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate)
            server.socket = context.wrap_socket(server.socket, server_side=True)
            scheme = "https"
        hostile.base_url = f"{scheme}://127.0.0.1:{server.server_address[1]}"
        thread = threading.Thread(target=server.serve_forever, args=(0.02,), name="hostile", daemon=True)
        thread.start()
        try:
            yield hostile
        finally:
            hostile.over.set()
            server.shutdown()
            thread.join()


def make_certificate(folder: Path) -> Path:
    """A certificate for 127.0.0.1 that nobody vouches for, with its key, in one file."""
    key, cert, both = folder / "key.pem", folder / "cert.pem", folder / "both.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=127.0.0.1",
         "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", str(key), "-out", str(cert)],
        check=True, capture_output=True,
    )  # fmt: skip
    both.write_bytes(key.read_bytes() + cert.read_bytes())
    return both
