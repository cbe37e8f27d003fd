"""Files become pages: cut at the same places always, no row lost, none torn."""

from __future__ import annotations

import contextlib
import csv
import gzip
import io
import json
import re
import tarfile
import zipfile
from datetime import date
from pathlib import Path

import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.shared import SHARED, needs_shared
from worker.cli.ingest import FORMAT_HELP
from worker.errors import Malformed
from worker.formats import cuts, xml
from worker.formats.files import FORMATS, Format, recognise
from worker.page import Page
from worker.pipeline import ingest, unpack
from worker.settings import adapter_named

CELL = st.text(st.characters(codec="utf-8", exclude_characters="\x00\r\x1f"), max_size=12)


def cut(body: bytes, name: str) -> list[bytes]:
    return list(ingest.pages(io.BytesIO(body), FORMATS[name], "file"))


@settings(max_examples=200, deadline=None)
@given(
    rows=st.lists(st.tuples(CELL, CELL, CELL), min_size=1, max_size=30),
    delimiter=st.sampled_from(",;\t"),
    size=st.integers(1, 7),
)
def test_csv_pages_hold_every_row_once(rows: list[tuple[str, str, str]], delimiter: str, size: int) -> None:
    """Line ends, quotes and delimiters inside cells tear no row; every page begins with the header."""
    out = io.StringIO()
    writer = csv.writer(out, delimiter=delimiter, lineterminator="\n", quoting=csv.QUOTE_ALL)
    writer.writerow(["id", "title", "authors"])
    writer.writerows(rows)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(cuts, "PAGE_RECORDS", size)
        found = cut(out.getvalue().encode(), "csv")
    read: list[tuple[str, ...]] = []
    for page in found:
        header, *body = csv.reader(io.StringIO(page.decode(), newline=""), delimiter=delimiter)
        assert header == ["id", "title", "authors"]
        assert len(body) <= size
        read += [tuple(row) for row in body]
    assert read == rows


@settings(max_examples=100, deadline=None)
@given(lines=st.lists(st.text(max_size=20).map(repr), max_size=40), size=st.integers(1, 9))
def test_json_lines_are_cut_between_lines(lines: list[str], size: int) -> None:
    body = "".join(f"{line}\n" for line in lines).encode("utf-8", "replace")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(cuts, "PAGE_RECORDS", size)
        found = cut(body, "jsonl")
    assert b"".join(found) == body
    assert all(page.count(b"\n") <= size for page in found)


def test_a_stray_quote_costs_its_row_only() -> None:
    """Inches stand in a title without ending the world; a quote never closed is given up after a thousand lines."""
    rows = [f'{n},a 5" screen,Ann Lee\n' for n in range(3000)]
    plain = "".join(rows).replace('"', "")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(cuts, "PAGE_RECORDS", 100)
        assert len(cut(("id,title,authors\n" + "".join(rows)).encode(), "csv")) == 30
        opened = cut(('id,title,authors\n0,"never closed,Ann\n' + plain).encode(), "csv")
    assert max(page.count(b"\n") for page in opened) <= 101


def test_pages_end_at_their_largest_size() -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(cuts, "PAGE_BYTES", 100)
        assert [len(page) for page in cut(b'{"title": "x"}\n' * 20, "jsonl")] == [90, 90, 90, 30]
        patch.setattr(cuts, "WHOLE_BYTES", 10)
        with pytest.raises(Malformed, match="larger than"):
            cut(b"x" * 11, "text")


@pytest.mark.parametrize(
    ("body", "name"),
    [
        (b"id,title,year\n1,A,2020\n", "csv"),
        ("\ufeffTitre;Auteurs;Année\nA;B;2020\n".encode(), "csv"),
        ("id\ttitle\tyear\n1\tA\t2020\n".encode("utf-16"), "csv"),
        (b'{"id": 1, "title": "A"}\n{"id": 2, "title": "B"}\n', "jsonl"),
        (b'[{"id": 1, "title": "A"}]', "json"),
        (b'{"notes": [{"id": "a"}]}', "openreview"),
        (b'{"results": [{"id": "https://openalex.org/W1"}]}', "openalex"),
        (b"<!doctype html><title>x</title>", "html"),
        (b"Publications\nUn titre, avec une virgule\n", "text"),
        ("Un résumé".encode("latin-1"), "text"),
    ],
)
def test_a_file_is_known_by_its_content(body: bytes, name: str) -> None:
    assert recognise(body, "file").name == name


FIXTURES = Path(__file__).parents[1] / "sources"


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("bibtex/page_entries.bib", "bibtex"),
        ("ris/page_ris.ris", "ris"),
        ("ris/page_medline.nbib", "medline"),
        ("ris/page_isi.txt", "isi"),
        ("ris/page_refer.enw", "refer"),
        ("endnote/page.xml", "endnote"),
        ("csl/page_items.json", "csl"),
        ("csl/page_volume.yaml", "csl-yaml"),
        ("cff/page.cff", "cff"),
        ("jsonld/page_article.json", "jsonld"),
        ("jsonld/page_codemeta.json", "jsonld"),
        ("paperoni/page.json", "paperoni"),
        ("jats/page.xml", "jats"),
        ("crossref_xml/page.xml", "crossref-xml"),
        ("datacite_xml/page.xml", "datacite-xml"),
        ("mods/page.xml", "mods"),
        ("marcxml/page.xml", "marcxml"),
        ("pubmed/page.xml", "pubmed"),
        ("oai/page.xml", "oai"),
        ("arxiv_oai/page.xml", "oai"),
    ],
)
def test_every_format_is_known_by_its_content(path: str, name: str) -> None:
    """And read in pages as it is read in one."""
    body = (FIXTURES / path).read_bytes()
    format = recognise(body[: unpack.HEAD_BYTES], path)
    assert format.name == name
    assert list(ingest.pages(io.BytesIO(body), format, path)) == [body]
    # A key used twice in a page of BibTeX is told apart there, as nobody can across pages.
    whole = [key.partition("~")[0] for key in keys_of(format, body)]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(cuts, "PAGE_RECORDS", 1)
        pages = list(ingest.pages(io.BytesIO(body), format, path))
    assert [key for page in pages for key in keys_of(format, page)] == whole


def keys_of(format: Format, body: bytes) -> list[str]:
    found = adapter_named(format.adapters[0]).read(Page("file", body, format.media_type))
    return [one.source_key for one in found if not isinstance(one, Malformed)]


def test_the_help_names_every_format() -> None:
    assert all(re.search(rf"(?<![\w-]){name}(?![\w-])", FORMAT_HELP) for name in FORMATS)


def test_parquet_is_read_and_cut() -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    rows = {"id": ["a", "b", "c"], "title": ["One", "Two", "Three"], "authors": [["Ann Lee"], [], None],
            "date": [date(2024, 5, 6), None, date(2020, 1, 2)], "score": [b"x", None, b""]}  # fmt: skip
    file = io.BytesIO()
    pq.write_table(pa.table(rows), file)
    body = file.getvalue()
    format = recognise(body, "file")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(cuts, "PAGE_RECORDS", 2)
        pages = list(ingest.pages(io.BytesIO(body), format, "file"))
    assert format.name == "parquet"
    assert len(pages) == 2
    assert [key for page in pages for key in keys_of(format, page)] == keys_of(format, body) == ["a", "b", "c"]
    with pytest.raises(Malformed, match="expected Parquet"):
        keys_of(format, body[:-9] + b"PAR1PAR1x")


@pytest.mark.parametrize("body", [b"", b" \n\t\n", b"%PDF-1.7 text", bytes(range(256)), b"PK\x03\x04\x00\x00"])
def test_what_is_no_text_is_refused(body: bytes) -> None:
    with pytest.raises(Malformed, match=r"^file: "):
        recognise(body, "file")


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=300))
def test_any_bytes_are_recognised_or_refused(body: bytes) -> None:
    with contextlib.suppress(Malformed):
        assert recognise(body, "file").adapters


@pytest.mark.parametrize(
    "pack", [gzip.compress, zstandard.ZstdCompressor().compress, bytes], ids=["gz", "zst", "plain"]
)
def test_compression_is_known_by_content(pack: object, tmp_path: Path) -> None:
    body = b"id,title,year\n" + b"1,A,2020\n" * 50_000
    (tmp_path / "file").write_bytes(pack(body))  # type: ignore[operator]
    with (tmp_path / "file").open("rb") as stream:
        ((_, unpacked),) = unpack.opened(stream, "file")
        head, whole = unpack.head_of(unpacked)
        assert head == body[: len(head)]
        assert whole.read() == body


def test_a_cut_compressed_file_says_so(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(gzip.compress(bytes(range(256)) * 999)[:-20])
    with (tmp_path / "file").open("rb") as stream, pytest.raises(Malformed, match="compressed stream is broken"):
        next(unpack.opened(stream, "file"))[1].read()


def test_folders_are_walked_in_order_without_hidden_files(tmp_path: Path) -> None:
    for name in ("b.csv", "a/c.csv", ".git/x.csv", "a/.hidden"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    assert [str(p.relative_to(tmp_path)) for p in unpack.files(tmp_path)] == ["a/c.csv", "b.csv"]


@needs_shared
@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("seed/listing_page_fr.txt", "text"),
        ("seed/openreview_notes_v2.json", "openreview"),
        ("scale/acl_anthology_2021-02.jsonl.gz", "jsonl"),
    ],
)
def test_real_files_are_recognised(path: str, name: str) -> None:
    with (SHARED / path).open("rb") as stream:
        head = next(unpack.opened(stream, path))[1].read(unpack.HEAD_BYTES)
    assert recognise(head, path).name == name


def archive(kind: str, members: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    if kind == "zip":
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as zipped:
            for name, body in members.items():
                zipped.writestr(name, body)
        return out.getvalue()
    with tarfile.open(fileobj=out, mode="w:gz") as tarred:
        for name, body in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(body)
            tarred.addfile(info, io.BytesIO(body))
    return out.getvalue()


@pytest.mark.parametrize("kind", ["zip", "tar.gz"])
@pytest.mark.parametrize("is_seekable", [True, False])
def test_archives_are_opened_file_by_file(kind: str, is_seekable: bool) -> None:
    members = {"a.csv": b"id,title\n", "in/b.csv.gz": gzip.compress(b"x" * 99_999), ".hidden": b"", "__MACOSX/a": b"1"}
    raw = io.BytesIO(archive(kind, members))
    raw.seekable = lambda: is_seekable  # type: ignore[method-assign]
    found = [(name, stream.read()) for name, stream in unpack.opened(raw, "refs")]
    assert found == [("refs/a.csv", b"id,title\n"), ("refs/in/b.csv.gz", b"x" * 99_999)]


def test_archives_tell_what_is_wrong_with_them(monkeypatch: pytest.MonkeyPatch) -> None:
    office = archive("zip", {"[Content_Types].xml": b"<x/>", "xl/workbook.xml": b"<x/>"})
    broken = archive("zip", {"a": b"1" * 999})[:-30]
    monkeypatch.setattr(unpack, "FREE_BYTES", 1 << 20)
    bomb = gzip.compress(bytes(8 << 20))
    nested = gzip.compress(gzip.compress(gzip.compress(gzip.compress(gzip.compress(gzip.compress(b"x"))))))
    for body, reason in ((office, "office"), (broken, "broken"), (bomb, "expands"), (nested, "packed more than")):
        with pytest.raises(Malformed, match=reason):
            [stream.read() for _, stream in unpack.opened(io.BytesIO(body), "file")]


ITEM = st.recursive(
    st.none() | st.integers() | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=6,
)


@settings(max_examples=200, deadline=None)
@given(
    items=st.lists(st.dictionaries(st.text(max_size=5), ITEM), max_size=20), size=st.integers(1, 5), gap=st.booleans()
)
def test_items_of_a_json_array_are_never_torn(items: list[object], size: int, gap: bool) -> None:
    body = json.dumps(items, indent=1 if gap else None, ensure_ascii=gap).encode()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(cuts, "PAGE_RECORDS", size)
        patch.setattr(xml, "CHUNK", 7)
        found = cut(body, "json")
        assert [item for page in found for item in json.loads(page)] == items
        assert all(len(json.loads(page)) <= size for page in found)
    assert cut(body, "json") == [body]


@settings(max_examples=200, deadline=None)
@given(
    records=st.lists(st.sampled_from(["<r>a</r>", "<x:r n='1'><r>in</r></x:r>", "<r/>", "<r><![CDATA[</r>]]></r>"])),
    between=st.sampled_from(["", "\n  ", "<!-- <r> -->", "<other>1</other>"]),
    size=st.integers(1, 4),
)
def test_xml_records_are_never_torn(records: list[str], between: str, size: int) -> None:
    head = "<?xml version='1.0'?>\n<!-- <r> --><set xmlns:x='urn:x'><list a='1'>"
    body = (head + "".join(between + one for one in records) + "\n</list></set>\n").encode()
    cutter = cuts.xml_records("r")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(cuts, "PAGE_RECORDS", size)
        patch.setattr(xml, "CHUNK", 11)
        found = list(cutter(io.BytesIO(body)))
    read = [
        xml.text(one) for page in found for one in xml.elements(page, "file", "r") if not isinstance(one, Malformed)
    ]
    if records:
        assert read == [xml.text(one) for one in xml.elements(body, "file", "r") if not isinstance(one, Malformed)]
        assert len(read) == len(records)
    assert list(cutter(io.BytesIO(body))) == [body]


def test_a_broken_xml_record_costs_only_itself() -> None:
    body = b"<set><r>one</r><r>a < b & c</r><r>three &eacute;</r><r>torn"
    found = list(xml.elements(body, "file", "r"))
    assert [isinstance(one, Malformed) for one in found] == [False, True, False, True]
    with pytest.raises(Malformed, match="ENTITY"):
        list(xml.elements(b'<!DOCTYPE r [<!ENTITY a "b">]><r>&a;</r>', "file", "r"))
