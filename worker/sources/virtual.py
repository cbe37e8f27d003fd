"""Virtual sites of machine learning conferences (NeurIPS, ICML, ICLR, MLSys, AISTATS, CVPR): one JSON file a year, with
the institution of every author. The best single answer to "what have we there".

In the sources file::

    conferences = ["neurips-2025", "icml-2025", "iclr-2026"]
    institutions = ["Mila", "Université de Montréal"]   # only papers with an author there; all, when left out

Since 2026 some sites keep abstracts in a file of their own, by numbers that mean nothing elsewhere; OpenReview has
them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import urljoin, urlsplit

from worker.errors import Malformed, Misconfigured
from worker.formats import values
from worker.formats.items import each, fields, unread
from worker.normalise import identifiers, texts
from worker.normalise.titles import title_key
from worker.page import Page, Request, Site, Source, Window
from worker.record import Affiliation, Author, Identifier, Link, PaperKind, Record, VersionKind

HOMES = {
    "neurips": ("NeurIPS", "https://neurips.cc"),
    "icml": ("ICML", "https://icml.cc"),
    "iclr": ("ICLR", "https://iclr.cc"),
    "mlsys": ("MLSys", "https://mlsys.org"),
    "aistats": ("AISTATS", "https://virtual.aistats.org"),
    "cvpr": ("CVPR", "https://cvpr.thecvf.com"),
    "eccv": ("ECCV", "https://eccv.ecva.net"),
    "iccv": ("ICCV", "https://iccv.thecvf.com"),
}
_FILE = re.compile(r"/static/virtual/data/([a-z]+)-([0-9]{4})-orals-posters\.json$")

_KNOWN = fields(
    "id uid name authors abstract topic keywords decision session eventtype event_type room_name virtualsite_url url "
    "sourceid sourceurl starttime endtime starttime2 endtime2 diversity_event paper_url paper_pdf_url children_url "
    "children children_ids parent1 parent2 parent1_id parent2_id eventmedia show_in_schedule_overview visible "
    "poster_position schedule_html latitude longitude related_events related_events_ids award tldr image_url "
    "session_title bibtex speakers modified schedule_overview_order"
)
_REFUSED = re.compile(r"(?i)\b(?:reject|withdraw)")
_ARCHIVES = ("openreview", "arxiv", "pmlr", "doi", "acl")


def first(site: Site, window: Window) -> Iterator[Request]:
    """The file of each conference and year.

    Raises:
        Misconfigured: a conference nobody here knows.
    """
    for one in values.listed(site.options.get("conferences")):
        name, _, year = str(one).partition("-")
        if name not in HOMES or not re.fullmatch(r"20[0-9]{2}", year):
            known = ", ".join(HOMES)
            raise Misconfigured(f"{site.name}: expected a conference such as neurips-2025 ({known}), found {one!r}")
        home = site.base_url.rstrip("/") or HOMES[name][1]
        yield Request(f"{home}/static/virtual/data/{name}-{year}-orals-posters.json")


def total(page: Page) -> int | None:
    """How many events the file says that it holds; some hold fewer."""
    return values.count(values.inner(page.json(), "count"))


def listed(page: Page) -> list[str]:
    """The numbers of the events."""
    return [str(event.get("id")) for event in values.objects(values.inner(page.json(), "results"))]


def parse(page: Page) -> Iterator[Record | Malformed]:
    """A record a paper, however many events show it; of papers that were refused, none.

    Raises:
        Malformed: no such file.
    """
    content = page.json()
    results = content.get("results") if isinstance(content, dict) else content
    if not isinstance(results, list):
        raise Malformed(f"{page.url}: expected results, found {str(content)[:80]!r}", page.body)
    place = _FILE.search(urlsplit(page.url).path)
    wanted = [title_key(one) for one in values.words(values.listed(page.options.get("institutions")))]
    events: dict[str, Any] = {}
    for number, event in enumerate(results):
        if not isinstance(event, dict):
            events[f"#{number}"] = event
        elif _is_paper(event) and _is_wanted(event, wanted):
            key = str(event.get("uid") or event.get("id"))
            events[key] = _united(events.get(key), event)
    return each(events.values(), lambda event: _record(event, place, page.url), page.url)


def _is_paper(event: dict[str, Any]) -> bool:
    """A talk or poster with a decision or with a paper behind it, that was not refused."""
    if _REFUSED.search(str(event.get("decision") or "")):
        return False
    behind = event.get("decision") or event.get("paper_url") or event.get("paper_pdf_url") or event.get("authors")
    return bool(behind) and event.get("visible") is not False


def _is_wanted(event: dict[str, Any], wanted: list[str]) -> bool:
    if not wanted:
        return True
    places = (title_key(values.text(one.get("institution")) or "") for one in values.objects(event.get("authors")))
    return any(f" {word} " in f" {place} " for place in places for word in wanted if word)


def _united(earlier: Any, event: dict[str, Any]) -> dict[str, Any]:
    """Two events of one paper as one: what the first tells, completed; the longer list of authors, all the media."""
    if not isinstance(earlier, dict):
        return event
    told = {**event, **{name: held for name, held in earlier.items() if held not in (None, "", [])}}
    media = values.listed(earlier.get("eventmedia")) + values.listed(event.get("eventmedia"))
    people = max((values.listed(one.get("authors")) for one in (earlier, event)), key=len)
    return {**told, "eventmedia": media, "authors": people}


def _record(event: dict[str, Any], place: re.Match[str] | None, url: str) -> Record | None:
    key = values.text(event.get("uid")) or values.text(event["id"])
    if key is None:
        raise ValueError(f"expected an id, found {event['id']!r}")
    title = values.text(event["name"])
    abstract, state = values.abstract(event.get("abstract"))
    kind, version, venue = _standing(event, place)
    edition = f"{place[1]}-{place[2]}" if place else "virtual"
    page = urljoin(_home(place, url), values.text(event.get("virtualsite_url")) or "")
    return Record(
        source_key=f"{edition}/{key}",
        title=title,
        title_language=values.spoken(title),
        abstract=abstract,
        abstract_language=values.spoken(abstract),
        abstract_state=state,
        authors=tuple(one for person in values.objects(event.get("authors")) if (one := _author(person)) is not None),
        identifiers=_identifiers(event),
        kind=kind,
        version=version,
        date=place[2] if place else None,
        venue=venue,
        links=_links(event, page),
        topics=values.words([*values.listed(event.get("keywords")), *values.listed(event.get("topic"))]),
        unread=unread(event.keys() - _KNOWN),
    )


def _home(place: re.Match[str] | None, url: str) -> str:
    return HOMES[place[1]][1] if place and place[1] in HOMES else url


def _standing(event: dict[str, Any], place: re.Match[str] | None) -> tuple[PaperKind, VersionKind, str | None]:
    """Papers of workshops, of journals shown at the conference, and of the conference itself."""
    told = f"{event.get('eventtype') or event.get('event_type') or ''} {event.get('sourceurl') or ''}"
    venue = f"{HOMES[place[1]][0] if place[1] in HOMES else place[1].upper()} {place[2]}" if place else None
    if "workshop" in told.lower():
        return "workshop", "workshop", venue
    if re.search(r"(?i)\b(?:journal|TMLR|JMLR)\b", f"{told} {event.get('decision') or ''}"):
        return "article", "journal", None
    return "conference", "proceedings", venue


def _author(person: dict[str, Any]) -> Author | None:
    """Several institutions of one author stand in one text, between slashes."""
    told = re.split(r"\s+/\s+|\s*;\s*", values.text(person.get("institution")) or "")
    places = [Affiliation(name) for one in told if (name := texts.clean(one)) and name.lower() not in ("none", "n/a")]
    held = identifiers.of(openreview_profile=person.get("url"))
    return values.person(person.get("fullname") or person.get("name"), held=held, affiliations=places)


def _addresses(event: dict[str, Any]) -> Iterator[str]:
    told = [event.get("paper_url"), event.get("paper_pdf_url")]
    told += [one.get("uri") or one.get("url") for one in values.objects(event.get("eventmedia"))]
    return (address for one in told if (address := values.address(one)))


def _identifiers(event: dict[str, Any]) -> tuple[Identifier, ...]:
    found = [one for address in _addresses(event) if (one := identifiers.from_url(address)) is not None]
    return identifiers.united(tuple(one for one in found if one.scheme in _ARCHIVES))


def _links(event: dict[str, Any], page: str) -> tuple[Link, ...]:
    found = {Link(page)} if values.address(page) else set()
    for address in _addresses(event):
        if re.search(r"(?i)\.pdf$|openreview\.net/pdf", address):
            found.add(Link(address, "pdf"))
        elif re.match(r"https?://(?:www\.)?(?:github|gitlab)\.com/", address):
            found.add(Link(address, "code"))
    return tuple(sorted(found))


SOURCE = Source(
    name="virtual",
    title="Virtual conference sites",
    revision=1,
    parse=parse,
    first=first,
    total=total,
    listed=listed,
    hosts=tuple(home.removeprefix("https://") for _, home in HOMES.values()),
    needs=("PUBCAT_CONTACT",),
    trust=36,
    seconds_between_requests=2.0,
    host_group="virtual",
    media="json",
)
