"""An institute's page in HTML: publications by configured selectors or by the page's own repetition.

Without selectors the page tells by itself what its items are: elements of one shape that repeat and whose
text holds titles, names, years and addresses of papers (lists, cards, tables, definition lists). Courses,
and pages without such repetition, are read from the page's lines as a text capture is.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any
from urllib.parse import urlsplit

import msgspec

from worker.errors import Malformed
from worker.formats import courses, embedded, html, listing_text, presets
from worker.formats.listing_html.document import Document, document_of, lines_of
from worker.formats.listing_html.following import without_fragment
from worker.formats.listing_html.items import repeated_in
from worker.formats.listing_html.selected import by_selectors
from worker.formats.listing_text import distinct
from worker.formats.schema_org import Place
from worker.record import AnyRecord, CourseRecord, Record


def read(
    text: str, url: str, options: Mapping[str, Any], as_of: date | None, language: str | None = None
) -> list[AnyRecord | Malformed]:
    """The publications and courses of a page, and what it tells machines but cannot be read.

    What is embedded for machines comes first; a page about one work says nothing of others. ``options`` is the
    source's table: ``preset``, ``selectors`` (CSS: ``item, title, authors, abstract, link, date, venue, course_item,
    course_title, course_text``), ``fewest_titles`` and ``provider``. ``language`` is used where neither the page nor
    its texts tell one.

    Raises:
        Malformed: no publication and no course stands on the page, or the selectors fit it no longer.
        Misconfigured: a selector or preset is none.
    """
    tree = html.tree(text, url)
    page = document_of(tree, url, language)
    provider = options.get("provider")
    selectors = presets.selectors(options)
    told = embedded.read(tree, Place(url, as_of, page.language, provider))
    if told.is_about_one:
        return [*told.records, *told.broken]
    found: list[AnyRecord] = list(told.records)
    taken: list[tuple[int, int]] = []
    if selectors.get("item") or selectors.get("course_item"):
        found += by_selectors(tree, page, options, as_of)
    if not selectors.get("item"):
        papers, taken = repeated_in(page)
        found += papers
    if not any(isinstance(one, CourseRecord) for one in found) and not selectors.get("course_item"):
        lines = list(lines_of(page, taken))
        wanted = not any(isinstance(one, Record) for one in found) and not selectors.get("item")
        announced = wanted or any(len(line.text) > 60 and courses.is_announcement(line.text) for line in lines)
        as_text = listing_text.read_lines(lines, as_of, page.language, provider) if announced else []
        lined: list[AnyRecord] = [one for one in as_text if isinstance(one, CourseRecord)]
        if wanted:
            papers_told = _addressed(page, [one for one in as_text if isinstance(one, Record) and _substantial(one)])
            lined += papers_told if len(papers_told) >= 3 or _announced(page) else []
        found = lined + found
    if not found and not told.broken:
        title = tree.css_first("title")
        name = " ".join((title.text() if title is not None else "").split())[:80]
        how = "its selectors match no" if selectors.get("item") else "no repeated structure looks like a"
        raise Malformed(f"{url}: expected an institute's page, found no publication or course on it: {how} list of "
                        f"publications (page title: {name!r})")  # fmt: skip
    return [*distinct(found), *told.broken]


def _substantial(one: Record) -> bool:
    """A paper that lines alone tell of, on a page that loses nothing: its title, and who or what."""
    return bool(one.title and (one.abstract or (one.authors and (one.date or one.venue or one.identifiers))))


def _addressed(page: Document, told: Sequence[Record]) -> list[Record]:
    """Papers read from lines, keyed by the address of their title when that is a page of this site."""
    site = urlsplit(page.base).netloc
    own = [next((one.url for one in record.links if urlsplit(one.url).netloc == site), None) for record in told]
    return [
        msgspec.structs.replace(record, source_key=without_fragment(url)) if url and own.count(url) == 1 else record
        for record, url in zip(told, own, strict=True)
    ]


def _announced(page: Document) -> bool:
    """A heading of publications stands on the page."""
    return any(element.listed for element in page.elements)
