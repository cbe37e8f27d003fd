"""Keeps the claims of this process alive while it works, by a helper process that no parser can starve."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from worker import heart_exec, ledger
from worker.ledger import Work


class Heart:
    """Beats for what ``holding`` names. The helper starts with the first claim and ends with this process."""

    def __init__(self, database_url: str) -> None:
        self._url = database_url
        self._helper: subprocess.Popen[bytes] | None = None
        self._owner = 0
        self._lock = threading.Lock()
        self.held: set[int] = set()
        """Numbers of the work in hand."""

    @contextmanager
    def holding(self, work: Work) -> Iterator[None]:
        """The lease of this work is extended as long as the block lasts and the process is not frozen."""
        self.held.add(work.work_id)
        self._say(f"+{work.work_id} {work.token}\n")
        try:
            yield
        finally:
            self.held.discard(work.work_id)
            self._say(f"-{work.work_id}\n")

    def close(self) -> None:
        """Ends the helper."""
        with self._lock:
            if self._helper is not None and self._owner == os.getpid() and self._helper.stdin is not None:
                self._helper.stdin.close()
                self._helper.wait()
            self._helper = None

    def _say(self, line: str) -> None:
        with self._lock:
            if self._helper is None or self._owner != os.getpid() or self._helper.poll() is not None:
                self._helper = self._start()
                self._owner = os.getpid()
            assert self._helper.stdin is not None
            with suppress(BrokenPipeError):  # killed this moment: the next claim starts another
                self._helper.stdin.write(line.encode())

    def _start(self) -> subprocess.Popen[bytes]:
        """In a session of its own, so that Ctrl-C in a terminal does not take it from work that is being finished."""
        helper = subprocess.Popen(
            [sys.executable, "-I", "-S", heart_exec.__file__],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            start_new_session=True,
            bufsize=0,
        )
        settings = {"url": self._url, "path": sys.path, "lease_s": ledger.LEASE_S}
        assert helper.stdin is not None
        helper.stdin.write(json.dumps(settings).encode() + b"\n")
        return helper
