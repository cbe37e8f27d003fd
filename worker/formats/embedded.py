"""What a page says of itself to machines: JSON-LD, Highwire and Dublin Core tags, COinS.

https://scholar.google.com/intl/en/scholar/inclusion.html#indexing and https://www.dublincore.org/specifications/;
COinS is an OpenURL (Z39.88) in the title of an empty ``span``. The first that tells wins, in that order.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import parse_qs, urljoin

import msgspec
from selectolax.lexbor import LexborHTMLParser

from worker.errors import Malformed
from worker.formats import parts, schema_org, values
from worker.formats.schema_org import Place
from worker.normalise import identifiers
from worker.normalise.dates import partial_date
from worker.record import Affiliation, AnyRecord, Author, Record

MOST_SPANS = 5_000
"""COinS read of one page."""


@dataclass
class Told:
    """What a page tells: its works and courses, blocks that cannot be read, and whether it is about one work."""

    records: list[AnyRecord] = field(default_factory=list)
    broken: list[Malformed] = field(default_factory=list)
    is_about_one: bool = False


def read(tree: LexborHTMLParser, place: Place) -> Told:
    """Everything embedded in a page. A page with Highwire or Dublin Core tags of a work is about that work."""
    told = Told()
    for node in tree.css('script[type="application/ld+json"]'):
        text = node.text() or ""
        try:
            told.records += schema_org.read(schema_org.loads(text, place.url), place)
        except Malformed as error:
            if any(f'"{name}"' in text for name in (*schema_org.WORKS, *schema_org.COURSES)):
                told.broken.append(error)
    tags = _tags(tree)
    own = _highwire(tags, tree, place) or _dublin_core(tags, tree, place)
    told.is_about_one = own is not None
    works = [one for one in told.records if isinstance(one, Record)]
    if own is not None and not any(_is_same(own, one) for one in works):
        told.records.append(own)
    if not works and own is None:
        told.records += _coins(tree, place)
    return told


def _is_same(own: Record, other: Record) -> bool:
    """Two blocks of one page about one work: the fuller one stands."""
    return bool(set(own.identifiers) & set(other.identifiers)) or own.title == other.title


def _tags(tree: LexborHTMLParser) -> list[tuple[str, str]]:
    """Names in lower case and contents of the page's ``meta`` tags, in their order."""
    found = []
    for node in tree.css("meta[name][content]"):
        attributes = node.attributes
        name, content = (attributes.get("name") or "").strip().lower(), (attributes.get("content") or "").strip()
        if content:
            found.append((name.replace("dcterms.", "dc.").replace("dc:", "dc."), content))
    return found


class _Tags:
    """Tags by name: the first of several names that tells, or all of them."""

    def __init__(self, tags: list[tuple[str, str]]) -> None:
        self._tags = tags

    def all(self, *names: str) -> list[str]:
        return [content for name in names for told, content in self._tags if told == name]

    def first(self, *names: str) -> str | None:
        return next(iter(self.all(*names)), None)


def _highwire(found: list[tuple[str, str]], tree: LexborHTMLParser, place: Place) -> Record | None:
    tags = _Tags(found)
    title = tags.first("citation_title")
    if title is None:
        return None
    venue = tags.first("citation_journal_title", "citation_conference_title", "citation_conference",
                       "citation_inbook_title", "citation_dissertation_institution",
                       "citation_technical_report_institution")  # fmt: skip
    kind = ("article" if tags.first("citation_journal_title") else
            "conference" if tags.first("citation_conference_title", "citation_conference") else
            "chapter" if tags.first("citation_inbook_title") else
            "thesis" if tags.first("citation_dissertation_institution") else
            "report" if tags.first("citation_technical_report_institution") else "")  # fmt: skip
    pdf = tags.first("citation_pdf_url")
    return _work(
        tree, place, kind,
        title=title,
        abstract=tags.first("citation_abstract", "dc.description.abstract", "dc.abstract", "dc.description"),
        authors=_credited(found),
        identifiers=identifiers.united(
            identifiers.of(
                doi=tags.first("citation_doi"), arxiv=tags.first("citation_arxiv_id"),
                pmid=tags.first("citation_pmid"), isbn=tags.first("citation_isbn"),
            ),
            parts.from_addresses(pdf, tags.first("citation_abstract_html_url")),
        ),
        date=parts.date(tags.first("citation_publication_date", "citation_date", "citation_online_date",
                                   "citation_year") or ""),
        venue=values.text(venue), volume=values.text(tags.first("citation_volume")),
        issue=values.text(tags.first("citation_issue")),
        pages=values.pages(tags.first("citation_firstpage"), tags.first("citation_lastpage")),
        publisher=values.text(tags.first("citation_publisher")),
        language=tags.first("citation_language"),
        topics=values.words(word for text in tags.all("citation_keywords") for word in re.split("[;,]", text)),
        pdf=pdf,
    )  # fmt: skip


def _credited(found: list[tuple[str, str]]) -> tuple[Author, ...]:
    """Authors in order; institution and ORCID belong to the author before them."""
    people: list[Author] = []
    for name, content in found:
        if name in ("citation_author", "citation_authors"):
            names = content.split(";") if name == "citation_authors" or ";" in content else [content]
            people += parts.found(values.named(one) for one in names)
        elif people and name == "citation_author_institution":
            last = people[-1]
            institution = values.text(content)
            if institution:
                people[-1] = msgspec.structs.replace(last, affiliations=(*last.affiliations, Affiliation(institution)))
        elif people and name == "citation_author_orcid":
            orcid = identifiers.normalise("orcid", content)
            if orcid is not None:
                people[-1] = msgspec.structs.replace(people[-1], identifiers=(orcid,))
    return tuple(people)


def _dublin_core(found: list[tuple[str, str]], tree: LexborHTMLParser, place: Place) -> Record | None:
    """A page of Dublin Core about a work: a title with a creator and a date or an identifier of a scheme."""
    tags = _Tags(found)
    title, creators = tags.first("dc.title"), tags.all("dc.creator", "dc.contributor.author")
    date = parts.date(tags.first("dc.date.issued", "dc.issued", "dc.date", "dc.date.created") or "")
    held = parts.from_addresses(*tags.all("dc.identifier", "dc.identifier.uri", "dc.relation"))
    held = identifiers.united(held, identifiers.of(doi=tags.first("dc.identifier.doi") or _doi(tags)))
    if not title or not creators or not (date or held):
        return None
    return _work(
        tree, place, tags.first("dc.type") or "",
        title=title,
        abstract=tags.first("dc.description.abstract", "dc.abstract", "dc.description"),
        authors=parts.found(values.named(name) for name in creators),
        identifiers=held, date=date,
        venue=values.text(tags.first("prism.publicationname", "dc.ispartof", "dc.relation.ispartof", "dc.source")),
        volume=values.text(tags.first("prism.volume")), issue=values.text(tags.first("prism.number")),
        pages=values.pages(tags.first("prism.startingpage"), tags.first("prism.endingpage")),
        publisher=values.text(tags.first("dc.publisher")),
        language=tags.first("dc.language"), topics=values.words(tags.all("dc.subject")), pdf=None,
    )  # fmt: skip


def _doi(tags: _Tags) -> str | None:
    return next((one for one in tags.all("dc.identifier", "prism.doi") if "10." in one), None)


def _work(
    tree: LexborHTMLParser, place: Place, kind: str, *, language: str | None, pdf: str | None,
    title: str, abstract: str | None, **told: object,
) -> Record | None:  # fmt: skip
    """The work that this very page is about, known by the page's own address."""
    paper, version = parts.kind_of(kind)
    link = tree.css_first('link[rel="canonical"][href]')
    try:
        here = urljoin(place.url, (link.attributes.get("href") or "") if link is not None else "").partition("#")[0]
        return parts.work(
            here or place.url, title=title, abstract=abstract, language=values.language(language) or place.language,
            kind=paper, version=version,
            links=parts.links((here, "landing"), (urljoin(place.url, pdf) if pdf else None, "pdf")), **told,
        )  # fmt: skip
    except ValueError:
        return None


def _coins(tree: LexborHTMLParser, place: Place) -> Iterator[Record]:
    """One work for every OpenURL of the page."""
    for node in tree.css("span.Z3988[title]")[:MOST_SPANS]:
        told = parse_qs(node.attributes.get("title") or "", max_num_fields=200)

        def first(*names: str, told: dict[str, list[str]] = told) -> str | None:
            return next((text for name in names for text in told.get(f"rft.{name}", ()) if text.strip()), None)

        genre = first("genre") or ""
        title = first("atitle") or first("title", "btitle")
        kind = {"proceeding": "inproceedings", "conference": "inproceedings", "bookitem": "chapter",
                "dissertation": "thesis"}.get(genre, genre)  # fmt: skip
        ids = told.get("rft_id", [])
        people = [values.named(name) for name in told.get("rft.au", ())]
        if not people and (family := first("aulast")):
            people = [values.parted(first("aufirst") or first("auinit") or "", family)]
        paper, version = parts.kind_of(kind)
        try:
            yield parts.work(
                None,
                title=title,
                authors=parts.found(people),
                identifiers=identifiers.united(
                    parts.from_addresses(*ids),
                    identifiers.of(
                        doi=[one[9:] for one in ids if one.startswith("info:doi/")],
                        pmid=[one[10:] for one in ids if one.startswith("info:pmid/")],
                    ),
                ),
                kind=paper, version=version,
                date=partial_date(first("date")),
                venue=values.text(first("jtitle", "btitle", "title") if first("atitle") else None),
                volume=values.text(first("volume")), issue=values.text(first("issue")),
                pages=parts.pages(first("pages")) or values.pages(first("spage"), first("epage")),
                publisher=values.text(first("pub")),
                language=place.language,
                links=parts.links(*((one, "landing") for one in ids if one.startswith("http"))),
            )  # fmt: skip
        except ValueError:
            continue
