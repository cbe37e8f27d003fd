"""OpenReview, by its API: version 2 (venues since 2023), and version 1 (before) where the sources file says so.
https://docs.openreview.net/reference/api-v2

A harvest walks each venue whole until an empty page: version 2 by the last id, version 1 by offset. The API filters by
creation, not by change. Since summer 2026 nobody reads notes without an account. In the sources file::

    venues = ["ICLR.cc/2024/Conference"]                                  # ids of venues, or invitations
    base_url = "https://api.openreview.net"                               # for version 1, with invitations
    venues = ["ICLR.cc/2022/Conference/-/Blind_Submission"]
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

from worker.errors import Malformed, Misconfigured, Throttled, Transient
from worker.formats import values
from worker.formats.items import each, unread
from worker.normalise import identifiers, texts
from worker.normalise.dates import partial_date
from worker.normalise.languages import language_of
from worker.page import Login, Page, Question, Request, Site, Source, Window
from worker.record import Affiliation, Author, Identifier, Link, PaperKind, Record, VersionKind

API = "https://api2.openreview.net"
API_1 = "https://api.openreview.net"
SITE = "https://openreview.net"
PER_PAGE = 1000
FOUND_PER_QUESTION = 10
LONGEST_TERM = 300
"""Characters of a search; the first words of a title or an abstract tell enough."""

_KNOWN = frozenset(
    (
        *(
            "title",
            "authors",
            "authorids",
            "abstract",
            "keywords",
            "TLDR",
            "TL;DR",
            "venue",
            "venueid",
            "pdf",
            "_bibtex",
        ),
        *(
            "paperhash",
            "html",
            "code",
            "video",
            "doi",
            "DOI",
            "supplementary_material",
            "primary_area",
            "subject_areas",
        ),
        *(
            "code_of_ethics",
            "submission_guidelines",
            "reciprocal_reviewing",
            "anonymous_url",
            "no_acknowledgement_section",
        ),
        *("community_implementations", "data", "slides", "poster", "track", "licence", "license", "certifications"),
    )
)
_ELSEWHERE = ("dblp.org/", "OpenReview.net/Archive", "OpenReview.net/Public_Article")
"""Venues whose notes only repeat what another source says."""

_TURNED_DOWN = re.compile(
    r"(?i)(?:^|/)(?:desk_)?(?:rejected|withdrawn)(?:_submission)?$|(?:^|/)(?:submission|under_review|pre[_ -]?review)$"
)
_NOT_ACCEPTED = re.compile(
    r"(?i)^(?:submitted to|under review|rejected|desk rejected|withdrawn|decision pending)|submission\s*$|"
    r"\b(?:desk rejected|withdrawn|rejected)\b"
)
_PRESENTATION = re.compile(
    r"(?i)(?<![\s,:(-])[\s,:(-]+(?:conference\s+)?(?:(?:regular|long|short|contributed|invited|main|spotlight)\s+)?"
    r"(?:poster|oral|spotlight|talk|notable|top[\s-]*\d+\s*%?|accept(?:ed)?|conditional|findings|paper|presentation)"
    r"(?:[\s(-].*)?\)?$"
)
_JOURNALS = {"TMLR": "Transactions on Machine Learning Research", "DMLR": "Data-centric Machine Learning Research"}
_YEAR = re.compile(r"(?<![0-9])((?:19|20)[0-9]{2})(?![0-9])")


def first(site: Site, window: Window) -> Iterator[Request]:
    """One walk a venue: ``venues`` of the sources file holds venue ids, or invitations (with ``/-/``). Decisions are
    replies before 2023, so version 1 is asked for them, too."""
    venues = site.options.get("venues", ())
    for venue in [venues] if isinstance(venues, str) else venues:
        by = "invitation" if "/-/" in venue else "content.venueid"
        if _is_first_version(site):
            asked = {by: venue, "details": "directReplies", "limit": str(PER_PAGE), "offset": "0"}
            yield _request(site, "/notes", asked)
        else:
            yield _request(site, "/notes", {by: venue, "limit": str(PER_PAGE), "sort": "id"})


def next_page(site: Site, page: Page) -> Request | None:
    """After the last note of this page, or so many notes further on; nothing after an empty page."""
    query = dict(parse_qsl(urlsplit(page.url).query))
    notes = _notes(page)
    if "offset" in query and notes:
        return _request(site, "/notes", {**query, "offset": str(int(query["offset"]) + len(notes))})
    last = notes[-1].get("id") if notes and isinstance(notes[-1], dict) else None
    if query.get("sort") != "id" or not isinstance(last, str) or query.get("after") == last:
        return None
    return _request(site, "/notes", {**query, "after": last})


def ask(site: Site, question: Question) -> Request | None:
    """A note by its id, or the submissions that hold the words of a title or of the beginning of an abstract."""
    if question.by == "openreview":
        return _request(site, "/notes", {"id": question.value})
    term = " ".join(re.findall(r"[^\W_]+(?:['’-][^\W_]+)*", question.value)[:40])[:LONGEST_TERM]
    if question.by not in ("title", "abstract") or not term:
        return None
    asked = {"term": term, "type": "terms", "content": "all", "group": "all", "source": "forum"}
    return _request(site, "/notes/search", {**asked, "limit": str(FOUND_PER_QUESTION)})


def authorise(site: Site, request: Request) -> Request:
    """With the token that the login gave."""
    token = site.secrets.get("OPENREVIEW_TOKEN", "").strip()
    return replace(request, headers={**request.headers, "Authorization": f"Bearer {token}"}) if token else request


def _enter(site: Site) -> Request:
    """Name and password, as the login wants them; at most three logins a minute."""
    told = {"id": site.secrets["OPENREVIEW_USERNAME"], "password": site.secrets["OPENREVIEW_PASSWORD"]}
    return Request(f"{(site.base_url or API).rstrip('/')}/login", body=json.dumps(told).encode())


def _entered(page: Page) -> dict[str, str]:
    """The token of an answered login.

    Raises:
        Transient: an error in an answer that looks like success.
        Misconfigured: there is none, because the account wants a second factor, which a program has not.
    """
    told = page.json()
    if failed := values.inner(told, "error"):
        raise Transient(f"{page.url}: expected a token, found the error {str(failed)[:80]!r}")
    token = values.inner(told, "token")
    if not isinstance(token, str) or not token:
        raise Misconfigured(
            "OpenReview answers no token: OPENREVIEW_USERNAME must be an account without a second factor"
        )
    return {"OPENREVIEW_TOKEN": token}


def check(page: Page) -> None:
    """Falls silent where OpenReview wants to see a browser.

    Raises:
        Throttled: it does; asking on would not help.
        Transient: an error in an answer that looks like success.
    """
    if page.status == 200 and b'"error"' in page.body[:2000] and b'"notes"' not in page.body[:2000]:
        raise Transient(f"{page.url}: expected notes, found an error: {page.body[:80]!r}")
    if page.status == 403 and b"Challenge" in page.body[:2000]:
        told = "OpenReview shows programs a challenge: set OPENREVIEW_USERNAME and OPENREVIEW_PASSWORD of an account"
        raise Throttled(told, 3600)


def total(page: Page) -> int | None:
    """``count`` of the first page of a walk; later pages count what is left."""
    content = page.json()
    count = content.get("count") if isinstance(content, dict) else None
    return count if isinstance(count, int) and "after=" not in page.url else None


def listed(page: Page) -> list[str]:
    """The ids of all notes of a page, reviews and comments among them."""
    return [str(note.get("id")) for note in values.objects(_notes(page))]


def parse(page: Page) -> Iterator[Record | Malformed]:
    """A record a submission; reviews, comments and imports from other sources are left out."""
    return each(_notes(page), _record, page.url, page.seen)


def _request(site: Site, path: str, query: dict[str, str]) -> Request:
    base = (site.base_url or API).rstrip("/")
    return Request(f"{base}{path}?{urlencode(query, quote_via=quote, safe='/')}")


def _is_first_version(site: Site) -> bool:
    return site.base_url.rstrip("/") == API_1 or site.options.get("version") == 1


def _notes(page: Page) -> list[Any]:
    content = page.json()
    notes = content.get("notes") if isinstance(content, dict) else content
    if not isinstance(notes, list):
        raise Malformed(f"{page.url}: expected a list of notes, found {str(content)[:80]!r}", page.body)
    # Crawlers keep the notes of version 1 by venue.
    grouped = [one["submissions"] if isinstance(one, dict) and "submissions" in one else [one] for one in notes]
    return [note for group in grouped for note in values.listed(group)]


def _record(note: dict[str, Any]) -> Record | None:
    key, forum, content = texts.clean(note["id"]), note.get("forum"), note.get("content") or {}
    if key is None:
        raise ValueError(f"expected an id, found {note['id']!r}")
    if (isinstance(forum, str) and forum != key) or note.get("replyto"):
        return None
    told = {
        name: held["value"] if isinstance(held, dict) and "value" in held else held for name, held in content.items()
    }
    venue, venue_id = _text(told.get("venue")), _text(told.get("venueid")) or ""
    if venue_id.startswith(_ELSEWHERE):
        return None
    kind, version, shown = _standing(note, venue or "", venue_id)
    title = texts.clean(told.get("title"))
    abstract, abstract_state = texts.rejoin(texts.clean_abstract(told.get("abstract")) or "")
    keywords = told.get("keywords")
    pdf, html = told.get("pdf"), told.get("html")
    return Record(
        source_key=key,
        title=title,
        title_language=language_of(title),
        abstract=abstract or None,
        abstract_language=language_of(abstract),
        abstract_state=abstract_state,
        authors=_authors(told.get("authors"), told.get("authorids")),
        identifiers=_identifiers(key, told.get("doi") or told.get("DOI"), pdf, html),
        kind=kind,
        version=version,
        date=_date(note, venue or venue_id),
        venue=shown,
        links=tuple(sorted(_links(key, told))),
        topics=_topics(keywords),
        licence=values.licence(note.get("license")),
        updated_at=values.moment(note.get("tmdate") or note.get("mdate")),
        deleted=bool(note.get("ddate")),
        unread=unread(told.keys() - _KNOWN),
    )


def _text(value: object) -> str | None:
    return texts.clean(value) if isinstance(value, str) else None


def _standing(note: dict[str, Any], venue: str, venue_id: str) -> tuple[PaperKind, VersionKind, str | None]:
    """Where the submission got to: kind, version, and the venue if it was accepted there.

    The venue id tells it, then the venue's text, then the decision among the replies.
    """
    group = venue_id or _group(note)
    if not venue and not venue_id:
        accepted = _decision(note) is True
    else:
        accepted = not (_TURNED_DOWN.search(venue_id) or _NOT_ACCEPTED.search(venue))
    if not accepted:
        return "preprint", "preprint", None
    journal = _JOURNALS.get(group.partition("/")[0])
    if journal is not None:
        return "article", "journal", journal
    shown = _PRESENTATION.sub("", venue).strip() or _spelled(group)
    if "/Workshop" in group or "workshop" in venue.lower():
        return "workshop", "workshop", shown
    return "conference", "proceedings", shown


def _group(note: dict[str, Any]) -> str:
    invitations = note.get("invitations") or [note.get("invitation")]
    named = invitations[0] if isinstance(invitations, list) and invitations else None
    return (_text(named) or "").partition("/-/")[0]


def _spelled(group: str) -> str | None:
    """``ICLR.cc/2024/Conference`` is ICLR 2024; ``NIPS.cc/2018/Workshop/CDNNRIA`` is NIPS 2018 Workshop CDNNRIA."""
    host, *rest = group.split("/")
    named = [host.partition(".")[0], *(part for part in rest if part not in ("Conference", "Track", ""))]
    return " ".join(named).replace("_", " ") or None


def _decision(note: dict[str, Any]) -> bool | None:
    """Whether a reply says accept or reject; nothing when none does."""
    details = note.get("details")
    replies = (details.get("replies") or details.get("directReplies")) if isinstance(details, dict) else None
    for reply in values.listed(replies or note.get("notes")):
        content: Any = reply.get("content") if isinstance(reply, dict) else None
        told: Any = content.get("decision") if isinstance(content, dict) else None
        told = told.get("value") if isinstance(told, dict) else told
        if isinstance(told, str):
            return "accept" in told.lower()
    return None


def _authors(names: object, ids: object) -> tuple[Author, ...]:
    """Names with the profile ids at their places. E-mail addresses, given by people without a profile, are
    never kept."""
    listed = names if isinstance(names, list) else []
    profiles = ids if isinstance(ids, list) and len(ids) == len(listed) else [None] * len(listed)
    authors = (_author(name, profile) for name, profile in zip(listed, profiles, strict=True))
    return tuple(author for author in authors if author is not None)


def _author(told: object, profile: object) -> Author | None:
    name, affiliations = told, tuple[Affiliation, ...]()
    if isinstance(told, dict):
        name, profile = told.get("fullname") or told.get("name"), told.get("username") or profile
        places = told.get("institutions")
        printed = [place.get("name") for place in places if isinstance(place, dict)] if isinstance(places, list) else []
        affiliations = tuple(Affiliation(place) for one in printed if (place := _text(one)))
    held = identifiers.of(openreview_profile=profile)
    author = values.person(name, held=held, affiliations=affiliations) if "@" not in str(name) else None
    return None if author is None or author.name.lower().startswith("anonymous") else author


def _identifiers(key: str, doi: object, *addresses: object) -> tuple[Identifier, ...]:
    elsewhere = [identifiers.from_url(address) for address in addresses]
    found = [one for one in elsewhere if one is not None and one.scheme in ("arxiv", "doi", "pmlr", "acl", "hal")]
    return identifiers.united(identifiers.of(openreview=key, doi=doi), tuple(found))


def _links(key: str, values: dict[str, Any]) -> Iterable[Link]:
    yield Link(f"{SITE}/forum?id={quote(key)}")
    pdf = _text(values.get("pdf"))
    if pdf:
        yield Link(pdf if pdf.startswith(("https://", "http://")) else f"{SITE}/pdf?id={quote(key)}", "pdf")
    for name in ("code", "video"):
        address = _text(values.get(name))
        if address and re.fullmatch(r"https?://[^\s<>\"]+", address):
            yield Link(address, name)


def _topics(keywords: object) -> tuple[str, ...]:
    listed = (
        re.split(r"[;,]", keywords) if isinstance(keywords, str) else keywords if isinstance(keywords, list) else []
    )
    return tuple(dict.fromkeys(topic for one in listed if (topic := _text(one))))


def _date(note: dict[str, Any], venue: str) -> str | None:
    """The day it was published, else made public, else created (UTC); without any, the year of the venue."""
    for name in ("pdate", "odate", "cdate", "tcdate"):
        moment = values.moment(note.get(name))
        if moment is not None:
            return partial_date(moment[:10])
    year = _YEAR.search(venue)
    return year[1] if year else None


SOURCE = Source(
    name="openreview",
    title="OpenReview",
    revision=1,
    parse=parse,
    first=first,
    next=next_page,
    ask=ask,
    authorise=authorise,
    login=Login(_enter, _entered),
    check=check,
    total=total,
    listed=listed,
    base_url=API,
    needs=("OPENREVIEW_USERNAME", "OPENREVIEW_PASSWORD"),
    answers=("openreview", "title", "abstract"),
    deduplicates=True,
    trust=30,
    seconds_between_requests=1.0,
    host_group="openreview",
    media="json",
)
