"""Behaviours H1 to H9 of the fault catalogue: connections, drips, broken streams, bombs, silence, redirects, charsets.

Most strike the first request of the first and third address, some always; nothing may be short in silence.
"""

from __future__ import annotations

import gzip
import json
import time
import zlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from email.utils import formatdate
from functools import cache
from typing import Any

from tests.lab.far_sides import Case
from tests.lab.hostile import Exchange, Script, politely
from worker.demo.server import Answer

BOMB_BYTES = 200 << 20


@dataclass(frozen=True)
class Behaviour:
    """One way a source goes wrong. ``always`` behaviours never heal; ``later`` ones strike a source whose catalog is
    there already; ``fits`` says for which sources it makes sense."""

    key: str
    title: str
    make: Callable[[Case], Script]
    always: bool = False
    later: bool = False
    fits: Callable[[Case], bool] = lambda case: True


ALL: list[Behaviour] = []


def behaviour(
    key: str, title: str, *, always: bool = False, later: bool = False, fits: Callable[[Case], bool] = lambda case: True
) -> Callable[[Callable[[Case], Script]], Callable[[Case], Script]]:
    """Adds one to the list."""

    def add(make: Callable[[Case], Script]) -> Callable[[Case], Script]:
        ALL.append(Behaviour(key, title, make, always, later, fits))
        return make

    return add


def strike(bad: Script, *, times: int = 1) -> Script:
    """Bad at the first and third address, so many times each; polite otherwise."""

    def script(exchange: Exchange) -> None:
        (bad if exchange.place in (1, 3) and exchange.asked <= times else politely)(exchange)

    return script


def simple(key: str, title: str, bad: Script, *, times: int = 1, **more: Any) -> None:
    """A behaviour that is the same for every source: passing, unless ``always``."""
    ALL.append(Behaviour(key, title, lambda case: bad if more.get("always") else strike(bad, times=times), **more))


def is_json(case: Case) -> bool:
    return case.is_json


def walks(case: Case) -> bool:
    """Whether its pages are led through by a cursor."""
    return case.cursor is not None


def counts(case: Case) -> bool:
    """Whether it tells how many items it has."""
    return case.total is not None


def edited(exchange: Exchange, edit: Callable[[Any], None], answer: Answer | None = None) -> None:
    """The clean JSON page after ``edit``; other answers as they are."""
    answer = answer or exchange.clean()
    if answer.status != 200 or "json" not in answer.media_type:
        exchange.send(answer)
        return
    page = json.loads(answer.body)
    edit(page)
    exchange.send(replace(answer, body=json.dumps(page, ensure_ascii=False).encode()))


def _headed(exchange: Exchange, **headers: str) -> None:
    """The head of a good answer, then whatever the caller sends."""
    answer = exchange.clean()
    exchange.handler.send_response(200)
    exchange.handler.send_header("Content-Type", answer.media_type)
    for name, value in headers.items():
        exchange.handler.send_header(name.replace("_", "-"), value)
    exchange.handler.end_headers()
    exchange.handler.close_connection = True


# -- H1: connections


simple("H1.1", "reset before any answer", lambda x: x.reset(), times=2)


def _reset_after_head(x: Exchange) -> None:
    _headed(x, Content_Length="5000")
    x.handler.wfile.flush()
    x.reset()


def _reset_in_body(x: Exchange) -> None:
    body = x.clean().body
    _headed(x, Content_Length=str(len(body)))
    x.raw(body[: len(body) // 2])
    x.reset()


def _closed_silently(x: Exchange) -> None:
    x.handler.close_connection = True


def _garbage(x: Exchange) -> None:
    x.raw(b"\x16\x03\x01\x02\x00 this is no HTTP\r\n\r\n")
    x.handler.close_connection = True


simple("H1.2", "reset after the head", _reset_after_head)
simple("H1.3", "reset in the body", _reset_in_body)
simple("H1.4", "closed without a word", _closed_silently)
simple("H1.5", "no answer at all", lambda x: x.hang())
simple("H1.6", "something that is no HTTP", _garbage)
simple("H1.7", "never any answer", lambda x: x.reset(), always=True)

# -- H2: drips


def _dripping_body(x: Exchange) -> None:
    body = x.clean().body
    _headed(x, Content_Length=str(len(body)))
    x.drip(body)


def _dripping_head(x: Exchange) -> None:
    x.drip(b"HTTP/1.1 200 OK\r\nX-Slow: " + b"a" * 5000)
    x.handler.close_connection = True


def _dripping_chunk_size(x: Exchange) -> None:
    _headed(x, Transfer_Encoding="chunked")
    x.drip(b"0" * 5000)


simple("H2.1", "the body drips", _dripping_body)
simple("H2.2", "the head drips", _dripping_head)
simple("H2.3", "a chunk that never begins", _dripping_chunk_size)
simple("H2.4", "drips always", _dripping_body, always=True)

# -- H3: compressed streams


def _packed(x: Exchange, packed: bytes) -> None:
    x.send(x.clean(), headers={"Content-Encoding": "gzip"}, body=packed)


def _cut(x: Exchange) -> None:
    packed = gzip.compress(x.clean().body)
    _packed(x, packed[: len(packed) * 2 // 3])


def _members(x: Exchange) -> None:
    body = x.clean().body
    third = len(body) // 3
    parts = (body[:third], body[third : 2 * third], b"", body[2 * third :])
    _packed(x, b"".join(gzip.compress(part) for part in parts))


def _bad_sum(x: Exchange) -> None:
    packed = bytearray(gzip.compress(x.clean().body))
    packed[-8] ^= 0xFF
    _packed(x, bytes(packed))


simple("H3.1", "gzip cut, its length right", _cut)
simple("H3.2", "gzip of several members", _members)
simple("H3.3", "gzip with a wrong checksum", _bad_sum)
simple("H3.4", "gzip without its trailer", lambda x: _packed(x, gzip.compress(x.clean().body)[:-8]))
simple("H3.5", "gzip and rubbish after it", lambda x: _packed(x, gzip.compress(x.clean().body) + b"rubbish"))
simple("H3.6", "gzip cut always", _cut, always=True)

# -- H4: bombs


@cache
def bomb() -> bytes:
    """200 MB of zeros in 194 kB of gzip."""
    machine = zlib.compressobj(9, zlib.DEFLATED, 31)
    return b"".join(machine.compress(bytes(1 << 20)) for _ in range(BOMB_BYTES >> 20)) + machine.flush()


def _endless(x: Exchange) -> None:
    _headed(x, Transfer_Encoding="chunked")
    try:
        while not x.over.is_set():
            x.handler.wfile.write(b"10000\r\n" + b" " * 65_536 + b"\r\n")
    except OSError:
        return


simple("H4.1", "a bomb of 200 MB", lambda x: _packed(x, bomb()), always=True)
simple("H4.2", "a body without end", _endless, always=True)
simple(
    "H4.3", "an encoding nobody asked for", lambda x: x.send(x.clean(), headers={"Content-Encoding": "br"}), always=True
)

# -- H5: short bodies


def _short(x: Exchange) -> None:
    body = x.clean().body
    _headed(x, Content_Length=str(len(body)))
    x.raw(body[:-40])


def _no_last_chunk(x: Exchange) -> None:
    body = x.clean().body[:-20]
    _headed(x, Transfer_Encoding="chunked")
    x.raw(f"{len(body):x}\r\n".encode() + body + b"\r\n")


def _bad_chunk(x: Exchange) -> None:
    _headed(x, Transfer_Encoding="chunked")
    x.raw(b"-5\r\nhello\r\n")


simple("H5.1", "fewer bytes than promised", _short)
simple("H5.2", "chunks without the last", _no_last_chunk)
simple("H5.3", "nothing, with 200", lambda x: x.send(x.clean(), body=b""), times=2)
simple("H5.4", "blanks, with 200", lambda x: x.send(x.clean(), body=b" \r\n\r\n"), times=2)
simple("H5.5", "a chunk of negative size", _bad_chunk)


def _without_end(x: Exchange) -> None:
    x.send(x.clean(), body=x.clean().body[:-7])


simple("H5.6", "cut before its end, its length right", _without_end, fits=is_json)
simple("H5.7", "cut before its end for ever, its length right", _without_end, always=True, fits=is_json)

# -- H6: asked for silence


def _silence(value: Callable[[], str] | None) -> Script:
    return lambda x: x.status(429, b"slow down", **({"Retry_After": value()} if value else {}))


def _date(form: str, offset_s: float) -> Callable[[], str]:
    return lambda: time.strftime(form, time.gmtime(time.time() + offset_s))


simple("H6.1", "429, wait 7", _silence(lambda: "7"))
simple("H6.2", "429, a date", _silence(lambda: formatdate(time.time() + 5, usegmt=True)))
simple("H6.3", "429, an RFC 850 date", _silence(_date("%A, %d-%b-%y %H:%M:%S GMT", 5)))
simple("H6.4", "429, an asctime date", _silence(_date("%a %b %e %H:%M:%S %Y", 5)))
simple("H6.5", "429, a date gone by", _silence(_date("%a, %d %b %Y %H:%M:%S GMT", -900)))
simple("H6.6", "429, wait -1", _silence(lambda: "-1"))
simple("H6.7", "429, wait for ever", _silence(lambda: "99999999"))
simple("H6.8", "429, not saying how long", _silence(None), times=3)
simple("H6.9", "429 always", _silence(lambda: "1"), always=True)

# -- H7: failures that pass


CAPTCHA = b"""<!DOCTYPE html><html><head><title>Just a moment...</title></head><body>
<script src="/cdn-cgi/challenge-platform/h/b/orchestrate/chl_page/v1"></script>Enable JavaScript</body></html>"""


def _page(body: bytes, media_type: str = "text/html", status: int = 200) -> Script:
    return lambda x: x.send(Answer(body, media_type, status))


for number, code in enumerate((500, 502, 503, 504), 1):
    simple(f"H7.{number}", f"HTTP {code}", _page(b"<html>sorry</html>", status=code), times=2)
simple("H7.5", "403 that means slow down", lambda x: x.status(403, b"{}", Retry_After="3"))
simple("H7.6", "a captcha, with 200", _page(CAPTCHA), times=2)
simple("H7.7", "a captcha always", _page(CAPTCHA), always=True)
simple("H7.8", "an error in JSON, with 200", _page(b'{"error": "internal"}', "application/json"), times=2, fits=is_json)
simple("H7.9", "'Rate exceeded.', with 200", _page(b"Rate exceeded.", "text/plain"), times=2, fits=is_json)
simple("H7.10", "404 for ever", lambda x: x.status(404, b"gone"), always=True)

# -- H8: redirects


def _to(where: Callable[[Exchange], str], code: int = 302) -> Script:
    return lambda x: x.status(code, Location=where(x))


def _moved(x: Exchange) -> None:
    if x.path.startswith("/moved"):
        x.path = x.path.removeprefix("/moved")
        x.send(x.clean())
    else:
        x.status(308, Location=f"/moved{x.handler.path}")


simple("H8.1", "a redirect to itself", _to(lambda x: x.handler.path), always=True)
simple(
    "H8.2", "a redirect to the metadata service", _to(lambda x: "http://169.254.169.254/latest/meta-data/"), always=True
)
simple("H8.3", "a redirect to a port of ours", _to(lambda x: "http://127.0.0.1:6379/"), always=True)
simple("H8.4", "a redirect to a file", _to(lambda x: "file:///etc/passwd"), always=True)
simple("H8.5", "moved for good, on the same host", _moved, always=True)

# -- H9: media types and charsets


def _typed(media_type: str | None) -> Script:
    return lambda x: x.send(x.clean(), headers={"Content-Type": media_type})


def _recoded(x: Exchange, charset: str, told: str, start: bytes = b"") -> None:
    answer = x.clean()
    text = answer.body.decode()
    body = start + text.encode(charset, "xmlcharrefreplace" if "html" in answer.media_type else "strict")
    x.send(answer, body=body, headers={"Content-Type": told})


def is_html(case: Case) -> bool:
    return case.name == "listing"


simple("H9.1", "no media type", _typed(None), always=True)
simple("H9.2", "a wrong media type", _typed("application/octet-stream"), always=True)
simple(
    "H9.3",
    "UTF-8 called Latin-1",
    lambda x: _recoded(x, "utf-8", "text/html; charset=iso-8859-1"),
    always=True,
    fits=is_html,
)
simple(
    "H9.4",
    "UTF-16 with its mark",
    lambda x: _recoded(x, "utf-16", "text/html; charset=utf-8"),
    always=True,
    fits=is_html,
)
simple("H9.5", "UTF-8 with a mark", lambda x: _recoded(x, "utf-8", x.clean().media_type, b"\xef\xbb\xbf"), always=True)
simple(
    "H9.6",
    "Latin-1 as told",
    lambda x: _recoded(x, "iso-8859-1", "text/html; charset=ISO-8859-1"),
    always=True,
    fits=is_html,
)
simple("H9.7", "UTF-16 without its mark", lambda x: _recoded(x, "utf-16-le", "text/html"), always=True, fits=is_html)
