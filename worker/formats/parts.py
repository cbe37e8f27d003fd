"""What every bibliographic format has, made into the parts of a record: names, kinds, keys, links, languages."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from functools import lru_cache
from typing import Any

from worker.formats import values
from worker.normalise import identifiers, texts
from worker.normalise.dates import partial_date
from worker.normalise.languages import language_of
from worker.normalise.names import folded
from worker.normalise.titles import title_key
from worker.record import Author, Identifier, Link, PaperKind, Record, VersionKind

LONGEST_KEY = 300
"""Characters; a longer id is known by its hash."""

Kinds = tuple[PaperKind | None, VersionKind | None]

KINDS: dict[str, Kinds] = {
    **dict.fromkeys(
        ("article", "journal", "journalarticle", "articlejournal", "jour", "magazinearticle", "newspaperarticle",
         "articlemagazine", "articlenewspaper", "suppperiodical"),
        ("article", "journal"),
    ),
    **dict.fromkeys(
        ("conference", "inproceedings", "conferencepaper", "proceedingsarticle", "paperconference", "conf", "cpaper",
         "conferenceobject", "conferenceproceeding"),
        ("conference", "proceedings"),
    ),
    **dict.fromkeys(("workshop", "workshoppaper"), ("workshop", "workshop")),
    **dict.fromkeys(
        ("preprint", "postedcontent", "informal", "informalpublications", "workingpaper"), ("preprint", "preprint")
    ),
    **dict.fromkeys(
        ("book", "monograph", "collection", "editedbook", "proceedings", "mvbook", "mvcollection", "mvproceedings",
         "booklet", "reference", "mvreference", "conferenceproceedings", "bookwhole", "audiobook", "edbook"),
        ("book", None),
    ),
    **dict.fromkeys(
        ("bookchapter", "incollection", "inbook", "chapter", "booksection", "suppbook", "suppcollection", "bookinbook",
         "inreference", "bookpart", "encyclopediaarticle", "dictionaryentry", "entryencyclopedia", "entrydictionary",
         "encyc", "chap"),
        ("book_chapter", None),
    ),
    **dict.fromkeys(
        ("thesis", "phdthesis", "mastersthesis", "bathesis", "dissertation", "these", "thes", "doctoralthesis",
         "masterthesis", "bachelorthesis"),
        ("thesis", None),
    ),
    **dict.fromkeys(("dataset", "data", "datapaper", "aggregateddatabase"), ("dataset", None)),
    **dict.fromkeys(("report", "techreport", "technicalreport", "rprt", "reportpaper", "standard"), ("report", None)),
    **dict.fromkeys(("review", "reviewarticle", "bookreview", "reviewbook"), ("review", None)),
    "editorial": ("editorial", None),
    **dict.fromkeys(("erratum", "corrigendum", "correction"), ("erratum", None)),
    **dict.fromkeys(("frontmatter", "paratext"), ("front_matter", None)),
    **dict.fromkeys(
        ("other", "misc", "unpublished", "online", "electronic", "www", "webpage", "software", "computerprogram",
         "patent", "manuscript", "presentation", "speech", "periodical", "manual", "video", "image", "audio", "music",
         "movie", "artwork", "generic", "interview", "letter", "personalcommunication", "legislation", "model",
         "interactiveresource", "physicalobject", "service", "sound", "text", "workflow", "event", "film", "map"),
        ("other", None),
    ),
}  # fmt: skip
"""What kind of work and version a type says, by the letters of its name."""

VERSIONS: dict[PaperKind | None, VersionKind] = {
    "article": "journal", "conference": "proceedings", "preprint": "preprint",
}  # fmt: skip
"""Which version of a work a kind is, where nothing else tells."""


@lru_cache(maxsize=1 << 12)
def kind_of(word: str) -> Kinds:
    """Kind and version that a type's name says, however it is written: ``Journal Article``, ``article-journal``."""
    return KINDS.get(re.sub(r"[^a-z]", "", word.lower()[:60]), (None, None))


def found(authors: Iterable[Author | None]) -> tuple[Author, ...]:
    """Those who have a name, in their order."""
    return tuple([author for author in authors if author is not None])


def work(
    key: str | None, *, title: str | None = None, abstract: str | None = None, language: str | None = None, **told: Any
) -> Record:
    """A record with what follows from its texts: their languages, whether the abstract is whole, and a key of its
    content when its source tells none.

    ``title`` and ``abstract`` are taken as the source wrote them; everything else ready.

    Raises:
        ValueError: neither title, abstract nor identifier.
    """
    title = texts.clean(title)
    told_language = language
    abstract = texts.clean_abstract(abstract)
    if abstract is not None:
        abstract, state = texts.rejoin(abstract)
        told["abstract_state"] = state
        told["abstract_language"] = language_of(abstract, told_language)
    if key is not None and (len(key) > LONGEST_KEY or not key.strip()):
        key = f"content:{hashed(key)}" if key.strip() else None
    if key is None:
        key = content_key(title, abstract, told)
    return Record(
        source_key=key,
        title=title,
        title_language=language_of(title, told_language),
        abstract=abstract,
        language=told_language,
        **told,
    )


def content_key(title: str | None, abstract: str | None, told: dict[str, Any]) -> str:
    """A key for what has none: what a work is known by in a list of references. It stays when abstract, links or
    subjects change."""
    authors = told.get("authors") or ()
    first = folded(authors[0].family or authors[0].name) if authors else ""
    said = (title_key(title) if title else abstract or "", first, (told.get("date") or "")[:4])
    place = (told.get("venue") or "", told.get("volume") or "", told.get("issue") or "", told.get("pages") or "")
    held = "" if title else " ".join(one.value for one in told.get("identifiers") or ())
    return "content:" + hashed("\x1f".join((*said, *place, held)))


def hashed(text: str) -> str:
    """Thirty-two hexadecimal digits that stand for a text."""
    return hashlib.blake2b(text.encode("utf-8", "replace"), digest_size=16).hexdigest()


def links(*told: tuple[str | None, str]) -> tuple[Link, ...]:
    """Addresses with their kinds; resolvers of identifiers are left out, for the identifier tells it already."""
    kept: set[Link] = set()
    for raw, kind in told:
        url = values.address(raw)
        if url is not None and not _RESOLVER.match(url):
            kept.add(Link(url, kind))
    return tuple(sorted(kept))


_RESOLVER = re.compile(r"(?i)https?://(?:(?:dx\.)?doi\.org|hdl\.handle\.net)/")
_OF_OTHERS = frozenset(("orcid", "openreview_profile", "ror", "wikidata", "isbn", "issn"))


def from_addresses(*urls: object) -> tuple[Identifier, ...]:
    """Identifiers of the work that its addresses show."""
    kept: list[Identifier] = []
    for url in urls:
        one = identifiers.from_url(url)
        if one is not None and one.scheme not in _OF_OTHERS:
            kept.append(one)
            implied = identifiers.implies(one)
            if implied is not None:
                kept.append(implied)
    return tuple(kept)


@lru_cache(maxsize=1 << 12)
def date(raw: str) -> str | None:
    """A date as precise as it is written; of a range its first, of a note the year in it."""
    told = raw.strip(" ()[]{}.,;~?c©")[:100]
    read = partial_date(told)
    if read is None and (ranged := re.match(r"([0-9]{4}(?:-[0-9]{2}){0,2})\s*(?:/|--|–)", told)):
        read = partial_date(ranged[1])
    if read is None and (year := re.search(r"(?<![0-9])(1[5-9][0-9]{2}|20[0-9]{2})(?![0-9])", told)):
        read = year[1]
    return read


def pages(raw: object) -> str | None:
    """``12-34`` of ``12--34`` or ``pp. 12–34``."""
    shown = texts.clean(raw)
    if shown is None:
        return None
    shown = _PAGES.sub("", shown).strip(" .,;:")
    return _DASH.sub("-", shown) or None


_PAGES = re.compile(r"(?i)^(?:pp?\.?|pages?)\s*(?=[0-9])")
_DASH = re.compile(r"\s*[-‐‑–—−]+\s*")
