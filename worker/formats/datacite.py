"""DataCite's metadata of one DOI, kernel 2.2 to 4.6, as the JSON of its API, as older JSON, or as XML.
https://datacite-metadata-schema.readthedocs.io/

XML becomes the same object first, so that both are read in one place.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from worker.errors import Malformed
from worker.formats import parts, values, xml
from worker.formats.items import fields, unread
from worker.normalise import identifiers, texts
from worker.normalise.dates import partial_date
from worker.page import Page
from worker.record import Affiliation, Author, Identifier, Link, PaperKind, Record, TextState, VersionKind

MOST_VERSIONS = 20
"""Software may have hundreds of versions; a record names them only when they are few."""
_KNOWN = fields(
    "id doi identifiers alternateIdentifiers creators titles publisher container publicationYear published subjects "
    "contributors dates language types relatedIdentifiers relatedItems sizes formats version rightsList descriptions "
    "geoLocations fundingReferences url contentUrl xml metadataVersion schemaVersion schema-version source isActive "
    "state reason viewCount viewsOverTime downloadCount downloadsOverTime referenceCount citationCount "
    "citationsOverTime partCount partOfCount versionCount versionOfCount created registered updated prefix suffix "
    "agency provider providerId clientId landingPage enriched enrichments dateCreated datePublished dateModified "
    "publication-year resource-type resource-type-general"
)
_KINDS: dict[str, PaperKind] = {
    "journalarticle": "article",
    "datapaper": "article",
    "conferencepaper": "conference",
    "conferenceproceeding": "front_matter",
    "preprint": "preprint",
    "dissertation": "thesis",
    "book": "book",
    "bookchapter": "book_chapter",
    "report": "report",
    "peerreview": "review",
    "dataset": "dataset",
}
_TEXTS: dict[str, PaperKind] = {
    "scholarlyarticle": "article",
    "article-journal": "article",
    "article": "article",
    "journal article": "article",
    "paper-conference": "conference",
    "conference paper": "conference",
    "inproceedings": "conference",
    "preprint": "preprint",
    "thesis": "thesis",
    "phdthesis": "thesis",
    "dissertation": "thesis",
    "report": "report",
    "chapter": "book_chapter",
    "book": "book",
}
_SAME_WORK = frozenset(
    (
        *("IsVersionOf", "HasVersion", "IsNewVersionOf", "IsPreviousVersionOf", "IsIdenticalTo", "IsPreprintOf"),
        *("HasPreprint", "IsVariantFormOf", "IsOriginalFormOf"),
    )
)
_DATES = ("Issued", "Available", "Submitted", "Accepted", "Copyrighted", "Created")


def parse_xml(page: Page) -> Iterator[Record | Malformed]:
    """A record a ``<resource>``."""
    return xml.records(page, xml_record, "resource")


def xml_record(resource: xml.Element) -> Record | None:
    """What one ``<resource>`` says.

    Raises:
        ValueError: it has no DOI.
    """
    return record(attributes(resource))


def attributes(resource: xml.Element) -> dict[str, Any]:
    """A ``<resource>`` as the object that DataCite's API calls ``attributes``."""
    one, many = xml.text, _many
    doi = next(
        (
            found
            for element in xml.children(resource, "identifier")
            if (found := one(element)) and identifiers.normalise("doi", found) is not None
        ),
        one(resource, "identifier"),
    )
    general = xml.child(resource, "resourceType")
    return {
        "doi": doi or "",
        "creators": [_creator(person) for person in many(resource, "creators", "creator")],
        "titles": [
            {"title": xml.markup(title), "titleType": title.get("titleType")}
            for title in many(resource, "titles", "title")
        ],
        "publisher": one(resource, "publisher"),
        "publicationYear": (one(resource, "publicationYear") or "").strip() or None,
        "subjects": [{"subject": one(subject)} for subject in many(resource, "subjects", "subject")],
        "dates": [{"date": one(day), "dateType": day.get("dateType")} for day in many(resource, "dates", "date")],
        "language": one(resource, "language"),
        "types": {
            "resourceTypeGeneral": general.get("resourceTypeGeneral") if general is not None else None,
            "resourceType": one(general),
        },
        "alternateIdentifiers": [
            {"alternateIdentifier": one(held), "alternateIdentifierType": held.get("alternateIdentifierType")}
            for held in many(resource, "alternateIdentifiers", "alternateIdentifier")
        ],
        "relatedIdentifiers": [
            {"relatedIdentifier": one(held), **held.attrib}
            for held in many(resource, "relatedIdentifiers", "relatedIdentifier")
        ],
        "descriptions": [
            {"description": xml.markup(said), "descriptionType": said.get("descriptionType")}
            for said in many(resource, "descriptions", "description")
        ],
        "rightsList": [
            {"rights": one(held), "rightsUri": held.get("rightsURI"), "rightsIdentifier": held.get("rightsIdentifier")}
            for held in [*many(resource, "rightsList", "rights"), *xml.children(resource, "rights")]
        ],
        "container": _container(resource),
    }


def _many(element: xml.Element, holder: str, name: str) -> list[xml.Element]:
    held = xml.child(element, holder)
    return list(xml.children(held, name)) if held is not None else []


def _creator(person: xml.Element) -> dict[str, Any]:
    name = xml.child(person, "creatorName")
    return {
        "name": xml.text(name),
        "nameType": name.get("nameType") if name is not None else None,
        "givenName": xml.text(person, "givenName"),
        "familyName": xml.text(person, "familyName"),
        "nameIdentifiers": [{"nameIdentifier": xml.text(held)} for held in xml.children(person, "nameIdentifier")],
        "affiliation": [
            {"name": xml.text(place), "affiliationIdentifier": place.get("affiliationIdentifier")}
            for place in xml.children(person, "affiliation")
        ],
    }


def _container(resource: xml.Element) -> dict[str, Any]:
    """The journal or book it is part of, from the related item that says so (kernel 4.4)."""
    for item in _many(resource, "relatedItems", "relatedItem"):
        if item.get("relationType") == "IsPublishedIn":
            return {
                "title": xml.text(item, "titles", "title"),
                "volume": xml.text(item, "volume"),
                "issue": xml.text(item, "issue"),
                "firstPage": xml.text(item, "firstPage"),
                "lastPage": xml.text(item, "lastPage"),
            }
    return {}


def record(found: dict[str, Any]) -> Record | None:
    """``attributes`` of the API's object, or the object itself. Old DataCite JSON calls some fields otherwise."""
    held = found.get("attributes")
    work: dict[str, Any] = held if isinstance(held, dict) else found
    own = identifiers.normalise("doi", work.get("doi") or found["id"])
    if own is None:
        raise ValueError(f"expected a DOI, found {work.get('doi') or found['id']!r}")
    language = values.language(work.get("language"))
    title = _title(work)
    abstract, state = _abstract(work)
    kind, version = _kinds(work, own)
    container = work.get("container")
    return Record(
        source_key=own.value,
        title=title,
        title_language=values.spoken(title, language),
        abstract=abstract,
        abstract_language=values.spoken(abstract, language),
        abstract_state=state,
        authors=tuple(
            one
            for person in values.objects(work.get("creators") or work.get("creator"))
            if (one := _author(person)) is not None
        ),
        identifiers=_identifiers(own, work),
        kind=kind,
        version=version,
        date=_date(work, kind),
        venue=values.text(values.inner(container, "title")) or ("arXiv" if own.value.startswith("10.48550/") else None),
        volume=values.text(values.inner(container, "volume")),
        issue=values.text(values.inner(container, "issue")),
        pages=values.pages(values.inner(container, "firstPage"), values.inner(container, "lastPage")),
        publisher=values.text(values.inner(work.get("publisher"), "name")) or values.text(work.get("publisher")),
        language=language,
        links=(Link(url),) if (url := values.address(work.get("url"))) else (),
        topics=values.words(one.get("subject") for one in values.objects(work.get("subjects"))),
        n_citations=values.count(work.get("citationCount")),
        licence=_licence(work),
        updated_at=values.moment(work.get("updated") or work.get("dateModified")),
        deleted=work.get("state") in ("registered", "draft") or work.get("isActive") is False,
        unread=unread(work.keys() - _KNOWN - (fields("title creator date-published") if work is found else set())),
    )


def _title(work: dict[str, Any]) -> str | None:
    """The title proper and its subtitle; translated and alternative titles only when there is no other."""
    told = values.objects(work.get("titles"))
    proper = next((one for one in told if not one.get("titleType")), told[0] if told else {})
    title = values.text(proper.get("title")) or values.text(work.get("title"))
    subtitle = next((values.text(one.get("title")) for one in told if one.get("titleType") == "Subtitle"), None)
    return values.titled(title, subtitle)


def _abstract(work: dict[str, Any]) -> tuple[str | None, TextState]:
    told = values.objects(work.get("descriptions"))
    return values.abstract([one.get("description") for one in told if one.get("descriptionType") == "Abstract"])


def _kinds(work: dict[str, Any], own: Identifier) -> tuple[PaperKind | None, VersionKind | None]:
    """By the general type; for a mere text by the finer ones."""
    types = work.get("types")
    general = str(values.inner(types, "resourceTypeGeneral") or work.get("resource-type-general") or "")
    kind: PaperKind | None = _KINDS.get(general.lower())
    if own.value.startswith("10.48550/arxiv."):
        kind = "preprint"
    if kind is None and general in ("Text", ""):
        finer = (values.text(values.inner(types, name)) for name in ("resourceType", "citeproc", "schemaOrg", "bibtex"))
        kind = next((_TEXTS[one.lower()] for one in finer if one and one.lower() in _TEXTS), None)
    kind = kind or ("other" if general else None)
    return kind, parts.VERSIONS.get(kind)


def _date(work: dict[str, Any], kind: PaperKind | None) -> str | None:
    """The day it was issued, else the next best; a preprint counts from the day it was submitted. The publication
    year wins over a date of another year, which may be of anything."""
    told = values.objects(work.get("dates"))
    names = ("Submitted", *_DATES) if kind == "preprint" else _DATES
    year = partial_date(work.get("publicationYear") or work.get("publication-year"))
    for name in names:
        for one in told:
            found = partial_date(one.get("date")) if one.get("dateType") == name else None
            if found and (year is None or found[:4] == year or kind == "preprint"):
                return found
    return year or partial_date(work.get("published")) or partial_date(work.get("date-published"))


def _author(person: dict[str, Any]) -> Author | None:
    told = [one.get("nameIdentifier") for one in values.objects(person.get("nameIdentifiers"))]
    held = identifiers.of(orcid=[*told, person.get("id")])
    if str(person.get("nameType") or person.get("type")) in ("Organizational", "Organization"):
        return values.group(person.get("name"))
    if values.text(person.get("familyName")) is None and person.get("nameType") is None:
        name = values.text(person.get("name")) or ""
        if not held and "," not in name and len(name.split()) > 4:
            return values.group(name)
    return values.person(
        None if values.text(person.get("familyName")) else person.get("name"),
        person.get("givenName"),
        person.get("familyName"),
        held,
        [one for place in values.listed(person.get("affiliation")) if (one := _affiliation(place)) is not None],
    )


def _affiliation(place: Any) -> Affiliation | None:
    if not isinstance(place, dict):
        name = texts.clean(place)
        return Affiliation(name) if name else None
    name = values.text(place.get("name"))
    return Affiliation(name, identifiers.of(ror=place.get("affiliationIdentifier"))) if name else None


def _identifiers(own: Identifier, work: dict[str, Any]) -> tuple[Identifier, ...]:
    """Its own DOI, its numbers elsewhere, and those of the other versions of the same work."""
    found = list(identifiers.of(doi=own.value))
    others = [*values.objects(work.get("identifiers")), *values.objects(work.get("alternateIdentifiers"))]
    for one in others:
        kind = str(one.get("identifierType") or one.get("alternateIdentifierType")).lower()
        value = one.get("identifier") or one.get("alternateIdentifier")
        if kind in ("arxiv", "pmid", "pmcid"):
            found.extend(identifiers.of(**{kind: value}))
    related = [one for one in values.objects(work.get("relatedIdentifiers")) if one.get("relationType") in _SAME_WORK]
    for one in related if len(related) <= MOST_VERSIONS else ():
        kind = str(one.get("relatedIdentifierType")).lower()
        if kind in ("doi", "arxiv", "pmid"):
            found.extend(identifiers.of(**{kind: one.get("relatedIdentifier")}))
    return identifiers.united(tuple(found))


def _licence(work: dict[str, Any]) -> str | None:
    """A licence by its short name or address; a mere word about access is none."""
    for one in values.objects(work.get("rightsList")):
        told = values.text(one.get("rightsIdentifier")) or values.text(one.get("rightsUri"))
        told = told or values.text(one.get("rights"))
        if told and "eu-repo/semantics" not in told and "open access" not in told.lower():
            return values.licence(told)
    return None
