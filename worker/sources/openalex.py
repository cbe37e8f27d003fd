"""OpenAlex, works by its API (100 a page, with a free key). https://developers.openalex.org

A harvest walks all works of an institution: filters by date of change are paid, a whole walk costs a call for every
hundred works, and an unchanged work costs one comparison.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from functools import lru_cache
from operator import itemgetter
from typing import Any
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

import msgspec
from msgspec import Struct

from worker.errors import Malformed
from worker.formats import values
from worker.formats.items import each, unread
from worker.formats.selected import Selected, Skimmed
from worker.normalise import identifiers, texts
from worker.normalise.dates import partial_date
from worker.normalise.languages import language_of
from worker.normalise.names import clean_name, split_name
from worker.page import Page, Question, Request, Site, Source, Window
from worker.record import Affiliation, Author, Identifier, Link, PaperKind, Record, TextState, VersionKind

API = "https://api.openalex.org"
PER_PAGE = 100
FOUND_PER_QUESTION = 5
AUTHORS_LISTED = 100
"""Lists show at most so many authors of a work; the single work shows all."""

_KNOWN = frozenset(
    (
        *("id", "doi", "title", "display_name", "publication_year", "publication_date", "ids", "language"),
        *(
            "primary_location",
            "type",
            "type_crossref",
            "indexed_in",
            "open_access",
            "authorships",
            "is_authors_truncated",
        ),
        *("institution_assertions", "countries_distinct_count", "institutions_distinct_count", "institutions"),
        *("corresponding_author_ids", "corresponding_institution_ids", "apc_list", "apc_paid", "fwci", "has_fulltext"),
        *("has_content", "content_urls", "content_url", "fulltext_origin", "fulltext", "cited_by_count", "biblio"),
        *("citation_normalized_percentile", "cited_by_percentile_year", "is_retracted", "is_paratext", "is_xpac"),
        *("primary_topic", "topics", "keywords", "concepts", "mesh", "locations", "locations_count", "is_oa"),
        *("best_oa_location", "sustainable_development_goals", "grants", "funders", "awards", "datasets", "versions"),
        *("referenced_works", "referenced_works_count", "related_works", "abstract_inverted_index", "ngrams_url"),
        *("abstract_inverted_index_v3", "cited_by_api_url", "counts_by_year", "updated_date", "created_date"),
        *("relevance_score", "host_venue", "alternate_host_venues", "is_in_doaj", "authors_count", "oa_status"),
    )
)
_DELETED_WORK = "W4285719527"
_DELETED_AUTHORS = frozenset(("A5317838346", "A9999999999"))
"""Where OpenAlex leads deleted entities."""

_KINDS: dict[str, PaperKind] = {
    "article": "article",
    "letter": "article",
    "conference-paper": "conference",
    "proceedings-article": "conference",
    "preprint": "preprint",
    "posted-content": "preprint",
    "book": "book",
    "monograph": "book",
    "book-chapter": "book_chapter",
    "book-section": "book_chapter",
    "dissertation": "thesis",
    "dataset": "dataset",
    "report": "report",
    "review": "review",
    "editorial": "editorial",
    "erratum": "erratum",
    "paratext": "front_matter",
    "other": "other",
}


class _Named(Struct, gc=False):
    """A person, an institution, a source or a topic."""

    id: Any = None
    display_name: Any = None
    orcid: Any = None
    ror: Any = None
    country_code: Any = None
    type: Any = None
    publisher: Any = None
    host_organization_name: Any = None


class _Authorship(Struct, gc=False):
    author: _Named | None = None
    institutions: list[_Named] | None = None
    raw_author_name: Any = None
    raw_affiliation_strings: Any = None
    is_corresponding: Any = None


class _Place(Struct, gc=False):
    """A location of a work."""

    source: _Named | None = None
    landing_page_url: Any = None
    pdf_url: Any = None
    license: Any = None
    version: Any = None
    raw_source_name: Any = None


class _Page(Struct):
    results: list[Skimmed]


_LIST = msgspec.json.Decoder(_Page)
_FIELDS = Selected(
    {
        **dict.fromkeys(
            (
                *("id", "doi", "ids", "title", "display_name", "language", "type", "type_crossref", "biblio"),
                *("publication_date", "publication_year", "updated_date", "abstract_inverted_index", "open_access"),
                *("cited_by_count", "is_retracted", "is_paratext", "is_authors_truncated"),
            ),
            Any,
        ),
        "authorships": list[_Authorship] | None,
        "primary_location": _Place | None,
        "best_oa_location": _Place | None,
        "host_venue": _Named | None,
        "locations": list[_Place] | None,
        "topics": list[_Named] | None,
        "keywords": list[_Named] | None,
    }
)
_TEXT_OR_NOTHING = frozenset((str, type(None)))
_NOBODY, _NOWHERE = _Named(), _Place()
_FROM_LOCATIONS = frozenset(("arxiv", "openreview", "acl", "pmlr", "hal"))


def first(site: Site, window: Window) -> Iterator[Request]:
    """One walk: ``institution`` (an OpenAlex id, with all that belongs to it) and ``filter`` (clauses of OpenAlex's
    own syntax) of the sources file, both or either; neither is nothing to walk."""
    clauses = []
    institution = identifiers.normalise("openalex", site.options.get("institution"))
    if institution is not None:
        clauses.append(f"authorships.institutions.lineage:{institution.value.lower()}")
    extra = site.options.get("filter")
    if isinstance(extra, str) and extra.strip(" ,"):
        clauses.append(extra.strip(" ,"))
    if clauses:
        yield _request(site, "/works", {"filter": ",".join(clauses), "per_page": str(PER_PAGE), "cursor": "*"})


def next_page(site: Site, page: Page) -> Request | None:
    """The page the cursor leads to; nothing when it is null or this page is empty.

    Raises:
        Malformed: there are works, and no word of what follows.
    """
    query = dict(parse_qsl(urlsplit(page.url).query))
    content = page.json()
    if "cursor" not in query or not isinstance(content, dict) or not content.get("results"):
        return None
    if not isinstance(meta := content.get("meta"), dict):
        raise Malformed(f"{page.url}: expected meta beside the results, found {str(meta)[:80]!r}", page.body)
    cursor = meta.get("next_cursor")
    return _request(site, "/works", {**query, "cursor": cursor}) if isinstance(cursor, str) and cursor else None


def ask(site: Site, question: Question) -> Request | None:
    """A single work by an identifier (free), or the works whose text holds the words of a title."""
    match question.by:
        case "doi":
            name = f"doi:{question.value}"
        case "arxiv":
            name = f"doi:10.48550/arxiv.{question.value}"
        case "pmid":
            name = f"pmid:{question.value}"
        case "openalex":
            name = question.value
        case "title":
            words = " ".join(re.findall(r"[^\W_]+(?:['’-][^\W_]+)*", question.value)[:40])
            # Words in capitals would be operators (AND, OR, NOT).
            found = {"search": words.lower(), "per_page": str(FOUND_PER_QUESTION)}
            return _request(site, "/works", found) if words else None
        case _:
            return None
    return _request(site, f"/works/{quote(name, safe=':/()')}", {})


def authorise(site: Site, request: Request) -> Request:
    """With the key; a blank one would be refused, so it is left out."""
    key = site.secrets.get("OPENALEX_API_KEY", "").strip()
    if not key:
        return request
    return replace(request, url=f"{request.url}{'&' if '?' in request.url else '?'}api_key={quote(key)}")


def refetch(site: Site, page: Page) -> Iterator[Request]:
    """The single work for each whose list of authors is cut off in this list."""
    for number, work in _listed(page):
        if _is_truncated(work):
            yield _request(site, f"/works/{number}", {})


def total(page: Page) -> int | None:
    """How many works the list holds."""
    return values.count(values.inner(page.json(), "meta", "count"))


def listed(page: Page) -> list[str]:
    """The numbers of all works of a list."""
    return [number for number, _ in _listed(page)]


def _listed(page: Page) -> Iterator[tuple[str, dict[str, Any]]]:
    for work in values.objects(values.inner(page.json(), "results")):
        key = identifiers.normalise("openalex", work.get("id"))
        if key is not None:
            yield key.value, work


def parse(page: Page) -> Iterator[Record | Malformed]:
    """A record a work, from a list or a single answer.

    A single work that answers under another id than it was asked by has absorbed that one: the old id is yielded as a
    tombstone beside it.
    """
    skimmed = _skimmed(page)
    yield from _whole(page) if skimmed is None else skimmed


def _skimmed(page: Page) -> list[Record | Malformed] | None:
    """The records of a list in which nothing is wrong, read without decoding what nobody reads."""
    try:
        works = _LIST.decode(page.body).results
    except ValueError:
        return None
    found = list(each(works, lambda work: _record(_FIELDS.decoded(work)), page.url, page.seen))
    return None if not works or any(isinstance(one, Malformed) for one in found) else found


def _whole(page: Page) -> Iterator[Record | Malformed]:
    """The records of any answer, and its faults shown with all their bytes."""
    content = page.json()
    works = content.get("results") if isinstance(content, dict) else content
    if isinstance(works, list):
        yield from each(works, _read, page.url)
        return
    if not isinstance(content, dict) or "id" not in content:
        raise Malformed(f"{page.url}: expected works, found {str(content)[:80]!r}", page.body)
    for record in each([content], lambda work: _read(work, listed=False), page.url):
        yield record
        asked = re.fullmatch(r".*/works/(W[0-9]+)", urlsplit(page.url).path)
        if asked and isinstance(record, Record) and asked[1] != record.source_key:
            yield Record(source_key=asked[1], identifiers=identifiers.of(openalex=asked[1]), deleted=True)


def _request(site: Site, path: str, query: dict[str, str]) -> Request:
    base = (site.base_url or API).rstrip("/")
    return Request(f"{base}{path}?{urlencode(query, quote_via=quote, safe=':,|*')}" if query else base + path)


def _is_truncated(work: dict[str, Any], listed: bool = True) -> bool:
    told = work.get("is_authors_truncated")
    return bool(told) if told is not None else listed and len(work.get("authorships") or ()) == AUTHORS_LISTED


def _read(item: dict[str, Any], listed: bool = True) -> Record | None:
    _own(item)  # What is no work has other fields: this is the truer reason.
    return _record(_FIELDS.converted(item), listed)


def _own(work: dict[str, Any]) -> Identifier:
    own = identifiers.normalise("openalex", work["id"])
    if own is None or own.value[0] != "W":
        raise ValueError(f"expected a work, found the id {work['id']!r}")
    return own


def _record(work: dict[str, Any], listed: bool = True) -> Record | None:
    own = _own(work)
    if own.value == _DELETED_WORK:
        return None
    ids = work.get("ids") or {}
    place: _Place = work.get("primary_location") or _NOWHERE
    source: _Named = place.source or work.get("host_venue") or _NOBODY
    best: _Place = work.get("best_oa_location") or _NOWHERE
    biblio = work.get("biblio") or {}
    open_access = work.get("open_access") or {}
    language = texts.clean(work.get("language"))
    title = texts.clean(work.get("title") or work.get("display_name"))
    abstract, abstract_state = _abstract(work.get("abstract_inverted_index"))
    kind, version = _kinds(work, place, source)
    topics = work.get("topics") or work.get("keywords") or ()
    return Record(
        source_key=own.value,
        title=title,
        title_language=language_of(title, language),
        abstract=abstract,
        abstract_language=language_of(abstract, language) if abstract else None,
        abstract_state=abstract_state,
        authors=tuple(author for one in work.get("authorships") or () if (author := _author(one)) is not None),
        authors_state="cut" if _is_truncated(work, listed) else "whole",
        identifiers=_identifiers(own, work, ids),
        kind=kind,
        version=version,
        date=_date(work),
        venue=texts.clean(source.display_name or place.raw_source_name),
        volume=texts.clean(biblio.get("volume")),
        issue=texts.clean(biblio.get("issue")),
        pages=values.pages(biblio.get("first_page"), biblio.get("last_page")),
        publisher=texts.clean(source.host_organization_name or source.publisher),
        language=language,
        links=_links(place, best),
        topics=tuple(dict.fromkeys(topic for one in topics if (topic := texts.clean(one.display_name)))),
        n_citations=values.count(work.get("cited_by_count")),
        oa_status=texts.clean(open_access.get("oa_status")),
        licence=texts.clean(place.license or best.license),
        is_retracted=work.get("is_retracted") is True,
        updated_at=values.moment(work.get("updated_date")),
        unread=unread(work.keys() - _KNOWN),
    )


def _abstract(index: object) -> tuple[str | None, TextState]:
    """The words at their places. A place without a word is skipped, and then the text is not known to be whole."""
    if isinstance(index, str):
        index = json.loads(index)
        index = index.get("InvertedIndex", index) if isinstance(index, dict) else None
    if not isinstance(index, dict):
        return None, "unknown"
    found = [(place, word) for word, places in index.items() for place in places if type(place) is int and place >= 0]
    found.sort(key=itemgetter(0))
    text = texts.clean_abstract(" ".join([word for _, word in found]))
    if text is None:
        return None, "unknown"
    text, state = texts.rejoin(text)
    has_holes = found[-1][0] + 1 > len({place for place, _ in found})
    return text, "unknown" if has_holes and state == "whole" else state


def _kinds(work: dict[str, Any], place: _Place, source: _Named) -> tuple[PaperKind | None, VersionKind | None]:
    """Kind from the type OpenAlex gives, made finer by Crossref's and by where it stands; version from the place."""
    told = work.get("type")
    kind = _KINDS.get(told) if isinstance(told, str) else None
    home = source.type
    if work.get("is_paratext") is True:
        kind = "front_matter"
    elif kind in ("article", "book_chapter") and (
        work.get("type_crossref") == "proceedings-article" or home == "conference"
    ):
        kind = "conference"
    if kind == "preprint" or (kind == "article" and home == "repository" and place.version == "submittedVersion"):
        return "preprint", "preprint"
    if kind == "conference":
        return kind, "proceedings"
    return kind, "journal" if home == "journal" else None


def _date(work: dict[str, Any]) -> str | None:
    """The first of January stands for a year without day: such a date is read as the year alone."""
    date = partial_date(work.get("publication_date"))
    if date is not None:
        return date[:4] if date.endswith("-01-01") else date
    return partial_date(work.get("publication_year"))


def _author(authorship: _Authorship) -> Author | None:
    """The canonical name, else the name as printed; a deleted author has a name but no identity."""
    person = authorship.author or _NOBODY
    told = (identifiers.normalise("openalex", person.id), identifiers.normalise("orcid", person.orcid))
    held = tuple([one for one in told if one is not None])
    shown, printed = person.display_name, authorship.raw_author_name
    if held and not _DELETED_AUTHORS.isdisjoint([one.value for one in held]):
        held, shown = (), printed
    name = clean_name(shown or printed or "")
    if not name:
        return None
    given, family = split_name(name)
    if "," in name and family:
        name = f"{given} {family}" if given else family
    return Author(
        name=name,
        given=given,
        family=family,
        identifiers=held,
        affiliations=_affiliations(authorship),
        corresponding=authorship.is_corresponding is True,
    )


def _affiliations(authorship: _Authorship) -> tuple[Affiliation, ...]:
    """Recognised institutions; without any, the affiliations as printed."""
    found = []
    for one in authorship.institutions or ():
        told = (one.display_name, one.ror, one.id, one.country_code)
        plain = _TEXT_OR_NOTHING.issuperset(map(type, told))
        institution = _institution(*told) if plain else _institution.__wrapped__(*told)
        if institution is not None:
            found.append(institution)
    if len(found) == 1:
        return (found[0],)
    if not found:
        printed = authorship.raw_affiliation_strings or ()
        found = [Affiliation(name) for one in printed if (name := texts.clean(one))]
    return tuple(dict.fromkeys(found))


@lru_cache(maxsize=1 << 14)
def _institution(name: object, ror: object, number: object, code: object) -> Affiliation | None:
    """The same institutions come with every other author."""
    shown, country = texts.clean(name), texts.clean(code)
    if not shown:
        return None
    return Affiliation(shown, identifiers.of(ror=ror, openalex=number), country.upper() if country else None)


def _identifiers(own: Identifier, work: dict[str, Any], ids: dict[str, Any]) -> tuple[Identifier, ...]:
    """Its own, and the archives' numbers on the pages where it stands."""
    held = identifiers.of(doi=[work.get("doi"), ids.get("doi")], pmid=ids.get("pmid"), pmcid=ids.get("pmcid"))
    elsewhere = set()
    for address in {one for place in work.get("locations") or () for one in (place.landing_page_url, place.pdf_url)}:
        one = identifiers.from_url(address)
        if one is not None:
            elsewhere.add(identifiers.implies(one) or one)
    return identifiers.united((own,), held, tuple(one for one in elsewhere if one.scheme in _FROM_LOCATIONS))


def _links(place: _Place, best: _Place) -> tuple[Link, ...]:
    """The landing page, unless it is a DOI, and the free PDF."""
    found = set()
    landing = texts.clean(place.landing_page_url or best.landing_page_url)
    if landing and re.match(r"https?://(?!(?:dx\.)?doi\.org/)\S+$", landing):
        found.add(Link(landing))
    for pdf in (texts.clean(best.pdf_url), texts.clean(place.pdf_url)):
        if pdf and re.fullmatch(r"https?://\S+", pdf):
            found.add(Link(pdf, "pdf"))
    return tuple(sorted(found))


SOURCE = Source(
    name="openalex",
    title="OpenAlex",
    revision=1,
    parse=parse,
    first=first,
    next=next_page,
    ask=ask,
    authorise=authorise,
    refetch=refetch,
    total=total,
    listed=listed,
    base_url=API,
    needs=("OPENALEX_API_KEY",),
    answers=("openalex", "doi", "arxiv", "pmid", "title"),
    deduplicates=True,
    trust=40,
    seconds_between_requests=0.2,
    host_group="openalex",
    media="json",
)
