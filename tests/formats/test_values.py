"""Fields as strangers send them become what was promised, or nothing."""

from __future__ import annotations

import pytest

from worker.formats import values


@pytest.mark.parametrize(
    ("told", "moment"),
    [
        ("2024-05-06T07:08:09", "2024-05-06T07:08:09Z"),
        ("2024-05-06T07:08:09+0200", "2024-05-06T07:08:09+0200"),
        ("2024-05", "2024-05"),
        ("Mon, 06 May 2024 07:08:09 GMT", "2024-05-06"),
        ("6 mai 2024", "2024-05-06"),
        (1_714_979_289_000, "2024-05-06T07:08:09Z"),
        ("yesterday", None),
    ],
)
def test_a_moment_is_iso_or_nothing(told: object, moment: str | None) -> None:
    assert values.moment(told) == moment


@pytest.mark.parametrize(
    ("title", "subtitle", "whole"),
    [
        ("Why?", "Because", "Why? Because"),
        ("A", "b", "A: b"),
        ("A: b", "B", "A: b"),
        (None, "b", "b"),
        ("A", None, "A"),
    ],
)
def test_a_subtitle_follows_what_ends_the_title(title: str | None, subtitle: str | None, whole: str) -> None:
    assert values.titled(title, subtitle) == whole
