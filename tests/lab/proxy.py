"""A proxy between a worker and Postgres that counts the worker's protocol messages, and strikes at the k-th."""

from __future__ import annotations

import os
import signal
import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from enum import Enum
from urllib.parse import urlsplit, urlunsplit

EXPECTS_REPLY = b"SQ"
"""Sync and simple Query: after these the server answers."""


class Mode(Enum):
    """What happens at the chosen message."""

    BEFORE = "killed before"
    AFTER = "killed after"
    DROPPED = "reply dropped"


@dataclass
class Strike:
    """Where to strike one worker process; ``k`` 0 only counts."""

    k: int = 0
    mode: Mode = Mode.BEFORE
    pid: int = 0
    seen: int = 0
    struck: threading.Event = field(default_factory=threading.Event)


class Proxy:
    """Listens on a port of its own; every connection is one to the real server."""

    def __init__(self, database_url: str) -> None:
        self._target = (urlsplit(database_url).hostname or "127.0.0.1", urlsplit(database_url).port or 5432)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._lock = threading.Lock()
        self.strike = Strike()
        threading.Thread(target=self._accept, daemon=True).start()

    def url(self, database_url: str) -> str:
        """The same database, through here."""
        parts = urlsplit(database_url)
        login = parts.netloc.rpartition("@")[0]
        return urlunsplit(parts._replace(netloc=f"{login}@127.0.0.1:{self._listener.getsockname()[1]}"))

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                client.set_inheritable(False)
                threading.Thread(target=self._serve, args=(client, self.strike), daemon=True).start()

    def close(self) -> None:
        """Stops listening."""
        self._listener.close()

    def _serve(self, client: socket.socket, strike: Strike) -> None:
        server = socket.create_connection(self._target)
        muted = threading.Event()
        answered = threading.Event()
        back = threading.Thread(target=_back, args=(server, client, muted, answered), daemon=True)
        back.start()
        with suppress(OSError):
            for kind, message in _messages(client):
                number = 0
                if kind not in (b"", b"p", b"X"):  # the handshake and the farewell change nothing
                    with self._lock:
                        strike.seen += 1
                        number = strike.seen
                if number != strike.k or not number:
                    server.sendall(message)
                    continue
                if strike.mode is Mode.BEFORE:
                    _kill(strike)
                    break
                if strike.mode is Mode.DROPPED:
                    muted.set()
                    answered.clear()
                server.sendall(message)
                if strike.mode is Mode.AFTER:
                    _kill(strike)
                elif kind in EXPECTS_REPLY:
                    answered.wait(10)
                strike.struck.set()
                break
        for end in (client, server):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()


def _kill(strike: Strike) -> None:
    os.kill(strike.pid, signal.SIGKILL)
    strike.struck.set()


def _back(server: socket.socket, client: socket.socket, muted: threading.Event, answered: threading.Event) -> None:
    """From the server to the client, unless muted."""
    with suppress(OSError):
        while came := server.recv(65_536):
            if muted.is_set():
                answered.set()
            else:
                client.sendall(came)


def _messages(client: socket.socket) -> Iterator[tuple[bytes, bytes]]:
    """The client's messages, one by one, as (type, bytes); those of the handshake have no type.

    https://www.postgresql.org/docs/current/protocol-message-formats.html
    """
    buffer = b""
    begun = False
    while True:
        header = 4 if not begun else 5
        while len(buffer) < header or len(buffer) < _length(buffer, begun):
            came = client.recv(65_536)
            if not came:
                return
            buffer += came
        size = _length(buffer, begun)
        message, buffer = buffer[:size], buffer[size:]
        if begun:
            yield message[:1], message
        else:
            begun = struct.unpack("!i", message[4:8])[0] >> 16 == 3  # else a request for encryption
            yield b"", message


def _length(buffer: bytes, begun: bool) -> int:
    at = 1 if begun else 0
    return int(struct.unpack("!i", buffer[at : at + 4])[0]) + at


@contextmanager
def proxied(database_url: str) -> Iterator[Proxy]:
    """A proxy as long as the block lasts."""
    proxy = Proxy(database_url)
    try:
        yield proxy
    finally:
        proxy.close()
