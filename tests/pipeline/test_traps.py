"""Values that Postgres or Python cannot keep: each becomes a clean record or a dead letter with its bytes, and the
other records of its page arrive. One page a format, all traps in it, through the whole line."""

from __future__ import annotations

import csv
import html
import io
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest

from tests.line import ask, bring, states
from worker.tools import Tools

DEEP = "[" * 20_000 + "]" * 20_000
DEEPER = '{"a":' * 100_000 + "1" + "}" * 100_000
ABSTRACT = ("We study the ways in which long abstracts go on. " * 220_000)[: 10 << 20]
AUTHORS = [f"Ada B. Lovelace{number:05}" for number in range(15_000)]
LONG = "very " * 2_500
BEFORE, AFTER = "Glaciers remember what rivers forget", "On counting sheep in finite fields"


@dataclass(frozen=True)
class Trap:
    """A work with something wrong. ``raw`` are members of the JSON object that no JSON writer would write."""

    name: str
    title: str
    fields: dict[str, Any] = field(default_factory=dict)
    raw: str = ""


def traps() -> list[Trap]:
    """All of them; titles tell them apart."""
    return [
        Trap("nul", "A zero\0 stands in this title on neurons"),
        Trap("nul in the abstract", "Zeros in abstracts of papers", {"abstract": "One\0 and two\0 zeros in a text."}),
        Trap(
            "half a pair",
            "Half a pair of surrogates",
            raw='"abstract": "before \\ud800 after", "doi": "10.5555/\\udfff"',
        ),
        Trap("control characters", "Bells \x07 and escapes \x1b[31m in titles"),
        Trap("not a number", "What is not a number", raw='"year": NaN, "n_citations": -Infinity'),
        Trap("too large", "Numbers beyond all measure", raw=f'"year": 1e200000, "volume": {"9" * 5000}'),
        Trap("twice", "Names that come twice", raw='"venue": "First", "venue": "Second"'),
        Trap("deep", "Twenty thousand levels", raw=f'"extra": {DEEP}'),
        Trap("deeper", "A hundred thousand levels", raw=f'"extra": {DEEPER}'),
        Trap("no day", "A day that never was", {"date": "0000-00-00"}),
        Trap("30 February", "The thirtieth of February", {"date": "2021-02-30"}),
        Trap("year 20201", "The year of the far future", {"year": "20201"}),
        Trap("long title", f"A {LONG} long title"),
        Trap(
            "long address", "An address that does not end", {"url": f"https://papers.example/{LONG.replace(' ', '-')}"}
        ),
        Trap("long id", "An id that does not end", {"id": LONG.replace(" ", "x")}),
        Trap("long abstract", "Ten megabytes of abstract", {"abstract": ABSTRACT}),
        Trap("many authors", "Fifteen thousand authors", {"authors": "; ".join(AUTHORS)}),
        Trap("no title", "", {"abstract": "", "venue": "Nowhere"}),
        Trap("mark of direction", "Trojan \u202e\u2066 sources of evil\u2069"),
        Trap("only marks", "\u200b\u200d\ufeff", {"doi": "10.5555/zero.width"}),
    ]


def rows() -> list[Trap]:
    """The traps between two good works."""
    return [Trap("before", BEFORE), *traps(), Trap("after", AFTER)]


def row(number: int, trap: Trap) -> dict[str, Any]:
    """What tables say of a trap."""
    return {"id": f"t{number}", "title": trap.title, "authors": "Ann Lee; Bo Li", **trap.fields}


def members(told: dict[str, Any], trap: Trap) -> str:
    """A JSON object by hand."""
    text = json.dumps(told)
    return f"{text[:-1]}, {trap.raw}}}" if trap.raw else text


def json_lines() -> bytes:
    return "\n".join(members(row(number, trap), trap) for number, trap in enumerate(rows())).encode()


def json_array() -> bytes:
    return f"[{','.join(members(row(number, trap), trap) for number, trap in enumerate(rows()))}]".encode()


def comma_separated() -> bytes:
    names = ["id", "title", "authors", "abstract", "date", "year", "url", "doi", "venue"]
    out = io.StringIO()
    writer = csv.DictWriter(out, names, extrasaction="ignore")
    writer.writeheader()
    writer.writerows(row(number, trap) for number, trap in enumerate(rows()))
    body = out.getvalue().encode("utf-8", "surrogatepass")
    return body + b"t99,Latin-1 \xe9t\xe9 in a UTF-8 file \xff,Ann Lee,,,,,,\n"


def notes() -> bytes:
    """OpenReview."""

    def note(number: int, trap: Trap) -> str:
        told = row(number, trap)
        content = {
            "title": told["title"],
            "authors": told["authors"].split("; "),
            "abstract": told.get("abstract"),
            "venueid": "ICLR.cc/2024/Conference",
            "html": told.get("url"),
        }
        inner = members({name: {"value": value} for name, value in content.items()}, trap)
        dates = (
            '"cdate": 1e200000, "tmdate": -99999999999999999999' if trap.name == "no day" else '"cdate": 1700000000000'
        )
        return f'{{"id": {json.dumps(told["id"])}, {dates}, "content": {inner}}}'

    return f'{{"notes": [{",".join(note(number, trap) for number, trap in enumerate(rows()))}]}}'.encode()


def works() -> bytes:
    """OpenAlex."""

    def work(number: int, trap: Trap) -> str:
        told = row(number, trap)
        abstract = (told.get("abstract") or "")[: 1 << 20]
        content = {
            "id": f"https://openalex.org/W99{number:05}",
            "title": told["title"],
            "publication_date": told.get("date"),
            "doi": told.get("doi"),
            "authorships": [{"author": {"display_name": name}} for name in told["authors"].split("; ")],
            "abstract_inverted_index": {word: [at] for at, word in enumerate(dict.fromkeys(abstract.split()))} or None,
            "primary_location": {"landing_page_url": told.get("url")},
        }
        return members(content, trap)

    return f'{{"results": [{",".join(work(number, trap) for number, trap in enumerate(rows()))}]}}'.encode()


def cards() -> bytes:
    """A listing in HTML, with bytes that are not of its charset."""
    shown = []
    for number, trap in enumerate(rows()):
        told = row(number, trap)
        names = "".join(f"<li>{html.escape(name)}</li>" for name in told["authors"].split("; ")[:300])
        abstract = html.escape((told.get("abstract") or "")[: 1 << 20])
        shown.append(
            f'<article class="publication-card"><a href="/publications/t{number}"><h3>{html.escape(told["title"])}'
            f'</h3></a><ul class="authors">{names}</ul><p class="teaser">{abstract}</p></article>'
        )
    grid = f'<h2>Publications</h2><div class="grid">{"".join(shown)}</div>'
    page = f'<html lang="en"><body><main>{grid}</main></body></html>'
    return page.encode("utf-8", "surrogatepass").replace(b"escapes", b"escapes \xff\xfe")


def capture() -> bytes:
    """A listing as text."""
    shown = [f"{trap.title[:13000]}\nAnn Lee, Bo Li\nICLR 2024" for trap in rows() if trap.title.strip()]
    return ("Latest Publications\n\n" + "\n\n".join(shown)).encode("utf-8", "surrogatepass") + b"\n\n\xff\xfe\xe9\n"


def atom() -> bytes:
    """arXiv, in XML."""
    entries = []
    for number, trap in enumerate(rows()):
        told = row(number, trap)
        names = "".join(f"<author><name>{html.escape(name)}</name></author>" for name in told["authors"].split("; "))
        deep = "<b>" * 400 + "x" + "</b>" * 400 if trap.name == "deep" else ""
        entries.append(
            f"<entry><id>http://arxiv.org/abs/2401.{number:05}v1</id><title>{html.escape(told['title'])}</title>"
            f"<published>{told.get('date') or '2024-01-01T00:00:00Z'}</published>"
            f"<updated>2024-01-01T00:00:00Z</updated>"
            f"<summary>{html.escape(told.get('abstract') or 'A text.')}{deep}</summary>{names}</entry>"
        )
    head = '<?xml version="1.0" encoding="UTF-8"?><feed xmlns="http://www.w3.org/2005/Atom">'
    return f"{head}{''.join(entries)}</feed>".encode("utf-8", "surrogatepass")


FORMATS: dict[str, tuple[str, Callable[[], bytes]]] = {
    "json lines": ("table", json_lines),
    "json": ("table", json_array),
    "csv": ("table", comma_separated),
    "openreview": ("openreview", notes),
    "openalex": ("openalex", works),
    "html": ("listing", cards),
    "text": ("listing", capture),
    "xml": ("arxiv", atom),
}


@pytest.mark.parametrize("format", FORMATS)
def test_no_value_costs_its_page_the_other_records(tools: Tools, format: str) -> None:
    adapter, make = FORMATS[format]
    body = make()
    bring(tools, "trapped", body, adapter=adapter, name=f"page of {format}")
    assert set(states(tools)) == {"done"}, ask(tools, "select kind, last_error from ops.work where state <> 'done'")
    titles = {title for (title,) in ask(tools, "select title from catalog.paper")}
    assert {BEFORE, AFTER} <= titles
    letters = ask(tools, "select detail, coalesce(octet_length(fragment), 0), sha256 is not null from ops.dead_letter")
    assert all(detail and size and kept for detail, size, kept in letters)
    [(n_records, n_dead)] = ask(tools, "select n_records, n_dead from ops.harvest")
    assert n_dead == len(letters)
    if format not in ("html", "text"):
        expected = len(rows()) + (format == "csv")
        assert n_records + n_dead == expected, letters
        assert n_dead <= 3, letters
        for title in ("Twenty thousand levels", "What is not a number", "Half a pair of surrogates"):
            assert title in titles or format == "json lines", letters
    else:
        assert n_records >= len(rows()) - 8, titles
    assert not any("\0" in (title or "") for title in titles)
    # The same page again: nothing to say.
    bring(tools, "trapped", body, adapter=adapter, name=f"page of {format}")
    assert ask(tools, "select sum(n_changed) from ops.harvest") == [(0,)]


def test_a_page_of_nothing_but_rubbish_is_one_dead_letter_with_its_bytes(tools: Tools) -> None:
    bring(tools, "trapped", b"\x00\xff\xfe{{{[[[" * 50, adapter="openalex")
    assert states(tools) == {"dead": 1}
    [(detail, sha256)] = ask(tools, "select detail, sha256 from ops.dead_letter")
    assert "expected JSON" in detail
    assert sha256 is not None
