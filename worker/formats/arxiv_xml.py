"""arXiv's own formats by OAI-PMH, ``arXiv`` and ``arXivRaw``. https://info.arxiv.org/help/oa/index.html

A withdrawn paper stays a record: its comment says so. The date is that of the first version.
"""

from __future__ import annotations

import re
from email.utils import parsedate_to_datetime

from worker.formats import parts, values, xml
from worker.normalise import identifiers, texts
from worker.normalise.dates import partial_date
from worker.record import Affiliation, Author, Record

_WITHDRAWN = re.compile(
    r"(?i)\W*(?:(?:this|the) (?:paper|article|submission|manuscript|preprint|work|version)\W+)?"
    r"(?:(?:has been|is|was|is being)\s+)?(?:now\s+)?withdrawn\b(?!\s+from\b)"
)
_SAID_LATER = re.compile(
    r"(?i)[.;,]\s*withdrawn\s*(?:[.;,]|by\b|due\b|$)|\b(?:has been|is|was) withdrawn\b(?!\s+from\b)"
)
_COLLABORATION = re.compile(r"(?i)\b(?:collaborations?|consortium|group|team)\b")


def record(metadata: xml.Element, key: str, updated_at: str | None = None) -> Record:
    """What one ``<arXiv>`` or ``<arXivRaw>`` says.

    Raises:
        ValueError: it has no arXiv number.
    """
    told: dict[str, str] = {}
    authors: tuple[Author, ...] = ()
    created: str | None = None
    for one in metadata:
        name = xml.local(one)
        if name == "authors" and len(one):
            authors = parts.found(_author(author) for author in one)
        elif name == "version" and created is None:
            created = _day(xml.text(one, "date"))
        elif one.text:
            told.setdefault(name, one.text if len(one) == 0 else xml.text(one) or "")
    get = told.get
    if "authors" in told:
        authors = parts.found(values.named(one) for one in _split(told["authors"]))
    own = identifiers.normalise("arxiv", get("id"))
    if own is None:
        raise ValueError(f"expected an arXiv number, found {get('id')!r}")
    held = identifiers.of(arxiv=own.value, doi=(get("doi") or "").split())
    return parts.work(
        key,
        title=get("title"),
        abstract=get("abstract"),
        authors=authors,
        identifiers=held,
        kind="preprint",
        version="preprint",
        date=partial_date(get("created")) or created,
        venue="arXiv",
        links=parts.links((f"https://arxiv.org/pdf/{own.value}", "pdf")),
        topics=tuple((get("categories") or "").split()),
        licence=values.licence(get("license")),
        is_retracted=is_withdrawn(get("comments"), get("abstract")),
        updated_at=updated_at,
    )


def is_withdrawn(comments: str | None, abstract: str | None = None) -> bool:
    """Whether the authors took the paper back: anywhere in their comments, or in the first words of the abstract, for
    abstracts speak of other things that are withdrawn."""
    said = (comments or "").strip()
    return bool(_WITHDRAWN.match(said) or _SAID_LATER.search(said) or _WITHDRAWN.match(abstract or ""))


def _author(author: xml.Element) -> Author | None:
    family, given, suffix, places = "", "", "", []
    for one in author:
        name, said = xml.local(one), one.text or ""
        if name == "keyname":
            family = said
        elif name == "forenames":
            given = said
        elif name == "suffix":
            suffix = said
        elif name == "affiliation" and (shown := texts.clean(said)):
            places.append(Affiliation(shown))
    if not given and _COLLABORATION.search(family):
        return values.group(family)
    found = values.parted(given, family)
    if found is not None and (places or suffix):
        shown = f"{found.name} {suffix}".strip() if suffix else found.name
        return Author(shown, found.given, found.family, (), tuple(places))
    return found


def _split(names: str) -> list[str]:
    """Names as they are printed: ``A. Lovelace, C. Babbage (Cambridge) and M. Curie``."""
    plain = re.sub(r"\([^()]*\)", "", names)
    plain = re.sub(r"\([^()]*\)", "", plain)
    return [one.strip() for one in re.split(r",|;|\s+and\s+", " ".join(plain.split())) if one.strip()]


def _day(raw: str | None) -> str | None:
    """``Mon, 2 Apr 2007 19:18:42 GMT`` as a day."""
    try:
        return parsedate_to_datetime(raw or "").date().isoformat()
    except (TypeError, ValueError):
        return partial_date(raw)
