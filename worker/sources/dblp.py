"""dblp, the computer science bibliography: by SPARQL, by its search, and from its XML and RDF. https://dblp.org/faq

Since September 2026 the search shows a bot check to programs, so a harvest asks the SPARQL service, 200 publications a
page. In the sources file, any of these::

    people = ["56/953"]             # ids of people
    streams = ["conf/iclr"]         # conferences and journals
    search_api = true               # ask the search for titles as well

No abstracts. All of dblp is CC0.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, quote, urlencode, urlsplit

from worker.errors import Malformed, Misconfigured, Transient
from worker.formats import parts, turtle, values, xml
from worker.formats.files import DBLP
from worker.formats.items import each, fields, unread
from worker.normalise import identifiers
from worker.normalise.dates import partial_date
from worker.page import Page, Question, Request, Site, Source, Window
from worker.record import Author, Identifier, Link, PaperKind, Record, VersionKind

API = "https://sparql.dblp.org"
SEARCH = "https://dblp.org"
PER_PAGE = 200
FOUND_PER_QUESTION = 5
_REC = "https://dblp.org/rec/"
_RESULTS = {"Accept": "application/sparql-results+json"}

_KNOWN = fields(
    "authors title venue volume number pages publisher year type access key doi ee url isbn editors school mdate "
    "publtype orcid names note month series language author editor journal booktitle crossref cite cdrom stream rel "
    "address chapter cdate publnr"
)
_KINDS: dict[str, PaperKind] = {
    "conference and workshop papers": "conference",
    "inproceedings": "conference",
    "journal articles": "article",
    "article": "article",
    "informal and other publications": "preprint",
    "informal": "preprint",
    "books and theses": "book",
    "book": "book",
    "phdthesis": "thesis",
    "mastersthesis": "thesis",
    "parts in books or collections": "book_chapter",
    "incollection": "book_chapter",
    "editorship": "front_matter",
    "proceedings": "front_matter",
    "reference works": "book_chapter",
    "reference": "book_chapter",
    "data and artifacts": "dataset",
    "data": "dataset",
    "withdrawn items": "other",
    "withdrawn": "other",
}
_SELECT = """PREFIX dblp: <https://dblp.org/rdf/schema#>
SELECT ?publ ?title ?year ?doi ?ee ?venue ?volume ?number ?pages ?type ?n ?name ?person ?orcid WHERE {{
{chosen}
?publ dblp:title ?title .
OPTIONAL {{ ?publ dblp:yearOfPublication ?year }}
OPTIONAL {{ ?publ dblp:doi ?doi }}
OPTIONAL {{ ?publ dblp:primaryDocumentPage ?ee }}
OPTIONAL {{ ?publ dblp:publishedIn ?venue }}
OPTIONAL {{ ?publ dblp:publishedInJournalVolume ?volume }}
OPTIONAL {{ ?publ dblp:publishedInJournalVolumeIssue ?number }}
OPTIONAL {{ ?publ dblp:pagination ?pages }}
OPTIONAL {{ ?publ dblp:bibtexType ?type }}
OPTIONAL {{ ?publ dblp:hasSignature ?s . ?s dblp:signatureOrdinal ?n ; dblp:signatureDblpName ?name .
OPTIONAL {{ ?s dblp:signatureCreator ?person }} OPTIONAL {{ ?s dblp:signatureOrcid ?orcid }} }}
}} ORDER BY ?publ ?n"""
_WALK = "{{ SELECT DISTINCT ?publ WHERE {{ {pattern} }} ORDER BY ?publ LIMIT {limit} OFFSET {offset} }}"


def first(site: Site, window: Window) -> Iterator[Request]:
    """One walk a person and one a stream, in pages of whole publications."""
    for person in values.listed(site.options.get("people")):
        pid = identifiers.normalise("dblp_pid", person)
        if pid is None:
            raise Misconfigured(f"{site.name}: expected dblp ids of people such as 56/953, found {person!r}")
        yield _walk(site, f"?publ dblp:authoredBy <https://dblp.org/pid/{pid.value}>")
    for stream in values.listed(site.options.get("streams")):
        if not isinstance(stream, str) or not re.fullmatch(r"[a-z]+/[A-Za-z0-9_-]+", stream):
            raise Misconfigured(f"{site.name}: expected streams such as conf/iclr, found {stream!r}")
        yield _walk(site, f"?publ dblp:publishedInStream <https://dblp.org/streams/{stream}>")


def next_page(site: Site, page: Page) -> Request | None:
    """The following publications, after a page that is full."""
    query = parse_qs(urlsplit(page.url).query).get("query", [""])[0]
    place = re.search(r"LIMIT (\d+) OFFSET (\d+)", query)
    if place is None:
        return None
    rows = values.objects(values.inner(page.json(), "results", "bindings"))
    if len({values.inner(row, "publ", "value") for row in rows}) < int(place[1]):
        return None
    following = f"LIMIT {place[1]} OFFSET {int(place[2]) + int(place[1])}"
    return _sparql(site, query[: place.start()] + following + query[place.end() :])


def ask(site: Site, question: Question) -> Request | None:
    """A publication by its key, arXiv number or DOI; by the words of its title where the sources file allows it."""
    match question.by:
        case "dblp":
            subjects = [f"<{_REC}{question.value}>"]
        case "arxiv" if "/" not in question.value:
            subjects = [f"<{_REC}journals/corr/abs-{question.value.replace('.', '-')}>"]
        case "doi" if not re.search(r"[<>\"{}|\\^`\s]", question.value):
            # dblp writes a DOI as the publisher does, in small letters or in capitals.
            spelled = dict.fromkeys((question.value, question.value.upper()))
            dois = " ".join(f"<https://doi.org/{doi}>" for doi in spelled)
            return _sparql(site, _SELECT.format(chosen=f"VALUES ?asked {{ {dois} }} ?publ dblp:doi ?asked ."))
        case "title" if site.options.get("search_api") is True:
            words = " ".join(re.findall(r"[^\W_]+", question.value)[:30])
            home = site.base_url.rstrip("/") if site.base_url not in ("", API) else SEARCH
            asked = {"q": words.lower(), "format": "json", "h": str(FOUND_PER_QUESTION), "f": "0", "c": "0"}
            return Request(f"{home}/search/publ/api?{urlencode(asked, quote_via=quote)}") if words else None
        case _:
            return None
    return _sparql(site, _SELECT.format(chosen=f"VALUES ?publ {{ {' '.join(subjects)} }}"))


def total(page: Page) -> int | None:
    """How many publications the search finds; SPARQL does not tell."""
    if not page.body.lstrip().startswith(b"{"):
        return None
    return values.count(values.inner(page.json(), "result", "hits", "@total"))


def check(page: Page) -> None:
    """Refuses what the search says went wrong.

    Raises:
        Transient: it says so.
    """
    if page.status == 200 and page.body.lstrip().startswith(b"{"):
        status = values.inner(page.json(), "result", "status")
        if status is not None and values.text(values.inner(status, "@code")) not in ("200", None):
            raise Transient(f"{page.url}: dblp says {values.text(values.inner(status, 'text'))}")


def parse(page: Page) -> Iterator[Record | Malformed]:
    """A record a publication: of the search, of SPARQL results, of dblp's XML or of its RDF.

    Raises:
        Malformed: none of these.
    """
    start = page.body.lstrip(b"\xef\xbb\xbf \t\r\n")[:1]
    if start == b"{":
        content = page.json()
        if values.inner(content, "results", "bindings") is not None:
            return each(_of_rows(content["results"]["bindings"]), _record, page.url)
        hits = content["result"]["hits"]
        return each([_of_hit(hit) for hit in values.listed(hits.get("hit"))], _record, page.url)
    if re.match(rb"\s*(?:@prefix|@base|<https?:)", page.body):
        subjects = turtle.read(page.text(), page.url)
        return each([_of_node(key, node) for key, node in subjects.items() if key.startswith(_REC)], _record, page.url)
    if start == b"<":
        elements = xml.elements(page.body, page.url, *DBLP)
        found = [one if isinstance(one, Malformed) else _of_element(one) for one in elements]
        return each(found, _record, page.url)
    raise Malformed(f"{page.url}: expected JSON, XML or RDF of dblp, found {page.body[:40]!r}", page.body)


def _walk(site: Site, pattern: str) -> Request:
    return _sparql(site, _SELECT.format(chosen=_WALK.format(pattern=pattern, limit=PER_PAGE, offset=0)))


def _sparql(site: Site, query: str) -> Request:
    base = (site.base_url or API).rstrip("/")
    return Request(f"{base}/sparql?{urlencode({'query': query}, quote_via=quote)}", _RESULTS)


def _of_hit(hit: Any) -> Any:
    """A hit of the search; ``author`` is a text, an object, or a list of either."""
    info = hit.get("info") if isinstance(hit, dict) else None
    if not isinstance(info, dict):
        return hit
    people = values.listed(values.inner(info.get("authors"), "author"))
    names = [(one.get("text"), one.get("@pid"), one.get("@orcid")) if isinstance(one, dict) else (one, None, None)
             for one in people]  # fmt: skip
    return {**info, "names": names}


def _of_rows(rows: Any) -> list[dict[str, Any]]:
    """SPARQL rows, one an author, as publications."""
    found: dict[str, dict[str, Any]] = {}
    for row in values.objects(rows):
        told = {name: values.inner(held, "value") for name, held in row.items()}
        key = str(told.get("publ") or "").removeprefix(_REC)
        one = found.setdefault(key, {**told, "key": key, "names": {}})
        if told.get("name"):
            one["names"][values.count(told.get("n")) or 0] = (told["name"], told.get("person"), told.get("orcid"))
    people = ("publ", "n", "name", "person", "orcid", "asked")
    return [
        {name: held for name, held in one.items() if name not in people}
        | {"names": [one["names"][n] for n in sorted(one["names"])]}
        for one in found.values()
    ]


def _of_node(subject: str, node: turtle.Node) -> dict[str, Any]:
    """What RDF says of one publication."""
    signatures = [one for one in node.get("hasSignature", ()) if isinstance(one, dict)]
    signatures.sort(key=lambda one: values.count(values.text(one.get("signatureOrdinal"))) or 0)
    return {
        "key": subject.removeprefix(_REC),
        "title": values.text(node.get("title")),
        "year": values.text(node.get("yearOfPublication")),
        "doi": node.get("doi"),
        "ee": node.get("primaryDocumentPage"),
        "venue": values.text(node.get("publishedIn")),
        "volume": values.text(node.get("publishedInJournalVolume")),
        "number": values.text(node.get("publishedInJournalVolumeIssue")),
        "pages": values.text(node.get("pagination")),
        "type": values.text(node.get("bibtexType")),
        "names": [
            tuple(values.text(one.get(f"signature{part}")) for part in ("DblpName", "Creator", "Orcid"))
            for one in signatures
        ],
    }


def _of_element(element: xml.Element) -> dict[str, Any] | Malformed:
    """A publication of the dump, of a record or of a person's page. https://dblp.org/xml/dblp.dtd"""
    kind = xml.local(element)
    if kind not in DBLP:
        return Malformed(f"expected a publication of dblp, found <{kind}>")
    told: dict[str, Any] = {}
    for one in element:
        told.setdefault(xml.local(one), []).append(xml.markup(one))
    names = [
        (xml.text(one), xml.attribute(one, "pid"), xml.attribute(one, "orcid"))
        for one in xml.children(element, "author")
    ]
    return {
        **told,
        "key": xml.attribute(element, "key"),
        "mdate": xml.attribute(element, "mdate"),
        "publtype": xml.attribute(element, "publtype"),
        "type": kind,
        "venue": told.get("journal") or told.get("booktitle"),
        "names": names,
    }


def _record(publication: dict[str, Any]) -> Record | None:
    own = identifiers.normalise("dblp", publication["key"])
    if own is None:
        raise ValueError(f"expected a dblp key, found {publication['key']!r}")
    if own.value.startswith("homepages/") or publication.get("type") == "www":
        return None  # a person
    title = values.text(publication["title"])
    elsewhere = [address for one in values.listed(publication.get("ee")) if (address := values.address(one))]
    kind, version, venue = _standing(own.value, publication)
    return Record(
        source_key=own.value,
        title=title.removesuffix(".") if title and not title.endswith("..") else title,
        title_language=values.spoken(title),
        authors=tuple(one for told in publication["names"] if (one := _author(*told)) is not None),
        identifiers=_identifiers(own, publication, elsewhere),
        kind=kind,
        version=version,
        date=partial_date(publication.get("year")),
        venue=venue,
        volume=values.text(publication.get("volume")),
        issue=values.text(publication.get("number")),
        pages=parts.pages(values.text(publication.get("pages"))),
        publisher=values.text(publication.get("publisher")) or values.text(publication.get("school")),
        links=tuple(sorted({Link(one) for one in elsewhere if "doi.org/" not in one})),
        updated_at=partial_date(publication.get("mdate")),
        unread=unread(publication.keys() - _KNOWN),
    )


def _standing(key: str, publication: dict[str, Any]) -> tuple[PaperKind | None, VersionKind | None, str | None]:
    told = (values.text(publication.get("type")) or "").rpartition("#")[2].rpartition("/")[2].lower()
    kind = _KINDS.get(told)
    venue = values.text(publication.get("venue"))
    if key.startswith("journals/corr/") or values.text(publication.get("publtype")) == "informal":
        return "preprint", "preprint", venue
    if key.startswith("phd/"):
        return "thesis", None, venue
    return kind, parts.VERSIONS.get(kind), venue


def _author(name: Any, person: Any, orcid: Any) -> Author | None:
    """The number that tells namesakes apart goes from the name; the person's id keeps them apart."""
    return values.person(values.text(name), held=identifiers.of(dblp_pid=values.text(person), orcid=values.text(orcid)))


def _identifiers(own: Identifier, publication: dict[str, Any], elsewhere: list[str]) -> tuple[Identifier, ...]:
    found = [one for address in elsewhere if (one := identifiers.from_url(address)) is not None]
    kept = [one for one in found if one.scheme in ("doi", "arxiv", "openreview", "acl", "pmlr", "hal")]
    return identifiers.united(
        identifiers.of(dblp=own.value),
        identifiers.of(doi=values.listed(publication.get("doi"))),
        tuple(kept),
        tuple(other for one in kept if (other := identifiers.implies(one)) is not None),
    )


SOURCE = Source(
    name="dblp",
    title="dblp",
    revision=1,
    parse=parse,
    first=first,
    next=next_page,
    ask=ask,
    total=total,
    check=check,
    base_url=API,
    hosts=("dblp.org",),
    needs=("PUBCAT_CONTACT",),
    answers=("dblp", "arxiv", "doi", "title"),
    deduplicates=True,
    trust=38,
    seconds_between_requests=2.0,
    host_group="dblp",
    media="any",
)
