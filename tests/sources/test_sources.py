"""Every source, walked by one test: a page, and the records it should become.

A folder beside this file is a source; ``page*`` in it is a page (``page_fr.html``), ``expected*.json`` the records
(``expected_fr.json``), and ``about*.json``, when there is one, says ``url``, ``as_of`` and ``options`` of the page.
A record that cannot be read is expected as its message under ``malformed``.
"""

from __future__ import annotations

import gzip
import itertools
import json
import random
from datetime import date
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.shared import SHARED, needs_shared
from worker.errors import Malformed
from worker.page import Page, Source
from worker.record import AnyRecord, Record, decode, encode

HERE = Path(__file__).parent
PAGES = sorted(HERE.glob("*/page*"))
NAMES = [f"{path.parent.name}/{path.name}" for path in PAGES]
SOURCES = sorted({path.parent.name for path in PAGES})


def source_of(name: str) -> Source:
    source = import_module(f"worker.sources.{name}").SOURCE
    assert isinstance(source, Source)
    return source


def page_of(path: Path, body: bytes | None = None) -> Page:
    about_path = path.with_name(path.stem.replace("page", "about", 1) + ".json")
    about: dict[str, Any] = json.loads(about_path.read_bytes()) if about_path.exists() else {}
    as_of = about.get("as_of")
    return Page(
        url=about.get("url", path.name),
        body=path.read_bytes() if body is None else body,
        as_of=date.fromisoformat(as_of) if as_of else None,
        options=about.get("options", {}),
    )


def shown(found: AnyRecord | Malformed) -> Any:
    return {"malformed": str(found)} if isinstance(found, Malformed) else json.loads(encode(found))


def test_every_folder_has_pages_and_its_source() -> None:
    folders = [path.name for path in HERE.iterdir() if path.is_dir() and any(path.iterdir())]
    assert {"openalex", "openreview", "table"} <= set(SOURCES)
    assert sorted(name for name in folders if not name.startswith("__")) == SOURCES


@pytest.mark.parametrize("path", PAGES, ids=NAMES)
def test_a_page_becomes_its_records(path: Path) -> None:
    expected = json.loads(path.with_name(path.stem.replace("page", "expected", 1) + ".json").read_bytes())
    found = source_of(path.parent.name).read(page_of(path))
    assert [shown(one) for one in found] == expected


@pytest.mark.parametrize("path", PAGES, ids=NAMES)
def test_reading_is_pure_and_records_survive_encoding(path: Path) -> None:
    source, page = source_of(path.parent.name), page_of(path)
    first, second = source.read(page), source.read(page)
    assert [shown(one) for one in first] == [shown(one) for one in second]
    for record in first:
        if not isinstance(record, Malformed):
            assert decode(encode(record)) == record


@pytest.mark.parametrize("path", PAGES, ids=NAMES)
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 1 << 32))
def test_mutated_bytes_give_records_or_malformed(path: Path, seed: int) -> None:
    body = mutated(path.read_bytes(), random.Random(seed))
    read_or_malformed(source_of(path.parent.name), page_of(path, body))


@pytest.mark.parametrize("name", SOURCES)
@settings(max_examples=40, deadline=None)
@given(body=st.binary(max_size=300))
def test_any_bytes_give_records_or_malformed(name: str, body: bytes) -> None:
    read_or_malformed(source_of(name), Page(url="any", body=body))


ANY_JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(st.characters(exclude_categories=()), max_size=12),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


@pytest.mark.parametrize("path", [path for path in PAGES if path.suffix == ".json"], ids=lambda path: path.parent.name)
@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_a_value_of_another_type_gives_records_or_malformed(path: Path, data: st.DataObject) -> None:
    content = json.loads(path.read_bytes())
    places = list(_places(content))
    for holder, key in data.draw(st.lists(st.sampled_from(places), min_size=1, max_size=3)):
        holder[key] = data.draw(ANY_JSON)
    body = json.dumps(content, allow_nan=True).encode("utf-8", "surrogatepass")
    read_or_malformed(source_of(path.parent.name), page_of(path, body))


def read_or_malformed(source: Source, page: Page) -> None:
    """Nothing but records and ``Malformed`` comes out, and every record can be stored."""
    try:
        found = source.read(page)
    except Malformed:
        return
    for one in found:
        if isinstance(one, Malformed):
            assert str(one)
            assert len(one.fragment) <= 2048
        else:
            document = encode(one)
            assert decode(document) == one
            assert not any("\0" in text for text in _texts(json.loads(document)))


def mutated(body: bytes, chance: random.Random) -> bytes:
    """A few bytes changed, dropped, doubled or moved, or the end cut off."""
    result = bytearray(body)
    for _ in range(chance.choice((1, 1, 2, 4, 16))):
        if not result:
            break
        at = chance.randrange(len(result))
        run = chance.choice((1, 1, 1, 5, 40))
        match chance.randrange(6):
            case 0:
                result[at] = chance.randrange(256)
            case 1:
                del result[at : at + run]
            case 2:
                result[at:at] = result[at : at + run]
            case 3:
                del result[at + len(result) // 2 :]
            case 4:
                result[at:at] = chance.choice(
                    (b'"', b"\\ud800", b"\\u0000", b"null", b"\x00", b"\n", b"[", b"1e999", b"&lt;")
                )
            case _:
                other = chance.randrange(len(result))
                result[at : at + run], result[other : other + run] = result[other : other + run], result[at : at + run]
    return bytes(result)


def _texts(content: Any) -> Any:
    """Every text of a JSON document."""
    if isinstance(content, str):
        yield content
    elif isinstance(content, dict | list):
        for value in content.values() if isinstance(content, dict) else content:
            yield from _texts(value)


def _places(content: Any) -> Any:
    """Every holder and key of a JSON document."""
    if isinstance(content, dict | list):
        for key, value in content.items() if isinstance(content, dict) else enumerate(content):
            yield content, key
            yield from _places(value)


# -- real data ---------------------------------------------------------------------------------------------------


def records_of(name: str, body: bytes, url: str = "file") -> tuple[list[Record], list[Malformed]]:
    found = source_of(name).read(Page(url=url, body=body))
    return (
        [one for one in found if isinstance(one, Record)],
        [one for one in found if isinstance(one, Malformed)],
    )


@needs_shared
def test_the_notes_of_the_listing_page() -> None:
    records, letters = records_of("openreview", (SHARED / "seed" / "openreview_notes_v2.json").read_bytes())
    assert not letters
    assert [len(record.authors) for record in records] == [4, 7, 4, 6, 4, 4, 6, 5, 4, 5, 5]
    assert all(record.title and record.identifiers[0].scheme == "openreview" for record in records)
    assert {(record.venue, record.date, record.version) for record in records} == {("ICLR 2024", "2024", "proceedings")}
    assert [record.abstract_state for record in records].count("cut") == 1


@needs_shared
def test_openalex_answers_of_every_kind_of_entity() -> None:
    for path in sorted((SHARED / "api" / "openalex_fixtures").glob("*.json")):
        records, letters = records_of("openalex", path.read_bytes())
        assert (len(records), len(letters)) == ((1, 0) if path.name.startswith("W") else (0, 1)), path.name


@needs_shared
def test_recorded_openalex_works() -> None:
    n_works = 0
    with gzip.open(SHARED / "api" / "openalex_crossref_commonmeta" / "recorded_http.jsonl.gz") as lines:
        for line in lines:
            exchange = json.loads(line)
            if exchange["uri"].startswith("https://api.openalex.org"):
                records, letters = records_of("openalex", json.dumps(exchange["json"]).encode(), exchange["uri"])
                assert not letters
                assert all(record.kind and record.date and not record.unread for record in records)
                n_works += len(records)
    assert n_works == 24


@needs_shared
@pytest.mark.parametrize(
    ("name", "n_untitled"),
    [("acl_anthology_2021-02", 0), ("ml_venues_2020-2026", 0), ("paperlists_1987-2025", 0)],
)
def test_the_beginning_of_the_large_tables(name: str, n_untitled: int) -> None:
    with gzip.open(SHARED / "scale" / f"{name}.jsonl.gz") as lines:
        records, letters = records_of("table", b"".join(itertools.islice(lines, 2000)))
    assert (len(records), len(letters)) == (2000 - n_untitled, n_untitled)
    assert not any(record.unread for record in records)


@needs_shared
def test_untitled_rows_of_the_third_table_are_the_only_dead_letters() -> None:
    with gzip.open(SHARED / "scale" / "paperlists_1987-2025.jsonl.gz") as lines:
        rows = [line for line in lines if b'"title"' not in line]
    records, letters = records_of("table", b"".join(rows))
    assert (len(records), len(letters)) == (0, 90)
    assert json.loads(letters[0].fragment) == json.loads(rows[0])


@needs_shared
@pytest.mark.parametrize(
    ("name", "n_records", "n_letters", "first"),
    [
        ("dblp_acm/leipzig/DBLP2.csv", 2616, 0, "D. Scott Mackay"),
        ("dblp_acm/leipzig/ACM.csv", 2294, 0, "Gottfried Vossen, Mathias Weske"),
        ("cora/cora1295/cora.csv", 1295, 0, "p. auer, n. cesa-bianchi, y. freund, r. e. schapire"),
        ("cora/cora1879/cora.csv", 1836, 43, "C. E. Brodley, P. E. Utgoff"),
        ("venue_two_sources/kdd2023_A_acm.jsonl.gz", 558, 0, None),
        ("venue_two_sources/kdd2023_B_dblp.jsonl.gz", 564, 0, "Florian Adriaens, Honglian Wang, Aristides Gionis"),
        ("title_drift/icml2023_openreview_vs_pmlr.csv.gz", 1636, 0, ""),
    ],
)
def test_tables_of_the_matching_sets(name: str, n_records: int, n_letters: int, first: str | None) -> None:
    path = SHARED / "entity_matching" / name
    body = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    records, letters = records_of("table", body)
    assert (len(records), len(letters)) == (n_records, n_letters)
    assert len({record.source_key for record in records}) == n_records
    assert first is None or ", ".join(author.name for author in records[0].authors) == first
    assert not any("\ufffd" in (record.title or "") for record in records)


@needs_shared
def test_conference_files() -> None:
    for path in sorted((SHARED / "conferences").rglob("*.json*")):
        body = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
        records, letters = records_of("table", body)
        assert len(records) >= 11, path.name
        assert not letters, path.name
