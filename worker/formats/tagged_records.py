"""What the tags of RIS, Medline, ISI and EndNote files mean, a record a reference."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator

from worker.errors import Malformed
from worker.formats import parts, values
from worker.formats.tagged import ISI, MEDLINE, REFER, RIS, Fields, dialect_of, read
from worker.normalise import identifiers, texts
from worker.page import Page
from worker.record import Author, Record

_RIS_KINDS = {
    **dict.fromkeys(("JOUR", "JFULL", "MGZN", "EJOUR", "INPR", "ABST", "NEWS"), "article"),
    **dict.fromkeys(("CONF", "CPAPER"), "conference"),
    **dict.fromkeys(("CHAP", "ECHAP", "ENCYC", "DICT"), "chapter"),
    **dict.fromkeys(("BOOK", "EBOOK", "EDBOOK", "SER", "WHOLE"), "book"),
    **dict.fromkeys(("RPRT", "STAND", "GOVDOC"), "report"),
    **dict.fromkeys(("DATA", "AGGR", "DATASET"), "dataset"),
    "THES": "thesis",
    "PREPRINT": "preprint",
    **dict.fromkeys(("GEN", "COMP", "ELEC", "BLOG", "UNPB", "PAT", "SLIDE", "VIDEO", "MULTI", "WEB"), "misc"),
}
_DOI = re.compile(r"(?i)(?:doi[:\s]*)?(10\.[0-9]{4,9}/\S+)")


def parse(page: Page) -> Iterator[Record | Malformed]:
    """A record a reference, in the order of the file.

    Raises:
        Malformed: no line is tagged in any dialect known here.
    """
    dialect = dialect_of(page.body)
    if dialect is None:
        if not page.body.strip():
            return
        raise Malformed(
            f"{page.url}: expected references in tagged lines (RIS, Medline, ISI or EndNote), found {page.body[:60]!r}",
            page.body,
        )
    reader = _READERS[dialect.name]
    for number, fields in enumerate(read(page.body, dialect), 1):
        if fields.keys() <= _HEADERS:
            continue
        try:
            yield reader(fields)
        except ValueError as error:
            shown = "\n".join(f"{tag} {value}" for tag, told in fields.items() for value in told)
            yield Malformed(f"{page.url}, reference {number}: {error}", shown.encode())


_HEADERS = frozenset(("FN", "VR", "EF"))


def _first(fields: Fields, *tags: str) -> str | None:
    for tag in tags:
        for value in fields.get(tag, ()):
            if value:
                return value
    return None


def _all(fields: Fields, *tags: str) -> list[str]:
    """Values of several tags; with the tags in the order they first stand."""
    return [value for tag in fields if tag in tags for value in fields[tag] if value]


def _dates(*told: str | None) -> str | None:
    """The most precise date of those that agree with the first."""
    read = [date for one in told if one and (date := parts.date(one.rstrip("/ ")))]
    return max((date for date in read if date.startswith(read[0][:4])), key=len) if read else None


def _range(first: str | None, last: str | None) -> str | None:
    if first and last and not re.search(r"[-–]", first):
        return values.pages(first, last)
    return parts.pages(first)


def _keywords(told: Iterable[str]) -> tuple[str, ...]:
    return values.words(word for one in told for word in (one.split(";") if ";" in one else [one]))


def _ris(fields: Fields) -> Record:
    type_ = (_first(fields, "TY") or "").strip().upper()
    kind, version = parts.kind_of(_RIS_KINDS.get(type_, "misc"))
    is_book = kind in ("book", "thesis", "report")
    title = _first(fields, "TI", "T1", "CT") or (_first(fields, "BT", "T2") if is_book else None)
    venue = _first(fields, "JF", "T2", "BT", "JO", "JA", "J1", "J2", "C3")
    if is_book:
        venue = _first(fields, "JF", "T3") if "BT" in fields or kind == "thesis" else _first(fields, "JF", "T2", "T3")
    authors = _all(fields, "AU", "A1") or ([] if type_ == "EDBOOK" else _all(fields, "A3"))
    dois = [found[1] for one in _all(fields, "DO", "M3", "N1", "UR", "L3", "DI") if (found := _DOI.search(one))]
    urls = _all(fields, "UR", "L2", "LK")
    key = _first(fields, "ID")
    held = (*identifiers.of(doi=dois[:1]), *parts.from_addresses(*(url for one in urls for url in one.split(";"))))
    if kind == "book":
        held = (*held, *identifiers.of(isbn=[one for told in fields.get("SN", ()) for one in re.split(r"[;,]", told)]))
    return parts.work(
        key if key and not re.fullmatch(r"[0-9]{1,6}|(?i:item|ref)-?[0-9]+", key) else None,
        title=title,
        abstract=_first(fields, "AB", "N2"),
        language=values.language(_first(fields, "LA")),
        authors=parts.found(values.named(_commas(one)) for one in authors),
        identifiers=identifiers.united(held),
        kind=kind,
        version=version,
        date=_dates(_first(fields, "PY"), _first(fields, "DA"), _first(fields, "Y1"))
        or _dates(_first(fields, "DA"), _first(fields, "Y1")),
        venue=texts.clean(venue),
        volume=texts.clean(_first(fields, "VL")),
        issue=texts.clean(_first(fields, "IS")),
        pages=_range(_first(fields, "SP", "C7"), _first(fields, "EP")),
        publisher=texts.clean(_first(fields, "PB")),
        topics=_keywords(_all(fields, "KW")),
        links=parts.links(
            *((url, "landing") for one in urls for url in one.split(";")),
            *((one, "pdf") for one in fields.get("L1", ())),
        ),
    )


def _commas(name: str) -> str:
    """``Last,First,Suffix`` with blanks after its commas."""
    return re.sub(r",(?=\S)", ", ", name).rstrip(" ,;*")


def _medline(fields: Fields) -> Record:
    pmid = _first(fields, "PMID")
    types = {one.lower() for one in fields.get("PT", ())}
    tagged = [one for one in _all(fields, "LID", "AID", "SO") if "doi" in one.lower()]
    doi = [found[1].split(" ")[0].rstrip(".") for one in tagged if (found := _DOI.search(one))]
    pmc = _first(fields, "PMC")
    kind, version = medline_kind(types)
    authors = fields.get("FAU") or fields.get("FED" if not fields.get("AU") else "AU", [])
    whole = tuple(author for one in authors if (author := values.named(one)))
    groups = tuple(author for one in fields.get("CN", ()) if (author := values.group(one)))
    return parts.work(
        pmid,
        title=untitled(" ".join(filter(None, fields.get("TI") or fields.get("BTI") or [])) or None),
        abstract=_first(fields, "AB"),
        language=values.language(_first(fields, "LA")),
        authors=(*whole, *groups),
        identifiers=identifiers.of(pmid=pmid, doi=doi[:1], pmcid=pmc),
        kind=kind,
        version=version,
        date=_dates(_first(fields, "DP"), _first(fields, "DEP")),
        venue=texts.clean(_first(fields, "JT", "TA", "BTI" if "TI" in fields else "")),
        volume=texts.clean(_first(fields, "VI")),
        issue=texts.clean(_first(fields, "IP")),
        pages=parts.pages(_first(fields, "PG")),
        publisher=texts.clean(_first(fields, "PB")),
        topics=values.words(_all(fields, "OT")),
        is_retracted="retracted publication" in types,
        updated_at=parts.date(_first(fields, "LR") or ""),
    )


def medline_kind(types: set[str]) -> parts.Kinds:
    """Kind and version by Medline's publication types, in lower case."""
    for word, kinds in MEDLINE_KINDS.items():
        if any(word in one for one in types):
            return kinds
    return (None, None)


MEDLINE_KINDS: dict[str, parts.Kinds] = {
    "preprint": ("preprint", "preprint"),
    "erratum": ("erratum", "journal"),
    "editorial": ("editorial", "journal"),
    "retraction of publication": ("erratum", "journal"),
    "review": ("review", "journal"),
    "dataset": ("dataset", None),
    "book chapter": ("book_chapter", None),
    "book": ("book", None),
    "dissertation": ("thesis", None),
    "technical report": ("report", None),
    "journal article": ("article", "journal"),
    "letter": ("article", "journal"),
}
"""What Medline's publication types say, the most telling first."""


def untitled(title: str | None) -> str | None:
    """A title without the stop PubMed ends each with, and without the brackets around a translated one."""
    shown = texts.clean(title)
    if shown is None:
        return None
    if re.fullmatch(r"\[(?:[^\[\]]|\[[^\[\]]*\])*\]\.?", shown):
        shown = shown.rstrip(".")[1:-1]
    return shown[:-1] if shown.endswith(".") and not shown.endswith("..") else shown


_ISI_KINDS = {
    "j": "article", "journal": "article", "journal paper": "article", "s": "book chapter", "b": "book", "book": "book",
    "proceedings": "conference", "p": "patent", "c": "conference",
}  # fmt: skip


def _isi(fields: Fields) -> Record:
    told = (_first(fields, "DT") or "").lower()
    kind, version = parts.kind_of(_ISI_KINDS.get((_first(fields, "PT") or "").lower(), "misc"))
    if "proceedings" in told or "conference" in told:
        kind, version = "conference", "proceedings"
    elif told.startswith(("review", "editorial", "correction", "book review")):
        kind, version = parts.kind_of(told.split(";")[0].split(" material")[0])[0], "journal"
    full = [name for one in fields.get("AF") or fields.get("AU") or [] for name in one.split(";")]
    language = texts.clean(_first(fields, "LA"))
    return parts.work(
        _first(fields, "UT", "AN"),
        title=_first(fields, "TI"),
        abstract=_first(fields, "AB"),
        language=_LANGUAGES.get((language or "").lower()) or values.language(language),
        authors=_with_orcids(parts.found(values.named(_commas(one.strip())) for one in full), _first(fields, "OI")),
        identifiers=identifiers.of(doi=_first(fields, "DI"), pmid=_first(fields, "PM")),
        kind=kind,
        version=version,
        date=_dates(_first(fields, "PY"), " ".join(filter(None, (_first(fields, "PD"), _first(fields, "PY"))))),
        venue=texts.clean(_first(fields, "SO", "JI", "SE")),
        volume=texts.clean(_first(fields, "VL")),
        issue=texts.clean(_first(fields, "IS")),
        pages=_range(_first(fields, "BP", "AR"), _first(fields, "EP")) or parts.pages(_first(fields, "PS")),
        publisher=texts.clean(_first(fields, "PU")),
        topics=_keywords(_all(fields, "DE")),
        n_citations=values.count(_first(fields, "TC")),
    )


_LANGUAGES = {"english": "en", "french": "fr", "german": "de", "spanish": "es", "italian": "it", "portuguese": "pt"}


def _with_orcids(authors: tuple[Author, ...], told: str | None) -> tuple[Author, ...]:
    """Authors with the ids of ``Lovelace, Ada/0000-0001-...; ...``."""
    by_name = {}
    for one in (told or "").split(";"):
        name, _, number = one.rpartition("/")
        author = values.named(name.strip())
        if author is not None:
            by_name[author.name] = identifiers.of(orcid=number.strip())
    return tuple(
        Author(author.name, author.given, author.family, by_name[author.name]) if author.name in by_name else author
        for author in authors
    )


_REFER_KINDS = {
    "conference proceedings": "conference", "conference paper": "conference", "edited book": "book",
    "electronic article": "article", "book section": "chapter", "serial": "book", "electronic book": "book",
    "online database": "dataset", "unpublished work": "unpublished", "web page": "webpage", "blog": "webpage",
}  # fmt: skip


def _refer(fields: Fields) -> Record:
    told = (_first(fields, "0") or "").lower()
    kind, version = parts.kind_of(_REFER_KINDS.get(told, told))
    if not told:
        kind, version = ("article", "journal") if "J" in fields else (None, None)
    doi = [found[1] for one in _all(fields, "R", "U") if (found := _DOI.search(one))]
    year = _first(fields, "D")
    key = _first(fields, "F")
    return parts.work(
        key if key and not key.isdecimal() else None,
        title=_first(fields, "T"),
        abstract=_first(fields, "X"),
        language=values.language(_first(fields, "G")),
        authors=parts.found(
            values.group(one.rstrip(",")) if one.endswith(",") else values.named(_commas(one))
            for one in fields.get("A", ())
        ),
        identifiers=identifiers.united(identifiers.of(doi=doi[:1]), parts.from_addresses(*fields.get("U", ()))),
        kind=kind,
        version=version,
        date=_dates(year, " ".join(filter(None, (_first(fields, "8"), year)))),
        venue=texts.clean(_first(fields, "J", "B")),
        volume=texts.clean(_first(fields, "V")),
        issue=texts.clean(_first(fields, "N")),
        pages=parts.pages(_first(fields, "P")),
        publisher=texts.clean(_first(fields, "I")),
        topics=_keywords(_all(fields, "K")),
        links=parts.links(*((one, "landing") for one in fields.get("U", ()))),
    )


_READERS: dict[str, Callable[[Fields], Record]] = {
    RIS.name: _ris,
    MEDLINE.name: _medline,
    ISI.name: _isi,
    REFER.name: _refer,
}
