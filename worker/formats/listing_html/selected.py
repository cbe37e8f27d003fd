"""Publications by selectors that somebody configured for the page."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from selectolax.lexbor import LexborHTMLParser, LexborNode, SelectolaxError

from worker.errors import Malformed, Misconfigured
from worker.formats import courses, presets
from worker.formats.citations import author_names, year_in
from worker.formats.entries import Entry
from worker.formats.listing_html.document import Document, absolute
from worker.formats.listing_html.entry import link_kind, note_abstract
from worker.formats.listing_html.items import Item, keyed
from worker.normalise.dates import partial_date
from worker.record import AnyRecord, Link


def by_selectors(
    tree: LexborHTMLParser, page: Document, options: Mapping[str, Any], as_of: date | None
) -> Iterator[AnyRecord]:
    """Items by the selectors of the sources file, fields inside items by theirs.

    Raises:
        Malformed: too few items have a title where the selector says.
    """
    selectors, provider = presets.selectors(options), options.get("provider")
    items: list[Item] = []
    for at, node in enumerate(_css(tree, selectors.get("item"))):
        entry = Entry(language=page.language)
        entry.title = _text(node, selectors.get("title"))
        entry.venue = _text(node, selectors.get("venue"))
        if written := _text(node, selectors.get("date")):
            entry.date = partial_date(written) or year_in(written)
        for part in _css(node, selectors.get("authors")):
            said = _spaced(part)
            listed = author_names(said)
            entry.authors += listed[0] if listed else [name for name in re.split(r"\s*[,;]\s*", said) if name]
            if listed and listed[1] == "cut":
                entry.authors_state = "cut"
        for part in _css(node, selectors.get("abstract")):
            note_abstract(entry, _spaced(part))
        anchors = _css(node, selectors.get("link")) or []
        address = next((href for a in anchors if (href := (a.attributes.get("href") or ""))), "")
        for a in _css(node, "a[href]"):
            written = a.attributes.get("href") or ""
            target = absolute(page.base, written)
            if target.startswith("http") and not written.startswith("#"):
                entry.links.append(Link(target, link_kind(target, a.text() or "")))
        entry.links = list(dict.fromkeys(entry.links))[:30]
        items.append(Item(at, at, entry, absolute(page.base, address) if address else None, 9.0))
    titled = sum(1 for item in items if item.entry.title)
    if items and selectors.get("title") and titled < presets.fewest_titles(options) * len(items):
        raise Malformed(f"{page.base}: expected {selectors['title']!r} in most items, found it in {titled} of "
                        f"{len(items)}: the site was redesigned, or the selector is wrong")  # fmt: skip
    yield from keyed(page, items)
    for node in _css(tree, selectors.get("course_item")):
        name = _text(node, selectors.get("course_title") or "h1, h2, h3, h4, h5, a")
        sentences = [_spaced(part) for part in _css(node, selectors.get("course_text") or "p, li, time, .date")]
        if not sentences:
            sentences = [
                line for line in (node.text(separator="\n") or "").split("\n") if line.strip() and line.strip() != name
            ]
        anchor = node.css_first("a[href]") if node.tag != "a" else node
        link = absolute(page.base, anchor.attributes.get("href") or "") if anchor is not None else None
        if name:
            found = courses.course(name, sentences, as_of, language=page.language, provider=provider, url=link or None)
            if found is not None:
                yield found


def _css(node: LexborHTMLParser | LexborNode, selector: str | None) -> list[LexborNode]:
    if not selector:
        return []
    try:
        return node.css(selector)
    except (ValueError, SelectolaxError) as error:
        raise Misconfigured(f"expected a CSS selector in the sources file, found {selector!r} ({error})") from error


def _spaced(node: LexborNode) -> str:
    return " ".join((node.text() or "").split())


def _text(node: LexborNode, selector: str | None) -> str | None:
    found = _css(node, selector)
    return _spaced(found[0]) or None if found else None
