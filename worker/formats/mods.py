"""MODS, libraries' records in XML. https://www.loc.gov/standards/mods/userguide/"""

from __future__ import annotations

from collections.abc import Iterator

from worker.errors import Malformed
from worker.formats import parts, values, xml
from worker.normalise import identifiers, texts
from worker.page import Page
from worker.record import Affiliation, Author, Identifier, Record

_AUTHORS = frozenset(("aut", "cre", "author", "creator", "dis", "ths author", "verfasser"))
_OTHERS = frozenset(
    (
        "edt",
        "editor",
        "trl",
        "translator",
        "ths",
        "thesis advisor",
        "advisor",
        "fnd",
        "funder",
        "pbl",
        "publisher",
        "ctb",
    )
)


def parse(page: Page) -> Iterator[Record | Malformed]:
    """A record a ``<mods>``."""
    return xml.records(page, record, "mods")


def record(mods: xml.Element, key: str | None = None, updated_at: str | None = None) -> Record:
    """What one ``<mods>`` says.

    Raises:
        ValueError: neither title, abstract nor identifier.
    """
    host = next((one for one in xml.children(mods, "relatedItem") if one.get("type") == "host"), None)
    origin = xml.child(mods, "originInfo")
    language = _language(mods)
    genre = [xml.text(one) or "" for one in xml.children(mods, "genre")]
    kind, version = next((found for one in genre if (found := parts.kind_of(one)) != (None, None)), (None, None))
    if (kind in ("article", None) or not genre) and host is not None and kind is None:
        kind, version = "article", "journal"
    held, own = _identifiers(mods)
    part = xml.child(host, "part")
    part = part if part is not None else xml.child(mods, "part")
    return parts.work(
        key or own or _said(mods, "recordInfo", "recordIdentifier"),
        title=_title(mods),
        abstract=next((said for one in xml.children(mods, "abstract") if (said := xml.markup(one))), None),
        language=language,
        authors=parts.found(_author(one) for one in xml.children(mods, "name")),
        identifiers=held,
        kind=kind,
        version=version,
        date=_date(origin) or _date(xml.child(host, "originInfo")) or parts.date(xml.text(part, "date") or ""),
        venue=_title(host) if host is not None else None,
        volume=_detail(part, "volume"),
        issue=_detail(part, "issue", "number"),
        pages=_pages(part),
        publisher=_said(origin, "publisher") or _said(xml.child(host, "originInfo"), "publisher"),
        topics=values.words(
            xml.text(one) for subject in xml.children(mods, "subject") for one in xml.children(subject, "topic")
        ),
        links=parts.links(
            *(
                (xml.text(url), "landing")
                for place in xml.children(mods, "location")
                for url in xml.children(place, "url")
            )
        ),
        licence=next((values.licence(one) for one in _conditions(mods) if "creativecommons" in one), None),
        updated_at=updated_at,
    )


def _said(element: xml.Element | None, *path: str) -> str | None:
    return texts.clean(xml.text(element, *path)) if element is not None else None


def _title(element: xml.Element) -> str | None:
    told = list(xml.children(element, "titleInfo"))
    proper = next((one for one in told if not one.get("type")), told[0] if told else None)
    if proper is None:
        return None
    lead, title = _said(proper, "nonSort"), texts.clean(xml.markup(xml.child(proper, "title")))
    subtitle, number, name = (_said(proper, one) for one in ("subTitle", "partNumber", "partName"))
    if title is None:
        return None
    title = f"{lead}{'' if lead and lead[-1] in chr(39) + '’' else ' '}{title}" if lead else title
    title = values.titled(title, subtitle)
    return ". ".join(part for part in (title, number, name) if part)


def _author(name: xml.Element) -> Author | None:
    roles = {(xml.text(one) or "").strip().lower() for one in xml.below(name, "roleTerm")}
    if roles & _OTHERS and not roles & _AUTHORS:
        return None
    said: dict[str, list[str]] = {}
    for one in xml.children(name, "namePart"):
        said.setdefault(one.get("type") or "", []).append((xml.text(one) or "").strip())
    at = [Affiliation(shown) for one in xml.children(name, "affiliation") if (shown := texts.clean(xml.text(one)))]
    held = identifiers.of(
        orcid=[
            xml.text(one) for one in xml.children(name, "nameIdentifier") if "orcid" in (one.get("type") or "").lower()
        ]
    )
    whole = " ".join(said.get("", ())) or _said(name, "displayForm")
    if name.get("type") in ("corporate", "conference") and not said.get("family"):
        return values.group(whole)
    given, family = " ".join(said.get("given", ())), " ".join(said.get("family", ()))
    return values.person(None if family else whole, given, family, held, at)


def _identifiers(mods: xml.Element) -> tuple[tuple[Identifier, ...], str | None]:
    """Those of the work, and the one its source knows it by."""
    found: list[Identifier] = []
    own = None
    for one in xml.children(mods, "identifier"):
        type_, told = (one.get("type") or "").lower(), xml.text(one)
        if one.get("invalid") == "yes" or told is None:
            continue
        if type_ in ("doi", "pmid", "pmcid", "arxiv", "hal", "isbn"):
            found.extend(identifiers.of(**{type_: told}))
        elif type_ in ("uri", "url", "hdl", ""):
            found.extend(parts.from_addresses(told.strip()))
            found.extend(identifiers.of(doi=told) if told.strip().startswith(("10.", "doi:")) else ())
        elif type_ == "citekey":
            own = told.strip()
    return identifiers.united(tuple(found)), own


def _date(origin: xml.Element | None) -> str | None:
    names = ("dateIssued", "copyrightDate", "dateCreated", "dateOther")
    key = [name for name in names if any(one.get("keyDate") == "yes" for one in xml.children(origin, name))]
    for name in (*key, *names):
        told = list(xml.children(origin, name))
        told.sort(key=lambda one: (one.get("encoding") is None, one.get("point") == "end"))
        for one in told:
            if (read := parts.date((xml.text(one) or "").strip())) is not None:
                return read
    return None


def _language(mods: xml.Element) -> str | None:
    for one in xml.children(mods, "language"):
        for term in xml.children(one, "languageTerm"):
            if (read := values.language((xml.text(term) or "").strip())) is not None:
                return read
    return None


def _detail(part: xml.Element | None, *types: str) -> str | None:
    for type_ in types:
        for one in xml.children(part, "detail"):
            if one.get("type") == type_:
                return _said(one, "number") or _said(one, "caption")
    return None


def _pages(part: xml.Element | None) -> str | None:
    for one in xml.children(part, "extent"):
        if one.get("unit") in ("page", "pages", None):
            return values.pages(xml.text(one, "start"), xml.text(one, "end")) or parts.pages(xml.text(one, "list"))
    return None


def _conditions(mods: xml.Element) -> list[str]:
    told = xml.children(mods, "accessCondition")
    return [f"{xml.attribute(one, 'href') or ''} {xml.text(one) or ''}".strip() for one in told]
