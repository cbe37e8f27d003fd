"""PubMed XML: articles and books as E-utilities and the yearly files give them.
https://www.nlm.nih.gov/bsd/licensee/elements_descriptions.html

A ``<DeleteCitation>`` withdraws the numbers it lists. Structured abstracts keep their labels.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from worker.errors import Malformed
from worker.formats import parts, values, xml
from worker.formats.jats import dated, said
from worker.formats.tagged_records import medline_kind, untitled
from worker.normalise import identifiers, texts
from worker.normalise.dates import partial_date
from worker.page import Page
from worker.record import Affiliation, Author, Record

NAMES = ("PubmedArticle", "PubmedBookArticle", "MedlineCitation", "Article", "DeleteCitation", "DeleteDocument")


def parse(page: Page) -> Iterator[Record | Malformed]:
    """A record an article or book, and a tombstone for each withdrawn number. No article at all is an empty set."""
    if (root := xml.root_name(page.body)) is not None and root[1] in SETS and not re.search(_ANY, page.body):
        xml.parse(page.body, page.url)
        return
    for found in xml.elements(page.body, page.url, *NAMES):
        if isinstance(found, Malformed):
            yield found
        elif xml.local(found) in ("DeleteCitation", "DeleteDocument"):
            yield from _withdrawn(found)
        else:
            yield from _one(found, page.url)


SETS = (b"PubmedArticleSet", b"PubmedBookArticleSet", b"MedlineCitationSet", b"ArticleSet")
_ANY = re.compile(rb"<(?:" + "|".join(NAMES).encode() + rb")[\s>]")


def _one(element: xml.Element, where: str) -> Iterator[Record | Malformed]:
    try:
        yield record(element)
    except (ValueError, TypeError, AttributeError) as error:
        yield Malformed(f"{where}, <{xml.local(element)}>: {error}", (xml.text(element) or "").encode()[:2048])


def _withdrawn(element: xml.Element) -> Iterator[Record]:
    for one in xml.children(element, "PMID"):
        for held in identifiers.of(pmid=xml.text(one)):
            yield Record(source_key=held.value, identifiers=(held,), deleted=True)


def record(element: xml.Element) -> Record:
    """What one article, citation or book says.

    Raises:
        ValueError: neither title, abstract nor identifier.
    """
    name = xml.local(element)
    if name == "PubmedBookArticle":
        return _book(element)
    if name == "Article":
        return _deposit(element)
    citation = element if name == "MedlineCitation" else xml.child(element, "MedlineCitation")
    article = xml.child(citation, "Article")
    if citation is None or article is None:
        raise ValueError("expected <MedlineCitation> with <Article>, found none")
    journal = xml.child(article, "Journal")
    types = {(xml.text(one) or "").lower() for one in _all(article, "PublicationTypeList", "PublicationType")}
    kind, version = medline_kind(types)
    pmid = xml.text(citation, "PMID")
    listed = xml.child(article, "AuthorList")
    held = [(one.get("IdType"), xml.text(one)) for one in _all(element, "PubmedData", "ArticleIdList", "ArticleId")]
    dois = [xml.text(one) for one in xml.children(article, "ELocationID") if one.get("EIdType") == "doi"]
    issue = xml.child(journal, "JournalIssue")
    language = values.language(xml.text(article, "Language"))
    title = untitled(said(xml.child(article, "ArticleTitle"))) or said(xml.child(article, "VernacularTitle"))
    return parts.work(
        (pmid or "").strip() or None,
        title=title,
        abstract=_abstract(xml.child(article, "Abstract")),
        language=language,
        authors=_authors(listed),
        authors_state="cut" if listed is not None and listed.get("CompleteYN") == "N" else "whole",
        identifiers=identifiers.of(
            pmid=pmid,
            doi=[one for type_, one in held if type_ == "doi"][:1] or dois[:1],
            pmcid=[one for type_, one in held if type_ == "pmc"][:1],
        ),
        kind=kind,
        version=version,
        date=_date(article, issue),
        venue=texts.clean(xml.text(journal, "Title") or xml.text(journal, "ISOAbbreviation")),
        volume=texts.clean(xml.text(issue, "Volume")),
        issue=texts.clean(xml.text(issue, "Issue")),
        pages=_pages(article),
        topics=values.words(said(one) for one in _all(citation, "KeywordList", "Keyword")),
        is_retracted="retracted publication" in types,
        updated_at=dated(revised) if (revised := xml.child(citation, "DateRevised")) is not None else None,
    )


def _all(element: xml.Element | None, *path: str) -> list[xml.Element]:
    holders = [element] if element is not None else []
    for name in path:
        holders = [one for holder in holders for one in xml.children(holder, name)]
    return holders


def _abstract(abstract: xml.Element | None) -> str | None:
    if abstract is None:
        return None
    pieces = []
    for one in xml.children(abstract, "AbstractText"):
        text = texts.clean(said(one))
        label = one.get("Label")
        if text:
            pieces.append(f"{label}: {text}" if label and label.upper() != "UNLABELLED" else text)
    return " ".join(pieces) or None


def _authors(listed: xml.Element | None) -> tuple[Author, ...]:
    if listed is None:
        return ()
    return parts.found(_author(one) for one in xml.children(listed, "Author") if one.get("ValidYN") != "N")


def _author(author: xml.Element) -> Author | None:
    group = xml.text(author, "CollectiveName")
    if group is not None:
        return values.group(group)
    told = [*_all(author, "AffiliationInfo", "Affiliation"), *xml.children(author, "Affiliation")]
    at = [Affiliation(name) for one in told if (name := texts.clean(xml.text(one)))]
    orcids = [xml.text(one) for one in xml.children(author, "Identifier") if one.get("Source") == "ORCID"]
    given = xml.text(author, "ForeName") or xml.text(author, "FirstName") or xml.text(author, "Initials")
    return values.person(None, given, xml.text(author, "LastName"), identifiers.of(orcid=orcids), at)


def _date(article: xml.Element, issue: xml.Element | None) -> str | None:
    """The day of the issue; when that is only a year or words, the day it appeared online in the same year."""
    told = xml.child(issue, "PubDate")
    printed = None
    if told is not None:
        free = xml.text(told, "MedlineDate")
        printed = _medline_date(free) if free else dated(told)
    online = next((found for one in xml.children(article, "ArticleDate") if (found := dated(one))), None)
    if printed and online and len(online) > len(printed) and online[:4] == printed[:4]:
        return online
    return printed or online


def _medline_date(free: str) -> str | None:
    """``1998 Dec-1999 Jan``, ``2000 Spring``, ``1999-2000``: the first moment of it."""
    found = re.match(r"\s*([0-9]{4})(?:\s+([A-Za-z]{3,})(?:\s+([0-9]{1,2})(?![0-9]))?)?", free)
    if found is None:
        return parts.date(free)
    words = " ".join(filter(None, (found[3], found[2], found[1])))
    return partial_date(words) or partial_date(found[1])


def _pages(article: xml.Element) -> str | None:
    told = xml.child(article, "Pagination")
    if told is None:
        numbers = (xml.text(one) for one in xml.children(article, "ELocationID") if one.get("EIdType") == "pii")
        return next((one.strip() for one in numbers if one and re.fullmatch(r"\s*e?[0-9]{1,10}\s*", one)), None)
    shown = xml.text(told, "MedlinePgn")
    return parts.pages(shown) if shown else values.pages(xml.text(told, "StartPage"), xml.text(told, "EndPage"))


def _deposit(article: xml.Element) -> Record:
    """An ``<Article>`` as publishers deposit it. https://www.ncbi.nlm.nih.gov/books/NBK3828/"""
    journal = xml.child(article, "Journal")
    ids = [(one.get("IdType"), xml.text(one)) for one in _all(article, "ArticleIdList", "ArticleId")]
    doi = [one for type_, one in ids if type_ == "doi"]
    pmid = [one for type_, one in ids if type_ == "pubmed"]
    told = next(xml.children(journal, "PubDate"), None)
    pages = values.pages(xml.text(article, "FirstPage"), xml.text(article, "LastPage"))
    return parts.work(
        pmid[0] if pmid else doi[0] if doi else None,
        title=untitled(said(xml.child(article, "ArticleTitle"))),
        abstract=said(xml.child(article, "Abstract")),
        language=values.language(xml.text(article, "Language")),
        authors=_authors(xml.child(article, "AuthorList")),
        identifiers=identifiers.of(pmid=pmid[:1], doi=doi[:1]),
        kind="article",
        version="journal",
        date=dated(told) if told is not None else None,
        venue=texts.clean(xml.text(journal, "JournalTitle")),
        volume=texts.clean(xml.text(journal, "Volume")),
        issue=texts.clean(xml.text(journal, "Issue")),
        pages=pages,
        publisher=texts.clean(xml.text(journal, "PublisherName")),
    )


def _book(element: xml.Element) -> Record:
    document = xml.child(element, "BookDocument")
    book = xml.child(document, "Book")
    if document is None:
        raise ValueError("expected <BookDocument>, found none")
    title = untitled(said(xml.child(document, "ArticleTitle")))
    whole = untitled(said(xml.child(book, "BookTitle")))
    pmid = xml.text(document, "PMID")
    ids = [(one.get("IdType"), xml.text(one)) for one in _all(document, "ArticleIdList", "ArticleId")]
    authors = [listed for listed in xml.children(document, "AuthorList") if listed.get("Type") != "editors"]
    authors = authors or [listed for listed in _all(book, "AuthorList") if listed.get("Type") != "editors"]
    told = xml.child(book, "PubDate")
    return parts.work(
        (pmid or "").strip() or None,
        title=title or whole,
        abstract=_abstract(xml.child(document, "Abstract")),
        language=values.language(xml.text(document, "Language")),
        authors=_authors(authors[0]) if authors else (),
        identifiers=identifiers.of(pmid=pmid, doi=[one for type_, one in ids if type_ == "doi"][:1]),
        kind="book_chapter" if title else "book",
        date=dated(told) if told is not None else None,
        venue=whole if title else None,
        publisher=texts.clean(xml.text(book, "Publisher", "PublisherName")),
        pages=_pages(document),
        topics=values.words(said(one) for one in _all(document, "KeywordList", "Keyword")),
    )
