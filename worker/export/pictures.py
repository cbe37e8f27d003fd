"""Pictures as SVG: drawn by Vega without a browser, readable on light and on dark paper.

Values are plain dictionaries; a picture is a string that stands in an HTML page as it is.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

Rows = Sequence[Mapping[str, Any]]

WIDTH = 440
"""Pixels of a picture: a phone shows it nearly whole, a desktop two side by side."""
TALL = 380
"""Pixels of the map's height; it is twice as wide as the other pictures."""
COLOURS = ("#3b82c4", "#d97a2b", "#2f9e6e", "#8a63c9", "#c8504f", "#2a9db0", "#c9a227", "#8a8f98")
"""Told apart by people who see few colours, and against white as well as black."""
OPEN_ACCESS = {
    "gold": "#c9a227", "diamond": "#2a9db0", "hybrid": "#d97a2b", "green": "#2f9e6e", "bronze": "#a9744f",
    "closed": "#6b7280", "unknown": "#b4bac4",
}  # fmt: skip
_INK = "currentColor"
_FAINT = "#88888844"
_CONFIG: dict[str, Any] = {
    "font": "system-ui, sans-serif",
    "view": {"stroke": None},
    "axis": {"labelColor": _INK, "titleColor": _INK, "tickColor": _FAINT, "domainColor": _FAINT, "gridColor": _FAINT,
             "labelFontSize": 12, "titleFontSize": 12, "titleFontWeight": "normal", "labelLimit": 170},
    "legend": {"labelColor": _INK, "titleColor": _INK, "labelFontSize": 12, "orient": "top", "title": None,
               "columns": 4},
    "range": {"category": list(COLOURS)},
}  # fmt: skip


def visible(text: str) -> str:
    """Text without characters that hide or turn others around; the renderer ends the process over some of them."""
    return "".join(one for one in text if one.isprintable() and one not in _HIDING)


_HIDING = frozenset("\u200b\u200c\u200d\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff")


def _values(rows: Rows) -> list[dict[str, Any]]:
    return [{name: visible(value) if isinstance(value, str) else value for name, value in row.items()} for row in rows]


def _drawn(spec: dict[str, Any], label: str, height: int) -> str:
    """An SVG of a Vega-Lite specification that fits its width; ``label`` is for those who do not see it."""
    import vl_convert

    whole = {
        "$schema": "https://vega.github.io/schema/vega-lite/v6.json", "width": WIDTH, "height": height,
        "autosize": {"type": "fit", "contains": "padding"}, "padding": {"left": 16, "right": 8, "top": 4, "bottom": 4},
        "background": None, "config": _CONFIG, **spec,
    }  # fmt: skip
    return _named(vl_convert.vegalite_to_svg(whole), label)


def _named(svg: str, label: str) -> str:
    words = label.replace("&", "&amp;").replace("<", "&lt;").replace('"', "&quot;")
    return re.sub("<svg ", f'<svg role="img" aria-label="{words}" ', svg, count=1)


def by_year(rows: Rows) -> str:
    """Stacked bars: ``year``, ``kind``, ``n``."""
    return _drawn(
        {
            "data": {"values": _values(rows)},
            "mark": {"type": "bar"},
            "encoding": {
                "x": {"field": "year", "type": "ordinal", "title": None,
                      "axis": {"labelAngle": 0, "labelOverlap": "greedy", "labelSeparation": 8, "grid": False}},
                "y": {"field": "n", "type": "quantitative", "aggregate": "sum", "title": "papers"},
                "color": {"field": "kind", "type": "nominal"},
            },
        },
        "Papers by year and type", 260,
    )  # fmt: skip


def bars(rows: Rows, label: str, unit: str) -> str:
    """Horizontal bars in the order given: ``name``, ``n``."""
    return _drawn(
        {
            "data": {"values": _values(rows)},
            "encoding": {
                "y": {"field": "name", "type": "nominal", "sort": None, "title": None, "axis": {"grid": False}},
                "x": {"field": "n", "type": "quantitative", "title": unit},
            },
            "layer": [
                {"mark": {"type": "bar", "color": COLOURS[0]}},
                {"mark": {"type": "text", "align": "left", "dx": 3, "color": _INK},
                 "encoding": {"text": {"field": "n", "format": ",d"}}},
            ],
        },
        label, 26 * len(rows) + 40,
    )  # fmt: skip


def open_access(rows: Rows) -> str:
    """Shares of a year, stacked to one: ``year``, ``status``, ``n``."""
    present = [status for status in OPEN_ACCESS if any(row["status"] == status for row in rows)]
    order = {status: place for place, status in enumerate(OPEN_ACCESS)}
    return _drawn(
        {
            "data": {"values": [{**row, "order": order.get(row["status"], 9)} for row in _values(rows)]},
            "mark": {"type": "bar"},
            "encoding": {
                "x": {"field": "year", "type": "ordinal", "title": None,
                      "axis": {"labelAngle": 0, "labelOverlap": "greedy", "labelSeparation": 8, "grid": False}},
                "y": {"field": "n", "type": "quantitative", "stack": "normalize", "title": "share of papers",
                      "axis": {"format": "%"}},
                "color": {"field": "status", "type": "nominal",
                          "scale": {"domain": present, "range": [OPEN_ACCESS[status] for status in present]}},
                "order": {"field": "order"},
            },
        },
        "Open access by year", 260,
    )  # fmt: skip


def lags(rows: Rows) -> str:
    """Histogram of months from preprint to publication: ``months``."""
    return _drawn(
        {
            "data": {"values": _values(rows)},
            "mark": {"type": "bar", "color": COLOURS[0]},
            "encoding": {
                "x": {"field": "months", "type": "quantitative", "bin": {"maxbins": 24},
                      "title": "months from preprint to publication"},
                "y": {"aggregate": "count", "type": "quantitative", "title": "papers"},
            },
        },
        "Months from preprint to publication", 240,
    )  # fmt: skip


def completeness(rows: Rows) -> str:
    """A field of squares: ``source``, ``field``, ``share`` in [0, 1]."""
    sources = len({row["source"] for row in rows})
    return _drawn(
        {
            "data": {"values": _values(rows)},
            "encoding": {
                "x": {"field": "field", "type": "nominal", "sort": None, "title": None,
                      "axis": {"labelAngle": 0, "orient": "top", "domain": False, "ticks": False}},
                "y": {"field": "source", "type": "nominal", "title": None, "axis": {"domain": False, "ticks": False}},
            },
            "layer": [
                {"mark": {"type": "rect", "color": COLOURS[2]},
                 "encoding": {"opacity": {"field": "share", "type": "quantitative", "legend": None,
                                          "scale": {"domain": [0, 1], "range": [0.06, 0.9]}}}},
                {"mark": {"type": "text", "color": _INK},
                 "encoding": {"text": {"field": "share", "type": "quantitative", "format": ".0%"}}},
            ],
        },
        "Share of records that carry a field, by source", 30 * sources + 40,
    )  # fmt: skip


def calendar(rows: Rows) -> str:
    """Days of courses on a line of time: ``course``, ``start``, ``end`` (YYYY-MM-DD)."""
    courses = len({row["course"] for row in rows})
    return _drawn(
        {
            "data": {"values": _values(rows)},
            "encoding": {
                "y": {"field": "course", "type": "nominal", "sort": {"field": "start", "op": "min"}, "title": None},
                "x": {"field": "start", "type": "temporal", "title": None, "axis": {"format": "%-d %b %Y",
                      "labelOverlap": True, "tickCount": 4}},
                "x2": {"field": "end"},
            },
            "layer": [
                {"mark": {"type": "bar", "height": 8, "color": COLOURS[3], "cornerRadius": 4}},
                {"mark": {"type": "point", "filled": True, "size": 70, "color": COLOURS[3]}},
            ],
        },
        "Days of courses", 34 * courses + 40,
    )  # fmt: skip


@cache
def _network() -> dict[str, Any]:
    """A force-directed map (https://vega.github.io/vega/docs/transforms/force/), settled before it is drawn."""
    return {
        "$schema": "https://vega.github.io/schema/vega/v6.json",
        "width": 2 * WIDTH, "height": TALL, "padding": 10, "autosize": "none", "background": None,
        "scales": [
            {"name": "size", "type": "sqrt", "range": [30, 500], "domain": {"data": "nodes", "field": "n"}},
            {"name": "width", "type": "sqrt", "range": [0.6, 5], "domain": {"data": "links", "field": "n"}},
        ],
        "marks": [
            {
                "name": "dots", "type": "symbol", "zindex": 1, "from": {"data": "nodes"},
                "encode": {"enter": {"fill": {"value": COLOURS[0]}, "stroke": {"value": "none"},
                                     "size": {"scale": "size", "field": "n"}}},
                "transform": [{
                    "type": "force", "iterations": 300, "static": True, "signal": "force",
                    "forces": [
                        {"force": "center", "x": WIDTH, "y": TALL / 2},
                        {"force": "collide", "radius": 26},
                        {"force": "nbody", "strength": -60},
                        {"force": "x", "x": "datum.pull_x", "strength": 0.04},
                        {"force": "y", "y": "datum.pull_y", "strength": 0.12},
                        {"force": "link", "links": "links", "distance": 45},
                    ],
                }],
            },
            {
                "type": "path", "from": {"data": "links"}, "interactive": False,
                "encode": {"update": {"stroke": {"value": _INK}, "strokeOpacity": {"value": 0.25},
                                      "strokeWidth": {"scale": "width", "field": "n"}}},
                "transform": [{"type": "linkpath", "require": {"signal": "force"}, "shape": "line",
                               "sourceX": "datum.source.x", "sourceY": "datum.source.y",
                               "targetX": "datum.target.x", "targetY": "datum.target.y"}],
            },
            {
                "type": "text", "from": {"data": "dots"}, "zindex": 2, "interactive": False,
                "encode": {"enter": {"text": {"field": "datum.name"}, "fill": {"value": _INK},
                                     "fontSize": {"value": 11}, "align": {"value": "center"},
                                     "font": {"value": "system-ui, sans-serif"}},
                           "update": {"x": {"field": "x"}, "y": {"field": "y", "offset": -9}}},
            },
        ],
    }  # fmt: skip


def network(nodes: Rows, links: Rows) -> str:
    """Who writes with whom: nodes have ``name`` and ``n``, links the places of two nodes as ``source`` and ``target``,
    and ``n``.
    """
    import vl_convert

    pulled = [{**node, "pull_x": WIDTH, "pull_y": TALL / 2} for node in _values(nodes)]
    data = [{"name": "nodes", "values": pulled}, {"name": "links", "values": _values(links)}]
    return _named(vl_convert.vega_to_svg({**_network(), "data": data}), "Who writes with whom")
