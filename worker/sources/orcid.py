"""ORCID, the works people claim, by the public API (anonymous, or with a registered client).
https://info.orcid.org/documentation/api-tutorials/

A harvest reads one record a person: those named, and those who say that they work at an organisation. In the sources
file, either or both::

    people = ["0000-0002-9322-3515"]
    ror = "05c22rx21"

A claim is no proof of authorship, and a summary names no authors but the one who claims: it completes papers, with an
author list known to be cut.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

from worker.errors import Malformed, Misconfigured
from worker.formats import parts, values
from worker.formats.items import as_bytes, each, fields, unread
from worker.normalise import identifiers
from worker.normalise.dates import partial_date
from worker.page import Login, Page, Request, Site, Source, Window
from worker.record import Author, Identifier, Link, PaperKind, Record

API = "https://pub.orcid.org/v3.0"
PER_PAGE = 200
_JSON = {"Accept": "application/json"}
_OWNER = "@owner"
"""Where a claim carries whose it is on its way to the reader."""

_KNOWN = fields(
    "put-code created-date last-modified-date source title journal-title short-description citation type "
    "publication-date external-ids url contributors language-code country visibility path display-index"
)
_KINDS: dict[str, PaperKind] = {
    "journal-article": "article",
    "magazine-article": "article",
    "conference-paper": "conference",
    "conference-abstract": "conference",
    "conference-poster": "conference",
    "preprint": "preprint",
    "working-paper": "preprint",
    "book": "book",
    "edited-book": "book",
    "book-chapter": "book_chapter",
    "encyclopedia-entry": "book_chapter",
    "dictionary-entry": "book_chapter",
    "dissertation": "thesis",
    "dissertation-thesis": "thesis",
    "supervised-student-publication": "thesis",
    "data-set": "dataset",
    "report": "report",
    "research-technique": "report",
    "review": "review",
    "book-review": "review",
    "journal-issue": "front_matter",
}
_SCHEMES = {"doi": "doi", "arxiv": "arxiv", "pmid": "pmid", "pmc": "pmcid", "hal": "hal"}
_OTHER_ANSWERS = frozenset(
    (
        *("result", "expanded-result", "num-found", "name", "person", "biography", "emails", "addresses"),
        *("affiliation-group", "keyword", "external-identifier", "researcher-url", "other-name"),
    )
)


def first(site: Site, window: Window) -> Iterator[Request]:
    """The record of each person named, and the list of those at the organisation."""
    for person in values.listed(site.options.get("people")):
        orcid = identifiers.normalise("orcid", person)
        if orcid is None:
            raise Misconfigured(f"{site.name}: expected ORCID iDs in people, found {person!r}")
        yield _record_of(site, orcid.value)
    ror = identifiers.normalise("ror", site.options.get("ror"))
    if ror is not None:
        query = f'ror-org-id:"https://ror.org/{ror.value}"'
        yield _request(site, "/expanded-search/", {"q": query, "start": "0", "rows": str(PER_PAGE)})


def next_page(site: Site, page: Page) -> Request | None:
    """The next people of the list."""
    query = dict(parse_qsl(urlsplit(page.url).query))
    content = page.json()
    if "start" not in query or not values.listed(values.inner(content, "expanded-result")):
        return None
    start = (values.count(query["start"]) or 0) + (values.count(query.get("rows")) or PER_PAGE)
    if start >= (values.count(values.inner(content, "num-found")) or 0):
        return None
    return _request(site, "/expanded-search/", {**query, "start": str(start)})


def refetch(site: Site, page: Page) -> Iterator[Request]:
    """The record of each person in the list."""
    for person in values.objects(values.inner(page.json(), "expanded-result")):
        orcid = identifiers.normalise("orcid", person.get("orcid-id"))
        if orcid is not None:
            yield _record_of(site, orcid.value)


def _enter(site: Site) -> Request:
    """Asks for a token to read what is public; it holds for years."""
    told = {name: site.secrets.get(f"ORCID_{name.upper()}", "") for name in ("client_id", "client_secret")}
    body = urlencode({**told, "grant_type": "client_credentials", "scope": "/read-public"}).encode()
    base = site.base_url if site.base_url not in ("", API) else "https://orcid.org"
    headers = {**_JSON, "Content-Type": "application/x-www-form-urlencoded"}
    return Request(f"{base.rstrip('/')}/oauth/token", headers, body)


def _entered(page: Page) -> dict[str, str]:
    """The token of an answered login.

    Raises:
        Malformed: there is none.
    """
    token = values.text(values.inner(page.json(), "access_token"))
    if token is None:
        raise Malformed(f"{page.url}: expected a token, found none")
    return {"ORCID_TOKEN": token}


def authorise(site: Site, request: Request) -> Request:
    """With the token, when somebody registered."""
    token = site.secrets.get("ORCID_TOKEN")
    return replace(request, headers={**request.headers, "Authorization": f"Bearer {token}"}) if token else request


def parse(page: Page) -> Iterator[Record | Malformed]:
    """A record a group of claims that share an identifier: of a whole record, of its works, or of single works.

    Answers about people hold no works.

    Raises:
        Malformed: no answer of ORCID, or one that says what was wrong.
    """
    content = page.json()
    if not isinstance(content, dict):
        raise Malformed(f"{page.url}: expected works, found {str(content)[:80]!r}", page.body)
    if "response-code" in content or "error" in content or "error-code" in content:
        told = content.get("user-message") or content.get("developer-message") or content.get("error-desc") or content
        raise Malformed(f"{page.url}: ORCID says {str(told)[:300]}", page.body)
    owner = _owner(content, page.url)
    claims: list[dict[str, Any] | Malformed]
    works = values.inner(content, "activities-summary", "works") or content
    if isinstance(works, dict) and "group" in works:
        claims = [_claim(group, owner) for group in values.objects(works["group"])]
    elif "bulk" in content:
        claims = [{**one, _OWNER: owner} for found in values.objects(content["bulk"]) if (one := _single(found))]
    elif "put-code" in content:
        claims = [{**content, _OWNER: owner}]
    elif content.keys() & _OTHER_ANSWERS or "activities-summary" in content:
        claims = []
    else:
        raise Malformed(f"{page.url}: expected works, found {', '.join(sorted(content))[:120]}", page.body)
    return each(claims, _record, page.url)


def _request(site: Site, path: str, query: dict[str, str] | None = None) -> Request:
    base = (site.base_url or API).rstrip("/")
    return Request(f"{base}{path}{'?' + urlencode(query, quote_via=quote) if query else ''}", _JSON)


def _record_of(site: Site, orcid: str) -> Request:
    return _request(site, f"/{orcid}/record")


def _owner(content: dict[str, Any], url: str) -> tuple[str | None, Author | None]:
    """Whose works these are: the iD, and the name when the whole record tells it."""
    path = values.inner(content, "orcid-identifier", "path") or values.text(content.get("path")) or urlsplit(url).path
    found = re.search(r"\d{4}-\d{4}-\d{4}-\d{3}[\dX]", str(path))
    held = identifiers.of(orcid=found[0]) if found else ()
    name = values.inner(content, "person", "name")
    shown = values.text(values.inner(name, "credit-name", "value"))
    given, family = (values.inner(name, part, "value") for part in ("given-names", "family-name"))
    # A credit name may be in another order; given and family names are what people filled in.
    author = values.person(None if values.text(family) else shown or given, given, family, held) if name else None
    return (held[0].value if held else None), author


def _single(found: dict[str, Any]) -> dict[str, Any] | None:
    work = found.get("work")
    return work if isinstance(work, dict) else None


def _claim(group: dict[str, Any], owner: tuple[str | None, Author | None]) -> dict[str, Any] | Malformed:
    """The claim its owner prefers, with the identifiers of all of the group."""
    claims = values.objects(group.get("work-summary"))
    if not claims:
        return Malformed(f"expected a work-summary, found {str(group)[:120]!r}", as_bytes(group))
    preferred = max(claims, key=lambda claim: values.count(claim.get("display-index")) or 0)
    ids = [
        *values.objects(values.inner(group.get("external-ids"), "external-id")),
        *(one for claim in claims for one in values.objects(values.inner(claim.get("external-ids"), "external-id"))),
    ]
    return {**preferred, "external-ids": {"external-id": ids}, _OWNER: owner}


def _record(claim: dict[str, Any]) -> Record | None:
    orcid, owner = claim[_OWNER]
    code = values.text(claim["put-code"])
    if code is None:
        raise ValueError(f"expected a put-code, found {claim['put-code']!r}")
    said, more = (values.text(values.inner(claim.get("title"), name, "value")) for name in ("title", "subtitle"))
    title = values.titled(said, more)
    told = values.text(claim.get("type"))
    kind = _KINDS.get(told.lower().replace("_", "-"), "other") if told else None
    language = values.language(claim.get("language-code"))
    abstract, state = values.abstract(claim.get("short-description"))
    listed = _contributors(claim)
    held = _identifiers(claim)
    if title is None and not held:
        return None
    url = values.address(values.inner(claim.get("url"), "value"))
    return Record(
        source_key=f"{orcid or 'unknown'}:{code}",
        title=title,
        title_language=values.spoken(title, language),
        title_state="cut" if title is not None and title.endswith("…") else "whole",
        abstract=abstract,
        abstract_language=values.spoken(abstract, language),
        abstract_state=state,
        authors=listed or ((owner,) if owner else ()),
        authors_state="whole" if listed else "cut",
        identifiers=held,
        kind=kind,
        version=parts.VERSIONS.get(kind),
        date=_date(claim.get("publication-date")),
        venue=values.text(values.inner(claim.get("journal-title"), "value")),
        language=language,
        links=(Link(url),) if url and not re.match(r"(?i)https?://(?:dx\.)?doi\.org/", url) else (),
        updated_at=values.moment(values.inner(claim.get("last-modified-date"), "value")),
        unread=unread(claim.keys() - _KNOWN - {_OWNER}),
    )


def _contributors(claim: dict[str, Any]) -> tuple[Author, ...]:
    """Authors of a work told in full; editors and supervisors are none."""
    found = []
    for one in values.objects(values.inner(claim.get("contributors"), "contributor")):
        role = values.text(values.inner(one.get("contributor-attributes"), "contributor-role"))
        if role is not None and "author" not in role.lower() and "writing" not in role.lower():
            continue
        held = identifiers.of(orcid=values.inner(one.get("contributor-orcid"), "path"))
        author = values.person(values.inner(one.get("credit-name"), "value"), held=held)
        if author is not None:
            found.append(author)
    return tuple(found)


def _identifiers(claim: dict[str, Any]) -> tuple[Identifier, ...]:
    """Those of the work itself and of its versions; what it is part of has others."""
    found: list[Identifier] = []
    for one in values.objects(values.inner(claim.get("external-ids"), "external-id")):
        scheme = _SCHEMES.get(str(one.get("external-id-type")).lower())
        relation = str(one.get("external-id-relationship") or "self").lower().replace("_", "-")
        if scheme and relation in ("self", "version-of"):
            told = values.text(values.inner(one.get("external-id-normalized"), "value"))
            found.extend(identifiers.of(**{scheme: told}) or identifiers.of(**{scheme: one.get("external-id-value")}))
    return identifiers.united(tuple(found))


def _date(told: Any) -> str | None:
    return partial_date([values.inner(told, part, "value") for part in ("year", "month", "day")])


SOURCE = Source(
    name="orcid",
    title="ORCID",
    revision=1,
    parse=parse,
    first=first,
    next=next_page,
    refetch=refetch,
    authorise=authorise,
    login=Login(_enter, _entered),
    base_url=API,
    hosts=("orcid.org",),
    needs=("PUBCAT_CONTACT",),
    may_use=("ORCID_CLIENT_ID", "ORCID_CLIENT_SECRET"),
    trust=70,
    seconds_between_requests=0.2,
    host_group="orcid",
    media="json",
)
