"""Proceedings of Machine Learning Research, a file a volume. https://proceedings.mlr.press

In the sources file: ``volumes = [235, 267]``. A volume's ``citeproc.yaml`` holds everything, abstracts too, in one
request; its BibTeX and the front matter of its pages are read as well.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import msgspec

from worker.errors import Malformed, Misconfigured
from worker.formats import bibtex, values, yaml
from worker.formats.bibtex_entries import Entry, has_entry, read
from worker.formats.items import each, fields, unread
from worker.normalise import identifiers
from worker.normalise.dates import partial_date
from worker.page import Page, Request, Site, Source, Window
from worker.record import Identifier, Link, Record

API = "https://proceedings.mlr.press"
_VOLUME = re.compile(r"(?:^|/|[^a-z])v(\d{1,4})(?:/|$)", re.I)

_KNOWN = fields(
    "title abstract layout series publisher issn id month tex_title firstpage lastpage page order cycles bibtex_editor "
    "editor bibtex_author author date address container-title volume genre issued pdf extras openreview software "
    "video section URL PDF page-first type note label conference_url award supplementary "
    "edit published"
)


def first(site: Site, window: Window) -> Iterator[Request]:
    """The file of each volume."""
    for volume in values.listed(site.options.get("volumes")):
        if not re.fullmatch(r"v?[0-9]{1,4}|r[0-9]{1,2}", str(volume)):
            raise Misconfigured(f"{site.name}: expected volumes such as 235, found {volume!r}")
        name = str(volume) if str(volume)[0] in "vr" else f"v{volume}"
        yield Request(f"{(site.base_url or API).rstrip('/')}/{name}/assets/bib/citeproc.yaml")


def parse(page: Page) -> Iterator[Record | Malformed]:
    """A record a paper.

    Raises:
        Malformed: no file of PMLR.
    """
    if has_entry(page.body):
        return _of_bibtex(page)
    found = values.listed(yaml.read(page.body, page.url))
    if not found:
        raise Malformed(f"{page.url}: expected papers, found {page.body[:60]!r}", page.body)
    return each(found, lambda item: _record(item, page), page.url)


def _record(item: dict[str, Any], page: Page) -> Record | None:
    volume = values.text(item.get("volume")) or _volume_of(page)
    name = values.text(item["id"])
    title = values.text(item["title"])
    abstract, state = values.abstract(item.get("abstract"))
    key = f"v{volume}/{name}"
    pdf = values.address(item.get("pdf")) or values.address(item.get("PDF"))
    landing = values.address(item.get("URL")) or f"{API}/{key}.html"
    venue = values.text(item.get("container-title"))
    return Record(
        source_key=key,
        title=title,
        title_language=values.spoken(title),
        abstract=abstract,
        abstract_language=values.spoken(abstract),
        abstract_state=state,
        authors=tuple(
            one
            for told in values.objects(item.get("author"))
            if (one := values.person(told.get("literal"), told.get("given"), told.get("family"))) is not None
        ),
        identifiers=_identifiers(key, item.get("openreview")),
        kind="workshop" if "workshop" in (venue or "").lower() else "conference",
        version="workshop" if "workshop" in (venue or "").lower() else "proceedings",
        date=_date(item),
        venue=venue,
        volume=volume,
        pages=values.pages(item.get("firstpage"), item.get("lastpage")) or values.text(item.get("page")),
        publisher=values.text(item.get("publisher")),
        links=tuple(sorted([Link(landing), *([Link(pdf, "pdf")] if pdf else []), *_code(item)])),
        unread=unread(str(one) for one in item.keys() - _KNOWN),
    )


def _volume_of(page: Page) -> str:
    found = _VOLUME.search(urlsplit(page.url).path)
    if found is None:
        raise ValueError("expected the number of the volume, found none in item or address")
    return found[1]


def _identifiers(key: str, forum: Any) -> tuple[Identifier, ...]:
    return identifiers.of(pmlr=key, openreview=values.text(forum))


def _code(item: dict[str, Any]) -> list[Link]:
    found = ((values.address(item.get("software")), "code"), (values.address(item.get("video")), "video"))
    return [Link(address, kind) for address, kind in found if address]


def _date(item: dict[str, Any]) -> str | None:
    """``date`` is the day the volume appeared; ``date-parts`` stand flat in YAML, and in a list in JSON."""
    return partial_date(item.get("date")) or partial_date(values.inner(item.get("issued"), "date-parts"))


def _of_bibtex(page: Page) -> Iterator[Record | Malformed]:
    """Papers with what the entry of the whole volume says of them all."""
    entries = list(read(page.body, page.url))
    volumes = [one.fields for one in entries if isinstance(one, Entry) and one.type == "proceedings"]
    whole: dict[str, str] = volumes[0] if volumes else {}
    shared = {name: whole[name] for name in ("booktitle", "volume", "year", "publisher") if name in whole}
    date = partial_date(whole.get("published") or whole.get("start"))
    seen: dict[str, str] = {}
    for entry in entries:
        if isinstance(entry, Malformed):
            yield entry
        elif entry.type != "proceedings":
            told: dict[str, str] = shared | entry.fields
            try:
                found = bibtex.record(entry, told, seen)
                key = f"v{values.text(told.get('volume')) or _volume_of(page)}/{entry.key.removeprefix('pmlr-')}"
            except ValueError as error:
                yield Malformed(f"{page.url}, entry {entry.key or '?'}: {error}", entry.raw)
                continue
            key = re.sub(r"/v\d+-", "/", key)
            held = identifiers.united(found.identifiers, _identifiers(key, told.get("openreview")))
            yield msgspec.structs.replace(found, source_key=key, identifiers=held, date=date or found.date)


SOURCE = Source(
    name="pmlr",
    title="Proceedings of Machine Learning Research",
    revision=1,
    parse=parse,
    first=first,
    base_url=API,
    needs=("PUBCAT_CONTACT",),
    deduplicates=True,
    trust=24,
    seconds_between_requests=2.0,
    host_group="pmlr",
    media="text",
)
