"""Semantic Scholar, papers by its Academic Graph API (a free key: one request a second over all endpoints).
https://api.semanticscholar.org/api-docs/graph

A harvest walks the papers of authors and of a query of the bulk search, which finds by words and filters and knows no
date of change: an unchanged paper costs one comparison. In the sources file, any of these::

    authors = ["1741101"]                   # ids of people
    query = '"Mila" +learning'              # the bulk search's own syntax
    papers = ["CorpusId:470667"]            # ids to look up, 500 a request
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

from worker.errors import Malformed, Transient
from worker.formats import values
from worker.formats.items import each, fields, unread
from worker.normalise import identifiers
from worker.normalise.dates import partial_date
from worker.page import Page, Question, Request, Site, Source, Window
from worker.record import Affiliation, Author, Identifier, Link, PaperKind, Record, VersionKind

API = "https://api.semanticscholar.org/graph/v1"
PER_PAGE = 200
PER_BATCH = 500
_LISTED = (
    "paperId,corpusId,externalIds,url,title,abstract,venue,publicationVenue,year,publicationDate,publicationTypes,"
    "journal,citationCount,isOpenAccess,openAccessPdf,fieldsOfStudy,authors"
)
_ASKED = f"{_LISTED},authors.externalIds,authors.affiliations"
_KNOWN = fields(
    "paperId corpusId externalIds url title abstract venue publicationVenue year publicationDate publicationTypes "
    "journal citationCount influentialCitationCount referenceCount isOpenAccess openAccessPdf fieldsOfStudy "
    "s2FieldsOfStudy authors tldr citations references citationStyles embedding matchScore textAvailability "
    "isPublisherLicensed contexts intents"
)
_KINDS: dict[str, PaperKind] = {
    "Conference": "conference",
    "JournalArticle": "article",
    "Book": "book",
    "BookSection": "book_chapter",
    "Dataset": "dataset",
    "Editorial": "editorial",
}
_ARCHIVES = re.compile(r"(?i)^(?:arxiv(?:\.org)?|corr|bio?rxiv|medrxiv|ssrn electronic journal|research square)$")


def first(site: Site, window: Window) -> Iterator[Request]:
    """One walk an author, one for the query, and the papers named, 500 a request."""
    for author in values.listed(site.options.get("authors")):
        asked = {"fields": _ASKED, "limit": str(PER_PAGE), "offset": "0"}
        yield _request(site, f"/author/{quote(str(author), safe='')}/papers", asked)
    query = site.options.get("query")
    if isinstance(query, str) and query.strip():
        asked = {"query": query.strip(), "fields": _LISTED, "sort": "publicationDate:asc"}
        if window.since is not None:
            asked["publicationDateOrYear"] = f"{window.since}:"
        yield _request(site, "/paper/search/bulk", asked)
    papers = [str(paper) for paper in values.listed(site.options.get("papers"))]
    for start in range(0, len(papers), PER_BATCH):
        yield batch(site, papers[start : start + PER_BATCH])


def batch(site: Site, papers: list[str]) -> Request:
    """Up to 500 papers by ids of any kind (``DOI:``, ``ARXIV:``, ``CorpusId:``); the answer keeps their order."""
    return replace(_request(site, "/paper/batch", {"fields": _ASKED}), body=json.dumps({"ids": papers}).encode())


def next_page(site: Site, page: Page) -> Request | None:
    """Where the answer says the list goes on: at a token, or at an offset."""
    address = urlsplit(page.url)
    content = page.json()
    query = dict(parse_qsl(address.query))
    if not isinstance(content, dict) or not content.get("data"):
        return None
    path = address.path.removeprefix(urlsplit(site.base_url or API).path.rstrip("/"))
    if path.endswith("/search/bulk"):
        token = content.get("token")
        return _request(site, path, {**query, "token": token}) if isinstance(token, str) and token else None
    following = values.count(content.get("next"))
    if following is None or "offset" not in query or following <= (values.count(query["offset"]) or 0):
        return None
    return _request(site, path, {**query, "offset": str(following)})


def ask(site: Site, question: Question) -> Request | None:
    """A single paper by an identifier, or the one whose title is nearest."""
    kinds = {
        "doi": "DOI:",
        "arxiv": "ARXIV:",
        "pmid": "PMID:",
        "pmcid": "PMCID:",
        "acl": "ACL:",
        "corpusid": "CorpusId:",
    }
    if question.by == "title":
        words = " ".join(re.findall(r"[^\W_]+(?:['’-][^\W_]+)*", question.value)[:40])
        return _request(site, "/paper/search/match", {"query": words, "fields": _LISTED}) if words else None
    if question.by == "s2" or question.by in kinds:
        value = question.value.removeprefix("PMC") if question.by == "pmcid" else question.value
        return _request(site, f"/paper/{quote(kinds.get(question.by, '') + value, safe=':')}", {"fields": _ASKED})
    return None


def authorise(site: Site, request: Request) -> Request:
    """With the key in its header, whose name is case-sensitive."""
    key = site.secrets.get("S2_API_KEY", "").strip()
    return replace(request, headers={**request.headers, "x-api-key": key}) if key else request


def check(page: Page) -> None:
    """Refuses an answer that only says that somebody failed.

    Raises:
        Transient: it says so.
    """
    content = page.json() if page.status == 200 else None
    if isinstance(content, dict) and not content.keys() - {"message", "code", "error"}:
        told = content.get("message") or content.get("error")
        raise Transient(f"{page.url}: Semantic Scholar says {str(told)[:200]}")


def parse(page: Page) -> Iterator[Record | Malformed]:
    """A record a paper: of lists, searches, batches (where nothing stands for what was not found), single answers, and
    of lists of citations, references and recommendations.

    Answers about people and data sets hold no papers.

    Raises:
        Malformed: no answer of Semantic Scholar, or one that says that it failed.
    """
    content = page.json()
    if isinstance(content, dict):
        if "error" in content or "message" in content:
            told = content.get("error") or content.get("message")
            raise Malformed(f"{page.url}: Semantic Scholar says {str(told)[:300]}", page.body)
        for name in ("data", "recommendedPapers", "papers"):
            if name in content and "paperId" not in content:
                content = content[name]
                break
        else:
            if "total" in content and "paperId" not in content:
                return iter(())
            content = [content]
    if not isinstance(content, list):
        raise Malformed(f"{page.url}: expected papers, found {str(content)[:80]!r}", page.body)
    return each([one for one in content if one is not None and not isinstance(one, str)], _record, page.url, page.seen)


def _request(site: Site, path: str, query: dict[str, str]) -> Request:
    base = (site.base_url or API).rstrip("/")
    return Request(f"{base}{path}?{urlencode(query, quote_via=quote, safe=':,')}", public=("token",))


def _record(paper: dict[str, Any]) -> Record | None:
    paper = next((held for name in ("citingPaper", "citedPaper") if isinstance(held := paper.get(name), dict)), paper)
    if "authorId" in paper or "diffs" in paper or "release_id" in paper or "README" in paper:
        return None
    told = paper.get("externalIds")
    ids = told if isinstance(told, dict) else {}
    held = identifiers.of(corpusid=[paper.get("corpusId"), ids.get("CorpusId")], s2=paper["paperId"])
    if not held:
        return None  # a citation of something Semantic Scholar does not hold
    title = values.text(paper.get("title"))
    abstract, state = values.abstract(paper.get("abstract"))
    kind, version, venue = _standing(paper)
    journal = paper.get("journal")
    return Record(
        source_key=held[0].value,
        title=title,
        title_language=values.spoken(title),
        abstract=abstract,
        abstract_language=values.spoken(abstract),
        abstract_state=state,
        authors=tuple(one for person in values.objects(paper.get("authors")) if (one := _author(person)) is not None),
        identifiers=identifiers.united(held, _elsewhere(ids)),
        kind=kind,
        version=version,
        date=partial_date(paper.get("publicationDate")) or partial_date(paper.get("year")),
        venue=venue,
        volume=values.text(values.inner(journal, "volume")),
        pages=re.sub(r"\s+", "", values.text(values.inner(journal, "pages")) or "") or None,
        links=_links(paper),
        topics=values.words(values.listed(paper.get("fieldsOfStudy"))),
        n_citations=values.count(paper.get("citationCount")),
        oa_status=_oa_status(paper),
        licence=values.licence(values.inner(paper.get("openAccessPdf"), "license")),
        unread=unread(paper.keys() - _KNOWN),
    )


def _standing(paper: dict[str, Any]) -> tuple[PaperKind | None, VersionKind | None, str | None]:
    """Kind, version and venue. What stands in an archive of preprints is one, whatever its type says."""
    place = paper.get("publicationVenue")
    venue = values.text(values.inner(place, "name")) or values.text(paper.get("venue"))
    venue = venue or values.text(values.inner(paper.get("journal"), "name"))
    if venue and _ARCHIVES.match(venue):
        return "preprint", "preprint", venue
    told = values.words(values.listed(paper.get("publicationTypes")))
    kind: PaperKind | None = next((_KINDS[one] for one in _KINDS if one in told), None)
    home = values.inner(place, "type")
    if home == "conference" and kind in (None, "article"):
        kind = "conference"
    if kind == "conference":
        return kind, "proceedings", venue
    return kind, "journal" if kind == "article" and home == "journal" else None, venue


def _author(person: dict[str, Any]) -> Author | None:
    ids = person.get("externalIds")
    held = identifiers.of(
        s2_author=person.get("authorId"),
        orcid=ids.get("ORCID") if isinstance(ids, dict) else None,
    )
    places = [Affiliation(name) for name in values.words(values.listed(person.get("affiliations")))]
    return values.person(person.get("name"), held=held, affiliations=places)


def _elsewhere(ids: dict[str, Any]) -> tuple[Identifier, ...]:
    return identifiers.of(
        doi=ids.get("DOI"),
        arxiv=ids.get("ArXiv"),
        pmid=ids.get("PubMed"),
        pmcid=ids.get("PubMedCentral"),
        acl=ids.get("ACL"),
        dblp=ids.get("DBLP"),
    )


def _links(paper: dict[str, Any]) -> tuple[Link, ...]:
    landing, pdf = values.address(paper.get("url")), values.address(values.inner(paper.get("openAccessPdf"), "url"))
    found = [Link(landing)] if landing else []
    is_doi = pdf is not None and re.match(r"(?i)https?://(?:dx\.)?doi\.org/", pdf)
    return tuple(sorted([*found, *([Link(pdf, "pdf")] if pdf and not is_doi else [])]))


def _oa_status(paper: dict[str, Any]) -> str | None:
    told = values.text(values.inner(paper.get("openAccessPdf"), "status"))
    if told is not None:
        return told.lower()
    return "closed" if paper.get("isOpenAccess") is False else None


SOURCE = Source(
    name="semanticscholar",
    title="Semantic Scholar",
    revision=1,
    parse=parse,
    first=first,
    next=next_page,
    ask=ask,
    authorise=authorise,
    check=check,
    base_url=API,
    needs=("S2_API_KEY",),
    answers=("corpusid", "s2", "doi", "arxiv", "pmid", "pmcid", "acl", "title"),
    deduplicates=True,
    trust=50,
    seconds_between_requests=1.1,
    host_group="semanticscholar",
    media="json",
)
