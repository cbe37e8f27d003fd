"""Simple Dublin Core, as repositories give it by OAI-PMH: fifteen names, each as often as it likes, in any order.
https://www.dublincore.org/specifications/dublin-core/dcmi-terms/

Also DSpace's and BASE's qualified spellings, which only add names.
"""

from __future__ import annotations

import re
from functools import lru_cache

from worker.formats import parts, values, xml
from worker.normalise import identifiers, texts
from worker.record import Identifier, Record

_LANGUAGE = "{http://www.w3.org/XML/1998/namespace}lang"
_PLAIN_URL = re.compile(r"(?i)https?://\S+")
_DOI = re.compile(r"(?i)(?:doi[:\s]|info:doi/|^)\s*(10\.[0-9]{4,9}/\S+)")
_PMC = re.compile(r"/pmc/articles/(PMC[0-9]+)|/pubmed/([0-9]+)|(?i:pmid)[:\s]+([0-9]+)|^(PMC[0-9]+)$")
_BOILERPLATE = re.compile(
    r"(?i)^(?:international audience|national audience|audience internationale|audience nationale|peer reviewed|"
    r"peer-reviewed|published version|accepted version|text|info:eu-repo/\S*|[0-9]+ ?(?:pages|pp?\.?|p))\.?$"
)
_LICENCE = re.compile(r"(?i)creativecommons\.org|\bcc[ -](?:by|0)")


def record(dc: xml.Element, key: str, updated_at: str | None = None) -> Record:
    """What one ``<dc>`` says.

    Raises:
        ValueError: neither title, abstract nor identifier.
    """
    told: dict[str, list[str]] = {}
    languages: list[str | None] = []
    for one in dc:
        name = xml.local(one)
        said = one.text if len(one) == 0 else xml.markup(one)
        if said and not said.isspace():
            if name in told:
                told[name].append(said)
            else:
                told[name] = [said]
            if name == "title":
                languages.append(one.get(_LANGUAGE))
    get = told.get
    language = _language(tuple(get("language", ())))
    title, title_language = _preferred(get("title", []), languages, language)
    abstract = _abstract(get("abstract") or get("description", []))
    kind, version = _kind(tuple(get("type", ())))
    named = get("identifier", [])
    held = _identifiers(tuple(named))
    urls = [url for one in named if (url := one.strip()).startswith(("http://", "https://"))]
    return parts.work(
        key,
        title=title,
        abstract=abstract,
        language=title_language or language,
        authors=parts.found(values.named(one) for one in get("creator", ())),
        identifiers=held,
        kind=kind,
        version=version,
        date=_date(get("date") or get("issued") or get("created") or get("available") or []),
        venue=_venue(get("source", [])),
        publisher=texts.clean(get("publisher", [None])[0]),
        links=parts.links(*((url, "pdf" if url.lower().endswith(".pdf") else "landing") for url in urls)),
        topics=values.words(get("subject", ())),
        licence=next((values.licence(one) for one in get("rights", ()) if _LICENCE.search(one)), None),
        updated_at=updated_at,
    )


@lru_cache(maxsize=256)
def _language(told: tuple[str, ...]) -> str | None:
    return next((read for one in told if (read := values.language(one.strip()))), None)


def _preferred(told: list[str], languages: list[str | None], language: str | None) -> tuple[str | None, str | None]:
    """The first title, or the one in the language of the work when each says its own."""
    if not told:
        return None, None
    if len(told) > 1 and language:
        for one, spoken in zip(told, languages, strict=True):
            if values.language(spoken) == language:
                return one, language
    return told[0], values.language(languages[0]) if languages[0] else None


def _abstract(told: list[str]) -> str | None:
    """The longest description that is not a remark about the deposit."""
    kept = [one for one in told if len(one) > 40 or not _BOILERPLATE.match(one.strip())]
    return max(kept, key=len) if kept else None


@lru_cache(maxsize=1 << 10)
def _kind(told: tuple[str, ...]) -> parts.Kinds:
    """The first type that says something; info:eu-repo and COAR names are read by their last part."""
    for one in told:
        word = re.split(r"[/#:]", one.strip())[-1]
        found = _TYPES.get(re.sub(r"[^a-z]", "", word.lower())) or parts.kind_of(word)
        if found != (None, None) and found[0] != "other":
            return found
    return (None, None)


_TYPES: dict[str, parts.Kinds] = {
    "journalarticle": ("article", "journal"),
    "journalarticles": ("article", "journal"),
    "researcharticle": ("article", "journal"),
    "conferencepapers": ("conference", "proceedings"),
    "conferenceposter": ("conference", None),
    "preprints": ("preprint", "preprint"),
    "preprintsworkingpapers": ("preprint", "preprint"),
    "bookpart": ("book_chapter", None),
    "booksections": ("book_chapter", None),
    "theses": ("thesis", None),
    "doctoralthesis": ("thesis", None),
    "masterthesis": ("thesis", None),
    "bachelorthesis": ("thesis", None),
    "ctc": ("conference", "proceedings"),
}


def _identifiers(told: tuple[str, ...]) -> tuple[Identifier, ...]:
    found: list[Identifier] = []
    for raw in told:
        one = raw.strip()
        if _PLAIN_URL.match(one):
            found.extend(parts.from_addresses(one))
        elif doi := _DOI.search(one):
            found.extend(identifiers.of(doi=doi[1]))
        elif one.lower().startswith(("arxiv:", "oai:arxiv.org:")):
            found.extend(identifiers.of(arxiv=one.rpartition(":")[2]))
        elif re.match(r"(?i)(?:oai:)?hal[:-]", one):
            found.extend(identifiers.of(hal=one.rpartition(":")[2]))
        if number := _PMC.search(one):
            found.extend(identifiers.of(pmcid=number[1] or number[4], pmid=number[2] or number[3]))
    return identifiers.united(tuple(found)) if len(found) > 1 else tuple(found)


def _date(told: list[str]) -> str | None:
    """The most precise of the dates of the first year: repositories add the days of deposit after it."""
    read = [date for one in told if (date := parts.date(one.strip()))]
    if not read:
        return None
    year = min(date[:4] for date in read)
    return max((date for date in read if date.startswith(year)), key=len)


def _venue(told: list[str]) -> str | None:
    """A source that reads as the name of a journal or book, without the volume and the pages after it."""
    for one in told:
        shown = texts.clean(one)
        if shown and not _PLAIN_URL.match(shown) and not re.match(r"(?i)(?:urn|issn|isbn|doi|oai|info)[:\s]", shown):
            name = re.split(r"\s*[;,]\s*(?=(?:vol|n[o°]|pp?|[0-9(])[^a-z]|[0-9])", shown, maxsplit=1, flags=re.I)[0]
            return name[:300].strip(" ,;") or None
    return None
