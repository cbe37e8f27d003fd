"""Behaviours H10 to H17 of the fault catalogue: layouts, cursors, counts, tombstones, stale pages, credentials."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from tests.lab.far_sides import Case
from tests.lab.hostile import Exchange, Script, politely
from tests.lab.transport import behaviour, counts, edited, is_json, simple, walks


def following(x: Exchange, case: Case) -> bool:
    """Whether this is a later page of a walk."""
    return case.cursor is not None and x.query.get(case.cursor, "*") != "*"


def listing(x: Exchange, case: Case) -> bool:
    """Whether this is a page of a walk at all, not a single record or a login."""
    if case.cursor is None or case.items is None:
        return True
    answer = x.clean()
    if answer.status != 200 or "json" not in answer.media_type:
        return False
    page = json.loads(answer.body)
    try:
        case.items(page)
    except (KeyError, TypeError):
        return False
    return True


def on_pages(case: Case, edit: Callable[[Exchange, Any], None], when: Callable[[Exchange], bool]) -> Script:
    """Edits the decoded pages of walks that ``when`` picks."""

    def script(x: Exchange) -> None:
        if listing(x, case) and when(x):
            edited(x, lambda page: edit(x, page))
        else:
            politely(x)

    return script


def _emptied(case: Case) -> Callable[[Exchange, Any], None]:
    def edit(x: Exchange, page: Any) -> None:
        assert case.items is not None
        case.items(page).clear()

    return edit


# -- H10: nothing where there was something


def _blank(x: Exchange) -> None:
    answer = x.clean()
    if "html" in answer.media_type:
        x.send(
            replace(
                answer, body=b"<!doctype html><html><body><main><p>Our new site is coming.</p></main></body></html>"
            )
        )
    elif "csv" in answer.media_type:
        x.send(replace(answer, body=answer.body.partition(b"\n")[0] + b"\n"))
    else:
        politely(x)


simple("H10.1", "a new layout: nothing is found", _blank, always=True, later=True, fits=lambda case: not case.is_json)


@behaviour("H10.2", "no items, and a count of none", always=True, later=True, fits=counts)
def _none(case: Case) -> Script:
    def edit(x: Exchange, page: Any) -> None:
        _emptied(case)(x, page)
        if "count" in json.dumps(page):
            assert case.total is not None
            case.total(page, lambda n: 0)

    return on_pages(case, edit, lambda x: True)


@behaviour("H10.3", "other names for all fields", always=True, later=True, fits=is_json)
def _renamed(case: Case) -> Script:
    def edit(x: Exchange, page: Any) -> None:
        assert case.items is not None
        items = case.items(page)
        items[:] = [{f"new_{name}": value for name, value in item.items()} for item in items]

    return on_pages(case, edit, lambda x: True)


@behaviour("H10.4", "a third of the items, and a count to match", always=True, later=True, fits=counts)
def _fewer(case: Case) -> Script:
    def edit(x: Exchange, page: Any) -> None:
        assert case.items is not None
        assert case.total is not None
        del case.items(page)[2:]
        case.total(page, lambda n: 2)
        if case.cursor == "cursor":
            page["meta"]["next_cursor"] = None

    return on_pages(case, edit, lambda x: True)


def _half(x: Exchange) -> None:
    body = x.clean().body
    x.send(x.clean(), body=body[: body.rindex(b"\n", 0, len(body) // 3) + 1])


simple(
    "H10.5", "a third of the rows, under the old ETag", _half, always=True, later=True,
    fits=lambda case: case.name == "table",
)  # fmt: skip

# -- H11: tokens


def _expired(x: Exchange) -> None:
    x.status(400, b'{"error": "Cursor value is invalid.", "message": "badResumptionToken"}')


@behaviour("H11.1", "a cursor expires once", fits=walks)
def _expires_once(case: Case) -> Script:
    return lambda x: (_expired if following(x, case) and x.asked == 1 else politely)(x)


@behaviour("H11.2", "cursors expire always", always=True, fits=walks)
def _expires(case: Case) -> Script:
    return lambda x: (_expired if following(x, case) else politely)(x)


def circling(case: Case, always: bool) -> Script:
    """The second page leads to itself: OpenAlex by its cursor, OpenReview by showing the page before again."""

    def script(x: Exchange) -> None:
        if not following(x, case) or not (always or x.asked == 1):
            politely(x)
        elif case.cursor == "cursor":
            edited(x, lambda page: page["meta"].update(next_cursor=x.query["cursor"]) if "meta" in page else None)
        else:
            assert case.cursor is not None
            x.send(x.clean(**{case.cursor: x.memory.setdefault("before", x.query[case.cursor].encode()).decode()}))

    return script


@behaviour("H11.3", "the next cursor is this one, once", fits=walks)
def _circles_once(case: Case) -> Script:
    return circling(case, always=False)


@behaviour("H11.4", "the next cursor is this one, always", always=True, fits=walks)
def _circles(case: Case) -> Script:
    return circling(case, always=True)


@behaviour("H11.5", "the count shrinks on the way, once", fits=counts)
def _shrinks_once(case: Case) -> Script:
    assert case.total is not None
    total = case.total
    return on_pages(case, lambda x, page: total(page, lambda n: n // 3), lambda x: x.place > 1 and x.asked == 1)


@behaviour("H11.6", "the count grows on the way", always=True, fits=counts)
def _grows(case: Case) -> Script:
    assert case.total is not None
    total = case.total
    return on_pages(case, lambda x, page: total(page, lambda n: n + 3), lambda x: x.place > 1)


# -- H12: cursors that go back, pages that come twice


@behaviour("H12.1", "a page comes again in place of the next, once", fits=walks)
def _again_once(case: Case) -> Script:
    return replaying(case, always=False)


@behaviour("H12.2", "the first page comes again and again", always=True, fits=walks)
def _again(case: Case) -> Script:
    return replaying(case, always=True)


def _walk(x: Exchange, case: Case) -> str:
    """Which walk a page belongs to: everything of its address but the cursor."""
    return str(sorted((name, value) for name, value in x.query.items() if name != case.cursor))


def replaying(case: Case, always: bool) -> Script:
    """Later pages show the items of the first."""

    def script(x: Exchange) -> None:
        if not listing(x, case):
            politely(x)
        elif not following(x, case):
            x.memory[_walk(x, case)] = x.clean().body
            politely(x)
        elif _walk(x, case) in x.memory and (always or x.asked == 1):
            x.send(replace(x.clean(), body=x.memory[_walk(x, case)]))
        else:
            politely(x)

    return script


@behaviour("H12.3", "every item comes twice", always=True, fits=is_json)
def _doubled(case: Case) -> Script:
    def edit(x: Exchange, page: Any) -> None:
        assert case.items is not None
        items = case.items(page)
        items.extend(list(items))

    return on_pages(case, edit, lambda x: True)


@behaviour("H12.4", "pages overlap", always=True, fits=walks)
def _overlapping(case: Case) -> Script:
    def edit(x: Exchange, page: Any) -> None:
        assert case.items is not None
        items = case.items(page)
        if items:
            last = f"last of {_walk(x, case)}"
            items[:0] = json.loads(x.memory.get(last, b"[]"))
            x.memory[last] = json.dumps(items[-2:]).encode()

    return on_pages(case, edit, lambda x: True)


@behaviour("H12.5", "each page overlaps and the same number of items is missing", always=True, fits=walks)
def _hiding_gaps(case: Case) -> Script:
    """The number of rows is right; only counting different ones shows the gap."""

    def edit(x: Exchange, page: Any) -> None:
        assert case.items is not None
        items = case.items(page)
        if len(items) > 3:
            items[-2:] = items[:2]
            if case.cursor == "after":
                items.reverse()
                items.sort(key=lambda item: str(item["id"]))

    return on_pages(case, edit, lambda x: True)


# -- H13: empty pages, counts that do not fit


@behaviour("H13.1", "an empty page in the middle, twice", fits=walks)
def _gap_twice(case: Case) -> Script:
    return on_pages(case, _emptied(case), lambda x: following(x, case) and x.asked <= 2)


@behaviour("H13.2", "an empty page in the middle, always", always=True, fits=walks)
def _gap(case: Case) -> Script:
    return on_pages(case, _emptied(case), lambda x: following(x, case))


@behaviour("H13.3", "an empty first page, once", fits=counts)
def _late_start(case: Case) -> Script:
    return on_pages(case, _emptied(case), lambda x: not following(x, case) and x.asked == 1)


@behaviour("H13.4", "five more are counted than come", always=True, fits=counts)
def _overcounted(case: Case) -> Script:
    assert case.total is not None
    total = case.total
    return on_pages(case, lambda x, page: total(page, lambda n: n + 5), lambda x: True)


@behaviour("H13.5", "the walk ends early, always", always=True, fits=walks)
def _ends_early(case: Case) -> Script:
    def edit(x: Exchange, page: Any) -> None:
        assert case.items is not None
        if case.cursor == "cursor":
            page["meta"]["next_cursor"] = None
        else:
            case.items(page).clear()

    return on_pages(case, edit, lambda x: following(x, case))


# -- H14: tombstones


@behaviour("H14.1", "a flood of tombstones", always=True, later=True, fits=lambda case: case.hide is not None)
def _flood(case: Case) -> Script:
    def edit(x: Exchange, page: Any) -> None:
        assert case.items is not None
        assert case.hide is not None
        for item in case.items(page):
            case.hide(item)

    return on_pages(case, edit, lambda x: True)


# -- H15: lists that cut


@behaviour("H15.1", "whole records fail at first", fits=lambda case: case.name == "openalex")
def _singles_fail(case: Case) -> Script:
    return lambda x: x.status(503) if "/works/" in x.path and x.asked <= 2 else politely(x)


# -- H16: what the far side thinks we hold


simple("H16.1", "304 for a page never sent", lambda x: x.status(304), times=1)
simple("H16.2", "304 always", lambda x: x.status(304), always=True)


@behaviour("H16.3", "304 to whoever asks with a validator, though the page changed", always=True, later=True)
def _stale(case: Case) -> Script:
    return lambda x: x.status(304) if "If-None-Match" in x.headers else politely(x)


# -- H17: credentials and quotas


simple("H17.1", "401 in the middle, once", lambda x: x.status(401, b"{}"), fits=lambda case: bool(case.secrets))
simple("H17.2", "401 always", lambda x: x.status(401, b"{}"), always=True)
simple(
    "H17.3", "the quota is spent until a moment",
    lambda x: x.status(403, b"{}", X_RateLimit_Remaining="0", X_RateLimit_Reset="2"),
)  # fmt: skip
simple("H17.4", "a browser challenge, 403", lambda x: x.status(403, b'{"name": "ChallengeRequiredError"}'), always=True)
