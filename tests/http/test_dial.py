"""Nothing of ours is ever dialled, whatever name led there."""

from __future__ import annotations

import ipaddress
import socket
from typing import Any

import pytest

from tests.lab.hostile import Exchange, serving
from worker import dial
from worker.demo.server import Answer
from worker.errors import Permanent, Transient
from worker.http import Client, admitted
from worker.page import Request

OURS = (
    *("127.0.0.1", "127.9.9.9", "0.0.0.0", "10.1.2.3", "172.16.0.1", "172.31.255.255", "192.168.0.1"),
    *("169.254.169.254", "168.63.129.16", "100.64.0.1", "192.0.0.192", "198.18.0.1", "203.0.113.7", "224.0.0.1"),
    *("240.0.0.1", "255.255.255.255", "192.88.99.1"),
    *("::1", "::", "::ffff:127.0.0.1", "::ffff:169.254.169.254", "::127.0.0.1", "64:ff9b::a9fe:a9fe"),
    *("64:ff9b:1::1", "2002:a9fe:a9fe::1", "2001:0:a9fe:a9fe::1", "2001:db8::1", "fc00::1", "fd12::1", "fe80::1"),
    *("fec0::1", "ff02::1", "100::1", "3fff::1", "5f00::1"),
)
THEIRS = (
    "8.8.8.8",
    "1.1.1.1",
    "132.204.8.1",
    "172.15.0.1",
    "172.32.0.1",
    "2606:4700::1111",
    "2a00:1450:4001:80b::200e",
)
NAMES_OF_OURS = ("2130706433", "0x7f.1", "127.1", "0177.0.0.1", "017700000001", "0x7f000001", "①②⑦.⓪.⓪.①", "0")


@pytest.mark.parametrize("address", OURS)
def test_addresses_of_ours(address: str) -> None:
    assert not dial.is_public(ipaddress.ip_address(address))


@pytest.mark.parametrize("address", THEIRS)
def test_addresses_of_theirs(address: str) -> None:
    assert dial.is_public(ipaddress.ip_address(address))


def answering(monkeypatch: pytest.MonkeyPatch, *answers: tuple[str, ...]) -> list[str]:
    """Names lead where ``answers`` say, one look-up after the other; the names looked up."""
    asked: list[str] = []
    of_literals = socket.getaddrinfo

    def look_up(host: str, port: int, *more: Any, **kind: Any) -> list[Any]:
        if host[:1].isdigit():
            return list(of_literals(host, port, *more, **kind))
        found = answers[min(len(asked), len(answers) - 1)]
        asked.append(host)
        return [
            (socket.AF_INET6 if ":" in one else socket.AF_INET, socket.SOCK_STREAM, 6, "", (one, port)) for one in found
        ]

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    return asked


@pytest.mark.parametrize("address", OURS)
def test_a_name_that_leads_to_us_is_refused(monkeypatch: pytest.MonkeyPatch, address: str) -> None:
    answering(monkeypatch, (address,))
    client = Client("test", "curator@institute.test.ca")
    with pytest.raises(Permanent, match="no public address"):
        client.send(Request("https://papers.example/list"), hosts=admitted("https://papers.example"))


def test_one_bad_answer_among_good_ones_is_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    answering(monkeypatch, ("8.8.8.8", "10.0.0.1"))
    with pytest.raises(Permanent, match=r"papers\.example leads to 10\.0\.0\.1"):
        dial.resolve("papers.example", 443, 1.0)


def test_the_checked_address_is_dialled_and_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    """A name that answers differently the second time is not asked a second time."""
    with serving(lambda path, query: Answer(b"{}", "application/json")) as server:
        asked = answering(monkeypatch, ("127.0.0.1",), ("8.8.8.8",))
        url = server.base_url.replace("127.0.0.1", "localhost")
        page = Client("test", None).send(Request(url), hosts=admitted(url))
        assert (page.status, asked) == (200, ["localhost"])


@pytest.mark.parametrize("host", NAMES_OF_OURS)
def test_other_spellings_of_loopback_are_refused(host: str) -> None:
    """The system resolves them to this machine; only its plain names may be configured."""
    client = Client("test", "curator@institute.test.ca")
    with pytest.raises((Permanent, Transient)) as caught:
        client.send(Request(f"http://{host}/"), hosts=admitted(f"http://{host}/"))
    assert isinstance(caught.value, Permanent) or "no address" in str(caught.value)


@pytest.mark.parametrize(
    "location",
    [
        "http://169.254.169.254/latest/meta-data/",
        "http://[::1]:6379/",
        "http://127.0.0.1:6379/",
        "//127.0.0.1:5432/",
        "https://127.0.0.1/",
        "http://2130706433/",
        "file:///etc/passwd",
        "gopher://127.0.0.1:70/_x",
        "ftp://127.0.0.1/",
        "http://user:word@evil.example/",
        "http://127.0.0.1@evil.example/",
        "\\\\evil.example\\x",
        "http://",
        "http://[::1",
        "javascript:alert(1)",
    ],
)
def test_a_redirect_to_elsewhere_is_refused(location: str) -> None:
    with serving(lambda path, query: Answer(b"{}", "application/json")) as server:
        seen: list[str] = []

        def script(exchange: Exchange) -> None:
            seen.append(exchange.path)
            exchange.status(302 if exchange.path == "/" else 404, Location=location)

        server.follow(script)
        with pytest.raises(Permanent):
            Client("test", None, deadline_s=5).send(Request(f"{server.base_url}/"), hosts=admitted(server.base_url))
        assert len(seen) <= 6


def test_a_name_that_nobody_answers_for_is_a_passing_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    def nobody(*_: Any, **__: Any) -> None:
        raise socket.gaierror(-2, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", nobody)
    with pytest.raises(Transient, match="no address of papers"):
        Client("test", "a@b.ca").send(Request("https://papers.example/"), hosts=admitted("papers.example"))


def test_a_resolver_that_hangs_ends_with_the_deadline(monkeypatch: pytest.MonkeyPatch) -> None:
    import threading

    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: threading.Event().wait(5) or [])
    with pytest.raises(Transient, match="no address of"):
        Client("test", "a@b.ca", deadline_s=0.3).send(
            Request("https://papers.example/"), hosts=admitted("papers.example")
        )


def test_no_contact_no_question() -> None:
    with pytest.raises(Permanent, match="PUBCAT_CONTACT"):
        Client("test", None).send(Request("https://papers.example/"), hosts=admitted("papers.example"))
