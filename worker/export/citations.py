"""Papers as BibTeX, RIS and CSL-JSON, one entry at a time."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from worker.normalise.names import split_name
from worker.normalise.titles import title_key


@dataclass(frozen=True)
class Reference:
    """What reference managers are told of a paper. ``published`` is YYYY, YYYY-MM or YYYY-MM-DD."""

    paper_id: int
    title: str | None
    authors: tuple[str, ...] = ()
    kind: str | None = None
    published: str | None = None
    venue: str | None = None
    venue_kind: str | None = None
    volume: str | None = None
    issue: str | None = None
    pages: str | None = None
    publisher: str | None = None
    doi: str | None = None
    arxiv_id: str | None = None
    url: str | None = None
    abstract: str | None = None
    language: str | None = None
    topics: tuple[str, ...] = ()

    @property
    def genre(self) -> str:
        """article, paper, chapter, book, thesis, report, dataset or preprint: what formats tell apart."""
        if self.kind in _BY_KIND:
            return _BY_KIND[self.kind]
        return _BY_VENUE.get(self.venue_kind or "", "preprint" if self.arxiv_id else "article")

    @property
    def safe_url(self) -> str | None:
        """Its address, when it is one that a reader may follow."""
        try:
            parts = urlsplit(self.url or "")
        except ValueError:
            return None
        return self.url if parts.scheme in ("http", "https") and parts.netloc else None


_BY_KIND = {
    "book_chapter": "chapter", "book": "book", "thesis": "thesis", "report": "report", "dataset": "dataset",
    "preprint": "preprint",
}  # fmt: skip
_BY_VENUE = {
    "journal": "article",
    "conference": "paper",
    "workshop": "paper",
    "repository": "preprint",
    "book": "chapter",
}

_GROUP = re.compile(
    r"(?i)\b(?:collaboration|consortium|team|group|committee|initiative|network|institute|university|society|ltd|inc)\b"
)


def _person(name: str) -> tuple[str, str] | None:
    """Family and given name, or nothing for what is no person's name, or would be taken for two."""
    given, family = split_name(name)
    if not family or not given or _GROUP.search(name) or re.search(r"(?i)\band\b", name):
        return None
    return family, given


_CONTROLS = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]+")


def _line(text: str) -> str:
    """Text on one line: a line break, or a mark that turns the direction of writing, could forge a field."""
    return " ".join(_CONTROLS.sub(" ", text).split())


# --- BibTeX -------------------------------------------------------------------------------------------------------

_BIBTEX_TYPES = {
    "article": "article", "paper": "inproceedings", "chapter": "incollection", "book": "book", "thesis": "phdthesis",
    "report": "techreport", "dataset": "misc", "preprint": "misc",
}  # fmt: skip
_BIBTEX_VENUE = {"article": "journal", "inproceedings": "booktitle", "incollection": "booktitle", "phdthesis": "school",
                 "techreport": "institution", "misc": "howpublished"}  # fmt: skip
_TEX = {
    "\\": r"\textbackslash{}", "{": r"\{", "}": r"\}", "$": r"\$", "&": r"\&", "#": r"\#", "%": r"\%", "_": r"\_",
    "^": r"\textasciicircum{}", "~": r"\textasciitilde{}",
}  # fmt: skip
_TEX_ACTIVE = re.compile("[\\\\{}$&#%_^~]")


def tex(text: str) -> str:
    """Text that TeX prints and never runs."""
    return _TEX_ACTIVE.sub(lambda found: _TEX[found[0]], _line(text))


def bibtex_key(paper: Reference) -> str:
    """``bengio2021flow-17``: family name, year, first long word, number: the same in every export."""
    _, family = split_name(paper.authors[0]) if paper.authors else (None, None)
    who = title_key(family or "anonymous").replace(" ", "")[:20] or "anonymous"
    word = next((word for word in title_key(paper.title or "").split() if len(word) > 3), "")
    return re.sub("[^a-z0-9]", "", who + (paper.published or "")[:4] + word[:20]) + f"-{paper.paper_id}"


def bibtex(paper: Reference) -> str:
    """One entry, in UTF-8 (biber, and BibTeX since 2020); titles keep their capitals."""
    kind = _BIBTEX_TYPES[paper.genre]
    date = (paper.published or "").split("-")
    fields = {
        "author": " and ".join(_bibtex_name(name) for name in paper.authors),
        "title": f"{{{tex(paper.title)}}}" if paper.title else "",
        _BIBTEX_VENUE.get(kind, "series"): tex(paper.venue or ""),
        "year": tex(date[0]),
        "month": date[1].lstrip("0") if len(date) > 1 else "",
        "volume": tex(paper.volume or ""),
        "number": tex(paper.issue or ""),
        "pages": re.sub(r"\s*[-\u2013\u2014]+\s*", "--", tex(paper.pages or "")),
        "publisher": tex(paper.publisher or ""),
        "doi": tex(paper.doi or ""),
        "eprint": tex(paper.arxiv_id or ""),
        "eprinttype": "arxiv" if paper.arxiv_id else "",
        "url": tex(paper.safe_url or ""),
        "keywords": tex(", ".join(paper.topics)),
        "language": tex(paper.language or ""),
        "abstract": tex(paper.abstract or ""),
    }
    lines = [f"  {name} = {{{value}}}," for name, value in fields.items() if value]
    return "\n".join([f"@{kind}{{{bibtex_key(paper)},", *lines, "}\n"])


def _bibtex_name(name: str) -> str:
    """``Family, Given``; what is no person's name stands in braces."""
    person = _person(name)
    return ", ".join(tex(part) for part in person) if person else f"{{{tex(name)}}}"


# --- RIS ----------------------------------------------------------------------------------------------------------

_RIS_TYPES = {
    "article": "JOUR", "paper": "CPAPER", "chapter": "CHAP", "book": "BOOK", "thesis": "THES", "report": "RPRT",
    "dataset": "DATA", "preprint": "UNPB",
}  # fmt: skip


def ris(paper: Reference) -> str:
    """One entry with the tags of https://en.wikipedia.org/wiki/RIS_(file_format), lines ended by CR LF."""
    first, _, last = re.sub("[\u2013\u2014]+|-+", "-", paper.pages or "").partition("-")
    date = (paper.published or "").split("-")
    tags: list[tuple[str, str | None]] = [("TY", _RIS_TYPES[paper.genre])]
    tags += [("AU", _inverted(name)) for name in paper.authors]
    tags += [
        ("TI", paper.title), ("PY", date[0]), ("DA", "/".join((*date, "", "")[:3]) + "/" if date[0] else None),
        ("T2", paper.venue), ("VL", paper.volume), ("IS", paper.issue), ("SP", first), ("EP", last),
        ("PB", paper.publisher), ("DO", paper.doi), ("UR", paper.safe_url), ("LA", paper.language),
        ("AB", paper.abstract),
    ]  # fmt: skip
    tags += [("KW", topic) for topic in paper.topics]
    tags.append(("ID", f"p-{paper.paper_id:06}"))
    lines = [f"{tag}  - {said}" for tag, value in tags if (said := _line(value or ""))]
    return "\r\n".join([*lines, "ER  - ", "", ""])


def _inverted(name: str) -> str:
    return ", ".join(_person(name) or (name,))


# --- CSL-JSON -----------------------------------------------------------------------------------------------------

_CSL_TYPES = {
    "article": "article-journal", "paper": "paper-conference", "chapter": "chapter", "book": "book",
    "thesis": "thesis", "report": "report", "dataset": "dataset", "preprint": "article",
}  # fmt: skip
_MARKUP = str.maketrans({"<": "&lt;", ">": "&gt;"})


def csl(paper: Reference) -> dict[str, Any]:
    """One item of CSL-JSON 1.0.2; processors may take ``<`` for markup, so it is spelt ``&lt;``."""
    item: dict[str, Any] = {
        "id": f"p-{paper.paper_id:06}",
        "type": _CSL_TYPES[paper.genre],
        "title": paper.title,
        "author": [_csl_name(name) for name in paper.authors],
        "issued": {"date-parts": [[int(part) for part in paper.published.split("-")]]} if paper.published else None,
        "container-title": paper.venue,
        "volume": paper.volume,
        "issue": paper.issue,
        "page": paper.pages,
        "publisher": paper.publisher,
        "DOI": paper.doi,
        "URL": paper.safe_url,
        "language": paper.language,
        "keyword": ", ".join(paper.topics),
        "abstract": paper.abstract,
    }
    return {name: _escaped(value) for name, value in item.items() if value}


def _csl_name(name: str) -> dict[str, str]:
    person = _person(name)
    return {"family": _escaped(person[0]), "given": _escaped(person[1])} if person else {"literal": _escaped(name)}


def _escaped(value: Any) -> Any:
    return _line(value).translate(_MARKUP) if isinstance(value, str) else value
