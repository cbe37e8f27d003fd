"""What a page repeats: elements of one shape that hold publications."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from worker.formats.entries import Entry, known_at
from worker.formats.listing_html.document import Document, Element, absolute, rows_of
from worker.formats.listing_html.entry import column_of, entry_of
from worker.formats.listing_html.following import without_fragment
from worker.record import AnyRecord

_ITEM_TAGS = frozenset(
    ("li", "p", "div", "article", "tr", "section", "dd", "details", "td", "h2", "h3", "h4", "h5", "h6")
)


@dataclass(slots=True)
class Item:
    """A span of the page that may be one publication, what was read in it, and how much it convinces."""

    start: int
    end: int
    entry: Entry
    url: str | None
    score: float


def repeated_in(page: Document) -> tuple[list[AnyRecord], list[tuple[int, int]]]:
    """The publications among the page's repeated elements, and the spans they fill."""
    groups: dict[str, list[tuple[int, int, Element]]] = {}
    for element in page.elements:
        if element.tag in _ITEM_TAGS and element.parent is not None:
            above = element.parent
            grand = above.parent.shape if above.parent is not None else ""
            groups.setdefault(f"{element.shape}<{above.shape}<{grand}", []).append(
                (element.start, element.end, element)
            )
    groups |= _definitions(page) | _under_headings(page)
    ranked: list[tuple[float, float, str]] = []
    for shape, spans in groups.items():
        if len(spans) < 2:
            continue
        sample = spans[:: max(1, len(spans) // 24)][:32]
        items = [_item(page, *span) for span in sample]
        good = [item for item in items if item is not None and item.score >= 2 and item.entry.title]
        listed = sum(1 for _, _, element in sample if element.listed) * 2 >= len(sample)
        if len(good) < (2 if listed else 3) or len(good) * 3 < len(sample):
            continue
        mean = sum(item.score for item in good) / len(good)
        if mean < 2.0 or (sum(1 for item in good if item.entry.authors or item.entry.abstract) * 2 < len(good)
                          and not _bare_list(page, good, sample)):  # fmt: skip
            continue
        bare = sum(1 for item in items if item is not None and not item.entry.title and _convinces(item))
        width = sum(end - start for start, end, _ in sample) / len(sample)
        value = (len(good) * (mean - 1) + bare * 0.5) * len(spans) / len(sample)
        ranked.append((round(value, 1), width, shape))
    ranked.sort(key=lambda one: (-one[0], -one[1], one[2]))
    taken: list[tuple[int, int]] = []
    items_found: list[Item] = []
    for _, _, shape in ranked[:40]:
        spans = groups[shape]
        if _overlaps(taken, spans):
            continue
        found = [item for span in spans if (item := _item(page, *span)) is not None and _convinces(item)]
        if len(found) < 2:
            continue
        taken = sorted([*taken, *((item.start, item.end) for item in found)])
        items_found += found
    items_found.sort(key=lambda item: item.start)
    return keyed(page, items_found), taken


def _convinces(item: Item) -> bool:
    """Enough is told of it; among its like an abstract alone is enough, its title is lost."""
    return item.score >= 2 or (not item.entry.title and item.score >= 1)


def _bare_list(page: Document, good: Sequence[Item], sample: Sequence[tuple[int, int, Element]]) -> bool:
    """Items without names are papers when their addresses say so, or a heading of publications does."""
    known = sum(1 for item in good if item.entry.identifiers())
    listed = sum(1 for _, _, element in sample if element.listed)
    return known * 2 >= len(good) or listed * 2 >= len(sample)


def _overlaps(taken: Sequence[tuple[int, int]], spans: Sequence[tuple[int, int, Element]]) -> bool:
    """Any of the spans lies in, or around, one that is taken; both lists are in order."""
    at = 0
    for start, end, _ in spans:
        while at < len(taken) and taken[at][1] < start:
            at += 1
        if at < len(taken) and taken[at][0] <= end:
            return True
    return False


def _definitions(page: Document) -> dict[str, list[tuple[int, int, Element]]]:
    """Every term of a definition list with what defines it is one item."""
    found: dict[str, list[tuple[int, int, Element]]] = {}
    for at, element in enumerate(page.elements):
        if element.tag != "dt" or element.parent is None:
            continue
        end = element.parent.end
        for later in page.elements[at + 1 : at + 400]:
            if later.tag == "dt" and later.parent is element.parent:
                end = later.start
                break
            if later.start > element.parent.end:
                break
        found.setdefault(f"dl<{element.parent.shape}", []).append(
            (element.start, min(end, element.parent.end), element)
        )
    return found


def _under_headings(page: Document) -> dict[str, list[tuple[int, int, Element]]]:
    """Headings of one parent with all up to the next of their kind: items that nothing wraps."""
    found: dict[str, list[tuple[int, int, Element]]] = {}
    open_at: dict[tuple[int, str], tuple[str, int, Element]] = {}
    several: set[tuple[int, str]] = set()
    for element in page.elements:
        if element.tag not in ("h2", "h3", "h4", "h5", "h6") or element.parent is None:
            continue
        key = (id(element.parent), element.tag)
        before = open_at.get(key)
        if before is not None:
            found.setdefault(before[0], []).append((before[1], element.start, before[2]))
            several.add(key)
        open_at[key] = (f"under {element.shape}<{element.parent.shape}", element.start, element)
    for key, (shape, start, element) in open_at.items():
        parent = element.parent
        if key not in several:
            continue
        found.setdefault(shape, []).append((start, parent.end if parent is not None else start, element))
    return {shape: sorted(spans, key=lambda s: s[0]) for shape, spans in found.items() if len(spans) >= 2}


def _item(page: Document, start: int, end: int, element: Element) -> Item | None:
    """What one repeated element says, with a score of how much it is a publication; None when it is none."""
    if end - start > 3000:
        return None
    headers = _headers(page, element) if element.tag == "tr" else ()
    rows = rows_of(page, start, end, headers)
    if not rows or len(rows) > 60:
        return None
    length = sum(len(row.text) for row in rows)
    if not 15 <= length <= 15000:
        return None
    entry, title_href, titles = entry_of(page, rows)
    if not entry.title and not entry.abstract:
        return None
    entry.date = entry.date or element.year
    known = {(one.scheme, one.value) for one in entry.identifiers()}
    own = any(scheme in ("doi", "arxiv", "openreview", "acl", "pmlr", "hal", "pmid") for scheme, _ in known)
    words = len((entry.title or "").split())
    score = 1.0 if words >= 3 else 0.4 if words else 0.0
    score += 1.2 * bool(entry.authors) + 1.0 * bool(entry.abstract) + 0.8 * own
    score += 0.4 * bool(entry.date) + 0.5 * bool(entry.venue) + 0.3 * bool(title_href) + 0.5 * element.listed
    per_scheme: dict[str, int] = {}
    for scheme, _ in known:
        per_scheme[scheme] = per_scheme.get(scheme, 0) + 1
    if max(per_scheme.values(), default=0) > 2 or titles > 2:
        score -= 2.5
    url = absolute(page.base, title_href) if title_href else None
    return Item(start, end, entry, url, score)


def _headers(page: Document, row: Element) -> tuple[str, ...]:
    """What the columns of a table are, by its first row of headers."""
    table = row.parent
    while table is not None and table.tag != "table":
        table = table.parent
    if table is None:
        return ()
    if table.start in page.columns:
        return page.columns[table.start]
    names: list[str] = []
    cell = ""
    inside = False
    for kind, element, text in page.events[table.start : table.start + 400]:
        if element.tag == "th" and kind in "<>":
            inside = kind == "<"
            if kind == ">":
                names.append(column_of(cell))
                cell = ""
        elif kind == "t" and inside:
            cell += text
        elif kind == ">" and element.tag == "tr":
            break
    page.columns[table.start] = tuple(names)
    return page.columns[table.start]


def keyed(page: Document, items: Sequence[Item]) -> list[AnyRecord]:
    """Records of items; the key is the item's own page when no other item leads there."""
    counts: dict[str, int] = {}
    chosen: list[str | None] = []
    for item in items:
        own = _own_page(page, item)
        chosen.append(own)
        if own:
            counts[own] = counts.get(own, 0) + 1
    records: list[AnyRecord] = []
    for item, own in zip(items, chosen, strict=True):
        record = item.entry.record(own if own and counts[own] == 1 else None)
        if record is not None:
            records.append(record)
    return records


def _own_page(page: Document, item: Item) -> str | None:
    """The address that names an item: its title's, on the same site or of an archive, else an archive's."""
    here = urlsplit(page.base)
    for target in [item.url, *(link.url for link in item.entry.links)]:
        if not target or not target.startswith("http"):
            continue
        bare = without_fragment(target)
        try:
            split = urlsplit(bare)
        except ValueError:
            continue
        same = target == item.url and split.netloc == here.netloc and split.path.rstrip("/") != here.path.rstrip("/")
        if same or known_at(bare) is not None:
            return bare
    return None
