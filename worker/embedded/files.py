"""Files of a home: written whole, locked, read from where a server's words began."""

from __future__ import annotations

import fcntl
import os
import re
from contextlib import suppress
from pathlib import Path

from worker.embedded.owners import Owner, hand_over


def write_whole(path: Path, text: str, owner: Owner | None, mode: int) -> None:
    """Write a file whole or not at all."""
    part = path.with_name(path.name + ".part")
    part.unlink(missing_ok=True)
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "w") as out:
        out.write(text)
        out.flush()
        os.fsync(out.fileno())
    if owner is not None:
        hand_over(part, owner)
    part.rename(path)


def open_in(home: Path, name: str, flags: int = 0) -> int:
    """A file of the home, made when missing; root makes it for the owner of the home."""
    file = os.open(home / name, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | flags, 0o600)
    if os.geteuid() == 0:
        status = home.stat()
        os.fchown(file, status.st_uid, status.st_gid)
    return file


def try_lock(file: int) -> bool:
    """Take the lock of an open file unless somebody holds it."""
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def size_of(path: Path) -> int:
    """Bytes; none when there is no file."""
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0


def tail_of(path: Path, start: int) -> str:
    """What a server wrote since its start."""
    with suppress(FileNotFoundError), open(path, "rb") as log:
        log.seek(min(start, size_of(path)))
        return log.read(100_000).decode(errors="replace")
    return ""


def last_words(path: Path, start: int) -> str:
    """The end of what a server wrote since its start, without times and process ids."""
    stamp = re.compile(r"^(?:\d{4}-\d\d-\d\d \S+ UTC \[\d+\] *|\d+:\w \d\d \w{3} \d{4} \S+ [*#.-] *)")
    lines = [stamp.sub("", line).strip() for line in tail_of(path, start).splitlines()]
    return "; ".join([line for line in lines if line][-3:]) or "it said nothing"
