"""schema.org in JSON-LD: scholarly works, courses and their cohorts (https://schema.org/ScholarlyArticle, /Course).

Blocks in the wild hold comments, trailing commas, graphs, single values for lists, and prose for dates.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import urljoin

import msgspec
import orjson

from worker.errors import Malformed
from worker.formats import courses, jsonld, values
from worker.normalise import identifiers
from worker.normalise.dates import partial_date
from worker.record import AnyRecord, CourseRecord, CourseSession, Offering, Record

WORKS = frozenset(("ScholarlyArticle", "MedicalScholarlyArticle", "Thesis", "Report", "Chapter", "Book", "Dataset"))
"""Types that are publications wherever they stand. An ``Article`` on a page is news more often than science."""
COURSES = frozenset(("Course", "CourseInstance", "EducationEvent"))
_COMMENTS = re.compile(r"<!--.*?-->|/\*.*?\*/|<!\[CDATA\[|\]\]>", re.DOTALL)
_TRAILING = re.compile(r",(?=\s*[}\]])")
_CLOCK = re.compile(r"T(\d\d:\d\d)")
_DEEPEST = 12
_MODES = {"online": "online", "onsite": "onsite", "offline": "onsite", "blended": "blended", "mixed": "blended"}
_STATUS = {"soldout": "full", "instock": "open", "limitedavailability": "open", "preorder": "announced",
           "discontinued": "closed", "outofstock": "full"}  # fmt: skip


@dataclass(frozen=True)
class Place:
    """Where a block stands: the page's address, date and language, and who gives the courses on it."""

    url: str
    as_of: date | None = None
    language: str | None = None
    provider: str | None = None


def loads(text: str, where: str) -> Any:
    """The value of a JSON-LD block, forgiving what browsers forgive.

    Raises:
        Malformed: it is no JSON even then.
    """
    plain = _COMMENTS.sub("", text).strip().rstrip(";")
    for attempt in (plain, _TRAILING.sub("", re.sub(r"[\x00-\x1f]+", " ", plain))):
        try:
            return orjson.loads(attempt.encode("utf-8", "replace"))
        except orjson.JSONDecodeError:
            continue
    raise Malformed(f"{where}: expected JSON-LD, found what is no JSON: {plain[:80]!r}", text[:2000].encode())


def read(value: Any, place: Place) -> Iterator[AnyRecord]:
    """The works and courses in a block, also those inside graphs and lists."""
    for one in _things(value, 0):
        kinds = _types(one)
        if not WORKS.isdisjoint(kinds):
            found = _work(one, place)
            if found is not None:
                yield found
        elif not COURSES.isdisjoint(kinds):
            course = _course(one, place)
            if course is not None:
                yield course


def _things(value: Any, depth: int) -> Iterator[dict[str, Any]]:
    if depth > _DEEPEST:
        return
    for one in values.objects(value):
        if _types(one) & (WORKS | COURSES):
            yield one
            continue
        for name in ("@graph", "itemListElement", "item", "mainEntity", "hasPart", "about", "subjectOf", "author"):
            if name in one:
                yield from _things(one[name], depth + 1)


def _types(one: Mapping[str, Any]) -> set[str]:
    return {str(name).rpartition("/")[2].rpartition(":")[2] for name in values.listed(one.get("@type"))}


def _work(one: Mapping[str, Any], place: Place) -> Record | None:
    """One publication, at its whole address; nothing when it has neither title nor abstract nor identifier."""
    url = _address(one, place)
    try:
        found = jsonld.record({**one, "url": url} if url else dict(one))
    except ValueError:
        return None
    title = values.spoken(found.title, found.title_language or place.language)
    return msgspec.structs.replace(found, title_language=title, language=found.language or place.language)


def _named(told: Any) -> str | None:
    """A text, or the name of a thing."""
    for one in values.listed(told):
        shown = values.text(one.get("name") or one.get("url") or one.get("@id") if isinstance(one, dict) else one)
        if shown:
            return shown
    return None


def _first(told: Any, name: str) -> str | None:
    return next((shown for one in values.objects(told) if (shown := values.text(one.get(name)))), None)


def _language(one: Mapping[str, Any]) -> str | None:
    told = one.get("inLanguage")
    return values.language(_named(told) if not isinstance(told, str) else told)


def _address(one: Mapping[str, Any], place: Place) -> str | None:
    """Where a thing says it stands, made whole."""
    for raw in (one.get("url"), one.get("mainEntityOfPage"), one.get("@id")):
        shown = _named(raw)
        if shown and not shown.startswith(("#", "_:")):
            try:
                whole = urljoin(place.url, shown)
            except ValueError:
                continue
            if values.address(whole) and identifiers.from_url(whole) is None:
                return whole
    return None


# --- courses ------------------------------------------------------------------------------------------------------


def _course(one: Mapping[str, Any], place: Place) -> CourseRecord | None:
    """A course with its cohorts; a cohort alone is a course of one."""
    alone = "Course" not in _types(one)
    name = values.text(one.get("name")) or (_first(one.get("about"), "name") if alone else None)
    if not name:
        return None
    url = _address(one, place)
    language = values.spoken(name, _language(one) or place.language)
    instances = [one] if alone else values.objects(one.get("hasCourseInstance"))
    people = [*values.listed(one.get("instructor"))]
    for instance in instances:
        people += values.listed(instance.get("instructor"))
    return CourseRecord(
        source_key=courses.course_key(name, url, language),
        title=name,
        language=language,
        description=values.text(one.get("description")),
        code=values.text(one.get("courseCode")),
        provider=_named(one.get("provider") or one.get("organizer")) or place.provider,
        audience=_first(one.get("audience"), "audienceType") or _named(one.get("audience")),
        url=url,
        instructors=tuple(dict.fromkeys(name for person in people if (name := _named(person)))),
        offerings=tuple(
            offering for instance in instances for offering in _offerings(instance, one, place)
        ),
    )  # fmt: skip


def _offerings(one: Mapping[str, Any], course: Mapping[str, Any], place: Place) -> Iterable[Offering]:
    """The cohort an instance describes; prose where a date should stand is read as prose."""
    schedule = next(iter(values.objects(one.get("courseSchedule"))), {})
    start_text = values.text(one.get("startDate")) or values.text(schedule.get("startDate"))
    end_text = values.text(one.get("endDate")) or values.text(schedule.get("endDate"))
    start, end = partial_date(start_text), partial_date(end_text)
    if start_text and start is None:
        yield from courses.offerings(" - ".join(filter(None, (start_text, end_text))), place.as_of)
        return
    sessions = tuple(
        CourseSession(date=day, start_time=_clock(event.get("startDate")), end_time=_clock(event.get("endDate")),
                      location=_where(event.get("location")))
        for event in values.objects(one.get("subEvent"))
        if (day := partial_date(values.text(event.get("startDate")))) and len(day) == 10
    )  # fmt: skip
    if not sessions and start and len(start) == 10 and (end is None or end == start) and _clock(start_text):
        sessions = (CourseSession(date=start, start_time=_clock(start_text), end_time=_clock(end_text)),)
    offer = next(iter(values.objects(one.get("offers") or course.get("offers"))), {})
    availability = str(offer.get("availability") or "").rpartition("/")[2].lower()
    kind = "none" if start is None else "set" if sessions else "range" if end and end != start else "start"
    yield Offering(
        dates_text=" / ".join(filter(None, (start_text, end_text))) or None,
        date_kind=kind,  # type: ignore[arg-type]
        start_date=start,
        end_date=end,
        date_precision={4: "year", 7: "month", 10: "day"}[len(start)] if start else None,
        date_rule="schema.org",
        sessions=sessions,
        mode=_mode(one),
        language=_language(one),
        registration_status=_STATUS.get(availability),
        registration_url=values.address(offer.get("url")),
        registration_deadline=partial_date(values.text(offer.get("validThrough"))),
        price=values.text(str(offer["price"])) if offer.get("price") is not None else None,
        currency=values.text(offer.get("priceCurrency")),
        location=_where(one.get("location")),
    )


def _clock(told: Any) -> str | None:
    found = _CLOCK.search(values.text(told) or "")
    return found[1] if found and found[1] != "00:00" else None


def _mode(one: Mapping[str, Any]) -> str | None:
    said = [values.text(word) or "" for word in values.listed(one.get("courseMode"))]
    said.append(values.text(one.get("eventAttendanceMode")) or "")
    for text in said:
        word = text.rpartition("/")[2].lower().removesuffix("eventattendancemode")
        if word in _MODES:
            return _MODES[word]
    return "online" if any("VirtualLocation" in _types(one) for one in values.objects(one.get("location"))) else None


def _where(told: Any) -> str | None:
    for one in values.listed(told):
        if isinstance(one, dict):
            if "VirtualLocation" in _types(one):
                continue
            address = one.get("address")
            town = values.text(address.get("addressLocality")) if isinstance(address, dict) else values.text(address)
            shown = ", ".join(dict.fromkeys(filter(None, (values.text(one.get("name")), town))))
        else:
            shown = values.text(one) or ""
        if shown:
            return shown
    return None
