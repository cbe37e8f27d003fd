"""An institute's page in HTML: publications by configured selectors or by the page's own repetition.

Without selectors the page tells by itself what its items are: elements of one shape that repeat and whose
text holds titles, names, years and addresses of papers (lists, cards, tables, definition lists). Courses,
and pages without such repetition, are read from the page's lines as a text capture is.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from typing import Any
from urllib.parse import parse_qsl, urljoin, urlsplit

import msgspec
from selectolax.lexbor import LexborHTMLParser, LexborNode, SelectolaxError

from worker.errors import Malformed, Misconfigured
from worker.formats import courses, embedded, html, listing_text, presets
from worker.formats.citations import author_names, citation, is_venue, venue_name, year_in
from worker.formats.entries import Entry, has_marker, is_control, is_noise, is_publications_heading, known_at, unfolded
from worker.formats.listing_text import Line, distinct
from worker.formats.schema_org import Place
from worker.normalise.dates import partial_date
from worker.normalise.names import clean_name
from worker.record import AnyRecord, CourseRecord, Link, Record

_BLOCK_LINE = (
    "address article aside blockquote body br button center dd details dialog div dl dt fieldset figcaption figure"
    " footer form h1 h2 h3 h4 h5 h6 header hr html li main menu ol option p pre section select summary table tbody"
    " td tfoot th thead tr ul"
)
_BLOCKS = frozenset(_BLOCK_LINE.split())
_SKIPPED_LINE = (
    "script style noscript template svg nav footer form iframe head pre code select button math object canvas"
)
_SKIPPED = frozenset(_SKIPPED_LINE.split())
_NOISY = re.compile(
    r"(?i)(?:^|[\s_-])(?:cookies?|consent|gdpr|tarteaucitron|onetrust|didomi|breadcrumbs?|fil-ariane|navbar"
    r"|site-nav|site-header"
    r"|site-footer|footer|sidebar|share|social|pager|pagination|skip-link|visually-hidden|sr-only|bibtex|menu"
    r"|modal-backdrop)(?:$|[\s_-])"
)
_HEADINGS = {f"h{n}": n for n in range(1, 7)}
_ITEM_TAGS = frozenset(
    ("li", "p", "div", "article", "tr", "section", "dd", "details", "td", "h2", "h3", "h4", "h5", "h6")
)
_HINTS = (
    ("abstract", re.compile(r"(?i)abstract|r[ée]sum[ée]\b|excerpt|teaser|summary|description")),
    ("authors", re.compile(r"(?i)author|auteur|byline|contributor|creator")),
    ("date", re.compile(r"(?i)(?:^|[\s_-])(?:date|year|ann[ée]e|pubdate|published|datepublished)(?:$|[\s_-])")),
    (
        "venue",
        re.compile(r"(?i)venue|journal|periodical|conference|booktitle|publisher|revue|(?:^|[\s_-])abbr|proceedings"),
    ),
    ("title", re.compile(r"(?i)title|titre|headline|(?:^|[\s_-])name(?:$|[\s_-])")),
)
_YEAR_HEADING = re.compile(r"^\s*(?:\w{2,15}\s+)?((?:19|20)\d\d)\s*(?:\(\d+\))?\s*:?$")
_EMPHASIS = frozenset(("b", "strong", "em", "i", "cite", "q", "h1", "h2", "h3", "h4", "h5", "h6"))
_DEEPEST = 400
"""Elements nested deeper belong to their ancestor: no real page is, and one made to be must not hurt."""


@dataclass(slots=True, eq=False)
class _Element:
    """An element of the page with the span of its events."""

    tag: str
    parent: _Element | None
    hint: str
    shape: str
    href: str
    start: int
    end: int = 0
    year: str | None = None
    listed: bool = False


@dataclass(slots=True)
class _Piece:
    """A stretch of text inside one line, with what surrounds it."""

    text: str
    href: str
    emphasis: str
    hint: str


@dataclass(slots=True)
class _Row:
    """One line of an item as a browser would show it; ``text`` is its text with single blanks."""

    pieces: list[_Piece] = field(default_factory=list)
    text: str = ""

    def closed(self) -> _Row:
        """The same line once all its pieces are there."""
        self.text = " ".join("".join([piece.text for piece in self.pieces]).split())
        return self

    @property
    def hint(self) -> str:
        """What class names say of the whole line, when they say one thing."""
        hints = {piece.hint for piece in self.pieces if piece.text.strip(" \n\t,;·|")}
        return hints.pop() if len(hints) == 1 else ""


_Event = tuple[str, _Element, str]
"""``<`` or ``>`` and an element, or text and the element it stands in."""


@dataclass(slots=True)
class _Document:
    """A page in memory: its events in order, its elements, and what it says of itself."""

    events: list[_Event]
    elements: list[_Element]
    base: str
    language: str | None
    columns: dict[int, tuple[str, ...]] = field(default_factory=dict)


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
    page = _document(tree, url, language)
    provider = options.get("provider")
    selectors = presets.selectors(options)
    told = embedded.read(tree, Place(url, as_of, page.language, provider))
    if told.is_about_one:
        return [*told.records, *told.broken]
    found: list[AnyRecord] = list(told.records)
    taken: list[tuple[int, int]] = []
    if selectors.get("item") or selectors.get("course_item"):
        found += _selected(tree, page, options, as_of)
    if not selectors.get("item"):
        papers, taken = _repeated(page)
        found += papers
    if not any(isinstance(one, CourseRecord) for one in found) and not selectors.get("course_item"):
        lines = list(_lines(page, taken))
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


def _addressed(page: _Document, told: Sequence[Record]) -> list[Record]:
    """Papers read from lines, keyed by the address of their title when that is a page of this site."""
    site = urlsplit(page.base).netloc
    own = [next((one.url for one in record.links if urlsplit(one.url).netloc == site), None) for record in told]
    return [
        msgspec.structs.replace(record, source_key=_without_fragment(url)) if url and own.count(url) == 1 else record
        for record, url in zip(told, own, strict=True)
    ]


def _announced(page: _Document) -> bool:
    """A heading of publications stands on the page."""
    return any(element.listed for element in page.elements)


def next_page(text: str, url: str) -> str | None:
    """The address of the following page of a list, when the page links to one on the same site."""
    try:
        tree = html.tree(text, url)
    except Malformed:
        return None  # reading says so
    here = urlsplit(url)
    pages: dict[int, tuple[str, str]] = {}
    labelled: str | None = None
    for node in tree.css("link[rel], a[href]"):
        attributes = node.attributes
        href = (attributes.get("href") or "").strip()
        if not href or href.startswith(("#", "javascript:", "mailto:")):
            continue
        target = _absolute(url, href)
        try:
            split = urlsplit(target)
        except ValueError:
            continue
        if split.netloc != here.netloc or _without_fragment(target) == _without_fragment(url):
            continue
        if "next" in (attributes.get("rel") or "").lower().split():
            return target
        if node.tag != "a":
            continue
        said = " ".join(node.text().split())[:60]
        number = _page_number(split.query)
        if number is not None and split.path.rstrip("/") == here.path.rstrip("/"):
            pages.setdefault(number, (target, said))
        if labelled is None and any(
            _NEXT.match(label) for label in (said, attributes.get("aria-label") or "", attributes.get("title") or "")
        ):
            labelled = target
    if labelled is not None:
        return labelled
    current = _page_number(here.query)
    if current is None:
        counted_from_zero = 0 in pages or (1 in pages and pages[1][1] == "2")
        current = 0 if counted_from_zero or 2 not in pages else 1
    return pages[current + 1][0] if current + 1 in pages else None


_NEXT = re.compile(
    r"(?i)\s*(?:[›»→>]"
    r"|(?:(?:go to |aller [àa] )?(?:la |the )?(?:next(?: page)?|(?:page )?suivante?)|older(?: posts| entries)?)"
    r"\s*[›»→>]*)\s*$"
)


def _page_number(query: str) -> int | None:
    for name, value in parse_qsl(query):
        if name.lower() in ("page", "p", "pg", "paged") and re.fullmatch(r"\d{1,5}", value):
            return int(value)
    return None


def _without_fragment(url: str) -> str:
    return url.partition("#")[0]


def _absolute(base: str, href: str) -> str:
    if href.startswith(("https://", "http://")) and "/../" not in href:
        return href.strip()
    try:
        return urljoin(base, href.strip())
    except ValueError:
        return ""


def _document(tree: LexborHTMLParser, url: str, language: str | None) -> _Document:
    """Walk the page once: events, elements, years and headings they stand under."""
    root = tree.root
    html = tree.css_first("html")
    spoken = ((html.attributes.get("lang") or "") if html is not None else "")[:2].lower() or language
    base = url
    if (node := tree.css_first("base[href]")) is not None:
        base = _absolute(url, node.attributes.get("href") or "") or url
    page = _Document([], [], base, spoken if spoken in ("fr", "en") else language)
    if root is None:
        return page
    events, elements = page.events, page.elements
    top = _Element("html", None, "", "html", "", 0)
    stack: list[tuple[LexborNode | None, _Element]] = []
    year: str | None = None
    year_level = 9
    listed_level = 9
    heading: tuple[int, _Element] | None = None
    here: LexborNode | None = root.first_child
    current = top
    depth = 0
    while True:
        if here is None:
            if not stack:
                break
            depth -= 1
            current.end = len(events)
            events.append((">", current, ""))
            if heading is not None and heading[1] is current:
                said = " ".join("".join(e[2] for e in events[current.start : current.end] if e[0] == "t").split())
                level = heading[0]
                if dated := _YEAR_HEADING.match(said):
                    year, year_level = dated[1], level
                elif said:
                    if level < year_level or (level == year_level and len(said.split()) <= 3):
                        year, year_level = None, 9
                    if is_publications_heading(said):
                        listed_level = level
                    elif level <= listed_level < 9 and len(said.split()) <= 5:
                        listed_level = 9
                heading = None
            here, current = stack.pop()
            continue
        following = here.next
        if here.is_text_node:
            content = here.text_content
            if content:
                events.append(("t", current, content))
            here = following
            continue
        tag = here.tag or ""
        if not here.is_element_node or tag in _SKIPPED:
            here = following
            continue
        attributes = here.attributes
        if attributes and tag not in ("body", "main", "article", "html"):
            names = f"{attributes.get('class') or ''} {attributes.get('id') or ''}"
            if names != " " and _is_noisy(names[:300]):
                here = following
                continue
        element = _element(tag, current, attributes, len(events))
        if heading is None and (tag in _HEADINGS or tag in ("dt", "summary", "caption", "strong")):
            heading = (_HEADINGS.get(tag, 7), element)
        element.year, element.listed = year, listed_level < 9
        elements.append(element)
        events.append(("<", element, ""))
        child = here.first_child if depth < _DEEPEST else None
        if depth >= _DEEPEST:
            events.append(("t", element, (here.text() or "")[:20000]))
        stack.append((following, current))
        current, here = element, child
        depth += 1
    top.end = len(events)
    return page


def _element(tag: str, parent: _Element, attributes: Mapping[str, str | None], start: int) -> _Element:
    """An element with what its names hint at; a child is hinted at by its parents unless it knows better."""
    if not attributes:
        return _Element(tag, parent, "" if tag in _RESTARTING else parent.hint, tag, parent.href, start)
    marks = attributes.get("class") or ""
    for name in ("itemprop", "data-title", "data-label"):
        if name in attributes:
            marks = f"{marks} {attributes[name] or ''}"
    own, shape = _named(tag, marks[:200], attributes.get("class") or "")
    if own is None:
        own = "" if tag in _RESTARTING and not marks.strip() else parent.hint
    href = (attributes.get("href") or "")[:2000] if tag == "a" else parent.href
    return _Element(tag, parent, own, shape, href, start)


_RESTARTING = frozenset(("ul", "ol", "tr", "article"))


@lru_cache(maxsize=8192)
def _named(tag: str, marks: str, classes: str) -> tuple[str | None, str]:
    """What the names of an element hint at, and its shape: its tag with the names that do not change."""
    hint = None
    if marks.strip() and tag not in ("body", "main", "tr", "table", "tbody", "section", "article"):
        hint = next((name for name, pattern in _HINTS if pattern.search(marks)), None)
        if tag in ("ul", "ol", "li") and hint != "authors":
            hint = "" if tag == "li" else None
    stable = [c for c in classes.split() if not _CHANGING.search(c)][:2]
    return hint, f"{tag}.{'.'.join(sorted(stable))}" if stable else tag


_CHANGING = re.compile(r"\d|^(?:odd|even|first|last|active|new|hidden|show)$")


@lru_cache(maxsize=8192)
def _is_noisy(names: str) -> bool:
    return _NOISY.search(names) is not None


def _rows(page: _Document, start: int, end: int, headers: Sequence[str] = ()) -> list[_Row]:
    """The lines a browser would show of a span of events."""
    rows: list[_Row] = [_Row()]
    cell = -1
    for kind, element, text in page.events[start:end]:
        if kind == "t":
            emphasis = element.tag if element.tag in _EMPHASIS else ""
            if not emphasis and element.parent is not None and element.parent.tag in _EMPHASIS:
                emphasis = element.parent.tag
            hint = headers[cell] if 0 <= cell < len(headers) and headers[cell] else element.hint
            rows[-1].pieces.append(_Piece(text, element.href, emphasis, hint))
        elif element.tag in _BLOCKS:
            if kind == "<" and element.tag in ("td", "th"):
                cell += 1
            if rows[-1].pieces:
                rows.append(_Row())
    return [row for row in rows if row.pieces and row.closed().text]


def _lines(page: _Document, taken: Sequence[tuple[int, int]]) -> Iterator[Line]:
    """The page as lines of text, without the spans that are read already."""
    start = 0
    gap = False
    for first, last in [*sorted(taken), (len(page.events), len(page.events))]:
        for row in _rows(page, start, first):
            links: list[Link] = []
            for piece in row.pieces:
                if piece.href and (target := _absolute(page.base, piece.href)).startswith("http"):
                    links.append(Link(target))
            yield Line(row.text, gap, links=list(dict.fromkeys(links))[:20])
            gap = False
        start, gap = max(start, last), True


@dataclass(slots=True)
class _Item:
    """A span of the page that may be one publication, what was read in it, and how much it convinces."""

    start: int
    end: int
    entry: Entry
    url: str | None
    score: float


def _repeated(page: _Document) -> tuple[list[AnyRecord], list[tuple[int, int]]]:
    """The publications among the page's repeated elements, and the spans they fill."""
    groups: dict[str, list[tuple[int, int, _Element]]] = {}
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
    items_found: list[_Item] = []
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
    return _keyed(page, items_found), taken


def _convinces(item: _Item) -> bool:
    """Enough is told of it; among its like an abstract alone is enough, its title is lost."""
    return item.score >= 2 or (not item.entry.title and item.score >= 1)


def _bare_list(page: _Document, good: Sequence[_Item], sample: Sequence[tuple[int, int, _Element]]) -> bool:
    """Items without names are papers when their addresses say so, or a heading of publications does."""
    known = sum(1 for item in good if item.entry.identifiers())
    listed = sum(1 for _, _, element in sample if element.listed)
    return known * 2 >= len(good) or listed * 2 >= len(sample)


def _overlaps(taken: Sequence[tuple[int, int]], spans: Sequence[tuple[int, int, _Element]]) -> bool:
    """Any of the spans lies in, or around, one that is taken; both lists are in order."""
    at = 0
    for start, end, _ in spans:
        while at < len(taken) and taken[at][1] < start:
            at += 1
        if at < len(taken) and taken[at][0] <= end:
            return True
    return False


def _definitions(page: _Document) -> dict[str, list[tuple[int, int, _Element]]]:
    """Every term of a definition list with what defines it is one item."""
    found: dict[str, list[tuple[int, int, _Element]]] = {}
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


def _under_headings(page: _Document) -> dict[str, list[tuple[int, int, _Element]]]:
    """Headings of one parent with all up to the next of their kind: items that nothing wraps."""
    found: dict[str, list[tuple[int, int, _Element]]] = {}
    open_at: dict[tuple[int, str], tuple[str, int, _Element]] = {}
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


def _item(page: _Document, start: int, end: int, element: _Element) -> _Item | None:
    """What one repeated element says, with a score of how much it is a publication; None when it is none."""
    if end - start > 3000:
        return None
    headers = _headers(page, element) if element.tag == "tr" else ()
    rows = _rows(page, start, end, headers)
    if not rows or len(rows) > 60:
        return None
    length = sum(len(row.text) for row in rows)
    if not 15 <= length <= 15000:
        return None
    entry, title_href, titles = _entry(page, rows)
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
    url = _absolute(page.base, title_href) if title_href else None
    return _Item(start, end, entry, url, score)


def _headers(page: _Document, row: _Element) -> tuple[str, ...]:
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
                names.append(_column(cell))
                cell = ""
        elif kind == "t" and inside:
            cell += text
        elif kind == ">" and element.tag == "tr":
            break
    page.columns[table.start] = tuple(names)
    return page.columns[table.start]


_COLUMNS = (
    ("title", re.compile(r"(?i)titre|title|publication|paper|article")),
    ("authors", re.compile(r"(?i)auteur|author")),
    ("venue", re.compile(r"(?i)venue|revue|journal|conf[ée]rence|conference|paru|published in|lieu|support|source")),
    ("date", re.compile(r"(?i)ann[ée]e|year|date")),
    ("abstract", re.compile(r"(?i)abstract|r[ée]sum[ée]")),
    ("other", re.compile(r"\S")),
)


def _column(name: str) -> str:
    return next((key for key, pattern in _COLUMNS if pattern.search(name)), "")


def _entry(page: _Document, rows: list[_Row]) -> tuple[Entry, str, int]:
    """Read the lines of one item: the entry, the address of its title, how many titles it may have."""
    entry = Entry(language=page.language)
    title_href = ""
    titles = 0
    people: list[str] = []
    rest: list[_Row] = []
    links = _links(page, rows)
    for row in rows:
        if any(piece.href and is_control(piece.text.strip()) for piece in row.pieces):
            row.pieces = list(_uncontrolled(row.pieces))
            row.closed()
        text, hint = row.text, row.hint
        if not text or (len(row.pieces) == 1 and is_control(text)):
            continue
        if hint == "title" and _titled(text):
            titles += 1
            if entry.title is None:
                entry.title, title_href = text, _href(row)
        elif hint == "authors" and not is_control(text) and entry.title != text:
            listed = author_names(text)
            if listed:
                people += listed[0]
                entry.authors_state = listed[1] if listed[1] == "cut" else entry.authors_state
            else:
                people += _named_people(text)
        elif hint == "abstract" and len(text) > 60:
            _abstract(entry, text)
        elif hint == "date" and (year_in(text) or partial_date(text)):
            entry.date = entry.date or partial_date(text)
        elif hint == "venue" and 2 <= len(text) <= 300 and not is_control(text):
            entry.venue = entry.venue or venue_name(text)
            entry.date = entry.date or year_in(text)
        elif hint != "other":
            rest.append(row)
    if entry.title is None:
        rest = _find_title(entry, rest)
        title_href = entry.links.pop().url if entry.links else ""
    following = False
    for row in rest:
        if row.text and row.text != entry.title:
            before = len(people)
            titles += _read_row(entry, row, people, following)
            following = len(people) > before
    entry.authors = list(dict.fromkeys(people)) or entry.authors
    entry.links = links
    if entry.title:
        entry.title = listing_text.without_stop(entry.title.strip(' "“”«»'))
    return entry, title_href, titles


def _uncontrolled(pieces: Sequence[_Piece]) -> Iterator[_Piece]:
    """Pieces without what one clicks; what unfolds an abstract becomes the marker that is deleted later."""
    folded = False
    for piece in pieces:
        text = piece.text.strip()
        if piece.href and is_control(text):
            if folded and len(text) < 20:
                yield _Piece("(see more)", "", "", piece.hint)
        else:
            yield piece
        folded = piece.text.rstrip().endswith(("…", "..."))


def _named_people(text: str) -> list[str]:
    """Names where the page says that names stand, though they do not look like any; none when they cannot be."""
    parts = [part.strip(" .") for part in re.split(r"\s*[,;·|]\s*|\s+(?:and|et|&)\s+", text)]
    parts = [name for part in parts if part and (name := clean_name(part))]
    possible = all(len(name) <= 60 and len(name.split()) <= 6 and name[:1].isupper() for name in parts)
    return parts if possible and not re.search(r"\d{4}|[:@?!]", text) else []


def _titled(text: str) -> bool:
    """A line may be a title: some words, neither names nor venue nor control."""
    return 6 <= len(text) <= 400 and " " in text and not is_control(text) and author_names(text) is None


def _href(row: _Row) -> str:
    return next((piece.href for piece in row.pieces if piece.href and len(piece.text.strip()) > 2), "")


def _find_title(entry: Entry, rows: list[_Row]) -> list[_Row]:
    """Where no name of a class tells the title: a heading, then the emphasised or linked words, then the first
    line that reads like one; what is left of the lines is returned. The title's address is put last in links."""
    best: tuple[float, int, int] | None = None
    for at, row in enumerate(rows[:12]):
        whole = row.text
        if len(whole) > 600 or is_noise(whole):
            continue
        for position, piece in enumerate(row.pieces):
            text = " ".join(piece.text.split()).strip(" ,.;")
            words = len(text.split())
            lone = len(text) < 4 or not piece.href or known_at(piece.href) is None
            if ((words < 2 or len(text) < 8) and lone) or len(text) > 400 or is_control(text) or year_in(text) == text:
                continue
            if not (piece.href or piece.emphasis) or author_names(text) is not None:
                continue
            weight = min(words, 12) / 4 + (2.5 if piece.emphasis in _HEADINGS else 0) + (1.0 if piece.href else 0)
            weight += 1.0 if piece.emphasis in ("b", "strong", "q", "cite") else 0.0
            weight -= 2.0 if is_venue(text) else 0.0
            weight -= at * 0.2 + (1.5 if piece.emphasis in ("em", "i") and position else 0)
            if weight > 1.2 and (best is None or weight > best[0]):
                best = (weight, at, position)
    if best is None:
        return _plain_title(entry, rows)
    _, at, position = best
    row = rows[at]
    first, last = position, position + 1
    chosen = row.pieces[position]
    while (
        last < len(row.pieces)
        and row.pieces[last].href == chosen.href
        and row.pieces[last].emphasis == chosen.emphasis != ""
    ):
        last += 1
    if chosen.href:
        while first and row.pieces[first - 1].href == chosen.href:
            first -= 1
        while last < len(row.pieces) and row.pieces[last].href == chosen.href:
            last += 1
    entry.title = " ".join("".join(piece.text for piece in row.pieces[first:last]).split()).strip(" ,;")
    if chosen.href:
        entry.links.append(Link(chosen.href))
    before, after = _Row(row.pieces[:first]).closed(), _Row(row.pieces[last:]).closed()
    return [*rows[:at], *(part for part in (before, after) if re.search(r"\w", part.text)), *rows[at + 1 :]]


def _plain_title(entry: Entry, rows: list[_Row]) -> list[_Row]:
    """A printed reference on one line, or the first line that is neither names nor venue."""
    for at, row in enumerate(rows[:8]):
        text = row.text
        if len(text) >= 40 and (found := citation(text)) is not None:
            entry.title, entry.venue, entry.date = found.title, found.venue, found.year
            entry.authors, entry.authors_state = list(found.authors), found.authors_state
            return [*rows[:at], *rows[at + 1 :]]
    for at, row in enumerate(rows[:6]):
        text = row.text
        if is_control(text) or is_noise(text) or is_venue(text) or author_names(text) is not None:
            continue
        if len(text.split()) >= 3 and len(text) <= 300 and re.search(r"[^\W\d_]{4}", text) and not partial_date(text):
            entry.title = text
            return [*rows[:at], *rows[at + 1 :]]
    return rows


_TELLING = re.compile(r"[^\W\d_]{2}|(?<!\d)(?:19|20)\d\d(?!\d)")


def _read_row(entry: Entry, row: _Row, people: list[str], after_names: bool) -> int:
    """Take what a line without a telling class says; returns 1 when it looks like another title.

    Names are taken from the first lines that hold some: one line, or one name a line.
    """
    text = row.text.strip(" .,;:·|")
    if not text or (len(text) < 40 and not _TELLING.search(text)):
        return 0
    if is_control(text) or is_noise(text):
        return 0
    words = text.split()
    small = sum(1 for word in words if word[0].islower())
    if (len(text) >= 180 and small * 2 > len(words)) or has_marker(text):
        if listing_text.is_abstract(row.text, True):
            _abstract(entry, row.text)
        return 0
    if (after_names or not people) and (listed := author_names(text)) is not None:
        people += listed[0]
        entry.authors_state = listed[1]
        entry.date = entry.date or year_in(text)
        return 0
    if not people and not entry.authors and _names_first(entry, row, people):
        return 0
    if is_venue(text):
        entry.venue = entry.venue or venue_name(text)
        entry.date = entry.date or year_in(text)
        return 0
    found = partial_date(text) if len(text) <= 30 else None
    if found:
        entry.date = entry.date if entry.date and len(entry.date) >= len(found) else found
        return 0
    emphasised = next((" ".join(p.text.split()) for p in row.pieces if p.emphasis in ("em", "i", "cite")), "")
    if year := year_in(text):
        entry.date = entry.date or year
        if entry.venue is None and len(text) < 200:
            entry.venue = venue_name(emphasised.strip(" .,") if emphasised else text)
    elif emphasised and entry.venue is None and len(emphasised) < 160 and (people or entry.authors):
        entry.venue = venue_name(emphasised.strip(" .,"))
    heading = any(piece.emphasis in _HEADINGS for piece in row.pieces)
    return 1 if heading and _titled(text) else 0


def _names_first(entry: Entry, row: _Row, people: list[str]) -> bool:
    """A line of names that goes on with the venue: ``A. Name, B. Name. In ICML, 2024`` or ``Names (2024)``."""
    text = row.text
    ends = [
        found.start()
        for found in re.finditer(r"\.\s+(?=In\b|[A-Z])|\s*[.,]?\s+In[: ]|\s*\(?(?:19|20)\d\d|\s+[–—|]\s+", text)
    ]
    length = 0
    for piece in row.pieces[:-1]:
        length += len(piece.text)
        ends.append(len(" ".join(text[:length].split())))
    for end in sorted(set(ends), reverse=True)[:40]:
        before, after = text[:end].strip(" .,;("), text[end:].strip(" .,;()")
        if len(before) < 5 or not after:
            continue
        listed = author_names(before)
        if listed is None:
            continue
        people += listed[0]
        entry.authors_state = listed[1]
        entry.date = entry.date or year_in(after)
        if entry.venue is None and not is_control(after) and len(after) < 300:
            entry.venue = venue_name(after)
        return True
    return False


def _abstract(entry: Entry, text: str) -> None:
    """Keep the longest abstract an item shows: a hidden whole one beats the cut one above it."""
    joined, state, _ = unfolded(text)
    joined = re.sub(r"(?i)^(?:abstract|r[ée]sum[ée])\s*[:.–-]\s*", "", joined)
    if joined and (entry.abstract is None or len(joined) > len(entry.abstract)):
        entry.abstract, entry.abstract_state = joined, state


def _links(page: _Document, rows: Sequence[_Row]) -> list[Link]:
    """The addresses an item leads to, with what stands there."""
    found: dict[str, Link] = {}
    for row in rows:
        for piece in row.pieces:
            if not piece.href or piece.href.startswith(("#", "javascript:", "mailto:", "data:")):
                continue
            target = _absolute(page.base, piece.href)
            if not target.startswith(("http://", "https://")) or len(target) > 1000:
                continue
            if piece.hint == "authors" and known_at(target) is None:
                continue
            found.setdefault(target, Link(target, _link_kind(target, piece.text)))
            if len(found) >= 30:
                return list(found.values())
    return list(found.values())


def _link_kind(target: str, label: str) -> str:
    path = urlsplit(target).path.lower() if "[" not in target else target.lower()
    word = label.strip().lower()
    if path.endswith(".pdf") or "/pdf/" in path or word == "pdf":
        return "pdf"
    if "github.com" in target or "gitlab" in target or word in ("code", "github"):
        return "code"
    if "youtu" in target or "vimeo" in target or word in ("video", "vidéo"):
        return "video"
    if word in ("slides", "poster", "bibtex", "bib", "cite", "dataset", "website", "project", "demo", "blog"):
        return "other"
    return "landing"


def _keyed(page: _Document, items: Sequence[_Item]) -> list[AnyRecord]:
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


def _own_page(page: _Document, item: _Item) -> str | None:
    """The address that names an item: its title's, on the same site or of an archive, else an archive's."""
    here = urlsplit(page.base)
    for target in [item.url, *(link.url for link in item.entry.links)]:
        if not target or not target.startswith("http"):
            continue
        bare = _without_fragment(target)
        try:
            split = urlsplit(bare)
        except ValueError:
            continue
        same = target == item.url and split.netloc == here.netloc and split.path.rstrip("/") != here.path.rstrip("/")
        if same or known_at(bare) is not None:
            return bare
    return None


def _selected(
    tree: LexborHTMLParser, page: _Document, options: Mapping[str, Any], as_of: date | None
) -> Iterator[AnyRecord]:
    """Items by the selectors of the sources file, fields inside items by theirs.

    Raises:
        Malformed: too few items have a title where the selector says.
    """
    selectors, provider = presets.selectors(options), options.get("provider")
    items: list[_Item] = []
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
            _abstract(entry, _spaced(part))
        anchors = _css(node, selectors.get("link")) or []
        address = next((href for a in anchors if (href := (a.attributes.get("href") or ""))), "")
        for a in _css(node, "a[href]"):
            written = a.attributes.get("href") or ""
            target = _absolute(page.base, written)
            if target.startswith("http") and not written.startswith("#"):
                entry.links.append(Link(target, _link_kind(target, a.text() or "")))
        entry.links = list(dict.fromkeys(entry.links))[:30]
        items.append(_Item(at, at, entry, _absolute(page.base, address) if address else None, 9.0))
    titled = sum(1 for item in items if item.entry.title)
    if items and selectors.get("title") and titled < presets.fewest_titles(options) * len(items):
        raise Malformed(f"{page.base}: expected {selectors['title']!r} in most items, found it in {titled} of "
                        f"{len(items)}: the site was redesigned, or the selector is wrong")  # fmt: skip
    yield from _keyed(page, items)
    for node in _css(tree, selectors.get("course_item")):
        name = _text(node, selectors.get("course_title") or "h1, h2, h3, h4, h5, a")
        sentences = [_spaced(part) for part in _css(node, selectors.get("course_text") or "p, li, time, .date")]
        if not sentences:
            sentences = [
                line for line in (node.text(separator="\n") or "").split("\n") if line.strip() and line.strip() != name
            ]
        anchor = node.css_first("a[href]") if node.tag != "a" else node
        link = _absolute(page.base, anchor.attributes.get("href") or "") if anchor is not None else None
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
