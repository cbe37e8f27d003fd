"""The far side of HTTP, for the demo and for tests: a real server on the loopback address.

``serve()`` answers for the sample institute, ``notes_server(path)`` for a file of OpenReview notes;
``python -m worker.demo.server --port 8123`` keeps the institute up until interrupted.
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import json
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from email.utils import format_datetime, parsedate_to_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from worker.demo import api, institute

Query = Mapping[str, str]


@dataclass(frozen=True)
class Answer:
    """A response: bytes, what they are, and when they last changed."""

    body: bytes
    media_type: str
    status: int = 200
    modified: datetime | None = None
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def etag(self) -> str:
        """A validator that changes exactly when the bytes do."""
        return f'"{hashlib.sha256(self.body).hexdigest()[:32]}"'


FarSide = Callable[[str, Query], Answer | None]
"""Path and query to an answer; ``None`` for a path that leads nowhere."""


def as_json(document: object, status: int = 200) -> Answer:
    """A JSON answer."""
    body = json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()
    return Answer(body, "application/json; charset=utf-8", status)


def sample_institute(path: str, query: Query) -> Answer | None:
    """Every view of the sample institute: listing pages, spreadsheet, ``/openalex`` and ``/openreview``."""
    changed = datetime.fromisoformat(institute.MODIFIED)
    for language in ("fr", "en"):
        if path == institute.PATHS[language]:
            number = api.number(query, "page", 0, 1000)
            page = institute.listing_page("fr" if language == "fr" else "en", number)
            return Answer(page.encode(), "text/html; charset=utf-8", modified=changed)
    if path == institute.CAPTURE_PATH:
        return Answer(institute.listing_text().encode(), "text/plain; charset=utf-8", modified=changed)
    if path == institute.FACULTY_PATH:
        return Answer(institute.faculty_csv().encode(), "text/csv; charset=utf-8", modified=changed)
    if path == "/openalex/works":
        return as_json(api.openalex_list(institute.openalex_works(), query))
    if path.startswith("/openalex/works/"):
        return as_json(api.openalex_work(institute.openalex_works(), unquote(path[16:]), query))
    if path.startswith("/openreview/"):
        return notes_of(institute.openreview_notes())(path.removeprefix("/openreview"), query)
    return None


def notes_of(notes: tuple[dict[str, Any], ...]) -> FarSide:
    """An OpenReview API over these notes: ``/notes`` and ``/notes/search``."""

    def far_side(path: str, query: Query) -> Answer | None:
        match path:
            case "/notes":
                return as_json(api.notes(notes, query))
            case "/notes/search":
                return as_json(api.notes(notes, query, "search"))
            case _:
                return None

    return far_side


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    far_side: FarSide
    requests: Counter[str]
    lock: threading.Lock

    def do_GET(self) -> None:
        """Answer, or say in JSON why not."""
        address = urlsplit(self.path)
        query = dict(parse_qsl(address.query, keep_blank_values=True))
        if address.path == "/_requests":
            with self.lock:
                self._send(as_json(dict(sorted(self.requests.items()))))
            return
        with self.lock:
            self.requests[address.path] += 1
        try:
            answer = type(self).far_side(address.path, query)
        except api.NotFound:
            answer = None
        except api.BadQuery as refusal:
            answer = as_json({"error": "Invalid query parameters error.", "message": str(refusal)}, 400)
        self._send(answer or as_json({"error": "NotFound", "message": f"no route {address.path}"}, 404))

    do_HEAD = do_GET

    def _unchanged(self, answer: Answer) -> bool:
        """Whether the client holds these bytes already; an ETag outranks a date (RFC 9110, 13.2.2)."""
        if answer.status != 200:
            return False
        if tags := self.headers.get("If-None-Match"):
            held = {tag.strip().removeprefix("W/") for tag in tags.split(",")}
            return "*" in held or answer.etag in held
        since = self.headers.get("If-Modified-Since")
        if since and answer.modified:
            try:
                return answer.modified <= parsedate_to_datetime(since)
            except (TypeError, ValueError):
                return False
        return False

    def _send(self, answer: Answer) -> None:
        body = answer.body
        unchanged = self._unchanged(answer)
        packed = "gzip" in self.headers.get("Accept-Encoding", "")
        self.send_response(304 if unchanged else answer.status)
        # Packed bytes are another representation: only a weak validator may name both (RFC 9110, 8.8.3.3).
        self.send_header("ETag", f"W/{answer.etag}" if packed else answer.etag)
        self.send_header("Vary", "Accept-Encoding")
        if answer.modified:
            self.send_header("Last-Modified", format_datetime(answer.modified, usegmt=True))
        for name, held in answer.headers.items():
            self.send_header(name, held)
        if not unchanged:
            self.send_header("Content-Type", answer.media_type)
            if packed:
                body = gzip.compress(body, mtime=0)
                self.send_header("Content-Encoding", "gzip")
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if not unchanged and self.command != "HEAD":
            self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Requests are counted, not logged."""


def listen(far_side: FarSide, port: int = 0) -> ThreadingHTTPServer:
    """A server bound to the loopback address and not yet serving; port 0 takes any free one."""
    handler = type(
        "Handler",
        (_Handler,),
        {"far_side": staticmethod(far_side), "requests": Counter(), "lock": threading.Lock()},
    )
    return ThreadingHTTPServer(("127.0.0.1", port), handler)


@contextmanager
def serving(far_side: FarSide, port: int = 0) -> Iterator[str]:
    """Serve in a thread as long as the block lasts; yields the base URL, without a slash at its end."""
    with listen(far_side, port) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,), name="far side", daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}"
        finally:
            server.shutdown()
            thread.join()


@contextmanager
def serve(port: int = 0) -> Iterator[str]:
    """The sample institute over HTTP as long as the block lasts; yields its base URL."""
    with serving(sample_institute, port) as base_url:
        yield base_url


@contextmanager
def notes_server(path: Path | str, port: int = 0) -> Iterator[str]:
    """An OpenReview that answers from a file of notes, ``{"notes": [...]}``; yields its base URL."""
    held = json.loads(Path(path).read_bytes())["notes"]
    with serving(notes_of(tuple(held)), port) as base_url:
        yield base_url


def environment(base_url: str) -> dict[str, str]:
    """The variables that point the sources of ``worker/demo/sources.toml`` at a running sample institute."""
    return {
        "PUBCAT_BASE_URL_INSTITUTE": base_url,
        "PUBCAT_BASE_URL_FACULTY": base_url,
        "PUBCAT_BASE_URL_OPENALEX": f"{base_url}/openalex",
        "PUBCAT_BASE_URL_OPENREVIEW": f"{base_url}/openreview",
    }


def main() -> None:
    """Serve the sample institute until interrupted."""
    parser = argparse.ArgumentParser(prog="python -m worker.demo.server", description=main.__doc__)
    parser.add_argument("--port", type=int, default=0, help="port on 127.0.0.1; 0 takes any free one")
    with listen(sample_institute, parser.parse_args().port) as server:
        base_url = f"http://127.0.0.1:{server.server_address[1]}"
        print("\n".join(f"export {name}={value}" for name, value in environment(base_url).items()), flush=True)
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            print()


if __name__ == "__main__":
    main()
