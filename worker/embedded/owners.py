"""Who the servers run as: ourselves, or somebody who is not root."""

from __future__ import annotations

import os
import pwd
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from worker.embedded import embedded_exec
from worker.errors import Misconfigured


@dataclass(frozen=True)
class Owner:
    """Who the servers run as, and what root lends them so that they reach their files."""

    uid: int
    gid: int
    capabilities: tuple[int, ...] = ()

    def command(self, program: Path, arguments: Sequence[str]) -> list[str]:
        """The command line that runs a program as this user."""
        command = [str(program), *arguments]
        if os.geteuid() == self.uid:
            return command
        lent = ",".join(map(str, self.capabilities)) or "-"
        return [sys.executable, "-I", "-S", embedded_exec.__file__, str(self.uid), str(self.gid), lent, *command]


def owner_of(home: Path) -> Owner:
    """Whom the servers run as: ourselves, or, for root, the owner of the home, or ``nobody``."""
    if os.geteuid() != 0:
        return Owner(os.geteuid(), os.getegid())
    status = home.stat()
    if status.st_uid != 0 and user_name(status.st_uid):
        return Owner(status.st_uid, status.st_gid)
    try:
        nobody = pwd.getpwnam("nobody")
    except KeyError as error:
        raise Misconfigured(
            "Postgres must not run as root, and this system has no user nobody: run pubcat as an ordinary user, "
            "or set PUBCAT_DATABASE_URL and PUBCAT_BROKER_URL"
        ) from error
    return Owner(nobody.pw_uid, nobody.pw_gid)


def user_name(uid: int) -> str | None:
    """The name of a user; containers often run as a number without one."""
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return None


def hand_over(path: Path, owner: Owner) -> None:
    """Root gives what it made to whom the servers run as."""
    if os.geteuid() == 0:
        os.chown(path, owner.uid, owner.gid)
