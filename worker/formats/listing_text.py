"""A plain text capture of an institute's page: publications and course announcements out of its lines.

A capture loses titles, authors and abstracts at random, so nothing follows from the order of lines alone: a
title and the abstract after it are one work only when their words agree (``formats.agreement``); else they
are two records. Banners, menus and news are neither.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import pairwise

from worker.errors import Malformed
from worker.formats import courses
from worker.formats.agreement import AGREE, Abstract, Page, cohesion, stems
from worker.formats.citations import author_names, citation, is_title_word, is_venue, name_likeness, venue_name, year_in
from worker.formats.entries import (
    MARKER,
    Entry,
    has_marker,
    is_control,
    is_noise,
    is_other_heading,
    is_publications_heading,
    unfolded,
)
from worker.normalise import texts
from worker.normalise.dates import partial_date
from worker.record import AnyRecord, CourseRecord, Link, Record, TextState

_BULLET = re.compile(r"^\s*(?:[•◦▪●‣·*–—-]\s+|\[\d{1,3}\]\s+|\d{1,3}[.)]\s+(?=[^\W\d_\"“«*]))")
_MARKDOWN_LINK = re.compile(r"!?\\?\[?\[([^\[\]]{0,300})\]\(([^()\s]{1,500})\)\\?\]?")
_MARKDOWN = re.compile(r"\*\*|__|^#{1,6}\s+|\\(?=[\[\]])|^\{:.*\}$|^-{3,}$|^\|?[-:| ]+\|?$")
_URL = re.compile(
    r"(?i)\b(?:https?://|doi\.org/|dx\.doi\.org/|www\.)[^\s<>\"]+|\bdoi:\s*10\.\d{4,9}/\S+"
    r"|\barxiv:\s*\d{4}\.\d{4,5}\b"
)
_LABEL = re.compile(
    r"(?i)^(?:(?P<title>titre|title)|(?P<names>auteurs?|authors?|auteur\(s\)|author\(s\)|auteur·?rice·?s)"
    r"|(?P<abstract>r[ée]sum[ée]|abstract|summary|sommaire)|(?P<venue>revue|venue|journal|conf[ée]rence|conference"
    r"|published in|publi[ée] dans)"
    r"|(?P<date>date|ann[ée]e|year|published|publi[ée] le))\s*:\s*(?P<rest>.*)$"
)
_BARE_LABEL = re.compile(r"(?i)^(?:r[ée]sum[ée]|abstract|summary|auteurs?|authors?|titre|title)\s*:?$")
_DATE_LINE = re.compile(
    r"(?i)^(?:(?:published|publi[ée]e?|posted|updated|mis en ligne)\s*(?:on|le"
    r"|:)?\s*)?(?:\d{4}(?:[-/.]\d{1,2}){0,2}|\d{1,2}(?:er|st|nd|rd|th)?\s+[^\W\d_]{3,9}\.?,?\s+\d{4}"
    r"|[^\W\d_]{3,9}\.?\s+(?:\d{1,2}(?:st|nd|rd|th)?,?\s+)?\d{4})\.?$"
)
_SENTENCES = re.compile(r"[.!?…]['\"”»)]?\s+[\"“«(]?[A-ZÀ-Ý]")
_OPENING = re.compile(
    r"(?i)^(?:we|in this (?:paper|work|study|article|thesis)|this (?:paper|work|study|article|thesis)|nous"
    r"|cet article|cette (?:[ée]tude|th[èe]se)|dans cet"
    r"|background|objectives?|abstract|purpose|introduction|contexte|objectifs?)\b"
)
_CONTINUES = re.compile(
    r"(?i)^(?:results?|methods?|conclusions?|findings|discussion|significance|moreover|furthermore|finally"
    r"|additionally|overall|in addition|in particular|"
    r"specifically|however|our (?:results|experiments|findings|code|analysis|approach|method)|experiments|code\b"
    r"|(?:the )?(?:source )?code|keywords|also|thus|these results|"
    r"de plus|enfin|en outre|par ailleurs|cependant|toutefois|nos r[ée]sultats|les r[ée]sultats|finalement"
    r"|r[ée]sultats|m[ée]thodes?|we (?:also|further|then|finally)|"
    r"to (?:this end|address this|overcome)|it\b|they\b|such\b|on (?:the|a|an|both|several|standard)\b)"
)
_VERBS = re.compile(
    r"\b(?:is|are|was|were|has|have|requires?|often|can|cannot|we|that|which|yet|however|remains?|allows?|enables?"
    r"|provides?|est|sont|ont|peut|peuvent|qui|nous|mais)\b"
)
_LONGEST = 20_000
"""Characters; no abstract is longer, and joining stops there."""
_FINAL = re.compile(r"[.!?:;…)\]»”\"]$")


@dataclass(slots=True)
class Line:
    """A line of the capture and what it turned out to be.

    ``kind`` is one of title, names, perhaps (a name, or a title that looks like one), prose, meta, citation,
    publications (heading), heading, noise, control.
    """

    text: str
    gap: bool
    kind: str = ""
    names: tuple[str, ...] = ()
    state: TextState = "whole"
    links: list[Link] = field(default_factory=list)
    label: str = ""
    broken: bool = False
    """A margin broke it, and it was put together again."""


@dataclass(slots=True)
class _Group:
    """Lines that belong together until words tell otherwise: a title with names, an abstract, or both."""

    title: Line | None = None
    names: list[Line] = field(default_factory=list)
    meta: list[Line] = field(default_factory=list)
    abstract: str | None = None
    state: TextState = "unknown"
    listed: bool = False
    """It stands among publications, so that a bare title counts."""


def read(
    text: str, where: str, as_of: date | None, language: str | None = None, provider: str | None = None
) -> list[AnyRecord]:
    """The records and courses of a capture, in its order.

    ``as_of`` is the date the capture speaks of (years left out come from it); ``language`` and ``provider``
    are the page's, when they are known.

    Raises:
        Malformed: no publication and no course stands on the page.
    """
    found = read_lines(list(_lines(text)), as_of, language, provider)
    if not found:
        start = " ".join(text[:400].split())[:60]
        raise Malformed(f"{where}: expected an institute's page, found no publication or course on it: {start!r}")
    return found


def read_lines(
    lines: list[Line], as_of: date | None, language: str | None = None, provider: str | None = None
) -> list[AnyRecord]:
    """``read`` for a page that is in lines already; nothing when it holds nothing."""
    lines = _classified(lines)
    result: list[AnyRecord] = []
    run: list[Line] = []
    under = False
    before_title: bool | None = None
    groups: list[_Group | AnyRecord] = []
    at = 0

    def close() -> None:
        groups.extend(_groups(run, under, bool(before_title)))
        run.clear()

    while at < len(lines):
        line = lines[at]
        if line.kind == "prose" and line.label == "course":
            after, announced = _announcement(lines, at, run, as_of, language, provider)
            if announced is not None:
                close()
                groups.append(announced)
                under, at = False, after
                continue
        if line.kind == "prose" and not is_abstract(line.text, under, at == len(lines) - 1):
            if run and run[-1] is lines[at - 1] and run[-1].kind == "prose" and not line.gap and not _news(line.text):
                line.label = "more"
                run.append(line)
                at += 1
                continue
            if run and run[-1] is lines[at - 1] and run[-1].kind == "title":
                run.pop()
            close()
            under = under and not _news(line.text)
            at += 1
            continue
        if line.kind in ("publications", "heading"):
            close()
            under = line.kind == "publications"
        elif line.kind in ("noise", "control"):
            if line.kind == "noise":
                close()
        else:
            if line.kind == "meta" and before_title is None and under:
                before_title = not any(one.kind in ("title", "prose") for one in run)
            run.append(line)
        at += 1
    close()
    abstracts = {id(g): Abstract(g.abstract) for g in groups if isinstance(g, _Group) and g.abstract}
    page = Page(abstracts.values())
    for group in _mended(groups, abstracts, page):
        if isinstance(group, _Group):
            result += _records(group, abstracts.get(id(group)), page, language)
        else:
            result.append(group)
    return distinct(result)


def distinct(found: Sequence[AnyRecord]) -> list[AnyRecord]:
    """Every key once; of two with one key the fuller."""
    best: dict[str, AnyRecord] = {}
    for one in found:
        other = best.get(one.source_key)
        if other is None or _fulness(one) > _fulness(other):
            best[one.source_key] = one
    return list(best.values())


def _fulness(one: AnyRecord) -> tuple[int, int]:
    if isinstance(one, Record):
        return len(one.authors) + len(one.identifiers), len(one.abstract or "")
    if isinstance(one, CourseRecord):
        return len(one.offerings), len(one.description or "")
    return 0, 0


def _lines(text: str) -> Iterator[Line]:
    """The lines of a text without their margins, wrapped prose made whole, Markdown signs removed."""
    found = list(_stripped(text))
    broken = sum(1 for above, below in pairwise(found) if _wraps(above, below, True))
    narrow = sum(1 for line in found if 45 <= len(line.text) <= 120)
    wrapped = broken >= 4 and broken * 4 >= narrow
    pending: Line | None = None
    for line in found:
        if pending is not None and _wraps(pending, line, wrapped):
            pending.text, pending.broken = f"{pending.text} {line.text}", True
            pending.links += line.links
            continue
        if pending is not None:
            yield pending
        pending = line
    if pending is not None:
        yield pending


def _stripped(text: str) -> Iterator[Line]:
    gap = False
    for raw in re.split(r"\r\n|[\n\r\x0b\x0c]", text):
        stripped = " ".join(raw.replace("\ufeff", "").split())
        if not stripped:
            gap = True
            continue
        links: list[Link] = []
        if "](" in stripped:
            links = [Link(found[2]) for found in _MARKDOWN_LINK.finditer(stripped) if found[2].startswith("http")]
            stripped = _MARKDOWN_LINK.sub(r"\1", stripped)
        if stripped.startswith(("*", "#", "|", "{", "_", "\\", "-")) or "**" in stripped or "\\[" in stripped:
            gap = gap or stripped.startswith("#")
            stripped = " ".join(_MARKDOWN.sub("", stripped).split())
        stripped = _BULLET.sub("", stripped).strip()
        if stripped or links:
            yield Line(stripped, gap, links=links)
            gap = False


def _wraps(above: Line, below: Line, wrapped: bool) -> bool:
    """The line below goes on where a margin broke the line above; a list of names may always go on."""
    if below.gap or not above.text or not below.text:
        return False
    if above.text.endswith(",") and above.text.count(",") >= 2 and below.text[0].isupper() and len(above.text) < 400:
        return "," in below.text and author_names(above.text) is not None and author_names(below.text) is not None
    if len(above.text) < 45 or len(above.text) > _LONGEST or MARKER.search(above.text[-20:]):
        return False
    open_ended = not _FINAL.search(above.text) or above.text[-1] in "-)"
    if below.text[0].islower():
        return open_ended and (wrapped or (len(below.text) >= 30 and _reads_on(above.text)))
    return above.broken and not _FINAL.search(above.text) and len(below.text) >= 30 and _reads_on(above.text)


def _reads_on(text: str) -> bool:
    """Prose in the middle of a sentence, rather than a title above a name in small letters."""
    return has_marker(text) or (len(text.split()) >= 8 and _VERBS.search(text) is not None)


def _classified(lines: list[Line]) -> list[Line]:
    """Give every line its kind; a name-like line is decided by the company it keeps."""
    for at, line in enumerate(lines):
        _classify(line, at == len(lines) - 1)
    titles = [line.text for line in lines if line.kind == "title"]
    stopped = sum(1 for text in titles if text.endswith(".")) * 4 > len(titles)
    for at, line in enumerate(lines):
        above_prose = at > 0 and lines[at - 1].kind == "prose" and lines[at - 1].label != "course"
        if (
            line.kind == "title"
            and above_prose
            and not line.gap
            and _is_fragment(line.text, lines[at - 1].text, stopped)
        ):
            line.kind, line.label = "prose", "more"
        if line.kind != "perhaps":
            continue
        above = at > 0 and lines[at - 1].kind == "names" and (lines[at - 1].gap or not line.gap)
        below = (at + 1 < len(lines) and lines[at + 1].kind in ("names", "prose")) or at + 1 == len(lines)
        after_title = at > 0 and lines[at - 1].kind == "title"
        line.kind = "names" if above or (after_title and below and not line.gap) else "title"
        if line.kind == "names":
            line.names = tuple(name for name in (texts.clean(line.text),) if name)
    return lines


def _is_fragment(text: str, above: str, stopped: bool) -> bool:
    """A short sentence, or the end of one, under prose: no title, unless titles are ``stopped`` on this page."""
    if text[0].islower():
        return not _FINAL.search(above)
    if text[-1] != ".":
        return False
    return _CONTINUES.match(text) is not None or (not stopped and len(text.split()) >= 6)


def _classify(line: Line, last: bool) -> None:
    text = line.text
    if not text:
        line.kind = "meta"
        return
    if label := _LABEL.match(text):
        name = next(key for key, value in label.groupdict().items() if value and key != "rest")
        rest = label["rest"].strip()
        if name == "title" and " " in rest:
            line.text, line.kind, line.label = rest, "title", "title"
            return
        if name == "abstract" and rest:
            line.text, line.kind, line.label = rest, "prose", "abstract"
            return
        if name in ("venue", "date") and rest:
            line.text, line.kind = rest, "meta"
            return
    if _BARE_LABEL.match(text):
        line.kind = "control"
        return
    if text.count(",") >= 3 and not has_marker(text) and (people := author_names(text)):
        line.kind, line.names, line.state = "names", people[0], people[1]
        return
    prose = _is_prose(text, last)
    if prose and not has_marker(text) and is_noise(text):
        line.kind = "noise"
    elif prose:
        line.kind = "prose"
        if not has_marker(text) and len(text) < 1500 and _reads_as_citation(text):
            line.kind = "citation"
        elif not has_marker(text) and courses.is_announcement(text):
            line.label = "course"
    elif is_noise(text):
        line.kind = "noise"
    elif is_publications_heading(text):
        line.kind = "publications"
    elif is_other_heading(text):
        line.kind = "heading"
    elif is_control(text):
        line.kind = "control"
    elif without_addresses(text) == "" or _is_date(text) or not re.search(r"[^\W\d_]{2}", text):
        line.kind = "meta"
    elif (people := author_names(text)) and (len(people[0]) > 1 or name_likeness(text) >= 2 or _LABEL.match(text)):
        line.kind, line.names, line.state = "names", people[0], people[1]
    elif is_venue(text):
        line.kind = "meta"
    elif name_likeness(text) == 1:
        line.kind = "perhaps"
    elif len(text) >= 60 and _reads_as_citation(text):
        line.kind = "citation"
    else:
        line.kind = "title"
    for found in _URL.findall(text) if line.kind != "prose" and _has_address(text) else ():
        line.links.append(Link(_address(found)))


def _is_date(text: str) -> bool:
    """A line that is a date and nothing else: figures, or the name of a month and a year."""
    if _DATE_LINE.match(text) is None:
        return False
    return not re.search(r"[^\W\d_]", text) or len(partial_date(_undated(text)) or "") > 4


def _undated(text: str) -> str:
    """A date line without the words that lead to the date."""
    return re.sub(r"(?i)^(?:published|publi[ée]e?|posted|updated|mis en ligne)\s*(?:on|le|:)?\s*", "", text)


def _has_address(text: str) -> bool:
    low = text.lower()
    return "://" in low or "doi" in low or "www." in low or "arxiv" in low


def without_addresses(text: str) -> str:
    """What a line says besides the addresses in it."""
    return _URL.sub("", text).strip(" .,;:[]()|") if _has_address(text) else text.strip(" .,;:[]()|")


def _address(written: str) -> str:
    bare = written.rstrip(".,;)]")
    low = bare.lower()
    if low.startswith("doi:"):
        return "https://doi.org/" + bare[4:].strip()
    if low.startswith("arxiv:"):
        return "https://arxiv.org/abs/" + bare[6:].strip()
    return bare if low.startswith("http") else f"https://{bare}"


def _is_prose(text: str, last: bool) -> bool:
    """Sentences rather than a title or a menu entry."""
    if has_marker(text) or len(text) > 320:
        return True
    if len(text) < 60:
        return False
    breaks = [found[0][0] for found in _SENTENCES.finditer(text)]
    if len(text) >= 100 and breaks and (text[-1] in ".!?…" or len(text) > 180):
        asked = breaks == ["?"] and len(text) < 200
        return not asked and author_names(text) is None
    words = len(text.split())
    if text[-1] == "." and words >= 12 and _VERBS.search(text):
        return True
    if text[-1] == "." and words >= 9 and (_OPENING.match(text) or _SENTENCES.search(text)):
        return True
    return (last and words >= 12 and len(_VERBS.findall(text)) >= 2) or (
        text[-1] == "?" and words >= 12 and bool(re.match(r"(?i)(?:acceptez|do you|voulez|would you)", text))
    )


def _reads_as_citation(text: str) -> bool:
    return bool(year_in(text)) and citation(text) is not None


def is_abstract(text: str, listed: bool, last: bool = False) -> bool:
    """Prose that speaks as abstracts do; under a heading of publications less is asked, and least of the text
    at which the capture breaks off."""
    if has_marker(text):
        return True
    if _PERSONAL.search(text):
        return False
    score = courses.research_score(text)
    if listed:
        if last and len(text) >= 90 and not _FINAL.search(text):
            return True
        return score >= 1 or len(text) >= 400 or (len(text) >= 200 and not _news(text))
    return (score >= 2 and len(text) >= 200) or (score >= 1 and bool(_OPENING.match(text)) and len(text) >= 120)


_NEWS = re.compile(
    r"(?i)\b(?:mila['’]s|our (?:mission|community|team|website|partners|program|members)|notre (?:mission"
    r"|communaut[ée]|[ée]quipe|site)|we wish|join us|founded in|fond[ée]e? en|learn more|en savoir plus|you can"
    r"|vous pouvez|located in|situ[ée]e? (?:au|à|en)|appointed|nomm[ée]|is hosting|initiative|press release)\b"
)
_PERSONAL = re.compile(
    r"\b(?:[Mm]y (?:research|work|lab|interests|group)|I (?:am|was|have|obtained|received|work|joined|lead|study)|"
    r"[Jj]e suis|[Mm]es (?:recherches|travaux|int[ée]r[êe]ts))\b"
)


def _news(text: str) -> bool:
    return bool(_NEWS.search(text))


def _announcement(
    lines: list[Line],
    at: int,
    run: list[Line],
    as_of: date | None,
    language: str | None,
    provider: str | None,
) -> tuple[int, AnyRecord | None]:
    """The course whose title stands right above this prose, if that is one; and where reading goes on."""
    prose = lines[at]
    if prose.label != "course" or not run or run[-1].kind not in ("title", "perhaps") or at == 0:
        return at + 1, None
    if lines[at - 1] is not run[-1]:
        return at + 1, None
    title = run.pop()
    body, details = [prose.text], list[str]()
    registration: str | None = None
    after = at + 1
    while after < len(lines):
        line = lines[after]
        following = lines[after + 1] if after + 1 < len(lines) else None
        heads = following is not None and following.label == "course" and line.kind == "title"
        detail = courses.is_detail(line.text)
        more = line.label == "course" or (detail and not line.gap and not is_abstract(line.text, False))
        if line.kind == "prose" and more and not has_marker(line.text):
            body.append(line.text)
        elif line.kind in ("title", "control", "meta", "perhaps") and detail and not heads:
            details.append(line.text)
            if line.kind == "control" and line.links:
                registration = registration or line.links[0].url
        else:
            break
        after += 1
    links = [link.url for line in (title, prose) for link in line.links]
    found = courses.course(
        title.text, body, as_of, details=details, language=language, provider=provider,
        url=links[0] if links else None, registration_url=registration,
    )  # fmt: skip
    return after, found


def _groups(run: list[Line], under: bool, before_title: bool) -> Iterator[_Group]:
    """The lines between two breaks as groups, each ended by an abstract or by the next title."""
    listed = under or any(line.kind in ("prose", "citation") for line in run) or _looks_listed(run)
    current = _Group(listed=listed)
    folded = sum(1 for line in run if line.kind == "prose" and has_marker(line.text)) >= 2
    held: list[Line] = []
    previous: _Group | None = None
    for line in run:
        if line.kind == "title":
            if current.title is not None or current.names:
                yield current
                current = _Group(listed=listed)
            current.title = line
            current.meta += held
            held = []
        elif line.kind == "names":
            current.names.append(line)
        elif line.kind == "meta":
            if before_title and (current.title is None or current.names):
                held.append(line)
            elif current.title is None and not current.names and previous is not None:
                previous.meta.append(line)
            else:
                current.meta.append(line)
        elif line.kind == "citation":
            if current.title is not None or current.names:
                yield current
                current = _Group(listed=listed)
            yield _Group(meta=[line], listed=True)
        elif line.kind == "prose":
            joined, state, marked = unfolded(line.text)
            if (
                previous is not None
                and previous.abstract is not None
                and current.title is None
                and not current.names
                and not marked
                and _continues(line, previous.abstract, folded)
            ):
                previous.abstract, previous.state = f"{previous.abstract} {joined}", state
                continue
            if line.label == "more":
                continue
            current.abstract, current.state = joined, state
            if previous is not None:
                yield previous
                previous = None
            previous, current = current, _Group(listed=listed)
            continue
        if line.kind in ("title", "names", "citation") and previous is not None:
            yield previous
            previous = None
    if previous is not None:
        yield previous
    if current.title is not None:
        yield current


def _looks_listed(run: list[Line]) -> bool:
    """Three or more titles followed by names are a list of publications, even under no heading."""
    return (
        sum(
            1
            for above, below in pairwise(run)
            if above.kind == "title" and below.kind == "names" and len(above.text.split()) >= 4
        )
        >= 3
    )


def _continues(line: Line, earlier: str, folded: bool) -> bool:
    """A further paragraph of the abstract above, rather than another abstract whose title is lost.

    The bounds lie where, of 1,500 abstracts cut in half, one half in a hundred shares so much with the next
    paper's (0.13), or, where all long abstracts are ``folded`` and this text is not, one in ten (0.07).
    """
    if len(earlier) > _LONGEST:
        return False
    shared = cohesion(line.text, earlier)
    if line.label == "more" or folded:
        return shared >= 0.07 or _CONTINUES.match(line.text) is not None
    if _OPENING.match(line.text) and not line.text.lower().startswith(_SECOND_THOUGHTS):
        return shared >= 0.3
    return shared >= 0.13 or _CONTINUES.match(line.text) is not None


_SECOND_THOUGHTS = ("we also", "we further", "we then", "we finally", "we additionally")


def _mended(
    groups: Sequence[_Group | AnyRecord], abstracts: Mapping[int, Abstract], page: Page
) -> Iterator[_Group | AnyRecord]:
    """Groups with titles undone that were names: where the abstract speaks of the title before last.

    Nothing but names stands between a title and its abstract, so what looked like a title there is one more.
    """
    pending: _Group | None = None
    for group in groups:
        if not isinstance(group, _Group):
            if pending is not None:
                yield pending
                pending = None
            yield group
            continue
        abstract = abstracts.get(id(group))
        if (
            pending is not None
            and pending.title is not None
            and group.title is not None
            and abstract is not None
            and page.probability(group.title.text, abstract) < AGREE <= page.probability(pending.title.text, abstract)
        ):
            between = group.title
            group.title = pending.title
            extra = [between] if _could_be_name(between.text) else []
            for line in extra:
                line.names = (line.text,)
            group.names = [*pending.names, *extra, *group.names]
            group.meta = [*pending.meta, *([] if extra else [between]), *group.meta]
            pending = None
        if pending is not None:
            yield pending
            pending = None
        if abstract is None and group.title is not None:
            pending = group
        else:
            yield group
    if pending is not None:
        yield pending


def _could_be_name(text: str) -> bool:
    """Two to five words without figures or marks."""
    return 2 <= len(text.split()) <= 5 and not re.search(r"[\d:?!()\[\]]", text)


def _records(group: _Group, abstract: Abstract | None, page: Page, language: str | None) -> list[AnyRecord]:
    """One record, or two when the title and the abstract speak of different works."""
    if group.meta and group.meta[0].kind == "citation":
        return _cited(group.meta[0], language)
    if abstract is None:
        entry = _entry(group, language)
        return [record] if entry is not None and (record := entry.record()) is not None else []
    above = _promote(group, abstract, page)
    if above is not None:
        return [*_records(above, None, page, language), *_records(group, abstract, page, language)]
    whole = Entry(abstract=group.abstract, abstract_state=group.state, language=language)
    if group.title is None:
        _credit(whole, group.names, "unknown")
        _describe(whole, group.meta)
        record = whole.record()
        return [record] if record else []
    if page.probability(group.title.text, abstract) >= AGREE:
        whole.title = without_stop(group.title.text)
        whole.links += group.title.links
        _credit(whole, group.names, "whole")
        _describe(whole, group.meta)
        record = whole.record()
        return [record] if record else []
    found: list[AnyRecord] = []
    apart = _entry(group, language)
    if apart is not None:
        if apart.authors:
            apart.authors_state = "unknown"
        if (record := apart.record()) is not None:
            found.append(record)
    if (record := whole.record()) is not None:
        found.append(record)
    return found


def _promote(group: _Group, abstract: Abstract, page: Page) -> _Group | None:
    """Make a line taken for a name the title when it speaks of what the abstract speaks of.

    Returns the title that stood above it, with its names, when that is another paper's.
    """
    for at, line in enumerate(group.names):
        if len(line.names) != 1 or name_likeness(line.text) == 3 or len(abstract.stems & {*stems(line.text)}) < 2:
            continue
        if page.probability(line.text, abstract) < 0.9:
            continue
        if group.title is not None and page.probability(group.title.text, abstract) >= AGREE:
            return None
        above = _Group(group.title, group.names[:at], group.meta, listed=group.listed) if group.title else None
        line.kind = "title"
        group.title, group.names = line, group.names[at + 1 :]
        if above is not None:
            group.meta = []
        return above
    return None


def _entry(group: _Group, language: str | None) -> Entry | None:
    """A title without its abstract, when it stands where titles stand and reads like one."""
    if group.title is None:
        return None
    text = group.title.text
    words = len(text.split())
    if not group.listed and not group.title.label:
        return None
    if not group.names and not group.title.links and not group.title.label:
        if words < 2 or len(text) < 12 or not re.search(r"[^\W\d_]{4}", text):
            return None
        if words == 2 and not any(is_title_word(word) for word in re.findall(r"[^\W\d_]+", text)):
            return None
        if text.endswith((":", ",", ";")) or (
            text.endswith(".") and not text[0].isdigit() and words > 6 and text[:2] in ("A ", "An", "Un")
        ):
            return None
    entry = Entry(title=without_stop(text), language=language)
    entry.links += group.title.links
    _credit(entry, group.names, "whole")
    _describe(entry, group.meta)
    return entry


def without_stop(text: str) -> str:
    """A title without the full stop some lists put after it."""
    if text.endswith(".") and not text.endswith("..") and not re.search(r"\b[A-Z]\.$", text):
        return text[:-1].rstrip()
    return text


def _credit(entry: Entry, lines: Sequence[Line], state: TextState) -> None:
    for line in lines:
        entry.authors += line.names
        if line.state == "cut":
            state = "cut" if state == "whole" else state
    entry.authors_state = state


def _describe(entry: Entry, lines: Sequence[Line]) -> None:
    """Dates, venues and addresses that stand with a title."""
    for line in lines:
        entry.links += line.links
        bare = without_addresses(line.text)
        if not bare:
            continue
        if _is_date(bare):
            entry.date = entry.date or partial_date(_undated(bare))
        elif is_venue(bare):
            entry.venue = entry.venue or venue_name(bare)
            entry.date = entry.date or year_in(bare)
        else:
            entry.date = entry.date or year_in(bare)


def _cited(line: Line, language: str | None) -> list[AnyRecord]:
    bare = _URL.sub("", line.text).strip()
    found = citation(bare) or citation(line.text)
    if found is None:
        return []
    entry = Entry(
        title=without_stop(found.title), authors=list(found.authors), authors_state=found.authors_state,
        venue=found.venue, date=found.year, links=line.links, language=language,
    )  # fmt: skip
    record = entry.record()
    return [record] if record else []
