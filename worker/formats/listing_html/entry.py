"""One item of a page, read line by line: its title, people, venue, abstract and links."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from urllib.parse import urlsplit

from worker.formats import listing_text
from worker.formats.citations import author_names, citation, is_venue, venue_name, year_in
from worker.formats.entries import Entry, has_marker, is_control, is_noise, known_at, unfolded
from worker.formats.listing_html.document import HEADINGS, Document, Piece, Row, absolute
from worker.normalise.dates import partial_date
from worker.normalise.names import clean_name
from worker.record import Link

_COLUMNS = (
    ("title", re.compile(r"(?i)titre|title|publication|paper|article")),
    ("authors", re.compile(r"(?i)auteur|author")),
    ("venue", re.compile(r"(?i)venue|revue|journal|conf[ée]rence|conference|paru|published in|lieu|support|source")),
    ("date", re.compile(r"(?i)ann[ée]e|year|date")),
    ("abstract", re.compile(r"(?i)abstract|r[ée]sum[ée]")),
    ("other", re.compile(r"\S")),
)


def column_of(name: str) -> str:
    """What a table's column of this name holds; empty when the name does not tell."""
    return next((key for key, pattern in _COLUMNS if pattern.search(name)), "")


def entry_of(page: Document, rows: list[Row]) -> tuple[Entry, str, int]:
    """Read the lines of one item: the entry, the address of its title, how many titles it may have."""
    entry = Entry(language=page.language)
    title_href = ""
    titles = 0
    people: list[str] = []
    rest: list[Row] = []
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
            note_abstract(entry, text)
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


def _uncontrolled(pieces: Sequence[Piece]) -> Iterator[Piece]:
    """Pieces without what one clicks; what unfolds an abstract becomes the marker that is deleted later."""
    folded = False
    for piece in pieces:
        text = piece.text.strip()
        if piece.href and is_control(text):
            if folded and len(text) < 20:
                yield Piece("(see more)", "", "", piece.hint)
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


def _href(row: Row) -> str:
    return next((piece.href for piece in row.pieces if piece.href and len(piece.text.strip()) > 2), "")


def _find_title(entry: Entry, rows: list[Row]) -> list[Row]:
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
            weight = min(words, 12) / 4 + (2.5 if piece.emphasis in HEADINGS else 0) + (1.0 if piece.href else 0)
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
    before, after = Row(row.pieces[:first]).closed(), Row(row.pieces[last:]).closed()
    return [*rows[:at], *(part for part in (before, after) if re.search(r"\w", part.text)), *rows[at + 1 :]]


def _plain_title(entry: Entry, rows: list[Row]) -> list[Row]:
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


def _read_row(entry: Entry, row: Row, people: list[str], after_names: bool) -> int:
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
            note_abstract(entry, row.text)
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
    heading = any(piece.emphasis in HEADINGS for piece in row.pieces)
    return 1 if heading and _titled(text) else 0


def _names_first(entry: Entry, row: Row, people: list[str]) -> bool:
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


def note_abstract(entry: Entry, text: str) -> None:
    """Keep the longest abstract an item shows: a hidden whole one beats the cut one above it."""
    joined, state, _ = unfolded(text)
    joined = re.sub(r"(?i)^(?:abstract|r[ée]sum[ée])\s*[:.–-]\s*", "", joined)
    if joined and (entry.abstract is None or len(joined) > len(entry.abstract)):
        entry.abstract, entry.abstract_state = joined, state


def _links(page: Document, rows: Sequence[Row]) -> list[Link]:
    """The addresses an item leads to, with what stands there."""
    found: dict[str, Link] = {}
    for row in rows:
        for piece in row.pieces:
            if not piece.href or piece.href.startswith(("#", "javascript:", "mailto:", "data:")):
                continue
            target = absolute(page.base, piece.href)
            if not target.startswith(("http://", "https://")) or len(target) > 1000:
                continue
            if piece.hint == "authors" and known_at(target) is None:
                continue
            found.setdefault(target, Link(target, link_kind(target, piece.text)))
            if len(found) >= 30:
                return list(found.values())
    return list(found.values())


def link_kind(target: str, label: str) -> str:
    """What stands at an address, told by its ending, its site or its label."""
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
