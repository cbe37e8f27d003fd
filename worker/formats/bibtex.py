"""BibTeX and BibLaTeX as people write them, a record an entry.

Reads names with particles, in braces, or as ``given=..., family=...``, ORCIDs in ``author+an``, LaTeX accents, arXiv
numbers wherever bibliographies put them, dates of all spellings. The entries come from ``bibtex_entries.py``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from worker.errors import Malformed
from worker.formats import parts, values
from worker.formats.bibtex_entries import MONTHS, Entry, has_entry, inherited, read
from worker.formats.items import unread
from worker.formats.latex import plain
from worker.normalise import identifiers, texts
from worker.normalise.dates import partial_date
from worker.normalise.languages import language_of
from worker.normalise.titles import title_key
from worker.page import Page
from worker.record import Author, Identifier, Link, PaperKind, Record, TextState, VersionKind

_KNOWN_FIELDS = (
    "title subtitle titleaddon booktitle booksubtitle maintitle journal journaltitle journalsubtitle shortjournal "
    "fjournal author author+an author+an:orcid editor editors year month day date urldate eventdate origdate "
    "volume volumes number issue pages eid articleno article-number numpages pagetotal publisher school "
    "institution organization address location series edition chapter type note howpublished annote annotation "
    "addendum pubstate doi url urls link ee pdf eprint archiveprefix archive eprinttype eprintclass primaryclass "
    "arxivid arxiv pmid pmcid hal_id hal isbn issn issn-print issn-online isbn10 isbn13 abstract keywords keyword "
    "language langid hyphenation copyright license rights crossref xdata xref biburl bibsource timestamp file key "
    "label ids sortkey shorttitle eventtitle venue entryset related relatedtype options gender lccn mrclass "
    "mrnumber mrreviewer zblnumber zbl coden acmid issue_date adsurl adsnote owner groups added-at interhash "
    "intrahash username creationdate modificationdate date-added date-modified bdsk-url-1 bdsk-url-2 bdsk-file-1 "
    "comment __markedentry mendeley-groups mendeley-tags translator affiliation author_keywords document_type "
    "source references openreview code video slides poster software supplementary presented primary_class "
    "altauthor contributor number_of_pages collection conference meeting date_added citeulike-article-id posted- "
    "at priority read ranking nourl shortbooktitle day_numeric correspondence_address1 abbrev_source_title "
    "funding researcherid-numbers orcid-numbers unique-id keywords-plus research-areas web-of-science-categories "
    "times-cited cited-references doc-delivery-number journal-iso "
)
_KNOWN = frozenset(_KNOWN_FIELDS.split())


def parse(page: Page) -> Iterator[Record | Malformed]:
    """A record an entry, in the order of the file.

    Raises:
        Malformed: there is no entry at all.
    """
    entries: list[Entry | Malformed] = list(read(page.body, page.url))
    if not entries:
        if not re.sub(rb"(?m)^[ \t]*%.*$", b"", page.body).strip() or has_entry(page.body):
            return
        raise Malformed(f"{page.url}: expected BibTeX entries, found {page.body[:60]!r}", page.body)
    by_key: dict[str, Entry] = {}
    for entry in entries:
        if isinstance(entry, Entry) and entry.key:
            by_key.setdefault(entry.key.lower(), entry)
    seen: dict[str, str] = {}
    for entry in entries:
        if isinstance(entry, Malformed):
            yield entry
            continue
        if not entry.own or entry.type in ("xdata", "set"):
            continue
        fields = inherited(entry, by_key) if "crossref" in entry.fields or "xdata" in entry.fields else entry.fields
        try:
            yield record(entry, fields, seen)
        except ValueError as error:
            yield Malformed(f"{page.url}, entry {entry.key or '?'}: {error}", entry.raw)


def record(entry: Entry, fields: dict[str, str], seen: dict[str, str]) -> Record:
    """What an entry says. ``seen`` holds the keys of the page with the title they stand for: a key used twice is two
    works.

    Raises:
        ValueError: neither title, abstract nor identifier.
    """
    get = fields.get
    title = values.titled(_said(get("title")), _said(get("subtitle")))
    if title is None and entry.type in ("proceedings", "collection", "book"):
        title = _said(get("booktitle"))
    authors, state = _authors(get("author"), get("author+an:orcid") or get("author+an"))
    venue = _venue(entry.type, fields)
    held, is_preprint = _identifiers(entry, fields, venue)
    kind, version = _kind(entry.type, fields, venue, is_preprint)
    if kind in ("book", "thesis") and "isbn" in fields:
        held = identifiers.united(held, identifiers.of(isbn=plain(fields["isbn"]).replace(",", " ").split()))
    language = _language(get("langid") or get("language"))
    abstract = get("abstract")
    if abstract is not None:
        abstract = texts.clean_abstract(plain(abstract))
    told: dict[str, object] = {}
    if abstract:
        abstract, told["abstract_state"] = texts.rejoin(abstract)
        told["abstract_language"] = language_of(abstract, language)
    if "keywords" in fields or "keyword" in fields:
        told["topics"] = _keywords(plain(get("keywords") or get("keyword") or ""))
    if "copyright" in fields or "license" in fields or "rights" in fields:
        told["licence"] = values.licence(plain(get("license") or get("copyright") or get("rights") or ""))
    number = get("number") or get("issue")
    place = get("publisher") or get("school") or get("institution") or get("organization")
    date = _date(fields)
    key = entry.key
    if not key:
        key = parts.content_key(
            title, abstract, {"authors": authors, "date": date, "venue": venue, "identifiers": held}
        )
    else:
        first = seen.setdefault(key, title or "")
        if first is not title and (same := title_key(title or "")) != title_key(first):
            key = f"{key}~{parts.hashed(same)[:12]}"
    if len(key) > parts.LONGEST_KEY:
        key = f"content:{parts.hashed(key)}"
    strange = [name for name in fields.keys() - _KNOWN if not name.startswith(("bdsk-", "jabref", "opt", "_"))]
    return Record(
        source_key=key,
        title=title,
        title_language=language_of(title, language),
        abstract=abstract or None,
        authors=authors,
        authors_state=state,
        identifiers=held,
        kind=kind,
        version=version,
        date=date,
        venue=venue,
        volume=_said(get("volume")),
        issue=_said(number),
        pages=_pages(get("pages") or get("eid") or get("articleno")),
        publisher=_said(place),
        language=language,
        links=_links(fields),
        unread=unread(strange) if strange else (),
        **told,  # type: ignore[arg-type]
    )


def _said(raw: str | None) -> str | None:
    return texts.clean(plain(raw)) if raw is not None else None


def _pages(raw: str | None) -> str | None:
    if raw is None:
        return None
    first, dash, last = raw.partition("--")
    if dash and first.isalnum() and last.isalnum():
        return f"{first}-{last}"
    return parts.pages(plain(raw))


_BETWEEN = re.compile(r"(?i)\s+and\s+")
_OTHERS = frozenset(("others", "et al.", "et al", "{others}"))


def _authors(raw: str | None, annotated: str | None) -> tuple[tuple[Author, ...], TextState]:
    if not raw:
        return (), "whole"
    names = _BETWEEN.split(raw.strip()) if "{" not in raw else _split(raw)
    state: TextState = "whole"
    if names and names[-1].strip().lower() in _OTHERS:
        names.pop()
        state = "cut"
    authors = [_author(name) for name in names]
    if annotated is not None:
        authors = [_identified(author, number, annotated) for number, author in enumerate(authors, 1)]
    return parts.found(authors), state


def _split(raw: str) -> list[str]:
    """Names at the words ``and`` that stand in no braces."""
    names: list[str] = []
    begin = 0
    for between in _BETWEEN.finditer(raw):
        inside = raw[begin : between.start()]
        if inside.count("{") == inside.count("}"):
            names.append(inside)
            begin = between.end()
    names.append(raw[begin:])
    return names


@lru_cache(maxsize=1 << 16)
def _author(raw: str) -> Author | None:
    """A name in BibTeX's three orders; one all in braces is an organisation and has no parts."""
    raw = raw.strip()
    if raw.startswith("{") and raw.endswith("}") and _one_group(raw):
        return values.group(plain(raw))
    if "=" in raw and (named := dict(_NAME_PART.findall(raw))):
        family = " ".join(filter(None, (named.get("prefix"), named.get("family"))))
        return values.parted(plain(named.get("given", "")), plain(family))
    if raw.endswith("}") and "," not in raw:
        # Braces hold words together: "Jean {de la Fontaine}".
        opening = _group_begin(raw)
        if opening > 0 and raw[opening - 1].isspace() and " " in raw[opening:]:
            return values.parted(plain(raw[:opening]), plain(raw[opening:]))
    return values.named(plain(raw) if "\\" in raw or "{" in raw or "~" in raw or "$" in raw else raw)


_NAME_PART = re.compile(r"(?i)\b(given|family|prefix|suffix)(?:-i)?\s*=\s*\"?([^,\"]*)")


def _one_group(raw: str) -> bool:
    """Whether a pair of braces holds the whole name; one around a single accent does not count."""
    return _group_begin(raw) == 0 and not raw.startswith("{\\")


def _group_begin(raw: str) -> int:
    """Where the brace opens that the last character closes."""
    depth = 0
    for at in range(len(raw) - 1, -1, -1):
        depth += (raw[at] == "}") - (raw[at] == "{")
        if depth == 0:
            return at
    return -1


def _identified(author: Author | None, number: int, annotated: str) -> Author | None:
    told = re.search(rf"(?<![0-9]){number}\s*(?::orcid)?\s*=\s*\"?([^\";]+)", annotated)
    held = identifiers.of(orcid=told[1]) if told else ()
    if author is None or not held:
        return author
    return Author(author.name, author.given, author.family, held)


@lru_cache(maxsize=1 << 12)
def _named_venue(raw: str) -> str | None:
    venue = _said(raw)
    return "arXiv" if venue and venue.lower().startswith("arxiv") else venue


_IN_BOOKS = ("inproceedings", "conference", "incollection", "inbook")


def _venue(type_: str, fields: dict[str, str]) -> str | None:
    """Where it appeared: the book before the journal for what stands in books, else the journal."""
    names = ["journal", "journaltitle", "fjournal", "shortjournal"]
    books = ["booktitle", "maintitle", "eventtitle", "conference"]
    told = next(
        (fields[name] for name in (books + names if type_ in _IN_BOOKS else names + books) if name in fields), None
    )
    return _named_venue(told) if told else None


_ARXIV_IN = re.compile(
    r"(?i)arxiv(?:\s+preprint)?[:\s./]*(?:abs/)?\s*((?:[a-z-]+(?:\.[a-z]{2})?/)?[0-9]{4}\.?[0-9]{3,5})"
)
_CORR = re.compile(r"(?i)(?:abs/)?((?:[a-z-]+/)?[0-9]{4}\.?[0-9]{3,5})")


def _identifiers(entry: Entry, fields: dict[str, str], venue: str | None) -> tuple[tuple[Identifier, ...], bool]:
    """Those of the work, and whether it is an arXiv paper that appears nowhere else."""
    get = fields.get
    found: list[Identifier] = []
    if "doi" in fields:
        found.extend(identifiers.of(doi=_plain_id(fields["doi"])))
    is_preprint = False
    eprint = get("eprint") or get("arxivid") or get("arxiv")
    if eprint is not None:
        archive = plain(get("eprinttype") or get("archiveprefix") or get("archive") or "arxiv").strip().lower()
        scheme = {"pubmed": "pmid", "pmid": "pmid", "hal": "hal"}.get(archive, "arxiv" if "arxiv" in archive else "")
        if scheme:
            found.extend(identifiers.of(**{scheme: _plain_id(eprint)}))
            is_preprint = scheme == "arxiv" and venue in (None, "arXiv")
    for scheme in ("pmid", "pmcid"):
        if scheme in fields:
            found.extend(identifiers.of(**{scheme: _plain_id(fields[scheme])}))
    if "hal_id" in fields:
        found.extend(identifiers.of(hal=_plain_id(fields["hal_id"])))
    if venue in ("arXiv", "CoRR", "ArXiv", "arXiv.org"):
        is_preprint = True
        said = " ".join(fields.get(name, "") for name in ("journal", "journaltitle", "note", "howpublished"))
        number = _ARXIV_IN.search(said) or _CORR.fullmatch(get("volume", "").strip())
        if number:
            found.extend(identifiers.of(arxiv=number[1]))
    for name in ("url", "link", "ee", "howpublished", "biburl", "adsurl"):
        if name in fields and "/" in fields[name]:
            for address in _addresses(fields[name]):
                found.extend(parts.from_addresses(address))
    if entry.key.startswith(("DBLP:", "conf/", "journals/")):
        found.extend(identifiers.of(dblp=entry.key))
    if not found:
        return (), is_preprint
    if len(found) == 1:
        return (found[0],), is_preprint
    return tuple(sorted(set(found))), is_preprint


def _plain_id(raw: str) -> str:
    return plain(raw).strip() if "\\" in raw or "{" in raw else raw


_ADDRESS = re.compile(r"https?://[^\s{}<>\"]+", re.I)


def _addresses(raw: str) -> list[str]:
    if "\\" in raw:
        raw = raw.replace("\\_", "_").replace("\\%", "%").replace("\\&", "&").replace("\\#", "#").replace("\\~", "~")
    return _ADDRESS.findall(raw)


def _kind(
    type_: str, fields: dict[str, str], venue: str | None, is_preprint: bool
) -> tuple[PaperKind | None, VersionKind | None]:
    if is_preprint and type_ in ("article", "misc", "unpublished", "online", "techreport", "report"):
        return "preprint", "preprint"
    kind, version = parts.kind_of(type_)
    if kind == "conference" and venue is not None and "workshop" in venue.lower():
        return "workshop", "workshop"
    if kind == "other" and "type" in fields:
        told = parts.kind_of(plain(fields["type"]))
        return told if told[0] is not None else (kind, version)
    return kind, version


_MONTH_WORD = re.compile(r"[A-Za-z]+|[0-9]{1,2}")


def _date(fields: dict[str, str]) -> str | None:
    """``date``, else year with month and day when they are told."""
    if "date" in fields:
        read = parts.date(plain(fields["date"]))
        if read is not None:
            return read
    raw = fields.get("year")
    if raw is None:
        return None
    year = raw if raw.isdecimal() and len(raw) == 4 else (parts.date(plain(raw)) or "")[:4]
    if not year:
        return None
    month = fields.get("month")
    if month is None:
        return partial_date(int(year)) if year.isdecimal() else None
    return _dated(year, plain(month), plain(fields.get("day", "")))


@lru_cache(maxsize=1 << 12)
def _dated(year: str, month: str, day: str) -> str | None:
    words = _MONTH_WORD.findall(month)
    number = next(
        (
            n
            for word in words
            if (n := MONTHS.get(word[:3].lower(), ""))
            or (n := word if word.isdecimal() and not any(w[:3].lower() in MONTHS for w in words) else "")
        ),
        "",
    )
    days = [word for word in words if word.isdecimal() and word != number] or [day.strip()]
    if not number:
        return partial_date(int(year))
    if "/" in month or "-" in month or len(days) > 1:
        days = [""]
    whole = f"{year}-{int(number):02}" + (f"-{int(days[0]):02}" if days[0].isdecimal() else "")
    return partial_date(whole) or partial_date(int(year))


@lru_cache(maxsize=1 << 10)
def _language(raw: str | None) -> str | None:
    if not raw:
        return None
    word = plain(raw).strip().lower()
    return _LANGUAGES.get(word) or values.language(word)


_LANGUAGES = {
    **dict.fromkeys(("english", "american", "british", "ukenglish", "usenglish", "canadian", "anglais"), "en"),
    **dict.fromkeys(("french", "francais", "français", "frenchb", "acadian", "canadien"), "fr"),
    **dict.fromkeys(("german", "ngerman", "austrian", "naustrian", "deutsch", "swissgerman"), "de"),
    "spanish": "es", "italian": "it", "portuguese": "pt", "brazilian": "pt", "dutch": "nl", "russian": "ru",
    "polish": "pl", "czech": "cs", "swedish": "sv", "danish": "da", "norwegian": "no", "finnish": "fi",
    "chinese": "zh", "japanese": "ja", "turkish": "tr", "ukrainian": "uk", "hungarian": "hu", "greek": "el",
}  # fmt: skip


def _links(fields: dict[str, str]) -> tuple[Link, ...]:
    told: list[tuple[str | None, str]] = []
    for name, kind in (("url", "landing"), ("pdf", "pdf"), ("code", "code"), ("video", "video")):
        raw = fields.get(name)
        if raw is None or "/" not in raw:
            continue
        for address in _addresses(raw)[:1]:
            told.append((address, "pdf" if kind == "landing" and address.lower().endswith(".pdf") else kind))
    return parts.links(*told) if told else ()


@lru_cache(maxsize=1 << 12)
def _keywords(raw: str) -> tuple[str, ...]:
    return values.words(raw.split(";" if ";" in raw else ","))
