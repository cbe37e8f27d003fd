"""Several worker processes on one database, without Celery: forked, each with tools of its own."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from contextlib import suppress

import psycopg

from tests.lab.databases import Server
from worker import run
from worker.tools import Tools

OPEN = """select (select count(*) from ops.work where state in ('queued', 'leased'))
               + (select count(*) from ops.harvest where state = 'running')"""


def fork(at: Server, name: str, act: Callable[[Tools], None]) -> int:
    """A process that does this with tools of its own, and ends; its number."""
    pid = os.fork()
    if pid == 0:
        code = 1
        with suppress(Exception), at.tools(name) as tools:
            act(tools)
            code = 0
        os._exit(code)
    return pid


def serve(tools: Tools) -> None:
    """Works for ever."""
    while True:
        drain(tools)
        time.sleep(0.05)


def drain(tools: Tools) -> None:
    """Works until nothing is open, as a worker whose bells are all lost."""
    while True:
        with suppress(psycopg.OperationalError):
            run.tick_quietly(tools)
            while run.take_next(tools):
                pass
            with tools.transaction() as cursor:
                if cursor.execute(OPEN).fetchone() == (0,):
                    return
        time.sleep(0.02)


def work(at: Server, name: str, n: int, patience_s: float = 120.0) -> None:
    """``n`` workers finish everything.

    Raises:
        TimeoutError: they do not.
    """
    pids = [fork(at, name, drain) for _ in range(n)]
    ends_at = time.monotonic() + patience_s
    while pids:
        pids = [pid for pid in pids if os.waitpid(pid, os.WNOHANG) == (0, 0)]
        if time.monotonic() > ends_at:
            for pid in pids:
                os.kill(pid, 9)
                os.waitpid(pid, 0)
            raise TimeoutError("work that nobody can finish")
        time.sleep(0.01)
