"""Selectors of site generators that many labs use, and the selectors of a source."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from worker.errors import Misconfigured

PRESETS: dict[str, dict[str, str]] = {
    # https://github.com/alshedivat/al-folio, _layouts/bib.liquid
    "al-folio": {
        "item": "ol.bibliography > li", "title": ".title", "authors": ".author", "venue": ".periodical em",
        "date": ".periodical", "abstract": ".abstract p", "link": ".links a[href]",
    },
    # https://github.com/HugoBlox/hugo-blox-builder, formerly Hugo Academic: list, compact, citation and card views
    "hugo-academic": {
        "item": ".stream-item, .pub-list-item, .view-citation, .card-simple, .isotope-item .media",
        "title": ".article-title, .section-subheading, .pub-title, h3 a, h5 a, a[itemprop=url], "
                 "a[href*='/publication/']",
        "authors": ".article-authors, .pub-authors, [itemprop=author], .article-metadata > div:first-child, "
                   ".stream-meta .article-metadata > div",
        "venue": ".pub-publication, .article-publication, em",
        "date": ".article-date, .pub-date, .article-metadata",
        "abstract": ".article-style, .summary-link, .pub-abstract",
        "link": ".article-title a, h3 a, a[href]",
    },
}  # fmt: skip
FEWEST_TITLES = 0.5
"""Share of items that must have a title where the selector says; fewer, and the page was redesigned."""


def selectors(options: Mapping[str, Any]) -> dict[str, str]:
    """The selectors of a source: those of its preset, overruled by its own.

    Raises:
        Misconfigured: no such preset.
    """
    preset = options.get("preset")
    if preset is not None and preset not in PRESETS:
        raise Misconfigured(f"expected a preset of {', '.join(sorted(PRESETS))}, found {preset!r}")
    return {**PRESETS.get(preset or "", {}), **(options.get("selectors") or {})}


def fewest_titles(options: Mapping[str, Any]) -> float:
    """The share of items that must have a title, as configured."""
    told = options.get("fewest_titles", FEWEST_TITLES)
    return float(told) if isinstance(told, int | float) and not isinstance(told, bool) else FEWEST_TITLES
