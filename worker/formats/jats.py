"""JATS and its ancestor NLM, the journals' XML: front matter of articles, in whole texts and in deposits.
https://jats.nlm.nih.gov/publishing/

Affiliations are given to the authors that point at them; editors, reviewers and members of a collaboration are no
authors; of several abstracts the plain one counts.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

from worker.errors import Malformed
from worker.formats import parts, values, xml
from worker.normalise import identifiers, texts
from worker.normalise.dates import partial_date
from worker.page import Page
from worker.record import Affiliation, Author, Identifier, PaperKind, Record

_KINDS: tuple[tuple[str, PaperKind], ...] = (
    ("book-review", "review"),
    ("review-article", "review"),
    ("systematic-review", "review"),
    ("review", "review"),
    ("editorial", "editorial"),
    ("correction", "erratum"),
    ("erratum", "erratum"),
    ("addendum", "erratum"),
    ("retraction", "erratum"),
    ("preprint", "preprint"),
    ("proceedings", "conference"),
    ("conference", "conference"),
    ("dissertation", "thesis"),
    ("data-paper", "article"),
    ("collection", "front_matter"),
    ("announcement", "front_matter"),
    ("index", "front_matter"),
    ("calendar", "front_matter"),
)
_NOT_AUTHORS = re.compile(
    r"(?i)editor|review|translat|illustrat|photograph|thesis-advisor|guest|series|assign|nonbyline"
)
_OTHER_LINE = (
    "graphical teaser short precis toc key-points executive-summary plain-language-summary editor-evaluation video "
    "web-summary editors-summary stereochemistry highlights author-highlights"
)
_OTHER_ABSTRACTS = frozenset(_OTHER_LINE.split())
_NOT_SAID_LINE = (
    "xref fn label email institution-id tex-math inline-graphic graphic object-id fig media table-wrap "
    "supplementary-material related-object related-article"
)
_NOT_SAID = frozenset(_NOT_SAID_LINE.split())


def parse(page: Page) -> Iterator[Record | Malformed]:
    """A record an ``<article>``."""
    return xml.records(page, record, "article")


def record(article: xml.Element) -> Record | None:
    """What the front matter of one article says.

    Raises:
        ValueError: it has none, or neither title, abstract nor identifier.
    """
    front = xml.child(article, "front")
    meta = xml.child(front, "article-meta") if front is not None else xml.child(article, "front-stub")
    if meta is None:
        meta = xml.child(article, "article-meta")
    if meta is None:
        raise ValueError("expected <front> with <article-meta>, found neither")
    journal = xml.child(front, "journal-meta") if front is not None else None
    language = values.language(xml.attribute(article, "lang"))
    held = _identifiers(meta)
    own = {one.scheme: one.value for one in held}
    kind = _kind((article.get("article-type") or "").lower())
    is_preprint = kind == "preprint"
    return parts.work(
        own.get("doi") or own.get("pmcid") or own.get("pmid"),
        title=_title(meta),
        abstract=_abstract(meta),
        language=language,
        authors=_authors(meta),
        identifiers=held,
        kind=kind,
        version="preprint" if is_preprint else "proceedings" if kind == "conference" else "journal",
        date=_date(meta),
        venue=_venue(journal),
        volume=_own(meta, "volume"),
        issue=_own(meta, "issue"),
        pages=values.pages(_own(meta, "fpage"), _own(meta, "lpage")) or _own(meta, "elocation-id"),
        publisher=texts.clean(xml.text(journal, "publisher", "publisher-name")) if journal is not None else None,
        links=parts.links(*((xml.attribute(one, "href"), _link_kind(one)) for one in xml.children(meta, "self-uri"))),
        topics=_topics(meta),
        licence=_licence(meta),
    )


def _own(meta: xml.Element, name: str) -> str | None:
    return texts.clean(xml.text(meta, name))


def said(element: xml.Element | None) -> str | None:
    """The text of an element with its markup, without footnote marks, labels and the second spelling of formulas."""
    if element is None:
        return None
    if len(element) == 0:
        return xml.markup(element)
    written: list[str] = []
    _say(element, written, 0)
    return "".join(written)


def _say(element: xml.Element, written: list[str], depth: int) -> None:
    if element.text:
        written.append(element.text)
    for one in element:
        name = xml.local(one)
        if name == "alternatives" and (formula := xml.child(one, "math")) is not None:
            written.append("<math>")
            _say(formula, written, depth + 1)
            written.append("</math>")
        elif name == "tex-math":
            written.append(_tex(one))
        elif name and name not in _NOT_SAID and depth < xml.DEEPEST:
            written.append(f"<{name}>")
            _say(one, written, depth + 1)
            written.append(f"</{name}>")
        if one.tail:
            written.append(one.tail)


def _tex(element: xml.Element) -> str:
    """A formula without the document that some publishers put around each."""
    whole = xml.text(element) or ""
    inside = re.search(r"(?s)\\begin\{document\}\s*(.*?)\s*\\end\{document\}", whole)
    return (inside[1] if inside else whole).replace("$$", "$")


def _title(meta: xml.Element) -> str | None:
    group = xml.child(meta, "title-group")
    holder = group if group is not None else meta
    title = texts.clean(said(xml.child(holder, "article-title")))
    subtitle = texts.clean(said(xml.child(holder, "subtitle")))
    return values.titled(title, subtitle)


def _abstract(meta: xml.Element) -> str | None:
    told = list(xml.children(meta, "abstract"))
    plain = [one for one in told if (one.get("abstract-type") or "").lower() not in _OTHER_ABSTRACTS]
    return next((found for one in plain if (found := said(one)) and not found.isspace()), None)


def _authors(meta: xml.Element) -> tuple[Author, ...]:
    groups = list(xml.children(meta, "contrib-group"))
    places = {
        place.get("id"): shown
        for place in [*xml.below(meta, "aff")]
        if place.get("id") and (shown := affiliation(place)) is not None
    }
    authors: list[Author | None] = []
    for group in groups:
        if _NOT_AUTHORS.search(group.get("content-type") or ""):
            continue
        shared = _shared(group, meta)
        for contributor in xml.children(group, "contrib"):
            type_ = contributor.get("contrib-type") or "author"
            if _NOT_AUTHORS.search(type_) and "author" not in type_:
                continue
            authors.append(_author(contributor, places, shared))
    return parts.found(authors)


def _shared(group: xml.Element, meta: xml.Element) -> list[Affiliation]:
    """The affiliations without an id beside the authors: everybody's, when nobody points at any."""
    if any(xref.get("ref-type") == "aff" for xref in xml.below(group, "xref")):
        return []
    told = [*xml.children(group, "aff"), *xml.children(meta, "aff")]
    return [shown for one in told if (shown := affiliation(one)) is not None] if len(told) == 1 else []


def _author(contributor: xml.Element, places: dict[Any, Affiliation], shared: list[Affiliation]) -> Author | None:
    at: list[Affiliation] = []
    for xref in xml.below(contributor, "xref"):
        if xref.get("ref-type") == "aff":
            at.extend(places[rid] for rid in (xref.get("rid") or "").split() if rid in places)
    at.extend(shown for one in xml.children(contributor, "aff") if (shown := affiliation(one)) is not None)
    collaboration = xml.child(contributor, "collab")
    name = xml.child(contributor, "name")
    if name is None:
        name = xml.child(contributor, "name-alternatives", "name")
    if name is None:
        name = xml.child(contributor, "string-name")
        if name is None:
            name = xml.child(contributor, "name-alternatives", "string-name")
    if name is None:
        if collaboration is not None:
            return values.group(_collaboration(collaboration))
        return (
            values.group(xml.text(contributor, "institution"))
            if xml.child(contributor, "institution") is not None
            else None
        )
    return person(name, _orcid(contributor), at or shared, corresponding=contributor.get("corresp") == "yes")


def person(
    name: xml.Element, held: tuple[Identifier, ...] = (), at: Iterable[Affiliation] = (), *, corresponding: bool = False
) -> Author | None:
    """An author of a ``<name>`` or ``<string-name>``."""
    given, family = xml.text(name, "given-names"), xml.text(name, "surname")
    if family is None and given is None:
        return values.person(xml.text(name), None, None, held, at, corresponding=corresponding)
    return values.person(None, given, family, held, at, corresponding=corresponding)


def _collaboration(element: xml.Element) -> str | None:
    """The name of a collaboration without its members."""
    named = xml.child(element, "institution")
    if named is not None and not (element.text or "").strip():
        return xml.text(named)
    return "".join(
        [
            element.text or "",
            *((xml.text(one) or "") * (xml.local(one) in _INLINE) + (one.tail or "") for one in element),
        ]
    )


_INLINE = frozenset(("italic", "bold", "sc", "named-content", "institution", "sup", "sub", "ext-link"))


def _orcid(contributor: xml.Element) -> tuple[Identifier, ...]:
    told = [xml.text(one) for one in xml.children(contributor, "contrib-id")]
    told += [xml.attribute(one, "href") or xml.text(one) for one in xml.children(contributor, "ext-link", "uri")]
    return identifiers.of(orcid=[one for one in told if one and "000" in one][:1])


def affiliation(place: xml.Element) -> Affiliation | None:
    """An affiliation as printed, without its label and mail addresses, with the ROR of its institution."""
    rors = [xml.text(one) for one in xml.below(place, "institution-id") if "ror" in (xml.text(one) or "").lower()]
    written: list[str] = [place.text or ""]
    for one in place:
        name = xml.local(one)
        if name in ("label", "sup", "email", "institution-id", "xref", "target") or (
            name == "ext-link" and "@" in (xml.text(one) or "")
        ):
            pass
        elif name == "institution-wrap":
            written.extend(filter(None, (xml.text(inner) for inner in xml.children(one, "institution"))))
        elif name in ("institution", "addr-line", "city", "state", "country", "named-content", "postal-code"):
            if (
                "".join(written).strip(" ,;")
                and not "".join(written).rstrip().endswith(",")
                and (one.text or "").strip()
            ):
                written.append(", ")
            written.append(xml.text(one) or "")
        else:
            written.append(xml.text(one) or "")
        written.append(one.tail or "")
    name = re.sub(r"\s*,(?:\s*,)+", ",", texts.clean("".join(written)) or "").strip(" ,;.")
    country = xml.child(place, "country")
    code = (country.get("country") or "").upper() if country is not None else ""
    return Affiliation(name[:1000], identifiers.of(ror=rors[:1]), code if len(code) == 2 else None) if name else None


def _identifiers(meta: xml.Element) -> tuple[Identifier, ...]:
    found: list[Identifier] = []
    for one in xml.children(meta, "article-id"):
        type_, told = (one.get("pub-id-type") or "").lower(), xml.text(one)
        scheme = {"pmc": "pmcid", "pmcaid": "", "pmc-uid": "pmcid", "pmcid": "pmcid"}.get(type_, type_)
        if scheme in ("doi", "pmid", "pmcid", "arxiv"):
            found.extend(identifiers.of(**{scheme: told}))
        elif scheme == "arxiv-id":
            found.extend(identifiers.of(arxiv=told))
    return identifiers.united(tuple(found))


def _date(meta: xml.Element) -> str | None:
    """A day in the year of the issue, by which the article is cited; where no issue is told, the first day it was
    published anywhere. A mere year gives way to a month or day of it."""
    read: list[tuple[bool, str]] = []
    for one in xml.children(meta, "pub-date"):
        format = (one.get("publication-format") or "").lower()
        type_ = (one.get("date-type") or one.get("pub-type") or "pub").lower()
        if re.search(r"retract|correct|received|pmc|accept|submi|preprint|version", type_):
            continue
        found = dated(one)
        if found is not None:
            of_issue = type_ in ("ppub", "collection", "issue", "issue-pub") or format in ("print", "ppub")
            read.append((not of_issue, found))
    return in_year_of_issue(read)


def in_year_of_issue(read: list[tuple[bool, str]]) -> str | None:
    """Of dates told with whether they are *not* of an issue: the most precise and earliest in the issue's year."""
    if not read:
        return None
    year = min(read, key=lambda one: (one[0], one[1][:4]))[1][:4]
    return min((date for _, date in read if date.startswith(year)), key=lambda date: (-len(date), date))


def dated(element: xml.Element) -> str | None:
    """``<year>``, ``<month>`` and ``<day>``, in JATS's or PubMed's spelling, as a date; a season or a month in words
    counts as well."""
    told = {xml.local(one).lower(): xml.text(one) or "" for one in element}
    year = told.get("year")
    if not year:
        return partial_date(xml.attribute(element, "iso-8601-date")) or parts.date(xml.text(element) or "")
    month = (told.get("month") or told.get("season") or "").strip()
    day = told.get("day", "").strip()
    year = year.strip()
    if month.isdecimal():
        return partial_date(f"{year}-{int(month):02}" + (f"-{int(day):02}" if day.isdecimal() else "")) or parts.date(
            year
        )
    return partial_date(f"{day} {month} {year}".strip()) or partial_date(f"{month} {year}") or parts.date(year)


def _venue(journal: xml.Element | None) -> str | None:
    if journal is None:
        return None
    told = xml.text(journal, "journal-title-group", "journal-title") or xml.text(journal, "journal-title")
    return texts.clean(told or xml.text(journal, "journal-title-group", "abbrev-journal-title"))


def _kind(type_: str) -> PaperKind:
    return next((kind for name, kind in _KINDS if name in type_), "article")


def _link_kind(element: xml.Element) -> str:
    return (
        "pdf" if "pdf" in (element.get("content-type") or xml.attribute(element, "href") or "").lower() else "landing"
    )


def _topics(meta: xml.Element) -> tuple[str, ...]:
    told: list[str | None] = []
    for group in xml.children(meta, "kwd-group"):
        type_ = (group.get("kwd-group-type") or "").lower()
        if type_ in ("abbreviations", "abbr", "abbreviation", "research-organism"):
            continue
        told.extend(said(one) for one in xml.below(group, "kwd", "compound-kwd-part") if xml.local(one) == "kwd")
    return values.words(told)


def _licence(meta: xml.Element) -> str | None:
    for permissions in xml.children(meta, "permissions"):
        for one in permissions.iter():
            name = xml.local(one)
            told = xml.attribute(one, "href") if name in ("license", "ext-link") else None
            if name == "license_ref":
                told = xml.text(one)
            if told and "creativecommons.org" in told:
                return values.licence(told)
    return None
