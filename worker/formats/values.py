"""Fields as sources really send them: a text or a list of texts, missing, null, or of another type altogether.

Each function gives the value it promises or nothing, and never complains.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from worker.normalise import texts
from worker.normalise.dates import partial_date
from worker.normalise.languages import language_of
from worker.normalise.names import clean_name, split_name
from worker.record import Affiliation, Author, Identifier, TextState

LONGEST_NAME = 500
"""Characters; what is longer stands in the wrong field."""
_THREE_LETTERS = {
    "eng": "en", "fre": "fr", "fra": "fr", "ger": "de", "deu": "de", "spa": "es", "ita": "it", "por": "pt",
    "dut": "nl", "nld": "nl", "rus": "ru", "chi": "zh", "zho": "zh", "jpn": "ja", "kor": "ko", "pol": "pl",
    "cze": "cs", "ces": "cs", "tur": "tr", "swe": "sv", "dan": "da", "nor": "no", "fin": "fi", "hun": "hu",
    "ukr": "uk", "ara": "ar", "heb": "he", "per": "fa", "fas": "fa", "gre": "el", "ell": "el", "rum": "ro",
    "ron": "ro", "cat": "ca", "hrv": "hr", "srp": "sr", "slv": "sl", "slk": "sk", "slo": "sk", "bul": "bg",
}  # fmt: skip
_CREATIVE = re.compile(r"(?i)creativecommons\.org/(licenses|publicdomain)/([a-z-]+)")
_CREATIVE_NAME = re.compile(r"(?i)^(?:info:[^ ]*/)?cc[\s-]+(by(?:[\s-]+(?:nc|nd|sa))*|0|zero)(?:[\s-]*[0-9.]+)?\b")
_ADDRESS = re.compile(r"https?://[^\s<>\"]+", re.IGNORECASE)
_ZONE = re.compile(r"(?:Z|[+-][0-9]{2}:?[0-9]{2})$")


def listed(value: Any) -> list[Any]:
    """A list as it is, nothing as an empty one, anything else as a list of one."""
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def objects(value: Any) -> list[dict[str, Any]]:
    """The objects in a list, or a single one."""
    return [one for one in listed(value) if isinstance(one, dict)]


def inner(value: Any, *names: str) -> Any:
    """What lies in objects within objects, or nothing where the way ends."""
    for name in names:
        if not isinstance(value, dict):
            return None
        value = value.get(name)
    return value


def text(value: Any) -> str | None:
    """The first text of a field that says something, clean."""
    return next((shown for one in listed(value) if (shown := texts.clean(one))), None)


def titled(title: str | None, subtitle: str | None, colon: str = ": ") -> str | None:
    """A title with its subtitle, unless that repeats what the title says already."""
    if title is None or subtitle is None or subtitle.lower() in title.lower():
        return title or subtitle
    return f"{title}{' ' if title.endswith((':', '?', '!', '.', '–', '—')) else colon}{subtitle}"


def abstract(value: Any) -> tuple[str | None, TextState]:
    """The first abstract of a field without its heading, and whether it is all there."""
    for one in listed(value):
        found = texts.clean_abstract(one)
        if found is not None:
            whole, state = texts.rejoin(found)
            return whole or None, state
    return None, "unknown"


def words(values: Iterable[Any]) -> tuple[str, ...]:
    """Clean texts in their order, each once."""
    return tuple(dict.fromkeys(shown for one in values if (shown := texts.clean(one))))


def count(value: Any) -> int | None:
    """A number of things, from a number or its digits."""
    if isinstance(value, str) and value.strip().isascii() and value.strip().isdecimal():
        value = int(value[:12])
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 1 << 31 else None


def flag(value: Any) -> bool:
    """Whether a field says yes: true, ``Y``, ``true``, 1."""
    return value is True or value == 1 or (isinstance(value, str) and value.strip().lower() in ("y", "yes", "true"))


def moment(value: Any) -> str | None:
    """ISO 8601, from a text (UTC where no zone is told; the day alone where it is written otherwise) or from
    milliseconds since 1970."""
    if isinstance(value, int) and not isinstance(value, bool):
        if not 0 < value < 4_102_444_800_000:
            return None
        at = datetime.fromtimestamp(value // 1000, UTC).strftime("%Y-%m-%dT%H:%M:%S")
        return f"{at}.{value % 1000:03}Z" if value % 1000 else f"{at}Z"
    shown = texts.clean(value)
    day = partial_date(shown)
    if shown is None or day is None or not shown.startswith(day):
        return day
    return shown if "T" not in shown or _ZONE.search(shown) else f"{shown}Z"


def address(value: Any) -> str | None:
    """A web address."""
    shown = text(value)
    return shown if shown and len(shown) <= 2000 and _ADDRESS.fullmatch(shown) else None


def pages(first: Any, last: Any = None) -> str | None:
    """``12-34``; one page alone as it is."""
    start, end = texts.clean(first), texts.clean(last)
    return f"{start}-{end}" if start and end and start != end else start or end


def language(value: Any) -> str | None:
    """Two letters (ISO 639-1) of ``en``, ``en-US`` or ``eng``."""
    code = re.split(r"[-_]", (text(value) or "").lower(), maxsplit=1)[0]
    return code if len(code) == 2 and code.isascii() and code.isalpha() else _THREE_LETTERS.get(code)


def spoken(said: str | None, hint: str | None = None) -> str | None:
    """The language of a text: as it reads, else as told; nothing for no text."""
    return language_of(said, hint) if said else None


def licence(value: Any) -> str | None:
    """``cc-by``, ``cc-by-nc``, ``cc0`` for Creative Commons, however they are written; others as they are."""
    shown = text(value)
    if shown is None:
        return None
    if found := _CREATIVE.search(shown):
        name = found[2].lower()
        return {"zero": "cc0", "mark": "public-domain"}.get(name, name) if found[1] == "publicdomain" else f"cc-{name}"
    if found := re.fullmatch(r"CCBY(NC)?(SA|ND)?", shown):
        return "-".join(["cc-by", *(part.lower() for part in found.groups() if part)])
    if found := _CREATIVE_NAME.match(shown):
        name = re.sub(r"[\s-]+", "-", found[1].lower())
        return "cc0" if name in ("0", "zero") else f"cc-{name}"
    return shown[:300]


@lru_cache(maxsize=1 << 16)
def named(raw: str) -> Author | None:
    """An author of a whole name, in whatever order it is written."""
    name = clean_name(raw) if len(raw) <= LONGEST_NAME else ""
    if not name:
        return None
    given, family = split_name(name)
    if "," in name and family:
        name = f"{given} {family}" if given else family
    return Author(name=name, given=given, family=family)


@lru_cache(maxsize=1 << 16)
def parted(first: str, last: str) -> Author | None:
    """An author of given and family name."""
    if len(first) + len(last) > LONGEST_NAME:
        return None
    given, family = clean_name(first) or None, clean_name(last) or None
    if family is None:
        return named(first)
    return Author(name=f"{given} {family}" if given else family, given=given, family=family)


def person(
    name: Any = None,
    given: Any = None,
    family: Any = None,
    held: tuple[Identifier, ...] = (),
    affiliations: Iterable[Affiliation] = (),
    *,
    corresponding: bool = False,
) -> Author | None:
    """An author of a whole name or of its parts; a whole name wins when both are told. Nobody without a letter."""
    found = named(texts.clean(name) or "") or parted(texts.clean(given) or "", texts.clean(family) or "")
    if found is None:
        return None
    return Author(found.name, found.given, found.family, held, tuple(dict.fromkeys(affiliations)), corresponding)


def group(name: Any) -> Author | None:
    """A collaboration or an organisation as an author: a name that has no parts."""
    shown = clean_name(texts.clean(name) or "")
    return Author(shown) if shown else None
