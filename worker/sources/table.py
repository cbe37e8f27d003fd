"""Tables of papers that somebody sends: CSV, JSON Lines or JSON with the usual column names.

The columns and their other names are in ``worker/formats/tables.py``. Authors are separated by ``;``, by ``and``, or
by ``,`` where names carry no comma, or come as a list of names or of objects; affiliations and OpenReview profiles
belong to the authors when there are as many of them. A row without an id is known by the hash of its content.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from typing import Any, get_args

import msgspec

from worker.errors import Malformed
from worker.formats import addresses, parts, tables, values
from worker.formats.items import as_bytes, each
from worker.normalise import identifiers, texts
from worker.normalise.dates import partial_date
from worker.normalise.languages import language_of
from worker.page import Page, Source
from worker.record import Affiliation, Author, Identifier, Link, PaperKind, Record, TextState, VersionKind

_AND = re.compile(r"(?i)\s*,?\s+(?:and|et|&)\s+|\s*&\s*")
_OTHERS = re.compile(r"(?i)[\s,;]*(?:\bet\s+al\b\.?|\band\s+others\b|…|\.\.\.)[\s.,;]*$")
_LONGEST_TAIL = 100
"""Characters of a list of names in which its end is told."""
_LEADING_AND = re.compile(r"(?i)^(?:and|et|&)\s+")
_INITIALS = re.compile(r"(?:[^\W\d_](?:\.[\s-]?|[\s-]|$)){1,4}")
_STOP = re.compile(r"(?<=[^\W\d_]{3})\.$")
_DIGITS = re.compile(r"[0-9]+")
_YEAR_AT_END = re.compile(r"(.*?)[\s_-]*((?:19|20)[0-9]{2})")
_STATES: tuple[str, ...] = get_args(TextState)


def parse(page: Page) -> Iterator[Record | Malformed]:
    """A record a row, in the order of the table."""
    hint = page.options.get("language")
    if not isinstance(hint, str):
        hint = None
    rows = tables.rows(page.body, page.url, page.media_type)
    yield from each(rows, lambda row: record(row, hint), page.url, page.seen)


def record(row: tables.Row, hint: str | None = None) -> Record:
    """What one row says. ``hint`` is the language of its texts when they do not tell.

    Raises:
        ValueError: neither title, abstract nor identifier.
    """
    fields, unread = tables.known(row)
    get = fields.get
    hint = _language(get("language")) or hint
    title = _untailed(get("title"))
    abstract, abstract_state = _abstract(get("abstract"), get("abstract_state"))
    authors, authors_state = _authors(get("authors"), get("author_ids"), get("affiliations"))
    key = texts.clean(get("key"))
    venue = _untailed(get("venue") or get("journal") or get("booktitle"))
    date = _date(get("date")) or _date(get("year"))
    if "scope" in fields:
        key, venue, date = _scoped(texts.clean(fields["scope"]), key, venue, date)
    kind, version = _kind(get("kind"), "journal" in fields, "booktitle" in fields)
    if "status" in fields and _turned_down(fields["status"]):
        kind, version, venue = "preprint", "preprint", None
    told = {name: read(fields[field]) for field, (name, read) in _PLAIN.items() if field in fields}
    return Record(
        source_key=key if key and len(key) <= parts.LONGEST_KEY else _content_key(key or row),
        title=title,
        title_language=language_of(title, hint),
        abstract=abstract,
        abstract_language=language_of(abstract, hint) if abstract else None,
        abstract_state=abstract_state,
        authors=authors,
        authors_state=authors_state,
        identifiers=_identifiers(fields, key, authors),
        kind=kind,
        version=version,
        date=date,
        venue=venue,
        language=hint,
        links=_links(fields),
        unread=unread,
        **told,
    )


def _abstract(raw: object, told: object) -> tuple[str | None, TextState]:
    if raw is None:
        return None, "unknown"
    text = texts.clean_abstract(raw)
    if text is None:
        return None, "unknown"
    text, state = texts.rejoin(text)
    if isinstance(told, str) and told in _STATES:
        return text, told  # type: ignore[return-value]
    return text, state


def _authors(raw: object, ids: object, affiliations: object) -> tuple[tuple[Author, ...], TextState]:
    if raw is None:
        return (), "whole"
    state: TextState = "whole"
    listed: Sequence[Any]
    if isinstance(raw, str):
        listed, state = _names(raw)
    elif isinstance(raw, list):
        listed = raw
    elif isinstance(raw, dict):
        listed = [raw]
    else:
        return (), "whole"
    places = [_author(one) for one in listed]
    if ids is not None or affiliations is not None:
        places = _lent(places, _profiles(ids), _aligned(affiliations))
    return tuple([author for author in places if author is not None]), state


def _author(one: object) -> Author | None:
    if type(one) is str:
        return values.named(one) if len(one) <= values.LONGEST_NAME else None
    if not isinstance(one, dict):
        return None
    first, last = one.get("first"), one.get("last")
    if len(one) == 2 and type(first) is str and type(last) is str:
        return values.parted(first, last) if len(first) + len(last) <= values.LONGEST_NAME else None
    if first is None and last is None:
        first = one.get("given") or one.get("given_name") or one.get("firstname") or one.get("first_name")
        last = one.get("family") or one.get("family_name") or one.get("lastname") or one.get("last_name")
    if isinstance(first, str) or isinstance(last, str):
        first, last = first if isinstance(first, str) else "", last if isinstance(last, str) else ""
        author = values.parted(first, last) if len(first) + len(last) <= values.LONGEST_NAME else None
    else:
        whole = one.get("name") or one.get("full_name") or one.get("fullname") or one.get("display_name")
        author = values.named(whole) if isinstance(whole, str) and len(whole) <= values.LONGEST_NAME else None
    if author is None or (len(one) < 3 and "name" not in one):
        return author
    found = identifiers.of(
        orcid=one.get("orcid"),
        openalex=one.get("openalex"),
        openreview_profile=one.get("authorid") or one.get("openreview") or one.get("id"),
        dblp_pid=one.get("pid"),
    )
    places = _aligned(one.get("affiliation") or one.get("affiliations") or one.get("aff"))
    at = tuple(place for group in places for place in group)
    return msgspec.structs.replace(author, identifiers=found, affiliations=at) if found or at else author


def _names(raw: str) -> tuple[list[str], TextState]:
    """The names of a string, and whether it says that there are more."""
    raw = texts.clean(raw) or ""
    shorter = raw[:-_LONGEST_TAIL] + _OTHERS.sub("", raw[-_LONGEST_TAIL:])
    state: TextState = "whole" if shorter == raw else "cut"
    raw = _STOP.sub("", shorter.rstrip(" ,;"))
    if ";" in raw:
        parts = raw.split(";")
        return ([part.strip() for part in parts], state)
    pieces = [piece for piece in _AND.split(raw) if piece]
    if len(pieces) > 1 and all(_family_given(piece) for piece in pieces):
        return pieces, state
    if len(pieces) == 1 and _family_given(raw):
        return pieces, state
    commas = [_LEADING_AND.sub("", part.strip()) for piece in pieces for part in piece.split(",")]
    commas = [part for part in commas if part]
    turned = list(zip(commas[::2], commas[1::2], strict=False))
    if len(commas) % 2 == 0 and turned and all(_INITIALS.fullmatch(given) for _, given in turned):
        return [f"{family}, {given}" for family, given in turned], state
    return commas, state


def _family_given(piece: str) -> bool:
    """``Doe, John`` or ``van der Berg, J.``, and not two names or one that is not turned."""
    family, comma, given = piece.partition(",")
    if not comma or not given.strip() or "," in given:
        return False
    words = family.split()
    return len(words) == 1 or bool(_INITIALS.fullmatch(given.strip())) or (len(words) > 1 and words[0][:1].islower())


def _lent(
    places: list[Author | None], profiles: list[Identifier | None], affiliations: list[tuple[Affiliation, ...]]
) -> list[Author | None]:
    """The authors with what stands at their place in the two other lists; a list of another length is nobody's."""
    with_profiles = len(profiles) == len(places)
    with_affiliations = len(affiliations) == len(places)
    if not (with_profiles or with_affiliations):
        return places
    lent: list[Author | None] = []
    for place, author in enumerate(places):
        profile = profiles[place] if with_profiles else None
        at = affiliations[place] if with_affiliations else ()
        if author is not None and (profile is not None or at):
            author = Author(
                name=author.name,
                given=author.given,
                family=author.family,
                identifiers=(*author.identifiers, profile) if profile else author.identifiers,
                affiliations=at or author.affiliations,
            )
        lent.append(author)
    return lent


def _profiles(raw: object) -> list[Identifier | None]:
    """OpenReview profiles by place; e-mail addresses, which stand for people without one, are dropped."""
    parts = raw.split(";") if isinstance(raw, str) else raw if isinstance(raw, list) else []
    return [identifiers.normalise("openreview_profile", part) for part in parts]


def _aligned(raw: object) -> list[tuple[Affiliation, ...]]:
    """Affiliations by place; several of one author are joined by ``+``."""
    if isinstance(raw, str):
        raw = raw.split(";")
    return (
        [_affiliations(part[:1000]) if isinstance(part, str) else () for part in raw] if isinstance(raw, list) else []
    )


@lru_cache(maxsize=1 << 14)
def _affiliations(raw: str) -> tuple[Affiliation, ...]:
    parts = re.split(r"(?<=\S)\+(?=\S)", raw)
    return tuple(dict.fromkeys(Affiliation(name) for part in parts if (name := texts.clean(part))))


def _identifiers(fields: dict[str, Any], key: str | None, authors: tuple[Author, ...]) -> tuple[Identifier, ...]:
    """Those of the work: from their own columns, its addresses, and an id that is one beyond doubt."""
    found: list[Identifier | None] = []
    for scheme in tables.SCHEMES:
        if scheme in fields:
            found.extend(identifiers.of(**{scheme: fields[scheme]}))
    url = fields.get("url")
    if type(url) is str:
        one = identifiers.from_url(url) if "//" in url else identifiers.normalise("acl", url)
        if one is not None and one.scheme not in _OF_OTHERS:
            found.append(one)
    pdf = fields.get("pdf")
    if type(pdf) is str and "//" in pdf:
        found.append(identifiers.from_url(pdf))
    if key is not None:
        if key.startswith("10."):
            found.extend(identifiers.of(doi=key))
        elif "/" in key:
            found.extend(identifiers.of(dblp=key))
        elif "author_ids" in fields and any(author.identifiers for author in authors):
            found.append(identifiers.normalise("openreview", fields["key"]))
    other_key = fields.get("other_key")
    if type(other_key) is str and "/" in other_key:
        found.extend(identifiers.of(dblp=other_key))
    if not found:
        return ()
    if len(found) == 1 and found[0] is not None:
        return (found[0],)
    return tuple(sorted({one for one in found if one is not None and one.scheme not in _OF_OTHERS}))


_OF_OTHERS = frozenset(("orcid", "openreview_profile", "ror", "wikidata"))
"""An address of a person or an organisation says nothing of the work."""


@lru_cache(maxsize=1 << 12)
def _date_of(raw: object) -> str | None:
    return partial_date(raw.strip(" ().,;[]") if isinstance(raw, str) else raw)


def _date(raw: object) -> str | None:
    if isinstance(raw, str):
        return _date_of(raw[:100])
    return _date_of(raw) if isinstance(raw, int) else partial_date(raw)


def _scoped(
    scope: str | None, key: str | None, venue: str | None, date: str | None
) -> tuple[str | None, str | None, str | None]:
    """Rows of several files in one: ids are unique within a file, and its name ends with the year."""
    if scope is None:
        return key, venue, date
    named = _YEAR_AT_END.fullmatch(scope)
    return (
        f"{scope}:{key}" if key else None,
        venue or (named[1] if named else scope) or None,
        date or (named[2] if named else None),
    )


def _kind(raw: object, journal: bool, booktitle: bool) -> tuple[PaperKind | None, VersionKind | None]:
    """From an explicit type column; a ``journal`` or ``booktitle`` column names the kind of version."""
    kind, version = parts.kind_of(raw[:60]) if isinstance(raw, str) else (None, None)
    if kind is None and version is None:
        version = "journal" if journal else "proceedings" if booktitle else None
    return kind, version


def _turned_down(status: object) -> bool:
    return isinstance(status, str) and status.lower().startswith(("reject", "withdraw", "desk"))


def _links(fields: dict[str, Any]) -> tuple[Link, ...]:
    """Web addresses, but for resolvers of a DOI, which the identifier already tells."""
    links: list[Link] = []
    for field, kind in (("url", "landing"), ("pdf", "pdf"), ("code", "code"), ("video", "video")):
        raw = fields.get(field)
        if type(raw) is str and raw.startswith(("https://", "http://")) and not raw.startswith(_RESOLVERS):
            url = texts.clean(raw)
            if url and " " not in url:
                links.append(Link(url, kind))
    links.sort()
    return tuple(links)


_RESOLVERS = ("https://doi.org/", "http://doi.org/", "http://dx.doi.org/", "https://dx.doi.org/")


def _topics(raw: object) -> tuple[str, ...]:
    if isinstance(raw, str):
        raw = raw.split(";" if ";" in raw else ",")
    if not isinstance(raw, list):
        return ()
    return tuple(dict.fromkeys(topic for one in raw if isinstance(one, str) and (topic := texts.clean(one))))


def _untailed(raw: object) -> str | None:
    """Clean, and without the comma or colon that stood after it in a reference."""
    text = texts.clean(raw)
    return text.rstrip(" ,;:") or None if text and text[-1] in ",;:" else text


def _language(raw: object) -> str | None:
    if not isinstance(raw, str):
        return None
    start = raw.strip().lower()[:2]
    return start if len(start) == 2 and start.isalpha() and start.isascii() else None


def _count(raw: object) -> int | None:
    if isinstance(raw, bool) or raw is None:
        return None
    if isinstance(raw, int):
        return raw if 0 <= raw < 1 << 31 else None
    if isinstance(raw, str) and len(raw) < 10 and _DIGITS.fullmatch(raw.strip()):
        return int(raw)
    return None


_PLAIN: dict[str, tuple[str, Callable[[object], Any]]] = {
    "volume": ("volume", _untailed),
    "issue": ("issue", texts.clean),
    "pages": ("pages", parts.pages),
    "publisher": ("publisher", _untailed),
    "keywords": ("topics", _topics),
    "citations": ("n_citations", _count),
    "licence": ("licence", values.licence),
    "updated": ("updated_at", values.moment),
}
"""Columns that are read by themselves: the field of the record, and how."""


def _content_key(content: str | tables.Row) -> str:
    data = content.encode("utf-8", "replace") if isinstance(content, str) else as_bytes(content)
    return "content:" + hashlib.blake2b(data, digest_size=16).hexdigest()


SOURCE = Source(
    name="table",
    title="Tables of papers (CSV, JSON Lines, JSON)",
    revision=1,
    parse=parse,
    first=addresses.first,
    trust=50,
)
