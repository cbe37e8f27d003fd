"""Two questions decide every error: will time help, and who must know?"""

from __future__ import annotations


class IngestError(Exception):
    """Something the pipeline foresaw. Its message is one sentence that says place, hope and reality."""


class Transient(IngestError):
    """Time may heal it: a timeout, a 503, a deadlock, a lock not granted.

    ``retry_after_s`` is what the far side asked for, in seconds, when it asked.
    """

    def __init__(self, message: str, retry_after_s: float | None = None) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s


class Throttled(Transient):
    """The far side asks for silence. Nobody asks its host before; the attempt counts as no error."""


class Expired(Transient):
    """A cursor or resumption token is no longer known: the walk begins again, what came stays."""


class Raced(Transient):
    """Another transaction was there first: tried again in a moment, and never counted against the work."""


class Crashed(IngestError):
    """Work that was given a process of its own ended that process."""


class Permanent(IngestError):
    """Time will not heal it: it goes to the dead letters, with its reason and bytes."""


class Malformed(Permanent):
    """Bytes that are not what they claim to be, or a record that says nothing.

    ``fragment`` is the offending part (at most 2 kB are kept). A parser raises it when the page cannot be read,
    and yields it among the records when one of them cannot.
    """

    def __init__(self, message: str, fragment: bytes = b"") -> None:
        super().__init__(message)
        self.fragment = fragment[:2048]


class Fenced(IngestError):
    """Somebody else holds this work now; nothing was written."""


class Misconfigured(IngestError):
    """The operator must change something; the message says what."""
