"""A page in memory: elements, their names that tell something, and lines as a browser would show them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from urllib.parse import urljoin

from selectolax.lexbor import LexborHTMLParser, LexborNode

from worker.formats.entries import is_publications_heading
from worker.formats.listing_text import Line
from worker.record import Link

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
HEADINGS = {f"h{n}": n for n in range(1, 7)}
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
class Element:
    """An element of the page with the span of its events."""

    tag: str
    parent: Element | None
    hint: str
    shape: str
    href: str
    start: int
    end: int = 0
    year: str | None = None
    listed: bool = False


@dataclass(slots=True)
class Piece:
    """A stretch of text inside one line, with what surrounds it."""

    text: str
    href: str
    emphasis: str
    hint: str


@dataclass(slots=True)
class Row:
    """One line of an item as a browser would show it; ``text`` is its text with single blanks."""

    pieces: list[Piece] = field(default_factory=list)
    text: str = ""

    def closed(self) -> Row:
        """The same line once all its pieces are there."""
        self.text = " ".join("".join([piece.text for piece in self.pieces]).split())
        return self

    @property
    def hint(self) -> str:
        """What class names say of the whole line, when they say one thing."""
        hints = {piece.hint for piece in self.pieces if piece.text.strip(" \n\t,;·|")}
        return hints.pop() if len(hints) == 1 else ""


_Event = tuple[str, Element, str]
"""``<`` or ``>`` and an element, or text and the element it stands in."""


@dataclass(slots=True)
class Document:
    """A page in memory: its events in order, its elements, and what it says of itself."""

    events: list[_Event]
    elements: list[Element]
    base: str
    language: str | None
    columns: dict[int, tuple[str, ...]] = field(default_factory=dict)


def absolute(base: str, href: str) -> str:
    """Where a link of the page leads."""
    if href.startswith(("https://", "http://")) and "/../" not in href:
        return href.strip()
    try:
        return urljoin(base, href.strip())
    except ValueError:
        return ""


def document_of(tree: LexborHTMLParser, url: str, language: str | None) -> Document:
    """Walk the page once: events, elements, years and headings they stand under."""
    root = tree.root
    html = tree.css_first("html")
    spoken = ((html.attributes.get("lang") or "") if html is not None else "")[:2].lower() or language
    base = url
    if (node := tree.css_first("base[href]")) is not None:
        base = absolute(url, node.attributes.get("href") or "") or url
    page = Document([], [], base, spoken if spoken in ("fr", "en") else language)
    if root is None:
        return page
    events, elements = page.events, page.elements
    top = Element("html", None, "", "html", "", 0)
    stack: list[tuple[LexborNode | None, Element]] = []
    year: str | None = None
    year_level = 9
    listed_level = 9
    heading: tuple[int, Element] | None = None
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
        if heading is None and (tag in HEADINGS or tag in ("dt", "summary", "caption", "strong")):
            heading = (HEADINGS.get(tag, 7), element)
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


def _element(tag: str, parent: Element, attributes: Mapping[str, str | None], start: int) -> Element:
    """An element with what its names hint at; a child is hinted at by its parents unless it knows better."""
    if not attributes:
        return Element(tag, parent, "" if tag in _RESTARTING else parent.hint, tag, parent.href, start)
    marks = attributes.get("class") or ""
    for name in ("itemprop", "data-title", "data-label"):
        if name in attributes:
            marks = f"{marks} {attributes[name] or ''}"
    own, shape = _named(tag, marks[:200], attributes.get("class") or "")
    if own is None:
        own = "" if tag in _RESTARTING and not marks.strip() else parent.hint
    href = (attributes.get("href") or "")[:2000] if tag == "a" else parent.href
    return Element(tag, parent, own, shape, href, start)


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


def rows_of(page: Document, start: int, end: int, headers: Sequence[str] = ()) -> list[Row]:
    """The lines a browser would show of a span of events."""
    rows: list[Row] = [Row()]
    cell = -1
    for kind, element, text in page.events[start:end]:
        if kind == "t":
            emphasis = element.tag if element.tag in _EMPHASIS else ""
            if not emphasis and element.parent is not None and element.parent.tag in _EMPHASIS:
                emphasis = element.parent.tag
            hint = headers[cell] if 0 <= cell < len(headers) and headers[cell] else element.hint
            rows[-1].pieces.append(Piece(text, element.href, emphasis, hint))
        elif element.tag in _BLOCKS:
            if kind == "<" and element.tag in ("td", "th"):
                cell += 1
            if rows[-1].pieces:
                rows.append(Row())
    return [row for row in rows if row.pieces and row.closed().text]


def lines_of(page: Document, taken: Sequence[tuple[int, int]]) -> Iterator[Line]:
    """The page as lines of text, without the spans that are read already."""
    start = 0
    gap = False
    for first, last in [*sorted(taken), (len(page.events), len(page.events))]:
        for row in rows_of(page, start, first):
            links: list[Link] = []
            for piece in row.pieces:
                if piece.href and (target := absolute(page.base, piece.href)).startswith("http"):
                    links.append(Link(target))
            yield Line(row.text, gap, links=list(dict.fromkeys(links))[:20])
            gap = False
        start, gap = max(start, last), True
