"""Crossref, works by its REST API (no key; ``mailto`` leads to the polite pool).
https://www.crossref.org/documentation/retrieve-metadata/rest-api/

A harvest walks the works of an organisation or of people by cursor; changes are found by index date. In the sources
file, any of these::

    ror = "05c22rx21"                 # works whose authors were there, where publishers tell it
    affiliation = "Mila Quebec"       # words of affiliations as printed
    orcids = ["0000-0002-9322-3515"]  # one walk a person
    filter = "type:journal-article"   # clauses of Crossref's own syntax
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

from worker.errors import Malformed, Misconfigured, Transient
from worker.formats import parts, values
from worker.formats.items import each, fields, unread
from worker.normalise import identifiers
from worker.normalise.dates import partial_date
from worker.page import Page, Question, Request, Site, Source, Window
from worker.record import Affiliation, Author, Identifier, Link, PaperKind, Record, VersionKind

API = "https://api.crossref.org"
PER_PAGE = 100
FOUND_PER_QUESTION = 5

_KNOWN = fields(
    "DOI URL ISSN ISBN abstract accepted aliases alternative-id approved archive article-number assertion author "
    "award award-start chair clinical-trial-number component-number container-title content-created "
    "content-domain content-updated created degree deposited description edition-number editor event free-to-read "
    "funder group-title indexed institution is-referenced-by-count isbn-type issn-type issue issued journal-issue "
    "language license link member original-title page part-number posted prefix prime-doi project published "
    "published-online published-other published-print publisher publisher-location reference reference-count "
    "references-count relation resource review score short-container-title short-title container-title-short "
    "source special_numbering standards-body status subject subtitle subtype title translator type update-policy "
    "update-to updated-by version volume archive-location"
)
_KINDS: dict[str, PaperKind] = {
    "journal-article": "article",
    "proceedings-article": "conference",
    "posted-content": "preprint",
    "book": "book",
    "monograph": "book",
    "edited-book": "book",
    "reference-book": "book",
    "book-chapter": "book_chapter",
    "book-section": "book_chapter",
    "book-part": "book_chapter",
    "reference-entry": "book_chapter",
    "dissertation": "thesis",
    "dataset": "dataset",
    "report": "report",
    "report-component": "report",
    "peer-review": "review",
    "journal": "front_matter",
    "journal-issue": "front_matter",
    "journal-volume": "front_matter",
    "proceedings": "front_matter",
}
_SAME_WORK = frozenset(
    (
        *("is-preprint-of", "has-preprint", "is-version-of", "has-version", "is-identical-to", "is-same-as"),
        *("is-manuscript-of", "has-manuscript", "is-manifestation-of", "has-manifestation", "replaces"),
        *("is-replaced-by", "is-variant-form-of", "is-original-form-of"),
    )
)
"""Relations between versions of one work. https://www.crossref.org/documentation/schema-library/markup-guide-metadata-segments/relationships/"""
_CORRECTS = re.compile(r"(?i)correct|erratum|corrigendum|retract|withdraw|removal|concern|addendum|clarification")
_WITHDRAWS = re.compile(r"(?i)^(?:partial[_ ]retraction|retraction|withdrawal|removal)$")


def first(site: Site, window: Window) -> Iterator[Request]:
    """One walk for the organisation and one a person, of what was indexed since the day before the window begins."""
    clauses = [clause for clause in (_option(site, "filter"),) if clause]
    if window.since is not None:
        clauses.append(f"from-index-date:{window.since - timedelta(days=1)}")
    walks: list[dict[str, str]] = []
    ror = identifiers.normalise("ror", site.options.get("ror"))
    if ror is not None:
        walks.append({"filter": ",".join([f"ror-id:https://ror.org/{ror.value}", *clauses])})
    if words := _option(site, "affiliation"):
        walks.append({"query.affiliation": words, "filter": ",".join(clauses)})
    for person in values.listed(site.options.get("orcids")):
        orcid = identifiers.normalise("orcid", person)
        if orcid is None:
            raise Misconfigured(f"{site.name}: expected ORCID iDs in orcids, found {person!r}")
        walks.append({"filter": ",".join([f"orcid:{orcid.value}", *clauses])})
    if not walks and _option(site, "filter"):
        walks.append({"filter": ",".join(clauses)})
    for walk in walks:
        asked = {name: value for name, value in walk.items() if value}
        yield _request(site, "/works", {**asked, "rows": str(PER_PAGE), "cursor": "*"})


def next_page(site: Site, page: Page) -> Request | None:
    """The page the cursor leads to; nothing after a page that is not full: the cursor itself never ends."""
    address = urlsplit(page.url)
    query = dict(parse_qsl(address.query))
    message = values.inner(page.json(), "message")
    cursor, items = values.inner(message, "next-cursor"), values.inner(message, "items")
    rows = values.count(query.get("rows")) or 20
    if "cursor" not in query or not isinstance(cursor, str) or not isinstance(items, list) or len(items) < rows:
        return None
    return _request(site, "/works", {**query, "cursor": cursor})


def ask(site: Site, question: Question) -> Request | None:
    """A single work by its DOI, or the works whose bibliographic words are nearest to a title."""
    if question.by == "doi":
        # A DOI of arXiv or Zenodo stands with DataCite and nowhere here.
        if question.value.startswith(("10.48550/", "10.5281/")):
            return None
        return _request(site, f"/works/{quote(question.value, safe='')}", {})
    if question.by == "title":
        words = " ".join(re.findall(r"[^\W_]+(?:['’-][^\W_]+)*", question.value)[:40])
        found = {"query.bibliographic": words, "rows": str(FOUND_PER_QUESTION)}
        return _request(site, "/works", found) if words else None
    return None


def authorise(site: Site, request: Request) -> Request:
    """With our address, for the polite pool; with ``CROSSREF_PLUS_TOKEN``, when there is one."""
    token = site.secrets.get("CROSSREF_PLUS_TOKEN", "").strip()
    headers = {**request.headers, **({"Crossref-Plus-API-Token": f"Bearer {token}"} if token else {})}
    if not site.contact:
        return replace(request, headers=headers)
    mark = "&" if "?" in request.url else "?"
    return replace(request, url=f"{request.url}{mark}mailto={quote(site.contact)}", headers=headers)


def total(page: Page) -> int | None:
    """How many works the list holds."""
    return values.count(values.inner(page.json(), "message", "total-results"))


def listed(page: Page) -> list[str] | None:
    """The DOIs of a list, those of figures and tables among them."""
    items = values.objects(values.inner(page.json(), "message", "items"))
    return [str(one.get("DOI")).lower() for one in items]


def check(page: Page) -> None:
    """Refuses a page without items of a list that has some and was not read before.

    Raises:
        Transient: that, or a failure told in an answer that looks like success.
    """
    if page.status != 200:
        return
    content = page.json()
    if values.inner(content, "status") == "failed":
        raise Transient(f"{page.url}: Crossref says {str(values.inner(content, 'message'))[:200]}")
    items = values.inner(content, "message", "items")
    query = dict(parse_qsl(urlsplit(page.url).query))
    if items == [] and (total(page) or 0) > 0 and query.get("cursor") == "*" and query.get("rows") != "0":
        raise Transient(f"{page.url}: {total(page)} works, but an empty page")


def parse(page: Page) -> Iterator[Record | Malformed]:
    """A record a work, from a list, a single answer, or the bare work that content negotiation gives.

    Answers that describe no works (members, journals, funders, types, agencies) hold no records.

    Raises:
        Malformed: no answer of Crossref, or one that says it failed.
    """
    content = page.json()
    if isinstance(content, list):
        return each(content, _record, page.url, page.seen)
    if not isinstance(content, dict):
        raise Malformed(f"{page.url}: expected works, found {str(content)[:80]!r}", page.body)
    if "message" not in content and ("DOI" in content or "items" in content):
        return each(content.get("items", [content]), _record, page.url, page.seen)
    if content.get("status") == "failed":
        raise Malformed(f"{page.url}: Crossref says {str(content.get('message'))[:300]}", page.body)
    message = content["message"]
    kind = content.get("message-type")
    if kind is None:
        kind = "work-list" if isinstance(message, dict) and "items" in message else "work"
    if kind == "work":
        return each([message], _record, page.url, page.seen)
    if kind == "work-list":
        return each(message["items"], _record, page.url, page.seen)
    if not isinstance(kind, str) or not re.fullmatch(r"[a-z-]{1,40}", kind):
        raise Malformed(f"{page.url}: expected works, found an answer of the type {kind!r}", page.body)
    return iter(())


def _option(site: Site, name: str) -> str:
    told = site.options.get(name)
    return told.strip(" ,") if isinstance(told, str) else ""


def _request(site: Site, path: str, query: dict[str, str]) -> Request:
    base = (site.base_url or API).rstrip("/")
    return Request(f"{base}{path}?{urlencode(query, quote_via=quote, safe=':,*')}" if query else base + path)


def _record(work: dict[str, Any]) -> Record | None:
    own = identifiers.normalise("doi", work["DOI"])
    if own is None:
        raise ValueError(f"expected a DOI, found {work['DOI']!r}")
    if work.get("type") == "component":
        return None  # a figure or a table of another work
    kind, version = _kinds(work)
    updates = [one for one in values.objects(work.get("update-to")) if isinstance(one.get("type"), str)]
    if any(_CORRECTS.search(one["type"]) for one in updates):
        kind = "erratum"
    title = values.text(work.get("title")) or values.text(work.get("original-title"))
    title = values.titled(title, values.text(work.get("subtitle")))
    language = values.language(work.get("language"))
    abstract, state = values.abstract(work.get("abstract"))
    return Record(
        source_key=own.value,
        title=title,
        title_language=values.spoken(title, language),
        abstract=abstract,
        abstract_language=values.spoken(abstract, language),
        abstract_state=state,
        authors=tuple(one for person in values.objects(work.get("author")) if (one := _author(person)) is not None),
        identifiers=_identifiers(own, work, updates),
        kind=kind,
        version=version,
        date=_date(work),
        venue=_venue(work),
        volume=values.text(work.get("volume")),
        issue=values.text(work.get("issue")) or values.text(values.inner(work.get("journal-issue"), "issue")),
        pages=values.text(work.get("page")) or values.text(work.get("article-number")),
        publisher=values.text(work.get("publisher")),
        language=language,
        links=_links(work),
        topics=values.words(values.listed(work.get("subject"))),
        n_citations=values.count(work.get("is-referenced-by-count")),
        licence=_licence(work),
        is_retracted=_is_retracted(work),
        updated_at=values.moment(values.inner(work.get("indexed"), "date-time")),
        unread=unread(work.keys() - _KNOWN),
    )


def _kinds(work: dict[str, Any]) -> tuple[PaperKind | None, VersionKind | None]:
    told, finer = work.get("type"), work.get("subtype")
    kind = _KINDS.get(told, "other") if isinstance(told, str) else None
    if told == "posted-content" and finer not in (None, "preprint"):
        return "other", "other"
    return kind, parts.VERSIONS.get(kind)


def _date(work: dict[str, Any]) -> str | None:
    """The earliest publication Crossref knows (``issued``), else the next best that is told."""
    for name in ("issued", "published", "published-online", "published-print", "posted", "published-other", "approved"):
        found = partial_date(values.inner(work.get(name), "date-parts"))
        if found is not None:
            return found
    return None


def _venue(work: dict[str, Any]) -> str | None:
    """Of two container titles (a series and a volume in it) the last one; for a preprint its server."""
    containers = values.words(values.listed(work.get("container-title")))
    if containers:
        return containers[-1]
    server = next((values.text(one.get("name")) for one in values.objects(work.get("institution"))), None)
    is_posted = work.get("type") == "posted-content"
    return values.text(values.inner(work.get("event"), "name")) or (server if is_posted else None)


def _author(person: dict[str, Any]) -> Author | None:
    if values.text(person.get("family")) is None and values.text(person.get("given")) is None:
        return values.group(person.get("name") or person.get("literal"))
    return values.person(
        given=person.get("given"),
        family=person.get("family") or person.get("name"),
        held=identifiers.of(orcid=person.get("ORCID")),
        affiliations=[one for place in values.objects(person.get("affiliation")) if (one := _affiliation(place))],
    )


def _affiliation(place: dict[str, Any]) -> Affiliation | None:
    name = values.text(place.get("name"))
    ids = [one.get("id") for one in values.objects(place.get("id")) if str(one.get("id-type")).upper() == "ROR"]
    return Affiliation(name, identifiers.of(ror=ids)) if name else None


def _identifiers(own: Identifier, work: dict[str, Any], updates: list[dict[str, Any]]) -> tuple[Identifier, ...]:
    """Its own DOI, and the identifiers of other versions of the same work."""
    found = list(identifiers.of(doi=[own.value, *values.listed(work.get("aliases")), work.get("prime-doi")]))
    relations = work.get("relation")
    for name, related in relations.items() if isinstance(relations, dict) else ():
        for one in values.objects(related) if name in _SAME_WORK else ():
            scheme = str(one.get("id-type")).lower()
            found.extend(identifiers.of(**{scheme: one.get("id")}) if scheme in ("doi", "arxiv", "pmid") else ())
    for one in updates:
        if one["type"] in ("new_version", "new_edition"):
            found.extend(identifiers.of(doi=one.get("DOI")))
    return identifiers.united(tuple(found))


def _links(work: dict[str, Any]) -> tuple[Link, ...]:
    """The publisher's page, and a PDF that anybody may read in a browser."""
    landing = values.address(values.inner(work.get("resource"), "primary", "URL"))
    found = {Link(landing)} if landing else set()
    for one in values.objects(work.get("link")):
        told, target = one.get("content-type"), values.address(one.get("URL"))
        if target and told == "application/pdf" and one.get("intended-application") != "similarity-checking":
            found.add(Link(target, "pdf"))
    return tuple(sorted(found))


def _licence(work: dict[str, Any]) -> str | None:
    """That of the version of record, else of whatever version; text mining terms say nothing to readers."""
    told = values.objects(work.get("license"))
    for version in ("vor", "unspecified", "am"):
        for one in told:
            if one.get("content-version") == version:
                return values.licence(one.get("URL"))
    return None


def _is_retracted(work: dict[str, Any]) -> bool:
    updates = values.objects(work.get("updated-by"))
    return any(isinstance(told := one.get("type"), str) and bool(_WITHDRAWS.match(told)) for one in updates)


SOURCE = Source(
    name="crossref",
    title="Crossref",
    revision=1,
    parse=parse,
    first=first,
    next=next_page,
    ask=ask,
    authorise=authorise,
    total=total,
    listed=listed,
    check=check,
    base_url=API,
    needs=("PUBCAT_CONTACT",),
    may_use=("CROSSREF_PLUS_TOKEN",),
    answers=("doi", "title"),
    deduplicates=True,
    trust=35,
    seconds_between_requests=0.5,
    host_group="crossref",
    media="json",
)
