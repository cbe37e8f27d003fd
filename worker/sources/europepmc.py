"""Europe PMC, its search in JSON (no key): PubMed, PubMed Central, and preprints of the life sciences.
https://europepmc.org/RestfulWebService

A harvest walks one query by cursor; changes are found by the day an entry was updated. In the sources file::

    query = 'AFF:"Mila" AND AFF:"Quebec"'
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

from worker.errors import Malformed, Transient
from worker.formats import values, xml
from worker.formats.items import each, fields, unread
from worker.formats.tagged_records import medline_kind
from worker.normalise import identifiers, texts
from worker.normalise.dates import partial_date
from worker.normalise.names import split_name
from worker.page import Page, Question, Request, Site, Source, Window
from worker.record import Affiliation, Author, Link, PaperKind, Record, TextState, VersionKind

API = "https://www.ebi.ac.uk/europepmc/webservices/rest"
PER_PAGE = 200
DEEPEST = 12
"""Elements inside elements of one entry."""
FOUND_PER_QUESTION = 5

_KNOWN = fields(
    "id source pmid pmcid fullTextIdList doi title authorString authorList authorIdList dataLinksTagsList journalInfo "
    "journalTitle journalVolume journalIssn pubYear pageInfo abstractText affiliation publicationStatus language "
    "pubModel pubTypeList pubType keywordList meshHeadingList chemicalList subsetList fullTextUrlList isOpenAccess "
    "inEPMC inPMC hasPDF hasBook hasSuppl citedByCount hasData hasReferences hasTextMinedTerms "
    "hasDbCrossReferences hasLabsLinks hasEvaluations authMan epmcAuthMan nihAuthMan hasTMAccessionNumbers "
    "tmAccessionTypeList dbCrossReferenceList dateOfCreation firstIndexDate dateOfRevision dateOfCompletion "
    "electronicPublicationDate firstPublicationDate fullTextReceivedDate grantsList commentCorrectionList license "
    "issue bookOrReportDetails investigatorList versionNumber versionList manuscriptId embargoDate "
    "patentDetails patentApplicationDetails luceneScore score translations topicList methodList hasFullText"
)

_KINDS: dict[str, PaperKind] = {"correction": "erratum", "thesis": "thesis", "report": "report"}
"""Types of its own, besides those of Medline."""


def first(site: Site, window: Window) -> Iterator[Request]:
    """One walk through what the query finds, updated since the day before the window begins."""
    query = site.options.get("query")
    if not isinstance(query, str) or not query.strip():
        return
    query = query.strip()
    if window.since is not None:
        query = f"({query}) AND UPDATE_DATE:[{window.since - timedelta(days=1)} TO 3000-12-31]"
    yield _request(site, {"query": query, "pageSize": str(PER_PAGE), "cursorMark": "*"})


def next_page(site: Site, page: Page) -> Request | None:
    """The page the cursor leads to; nothing when there is none, when it stands still, or after an empty page."""
    query = dict(parse_qsl(urlsplit(page.url).query))
    content = page.json()
    mark = values.inner(content, "nextCursorMark")
    if "cursorMark" not in query or not isinstance(mark, str) or not mark or mark == query["cursorMark"]:
        return None
    return _request(site, {**query, "cursorMark": mark}) if _results(content) else None


def ask(site: Site, question: Question) -> Request | None:
    """Entries by an identifier, or by the words of a title."""
    match question.by:
        case "pmid":
            query = f"EXT_ID:{question.value} AND SRC:MED"
        case "pmcid":
            query = f"PMCID:{question.value}"
        case "doi":
            query = f'DOI:"{question.value}"'
        case "title":
            words = " ".join(re.findall(r"[^\W_]+(?:['’-][^\W_]+)*", question.value)[:40])
            if not words:
                return None
            query = f'TITLE:"{words}"'
        case _:
            return None
    return _request(site, {"query": query, "pageSize": str(FOUND_PER_QUESTION)})


def total(page: Page) -> int | None:
    """How many entries the query finds."""
    return values.count(values.inner(page.json(), "hitCount"))


def listed(page: Page) -> list[str]:
    """Source and number of each entry of a list."""
    return [f"{one.get('source')}:{one.get('id')}" for one in values.objects(_results(page.json()))]


def check(page: Page) -> None:
    """Refuses an empty first page of a query that finds something.

    Raises:
        Transient: that.
    """
    if page.status != 200:
        return
    content = page.json()
    if (total(page) or 0) > 0 and not _results(content) and "cursorMark=%2A" in page.url.replace("=*", "=%2A"):
        raise Transient(f"{page.url}: {total(page)} entries, but an empty page")


def parse(page: Page) -> Iterator[Record | Malformed]:
    """A record an entry, of an answer in JSON, in XML, or in XML of Dublin Core; lists of bare ids hold nothing to
    read.

    Raises:
        Malformed: no answer of Europe PMC, or one that says what was wrong with the query.
    """
    if page.body.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<"):
        return each(_of_xml(xml.parse(page.body, page.url)), _record, page.url)
    content = page.json()
    if not isinstance(content, dict) or "resultList" not in content:
        told = values.inner(content, "errMsg") or values.inner(content, "message") or content
        raise Malformed(f"{page.url}: expected a resultList, found {str(told)[:120]!r}", page.body)
    return each(_results(content), _record, page.url, page.seen)


def _of_xml(root: xml.Element) -> list[dict[str, Any]]:
    """Entries told in XML, in the shape of the same entries in JSON."""
    found = [_shaped(one) for one in xml.below(root, "result")]
    return found + [_of_dublin_core(one) for one in xml.below(root, "Description")]


def _shaped(element: xml.Element, depth: int = 0) -> Any:
    """Elements by name; what comes twice is a list; the text of one without elements, with its markup."""
    if not len(element) or depth > DEEPEST or any(xml.local(one) in ("i", "b", "sub", "sup", "h4") for one in element):
        return xml.markup(element)
    told: dict[str, Any] = {}
    for one in element:
        name, value = xml.local(one), _shaped(one, depth + 1)
        if name in told:
            told[name] = [*values.listed(told[name]), value]
        else:
            told[name] = value
    return told


def _of_dublin_core(element: xml.Element) -> dict[str, Any]:
    """What Dublin Core tells of an entry; its id stands in the address it is about."""
    told: dict[str, list[str | None]] = {}
    for one in element:
        told.setdefault(xml.local(one), []).append(xml.text(one))
    about = re.search(r"/([A-Z]{3})/(\w+)/?$", xml.attribute(element, "about") or "")
    addresses = [identifiers.from_url(one) for one in told.get("identifier", ())]
    return {
        "source": about[1] if about else None,
        "id": about[2] if about else None,
        "title": told.get("title"),
        "authorList": {"author": [{"fullName": name} for name in told.get("creator", ())]},
        "abstractText": told.get("abstract"),
        "doi": next((one.value for one in addresses if one is not None and one.scheme == "doi"), None),
        "language": told.get("language"),
        "firstPublicationDate": values.text(told.get("date")),
        "pubTypeList": {"pubType": (values.text(told.get("description")) or "").split("; ")},
    }


def _results(content: Any) -> list[Any]:
    return values.listed(values.inner(content, "resultList", "result"))


def _request(site: Site, query: dict[str, str]) -> Request:
    asked = {**query, "format": "json", "resultType": "core"}
    return Request(f"{(site.base_url or API).rstrip('/')}/search?{urlencode(asked, quote_via=quote, safe=':*')}")


def _record(entry: dict[str, Any]) -> Record | None:
    source, number = values.text(entry["source"]), values.text(entry["id"])
    if source is None or number is None:
        raise ValueError(f"expected a source and an id, found {entry['source']!r} and {entry['id']!r}")
    title = values.text(entry.get("title"))
    if title is None and not entry.get("abstractText"):
        return None  # a list of bare ids
    language = values.language(entry.get("language"))
    abstract, state = values.abstract(entry.get("abstractText"))
    kind, version = _kinds(entry, source)
    issue = entry.get("journalInfo")
    authors, authors_state = _authors(entry)
    return Record(
        source_key=f"{source}:{number}",
        title=_without_stop(title),
        title_language=values.spoken(title, language),
        abstract=abstract,
        abstract_language=values.spoken(abstract, language),
        abstract_state=state,
        authors=authors,
        authors_state=authors_state,
        identifiers=identifiers.of(
            doi=entry.get("doi"),
            pmid=entry.get("pmid") or (number if source == "MED" else None),
            pmcid=entry.get("pmcid") or (number if source == "PMC" else None),
        ),
        kind=kind,
        version=version,
        date=_date(entry),
        venue=_venue(entry, version),
        volume=values.text(values.inner(issue, "volume")) or values.text(entry.get("journalVolume")),
        issue=values.text(values.inner(issue, "issue")) or values.text(entry.get("issue")),
        pages=values.text(entry.get("pageInfo")),
        publisher=values.text(values.inner(entry.get("bookOrReportDetails"), "publisher")),
        language=language,
        links=_links(entry),
        topics=values.words(values.listed(values.inner(entry.get("keywordList"), "keyword"))),
        n_citations=values.count(entry.get("citedByCount")),
        licence=values.licence(entry.get("license")),
        is_retracted="retracted publication" in _types(entry),
        updated_at=values.moment(entry.get("dateOfRevision")),
        unread=unread(entry.keys() - _KNOWN),
    )


def _date(entry: dict[str, Any]) -> str | None:
    """The first day it was published. Of an issue known by its month or year alone Europe PMC makes the first day of
    that: then as the issue says it."""
    issue = entry.get("journalInfo")
    first, online = (partial_date(entry.get(f"{name}PublicationDate")) for name in ("first", "electronic"))
    told, filled = (partial_date(values.inner(issue, name)) for name in ("dateOfPublication", "printPublicationDate"))
    if first and told and first.startswith(told) and first == filled != online:
        return told
    return first or told or filled or partial_date(entry.get("pubYear"))


def _without_stop(title: str | None) -> str | None:
    """Titles end with a full stop here, as in citations; an abbreviation at the end keeps its own."""
    if title and title.endswith(".") and not re.search(r"(?:\.\.|\b[A-Z]|\b(?:et al|etc|vs|Inc|Ltd|Jr))\.$", title):
        return title[:-1].rstrip() or None
    return title


def _types(entry: dict[str, Any]) -> list[str]:
    told = values.listed(values.inner(entry.get("pubTypeList"), "pubType")) or re.split(
        r"\s*;\s*", values.text(entry.get("pubType")) or ""
    )
    return [shown.lower() for one in told if (shown := texts.clean(one))]


def _kinds(entry: dict[str, Any], source: str) -> tuple[PaperKind | None, VersionKind | None]:
    told = _types(entry)
    kind = next((_KINDS[one] for one in told if one in _KINDS), None) or medline_kind(set(told))[0]
    if source == "PPR" or kind == "preprint":
        return "preprint", "preprint"
    kind = kind or ("article" if entry.get("journalInfo") else None)
    return kind, "journal" if kind in ("article", "editorial", "erratum", "review") else None


def _venue(entry: dict[str, Any], version: VersionKind | None) -> str | None:
    if version == "preprint":
        return values.text(values.inner(entry.get("bookOrReportDetails"), "publisher"))
    return (
        values.text(values.inner(entry.get("journalInfo"), "journal", "title"))
        or values.text(entry.get("journalTitle"))
        or values.text(values.inner(entry.get("bookOrReportDetails"), "bookTitle"))
    )


def _authors(entry: dict[str, Any]) -> tuple[tuple[Author, ...], TextState]:
    """People with their parts and places; in the lite answer, names in one text that may be cut."""
    listed = values.objects(values.inner(entry.get("authorList"), "author"))
    if listed:
        return tuple(one for person in listed if (one := _author(person)) is not None), "whole"
    told = (values.text(entry.get("authorString")) or "").rstrip(". ")
    names = [name for name in re.split(r"\s*,\s*", told) if name and not re.fullmatch(r"(?i)et al\.?", name)]
    cut = told.lower().endswith("et al") or told.endswith("…")
    people = (values.person(None, *split_name(name)) for name in names)
    return tuple(one for one in people if one is not None), "cut" if cut else "whole"


def _author(person: dict[str, Any]) -> Author | None:
    if values.text(person.get("lastName")) is None and values.text(person.get("fullName")) is None:
        return values.group(person.get("collectiveName"))
    told = person.get("authorId")
    # In XML the kind of id is an attribute; what is no ORCID iD is none by its form.
    orcid = (told.get("value") if told.get("type") == "ORCID" else None) if isinstance(told, dict) else told
    places = values.objects(values.inner(person.get("authorAffiliationDetailsList"), "authorAffiliation"))
    printed = [values.text(place.get("affiliation")) for place in places] or [values.text(person.get("affiliation"))]
    return values.person(
        None if values.text(person.get("lastName")) else person.get("fullName"),
        person.get("firstName") or person.get("initials"),
        person.get("lastName"),
        identifiers.of(orcid=orcid),
        [Affiliation(_without_mail(place)) for place in printed if place and _without_mail(place)],
    )


def _without_mail(place: str) -> str:
    """An address of a person is no part of the place."""
    if "@" in place:
        place = re.sub(r"(?i)\s*(?:electronic address|e-?mail)?\s*:?\s*(?<!\S)\S+@\S+", "", place)
    place = place.strip(" ;,")
    return re.sub(r"(?<=\w{4})\.$", "", place)


def _links(entry: dict[str, Any]) -> tuple[Link, ...]:
    """Free full texts; the DOI is an identifier already."""
    found = set()
    for one in values.objects(values.inner(entry.get("fullTextUrlList"), "fullTextUrl")):
        target = values.address(one.get("url"))
        if target and one.get("availabilityCode") in ("OA", "F") and one.get("documentStyle") in ("pdf", "html"):
            found.add(Link(target, "pdf" if one["documentStyle"] == "pdf" else "landing"))
    return tuple(sorted(found))


SOURCE = Source(
    name="europepmc",
    title="Europe PMC",
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
    answers=("pmid", "pmcid", "doi", "title"),
    trust=40,
    seconds_between_requests=0.3,
    host_group="europepmc",
    media="json",
)
