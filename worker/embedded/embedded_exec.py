"""Becomes another user and runs a program: ``python -I -S embedded_exec.py UID GID CAPABILITIES PROGRAM ...``.

Postgres refuses to run as root, and the user it runs as instead often cannot enter the folders that hold its
program and its data (``/root`` is closed to everyone else). Nothing has to be moved: of all that root may do,
the program keeps the capabilities named here (numbers joined by commas, ``-`` for none) and nothing more.
A separate program, because threads make it unsafe to do this between fork and exec.

Exit code 125 when this system does not grant the wish, or the user may not run the program. See capabilities(7).
"""

from __future__ import annotations

import ctypes
import errno
import os
import sys

REFUSED = 125
CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH = 1, 2
PR_GET_SECUREBITS, PR_SET_SECUREBITS, PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE = 27, 28, 47, 2
SECBIT_NO_SETUID_FIXUP = 1 << 2
CAPABILITY_VERSION_3 = 0x20080522


def become(uid: int, gid: int, capabilities: list[int]) -> None:
    """Be this user and group, with no other group, and keep these capabilities across the next exec.

    Raises:
        OSError: the system refuses.
    """
    libc = ctypes.CDLL(None, use_errno=True)

    def must(name: str, *arguments: object) -> None:
        if getattr(libc, name)(*arguments) != 0:
            code = ctypes.get_errno()
            raise OSError(code, f"{name}: {os.strerror(code)}")

    if capabilities:
        # Keeps them over setuid; and without it access(2), by which Postgres looks for its programs, ignores them.
        must("prctl", PR_SET_SECUREBITS, libc.prctl(PR_GET_SECUREBITS, 0, 0, 0, 0) | SECBIT_NO_SETUID_FIXUP, 0, 0, 0)
    os.setgroups([])
    os.setgid(gid)
    os.setuid(uid)
    if capabilities:
        mask = sum(1 << number for number in capabilities)
        header = (ctypes.c_uint32 * 2)(CAPABILITY_VERSION_3, 0)
        sets = (ctypes.c_uint32 * 6)(mask, mask, mask, 0, 0, 0)
        must("capset", header, sets)
        for number in capabilities:
            must("prctl", PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, number, 0, 0)


def main(arguments: list[str]) -> None:
    """Become the user and turn into the program."""
    uid, gid, capabilities, *command = arguments
    try:
        become(int(uid), int(gid), [int(number) for number in capabilities.split(",") if number != "-"])
        if not os.access(command[0], os.X_OK):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
        os.execv(command[0], command)
    except OSError as error:
        print(f"{command[0]} as user {uid}: {error}", file=sys.stderr)
        raise SystemExit(REFUSED) from error


if __name__ == "__main__":
    main(sys.argv[1:])
