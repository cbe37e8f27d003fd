"""Where a listing goes on: the address of its next page."""

from __future__ import annotations

import re
from urllib.parse import parse_qsl, urlsplit

from worker.errors import Malformed
from worker.formats import html
from worker.formats.listing_html.document import absolute


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
        target = absolute(url, href)
        try:
            split = urlsplit(target)
        except ValueError:
            continue
        if split.netloc != here.netloc or without_fragment(target) == without_fragment(url):
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


def without_fragment(url: str) -> str:
    """The page an address names, wherever on it."""
    return url.partition("#")[0]
