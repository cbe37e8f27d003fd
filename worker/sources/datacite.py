"""DataCite, DOIs by its REST API (no key): data sets, software, preprints (arXiv's among them).
https://support.datacite.org/docs/api

A harvest walks one query by cursor; changes are found by the moment of update. In the sources file, either or both::

    ror = "05c22rx21"                       # works whose creators were there
    query = "client.uid:cern.zenodo"        # DataCite's own syntax
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

from worker.errors import Malformed, Transient
from worker.formats import values
from worker.formats.items import each, fields, unread
from worker.normalise import identifiers, texts
from worker.normalise.dates import partial_date
from worker.page import Page, Question, Request, Site, Source, Window
from worker.record import Affiliation, Author, Identifier, Link, PaperKind, Record, TextState, VersionKind

API = "https://api.datacite.org"
PER_PAGE = 200
FOUND_PER_QUESTION = 5
MOST_VERSIONS = 20
"""Software may have hundreds of versions; a record names them only when they are few."""
_ALWAYS = {"affiliation": "true", "publisher": "true", "disable-facets": "true"}

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


def first(site: Site, window: Window) -> Iterator[Request]:
    """One walk through what the query finds, updated since the day before the window begins."""
    clauses = []
    ror = identifiers.normalise("ror", site.options.get("ror"))
    if ror is not None:
        clauses.append(f'creators.affiliation.affiliationIdentifier:"https://ror.org/{ror.value}"')
    told = site.options.get("query")
    if isinstance(told, str) and told.strip():
        clauses.append(f"({told.strip()})")
    if not clauses:
        return
    if window.since is not None:
        clauses.append(f"updated:[{window.since - timedelta(days=1)} TO *]")
    query = {"query": " AND ".join(clauses), "page[cursor]": "1", "page[size]": str(PER_PAGE)}
    yield _request(site, "/dois", {**query, **_ALWAYS})


def next_page(site: Site, page: Page) -> Request | None:
    """The page the next link leads to, at the address we were told to ask."""
    content = page.json()
    query = dict(parse_qsl(urlsplit(page.url).query))
    link = values.inner(content, "links", "next")
    if not isinstance(link, str) or "page[cursor]" not in query or not values.listed(content.get("data")):
        return None
    following = dict(parse_qsl(urlsplit(link).query)).get("page[cursor]")
    if not following or following == query["page[cursor]"]:
        return None
    return _request(site, "/dois", {**query, "page[cursor]": following})


def ask(site: Site, question: Question) -> Request | None:
    """A DOI, an arXiv paper by the DOI arXiv gives it, or works by the words of their title."""
    match question.by:
        case "doi" | "arxiv":
            doi = question.value if question.by == "doi" else f"10.48550/arxiv.{question.value}"
            return _request(site, f"/dois/{quote(doi, safe='/')}", {"affiliation": "true", "publisher": "true"})
        case "title":
            words = " ".join(re.findall(r"[^\W_]+", question.value)[:40])
            found = {"query": f"titles.title:({words.lower()})", "page[size]": str(FOUND_PER_QUESTION), **_ALWAYS}
            return _request(site, "/dois", found) if words else None
        case _:
            return None


def total(page: Page) -> int | None:
    """How many DOIs the query finds."""
    return values.count(values.inner(page.json(), "meta", "total"))


def listed(page: Page) -> list[str]:
    """The DOIs of a list."""
    return [str(one.get("id")) for one in values.objects(values.inner(page.json(), "data"))]


def check(page: Page) -> None:
    """Refuses an empty first page of a query that finds something.

    Raises:
        Transient: that.
    """
    if page.status != 200:
        return
    content = page.json()
    at_start = dict(parse_qsl(urlsplit(page.url).query)).get("page[cursor]") == "1"
    if at_start and (total(page) or 0) > 0 and not values.listed(values.inner(content, "data")):
        raise Transient(f"{page.url}: {total(page)} DOIs, but an empty page")


def parse(page: Page) -> Iterator[Record | Malformed]:
    """A record a DOI: of a list, of a single answer, or of DataCite's own JSON of one work.

    Raises:
        Malformed: no answer of DataCite, or one that says what was wrong.
    """
    content = page.json()
    if isinstance(content, dict) and "data" not in content:
        if "errors" in content:
            told = [values.text(one.get("title")) for one in values.objects(content["errors"])]
            raise Malformed(f"{page.url}: DataCite says {'; '.join(filter(None, told))[:300]}", page.body)
        content = {"data": [content]}
    if isinstance(content, list):
        content = {"data": content}
    if not isinstance(content, dict):
        raise Malformed(f"{page.url}: expected DOIs, found {str(content)[:80]!r}", page.body)
    return each(values.listed(content["data"]), _record, page.url)


def _request(site: Site, path: str, query: dict[str, str]) -> Request:
    base = (site.base_url or API).rstrip("/")
    return Request(f"{base}{path}?{urlencode(query, quote_via=quote, safe=':*/')}")


def _record(found: dict[str, Any]) -> Record | None:
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
    if title is None or subtitle is None or subtitle.lower() in title.lower():
        return title or subtitle
    return f"{title}: {subtitle}"


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
    versions: dict[PaperKind, VersionKind] = {"article": "journal", "conference": "proceedings", "preprint": "preprint"}
    return kind, versions.get(kind) if kind else None


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


SOURCE = Source(
    name="datacite",
    title="DataCite",
    revision=1,
    parse=parse,
    first=first,
    next=next_page,
    ask=ask,
    total=total,
    listed=listed,
    check=check,
    base_url=API,
    needs=("PUBCAT_CONTACT",),
    answers=("doi", "arxiv", "title"),
    trust=42,
    seconds_between_requests=0.5,
    host_group="datacite",
    media="json",
)
