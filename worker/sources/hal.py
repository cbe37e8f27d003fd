"""HAL, the French open archive, by its search (no key). https://api.archives-ouvertes.fr/docs/search

A harvest walks one query by cursor; changes are found by the moment of change. In the sources file::

    query = "structName_t:Mila"       # Solr syntax; or:
    collection = "INRIA"              # everything of a portal or a collection

A deposit may have its title and abstract in several languages. The language of the deposit makes the record; each
further one makes a record of its own beside it, with the same HAL number, so that both stay what they are.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

from worker.errors import Malformed, Transient
from worker.formats import parts, values
from worker.formats.items import each, fields, unread
from worker.normalise import identifiers, texts
from worker.normalise.dates import partial_date
from worker.page import Page, Question, Request, Site, Source, Window
from worker.record import Affiliation, Author, Link, PaperKind, Record, VersionKind

API = "https://api.archives-ouvertes.fr"
PER_PAGE = 300
FOUND_PER_QUESTION = 5
LANGUAGES = ("fr", "en")
"""Languages whose own titles and abstracts are asked for."""
_FIELDS = (
    "docid halId_s version_i uri_s docType_s language_s title_s subTitle_s abstract_s fr_title_s en_title_s "
    "fr_subTitle_s en_subTitle_s fr_abstract_s en_abstract_s keyword_s authFullName_s authFirstName_s authLastName_s "
    "authIdHal_s authORCIDIdExt_s authFullNameFormIDPersonIDIDHal_fs authIdHasStructure_fs doiId_s arxivId_s "
    "pubmedId_s pubmedcentralId_s producedDate_s publicationDate_s conferenceStartDate_s journalTitle_s "
    "journalPublisher_s publisher_s conferenceTitle_s bookTitle_s volume_s issue_s page_s isbn_s fileMain_s "
    "openAccess_bool licence_s modifiedDate_tdate"
)

_KNOWN = fields(
    f"{_FIELDS} domain_s structId_i structName_s label_s citationRef_s citationFull_s submittedDate_s "
    "submittedDate_tdate releasedDate_tdate producedDateY_i publicationDateY_i primaryDomain_s files_s labStructName_s "
    "instStructName_s keyword_t title_t abstract_t authQuality_s audience_s peerReviewing_s popularLevel_s "
    "proceedings_s invitedCommunication_s city_s country_s submitType_s status_i fileType_s thumbId_i label_bibtex "
    "label_endnote label_xml linkExtId_s linkExtUrl_s seeAlso_s collCode_s language_t journalIssn_s journalEissn_s "
    "_version_ authFullNameIdHal_fs authIdHal_i authId_i authLastNameFirstName_s structCountry_s docid_i score"
)
_KINDS: dict[str, PaperKind] = {
    "ART": "article",
    "COMM": "conference",
    "PROCEEDINGS": "front_matter",
    "ISSUE": "front_matter",
    "POSTER": "conference",
    "PREPRINT": "preprint",
    "UNDEFINED": "preprint",
    "OUV": "book",
    "COUV": "book_chapter",
    "DOUV": "front_matter",
    "THESE": "thesis",
    "HDR": "thesis",
    "MEM": "thesis",
    "ETABTHESE": "thesis",
    "REPORT": "report",
    "REPACT": "report",
    "CREPORT": "report",
    "NOTICE": "book_chapter",
    "TRAD": "book",
}
_FURTHER = "@language"


def first(site: Site, window: Window) -> Iterator[Request]:
    """One walk through what the query finds, changed since the day before the window begins."""
    told = site.options.get("query")
    query = told.strip() if isinstance(told, str) else ""
    if not query and not site.options.get("collection"):
        return
    asked = {"q": query or "*:*", "sort": "docid asc", "rows": str(PER_PAGE), "cursorMark": "*"}
    if window.since is not None:
        asked["fq"] = f"modifiedDate_tdate:[{window.since - timedelta(days=1)}T00:00:00Z TO *]"
    yield _request(site, asked)


def next_page(site: Site, page: Page) -> Request | None:
    """The page the cursor leads to, until the cursor stands still."""
    query = dict(parse_qsl(urlsplit(page.url).query))
    mark = values.inner(page.json(), "nextCursorMark")
    if "cursorMark" not in query or not isinstance(mark, str) or mark in ("", query["cursorMark"]):
        return None
    return _request(site, {**query, "cursorMark": mark})


def ask(site: Site, question: Question) -> Request | None:
    """Deposits by an identifier, or by the words of a title."""
    fields_by = {"hal": "halId_s", "doi": "doiId_s", "arxiv": "arxivId_s"}
    if question.by in fields_by:
        # HAL keeps a DOI as it was typed, and compares letter by letter.
        spellings = {question.value, question.value.upper()} if question.by == "doi" else {question.value}
        query = f"{fields_by[question.by]}:({' OR '.join(sorted(map(_quoted, spellings)))})"
    elif question.by == "title":
        words = re.findall(r"[^\W_]+", question.value.lower())[:40]
        if not words:
            return None
        query = f"title_t:({' AND '.join(words)})"
    else:
        return None
    return _request(site, {"q": query, "rows": str(FOUND_PER_QUESTION)})


def total(page: Page) -> int | None:
    """How many deposits the query finds."""
    return values.count(values.inner(page.json(), "response", "numFound"))


def listed(page: Page) -> list[str]:
    """The HAL numbers of a list, each once however many languages it is told in."""
    return [str(one.get("halId_s") or one.get("docid")) for one in values.objects(_documents(page.json()))]


def check(page: Page) -> None:
    """Refuses an error, and an empty first page of a query that finds something.

    Raises:
        Transient: that.
    """
    if page.status != 200:
        return
    content = page.json()
    query = dict(parse_qsl(urlsplit(page.url).query))
    if values.inner(content, "error") is not None and "response" not in content:
        told = values.inner(content, "error", "msg") or content["error"]
        raise Transient(f"{page.url}: HAL says {str(told)[:200]}")
    if query.get("cursorMark") == "*" and (total(page) or 0) > 0 and not _documents(content):
        raise Transient(f"{page.url}: {total(page)} deposits, but an empty page")


def parse(page: Page) -> Iterator[Record | Malformed]:
    """A record a deposit, and one for each further language it is described in.

    Raises:
        Malformed: no answer of HAL, or one that says what was wrong.
    """
    content = page.json()
    if values.inner(content, "response") is None and not isinstance(content, list):
        told = values.inner(content, "error", "msg") or values.inner(content, "error") or content
        raise Malformed(f"{page.url}: expected a response, found {str(told)[:200]!r}", page.body)
    found = content if isinstance(content, list) else _documents(content)
    return each(_by_language(found), _record, page.url)


def _quoted(value: str) -> str:
    return f'"{value}"'


def _documents(content: Any) -> list[Any]:
    return values.listed(values.inner(content, "response", "docs"))


def _by_language(found: list[Any]) -> Iterator[Any]:
    for one in found:
        yield one
        if isinstance(one, dict):
            own = values.language(one.get("language_s"))
            for language in LANGUAGES:
                told = values.text(one.get(f"{language}_title_s"))
                if told and language != own and told != _title(one, own):
                    yield {**one, _FURTHER: language}


def _request(site: Site, asked: dict[str, str]) -> Request:
    base = (site.base_url or API).rstrip("/")
    collection = site.options.get("collection")
    place = f"{quote(str(collection), safe='')}/" if collection else ""
    query = {**asked, "wt": "json", "fl": ",".join(_FIELDS.split())}
    return Request(f"{base}/search/{place}?{urlencode(query, quote_via=quote, safe=':*,')}")


def _title(deposit: dict[str, Any], language: str | None) -> str | None:
    title = values.text(deposit.get(f"{language}_title_s")) or values.text(deposit.get("title_s"))
    subtitle = values.text(deposit.get(f"{language}_subTitle_s")) or values.text(deposit.get("subTitle_s"))
    return values.titled(title, subtitle, " : " if language == "fr" else ": ")


def _record(deposit: dict[str, Any]) -> Record | None:
    own = identifiers.normalise("hal", deposit["halId_s"])
    if own is None:
        raise ValueError(f"expected a HAL number, found {deposit['halId_s']!r}")
    further = deposit.get(_FURTHER)
    language = values.language(deposit.get("language_s"))
    spoken = further or language
    if further:
        title = values.text(deposit.get(f"{further}_title_s"))
        abstract, state = values.abstract(deposit.get(f"{further}_abstract_s"))
    else:
        title = _title(deposit, language)
        abstract, state = values.abstract(deposit.get(f"{language}_abstract_s") or deposit.get("abstract_s"))
    kind, version, venue = _standing(deposit)
    date = values.text(deposit.get("publicationDate_s")) or values.text(deposit.get("producedDate_s"))
    return Record(
        source_key=f"{own.value}@{further}" if further else own.value,
        title=title,
        title_language=spoken if further else values.spoken(title, spoken),
        abstract=abstract,
        abstract_language=values.spoken(abstract, spoken) if not further else spoken if abstract else None,
        abstract_state=state,
        authors=_authors(deposit),
        identifiers=identifiers.united(
            (own,),
            identifiers.of(
                doi=deposit.get("doiId_s"),
                arxiv=deposit.get("arxivId_s"),
                pmid=deposit.get("pubmedId_s"),
                pmcid=deposit.get("pubmedcentralId_s"),
            ),
        ),
        kind=kind,
        version=version,
        date=partial_date(date),
        venue=venue,
        volume=values.text(deposit.get("volume_s")),
        issue=values.text(deposit.get("issue_s")),
        pages=parts.pages(values.text(deposit.get("page_s"))),
        publisher=values.text(deposit.get("journalPublisher_s")) or values.text(deposit.get("publisher_s")),
        language=language,
        links=_links(deposit),
        topics=values.words(values.listed(deposit.get("keyword_s"))),
        oa_status="green" if deposit.get("openAccess_bool") is True else None,
        licence=values.licence(deposit.get("licence_s")),
        updated_at=values.moment(deposit.get("modifiedDate_tdate")),
        unread=unread(deposit.keys() - _KNOWN - {_FURTHER}),
    )


def _standing(deposit: dict[str, Any]) -> tuple[PaperKind | None, VersionKind | None, str | None]:
    told = values.text(deposit.get("docType_s"))
    kind = _KINDS.get(told.upper(), "other") if told else None
    journal, meeting = values.text(deposit.get("journalTitle_s")), values.text(deposit.get("conferenceTitle_s"))
    if kind == "conference":
        return kind, "proceedings", meeting or journal
    if kind == "preprint":
        return kind, "preprint", "HAL"
    return kind, "journal" if kind == "article" else None, journal or values.text(deposit.get("bookTitle_s")) or meeting


def _authors(deposit: dict[str, Any]) -> tuple[Author, ...]:
    """Names with the parts and places that stand at the same positions in other lists, when these are as long.

    ``authFullNameFormIDPersonIDIDHal_fs`` and ``authIdHasStructure_fs`` join their parts by ``_FacetSep_`` and
    ``_JoinSep_``: form and person of each author, and the structures of each form.
    """
    names = values.listed(deposit.get("authFullName_s"))
    given, family = (_beside(deposit.get(name), names) for name in ("authFirstName_s", "authLastName_s"))
    forms = _beside(deposit.get("authFullNameFormIDPersonIDIDHal_fs"), names)
    places = _places(deposit.get("authIdHasStructure_fs"))
    found = []
    for at, name in enumerate(names):
        form = re.split(r"_FacetSep_", str(forms[at] or ""))[1:2]
        number = form[0].partition("-")[0] if form else ""
        affiliations = [Affiliation(place) for place in places.get(number, ())]
        found.append(
            values.person(None if family[at] else name, given[at] if family[at] else None, family[at], (), affiliations)
        )
    return tuple(one for one in found if one is not None)


def _beside(value: Any, names: list[Any]) -> list[Any]:
    told = values.listed(value)
    return told if len(told) == len(names) else [None] * len(names)


def _places(value: Any) -> dict[str, list[str]]:
    """``1234-567_FacetSep_Ada Exemple_JoinSep_89_FacetSep_Mila``: the structures by the number of the author's form."""
    found: dict[str, list[str]] = {}
    for one in values.listed(value):
        author, joined, place = str(one).partition("_JoinSep_")
        name = texts.clean(place.partition("_FacetSep_")[2])
        if joined and name:
            found.setdefault(author.partition("_FacetSep_")[0].partition("-")[0], []).append(name)
    return found


def _links(deposit: dict[str, Any]) -> tuple[Link, ...]:
    landing, pdf = values.address(deposit.get("uri_s")), values.address(deposit.get("fileMain_s"))
    return tuple(sorted([*([Link(landing)] if landing else []), *([Link(pdf, "pdf")] if pdf else [])]))


SOURCE = Source(
    name="hal",
    title="HAL",
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
    answers=("hal", "doi", "arxiv", "title"),
    trust=42,
    seconds_between_requests=0.5,
    host_group="hal",
    media="json",
)
