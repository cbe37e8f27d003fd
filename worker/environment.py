"""Settings from the environment, or from files that it names."""

from __future__ import annotations

import os
from pathlib import Path

from worker.errors import Misconfigured


def given(name: str) -> str | None:
    """A setting from the environment, or from the file that ``NAME_FILE`` names; an empty one is none.

    Raises:
        Misconfigured: the file cannot be read.
    """
    if value := os.environ.get(name, "").strip():
        return value
    if not (path := os.environ.get(f"{name}_FILE", "").strip()):
        return None
    try:
        return Path(path).read_text().strip() or None
    except OSError as error:
        raise Misconfigured(f"{name}_FILE names {path}, which cannot be read: {error.strerror}") from error


NO_BROKER = "none"
"""As ``PUBCAT_BROKER_URL``: there is no broker at all; workers look into the ledger by themselves."""
