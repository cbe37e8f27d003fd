"""OAI-PMH 2.0: the envelope, and how a repository is walked. https://www.openarchives.org/OAI/openarchivesprotocol.html

What is inside a record is read by the format it is in: Dublin Core (``oai_dc`` and its relatives), arXiv's own, MODS,
MARCXML, JATS, DataCite, Crossref. A header marked deleted is a tombstone. A walk begins at a day, which every
repository must understand, and has no end, so that nothing between two walks is missed.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

import msgspec
from lxml import etree

from worker.errors import Expired, Malformed, Transient
from worker.formats import arxiv_xml, crossref_xml, datacite, dublin_core, jats, marc, mods, xml
from worker.page import Page, Question, Request, Site, Window
from worker.record import Record

PREFIX = "oai_dc"
"""What every repository can give."""
_NOTHING = frozenset(("noRecordsMatch", "noSetHierarchy"))
_ERROR = re.compile(rb'<error\s[^>]*code\s*=\s*["\'](\w+)["\'][^>]*>\s*([^<]*)')
_TOKEN = re.compile(rb"<(?:[\w.-]+:)?resumptionToken\b([^>]*?)(?:/>|>([^<]*)<)")
_SIZE = re.compile(rb'completeListSize\s*=\s*["\']([0-9]+)["\']')
_HEADER = re.compile(rb"<(?:[\w.-]+:)?header\b[^>]*>\s*<(?:[\w.-]+:)?identifier>\s*([^<]*?)\s*</")


def first(site: Site, window: Window) -> Iterator[Request]:
    """One walk a set of ``sets`` in the sources file, or one through everything; ``prefix`` names the format."""
    prefix = str(site.options.get("prefix") or PREFIX)
    told = site.options.get("sets") or [None]
    for one in [told] if isinstance(told, str) else told:
        query = {"verb": "ListRecords", "metadataPrefix": prefix}
        if one:
            query["set"] = str(one)
        if window.since is not None:
            query["from"] = window.since.isoformat()
            if site.options.get("granularity") == "second":
                query["from"] += "T00:00:00Z"
        yield _request(site, query)


def next_page(site: Site, page: Page) -> Request | None:
    """The page the resumption token leads to; nothing when it is empty or missing."""
    token = _token(page.body)
    verb = dict(parse_qsl(urlsplit(page.url).query)).get("verb", "ListRecords")
    return _request(site, {"verb": verb, "resumptionToken": token}) if token else None


def ask(site: Site, question: Question) -> Request | None:
    """A single record, when the repository makes its identifiers of ours: ``identifier`` in the sources file, such as
    ``oai:arXiv.org:{arxiv}``."""
    pattern = site.options.get("identifier")
    if not isinstance(pattern, str) or f"{{{question.by}}}" not in pattern:
        return None
    prefix = str(site.options.get("prefix") or PREFIX)
    identifier = pattern.replace(f"{{{question.by}}}", question.value)
    return _request(site, {"verb": "GetRecord", "metadataPrefix": prefix, "identifier": identifier})


def total(page: Page) -> int | None:
    """How many records the list has, when the repository tells."""
    token = _TOKEN.search(page.body)
    size = _SIZE.search(token[1]) if token else None
    return int(size[1]) if size and len(size[1]) < 10 else None


def listed(page: Page) -> list[str]:
    """The identifiers of all headers of a page."""
    return [xml.entities(one).decode("utf-8", "replace") for one in _HEADER.findall(page.body)]


def check(page: Page) -> None:
    """Refuses what only looks like an answer.

    Raises:
        Expired: the resumption token is no longer known.
        Transient: no OAI-PMH at all.
    """
    if page.status != 200:
        return
    error = _ERROR.search(page.body[:65_536])
    if error and error[1] == b"badResumptionToken":
        raise Expired(f"{page.url}: the resumption token is no longer known")
    if b"OAI-PMH" not in page.body[:4096]:
        raise Transient(f"{page.url}: expected OAI-PMH, found {page.body[:60]!r}")


def parse(page: Page) -> Iterator[Record | Malformed]:
    """A record a record, tombstones for deleted ones, nothing for answers about the repository itself.

    Raises:
        Malformed: not OAI-PMH, or an error of the protocol, which is in the message.
    """
    number = 0
    for number, element in enumerate(xml.elements(page.body, page.url, "record", "error", *_ANSWERS), 1):
        if isinstance(element, Malformed):
            yield element
            continue
        name = xml.local(element)
        if name == "record":
            yield _read(element, page.url, number)
        elif name == "ListIdentifiers":
            for header in xml.children(element, "header"):
                if header.get("status") == "deleted":
                    yield _tombstone(header)
        elif name == "error" and (code := element.get("code") or "") not in _NOTHING:
            said = " ".join((xml.text(element) or "").split())[:300]
            raise Malformed(f"{page.url}: the repository says {code}{': ' if said else ''}{said}", page.body)
    if number == 0 and b"<ListRecords" not in page.body:
        found = xml.root_name(page.body)
        raise Malformed(f"{page.url}: expected OAI-PMH, found <{found[1].decode() if found else ''}>", page.body)


_ANSWERS = ("Identify", "ListSets", "ListMetadataFormats", "ListIdentifiers")


def _request(site: Site, query: dict[str, str]) -> Request:
    joint = "&" if "?" in site.base_url else "?"
    return Request(f"{site.base_url}{joint}{urlencode(query, quote_via=quote, safe=':')}")


def _token(body: bytes) -> str | None:
    found = _TOKEN.search(body)
    return xml.entities(found[2].strip()).decode("utf-8", "replace") or None if found and found[2] else None


def _read(element: xml.Element, where: str, number: int) -> Record | Malformed:
    header = payload = None
    for one in element:
        name = xml.local(one)
        if name == "header":
            header = one
        elif name == "metadata" and len(one):
            payload = one[0]
    key, datestamp = "", None
    if header is not None:
        for one in header:
            name = xml.local(one)
            if name == "identifier":
                key = (one.text or "").strip()
            elif name == "datestamp":
                datestamp = (one.text or "").strip() or None
        if header.get("status") == "deleted" and key:
            return Record(source_key=key, deleted=True, updated_at=datestamp)
    try:
        if payload is None:
            payload = element if xml.child(element, "leader") is not None else None
        if payload is None:
            raise ValueError("expected metadata, found none")
        name = xml.local(payload)
        reader = _PAYLOADS.get(name)
        if reader is None:
            raise ValueError(f"expected a known format (such as oai_dc), found <{name}>")
        return reader(payload, key, datestamp)
    except (KeyError, IndexError, TypeError, ValueError, AttributeError, RecursionError) as error:
        content = etree.tostring(element, encoding="utf-8", with_tail=False)
        return Malformed(f"{where}, record {number} ({key or 'no identifier'}): {error}", content)


def _tombstone(header: xml.Element) -> Record:
    key = (xml.text(header, "identifier") or "").strip()
    return Record(source_key=key, deleted=True, updated_at=(xml.text(header, "datestamp") or "").strip() or None)


def _dublin_core(payload: xml.Element, key: str, updated_at: str | None) -> Record:
    return dublin_core.record(payload, key or "", updated_at)


def _from_jats(payload: xml.Element, key: str, updated_at: str | None) -> Record:
    return _keyed(jats.record(payload), key, updated_at)


def _from_datacite(payload: xml.Element, key: str, updated_at: str | None) -> Record:
    resource = payload if xml.local(payload) == "resource" else next(xml.below(payload, "resource"), None)
    if resource is None:
        raise ValueError("expected <resource>, found none")
    return _keyed(datacite.xml_record(resource), key, updated_at)


def _from_crossref(payload: xml.Element, key: str, updated_at: str | None) -> Record:
    found = next(iter(crossref_xml.records(payload, key)), None)
    if isinstance(found, Malformed):
        raise ValueError(str(found))
    return _keyed(found, key, updated_at)


def _from_marc(payload: xml.Element, key: str, updated_at: str | None) -> Record:
    inside = payload if xml.local(payload) == "record" else next(xml.below(payload, "record"), payload)
    return _keyed(marc.record(inside, key or None, updated_at), key, updated_at)


def _keyed(record: Record | None, key: str, updated_at: str | None) -> Record:
    """The record under the repository's own identifier."""
    if record is None:
        raise ValueError("expected a work, found none")
    return msgspec.structs.replace(
        record, source_key=key or record.source_key, updated_at=updated_at or record.updated_at
    )


_PAYLOADS: dict[str, Callable[[xml.Element, str, str | None], Record]] = {
    "dc": _dublin_core,
    "qualifieddc": _dublin_core,
    "oai_dc": _dublin_core,
    "thesis": _dublin_core,
    "arXiv": arxiv_xml.record,
    "arXivRaw": arxiv_xml.record,
    "mods": lambda payload, key, at: mods.record(payload, key or None, at),
    "article": _from_jats,
    "resource": _from_datacite,
    "oai_datacite": _from_datacite,
    "crossref": _from_crossref,
    "crossref_result": _from_crossref,
    "doi_records": _from_crossref,
    "record": _from_marc,
    "collection": _from_marc,
}
"""Readers of payloads, by the local name of the element inside ``<metadata>``."""
