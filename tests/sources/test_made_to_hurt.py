"""Pages made to hurt: nested without end, unfolding, endless blanks. Read or refused within two processor seconds."""

from __future__ import annotations

import time
from contextlib import suppress
from importlib import import_module

import pytest

from worker.errors import Malformed
from worker.match.facts import facts
from worker.match.keys import blocking_keys
from worker.page import Page, Site
from worker.record import Author, Record

LONGEST_S = 2.0
HURTFUL = {
    "pmlr": [b"[" * 100_000, b"- " * 100_000, b"{a: " * 100_000, b"a: &a [x]\nb: &b [*a, *a]\nc: [*b, *b]"],
    "feed": [
        b'<rss version="2.0"><channel>' + b"<item><title>x &amp; <b> <![CDATA[ y</title>" * 20_000,
        b'<feed xmlns="http://www.w3.org/2005/Atom">' + b"<entry>" * 100_000,
        b"<rss>" + b"<" * 200_000,
        b'{"version": "https://jsonfeed.org/version/1", "items": ' + b"[" * 100_000,
    ],
    "dblp": [
        b"<dblp>" + b'<article key="a">' * 50_000,
        b"@prefix a: <b> . a:c a:d " + b"[ a:e " * 100_000,
        b'<http://a> <http://b> "' + b'\\"' * 1_000_000,
        b"@prefix a: <b> . a:c a:d a:" + b"." * 500_000,
        b"<http://x> <http://y> " + b'"""a' * 300_000,
    ],
    "acl": [b"<collection>" + b"<volume>" * 50_000],
    "neurips": [
        b'<li><a href="/paper/2020/hash/0123456789abcdef-Abstract.html">t</a><i>' + b" " * 2_000_000 + b"</i></li>",
        b"<li>" * 100_000,
        b"<div>" * 100_000,
    ],
    "jmlr": [
        b"<dl><dt>t</dt><dd><b>" + b" " * 2_000_000 + b"</b></dd></dl>",
        b"<dl><dt>" * 50_000,
        b"<dl><dt>t</dt><dd><b>Ann Lee</b> " + b"7" * 300_000 + b"</dd></dl>",
        b"<dl><dt>t</dt><dd><b>Ann Lee</b><a href='" + b"7" * 300_000 + b"'>abs</a></dd></dl>",
    ],
    "arxiv": [
        b"<feed><entry><id>http://arxiv.org/abs/2301.00001</id><title>"
        + b"withdrawn " * 300_000
        + b"</title></entry></feed>"
    ],
    "listing": [b'<?xml version="1.0"?><urlset>' + b"<url><loc>http://a/b</loc></url>" * 100_000 + b"</urlset>"],
    "orcid": [b'{"group": ' + b"[" * 100_000],
    "crossref": [
        b'{"message-type": "work", "message": {"DOI": "10.5555/x", "title": ["t"], "abstract": "<title>Abstract'
        + b" " * 100_000
        + b'x"}}',
        b'{"message-type": "work", "message": {"DOI": "10.5555/x", "title": ["' + b"&amp;" * 400_000 + b'"]}}',
    ],
    "bibtex": [b"\n" * 2_000_000, b"@article{a" + b" " * 100_000 + b"title = {t}}"],
    "openreview": [
        b'{"notes": [{"id": "abcdefghij", "forum": "abcdefghij", "content": {"title": {"value": "t"},'
        b'"venueid": {"value": "ICLR.cc/2024/Conference"}, "venue": {"value": "ICLR 2024' + b"-" * 100_000 + b'x"}}}]}',
        b'{"notes": [{"id": "abcdefghij", "forum": "abcdefghij", "content": {"title": {"value": "t"},'
        b'"authors": {"value": ["A. B"'
        + b', "A. B"' * 99
        + b']}, "authorids": {"value": ['
        + b", ".join(b'"~' + b"a" * 240 + b"1" * 240 + b'%dx"' % i for i in range(100))
        + b"]}}}]}",
    ],
    "csl": [b'[{"id": "a", "type": "article", "title": "t", "keyword": "a' + b" " * 100_000 + b'x"}]'],
    "arxiv_oai": [
        b'<OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/"><ListRecords><record><header>'
        b"<identifier>oai:arXiv.org:2301.00001</identifier><datestamp>2023-05-23</datestamp></header><metadata>"
        b'<arXivRaw xmlns="http://arxiv.org/OAI/arXivRaw/"><id>2301.00001</id><title>t</title><authors>A. B'
        + b" " * 100_000
        + b"x</authors></arXivRaw></metadata></record></ListRecords></OAI-PMH>"
    ],
    "marcxml": [
        b'<record><controlfield tag="001">1</controlfield><datafield tag="245"><subfield code="a">t'
        + b"." * 300_000
        + b"x</subfield></datafield></record>"
    ],
    "table": [
        b'{"title": "t", "authors": "A' + b"," * 300_000 + b'x"}',
        b'{"title": "t", "authors": "A' + b"\\t" * 100_000 + b'x"}',
        b'{"title": "t", "authors": "A' + b"." * 300_000 + b'x"}',
    ],
    "datacite": [b'{"data": [' + b'{"id":"10.5555/x","attributes":{}},' * 20_000 + b"{}]}"],
}


@pytest.mark.parametrize("name", ["crossref", "dblp", "europepmc", "hal", "openreview", "orcid", "pubmed", "virtual"])
@pytest.mark.parametrize("body", [b"{}", b"[7]", b'{"notes": null, "results": [{}]}', b"<a><Count>x</Count></a>"])
def test_strange_answers_lead_nowhere_or_say_why(name: str, body: bytes) -> None:
    source = import_module(f"worker.sources.{name}").SOURCE
    for address in ("https://far.example/a?cursor=*&offset=0&WebEnv=1&n=9", "https://far.example/esearch.fcgi"):
        page = Page(address, body)
        with suppress(Malformed):
            source.next(Site(name), page)
        with suppress(Malformed):
            list(source.listed(page) or ())
        with suppress(Malformed):
            list(source.refetch(Site(name), page))


@pytest.mark.parametrize(("name", "body"), [(name, body) for name, bodies in HURTFUL.items() for body in bodies])
def test_a_page_made_to_hurt(name: str, body: bytes) -> None:
    source = import_module(f"worker.sources.{name}").SOURCE
    started = time.process_time()
    with suppress(Malformed):
        source.read(Page("https://far.example/page", body))
    assert time.process_time() - started < LONGEST_S


@pytest.mark.parametrize(
    "hurtful",
    [
        Record(source_key="k", title='"' * 100_000 + "x"),
        Record(source_key="k", title="'" * 100_000 + " a, 'b"),
        Record(source_key="k", title="t", pages="see " * 50_000),
        Record(source_key="k", title="t", authors=(Author("The Memory" + "… " * 20_000 + "x"),)),
        Record(source_key="k", title="t", pages="1" * 100_000 + "-" + "2" * 100_000),
    ],
)
def test_a_record_made_to_hurt(hurtful: Record) -> None:
    started = time.process_time()
    assert blocking_keys(facts(hurtful, source="far", deduplicates=True))
    assert time.process_time() - started < LONGEST_S
