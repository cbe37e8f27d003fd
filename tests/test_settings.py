"""When a source is on: credentials are asked for by the far side, not by a server on this very machine."""

from __future__ import annotations

from pathlib import Path

import pytest

from worker.errors import Misconfigured
from worker.settings import load_sources

TABLE = '[sources.openalex]\nkind = "openalex"\nfilter = "type:article"\n'


@pytest.mark.parametrize(
    ("more", "on"),
    [
        ("", False),
        ('base_url = "https://mirror.example"\n', False),
        ('base_url = "http://127.0.0.1:9/openalex"\n', True),
        ('base_url = "http://127.0.0.1:9/openalex"\nenabled = false\n', False),
    ],
)
def test_credentials_are_needed_where_they_are_asked_for(
    more: str, on: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("OPENALEX_API_KEY", raising=False)
    file = tmp_path / "sources.toml"
    file.write_text(TABLE + more)
    configured = load_sources(file).by_name["openalex"]
    assert configured.enabled is on
    assert on or (configured.why_off and "set " in configured.why_off)


def test_sources_that_share_a_host_share_its_manners() -> None:
    manners: dict[str, set[tuple[float, int]]] = {}
    for one in load_sources().by_name.values():
        pause_s = one.seconds_between_requests or one.source.seconds_between_requests
        manners.setdefault(one.host_group, set()).add((pause_s, one.concurrency or one.source.concurrency))
    assert {group: told for group, told in manners.items() if len(told) > 1} == {}
    assert manners["arxiv"] == {(3.0, 1)}


def test_the_environment_turns_a_source_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OPENALEX_API_KEY", raising=False)
    monkeypatch.setenv("PUBCAT_BASE_URL_OPENALEX", "http://127.0.0.1:9")
    file = tmp_path / "sources.toml"
    file.write_text(TABLE + "enabled = false\n")
    assert load_sources(file).by_name["openalex"].enabled


@pytest.mark.parametrize(
    "wrong",
    ['every = "1d"\nzone = "America/Montral"', 'every = "1d"\nat = "24:00"', 'every = "1d"\nat = 05:30:00',
     'every = "6h"\nat = "05:30"', 'trust = "high"', 'questions_per_day = "many"'],
)  # fmt: skip
def test_one_wrong_word_is_refused_before_it_stops_every_schedule(wrong: str, tmp_path: Path) -> None:
    file = tmp_path / "sources.toml"
    file.write_text(f"{TABLE}{wrong}\n")
    with pytest.raises(Misconfigured, match=r"sources\.toml"):
        load_sources(file)
