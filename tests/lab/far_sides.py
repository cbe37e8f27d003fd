"""What each source answers when nothing is wrong: a table of the sources file, and a far side of several pages.

The sample institute answers for listing, table, OpenAlex and OpenReview. Every other source joins by its far side in
``tests/sources/far.py``: seven papers in pages of three.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib import import_module
from typing import Any

from tests.sources.far import FAR, SIZE, Far
from worker.demo import institute
from worker.demo.server import Answer, FarSide, sample_institute
from worker.page import Site
from worker.settings import Configured, adapter_named

Json = dict[str, Any]


@dataclass(frozen=True)
class Case:
    """A source of the lab. ``items`` and ``total`` find in a decoded page the list of items and write the count;
    they are absent for pages that are no JSON. ``hide`` turns an item into its tombstone."""

    name: str
    far_side: FarSide
    path: str = ""
    options: Mapping[str, Any] = field(default_factory=dict)
    secrets: Mapping[str, str] = field(default_factory=dict)
    items: Callable[[Json], list[Any]] | None = None
    total: Callable[[Json, Callable[[int], int]], None] | None = None
    cursor: str | None = None
    """The parameter that leads from page to page."""
    hide: Callable[[Json], None] | None = None
    small: bool = False
    """Whether the reader's page size is made that of the far side."""

    @property
    def is_json(self) -> bool:
        """Whether its pages are JSON."""
        return self.items is not None

    def configured(self, base_url: str, **more: Any) -> Configured:
        """The source, answering there and asking no questions."""
        source = adapter_named(self.name.partition("-")[0])
        if isinstance(self.far_side, _Far):
            self.far_side.here = base_url
        if self.small:
            import_module(f"worker.sources.{source.name}").PER_PAGE = SIZE  # type: ignore[attr-defined]
        options = dict(self.options)
        if "pages" in options:
            options["pages"] = [_under(base_url, page) for page in options["pages"]]
        return Configured(
            name=self.name,
            source=source,
            site=Site(self.name, base_url + self.path, secrets=self.secrets, options=options),
            title=self.name,
            trust=source.trust,
            deduplicates=source.deduplicates,
            questions_per_day=0,
            host_group=source.host_group or self.name,
            **more,
        )


def _under(base_url: str, page: Any) -> Any:
    return page if isinstance(page, str) else {**page, "url": base_url + page["url"]}


class _Far:
    """A far side of ``tests/sources/far.py``, which must know its own address."""

    def __init__(self, far: Far) -> None:
        self._far = far
        self.here = ""

    def __call__(self, path: str, query: Mapping[str, str]) -> Answer | None:
        return self._far.answer(path, query, self.here)


def _longest_list(page: Json) -> list[Any]:
    """The items of a page nobody described: its longest list of objects.

    Raises:
        KeyError: it has none.
    """
    found: list[list[Any]] = []
    waiting: list[Any] = [page]
    while waiting:
        one = waiting.pop(0)
        if isinstance(one, list) and one and all(isinstance(item, dict) for item in one):
            found.append(one)
        waiting += one.values() if isinstance(one, dict) else []
    if not found:
        raise KeyError("no list of objects")
    return max(found, key=len)


def _small_notes(path: str, query: Mapping[str, str]) -> Answer | None:
    """OpenReview with eight notes a page, and a login."""
    if path == "/openreview/login":
        return Answer(b'{"token": "a token", "user": {"id": "~A_B1"}}', "application/json")
    return sample_institute(path, {**query, "limit": "8"} if path == "/openreview/notes" else query)


def _works_total(page: Json, change: Callable[[int], int]) -> None:
    page["meta"]["count"] = change(page["meta"]["count"])


def _notes_total(page: Json, change: Callable[[int], int]) -> None:
    page["count"] = change(page["count"])


def _withdraw(note: Json) -> None:
    note["ddate"] = 1_770_000_000_000


@cache
def cases() -> dict[str, Case]:
    """Every source the lab knows, by name."""
    venues = sorted({str(note["content"]["venueid"]["value"]) for note in institute.openreview_notes()})
    found = (
        Case(
            "listing",
            sample_institute,
            options={
                "pages": [
                    {"url": institute.PATHS["fr"], "language": "fr"},
                    {"url": institute.PATHS["en"], "language": "en"},
                ],
                "provider": institute.INSTITUTE["fr"],
            },
        ),
        Case("table", sample_institute, options={"pages": [{"url": institute.FACULTY_PATH}]}),
        Case(
            "openalex",
            sample_institute,
            path="/openalex",
            options={"institution": "I4210164802"},
            items=lambda page: page["results"],
            total=_works_total,
            cursor="cursor",
        ),
        Case(
            "openreview",
            _small_notes,
            path="/openreview",
            options={"venues": venues},
            secrets={"OPENREVIEW_USERNAME": "somebody", "OPENREVIEW_PASSWORD": "a-secret"},
            items=lambda page: page["notes"],
            total=_notes_total,
            cursor="after",
            hide=_withdraw,
        ),
    )
    described = {case.name: case for case in found}
    joined = {
        name: Case(name, _Far(far), options=far.options, items=_longest_list, small=far.small)
        for name, far in FAR.items()
        if name not in described
    }
    return described | joined
