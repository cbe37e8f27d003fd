"""Courses: which records announce one course, and one course with its cohorts from all of them.

A course page changes with every cohort, so what it said before is given as further claims of the same record (an
earlier ``as_of``): their cohorts stay. Which records and cohorts belong together depends on the set of claims
alone, never on their order.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import msgspec

from worker.merge.fixed import Fixed
from worker.normalise.languages import language_of
from worker.normalise.titles import title_key
from worker.record import CourseRecord, Offering

RULES = {
    "only": "No other record fills the field.",
    "agreed": "Every record that fills the field says the same.",
    "trust": "The more trusted source.",
    "newest": "The same source's newer word.",
    "tie": "Equally good: decided by source name and content hash, so that it never changes.",
    "united": "Everything the records say, each thing once.",
    "person": "Set by a person.",
}
"""Rule name -> the sentence a curator reads."""

FIELDS = (
    "title_fr", "title_en", "description_fr", "description_en", "provider", "code", "audience", "url_fr", "url_en",
    "instructors", "offerings",
)  # fmt: skip

_LANGUAGE_PART = re.compile(r"(?:fr|en)(?:[-_][a-z]{2})?")
_PAGE = re.compile(r"(?:index|default)?(?:\.(?:html?|php|aspx?))?")


@dataclass(frozen=True, slots=True)
class CourseClaim:
    """What one source says of one course at one time. ``trust``: smaller is believed first; ``as_of``: ISO day."""

    record_id: int
    source: str
    trust: int
    as_of: str
    content_hash: bytes
    record: CourseRecord


class MergedCourse(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """One course. ``identity`` is its smallest ``source:source_key``.

    ``offering_records``: for each offering the record whose dates these are. ``provenance``: field ->
    (record number, rule), for every filled field.
    """

    identity: str
    title_fr: str | None = None
    title_en: str | None = None
    description_fr: str | None = None
    description_en: str | None = None
    provider: str | None = None
    code: str | None = None
    audience: str | None = None
    url_fr: str | None = None
    url_en: str | None = None
    instructors: tuple[str, ...] = ()
    offerings: tuple[Offering, ...] = ()
    offering_records: tuple[int, ...] = ()
    provenance: dict[str, tuple[int, str]] = {}


# What a person fixed


SETTABLE = tuple(field for field in FIELDS if field != "offerings")
"""Fields a person may fix; the cohorts are what the records say."""


def fixed_value(field: str, value: Any) -> Any:
    """A value as a course holds it.

    Raises:
        ValueError: no such field, or it cannot hold the value.
    """
    if field not in SETTABLE:
        raise ValueError(f"{field!r} is no field that can be fixed; fields are {', '.join(SETTABLE)}")
    try:
        return msgspec.convert(value, {f.name: f.type for f in msgspec.structs.fields(MergedCourse)}[field])
    except msgspec.ValidationError as error:
        raise ValueError(f"{field} cannot be {value!r}: {error}") from error


def fix_course(course: MergedCourse, fixed: Mapping[str, Fixed]) -> MergedCourse:
    """The course with what a person fixed."""
    if not fixed:
        return course
    values = {field: fixed_value(field, value) for field, (value, _) in fixed.items()}
    won = {field: (-decision_id, "person") for field, (_, decision_id) in fixed.items()}
    return msgspec.structs.replace(course, **values, provenance={**course.provenance, **won})


# Which records are one course


def course_identities(claims: Sequence[CourseClaim]) -> list[list[int]]:
    """Positions of claims, grouped by course; groups and their members in a natural order.

    One course are: one record at several times; one source key; one address or last part of an address without
    its language prefix; one code of one provider; one folded title, unless codes or providers differ. An
    address that several courses of one listing share says nothing.
    """
    leader = list(range(len(claims)))

    def find(i: int) -> int:
        while leader[i] != i:
            i = leader[i]
        return i

    def unite(members: Sequence[int]) -> None:
        for i in members[1:]:
            a, b = find(members[0]), find(i)
            leader[max(a, b)] = min(a, b)

    keys: dict[Hashable, list[int]] = defaultdict(list)
    for i, claim in enumerate(claims):
        record = claim.record
        keys["record", claim.source, record.source_key].append(i)
        if sum(character.isalpha() for character in record.source_key) >= 3:
            keys["key", record.source_key].append(i)
        if record.code and (code := title_key(record.code).replace(" ", "")):
            keys["code", code, _provider(claim)].append(i)
    for members in list(keys.values()):
        unite(members)
    addresses: dict[Hashable, list[int]] = defaultdict(list)
    for i, claim in enumerate(claims):
        for key in _addresses(claim.record.url):
            addresses[key].append(i)
    for members in addresses.values():
        if not _crowded(claims, members):
            unite(members)
    titles: dict[str, list[int]] = defaultdict(list)
    for i, claim in enumerate(claims):
        titles[title_key(claim.record.title)].append(i)
    for title, members in titles.items():
        if not title:
            continue
        if _contradict(claims, members):
            together: dict[tuple[str, str], list[int]] = defaultdict(list)
            for i in members:
                together[_code(claims[i]), title_key(claims[i].record.provider or "")].append(i)
            for told, some in together.items():
                if any(told):
                    unite(some)
        else:
            unite(members)
    groups: dict[int, list[int]] = defaultdict(list)
    for i in range(len(claims)):
        groups[find(i)].append(i)
    ordered = [sorted(members, key=lambda i: _natural(claims[i])) for members in groups.values()]
    return sorted(ordered, key=lambda members: _natural(claims[members[0]]))


def _natural(claim: CourseClaim) -> tuple[str, str, str, bytes]:
    return claim.source, claim.record.source_key, claim.as_of, claim.content_hash


def _provider(claim: CourseClaim) -> str:
    """Who gives the course, folded; without one the host of its page, else the source."""
    if claim.record.provider:
        return title_key(claim.record.provider)
    return (_host(claim.record.url) if claim.record.url else "") or claim.source


def _code(claim: CourseClaim) -> str:
    return title_key(claim.record.code or "").replace(" ", "")


def _host(url: str) -> str:
    try:
        return (urlsplit(url).hostname or "").removeprefix("www.")
    except ValueError:
        return ""


def _addresses(url: str | None) -> list[Hashable]:
    """An address without scheme, language and ending, and the last part of it: nothing for a home page."""
    if not url or not (host := _host(url)):
        return []
    parts = [part for part in urlsplit(url).path.lower().split("/") if part and not _LANGUAGE_PART.fullmatch(part)]
    if parts and _PAGE.fullmatch(parts[-1]):
        parts.pop()
    if not parts:
        return []
    slug = parts[-1].partition(".")[0]
    found: list[Hashable] = [("address", host, *parts)]
    if sum(character.isalpha() for character in slug) >= 5:
        found.append(("slug", host, slug))
    return found


def _crowded(claims: Sequence[CourseClaim], members: Sequence[int]) -> bool:
    """Whether an address stands on several courses that one source tells apart in one language."""
    seen: dict[Hashable, str] = {}
    for i in members:
        claim = claims[i]
        key = seen.setdefault((claim.source, _language(claim.record)), claim.record.source_key)
        if key != claim.record.source_key:
            return True
    return False


def _contradict(claims: Sequence[CourseClaim], members: Sequence[int]) -> bool:
    """Whether records of one title have different codes or providers."""
    codes = {_code(claims[i]) for i in members} - {""}
    providers = {title_key(claims[i].record.provider or "") for i in members} - {""}
    return len(codes) > 1 or len(providers) > 1


def _language(record: CourseRecord) -> str:
    """``fr`` or ``en``: as told, as the address says, as the words tell; English in doubt."""
    if record.language in ("fr", "en"):
        return record.language
    parts = urlsplit(record.url).path.lower().split("/") if record.url and _host(record.url) else []
    for part in parts:
        if _LANGUAGE_PART.fullmatch(part):
            return part[:2]
    told = language_of(f"{record.title}. {record.description or ''}")
    return "fr" if told == "fr" else "en"


# One course


def merge_courses(claims: Sequence[CourseClaim]) -> MergedCourse:
    """One course from its claims, whatever order they come in; a claim given twice counts once.

    Raises:
        ValueError: no claim.
    """
    ranked = _ranked(claims)
    languages = [_language(c.record) for c in ranked]
    won: dict[str, tuple[int, str]] = {}
    out: dict[str, Any] = {}

    def keep(field: str, values: Sequence[str | None]) -> None:
        filled = [i for i, value in enumerate(values) if value]
        if filled:
            winner = filled[0]
            out[field] = values[winner]
            rival = next((i for i in filled if values[i] != values[winner]), None)
            if rival is None:
                rule = "only" if len({ranked[i].record_id for i in filled}) == 1 else "agreed"
            else:
                rule = _why(ranked[winner], ranked[rival])
            won[field] = (ranked[winner].record_id, rule)

    for field in ("title", "description", "url"):
        for language in ("fr", "en"):
            keep(
                f"{field}_{language}",
                [
                    getattr(c.record, field) if spoken == language else None
                    for c, spoken in zip(ranked, languages, strict=True)
                ],
            )
    for field in ("provider", "code", "audience"):
        keep(field, [getattr(c.record, field) for c in ranked])
    instructors: dict[str, str] = {}
    for claim in ranked:
        for name in claim.record.instructors:
            instructors.setdefault(title_key(name) or name, name)
    offerings = _offerings(ranked)
    for field, holders in (
        ("instructors", [c for c in ranked if c.record.instructors]),
        ("offerings", [c for c in ranked if c.record.offerings]),
    ):
        if holders:
            won[field] = (holders[0].record_id, "only" if len(holders) == 1 else "united")
    return MergedCourse(
        identity=min(f"{c.source}:{c.record.source_key}" for c in ranked),
        **out,
        instructors=tuple(instructors.values()),
        offerings=tuple([offering for offering, _ in offerings]),
        offering_records=tuple([number for _, number in offerings]),
        provenance=won,
    )


def _ranked(claims: Iterable[CourseClaim]) -> list[CourseClaim]:
    """By trust and source name; of one source the newest first; then by hash. Each claim once."""
    distinct = {_natural(claim): claim for claim in sorted(claims, key=lambda c: (c.trust, c.record_id), reverse=True)}
    if not distinct:
        raise ValueError("a course needs at least one record")
    ranked = sorted(distinct.values(), key=lambda c: (c.content_hash, c.record.source_key))
    ranked.sort(key=_dates, reverse=True)
    ranked.sort(key=lambda c: (c.trust, c.source))
    return ranked


def _dates(claim: CourseClaim) -> tuple[str, str]:
    return claim.record.updated_at or "", claim.as_of


def _why(winner: CourseClaim, loser: CourseClaim) -> str:
    if winner.trust != loser.trust:
        return "trust"
    return "newest" if winner.source == loser.source and _dates(winner) != _dates(loser) else "tie"


# Cohorts


@dataclass(slots=True)
class _Cohort:
    """Offerings held to be one cohort: (rank of the claim, offering), the one whose dates count first."""

    told: list[tuple[int, Offering]]


def _offerings(ranked: Sequence[CourseClaim]) -> list[tuple[Offering, int]]:
    """Every cohort once, in the order of its days, with the record whose dates these are.

    Written years come before inferred ones; of two inferred years the one inferred first counts, as a page left
    standing does not move its cohort to the next year. Days come before a bare start.
    """
    told = [
        (rank, offering)
        for rank, claim in enumerate(ranked)
        for offering in dict.fromkeys(claim.record.offerings)
    ]  # fmt: skip
    told.sort(key=lambda one: _precedence(one, ranked))
    cohorts: list[_Cohort] = []
    for rank, offering in told:
        near = [cohort for cohort in cohorts if _same_cohort(cohort, rank, offering)]
        if near:
            min(near, key=lambda cohort: _years_apart(cohort.told[0][1], offering)).told.append((rank, offering))
        else:
            cohorts.append(_Cohort([(rank, offering)]))
    merged = [(_one_offering(cohort, ranked), ranked[cohort.told[0][0]].record_id) for cohort in cohorts]
    return sorted(merged, key=lambda one: _offering_order(one[0]))


_KINDS = {"set": 0, "range": 0, "start": 1, "coarse": 2, "deadline": 3, "none": 4}


def _precedence(one: tuple[int, Offering], ranked: Sequence[CourseClaim]) -> tuple[Any, ...]:
    rank, o = one
    inferred = ranked[rank].as_of if o.year_inferred else ""
    return o.year_inferred, inferred, _KINDS[o.date_kind], o.mode is None, rank, _offering_order(o)


def _offering_order(o: Offering) -> tuple[str, bytes]:
    return o.start_date or o.end_date or "9999", msgspec.json.encode(o)


def _days(o: Offering) -> tuple[str, ...]:
    """The days an offering is known by: those written, or its bounds."""
    if o.sessions:
        return tuple(dict.fromkeys(session.date for session in o.sessions))
    return tuple(day for day in (o.start_date, o.end_date) if day)


def _same_cohort(cohort: _Cohort, rank: int, offering: Offering) -> bool:
    """Whether an offering is the cohort's: same days and mode, and not told apart from it by its own record."""
    head = cohort.told[0][1]
    if any(rank == other and offering.label and o.label and o.label != offering.label for other, o in cohort.told):
        return False
    modes = {o.mode for _, o in cohort.told} | {offering.mode}
    if len(modes - {None}) > 1:
        return False
    kinds = {head.date_kind, offering.date_kind}
    ours, theirs = _days(head), _days(offering)
    if not ours or not theirs:
        return ours == theirs and _words(head) == _words(offering)
    if len(kinds) > 1 and (kinds - {"set", "range", "start"}):
        return False
    if "start" in kinds:
        ours, theirs = ours[:1], theirs[:1]
    if not head.year_inferred and not offering.year_inferred:
        return ours == theirs
    if [day[4:] for day in ours] != [day[4:] for day in theirs]:
        return False
    apart = _years_apart(head, offering)
    if head.year_inferred and offering.year_inferred:
        return apart == 0 or _words(head) == _words(offering)
    return apart <= 1


def _years_apart(a: Offering, b: Offering) -> int:
    ours, theirs = _days(a), _days(b)
    return abs(int(ours[0][:4]) - int(theirs[0][:4])) if ours and theirs else 0


def _words(o: Offering) -> str:
    return title_key(o.dates_text or "") or (o.label or "")


_OF_DATES = ("dates_text", "date_kind", "end_date", "date_precision", "date_rule", "sessions")
_LENT = (
    "mode", "language", "label", "registration_url", "registration_deadline", "price", "currency", "location",
    "dates_text",
)  # fmt: skip


def _one_offering(cohort: _Cohort, ranked: Sequence[CourseClaim]) -> Offering:
    """The first one's dates with what the others know besides; the registration is as it was said last."""
    head = cohort.told[0][1]
    others = sorted(cohort.told[1:], key=lambda one: (one[0], _offering_order(one[1])))
    values: dict[str, Any] = {}
    if head.date_kind == "start":
        fuller = [o for _, o in others if o.date_kind in ("set", "range") and o.start_date == head.start_date]
        if fuller:
            values = {field: getattr(fuller[0], field) for field in _OF_DATES}
            head = msgspec.structs.replace(head, **values)
    for field in _LENT:
        if getattr(head, field) is None:
            values[field] = next((v for _, o in others if (v := getattr(o, field)) is not None), None)
    days = [session.date for session in head.sessions]
    if days and not any(session.start_time for session in head.sessions):
        for _, other in others:
            if [s.date for s in other.sessions] == days and any(s.start_time for s in other.sessions):
                values["sessions"] = other.sessions
                break
    states = [(ranked[rank].as_of, -rank, o.registration_status) for rank, o in cohort.told if o.registration_status]
    values["registration_status"] = max(states)[2] if states else None
    values["date_confidence"] = max(o.date_confidence for _, o in cohort.told if o.year_inferred == head.year_inferred)
    return msgspec.structs.replace(head, **values)
