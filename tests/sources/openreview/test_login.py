"""OpenReview and ORCID let in over real HTTP: once a process, again when let out, with a sentence when they do not."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import parse_qs

import pytest

from worker.errors import Misconfigured, Throttled
from worker.http import Client, Refused, admitted
from worker.page import Request, Site
from worker.pipeline import fetch
from worker.settings import Configured
from worker.sources import openreview, orcid

ACCOUNT = {"OPENREVIEW_USERNAME": "ada@institute.example", "OPENREVIEW_PASSWORD": "secret"}


@dataclass
class Door:
    """A far side that lets in by password and hands out tokens; ``mood`` says how it behaves."""

    mood: str = "kind"
    logins: list[Any] = field(default_factory=list)
    tokens: list[str | None] = field(default_factory=list)
    url: str = ""

    def answer(self, path: str, body: bytes, headers: Any) -> tuple[int, Any]:
        """Status and content."""
        if path in ("/login", "/oauth/token"):
            self.logins.append(body)
            name = "token" if path == "/login" else "access_token"
            return 200, {"mfaPending": True} if self.mood == "second factor" else {name: f"token{len(self.logins)}"}
        told = headers.get("Authorization")
        self.tokens.append(told)
        if self.mood == "challenge":
            return 403, {"name": "ForbiddenError", "message": "ChallengeRequiredError"}
        if told is None or (self.mood == "forgetful" and told == "Bearer token1"):
            return 401, {"message": "who?"}
        return 200, {"notes": [], "count": 0}


@pytest.fixture
def door() -> Iterator[Door]:
    """The door, on loopback."""
    side = Door()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            status, content = side.answer(
                self.path.partition("?")[0], self.rfile.read(int(self.headers.get("Content-Length", 0))), self.headers
            )
            body = json.dumps(content).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_POST

        def log_message(self, *args: Any) -> None:
            """Quiet."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        side.url = f"http://127.0.0.1:{server.server_address[1]}"
        yield side
        server.shutdown()


def asked(door: Door, secrets: dict[str, str]) -> fetch.Asked:
    site = Site("openreview", door.url, secrets=secrets)
    configured = Configured("openreview", openreview.SOURCE, site, "OpenReview")
    return fetch.Asked(configured, Request(f"{door.url}/notes?id=x"), admitted(*configured.addresses), {})


def test_one_login_a_process_and_another_when_let_out(door: Door) -> None:
    client, sessions = Client("0", None), dict[str, Any]()
    for _ in range(2):
        page = fetch.send(client, sessions, asked(door, ACCOUNT))
        assert page.url == f"{door.url}/notes?id=x"
    assert [json.loads(body) for body in door.logins] == [{"id": "ada@institute.example", "password": "secret"}]
    assert door.tokens == ["Bearer token1"] * 2
    door.mood = "forgetful"
    fetch.send(client, sessions, asked(door, ACCOUNT))
    assert (len(door.logins), door.tokens[-1]) == (2, "Bearer token2")
    client.close()


def test_what_keeps_us_out_is_said_in_a_sentence(door: Door) -> None:
    client = Client("0", None)
    door.mood = "second factor"
    with pytest.raises(Misconfigured, match="without a second factor"):
        fetch.send(client, {}, asked(door, ACCOUNT))
    door.mood = "challenge"
    with pytest.raises(Throttled, match="OPENREVIEW_USERNAME and OPENREVIEW_PASSWORD"):
        fetch.send(client, {}, asked(door, {}))
    door.mood = "kind"
    with pytest.raises(Refused, match="401"):
        fetch.send(client, {}, asked(door, {}))
    client.close()


def test_orcid_gives_a_registered_client_a_token(door: Door) -> None:
    secrets = {"ORCID_CLIENT_ID": "APP-1", "ORCID_CLIENT_SECRET": "hush"}
    configured = Configured("orcid", orcid.SOURCE, Site("orcid", door.url, secrets=secrets), "ORCID")
    client = Client("0", None)
    request = Request(f"{door.url}/0000-0002-1825-0097/record")
    fetch.send(client, {}, fetch.Asked(configured, request, admitted(*configured.addresses), {}))
    assert {name: values[0] for name, values in parse_qs(door.logins[0].decode()).items()} == {
        "client_id": "APP-1",
        "client_secret": "hush",
        "grant_type": "client_credentials",
        "scope": "/read-public",
    }
    assert door.tokens == ["Bearer token1"]
    client.close()
