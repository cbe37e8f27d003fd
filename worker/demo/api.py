"""How OpenAlex and OpenReview answer a query, over objects given as values.

Only what a polite client uses is understood: OpenAlex lists, filters, searches and single works; OpenReview notes
by field, by id and by words. A query is a mapping of parameter names to their last value.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from typing import Any, Literal

from worker.demo import institute

Json = dict[str, Any]
Query = Mapping[str, str]

ENOUGH = 0.8
"""Share of the words of a search that an answer must hold; less than all, since titles are misspelled."""


class NotFound(LookupError):
    """The far side has no such object."""


class BadQuery(ValueError):
    """The far side refuses the query; the message is its answer."""


def words(text: str) -> frozenset[str]:
    """The words of a text without case, accents or punctuation."""
    plain = unicodedata.normalize("NFKD", text).casefold()
    return frozenset(re.findall(r"\w+", "".join(c for c in plain if not unicodedata.combining(c))))


def search(term: str, texts: Sequence[str]) -> list[int]:
    """Positions of the texts that hold enough words of the term, best first."""
    asked = words(term)
    shares = [(len(asked & words(text)) / len(asked) if asked else 0.0, n) for n, text in enumerate(texts)]
    return [n for share, n in sorted(shares, key=lambda pair: (-pair[0], pair[1])) if share >= ENOUGH]


def number(query: Query, name: str, default: int, most: int) -> int:
    """A whole number of the query, between its default or 1, whichever is less, and ``most``.

    Raises:
        BadQuery: it is not such a number.
    """
    text = query.get(name, str(default))
    least = min(default, 1)
    if not text.isdecimal() or not least <= int(text) <= most:
        raise BadQuery(f"{name} must be a number between {least} and {most}")
    return int(text)


# -- OpenAlex: https://developers.openalex.org -----------------------------------------------------------------

LARGEST_PAGE = 25
"""Works on one page, however many are asked for: a small sample still has several pages."""
INSTITUTE_FILTERS = {
    "authorships.institutions.lineage": "i4210164802",
    "authorships.institutions.id": "i4210164802",
    "institutions.id": "i4210164802",
    "authorships.institutions.ror": "05c22rx21",
    "institutions.ror": "05c22rx21",
}
"""Filters that mean the institute; the sample's list is complete by definition."""


def _bare(value: str) -> str:
    return re.sub(r"^(https?://[^/]+/|doi:)", "", value.strip().lower())


def _passes(work: Json, field: str, values: frozenset[str]) -> bool:
    match field:
        case "doi":
            return work["doi"] is not None and _bare(work["doi"]) in values
        case "openalex" | "ids.openalex" | "openalex_id":
            return _bare(work["id"]) in values
        case "publication_year":
            return str(work["publication_year"]) in values
        case "type":
            return work["type"] in values
        case "from_publication_date":
            return str(work["publication_date"]) >= min(values)
        case _ if field in INSTITUTE_FILTERS:
            return INSTITUTE_FILTERS[field] in values and institute.in_institute_list(work)
        case _:
            raise BadQuery(f"{field} is not a valid field.")


def _text(work: Json) -> str:
    return f"{work['title']} {' '.join(work['abstract_inverted_index'] or ())}"


def openalex_list(works: Sequence[Json], query: Query) -> Json:
    """What ``/works`` answers: the works that pass every filter, a page of them, and where the next page starts.

    Raises:
        BadQuery: an unknown filter, a page size out of bounds, a cursor never given out.
    """
    found = list(works)
    for clause in filter(None, query.get("filter", "").split(",")):
        field, _, value = clause.partition(":")
        if field in ("title.search", "display_name.search", "title_and_abstract.search", "default.search"):
            by_title = field.startswith(("title.", "display_name."))
            texts = [str(w["title"]) if by_title else _text(w) for w in found]
            found = [found[n] for n in search(value, texts)]
        else:
            values = frozenset(_bare(part) for part in value.split("|"))
            found = [work for work in found if _passes(work, field, values)]
    if "search" in query:
        found = [found[n] for n in search(query["search"], [_text(work) for work in found])]
    per_page = min(number(query, "per_page" if "per_page" in query else "per-page", 25, 100), LARGEST_PAGE)
    cursor = query.get("cursor")
    if cursor in (None, "*"):
        start = (number(query, "page", 1, 400) - 1) * per_page if cursor is None else 0
    else:
        ends = [n + 1 for n, work in enumerate(found) if _cursor(work) == cursor]
        if not ends:
            raise BadQuery("Cursor value is invalid.")
        start = ends[0]
    shown = found[start : start + per_page]
    meta: Json = {"count": len(found), "db_response_time_ms": 1, "page": None, "per_page": per_page}
    if cursor is None:
        meta["page"] = start // per_page + 1
    else:
        meta["next_cursor"] = _cursor(shown[-1]) if shown else None
    return {"meta": meta, "results": [_select(institute.as_listed(w), query) for w in shown], "group_by": []}


def _cursor(work: Json) -> str:
    return f"after{work['id'].rpartition('/')[2]}"


def _select(work: Json, query: Query) -> Json:
    fields = query.get("select")
    return {name: work[name] for name in fields.split(",") if name in work} if fields else work


def openalex_work(works: Sequence[Json], name: str, query: Query) -> Json:
    """What ``/works/NAME`` answers, whole; the name is an OpenAlex id or a DOI, as a URL or not.

    Raises:
        NotFound: no work goes by that name.
    """
    wanted = _bare(name)
    for work in works:
        if wanted in (_bare(work["id"]), _bare(work["doi"] or "")):
            return _select(work, query)
    raise NotFound(name)


# -- OpenReview: https://docs.openreview.net -------------------------------------------------------------------

_STEERING = frozenset({"limit", "offset", "after", "sort", "details", "select", "count", "with_count", "domain"})
_SEARCH_ONLY = frozenset({"term", "query", "type", "content", "group", "source"})


def value(note: Json, field: str) -> Any:
    """A content field of a note of either version of the API."""
    held = note.get("content", {}).get(field)
    return held.get("value") if isinstance(held, dict) else held


def notes(held: Sequence[Json], query: Query, kind: Literal["list", "search"] = "list") -> Json:
    """What ``/notes`` and ``/notes/search`` answer: notes sorted by id, or by words held, and their count.

    A filter nobody knows finds nothing, as does a list without any filter.

    Raises:
        BadQuery: ``limit`` or ``offset`` out of bounds.
    """
    limit = number(query, "limit", 1000, 1000)
    offset = number(query, "offset", 0, 1_000_000)
    found = sorted(held, key=lambda note: str(note["id"]))
    if query.get("sort", "").endswith(":desc"):
        found.reverse()
    filters = set(query) - _STEERING
    if kind == "search":
        filters -= _SEARCH_ONLY
        texts = [f"{value(n, 'title') or ''} {value(n, 'abstract') or ''}" for n in found]
        found = [found[n] for n in search(query.get("term", query.get("query", "")), texts)]
    elif not filters:
        found = []
    for name in filters:
        wanted = query[name]
        if name in ("id", "forum"):
            found = [note for note in found if note.get(name) == wanted]
        elif name == "invitation":
            found = [note for note in found if wanted in note.get("invitations", ())]
        else:
            scope, _, field = name.partition(".")
            found = [note for note in found if scope == "content" and field and value(note, field) == wanted]
    count = len(found)
    if "after" in query:
        places = [n for n, note in enumerate(found) if note["id"] == query["after"]]
        found = found[places[0] + 1 :] if places else []
    return {"notes": found[offset : offset + limit], "count": count}
