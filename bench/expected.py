"""What other projects read in the same files, and where we agree: titles, authors, DOI and year, record by record.

The expected results lie beside the samples in ``../shared/data/api``: parsed results of ADS, of Inspire's crawlers, and
JabRef's bibliographies; for bibliographies themselves bibtexparser is asked in the same run. Titles and names are
compared folded. A title told without the subtitle that the sample has is the same title; an author is the same by the
family name or, where one of us takes the name for an organisation's, by the whole name; collaborations count only where
they list some. Inspire sorts its authors: there people are compared without their order.
"""

from __future__ import annotations

import gzip
import io
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from worker.errors import Malformed
from worker.formats import bibtex, files
from worker.formats.latex import plain
from worker.normalise import identifiers
from worker.normalise.names import folded, split_name
from worker.normalise.titles import title_key
from worker.page import Page
from worker.pipeline.ingest import pages
from worker.record import Record
from worker.settings import adapter_named

FIELDS = ("title", "authors", "dois", "year")

REASONS = {
    "jats_iucr_d-75-00616.xml": "no XML: the file is cut into lines of one length, in the middle of names of elements",
    "jats_springer_NatCo_s41467-023-40272-3.xml.gz": "they list the members of a collaboration as authors",
    "jats_versita_index_tags_3.xml.gz": "they date it by its day online; its issue is of the year after",
    "MODSImporterTestAllFields.xml": "they take the alternative title",
    "MODSImporterTestModsCollection.xml": "they take the editors of a book as its authors",
    "MedlineImporterTestBookArticleSet.xml": "they take the title of the book for that of the chapter",
    "MedlineImporterTestKeywordSingleEntry.xml": "they take the person an article is about as its author",
    "RisImporterTest1.ris": "they take eleven torn references as one",
    "RisImporterTest7.ris": "they take the editors of a book as its authors",
    "string and preamble.bib: b": "bibtexparser puts blanks between joined strings",
}
"""Samples that we read otherwise, and why."""


@dataclass(frozen=True)
class Facts:
    """What is compared of one record; a field the other project does not tell is None and not compared."""

    title: str | None = None
    authors: tuple[tuple[str, str], ...] | None = None
    """Family and whole name, folded."""
    dois: tuple[str, ...] = ()
    """All DOIs; theirs is among ours."""
    year: str | None = None


@dataclass(frozen=True)
class Compared:
    """One record of one sample: what they expect, what we found, and which fields differ."""

    set: str
    sample: str
    theirs: Facts
    ours: Facts | None

    @property
    def differ(self) -> tuple[str, ...]:
        """Fields the other project tells and we read otherwise."""
        ours, theirs = self.ours, self.theirs
        if ours is None:
            return FIELDS
        same = {
            "title": theirs.title is None or f"{ours.title} ".startswith(f"{theirs.title} "),
            "authors": theirs.authors is None or _same_people(theirs.authors, ours.authors or ()),
            "dois": set(theirs.dois) <= set(ours.dois),
            "year": theirs.year in (None, ours.year),
        }
        return tuple(field for field in FIELDS if not same[field])


def _same_people(theirs: tuple[tuple[str, str], ...], ours: tuple[tuple[str, str], ...]) -> bool:
    told = {name for one in theirs for name in one}
    ours = tuple(one for one in ours if not _is_group(one) or told & {*one})
    return len(theirs) == len(ours) and all({*a} & {*b} for a, b in zip(theirs, ours, strict=True))


def _is_group(person: tuple[str, str]) -> bool:
    return person[0] == person[1]


def body_of(path: Path) -> bytes:
    """The bytes of a sample, unpacked."""
    raw = path.read_bytes()
    return gzip.decompress(raw) if path.suffix == ".gz" else raw


def records_of(body: bytes, where: str, adapter: str | None = None) -> list[Record]:
    """The records of a file, read as ``pubcat ingest`` reads it."""
    found: list[Record] = []
    try:
        format = files.recognise(body[:65_536], where)
        source = adapter_named(adapter or format.adapters[0])
        bodies = list(pages(io.BytesIO(body), format, where)) if adapter is None else [body]
        for page in bodies:
            found += [one for one in source.read(Page(where, page, format.media_type)) if isinstance(one, Record)]
    except Malformed:
        return found
    return found


def facts_of(record: Record) -> Facts:
    """The facts of one of our records."""
    return Facts(
        title_key(record.title) if record.title else None,
        tuple((_folded(author.family or author.name), _folded(author.name)) for author in record.authors),
        tuple(one.value for one in record.identifiers if one.scheme == "doi"),
        record.date[:4] if record.date else None,
    )


def _folded(name: str) -> str:
    return folded(name).replace(" ", "")


def _person(family: str, given: str = "") -> tuple[str, str]:
    return _folded(family), _folded(f"{given} {family}")


def _dois(*told: object) -> tuple[str, ...]:
    return tuple(found.value for raw in told if (found := identifiers.normalise("doi", raw)))


def compared(api: Path) -> Iterator[Compared]:
    """Every record of every set that has expected results."""
    yield from ads(api / "ads_ingest")
    yield from hepcrawl(api)
    yield from jabref(api / "jabref_import" / "fileformat")
    for name in ("bibtex_jabref_testbib", "bibtex_ruby", "bibtex_citationjs"):
        yield from bibliographies(api / name)


def ads(folder: Path) -> Iterator[Compared]:
    """ADS: one JSON a file; the files of several records have none."""
    for path in sorted((folder / "output").glob("*.json*")):
        stem = path.name.removesuffix(".gz").removesuffix(".json")
        source = next(folder.glob(f"input/{stem}.xml*"))
        told = json.loads(body_of(path))
        names = [one["name"] for one in told.get("authors", [])]
        theirs = Facts(
            _title(told.get("title", {}).get("textEnglish") or told.get("title", {}).get("textNative")),
            tuple(_person(one.get("surname") or one.get("collab") or "", one.get("given_name") or "") for one in names)
            or None,
            _dois(*[one.get("DOI") for one in told.get("persistentIDs", [])][:1]),
            told.get("publication", {}).get("pubYear"),
        )
        ours = records_of(body_of(source), source.name)
        yield Compared("ads_ingest", source.name, theirs, facts_of(ours[0]) if ours else None)


def _title(raw: str | None) -> str | None:
    return title_key(raw) if raw else None


def hepcrawl(api: Path) -> Iterator[Compared]:
    """Inspire's crawlers: arXiv and CERN records, several a file, in the order of the files."""
    root = api / "hepcrawl_functional"
    for name, samples, expected in (
        ("arxiv", ("arxiv-physics-hep-ex.xml", "arxiv-physics-hep-th.xml"), "arxiv_expected.json"),
        ("arxiv", ("arxiv-single.xml",), "arxiv_expected_single.json"),
        ("cds", ("cds-cerncds-hep-ex.xml", "cds-cerncds-hep-th.xml"), "cds_expected.json"),
        ("cds", ("cds-single.xml",), "cds_single_expected.json"),
    ):
        fixtures = root / name / "fixtures"
        ours = [
            facts_of(record)
            for sample in samples
            for record in records_of(body_of(fixtures / "http_server" / "records" / sample), sample)
        ]
        by_title = {facts.title: _sorted_people(facts) for facts in ours}
        for told in json.loads((fixtures / expected).read_bytes()):
            theirs = _inspire(told)
            yield Compared("hepcrawl_functional", f"{expected}: {theirs.title}", theirs, by_title.get(theirs.title))


def _sorted_people(facts: Facts) -> Facts:
    people = sorted(one for one in facts.authors or () if not _is_group(one))
    return Facts(facts.title, tuple(people), facts.dois, facts.year)


def _inspire(told: dict[str, Any]) -> Facts:
    names = [one.get("full_name", "") for one in told.get("authors", [])]
    date = told.get("preprint_date") or next((one.get("date") for one in told.get("imprints", [])), None)
    return Facts(
        _title(next((one["title"] for one in told.get("titles", [])), None)),
        tuple(sorted(_person(split_name(name)[1] or name, split_name(name)[0] or "") for name in names)) or None,
        _dois(*(one["value"] for one in told.get("dois", []))),
        date[:4] if date else None,
    )


_SAMPLES = (".xml", ".ris", ".txt", ".nbib", ".isi")


def jabref(folder: Path) -> Iterator[Compared]:
    """JabRef: a bibliography of the same name, entries in the order of the file. Samples of formats we do not read
    (Ovid, Inspec, Copac, RePEc, Biblioscape, Word, Citavi) are left out."""
    wanted = ("Ris", "EndnoteXml", "Medline", "MODS", "Marc", "Nbib", "Isi")
    for path in sorted(folder.glob("*.bib")):
        sources = [
            one for one in folder.glob(f"{path.stem}.*") if one.suffix in (".xml", ".ris", ".txt", ".nbib", ".isi")
        ]
        if not path.name.startswith(wanted) or not sources:
            continue
        theirs = [_entry(one) for one in bibtex.parse(Page(path.name, body_of(path))) if isinstance(one, Record)]
        ours = [facts_of(one) for one in records_of(body_of(sources[0]), sources[0].name)]
        by_title = {facts.title: facts for facts in ours}
        for number, facts in enumerate(theirs):
            found = by_title.get(facts.title) or (ours[number] if number < len(ours) else None)
            if facts.title is not None:
                yield Compared("jabref_import", sources[0].name, facts, found)


def _entry(record: Record) -> Facts:
    facts = facts_of(record)
    return Facts(facts.title, facts.authors or None, facts.dois, facts.year)


def bibliographies(folder: Path) -> Iterator[Compared]:
    """Bibliographies as bibtexparser reads them, by their keys; entries without a title are no records here."""
    import logging

    import bibtexparser

    logging.getLogger("bibtexparser").setLevel(logging.CRITICAL)
    for path in sorted(folder.rglob("*.bib*")):
        body = body_of(path)
        try:
            text = body.decode("utf-8-sig")
            read = list(bibtex.parse(Page(path.name, body)))
        except (UnicodeDecodeError, Malformed):
            continue
        ours = {one.source_key: facts_of(one) for one in read if isinstance(one, Record)}
        for entry in bibtexparser.parse_string(text).entries:
            told = {field.key.lower(): str(field.value) for field in entry.fields}
            if not told.get("title", "").strip(" {}") or not entry.key:
                continue
            yield Compared(folder.name, f"{path.name}: {entry.key}", _bibtexparser(told), ours.get(entry.key))


def _bibtexparser(told: dict[str, str]) -> Facts:
    from bibtexparser.middlewares.names import parse_single_name_into_parts, split_multiple_persons_names

    names = []
    for name in split_multiple_persons_names(told.get("author", "")):
        if name.strip().lower() != "others":
            try:
                read = parse_single_name_into_parts(name, strict=False)
            except Exception:
                return Facts(_title(plain(told["title"])))
            names.append(_person(plain(" ".join((*read.von, *read.last))), plain(" ".join(read.first))))
    year = plain(told.get("year", "")).strip()
    plain_year = year.isdecimal() and len(year) == 4 and "date" not in told
    return Facts(
        _title(plain(told["title"])), tuple(names) or None, _dois(told.get("doi")), year if plain_year else None
    )


def report(api: Path) -> tuple[dict[str, tuple[int, int]], list[Compared]]:
    """Per set how many records there are and how many agree in everything told; and those that do not."""
    counts: dict[str, tuple[int, int]] = {}
    others: list[Compared] = []
    for one in compared(api):
        n, agreeing = counts.get(one.set, (0, 0))
        counts[one.set] = n + 1, agreeing + (not one.differ)
        if one.differ:
            others.append(one)
    return counts, others
