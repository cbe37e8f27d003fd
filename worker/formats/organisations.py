"""Organisations as the Research Organization Registry tells them. https://ror.readme.io/docs/data-structure

Reads records of schema 1 and 2, lists of them (the dump), answers of the API, and matches of an affiliation.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from worker.errors import Malformed
from worker.formats import values
from worker.normalise import identifiers
from worker.page import Page


@dataclass(frozen=True)
class Organisation:
    """One organisation: its ROR id, the name to show, all its names, country (ISO 3166), kinds, and what it belongs
    to. In an answer about an affiliation also how near it is (0 to 1), and whether ROR is sure of it."""

    ror: str
    name: str
    names: tuple[str, ...] = ()
    country: str | None = None
    kinds: tuple[str, ...] = ()
    parents: tuple[str, ...] = ()
    is_active: bool = True
    score: float | None = None
    is_chosen: bool = False


def read(page: Page) -> Iterator[Organisation | Malformed]:
    """Every organisation of a page, the surest first in answers about an affiliation.

    Raises:
        Malformed: no answer and no data of ROR.
    """
    content = page.json()
    if isinstance(content, dict) and "errors" in content:
        raise Malformed(f"{page.url}: ROR says {str(content['errors'])[:200]}", page.body)
    found = content
    if isinstance(content, dict):
        hits = values.inner(content, "hits", "hits")
        found = hits if isinstance(hits, list) else content.get("items", [content] if "id" in content else None)
    if not isinstance(found, list):
        raise Malformed(f"{page.url}: expected organisations, found {str(content)[:80]!r}", page.body)
    for number, one in enumerate(found, 1):
        try:
            yield _organisation(one)
        except (KeyError, ValueError, TypeError, AttributeError) as error:
            reason = f"missing {error}" if isinstance(error, KeyError) else str(error)
            yield Malformed(f"{page.url}, item {number}: expected an organisation, found {str(one)[:80]!r} ({reason})")


def _organisation(told: dict[str, Any]) -> Organisation:
    held = next((one for name in ("organization", "_source") if isinstance(one := told.get(name), dict)), told)
    own = identifiers.normalise("ror", held["id"])
    if own is None:
        raise ValueError(f"no ROR id: {held['id']!r}")
    names, shown = _names(held)
    if shown is None:
        raise ValueError("no name")
    score = told.get("score")
    return Organisation(
        ror=own.value,
        name=shown,
        names=names,
        country=_country(held),
        kinds=tuple(one.lower() for one in values.words(values.listed(held.get("types")))),
        parents=tuple(
            parent.value
            for one in values.objects(held.get("relationships"))
            if str(one.get("type")).lower() == "parent"
            and (parent := identifiers.normalise("ror", one.get("id"))) is not None
        ),
        is_active=held.get("status", "active") == "active",
        score=float(score) if isinstance(score, int | float) and 0 <= score <= 1 else None,
        is_chosen=told.get("chosen") is True,
    )


def _names(held: dict[str, Any]) -> tuple[tuple[str, ...], str | None]:
    """All names, and the one ROR shows; in schema 1 names, aliases, labels and acronyms stand apart."""
    told = values.objects(held.get("names"))
    if told:
        shown = next((one.get("value") for one in told if "ror_display" in values.listed(one.get("types"))), None)
        names = values.words(one.get("value") for one in told)
        return names, values.text(shown) or (names[0] if names else None)
    labels = [one.get("label") for one in values.objects(held.get("labels"))]
    rest = [*values.listed(held.get("aliases")), *labels, *values.listed(held.get("acronyms"))]
    names = values.words([held.get("name"), *rest])
    return names, values.text(held.get("name"))


def _country(held: dict[str, Any]) -> str | None:
    places = values.objects(held.get("locations"))
    code = values.inner(places[0], "geonames_details", "country_code") if places else None
    shown = values.text(code) or values.text(values.inner(held.get("country"), "country_code"))
    return shown.upper() if shown and len(shown) == 2 else None
