"""Fingerprints of a paper's fields: what changed between two merges, without keeping the first."""

from __future__ import annotations

import struct
from operator import attrgetter
from zlib import crc32

import msgspec

from worker.merge.papers.values import FIELDS, Merged

_encode = msgspec.json.Encoder().encode
_N_TEXTS = FIELDS.index("is_retracted")
_texts = attrgetter(*FIELDS[:_N_TEXTS])
_lists = attrgetter(*(f for f in FIELDS[_N_TEXTS + 2 :] if f != "authors"))
_AUTHORS_AT = FIELDS.index("authors")
_PACK = struct.Struct(f">{len(FIELDS) + 1}I").pack


def fingerprints(merged: Merged) -> bytes:
    """Four bytes per field in the order of ``FIELDS``, zeros for an empty one, then four for the provenance.

    Equal fields give equal bytes; different ones differ but for one chance in four thousand million.
    """
    marks = [(crc32(text.encode()) or 1) if text else 0 for text in _texts(merged)]
    if merged.status == "unknown":
        marks[_STATUS_AT] = 0
    count = merged.n_citations
    marks.append(1 if merged.is_retracted else 0)
    marks.append(0 if count is None else count + 1 & 0xFFFFFFFF)
    marks += [(crc32(_encode(some)) or 1) if some else 0 for some in _lists(merged)]
    authors = merged.authors
    marks.insert(
        _AUTHORS_AT,
        crc32(_encode([(a.name, a.given, a.family, a.identifiers, a.affiliations, a.corresponding) for a in authors]))
        or 1
        if authors
        else 0,
    )
    return _PACK(*marks, merged.provenance_hash)


_STATUS_AT = FIELDS.index("status")


def changed(old: bytes | None, new: bytes) -> list[str]:
    """The fields that differ between two fingerprints, in the order of ``FIELDS``.

    Against nothing, or against fingerprints of another release's fields: every filled field. Who won is no
    field: a paper whose provenance alone moved has ``old != new`` and no changed field.
    """
    if old is None or len(old) != len(new):
        old = bytes(len(new))
    return [f for i, f in enumerate(FIELDS) if old[4 * i : 4 * i + 4] != new[4 * i : 4 * i + 4]]
