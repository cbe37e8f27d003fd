"""What sources really answered, as other projects recorded it: every exchange is read, or refused for a true reason.

The recordings lie beside the checkout and are never copied into it; without them these tests are skipped.
"""

from __future__ import annotations

import gzip
import json
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from tests.shared import SHARED, needs_shared
from worker.errors import IngestError, Malformed
from worker.page import Page
from worker.record import Record

API = SHARED / "api"


@dataclass(frozen=True)
class Recorded:
    """Recordings of one source: where they are, which of them are its own, and what is in them at least."""

    source: str
    files: str
    own: str = ""
    """A part of the addresses that are the source's."""
    records: int = 1
    refused: str = r"(?!)"
    """A pattern of the reasons for which the others are refused."""
    filled: tuple[str, ...] = ("title", "identifiers")
    """Fields that nine of ten records have."""


NOT_JSON = r"expected JSON, found '(?:Resource not found| @article|Frank, H|\[1\]H|<html>|<\?xml)"
DISSEMIN = "oai_base_hal_unpaywall_dissemin/backend/tests/data"
PROCEEDINGS = ("title", "authors", "abstract", "date", "venue", "pages")
RECORDED = [
    Recorded(
        "crossref", "crossref_habanero/recorded_http.jsonl.gz", "api.crossref.org", 450,
        f"Crossref says|{NOT_JSON}", ("title", "identifiers", "kind", "date"),
    ),
    Recorded("crossref", "openalex_crossref_commonmeta/recorded_http.jsonl.gz", "api.crossref.org/", 20, NOT_JSON),
    Recorded("crossref", "hepcrawl/crossref/*.json", records=7),
    Recorded("crossref", f"{DISSEMIN}/crossref_batch.json", records=2),
    Recorded("openalex", "openalex_crossref_commonmeta/recorded_http.jsonl.gz", "api.openalex.org/works", 24),
    Recorded("openalex", "openalex_fixtures/*.json", records=2, refused="expected a work"),
    Recorded(
        "arxiv", "arxiv_atom/*", records=220,
        refused="arXiv says 'incorrect id format", filled=("title", "authors", "date", "abstract"),
    ),
    Recorded(
        "semanticscholar", "semanticscholar_get/recorded_http.jsonl.gz", records=3000,
        refused=r"Semantic Scholar says (?:Unrecognized|No positive|\w+ with id 0 not found)",
    ),
    Recorded("semanticscholar", "semanticscholar_get/[CPR]*.json", records=1, filled=("identifiers",)),
    Recorded("openreview", "openreview_v1/example_output.json.gz", records=2, filled=("title", "authors", "date")),
    Recorded("dblp", "dblp_search_json/*.json", records=30, filled=("title", "authors", "kind", "date")),
    Recorded("dblp", "dblp_rdf/tests/resources/*.ttl", records=18, filled=("title", "kind", "date")),
    Recorded("europepmc", "europepmc/search*", records=104, filled=("title", "date")),
    Recorded("hal", "hal_search_json/*.json", records=36, filled=("title", "authors", "date", "venue", "links")),
    Recorded(
        "orcid", "orcid_rorcid/recorded_http.jsonl.gz", records=200, refused="ORCID says", filled=("title", "kind")
    ),
    Recorded("unpaywall", f"{DISSEMIN}/sample_unpaywall*", records=10, filled=("oa_status",)),
    Recorded("datacite", "mixed_formats_bolognese/datacite*.json", records=7, refused="expected ',' or"),
    Recorded("pmlr", "pmlr_v180/uai22.bib.gz", records=230, filled=PROCEEDINGS),
    Recorded("pmlr", "pmlr_v180/_posts/*.md", records=60, filled=PROCEEDINGS),
]  # fmt: skip


def exchanges(path: Path) -> Iterator[Page]:
    """The answers in a file of recordings: an exchange a line, an answer in a wrapping, or the answer itself."""
    body = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    if path.name.startswith("recorded_http"):
        for line in body.split(b"\n"):
            if line.strip():
                told = json.loads(line)
                said = json.dumps(told["json"]) if "json" in told else told.get("text") or ""
                yield Page(told["uri"], said.encode(), status=told["status"])
    elif path.parent.name == "arxiv_atom":
        told = json.loads(body)
        yield Page(told["url"], told["body"].encode(), status=told["status_code"])
    else:
        yield Page(path.name, body)


@needs_shared
@pytest.mark.parametrize("recorded", RECORDED, ids=lambda one: f"{one.source}-{one.files.partition('/')[0]}")
def test_every_recorded_answer_is_read_or_refused_for_a_true_reason(recorded: Recorded) -> None:
    source = import_module(f"worker.sources.{recorded.source}").SOURCE
    filled: Counter[str] = Counter()
    n_records = 0
    for path in sorted(API.glob(recorded.files)):
        for page in exchanges(path):
            if recorded.own not in page.url:
                continue
            try:
                found: list[Any] = source.read(page)
                if page.status == 200 and found and (source.media != "json" or page.body.lstrip()[:1] in b"{["):
                    source.check(page)
                    source.total(page)
                    source.listed(page)
            except IngestError as error:
                found = [error]
            for one in found:
                if isinstance(one, Record):
                    n_records += 1
                    filled.update(name for name in one.__struct_fields__ if getattr(one, name))
                else:
                    assert isinstance(one, Malformed), one
                    assert re.search(recorded.refused, str(one)), str(one)
    assert n_records >= recorded.records
    assert {name: filled[name] for name in recorded.filled if filled[name] < 0.9 * n_records} == {}
    assert filled["unread"] <= 0.05 * n_records, "fields that nobody has met"
