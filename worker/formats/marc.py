"""MARC 21 bibliographic records in XML, libraries' and CERN's. https://www.loc.gov/marc/bibliographic/

Punctuation that cataloguing rules put at the ends of fields is taken off; CERN's and Inspire's own fields (037, 773
with ``p``, 520) are read as they write them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from worker.errors import Malformed
from worker.formats import parts, values, xml
from worker.normalise import identifiers, texts
from worker.normalise.names import folded
from worker.page import Page
from worker.record import Affiliation, Author, Identifier, PaperKind, Record, VersionKind

Fields = dict[str, list[dict[str, list[str]]]]
"""Data fields by tag: subfields by code, and the indicators under ``ind1`` and ``ind2``."""

_TAIL = " /:;,=."
_NOT_AUTHORS = re.compile(
    r"(?i)\b(?:edt|ed|editor|hrsg|herausgeber|herausgeberin|trl|translator|übersetzer|ill|illustrator|ths|dir|"
    r"directeur|supervisor|advisor|thesis|betreuer|pbl|isb|dgg|ctb|mitwirkender|buchgestalter)\b"
)
_AUTHORS = re.compile(r"(?i)\b(?:aut|author|verfasser|verfasserin|auteur|cre|dis)\b")


def parse(page: Page) -> Iterator[Record | Malformed]:
    """A record a ``<record>`` with fields; the envelopes of library servers are passed through."""
    for element in xml.elements(page.body, page.url, "record"):
        if isinstance(element, Malformed):
            yield element
            continue
        for one in _bibliographic(element):
            try:
                found = record(one)
            except (ValueError, KeyError, TypeError, AttributeError) as error:
                yield Malformed(f"{page.url}, <record>: {error}", (xml.text(one) or "").encode()[:2048])
                continue
            if found is not None:
                yield found


def _bibliographic(element: xml.Element) -> list[xml.Element]:
    """The records with fields in it: itself, or those inside an envelope of the same name."""
    if next(xml.children(element, "leader", "controlfield", "datafield"), None) is not None:
        return [element]
    inside = [
        one
        for one in xml.below(element, "record")
        if next(xml.children(one, "controlfield", "datafield"), None) is not None
    ]
    return inside or [element]


def record(element: xml.Element, key: str | None = None, updated_at: str | None = None) -> Record | None:
    """What one MARC record says; nothing of one that is deleted or describes a person.

    Raises:
        ValueError: neither title, abstract nor identifier.
    """
    leader = xml.text(element, "leader") or ""
    control, fields = _fields(element)
    own = control.get("001", "").strip() or None
    if leader[5:6] == "d" and own:
        return Record(source_key=key or own, deleted=True)
    if leader[6:7] == "z":
        return None
    kind, version = _kind(leader, fields)
    language = _language(control, fields)
    held = _identifiers(fields, kind)
    host = _first(fields, "773")
    venue, volume, issue, pages, year = _host(host)
    return parts.work(
        key or own,
        title=_title(fields),
        abstract=_said(fields, "520", "a"),
        language=language,
        authors=_authors(fields),
        identifiers=held,
        kind=kind,
        version=version,
        date=_date(control, fields) or year,
        venue=venue,
        volume=volume,
        issue=issue,
        pages=pages,
        publisher=_trimmed(_said(fields, "264", "b") or _said(fields, "260", "b") or _said(fields, "502", "c")),
        topics=values.words(_trimmed(one) for tag in ("650", "653", "695") for one in _all(fields, tag, "a")),
        links=parts.links(
            *((one, "pdf" if one.lower().endswith(".pdf") else "landing") for one in _all(fields, "856", "u"))
        ),
        updated_at=updated_at,
    )


def _fields(element: xml.Element) -> tuple[dict[str, str], Fields]:
    control: dict[str, str] = {}
    fields: Fields = {}
    for one in element:
        name = xml.local(one)
        if name == "controlfield":
            control.setdefault(one.get("tag") or "", one.text or "")
        elif name == "datafield":
            held: dict[str, list[str]] = {"ind1": [one.get("ind1") or " "], "ind2": [one.get("ind2") or " "]}
            for sub in one:
                said = sub.text if len(sub) == 0 else xml.text(sub)
                if said and said.strip():
                    held.setdefault(sub.get("code") or "", []).append(said.strip())
            fields.setdefault(one.get("tag") or "", []).append(held)
    return control, fields


def _first(fields: Fields, tag: str) -> dict[str, list[str]]:
    return fields[tag][0] if tag in fields else {}


def _said(fields: Fields, tag: str, code: str) -> str | None:
    return next((one[code][0] for one in fields.get(tag, ()) if code in one), None)


def _all(fields: Fields, tag: str, code: str) -> list[str]:
    return [said for one in fields.get(tag, ()) for said in one.get(code, ())]


def _trimmed(raw: str | None) -> str | None:
    shown = texts.clean(raw)
    return shown.rstrip(_TAIL) or None if shown else None


def _title(fields: Fields) -> str | None:
    told = _first(fields, "245")
    title = _trimmed(" ".join(told.get("a", ())))
    more = [_trimmed(one) for code in ("b", "n", "p") for one in told.get(code, ())]
    if title and (title.startswith("[") and title.endswith("]")):
        title = title[1:-1]
    for one in filter(None, more):
        title = f"{title}{'' if title and title[-1] in '?!:' else ':'} {one}" if title else one
    return title


def _authors(fields: Fields) -> tuple[Author, ...]:
    """The main entry, then the added ones that are authors by their role, or have none where the main one has none."""
    found = [_author(one) for one in fields.get("100", ()) if not _is_other(one)]
    found += [
        _group(one) for tag in ("110", "111") for one in fields.get(tag, ()) if tag == "110" and not _is_other(one)
    ]
    bare = all("e" not in one and "4" not in one for one in fields.get("100", ()))
    for one in fields.get("700", ()):
        roles = " ".join((*one.get("e", ()), *one.get("4", ())))
        if "t" in one or _is_other(one):
            continue
        if _AUTHORS.search(roles) or (not roles and bare) or (not roles and "100" in fields):
            found.append(_author(one))
    found += [_group(one) for one in fields.get("710", ()) if "g" in one]
    groups = {folded(one.name).removeprefix("the "): one for one in found if one is not None and one.family is None}
    return (*(one for one in parts.found(found) if one.family is not None), *groups.values())


def _is_other(field: dict[str, list[str]]) -> bool:
    roles = " ".join((*field.get("e", ()), *field.get("4", ())))
    return bool(_NOT_AUTHORS.search(roles)) and not _AUTHORS.search(roles)


def _author(field: dict[str, list[str]]) -> Author | None:
    name = " ".join(" ".join(field.get("a", ())).split()).rstrip(_TAIL)
    if re.search(r"\b[A-Z]$", name):
        name += "."
    at = [Affiliation(shown) for code in ("u", "v") for one in field.get(code, ()) if (shown := texts.clean(one))]
    told = [one.removeprefix("(orcid)") for code in ("0", "1", "j", "i") for one in field.get(code, ()) if "000" in one]
    held = identifiers.of(orcid=[re.sub(r"(?i)^orcid:", "", one) for one in told])
    return values.person(name, None, None, held, at)


def _group(field: dict[str, list[str]]) -> Author | None:
    return values.group(_trimmed(" ".join(field.get("g") or field.get("a") or [])))


def _identifiers(fields: Fields, kind: PaperKind | None) -> tuple[Identifier, ...]:
    found: list[Identifier] = []
    for one in fields.get("024", ()):
        scheme = " ".join(one.get("2", ())).lower()
        for said in one.get("a", ()):
            if scheme == "doi" or said.startswith("10."):
                found.extend(identifiers.of(doi=said))
            elif scheme in ("arxiv", "pmid", "hal"):
                found.extend(identifiers.of(**{scheme: said}))
    for one in fields.get("037", ()):
        if " ".join(one.get("9", ())).lower() == "arxiv" or " ".join(one.get("2", ())).lower() == "arxiv":
            found.extend(identifiers.of(arxiv=one.get("a", ())[:1]))
    for said in _all(fields, "856", "u"):
        found.extend(parts.from_addresses(said))
    if kind in ("book", "thesis"):
        found.extend(identifiers.of(isbn=[said.split(" ")[0] for said in _all(fields, "020", "a")]))
    return identifiers.united(tuple(found))


def _date(control: dict[str, str], fields: Fields) -> str | None:
    for tag in ("264", "260", "269"):
        for one in fields.get(tag, ()):
            if tag == "264" and one.get("ind2", [" "])[0] not in (" ", "1", "0"):
                continue
            for said in one.get("c", ()):
                if (read := parts.date(re.sub(r"[\[\]©cp?]", "", said))) is not None:
                    return read
    fixed = control.get("008", "")[7:11]
    return parts.date(fixed) if fixed.isdecimal() else parts.date(_said(fields, "502", "d") or "")


def _language(control: dict[str, str], fields: Fields) -> str | None:
    told = [*_all(fields, "041", "a"), control.get("008", "")[35:38]]
    return next((read for one in told if (read := values.language(one.strip()[:3]))), None)


def _host(host: dict[str, list[str]]) -> tuple[str | None, str | None, str | None, str | None, str | None]:
    """Venue, volume, issue, pages and year of the journal or book it stands in."""
    venue = _trimmed(" ".join(host.get("p") or host.get("t") or host.get("a") or []))
    said = " ".join(host.get("g", ()))
    volume = texts.clean(" ".join(host.get("v", [])[:1]))
    issue = texts.clean(" ".join(host.get("n", [])[:1]))
    pages = parts.pages(" ".join(host.get("c", [])[:1]))
    if said:
        named = dict(re.findall(r"(?i)\b(volume|number|pages?|year)\s*[:.]\s*([^,;: ]+)", said))
        named = {name.lower(): value for name, value in named.items()}
        volume = volume or named.get("volume") or _match(r"(?i)\b(?:bd|vol(?:ume)?)\.?\s*([0-9]+)", said)
        issue = issue or named.get("number") or _match(r"(?i)\b(?:no|nr|iss(?:ue)?|heft|h)\.?\s*([0-9]+)", said)
        found = named.get("pages") or _match(
            r"(?i)\b(?:s|p|pp|seite[n]?|pages?)\.?\s*([0-9]+(?:\s*[-–]\s*[0-9]+)?)", said
        )
        pages = pages or parts.pages(found)
    year = " ".join(host.get("y", [])[:1]) or named_year(said) or ""
    return venue, volume, issue, pages, parts.date(year)


def named_year(said: str) -> str | None:
    """The year in a note such as ``13(2020), 2, S. 5-9``."""
    return _match(r"(?<![0-9])((?:1[5-9]|20)[0-9]{2})(?![0-9])", said)


def _match(pattern: str, said: str) -> str | None:
    found = re.search(pattern, said)
    return found[1] if found else None


def _kind(leader: str, fields: Fields) -> tuple[PaperKind | None, VersionKind | None]:
    """By CERN's collections, a note of dissertation, the genre, then the leader's bibliographic level."""
    collections = {said.lower() for one in fields.get("980", ()) for said in (*one.get("a", ()), *one.get("b", ()))}
    for names, found in _COLLECTIONS:
        if collections & names:
            return found
    if "502" in fields:
        return "thesis", None
    for said in _all(fields, "655", "a"):
        if (read := parts.kind_of(said)) != (None, None):
            return read
    genre = " ".join(_all(fields, "655", "a")).lower()
    if "konferenz" in genre or "hochschul" in genre:
        return ("book", None) if "konferenz" in genre else ("thesis", None)
    match leader[7:8]:
        case "a" | "b":
            return ("article", "journal") if "773" in fields else ("other", None)
        case "m" | "c":
            return "book", None
        case "s":
            return "other", None
    return ("article", "journal") if "773" in fields else (None, None)


_COLLECTIONS: tuple[tuple[frozenset[str], tuple[PaperKind, VersionKind | None]], ...] = (
    (frozenset(("thesis",)), ("thesis", None)),
    (frozenset(("conferencepaper",)), ("conference", "proceedings")),
    (frozenset(("bookchapter",)), ("book_chapter", None)),
    (frozenset(("book", "proceedings")), ("book", None)),
    (frozenset(("preprint",)), ("preprint", "preprint")),
    (frozenset(("report",)), ("report", None)),
    (frozenset(("article", "published", "citeable")), ("article", "journal")),
)
