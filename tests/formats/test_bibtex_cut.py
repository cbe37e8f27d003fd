"""BibTeX files become pages that can be read alone: the same records as the file in one piece."""

from __future__ import annotations

import io
import random
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from worker.errors import Malformed
from worker.formats import bibtex, bibtex_cut, cuts
from worker.formats.bibtex_entries import PARENTS, chunks
from worker.page import Page
from worker.record import Record, encode


def pages_of(body: bytes, size: int) -> list[bytes]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(cuts, "PAGE_RECORDS", size)
        return list(bibtex_cut.cut(io.BytesIO(body)))


def records_of(*pages: bytes) -> list[bytes]:
    found = [one for page in pages for one in bibtex.parse(Page("file", page))]
    return [encode(one) for one in found if isinstance(one, Record)]


def file_of(chance: random.Random, n: int) -> bytes:
    """Entries that use abbreviations from above, redefine them, and inherit from parents anywhere in the file."""
    lines = ['@string{ v0 = "Venue Zero" }']
    for number in range(n):
        match chance.randrange(6):
            case 0:
                lines.append(f'@string{{v{chance.randrange(3)} = v0 # " part {number}"}}')
            case 1:
                lines.append(
                    f"@proceedings{{p{number}, title = {{Proceedings {number}}}, year = {2000 + number % 25}}}"
                )
            case 2:
                lines.append(
                    f"@inproceedings{{k{number}, title = {{A talk {number}}}, crossref = {{p{chance.randrange(n)}}}}}"
                )
            case 3:
                lines.append(f"@comment{{@article{{c{number}, title = {{hidden}}}}}}")
            case 4:
                lines.append(f"@xdata{{p{number}, publisher = v{chance.randrange(3)}, crossref = {{p1}}}}")
            case _:
                lines.append(
                    f"@article{{a{number}, title = {{A title {{B}} {number}}}, journal = v{chance.randrange(3)},\n"
                    f"  xdata = {{p{chance.randrange(n)}}}, note = {{a\n@ sign}} }}"
                )
    return "\n".join(lines).encode() + b"\n"


@settings(max_examples=150, deadline=None)
@given(seed=st.integers(0, 1 << 32), n=st.integers(1, 40), size=st.integers(1, 9))
def test_pages_read_alone_say_what_the_file_says(seed: int, n: int, size: int) -> None:
    body = file_of(random.Random(seed), n)
    pages = pages_of(body, size)
    assert records_of(*pages) == records_of(body)
    assert pages == pages_of(body, size)


def test_a_file_of_one_page_stays_as_it_is() -> None:
    body = b'text\n@string{a = "A"}\n@article{k, title = a, crossref = {q}}\n@book{q, title = {Q}}'
    assert pages_of(body, 100) == [body]


def test_a_parent_comes_with_its_children_but_is_nobody_elses_record() -> None:
    body = b'@string{j = "J"}\n@inproceedings{k, title = {T}, crossref = {Q}}\n' + b"@misc{z, title={Z}}\n" * 3
    body += b"@proceedings{q, title = {Book}, publisher = j}\n"
    first, *_ = pages_of(body, 2)
    assert first.endswith(PARENTS + b"@string{j = {J}}\n@proceedings{q, title = {Book}, publisher = j}\n")
    (record,) = bibtex.parse(Page("page", first))
    assert isinstance(record, Record)
    assert (record.venue, record.publisher) == ("Book", "J")


@settings(max_examples=150, deadline=None)
@given(
    text=st.text('@{}a,=\n" %b(', max_size=120).map(str.encode),
    sizes=st.lists(st.integers(1, 9), min_size=1),
)
def test_pieces_are_the_file_however_it_arrives(text: bytes, sizes: list[int]) -> None:
    def blocks() -> Iterator[bytes]:
        at = turn = 0
        while at < len(text):
            size = sizes[turn % len(sizes)]
            yield text[at : at + size]
            at, turn = at + size, turn + 1

    whole = list(chunks([text]))
    assert b"".join(whole) == text
    assert b"".join(chunks(blocks())) == text


def test_an_entry_without_an_end_spoils_no_other() -> None:
    body = b"@article{a, title = {A {B}\n" + b"@article{k, title = {Title}}\n" * 3
    found = list(bibtex.parse(Page("file", body)))
    assert [isinstance(one, Malformed) for one in found] == [True, False, False, False]
