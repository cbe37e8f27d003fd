"""How sources page: small far sides of seven papers in pages of three, for the test that walks every source."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from worker.demo.server import Answer

COUNT = 7
SIZE = 3
WORDS = ("amber", "basalt", "cedar", "delta", "ember", "fjord", "glacier")
Query = Mapping[str, str]
Answering = Callable[[str, Query, str], Answer | None]


@dataclass(frozen=True)
class Far:
    """What a source is configured with, and what answers it: path, query and own address in, an answer out.

    ``pages`` is how many requests a whole walk makes, ``small`` says that the reader's page size is made small.
    """

    options: dict[str, Any]
    answer: Answering
    pages: int = 3
    records: int = COUNT
    small: bool = False


def title(n: int) -> str:
    return f"On the slow drift of {WORDS[n]} in the {WORDS[(3 * n + 1) % COUNT]} archives"


def doi(n: int) -> str:
    return f"10.5555/{WORDS[n]}.{n}"


def numbers(start: int) -> range:
    return range(start, min(start + SIZE, COUNT))


def in_json(content: Any) -> Answer:
    return Answer(json.dumps(content).encode(), "application/json")


def place(told: str | None) -> int:
    """Where a cursor stands: the beginning, or behind so many."""
    digits = re.sub(r"\D", "", told or "")
    return int(digits) if digits and told != "1" else 0


def crossref(path: str, query: Query, here: str) -> Answer | None:
    start = place(query.get("cursor"))
    items = [{"DOI": doi(n), "title": [title(n)], "type": "journal-article"} for n in numbers(start)]
    message = {"total-results": COUNT, "next-cursor": f"c{start + SIZE}", "items": items}
    return in_json({"status": "ok", "message-type": "work-list", "message": message})


def openalex(path: str, query: Query, here: str) -> Answer | None:
    start = place(query.get("cursor"))
    works = [{"id": f"https://openalex.org/W{900 + n}", "doi": f"https://doi.org/{doi(n)}", "title": title(n)}
             for n in numbers(start)]  # fmt: skip
    following = f"c{start + SIZE}" if start + SIZE < COUNT else None
    return in_json({"meta": {"count": COUNT, "next_cursor": following}, "results": works})


def datacite(path: str, query: Query, here: str) -> Answer | None:
    start = place(query.get("page[cursor]"))
    data = [{"id": doi(n), "attributes": {"doi": doi(n), "titles": [{"title": title(n)}]}} for n in numbers(start)]
    more = start + SIZE < COUNT
    links = {"next": f"https://api.datacite.org/dois?page%5Bcursor%5D=c{start + SIZE}"} if more else {}
    return in_json({"data": data, "meta": {"total": COUNT}, "links": links})


def europepmc(path: str, query: Query, here: str) -> Answer | None:
    start = place(query.get("cursorMark"))
    found = [{"id": str(100 + n), "source": "MED", "doi": doi(n), "title": title(n)} for n in numbers(start)]
    mark = f"c{start + SIZE}" if start + SIZE < COUNT else query.get("cursorMark")
    return in_json({"hitCount": COUNT, "nextCursorMark": mark, "resultList": {"result": found}})


def hal(path: str, query: Query, here: str) -> Answer | None:
    start = place(query.get("cursorMark"))
    docs = [{"halId_s": f"hal-0400000{n}", "title_s": [title(n)]} for n in numbers(start)]
    mark = f"c{start + SIZE}" if docs else query.get("cursorMark")
    return in_json({"response": {"numFound": COUNT, "docs": docs}, "nextCursorMark": mark})


def _note(n: int) -> dict[str, Any]:
    return {"id": f"forum0000{n}", "forum": f"forum0000{n}", "content": {"title": {"value": title(n)}}}


def openreview(path: str, query: Query, here: str) -> Answer | None:
    start = int(query["after"][-1]) + 1 if "after" in query else int(query.get("offset", 0))
    return in_json({"notes": [_note(n) for n in numbers(start)], "count": COUNT - start if "after" in query else COUNT})


def semanticscholar(path: str, query: Query, here: str) -> Answer | None:
    start = place(query.get("offset"))
    found = [{"paperId": f"{n:040x}", "corpusId": 70 + n, "title": title(n)} for n in numbers(start)]
    return in_json({"offset": start, "data": found} | ({"next": start + SIZE} if start + SIZE < COUNT else {}))


def dblp(path: str, query: Query, here: str) -> Answer | None:
    found = re.search(r"OFFSET (\d+)", query["query"])
    assert found is not None
    rows = [
        {"publ": {"value": f"https://dblp.org/rec/conf/x/{WORDS[n]}{n}"}, "title": {"value": title(n)},
         "n": {"value": str(author)}, "name": {"value": f"Author {WORDS[author]}"}}
        for n in numbers(int(found[1])) for author in (1, 2)
    ]  # fmt: skip
    return in_json({"head": {"vars": []}, "results": {"bindings": rows}})


def arxiv(path: str, query: Query, here: str) -> Answer | None:
    start = int(query["start"])
    entries = "".join(
        f"<entry><id>http://arxiv.org/abs/2301.0000{n}v1</id><title>{title(n)}</title><updated>2023-01-02T00:00:00Z"
        f"</updated><published>2023-01-02T00:00:00Z</published><summary>All about it.</summary></entry>"
        for n in numbers(start)
    )
    head = f"<o:totalResults>{COUNT}</o:totalResults><o:startIndex>{start}</o:startIndex>"
    spaces = 'xmlns="http://www.w3.org/2005/Atom" xmlns:o="http://a9.com/-/spec/opensearch/1.1/"'
    return Answer(f"<feed {spaces}>{head}{entries}</feed>".encode(), "application/atom+xml")


PEOPLE = ("0000-0002-1825-0097", "0000-0001-5109-3700", "0000-0002-1694-233X", "0000-0002-9079-593X")


def orcid(path: str, query: Query, here: str) -> Answer | None:
    if path.endswith("/record"):
        n = PEOPLE.index(path.split("/")[-2])
        claim = {"put-code": n, "title": {"title": {"value": title(n)}}, "external-ids": None}
        ids = {"external-id": [{"external-id-type": "doi", "external-id-value": doi(n)}]}
        works = {"group": [{"external-ids": ids, "work-summary": [claim]}]}
        person = {"name": {"given-names": {"value": "Ada"}, "family-name": {"value": WORDS[n].title()}}}
        return in_json({"path": f"/{PEOPLE[n]}", "person": person, "activities-summary": {"works": works}})
    start = int(query["start"])
    shown = [{"orcid-id": one} for one in PEOPLE[start : start + SIZE]]
    return in_json({"num-found": len(PEOPLE), "expanded-result": shown})


def feed(path: str, query: Query, here: str) -> Answer | None:
    start = place(query.get("from"))
    items = [{"id": str(n), "title": title(n), "url": f"https://doi.org/{doi(n)}"} for n in numbers(start)]
    following = f"{here}/feed.json?from=c{start + SIZE}" if start + SIZE < COUNT else None
    return in_json({"version": "https://jsonfeed.org/version/1.1", "next_url": following, "items": items})


def virtual(path: str, query: Query, here: str) -> Answer | None:
    start = (int(path.split("-")[1]) - 2023) * SIZE
    events = [{"id": n, "uid": f"u{n}", "name": title(n), "decision": "Accept"} for n in numbers(start)]
    return in_json({"count": len(events), "results": events})


def pmlr(path: str, query: Query, here: str) -> Answer | None:
    volume = int(path.split("/")[1][1:])
    items = "".join(f"- id: {WORDS[n]}22a\n  title: {title(n)}\n  volume: {volume}\n" for n in numbers(volume * SIZE))
    return Answer(items.encode(), "text/yaml")


def acl(path: str, query: Query, here: str) -> Answer | None:
    year = int(path.split("/")[-1][:4])
    papers = "".join(f'<paper id="{n + 1}"><title>{title(n)}</title></paper>' for n in numbers((year - 2022) * SIZE))
    return Answer(f'<collection id="{year}.acl"><volume id="long">{papers}</volume></collection>'.encode(), "text/xml")


def jmlr(path: str, query: Query, here: str) -> Answer | None:
    volume = int(path.strip("/").rpartition("/v")[2])
    papers = "".join(
        f"<dl><dt>{title(n)}</dt><dd><b>Ada Amber</b>; ({n}):1-9, 2024."
        f' [<a href="/papers/v{volume}/{n}.bib">bib</a>]</dd></dl>'
        for n in numbers(volume * SIZE)
    )
    return Answer(f"<html><body>{papers}</body></html>".encode(), "text/html")


def neurips(path: str, query: Query, here: str) -> Answer | None:
    year = int(path.rpartition("/")[2])
    items = "".join(
        f'<li><a href="/paper_files/paper/{year}/hash/{n:032x}-Abstract-Conference.html">{title(n)}</a>'
        f" <i>A. Amber</i></li>"
        for n in numbers((year - 2020) * SIZE)
    )
    return Answer(f"<html><body><ul>{items}</ul></body></html>".encode(), "text/html")


def listing(path: str, query: Query, here: str) -> Answer | None:
    if path == "/sitemap.xml":
        circle = [f"{here}/map1.xml", f"{here}/map2.xml", f"{here}/sitemap.xml", "https://else.example/map3.xml"]
        maps = "".join(f"<sitemap><loc>{one}</loc></sitemap>" for one in circle)
        return Answer(f"<sitemapindex>{maps}</sitemapindex>".encode(), "text/xml")
    if path.startswith("/map"):
        shown = range(int(path[4]) - 1, COUNT, 2)
        urls = "".join(f"<url><loc>{here}/paper/{n}</loc></url><url><loc>{here}/about{n}</loc></url>" for n in shown)
        return Answer(
            f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{urls}</urlset>'.encode(), "text/xml"
        )
    n = int(path.rpartition("/")[2])
    meta = f'<meta name="citation_title" content="{title(n)}"><meta name="citation_author" content="Amber, Ada">'
    more = f'<meta name="citation_doi" content="{doi(n)}"><meta name="citation_publication_date" content="2024/03/09">'
    return Answer(
        f"<!DOCTYPE html><html><head>{meta}{more}</head><body><p>{title(n)}</p></body></html>".encode(), "text/html"
    )


def in_xml(content: str) -> Answer:
    return Answer(f'<?xml version="1.0"?>{content}'.encode(), "application/xml")


def oai(path: str, query: Query, here: str) -> Answer | None:
    start = place(query.get("resumptionToken"))
    prefix = query.get("metadataPrefix") or str(query.get("resumptionToken")).partition("|")[0]
    records = []
    for n in numbers(start):
        if prefix == "arXiv":
            payload = f"<arXiv><id>2305.0123{n}</id><created>2023-05-02</created><title>{title(n)}</title></arXiv>"
        else:
            payload = f"<dc><title>{title(n)}</title><identifier>doi:{doi(n)}</identifier></dc>"
        header = f"<header><identifier>oai:r:{n}</identifier><datestamp>2024-05-06</datestamp></header>"
        records.append(f"<record>{header}<metadata>{payload}</metadata></record>")
    token = f"{prefix}|{start + SIZE}" if start + SIZE < COUNT else ""
    more = f'<resumptionToken completeListSize="{COUNT}" cursor="{start}">{token}</resumptionToken>'
    return in_xml(f"<OAI-PMH><ListRecords>{''.join(records)}{more}</ListRecords></OAI-PMH>")


def pubmed(path: str, query: Query, here: str) -> Answer | None:
    if path.endswith("/esearch.fcgi"):
        kept = f"<Count>{COUNT}</Count><QueryKey>1</QueryKey><WebEnv>MCID_x</WebEnv>"
        return in_xml(f"<eSearchResult>{kept}</eSearchResult>")
    articles = [
        f"<PubmedArticle><MedlineCitation><PMID>{900 + n}</PMID>"
        f"<Article><ArticleTitle>{title(n)}.</ArticleTitle></Article></MedlineCitation></PubmedArticle>"
        for n in numbers(int(query["retstart"]))
    ]
    return in_xml(f"<PubmedArticleSet>{''.join(articles)}</PubmedArticleSet>")


FAR = {
    "crossref": Far({"ror": "05c22rx21"}, crossref, small=True),
    "openalex": Far({"institution": "I4210164802"}, openalex),
    "datacite": Far({"query": "slow drift"}, datacite),
    "europepmc": Far({"query": "slow drift"}, europepmc),
    "hal": Far({"query": "slow drift"}, hal, pages=4),
    "openreview": Far({"venues": ["X.cc/2024/Conference"]}, openreview, pages=4),
    "openreview-v1": Far({"venues": ["X.cc/2021/Conference/-/Submission"], "version": 1}, openreview, pages=4),
    "semanticscholar": Far({"authors": ["1"]}, semanticscholar),
    "dblp": Far({"streams": ["conf/x"]}, dblp, small=True),
    "arxiv": Far({"query": "slow drift"}, arxiv, small=True),
    "orcid": Far({"ror": "05c22rx21"}, orcid, pages=2 + len(PEOPLE), records=len(PEOPLE), small=True),
    "feed": Far({"pages": ["/feed.json"]}, feed),
    "virtual": Far({"conferences": ["icml-2023", "icml-2024", "icml-2025"]}, virtual),
    "pmlr": Far({"volumes": ["v0", "v1", "v2"]}, pmlr),
    "acl": Far({"collections": ["2022.acl", "2023.acl", "2024.acl"]}, acl),
    "jmlr": Far({"volumes": ["0", "1", "2"]}, jmlr),
    "listing": Far({"sitemaps": ["/sitemap.xml"], "match": "/paper/"}, listing, pages=3 + COUNT),
    "neurips": Far({"years": [2020, 2021, 2022]}, neurips),
    "oai": Far({}, oai),
    "arxiv_oai": Far({}, oai),
    "pubmed": Far({"query": "slow drift"}, pubmed, pages=4, small=True),
}
"""The far side of each source that walks in a way of its own."""
