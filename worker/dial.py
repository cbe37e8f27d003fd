"""Where the client may dial, and for how long: addresses are checked when they are dialled, whatever name led there.

A name is resolved once; when any of its answers is not public, nothing is dialled, else one of these very addresses
is. Redirects, kept connections and names that change their mind all pass through here. Every read and write ends with
the deadline of its request, so a drip that never completes a line ends, too.
"""

from __future__ import annotations

import ipaddress
import socket
import ssl
import threading
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import httpcore2

from worker.errors import Permanent
from worker.page import is_loopback

LEAST_RATE = 200
"""Bytes a second below which an answer is a drip and not an answer."""
GRACE_S = 10.0
"""The rate counts from so long after the first byte."""
LONGEST_LOOKUP_S = 10.0

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

_CLOSED = tuple(
    ipaddress.ip_network(block)
    for block in (
        # https://www.iana.org/assignments/iana-ipv4-special-registry, and the metadata service of Azure
        *("0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12"),
        *("192.0.0.0/24", "192.0.2.0/24", "192.31.196.0/24", "192.52.193.0/24", "192.88.99.0/24", "192.168.0.0/16"),
        *("192.175.48.0/24", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4"),
        "168.63.129.16/32",
        # https://www.iana.org/assignments/iana-ipv6-special-registry: Teredo, ORCHID, examples, 6to4, SRv6
        *("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20", "5f00::/16"),
    )
)
_GLOBAL = ipaddress.ip_network("2000::/3")
"""Global unicast: mapped and translated IPv4 (NAT64), loopback, link-local, unique local and multicast lie outside."""


def is_public(address: Address) -> bool:
    """Whether an address may belong to somebody out there, and to nothing of ours."""
    if address.version == 6 and address not in _GLOBAL:
        return False
    return not any(address.version == block.version and address in block for block in _CLOSED)


def resolve(host: str, port: int, within_s: float) -> list[str]:
    """The addresses of a host, every one of them checked.

    Raises:
        Permanent: one of them is not public.
        httpcore2.ConnectError, httpcore2.ConnectTimeout: the name leads nowhere, or takes too long.
    """
    found: list[str] | OSError | UnicodeError | None = None

    def look() -> None:
        nonlocal found
        try:
            found = list(
                dict.fromkeys(str(one[4][0]) for one in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM))
            )
        except (OSError, UnicodeError) as error:
            found = error

    # The system's resolver knows no deadline: it is left behind when it takes too long.
    thread = threading.Thread(target=look, name=f"look up {host}", daemon=True)
    thread.start()
    thread.join(within_s)
    if found is None:
        raise httpcore2.ConnectTimeout(f"no address of {host} within {within_s:.0f} s")
    if not isinstance(found, list):
        raise httpcore2.ConnectError(f"no address of {host}: {found}")
    for text in found:
        address = ipaddress.ip_address(text.partition("%")[0])
        if not (address.is_loopback if is_loopback(host) else is_public(address)):
            raise Permanent(f"{host} leads to {address}, which is no public address; nothing was asked there")
    return found


@dataclass
class Patience:
    """How long one request may take, and how much of it came."""

    ends_at: float
    allowed_s: float
    since: float | None = None
    n_bytes: int = field(default=0)

    def left_s(self, timeout_s: float | None) -> float:
        """Seconds the next read or write may take.

        Raises:
            httpcore2.ReadTimeout: none are left, or the answer drips.
        """
        now = time.monotonic()
        if now >= self.ends_at:
            raise httpcore2.ReadTimeout(f"not complete after {self.allowed_s:.0f} s")
        if self.since is not None and now - self.since > GRACE_S and self.n_bytes < LEAST_RATE * (now - self.since):
            raise httpcore2.ReadTimeout(f"{self.n_bytes} bytes in {now - self.since:.0f} s: a drip")
        return min(timeout_s or self.allowed_s, self.ends_at - now)

    def came(self, size: int) -> None:
        """Counts bytes."""
        self.since = self.since or time.monotonic()
        self.n_bytes += size


class Guard(httpcore2.NetworkBackend):
    """Dials checked addresses only, within the patience of the request that this thread makes."""

    def __init__(self) -> None:
        self._now = threading.local()
        self._plain = httpcore2.SyncBackend()

    def be_patient(self, allowed_s: float) -> None:
        """The next request of this thread must be over by then."""
        self._now.patience = Patience(time.monotonic() + allowed_s, allowed_s)

    @property
    def patience(self) -> Patience:
        """That of the request under way."""
        patience: Patience = self._now.patience
        return patience

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore2.NetworkStream:
        """A connection to one of the host's addresses; the name stays what TLS and the Host header say."""
        failure: Exception | None = None
        for address in resolve(host, port, self.patience.left_s(LONGEST_LOOKUP_S)):
            try:
                stream = self._plain.connect_tcp(
                    address, port, self.patience.left_s(timeout), local_address, socket_options
                )
                return _Stream(stream, self)
            except (httpcore2.ConnectError, httpcore2.ConnectTimeout) as error:
                failure = error
        raise failure or httpcore2.ConnectError(f"no address of {host}")

    def connect_unix_socket(
        self, path: str, timeout: float | None = None, socket_options: Iterable[Any] | None = None
    ) -> httpcore2.NetworkStream:
        """Refused: no source answers there."""
        raise Permanent(f"{path}: no source answers at a socket of this machine")


class _Stream(httpcore2.NetworkStream):
    """A connection whose every step ends with the deadline of the request under way."""

    def __init__(self, inner: httpcore2.NetworkStream, guard: Guard) -> None:
        self._inner, self._guard = inner, guard

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        data = self._inner.read(max_bytes, self._guard.patience.left_s(timeout))
        self._guard.patience.came(len(data))
        return data

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._inner.write(buffer, self._guard.patience.left_s(timeout))

    def close(self) -> None:
        self._inner.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore2.NetworkStream:
        limit_s = self._guard.patience.left_s(timeout)
        return _Stream(self._inner.start_tls(ssl_context, server_hostname, limit_s), self._guard)

    def get_extra_info(self, info: str) -> Any:
        return self._inner.get_extra_info(info)
