"""One request and the truth about how it ended: deadlines, broken streams, silence, redirects, secrets."""

from __future__ import annotations

import gzip
import itertools
import json
import subprocess
import sys
import time
import zlib
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.lab import transport
from tests.lab.far_sides import cases
from tests.lab.hostile import Exchange, Hostile, Script, make_certificate, serving
from worker import decoding, dial
from worker.demo.server import Answer
from worker.errors import Malformed, Permanent, Throttled, Transient
from worker.http import (
    LONGEST_WAIT_S,
    Client,
    NotModified,
    Refused,
    admitted,
    asked_silence_s,
    check_media,
    retry_after_s,
)
from worker.page import Page, Request

BODY = json.dumps({"items": list(range(2000))}).encode()
DEADLINE_S = 1.0


@pytest.fixture
def server() -> Iterator[Hostile]:
    with serving(lambda path, query: Answer(BODY, "application/json")) as found:
        yield found


def get(server: Hostile, path: str = "/x", *, deadline_s: float = 10.0, **more: object) -> Page:
    client = Client("test", None, deadline_s=deadline_s)
    try:
        return client.send(Request(f"{server.base_url}{path}"), hosts=admitted(server.base_url), **more)  # type: ignore[arg-type]
    finally:
        client.close()


@pytest.mark.parametrize("key", ["H2.1", "H2.2", "H2.3", "H1.5"])
def test_a_drip_ends_at_the_deadline(server: Hostile, key: str) -> None:
    """Whether body, head or chunk size drips, or nothing comes: no read timeout would ever notice."""
    [one] = [behaviour for behaviour in transport.ALL if behaviour.key == key]
    server.follow(one.make(cases()["table"]))
    started = time.monotonic()
    with pytest.raises(Transient, match=r"not complete after|ReadTimeout"):
        get(server, deadline_s=DEADLINE_S)
    assert time.monotonic() - started < DEADLINE_S + 1.5


def test_a_drip_ends_long_before_a_long_deadline(server: Hostile, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dial, "GRACE_S", 0.5)

    def script(x: Exchange) -> None:
        x.handler.send_response(200)
        x.handler.end_headers()
        x.drip(b"a" * 10_000, 0.02)

    server.follow(script)
    started = time.monotonic()
    with pytest.raises(Transient, match="a drip"):
        get(server, deadline_s=60.0)
    assert time.monotonic() - started < 5


def test_the_deadline_counts_over_redirects(server: Hostile) -> None:
    def script(x: Exchange) -> None:
        time.sleep(0.4)
        x.status(302, Location=f"{x.path}x")

    server.follow(script)
    started = time.monotonic()
    with pytest.raises(Transient):
        get(server, deadline_s=DEADLINE_S)
    assert time.monotonic() - started < DEADLINE_S + 1.5


BOMB = """
import sys
from pathlib import Path
sys.path.insert(0, {root!r})
from worker.errors import Permanent
from worker.http import Client, admitted
from worker.page import Request
url = sys.argv[1]
try:
    Client("test", None).send(Request(url), hosts=admitted(url))
except Permanent as error:
    print(error)
[peak] = [line.split()[1] for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM")]
print(int(peak) // 1024)
"""
"""The peak of this program alone: ``getrusage`` counts what was there before it, the tests themselves."""


@pytest.mark.parametrize("kind", ["a bomb", "many small members", "a body without end", "almost too large"])
def test_no_body_takes_much_memory(server: Hostile, kind: str) -> None:
    def packed(body: bytes) -> Script:
        return lambda x: x.send(Answer(body, "application/json"), headers={"Content-Encoding": "gzip"})

    if kind == "a bomb":
        server.follow(packed(transport.bomb()))
    elif kind == "many small members":
        server.follow(packed(gzip.compress(bytes(500_000)) * 400))
    elif kind == "almost too large":
        whole = (b"0123456789abcdef" + bytes(1000).hex().encode()[:400]) * ((63 << 20) // 416)
        machine = zlib.compressobj(1, zlib.DEFLATED, 31)
        server.follow(packed(machine.compress(whole[: 1 << 20] * 63) + machine.flush()))
    else:
        [one] = [behaviour for behaviour in transport.ALL if behaviour.key == "H4.2"]
        server.follow(one.make(cases()["table"]))
    script = BOMB.format(root=str(Path(__file__).resolve().parents[2]))
    done = subprocess.run(
        [sys.executable, "-c", script, f"{server.base_url}/x"], capture_output=True, text=True, check=True, timeout=60
    )
    *refusal, peak_mib = done.stdout.splitlines()
    assert int(peak_mib) < 256, done.stdout
    assert bool(refusal) == (kind != "almost too large"), done.stdout


@given(
    parts=st.lists(st.binary(max_size=3000), min_size=1, max_size=4),
    cuts=st.lists(st.integers(0, 12_000), max_size=5),
    rubbish=st.binary(max_size=3),
)
def test_members_come_whole_however_they_are_cut_into_chunks(
    parts: list[bytes], cuts: list[int], rubbish: bytes
) -> None:
    packed = b"".join(gzip.compress(part) for part in parts)
    places = [0, *sorted(cut for cut in cuts if cut < len(packed)), len(packed)]
    chunks = [packed[a:b] for a, b in itertools.pairwise(places)]
    assert decoding.inflate(iter(chunks), "here") == b"".join(parts)
    for end in range(1, 9):
        with pytest.raises(Transient):
            decoding.inflate(iter([packed[:-end]]), "here")
    if rubbish.strip(b"\0"):
        with pytest.raises(Transient):
            decoding.inflate(iter([packed, rubbish]), "here")


def test_no_bytes_are_no_stream() -> None:
    assert decoding.decoded(iter([]), "gzip", "here") == b""


@given(body=st.binary(max_size=400), gzipped=st.booleans())
def test_any_bytes_inflate_or_are_refused(body: bytes, gzipped: bool) -> None:
    try:
        decoding.inflate(iter([body]), "here", gzip=gzipped)
    except (Transient, Permanent):
        return


@given(value=st.one_of(st.text(max_size=40), st.integers().map(str), st.floats().map(str)))
def test_any_wait_is_clamped_or_unreadable(value: str) -> None:
    wait_s = retry_after_s(value)
    assert wait_s is None or 0.0 <= wait_s <= LONGEST_WAIT_S


@pytest.mark.parametrize(
    ("value", "wait_s"),
    [
        ("7", 7.0),
        (" 7 ", 7.0),
        ("1.5", 1.5),
        ("-1", 0.0),
        ("0", 0.0),
        ("99999999", LONGEST_WAIT_S),
        ("9" * 400, LONGEST_WAIT_S),
        ("Sun, 06 Nov 1994 08:49:37 GMT", 0.0),
        ("Sunday, 06-Nov-94 08:49:37 GMT", 0.0),
        ("Sun Nov  6 08:49:37 1994", 0.0),
        ("Sun, 06 Nov 2094 08:49:37 GMT", LONGEST_WAIT_S),
        ("soon", None),
        ("", None),
        (None, None),
    ],
)
def test_every_form_of_retry_after(value: str | None, wait_s: float | None) -> None:
    assert retry_after_s(value) == wait_s


@pytest.mark.parametrize(
    ("status", "headers", "wait_s"),
    [
        (429, {}, 0.0),
        (429, {"retry-after": "5"}, 5.0),
        (403, {}, None),
        (403, {"retry-after": "5"}, 5.0),
        (403, {"x-ratelimit-remaining": "0", "x-ratelimit-reset": "60"}, 60.0),
        (403, {"x-ratelimit-remaining": "12", "x-ratelimit-reset": "60"}, None),
        (503, {"retry-after": "5"}, 5.0),
        (503, {}, None),
        (404, {"retry-after": "5"}, None),
    ],
)
def test_what_asks_for_silence(status: int, headers: dict[str, str], wait_s: float | None) -> None:
    assert asked_silence_s(status, headers) == wait_s


def test_the_wait_that_was_asked_for_reaches_the_caller(server: Hostile) -> None:
    server.follow(lambda x: x.status(429, Retry_After="42"))
    with pytest.raises(Throttled) as caught:
        get(server)
    assert caught.value.retry_after_s == 42.0


def test_a_refusal_carries_its_page(server: Hostile) -> None:
    server.follow(lambda x: x.status(404, b"no such paper"))
    with pytest.raises(Refused) as caught:
        get(server)
    assert (caught.value.status, caught.value.page.body) == (404, b"no such paper")


def test_statuses_a_source_reads_are_pages(server: Hostile) -> None:
    server.follow(lambda x: x.status(410, b"gone"))
    assert get(server, statuses=(410,)).status == 410


def test_a_check_sees_refusals_and_may_forgive_none(server: Hostile) -> None:
    server.follow(lambda x: x.status(403, b'{"name": "ChallengeRequiredError"}'))

    def check(page: Page) -> None:
        if "Challenge" in page.text():
            raise Transient("wants a browser")

    def confused(page: Page) -> None:
        raise Malformed("not what I know")

    with pytest.raises(Transient, match="wants a browser"):
        get(server, check=check)
    with pytest.raises(Refused):
        get(server, check=confused)


def test_304_is_believed_only_of_who_compared(server: Hostile) -> None:
    server.follow(lambda x: x.status(304))
    with pytest.raises(NotModified):
        get(server, validators={"If-None-Match": '"a"'})
    with pytest.raises(Transient, match="304"):
        get(server)


def test_what_is_posted_arrives_and_is_never_led_elsewhere(server: Hostile) -> None:
    seen: list[dict[str, str]] = []

    def script(x: Exchange) -> None:
        seen.append(dict(x.headers))
        x.status(307 if x.path == "/moved" else 200, b"{}", Location="/x")

    server.follow(script)
    client, hosts = Client("test", None), admitted(server.base_url)
    request = Request(f"{server.base_url}/x", body=b'{"ids": [1]}')
    page = client.send(request, hosts=hosts)
    assert page.url == request.key == f"{server.base_url}/x#{request.key[-16:]}"
    assert (seen[0]["Content-Type"], seen[0]["Content-Length"]) == ("application/json", "12")
    with pytest.raises(Permanent, match="redirects what was posted"):
        client.send(Request(f"{server.base_url}/moved", body=b"{}"), hosts=hosts)


def test_requests_of_different_bodies_have_different_keys() -> None:
    keys = {Request("https://a.example/batch?key=1", body=body).key for body in (None, b"", b"a", b"b")}
    assert len(keys) == 4
    assert not any("key=1" in key for key in keys)


def test_a_parameter_declared_public_stays() -> None:
    url = "https://a.example/search?token=abc&API_KEY=s3cret&mailto=a@b.ca&q=x&key="
    assert Request(url).key == "https://a.example/search?q=x"
    assert Request(url, public=("token",)).key == "https://a.example/search?token=abc&q=x"


def test_secrets_do_not_follow_to_another_host(server: Hostile) -> None:
    """A redirect that is admitted takes the page along, and no credential."""
    with serving(lambda path, query: Answer(b"{}", "application/json")) as other:
        seen: list[dict[str, str]] = []
        other.follow(lambda x: (seen.append(dict(x.headers)), x.send(x.clean()))[1])  # type: ignore[func-returns-value]
        server.follow(lambda x: x.status(302, Location=f"{other.base_url}/there"))
        request = Request(
            f"{server.base_url}/x", headers={"Authorization": "Bearer s3cret", "X-Api-Key": "s3cret", "Accept": "a/b"}
        )
        page = Client("test", None).send(request, hosts=admitted(server.base_url, other.base_url))
    assert page.headers["location"] == f"{other.base_url}/there"
    assert seen[0]["Accept"] == "a/b"
    assert "s3cret" not in str(seen)


@pytest.mark.parametrize("value", ["a\r\nX-Evil: 1", "a\x00b", "клю́ч"])
def test_a_credential_that_is_no_header_is_not_told(server: Hostile, value: str) -> None:
    request = Request(f"{server.base_url}/x", headers={"Authorization": f"Bearer s3cret {value}"})
    with pytest.raises(Permanent) as caught:
        Client("test", None).send(request, hosts=admitted(server.base_url))
    assert "s3cret" not in str(caught.value)


def test_a_certificate_nobody_vouches_for_is_refused(tmp_path: Path) -> None:
    certificate = make_certificate(tmp_path)
    with (
        serving(lambda path, query: Answer(b"{}", "application/json"), certificate) as server,
        pytest.raises(Transient, match="certificate"),
    ):
        get(server)


def test_from_https_to_http_no_redirect_leads(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import ssl

    certificate = make_certificate(tmp_path)
    with serving(lambda path, query: Answer(b"{}", "application/json"), certificate) as server:
        server.follow(lambda x: x.status(301, Location=f"{x.base_url.replace('https', 'http')}/x"))
        client = Client("test", None)
        client._pool._ssl_context = ssl.create_default_context(cafile=str(certificate))
        with pytest.raises(Permanent, match="from https to http"):
            client.send(Request(f"{server.base_url}/"), hosts=admitted(server.base_url))


@pytest.mark.parametrize(
    ("body", "media_type", "expected", "complaint"),
    [
        (b"", "application/json", "json", "empty body"),
        (b" \n", "text/html", "html", "empty body"),
        (b"<!DOCTYPE html><html>", "application/json", "json", "found HTML"),
        (b"{}", "text/html; charset=utf-8", "json", "found HTML"),
        (b"Rate exceeded.", "text/plain", "json", "Rate exceeded"),
        (b"Rate exceeded.", "text/xml", "xml", "Rate exceeded"),
        (b"<html><body>sorry", "text/xml", "xml", "found HTML"),
        (b"<html><body>sorry", "text/csv", "text", "found HTML"),
        (transport.CAPTCHA, "text/html", "html", "human"),
        (transport.CAPTCHA, "text/html", "any", "human"),
        (b"<html><title>Attention Required! | Cloudflare</title>", "text/html", "html", "human"),
        ('<html><title>Un instant…</title>'.encode("utf-16"), "text/html", "any", "human"),
    ],
)  # fmt: skip
def test_what_is_plainly_something_else(body: bytes, media_type: str, expected: str, complaint: str) -> None:
    with pytest.raises(Throttled if complaint == "Rate exceeded" else Transient, match=complaint):
        check_media(Page("here", body, media_type), expected, "here")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("body", "media_type", "expected"),
    [
        (b'\xef\xbb\xbf {"a": 1}', "application/json", "json"),
        ('{"a": 1}'.encode("utf-16"), "application/json", "json"),
        (b"[]", "text/plain", "json"),
        (b"\xef\xbb\xbf<?xml version='1.0'?><a/>", "text/html", "xml"),
        (b"<html><title>Breaking CAPTCHAs with deep nets</title><script src=g-recaptcha>", "text/html", "html"),
        (b"id,title\n1,<html> as she is spoke", "text/csv", "text"),
        (b"plain", "text/plain", "any"),
    ],
)
def test_what_may_well_be_an_answer(body: bytes, media_type: str, expected: str) -> None:
    check_media(Page("here", body, media_type), expected, "here")  # type: ignore[arg-type]
