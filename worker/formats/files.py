"""What a file is, known by its content: the formats people bring, who reads each, and where it may be cut.

A format is added here and in ``worker/sources``: an entry of ``FORMATS`` and a rule that knows its first bytes.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from worker.errors import Malformed
from worker.formats import bibtex_cut, cuts, pubmed, tables, tagged, xml
from worker.formats.cuts import Cut

JSON = "application/json"
XML = "application/xml"


@dataclass(frozen=True)
class Format:
    """What a file is: who can read it (the best first), and how it is cut into pages."""

    name: str
    adapters: tuple[str, ...]
    media_type: str
    cut: Cut = cuts.whole
    rereads: bool = False
    """Whether cutting goes back to the beginning of the file."""


DBLP = ("article", "inproceedings", "proceedings", "book", "incollection", "phdthesis", "mastersthesis", "data", "www")
"""Elements of dblp's dump that are records."""
FORMATS = {
    found.name: found
    for found in (
        Format("csv", ("table",), "text/csv", cuts.csv_rows),
        Format("jsonl", ("table",), "application/x-ndjson", cuts.json_lines),
        Format("json", ("table",), JSON, cuts.json_items),
        Format("parquet", ("table",), "application/vnd.apache.parquet", cuts.parquet, rereads=True),
        Format("bibtex", ("bibtex", "pmlr", "acl"), "text/x-bibtex", bibtex_cut.cut, rereads=True),
        Format("ris", ("ris",), "application/x-research-info-systems", cuts.tagged(re.compile(rb"\s*TY {0,2}-"))),
        Format("medline", ("ris",), "text/plain", cuts.tagged(re.compile(rb"PMID *-"))),
        Format("isi", ("ris",), "text/plain", cuts.tagged(re.compile(rb"PT [A-Z]"))),
        Format("refer", ("ris",), "text/plain", cuts.tagged(re.compile(rb"%0 "))),
        Format("endnote", ("endnote",), XML, cuts.xml_records("record")),
        Format("csl", ("csl",), JSON, cuts.json_items),
        Format("csl-yaml", ("csl", "pmlr"), "application/yaml"),
        Format("cff", ("cff",), "application/yaml"),
        Format("jsonld", ("jsonld",), "application/ld+json", cuts.json_items),
        Format("paperoni", ("paperoni",), JSON, cuts.json_items),
        Format("jats", ("jats",), XML, cuts.xml_records("article")),
        Format("crossref-xml", ("crossref_xml",), XML, cuts.xml_records("query", "doi_record", "record")),
        Format("datacite-xml", ("datacite_xml",), XML, cuts.xml_records("resource")),
        Format("mods", ("mods",), XML, cuts.xml_records("mods")),
        Format("marcxml", ("marcxml",), XML, cuts.xml_records("record")),
        Format("pubmed", ("pubmed",), XML, cuts.xml_records(*pubmed.NAMES)),
        Format("oai", ("oai", "arxiv_oai"), XML, cuts.xml_records("record")),
        Format("crossref", ("crossref",), JSON, cuts.json_items),
        Format("datacite", ("datacite",), JSON, cuts.json_items),
        Format("openalex", ("openalex",), JSON),
        Format("openreview", ("openreview",), JSON),
        Format("semanticscholar", ("semanticscholar",), JSON, cuts.json_items),
        Format("arxiv", ("arxiv",), "application/atom+xml", cuts.xml_records("entry")),
        Format("feed", ("feed",), "application/atom+xml"),
        Format("json-feed", ("feed",), JSON),
        Format("acl", ("acl",), XML),
        Format("dblp", ("dblp",), JSON),
        Format("dblp-xml", ("dblp",), XML, cuts.xml_records(*DBLP)),
        Format("dblp-rdf", ("dblp",), "text/turtle"),
        Format("europepmc", ("europepmc",), JSON),
        Format("europepmc-xml", ("europepmc",), XML),
        Format("hal", ("hal",), JSON),
        Format("orcid", ("orcid",), JSON),
        Format("unpaywall", ("unpaywall",), JSON, cuts.json_items),
        Format("virtual", ("virtual",), JSON),
        Format("html", ("listing", "neurips", "jmlr"), "text/html"),
        Format("text", ("listing",), "text/plain"),
    )
}
"""Formats by the name that ``--format`` takes."""

OTHER_NAMES = {
    "bib": "bibtex", "biblatex": "bibtex", "tsv": "csv", "ndjson": "jsonl", "txt": "text", "htm": "html",
    "nbib": "medline", "wos": "isi", "enw": "refer", "csl-json": "csl", "nlm": "jats", "unixref": "crossref-xml",
    "marc": "marcxml", "oai-pmh": "oai", "codemeta": "jsonld", "schemaorg": "jsonld", "parq": "parquet",
}  # fmt: skip
"""What people also call them."""

_UTF16 = (b"\xff\xfe", b"\xfe\xff")
_CONTROL = bytes(set(range(32)) - {9, 10, 12, 13, 27})
_MARC = re.compile(rb"[0-9]{5}[a-z ][a-z][a-z ][a-z ][ a][0-9 ]{7}")
_HTML = re.compile(rb"<(?:!doctype\s+html|html|head|body|main|article|section|div|ul|ol|p|h[1-6])\b", re.I)
_BIBTEX = re.compile(
    rb"(?im)^[ \t]*@\s*(?:(?:string|comment|preamble)\s*[{(]|[a-z][\w-]*\s*[{(]\s*(?:[^\s,{}=]*\s*,)?\s*[\w-]+\s*=)"
)
_DBLP_RDF = re.compile(rb"<https://dblp\.org/rec/[^>]+>\s+[\w<]")
_YAML = (
    ("cff", re.compile(rb"(?m)^\"?cff-version\"?\s*:")),
    # Items of a list, or the front matter of a page.
    ("csl-yaml", re.compile(rb"(?m)^(?:---\s*)?(?:references:\s*)?\s*-\s+(?:id|title|type|abstract|author)\s*:")),
    ("csl-yaml", re.compile(rb"\A(?:\xef\xbb\xbf)?---\s*\n(?:(?!---).*\n)*?title:")),
)
_JSON = (
    ("openalex", re.compile(rb'"id"\s*:\s*"https://openalex\.org/W\d')),
    (
        "openreview",
        re.compile(rb'\A\s*\{\s*"notes"\s*:|"(?:forum|invitations?)"\s*:\s*\[?\s*"[^"]+".*"content"\s*:\s*\{', re.S),
    ),
    ("jsonld", re.compile(rb'"@context"\s*:\s*[\[{]?\s*"[^"]*(?:schema\.org|codemeta)', re.I)),
    (
        "paperoni",
        re.compile(rb'"releases"\s*:\s*\[.*"venue"\s*:\s*\{|"author"\s*:\s*\{\s*"(?:author_id|aliases)"', re.S),
    ),
    ("crossref", re.compile(rb'"message-type"\s*:\s*"work|"indexed"\s*:\s*\{|"is-referenced-by-count"\s*:')),
    ("datacite", re.compile(rb'"(?:resourceTypeGeneral|resource-type-general)"\s*:|"type"\s*:\s*"dois"')),
    ("semanticscholar", re.compile(rb'"paperId"\s*:\s*"[0-9a-f]{40}"')),
    ("json-feed", re.compile(rb'"version"\s*:\s*"https?://jsonfeed\.org/')),
    ("dblp", re.compile(rb'"hits"\s*:\s*\{\s*"@total"|"value"\s*:\s*"https://dblp\.org/rec/')),
    ("europepmc", re.compile(rb'"hitCount"\s*:|"resultList"\s*:')),
    ("hal", re.compile(rb'"halId_s"\s*:')),
    ("orcid", re.compile(rb'"put-code"\s*:|"orcid-identifier"\s*:')),
    (
        "unpaywall",
        re.compile(
            rb'"(?:best_oa_location|oa_locations)"\s*:.*"doi"\s*:|"doi"\s*:.*"(?:best_oa_location|oa_locations)"\s*:',
            re.S,
        ),
    ),
    ("virtual", re.compile(rb'"(?:virtualsite_url|eventmedia)"\s*:')),
    (
        "csl",
        re.compile(rb'"(?:date-parts|container-title|citation-key)"\s*:|"type"\s*:\s*"(?:article-|paper-conf|post-)'),
    ),
)
_XML_ROOTS = {
    "OAI-PMH": "oai", "dc": "oai", "arXiv": "oai",
    "PubmedArticleSet": "pubmed", "PubmedBookArticleSet": "pubmed", "MedlineCitationSet": "pubmed",
    "PubmedArticle": "pubmed", "PubmedBookArticle": "pubmed", "MedlineCitation": "pubmed",
    "modsCollection": "mods", "mods": "mods",
    "crossref_result": "crossref-xml", "doi_records": "crossref-xml", "doi_record": "crossref-xml",
    "crossref": "crossref-xml", "doi_batch": "crossref-xml",
    "article": "jats", "pmc-articleset": "jats", "articles": "jats",
    "feed": "feed", "rss": "feed", "RDF": "feed", "ArticleSet": "pubmed",
    "responseWrapper": "europepmc-xml", "dblp": "dblp-xml", "dblpperson": "dblp-xml", "collection": "acl",
    "html": "html",
}  # fmt: skip
_XML_CONTENT = (
    ("oai", re.compile(rb"<(?:[\w.-]+:)?header\b[^>]*>\s*<(?:[\w.-]+:)?identifier\b|<(?:oai_dc:|[\w.-]+:)?dc[\s>]")),
    ("crossref-xml", re.compile(rb"crossref\.org/(?:xschema|schema|qrschema)|<doi_data>")),
    ("marcxml", re.compile(rb"MARC21/slim|<(?:[\w.-]+:)?(?:leader|controlfield|datafield)\b")),
    ("endnote", re.compile(rb"<ref-type\b|<records>\s*<record>\s*<(?:database|source-app|titles|contributors)")),
    ("datacite-xml", re.compile(rb"datacite\.org/(?:schema|kernel)|datacite-metadata|<resource\b.*<creators>", re.S)),
    ("mods", re.compile(rb"loc\.gov/mods/")),
    ("jats", re.compile(rb"<article-meta\b|<front\b")),
)


def recognise(head: bytes, where: str) -> Format:
    """What a file is, by its first bytes.

    Raises:
        Malformed: it is empty, or nothing that could be read here.
    """
    if not head.strip():
        raise Malformed(f"{where}: an empty file")
    if head.startswith(_UTF16):
        return replace(_recognised(head, head.replace(b"\x00", b"").lstrip(b"\xff\xfe"), where), cut=cuts.whole)
    return _recognised(head, head, where)


def _recognised(head: bytes, text: bytes, where: str) -> Format:
    if head.startswith(b"PAR1"):
        return FORMATS["parquet"]
    noise = len(text) - len(text.translate(None, _CONTROL))
    if _MARC.match(head):
        raise Malformed(
            f"{where}: expected MARCXML, found MARC in its binary form: convert it (yaz-marcdump -o marcxml)"
        )
    if b"\x00" in text or noise > len(text) // 50 or text.startswith((b"%PDF", b"%!PS")):
        start = head[:8].hex(" ")
        raise Malformed(f"{where}: expected a table, JSON, XML, BibTeX, HTML or text, found bytes that start {start}")
    kind = tables.sniff(head)
    if kind in ("json", "jsonl"):
        return _json(text, FORMATS[kind])
    root = xml.root_name(text) if b"<" in text[:4096] else None
    if root is not None and not _is_html(text, root[1]):
        return _xml(text, root[1].decode(), where)
    if (dialect := tagged.dialect_of(text)) is not None and kind is None:
        return FORMATS[dialect.name]
    if kind is None and _BIBTEX.search(text):
        return FORMATS["bibtex"]
    if kind is None and _DBLP_RDF.search(text):
        return FORMATS["dblp-rdf"]
    for name, sign in _YAML:
        if sign.search(text[:8192]) and kind is None:
            return FORMATS[name]
    return FORMATS[kind or ("html" if _HTML.search(text) else "text")]


def _json(text: bytes, plain: Format) -> Format:
    """A known shape of JSON, else rows; of JSON Lines each line is its own document."""
    for name, sign in _JSON:
        if sign.search(text):
            known = FORMATS[name]
            return replace(known, cut=cuts.json_lines) if plain.name == "jsonl" and known.cut != cuts.whole else known
    return plain


def _is_html(text: bytes, root: bytes) -> bool:
    if root == b"article":
        return not re.search(rb"<front\b|<article-meta\b|<front-stub\b", text)
    return root.lower() not in (b"xml", b"dc") and _HTML.match(text.lstrip(b"\xef\xbb\xbf \t\r\n")) is not None


def _xml(text: bytes, root: str, where: str) -> Format:
    if root == "collection" and b"MARC21" in text:
        return FORMATS["marcxml"]
    if root == "feed" and b"http://arxiv.org/" in text:
        return FORMATS["arxiv"]
    if root in _XML_ROOTS:
        return FORMATS[_XML_ROOTS[root]]
    for name, sign in _XML_CONTENT:
        if sign.search(text):
            return FORMATS[name]
    if re.search(_HTML, text) and not text.lstrip().startswith(b"<?xml"):
        return FORMATS["html"]
    raise Malformed(f"{where}: expected a known kind of XML, found <{root}>")
