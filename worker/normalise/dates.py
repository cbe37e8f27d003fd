"""Dates as people write them in French and English prose, and publication dates of any precision.

The grammar finds the days that are written (sets, ranges, starts, deadlines, months, seasons) and invents
none. A missing year comes from the page's date, never from a clock, and is marked as inferred.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left
from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import lru_cache
from itertools import pairwise
from typing import Literal

DatesKind = Literal["set", "range", "start", "deadline", "coarse", "none"]

_FRENCH_MONTHS = (
    "janvier janv jan", "fevrier fevr fev", "mars", "avril avr", "mai", "juin", "juillet juil", "aout",
    "septembre sept", "octobre oct", "novembre nov", "decembre dec",
)  # fmt: skip
_ENGLISH_MONTHS = (
    "january jan", "february feb", "march mar", "april apr", "may", "june jun", "july jul", "august aug",
    "september sept sep", "october oct", "november nov", "december dec",
)  # fmt: skip
_DAYS_OF_WEEK = (
    "lundi lun monday mon", "mardi tuesday tue tues", "mercredi mer wednesday wed", "jeudi jeu thursday thu thurs",
    "vendredi ven friday fri", "samedi sam saturday sat", "dimanche dim sunday sun",
)  # fmt: skip
_SEASON_MONTHS = {
    "printemps": (3, 6), "spring": (3, 6), "ete": (6, 9), "summer": (6, 9), "automne": (9, 12),
    "fall": (9, 12), "autumn": (9, 12), "hiver": (1, 4), "winter": (1, 4),
}  # fmt: skip


def _words(*rows: str) -> Iterator[str]:
    for row in rows:
        yield from row.split()


def _lexicon(rows: tuple[str, ...]) -> dict[str, int]:
    return {word: number for number, row in enumerate(rows, 1) for word in row.split()}


_MONTHS = {"fr": _lexicon(_FRENCH_MONTHS), "en": _lexicon(_ENGLISH_MONTHS)}
_ALL_MONTHS = _MONTHS["fr"] | _MONTHS["en"]
_WEEKDAYS = {word: number - 1 for word, number in _lexicon(_DAYS_OF_WEEK).items()}


@dataclass(frozen=True, slots=True)
class Dates:
    """What a phrase says of time.

    ``dates`` are the days written, ISO, in the order written; ``start`` and ``end`` bound them and have the
    ``precision`` of the text: ``2026-04`` for a month, the first and last month for a season. A ``start``
    has no end, a ``deadline`` no start. ``confidence`` is in [0, 1]; ``rule`` names the pattern that
    matched. ``times`` are ``HH:MM`` of the first time or span of time written.
    """

    text: str
    kind: DatesKind = "none"
    dates: tuple[str, ...] = ()
    start: str | None = None
    end: str | None = None
    precision: str | None = None
    year_inferred: bool = False
    confidence: float = 0.0
    rule: str = "none"
    times: tuple[str | None, str | None] = (None, None)


@dataclass(frozen=True, slots=True)
class _Token:
    """One word of the phrase: its kind, its number where it has one, and where it stands."""

    kind: str
    word: str
    number: int
    start: int
    end: int


@dataclass(slots=True)
class _Day:
    """One day of an expression, filled as its neighbours are read."""

    day: int
    month: int = 0
    year: int = 0
    weekday: int = -1
    ranged: bool = False
    """It ends a range that the day before it opened."""
    alternative: bool = False


@dataclass(frozen=True, slots=True)
class _Found:
    """An expression and the span of folded text it was read from."""

    dates: Dates
    start: int
    end: int
    role: str = ""


_HOUR = (
    r"(?:(?P<h{n}>[01]?\d|2[0-3])\s?(?:h(?:eures?|rs?)?(?![a-z])\.?\s?(?P<m{n}>[0-5]\d)?(?!\d)|(?::(?P<c{n}>[0-5]\d))"
    r"\s?(?P<p{n}>[ap]\.?\s?m\b\.?)?|\s?(?P<q{n}>[ap]\.?\s?m\b\.?))|(?P<w{n}>midi|noon|minuit|midnight))"
)
_TIME = re.compile(
    r"(?<![\w.,:/])(?:(?P<lead>\b(?:a|at|@|des|de|from|entre|between)\s)?"
    r"(?:(?P<bare>[01]?\d|2[0-3])\s?(?:a|to|-|et|and)\s?(?=\d{1,2}\s?(?:h\b|h\d|[ap]\.?\s?m\b)))?"
    + _HOUR.replace("{n}", "1")
    + r"(?:\s?(?:a|to|-|au|until|till|et|and|jusqu'a)\s?"
    + _HOUR.replace("{n}", "2")
    + r")?)"
)
_TOKEN = re.compile(
    r"(?P<iso>(?<![\d/-])(?:19|20|21)\d\d([-/])(?:0[1-9]|1[0-2])\2(?:0[1-9]|[12]\d|3[01])(?!\d))"
    r"|(?P<numeric>(?<![\d/])\d{1,2}([/.])\d{1,2}\4(?:(?:19|20|21)\d\d)(?!\d))"
    r"|(?P<year>(?<![\d.,/])(?:19|20|21)\d\d(?![\d/]|[.,]\d))"
    r"|(?P<day>(?<![\d.,/:$#_])(?:0?[1-9]|[12]\d|3[01])(?P<ordinal>er|re|st|nd|rd|th)?(?![\w%°/]|[.,:]\d|\s?%))"
    r"|(?P<number>\d[\d.,]*\w*)"
    r"|(?P<word>[^\W\d_]+(?:'(?=[^\W\d_]))?\.?)"
    r"|(?P<stop>[.!?;:()\n|•·]+)"
    r"|(?P<mark>[-,&])"
    r"|(?P<other>\S)"
)
_AND = frozenset({"et", "and", "&", ",", "ainsi", "puis"})
_OR = frozenset({"ou", "or"})
_TO = frozenset({"au", "aux", "to", "through", "thru", "until", "till", "-", "a", "jusqu'"})
_FILLERS = frozenset({"le", "les", "the", "of", "de", "d'", "du", "on", "from", "la", "that", "que", "qu'"})
_AFTER_A_DAY = frozenset(
    _words(
        "at from in on a de d' en of for pour online via with avec inclusive inclusivement by to the et and dans",
        "au du le la ou or sur chez per par as is are will sera seront est sont",
    )
)
_START = re.compile(
    r"(?:\ba compter|\bdes|\ba partir|\bdebut\w*|\bcommenc\w*|\bstart\w*|\bbegin\w*|\bas of|\bfrom|\blanc\w+"
    r"|\blaunch\w*|\brentree|\bkicks? off|\bdemarr\w*|\bopens?\b|\bouvr\w+|\bouvert\w*)"
    r"(?:[^\w.!?;]+\w+){0,4}[^\w.!?;]*$"
)
_DEADLINE = re.compile(
    r"(?:\bjusqu'?|\bavant|\bd'ici|\buntil|\btill|\bby|\bbefore|\bdeadlines?|\bdates? limites?|\bau plus tard"
    r"|\bno later than|\bclot\w+|\bferm\w+|\bclos(?:es?|ing)|\bdue)(?:[^\w.!?;]+\w+){0,4}[^\w.!?;]*$"
)
_END = re.compile(
    r"(?:\btermin\w+|\bprend\w* fin|\bfinit\b|\bfinira\w*|\bends?\b|\bending|\bconclu\w+|\bacheve\w*|\bdate de fin"
    r"|\bfin)(?:[^\w.!?;]+\w+){0,3}[^\w.!?;]*$"
)
_FUTURE = re.compile(
    r"\b(?:prochain\w*|will|next|upcoming|coming|soon|inscri\w+|register\w*|registration|enrol\w*|apply|a venir"
    r"|bientot|reserv\w+|join us|\w{2,}(?:er|ir|dr|tr)(?:a|ont)|sera|seront|aura|auront|fera|feront|starting)\b"
)
_COARSE_BEFORE = frozenset({"en", "in", "mi", "debut", "fin", "early", "late", "mid", "courant", "this", "next", "ce",
                            "cet", "cette", "mois", "by", "during", "since", "depuis", "from", "until"})  # fmt: skip
_TERM = re.compile(
    r"(?:\b(?:session|trimestre|semestre|term|semester|cohorte|cohort)\s(?:d'|de\s|of\s)?(?:l')?|\bcet?\s|\bthis\s"
    r"|\bl'|\bnext\s)$"
)


def fold(text: str) -> str:
    """Lower case without accents, one kind of dash, blank and apostrophe: what the grammar reads."""
    text = unicodedata.normalize("NFKD", text.replace("’", "'").replace("ʼ", "'"))
    text = re.sub("[\u0300-\u036f]+", "", text)
    return re.sub(r"[‐‑‒–—―−]", "-", re.sub(r"[^\S\n]", " ", text)).lower()


def read_dates(text: str, page_date: date | None, language: str | None = None) -> Dates:
    """What a phrase or sentence says of time: its best date expression; kind ``none`` when it has none.

    ``page_date`` is the date the page speaks of: the only place a missing year comes from. ``language``
    (``fr`` or ``en``) restricts the names of months. A deadline is returned when nothing else is written.
    A guess of less than even confidence is not made: the text is kept, without a date.
    """
    found = find_dates(text, page_date, language)
    if not found:
        return Dates(text, times=_times(fold(text)))
    return max(found, key=_preference)


def _preference(found: Dates) -> tuple[bool, bool, bool]:
    """A day before a month, a course's dates before a deadline, something before nothing; else the first."""
    return (found.kind != "none", found.kind != "deadline", found.kind != "coarse")


def find_dates(text: str, page_date: date | None, language: str | None = None) -> tuple[Dates, ...]:
    """Every date expression of a text, in order, each with the text of the whole; see ``read_dates``.

    A start followed by the day something ends is one range.
    """
    folded = fold(text)
    times = _times(folded)
    masked = _TIME.sub(_mask, folded)
    months = _MONTHS.get(language or "", _ALL_MONTHS)
    future = bool(_FUTURE.search(masked))
    result: list[_Found] = []
    tokens = list(_tokens(masked, months))
    for found in _expressions(masked, tokens, page_date, future):
        previous = result[-1] if result else None
        if (
            found.role == "end"
            and previous is not None
            and previous.dates.kind in ("start", "set")
            and len(previous.dates.dates) == len(found.dates.dates) == 1
        ):
            result[-1] = _joined(previous, found)
        else:
            result.append(found)
    return tuple(replace(f.dates, text=text, times=times) for f in result)


def _expressions(text: str, tokens: list[_Token], page: date | None, future: bool) -> Iterator[_Found]:
    """Every expression; one without a year takes it from a dated neighbour in the same clause, if any."""
    found = list(_plain_expressions(text, tokens, page, future))
    starts = [token.start for token in tokens]
    for at, one in enumerate(found):
        if not (one.dates.year_inferred or one.dates.rule == "no-year"):
            yield one
            continue
        for other in found[at + 1 : at + 2] + found[max(0, at - 1) : at]:
            gap = text[min(one.end, other.end) : max(one.start, other.start)]
            near = other.dates.dates and not other.dates.year_inferred and not re.search(r"[.!?;\n]", gap)
            if near and len(gap) < 60:
                inside = tokens[bisect_left(starts, one.start) : bisect_left(starts, one.end)]
                reference = date.fromisoformat(other.dates.dates[0])
                again = next(_plain_expressions(text, inside, reference, False), one)
                one = replace(again, role=one.role)
                break
        yield one


def _mask(match: re.Match[str]) -> str:
    """Times are blanked, so that their numbers are nobody's days; what leads to them stays."""
    if match["lead"] is None and match["bare"] is None and match["w1"] is None and match["h2"] is None:
        return "\x01" * len(match[0])
    return "\x02" * len(match[0])


def _joined(start: _Found, end: _Found) -> _Found:
    """A start and an end told apart are one range, unless the end precedes the start."""
    a, b = start.dates, end.dates
    first, last = a.dates[0], b.dates[0]
    if last < first and b.year_inferred and not a.year_inferred:
        last = f"{int(last[:4]) + 1:04}{last[4:]}"
    if a.year_inferred and not b.year_inferred:
        first = f"{int(last[:4]) - (first[5:] > last[5:]):04}{first[4:]}"
    if last < first or partial_date(last) != last or partial_date(first) != first:
        return start
    both = a.year_inferred and b.year_inferred
    joined = replace(
        a, kind="range", dates=(first, last), start=first, end=last, year_inferred=both,
        confidence=min(a.confidence, b.confidence), rule="start-end",
    )  # fmt: skip
    return _Found(joined, start.start, end.end)


def _tokens(text: str, months: dict[str, int]) -> Iterator[_Token]:
    for match in _TOKEN.finditer(text):
        kind, word, number = match.lastgroup or "other", match[0], 0
        if match["ordinal"] is not None or match["day"] is not None:
            kind, number = "day", int(re.sub(r"\D", "", word))
        elif kind == "year":
            number = int(word)
        elif kind == "word":
            bare = word.rstrip(".")
            if bare in months:
                kind, number, word = "month", months[bare], bare
            elif bare in _WEEKDAYS:
                kind, number, word = "weekday", _WEEKDAYS[bare], bare
            elif bare in _SEASON_MONTHS:
                kind, word = "season", bare
            elif word != bare:
                yield _Token("word", bare, 0, match.start(), match.end() - 1)
                kind, word = "stop", "."
        yield _Token(kind, word, number, match.start(), match.end())


def _plain_expressions(text: str, tokens: list[_Token], page: date | None, future: bool) -> Iterator[_Found]:
    at = 0
    while at < len(tokens):
        token = tokens[at]
        if token.kind in ("iso", "numeric", "day", "month", "weekday"):
            found, after = _days(text, tokens, at, page, future)
            if found is None and token.kind == "month":
                found, after = _months(tokens, at, page, future)
            if found is not None:
                yield found
            at = after
            continue
        elif token.kind == "season":
            season = _season(text, tokens, at, page, future)
            if season is not None:
                yield season
        elif token.kind == "year" and at and tokens[at - 1].word in ("en", "in", "courant", "during"):
            whole = f"{token.number:04}"
            yield _Found(Dates("", "coarse", (), whole, whole, "year", False, 0.9, "year"), token.start, token.end)
        at += 1


def _days(text: str, tokens: list[_Token], at: int, page: date | None, future: bool) -> tuple[_Found | None, int]:
    """The longest run of days from here: ``28 et 30 avril 2026``, ``March 3-7``, ``du 28 avril au 2 mai``."""
    first, days = at, list[_Day]()
    pending: list[_Day] = []
    month = 0
    weekday = -1
    between = first > 0 and _between(tokens, first)
    joint: str | None = None
    after = at
    refused = False
    while at < len(tokens):
        token = tokens[at]
        if token.kind in ("iso", "numeric", "day"):
            if days and joint is None and not month:
                break
            if days and joint is None and not (token.kind == "day" and not days[-1].month):
                break
            day = _Day(token.number, weekday=weekday)
            if token.kind != "day":
                numbers = _numeric(token.word)
                if numbers is None:
                    refused = True
                    break
                day.year, day.month, day.day = numbers
            elif month and not _dangling(tokens, at):
                day.month = month
            elif month:
                break
            day.ranged, day.alternative = joint == "to", joint == "or"
            days.append(day)
            if not day.month:
                pending.append(day)
            weekday, joint, after = -1, None, at + 1
        elif token.kind == "month":
            if pending:
                if joint is not None:
                    break
                for day in pending:
                    day.month = token.number
                pending, month, after = [], 0, at + 1
            elif at + 1 < len(tokens) and _opens_day(tokens, at + 1):
                if days and joint is None:
                    break
                month = token.number
            else:
                break
        elif token.kind == "year":
            if not days or pending or joint not in (None, ","):
                break
            days[-1].year = days[-1].year or token.number
            joint, month, after = None, 0, at + 1
        elif token.kind == "weekday":
            weekday = token.number
        elif days and (token.word in _AND or token.word in _OR or token.word in _TO):
            if token.word in _OR:
                joint = "or"
            elif token.word in _TO:
                joint = "to"
            elif joint in (None, ","):
                joint = "," if token.word == "," else ("to" if between else "and")
        elif token.word in _FILLERS or (token.word == "," and weekday >= 0):
            if token.word in ("from", "du") and days and joint == "and":
                break
        elif token.kind == "other" and token.word in "\x02":
            pass
        else:
            break
        at += 1
    if refused and not days:
        nothing = Dates("", "none", confidence=0.2, rule="ambiguous-numeric")
        return _Found(nothing, tokens[first].start, tokens[at].end), at + 1
    while days and not days[-1].month:
        days.pop()
    days = [day for day in days if day.month]
    if not days:
        return None, max(at, first + 1)
    span = (tokens[first].start, tokens[after - 1].end)
    role = _role(text, span[0], len(days))
    return _Found(_resolve(days, role, page, future), *span, role), max(after, first + 1)


def _between(tokens: list[_Token], at: int) -> bool:
    words = [token.word for token in tokens[max(0, at - 2) : at]]
    return "entre" in words or "between" in words


def _opens_day(tokens: list[_Token], at: int) -> bool:
    """A day follows the month, perhaps after ``the``: ``April 28``, ``April the 28th``."""
    if tokens[at].word == "the" and at + 1 < len(tokens):
        at += 1
    return tokens[at].kind == "day"


def _dangling(tokens: list[_Token], at: int) -> bool:
    """A number counts something else when a noun follows it: ``April 28 and 30 participants``."""
    if at + 1 >= len(tokens):
        return False
    before, after = tokens[at - 1], tokens[at + 1]
    certain = before.kind == "month" and before.word not in ("may", "mar", "march", "mars")
    return after.kind == "word" and after.word not in _AFTER_A_DAY and not certain


def _numeric(word: str) -> tuple[int, int, int] | None:
    """Year, month, day of an all-digit date; None when day and month could be exchanged."""
    parts = [int(part) for part in re.split(r"[-/.]", word)]
    if parts[0] > 31:
        return parts[0], parts[1], parts[2]
    a, b, year = parts
    if a == b or (a > 12 and b <= 12):
        return year, b, a
    if b > 12 and a <= 12:
        return year, a, b
    return None


def _role(text: str, start: int, count: int) -> str:
    """What the words before an expression make of it: start, deadline, end, or a plain day."""
    before = text[max(0, start - 70) : start]
    marks = [(m.start(), role) for role, pattern in (("start", _START), ("deadline", _DEADLINE), ("end", _END))
             if (m := pattern.search(before))]  # fmt: skip
    if not marks:
        return ""
    role = max(marks)[1]
    return role if role != "start" or count == 1 else ""


def _resolve(days: list[_Day], role: str, page: date | None, future: bool) -> Dates:
    """Give every day its year, and the whole its kind."""
    ranged = any(day.ranged for day in days)
    written = any(day.year for day in days)
    inferred = False
    confidence = 0.95
    if written:
        _spread_years(days)
        if any(day.weekday >= 0 and not _on_weekday(day) for day in days):
            confidence = 0.5
    else:
        if page is None:
            return Dates("", confidence=0.2, rule="no-year")
        inferred = True
        confidence = _infer(days, page, future, ranged)
        if confidence < 0.5:
            return Dates("", confidence=confidence, rule="no-year-fits")
    iso: list[str] = []
    for day in days:
        text = _iso(day)
        if text is None:
            return Dates("", confidence=0.1, rule="impossible-day")
        if text not in iso:
            iso.append(text)
    if any(day.alternative for day in days):
        confidence = min(confidence, 0.6)
    dates = tuple(iso)
    if ranged and len(dates) >= 2:
        if len(days) > 2 and not all(day.ranged for day in days[1::2]):
            kind: DatesKind = "set"
        else:
            kind = "range"
        if kind == "range" and dates[0] > dates[-1]:
            return Dates("", confidence=0.1, rule="backward-range")
        return Dates("", kind, dates, min(dates), max(dates), "day", inferred, confidence, "range")
    if role == "deadline":
        return Dates("", "deadline", dates, None, max(dates), "day", inferred, confidence, "deadline")
    if role == "start":
        return Dates("", "start", dates, dates[0], None, "day", inferred, confidence, "start")
    rule = "set" if len(dates) > 1 else "day"
    return Dates("", "set", dates, min(dates), max(dates), "day", inferred, confidence, rule)


def _spread_years(days: list[_Day]) -> None:
    """A year written after a list belongs to its last day; the others step over New Year from there."""
    for left, right in zip(days[-2::-1], days[:0:-1], strict=True):
        if not left.year and right.year:
            left.year = right.year - (left.month > right.month)
    for left, right in pairwise(days):
        if not right.year:
            right.year = left.year + (right.month < left.month)


def _on_weekday(day: _Day) -> bool:
    try:
        return date(day.year, day.month, day.day).weekday() == day.weekday
    except ValueError:
        return False


def _iso(day: _Day) -> str | None:
    try:
        return date(day.year, day.month, day.day).isoformat()
    except ValueError:
        return None


def _infer(days: list[_Day], page: date, future: bool, ranged: bool) -> float:
    """Choose the year around the page's date; returns the confidence of the choice and fills the days.

    A weekday decides when it is written; else what is announced comes soon (two weeks of grace), and
    anything else is nearest to the page.
    """
    options: list[tuple[int, list[date]]] = []
    for year in (page.year - 1, page.year, page.year + 1):
        try:
            run, dates = year, list[date]()
            for at, day in enumerate(days):
                if at and day.month < days[at - 1].month:
                    run += 1
                dates.append(date(run, day.month, day.day))
        except ValueError:
            continue
        options.append((year, dates))
    named = any(day.weekday >= 0 for day in days)
    fitting = [
        option for option in options
        if all(day.weekday < 0 or d.weekday() == day.weekday for day, d in zip(days, option[1], strict=True))
    ]  # fmt: skip
    if named and not fitting:
        return 0.4
    soon = page - timedelta(days=14)
    ahead = [o for o in fitting if o[1][0] >= soon or (ranged and o[1][-1] >= page)]
    if not fitting:
        return 0.1
    if future and ahead:
        chosen, confidence = ahead[0], 0.8
    else:
        chosen, confidence = min(fitting, key=lambda o: _distance(o[1], page)), 0.7
    for day, found in zip(days, chosen[1], strict=True):
        day.year = found.year
    return confidence + (0.1 if named else 0.0)


def _distance(dates: list[date], page: date) -> tuple[int, bool]:
    """Days between the page and the span of dates; the future wins a tie."""
    if dates[0] <= page <= dates[-1]:
        return 0, False
    return min(abs((d - page).days) for d in dates), dates[-1] < page


def _months(tokens: list[_Token], at: int, page: date | None, future: bool) -> tuple[_Found | None, int]:
    """A month without a day: ``avril 2026``, ``mi-avril``, ``April to June 2026``."""
    first, last, year, after = tokens[at].number, tokens[at].number, 0, at + 1
    left_year = 0
    if after < len(tokens) and tokens[after].kind == "year":
        year = left_year = tokens[after].number
        after += 1
    follow = after
    while follow < len(tokens) and (tokens[follow].word in _TO or tokens[follow].word in ("et", "and", "&")):
        follow += 1
    if follow > after and follow < len(tokens) and tokens[follow].kind == "month":
        right = follow + 1
        if right < len(tokens) and tokens[right].kind == "year":
            last, year, after = tokens[follow].number, tokens[right].number, right + 1
        elif left_year or _hinted(tokens, at):
            last, after = tokens[follow].number, right
    if not year and not _hinted(tokens, at):
        return None, at + 1
    span = (tokens[at].start, tokens[after - 1].end)
    inferred = not year
    if inferred:
        if page is None:
            return _Found(Dates("", confidence=0.2, rule="no-year"), *span), after
        year = _coarse_year(last, page, future)
    start_year = left_year or year - (first > last and not inferred)
    end_year = year + (first > last and (inferred or (left_year > 0 and year == left_year)))
    return _Found(
        Dates("", "coarse", (), f"{start_year:04}-{first:02}", f"{end_year:04}-{last:02}", "month", inferred,
              0.7 if inferred else 0.9, "month"), *span,
    ), after  # fmt: skip


def _hinted(tokens: list[_Token], at: int) -> bool:
    """The word before makes it a month: ``en mai``, ``in May``, ``mi-mars``; never a bare ``may``."""
    before = at - 1
    while before >= 0 and tokens[before].word in ("-", "of", "de", "d'", "du", "the"):
        before -= 1
    return before >= 0 and tokens[before].word in _COARSE_BEFORE


def _coarse_year(month: int, page: date, future: bool) -> int:
    """The year of a month or season named without one: the next for what is to come, else the nearest."""
    if future:
        return page.year + (month < page.month)
    return min(
        (page.year, page.year + 1, page.year - 1),
        key=lambda y: abs((y - page.year) * 12 + month - page.month),
    )


def _season(text: str, tokens: list[_Token], at: int, page: date | None, future: bool) -> _Found | None:
    """A season or term: ``printemps 2026``, ``Fall 2026``, ``session d'automne``."""
    token = tokens[at]
    first, last = _SEASON_MONTHS[token.word]
    after = at + 1
    while after < len(tokens) and tokens[after].word in ("de", "of", "term", "semester", ","):
        after += 1
    if after < len(tokens) and tokens[after].kind == "year":
        year, end, inferred = tokens[after].number, tokens[after].end, False
    elif page is not None and _TERM.search(text[max(0, token.start - 40) : token.start]):
        year, end, inferred = _coarse_year(last, page, True), token.end, True
    else:
        return None
    found = Dates("", "coarse", (), f"{year:04}-{first:02}", f"{year:04}-{last:02}", "season", inferred,
                  0.6 if inferred else 0.9, "season")  # fmt: skip
    return _Found(found, token.start, end)


def _times(text: str) -> tuple[str | None, str | None]:
    """The first time or span of time written; a bare duration (``12 h de formation``) is none."""
    for match in _TIME.finditer(text):
        start, end = _clock(match, "1"), _clock(match, "2")
        lead = (match["lead"] or "").strip()
        if end is not None:
            return _sooner(start, end, match), end
        if match["bare"] is not None and start is not None:
            shift = 12 if start >= "12" and int(match["bare"]) < 12 and _has_pm(match) else 0
            bare = int(match["bare"]) + shift
            return (f"{bare:02}:00" if f"{bare:02}:00" < start else f"{int(match['bare']):02}:00"), start
        explicit = match["c1"] is not None or match["p1"] or match["q1"] or match["w1"] or match["m1"]
        if start is not None and (explicit or lead in ("a", "at", "@", "des") or _after_dash(text, match.start())):
            return start, None
    return None, None


def _after_dash(text: str, at: int) -> bool:
    """``27 mai 2024 - 14h``: a time set off by a dash, comma or bar after a date."""
    return bool(re.search(r"\d\s*[-,|]\s*$", text[max(0, at - 8) : at]))


def _has_pm(match: re.Match[str]) -> bool:
    return "p" in ((match["p1"] or "") + (match["q1"] or ""))


def _sooner(start: str | None, end: str, match: re.Match[str]) -> str | None:
    """``1:30 to 3:30 p.m.``: the afternoon covers both when that keeps the order."""
    suffix = (match["p2"] or "") + (match["q2"] or "")
    if start is not None and "p" in suffix and not (match["p1"] or match["q1"]):
        later = f"{int(start[:2]) + 12:02}{start[2:]}"
        if start < "12" and later < end:
            return later
    return start


def _clock(match: re.Match[str], n: str) -> str | None:
    word = match[f"w{n}"]
    if word is not None:
        return "12:00" if word in ("midi", "noon") else "00:00"
    if match[f"h{n}"] is None:
        return None
    hour = int(match[f"h{n}"])
    minute = match[f"m{n}"] or match[f"c{n}"] or "00"
    suffix = (match[f"p{n}"] or "") + (match[f"q{n}"] or "")
    if "p" in suffix and hour < 12:
        hour += 12
    elif suffix.startswith("a") and hour == 12:
        hour = 0
    return f"{hour:02}:{minute}"


_PARTIAL = re.compile(r"\s*(\d{4})(?:\s*[-/.]\s*(\d{1,2})(?:\s*[-/.]\s*(\d{1,2}))?)?(?!\d)(.*)", re.DOTALL)
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})")


def partial_date(value: object) -> str | None:
    """A publication date as ``YYYY``, ``YYYY-MM`` or ``YYYY-MM-DD``: as precise as it is true, or None.

    Reads ISO dates and times, ``YYYY/MM/DD``, ``12 March 2024``, ``mars 2024``, ``Spring 2024``, date parts
    such as ``[2024, 3]`` and numbers; of ``15-18 July 2024`` the first day. An impossible day or month falls back to
    the coarser precision; a year outside 1500 to 2100 is refused.
    """
    if value is None or isinstance(value, bool):
        return None
    if isinstance(value, datetime):
        return _checked(value.year, value.month, value.day)
    if isinstance(value, date):
        return _checked(value.year, value.month, value.day)
    if isinstance(value, float):
        value = int(value) if value == value and abs(value) < 1e6 else ""
    if isinstance(value, int):
        return _checked(value, 0, 0)
    if isinstance(value, list | tuple):
        return _parts(list(value))
    return _told(value.strip()[:200]) if isinstance(value, str) else None


@lru_cache(maxsize=1 << 14)
def _told(text: str) -> str | None:
    """Days come again and again."""
    if compact := _COMPACT.fullmatch(text):
        return _checked(int(compact[1]), int(compact[2]), int(compact[3]))
    if match := _PARTIAL.match(text):
        rest = match[4].strip()
        if match[2] or not rest or not re.match(r"[-/]?\s*[^\W\d]", rest):
            return _checked(int(match[1]), int(match[2] or 0), int(match[3] or 0))
    return _worded(text)


def _parts(parts: list[object]) -> str | None:
    if len(parts) == 1 and isinstance(parts[0], list | tuple):
        return _parts(list(parts[0]))
    numbers: list[int] = []
    for part in parts[:3]:
        if isinstance(part, bool) or not isinstance(part, int | str) or not re.fullmatch(r"\s*\d{1,4}\s*", str(part)):
            break
        numbers.append(int(part))
    numbers += [0] * (3 - len(numbers))
    return _checked(*numbers)


def _checked(year: int, month: int, day: int) -> str | None:
    if not 1500 <= year <= 2100:
        return None
    if not 1 <= month <= 12:
        return f"{year:04}"
    if not 1 <= day <= 28 and not 1 <= day <= monthrange(year, month)[1]:
        return f"{year:04}-{month:02}"
    return f"{year:04}-{month:02}-{day:02}"


_FIRST_OF = r"(?<!\d)(\d{1,2})(?:st|nd|rd|th|er)? ?(?:-|to|au|and|et|&) ?\d{1,2}\S{0,2} (?:de |of )?"
"""The first of several days before their month."""


def _worded(text: str) -> str | None:
    folded = fold(text)
    years = re.findall(r"(?<!\d)(1[5-9]\d\d|20\d\d|2100)(?!\d)", folded)
    if not years:
        return None
    year = int(years[0])
    if match := re.search(r"(?<!\d)\d{1,2}([/.])\d{1,2}\1\d{4}(?!\d)", folded):
        numbers = _numeric(match[0])
        return _checked(*numbers) if numbers else f"{year:04}"
    words = [w for w in re.findall(r"[a-z]+|\d+", folded) if w not in ("st", "nd", "rd", "th", "er", "of", "the", "de")]
    month = next((at for at, word in enumerate(words) if word in _ALL_MONTHS), None)
    if month is None:
        return f"{year:04}"
    day = 0
    ranged = re.search(_FIRST_OF + words[month], folded)
    if ranged is not None:
        return _checked(year, _ALL_MONTHS[words[month]], int(ranged[1]))
    for at in (month - 1, month + 1):
        if 0 <= at < len(words) and re.fullmatch(r"\d{1,2}", words[at]):
            day = int(words[at])
            break
    return _checked(year, _ALL_MONTHS[words[month]], day)
