"""Course announcements in French and English prose: a title, sentences about it, and the dates in them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from urllib.parse import urlsplit

from worker.formats.entries import digest
from worker.normalise import languages, texts
from worker.normalise.dates import Dates, find_dates
from worker.normalise.titles import title_key
from worker.record import CourseRecord, CourseSession, Offering

_REGISTER = re.compile(
    r"(?i)\binscri(?:vez|ption|re|vant|s\b)|\bregist(?:er|ration)\b|\benrol|\bapply (?:now|by|before|to|for)\b"
    r"|\bsign up\b|\breserve[rz]?\b|\br[ée]servez"
    r"|\bpostulez|\bdate limite|\bplaces? (?:limit|disponible)|\bseats?\b|\bjoin (?:us|the|our)\b"
)
_COHORT = re.compile(
    r"(?i)\b(?:prochaines?|nouvelle|premi[èe]re|deuxi[èe]me|next|upcoming|new|first|second|spring|fall|winter"
    r"|summer)\s+(?:cohortes?|cohorts?|"
    r"sessions?|[ée]dition|offering|training|formation|intake)\b|\bcohortes?\s+(?:d[ée]but|se d[ée]roul|aura"
    r"|commenc|de\b|\d)|\bcohorts?\s+(?:start|begin|will|runs|\d)"
)
_COURSE = re.compile(
    r"(?i)\b(?:cohortes?|cohorts?|formations?|programmes?|programs?|cours|courses?|ateliers?|workshops?|webinaires?"
    r"|webinars?|bootcamps?|"
    r"micro-?certificats?|certificats?|certificates?|micro-?programmes?|classe de ma[iî]tre|master ?class(?:es)?"
    r"|[ée]cole d['’][ée]t[ée]|summer school|"
    r"trainings?|s[ée]minaires?|modules?|parcours|tutoriels?)\b"
)
_CALL = re.compile(
    r"(?i)(?:^|[.!?]\s+)(?:apprenez|d[ée]couvrez|ma[iî]trisez|approfondissez|d[ée]veloppez|participez|rejoignez"
    r"|explorez|initiez-vous|acqu[ée]rez|suivez"
    r"|familiarisez-vous|outillez|learn|discover|master|explore|join|gain|build|develop|take part|participate|get"
    r"|acquire|deepen)\b"
    r"|\bvous (?:apprendrez|d[ée]couvrirez|permettra)|\byou(?:'|’)?(?:ll| will) (?:learn|discover|gain)"
    r"|\bparticipants (?:will|learn|apprendront)|s['’]adresse (?:aux|à)"
)
_HELD = re.compile(
    r"(?i)\bse (?:d[ée]roule|tien|donne)\w*|\bd[ée]bute\w*|\bcommence\w*|\baura lieu|\bauront lieu"
    r"|\bwill (?:be held|start|begin|take place|run)|\bstarts?\b|\bbegins?\b"
    r"|\btakes place|\bofferte?s?\b|\boffered\b|\bdates?\s*:|\bhoraire|\bschedule"
)
_RESEARCH = re.compile(
    r"(?i)\bwe (?:propose|introduce|show|present|find|develop|investigate|demonstrate|study|evaluate|prove|derive"
    r"|analy[sz]e|conduct|explore|describe|"
    r"address|consider|provide|argue|report|observe|uncover|aim|also|further|use|train|design|formulate|extend"
    r"|compare|apply|examine|then|first|establish)\b"
    r"|\bin this (?:paper|work|study|article|thesis)|\bthis (?:paper|work|study|article|thesis)\b|\bour (?:method"
    r"|approach|results|experiments|model|framework|findings|work|algorithm|analysis)\b"
    r"|\bexperiment(?:s|al)\b|\bstate[- ]of[- ]the[- ]art\b|\boutperform|\bdatasets?\b|\bbenchmarks?\b"
    r"|\bbaselines?\b|\balgorithms?\b|\btheoretical\b|\bempirical"
    r"|\bnous (?:proposons|pr[ée]sentons|montrons|introduisons|[ée]tudions|d[ée]veloppons|analysons|d[ée]montrons"
    r"|[ée]valuons|explorons|d[ée]crivons|examinons)"
    r"|\bcet (?:article|ouvrage)|\bcette (?:[ée]tude|th[èe]se|recherche)|\bdans (?:cet article|cette (?:[ée]tude"
    r"|th[èe]se)|ce (?:travail|m[ée]moire|papier))"
    r"|\bnos (?:r[ée]sultats|exp[ée]riences)|\bles r[ée]sultats\b|\bexp[ée]riences\b|\bl['’][ée]tat de l['’]art"
    r"|\bsignificant(?:ly)?\b|\bhypothes[ei]s\b|\bsimulations?\b|\bneural networks?\b"
    r"|\breinforcement learning\b|\b(?:language|generative|diffusion) models?\b|\bstochastic\b|\boptimi[sz]ation\b"
    r"|\bpatients\b|\bmethods?:|\bresults?:|\bbackground:|\bconclusions?:"
)
_ONLINE = re.compile(
    r"(?i)\ben ligne\b|\bonline\b|\bvirtuel|\bvirtual|[àa] distance\b|\bwebinaire|\bwebinar|\bzoom\b"
    r"|\bremote(?:ly)?\b"
)
_ONSITE = re.compile(
    r"(?i)\ben pr[ée]sen(?:tiel|ce)|\bin[- ]person\b|\bsur place\b|\bon[- ]?site\b|\bin the classroom|\ben salle\b"
)
_BLENDED = re.compile(r"(?i)\bhybride?\b|\bbimodal|\bblended\b|\bcomodal")
_FULL = re.compile(
    r"(?i)\b(?:complet|complète|sold out|fully booked|is full|liste d['’]attente|waiting list|waitlist)\b"
)
_CLOSED = re.compile(
    r"(?i)(?:inscriptions?|registrations?|applications?)\s+(?:(?:sont|est|is|are|now)\s+)*(?:ferm[ée]e?s?|closed"
    r"|termin[ée]e?s?|closes?d)\b"
)
_SOON = re.compile(
    r"(?i)\b(?:bient[ôo]t|coming soon|[àa] venir|to be announced|tba|dates? [àa] (?:confirmer|venir)|opening soon"
    r"|ouvri(?:ra|ront))\b"
)
_OPEN = re.compile(
    r"(?i)\binscrivez-vous|\bs['’]inscrire|\bje m['’]inscris|\bregister\b|\benrol|\bsign up\b|\bapply (?:now|by"
    r"|before|to|for|today)|\bpostulez"
    r"|(?:inscriptions?|registrations?|applications?)\s+(?:(?:sont|est|is|are|now)\s+)*(?:ouvertes?|open)\b"
    r"|\br[ée]servez"
)
_PRICE = re.compile(
    r"(?i)(?:prix|co[ûu]t|tarif|frais|price|fee|cost|tuition)s?\b[^.\n]{0,30}?(?:(?P<before>\$|€"
    r"|CAD)\s?)?(?P<amount>\d[\d\s\u00a0,.]*\d|\d)\s?(?P<after>\$|€|CAD|USD|EUR)?"
)
_CURRENCY = re.compile(r"(?i)\s?\$?\s?(CAD|USD|EUR)\b")
_FREE = re.compile(r"(?i)\b(?:gratuite?s?|gratuitement|free of charge|free course|free to attend)\b")
_BILINGUAL = {"fr": re.compile(r"(?i)\b(?:offerte?|donn[ée]e?|en)\s+(?:en\s+)?fran[çc]ais\b|\bin french\b"),
              "en": re.compile(r"(?i)\ben anglais\b|\bin english\b")}  # fmt: skip
_SENTENCE_END = re.compile(r"(?<=[.!?…])\s+(?=[\"“«(]?[A-ZÀ-Ý0-9])|\n+")
_NOT_AN_END = re.compile(
    r"(?i)(?:\b(?:janv|f[ée]vr|avr|juil|sept|oct|nov|d[ée]c|jan|feb|mar|apr|jun|jul|aug|sep|no|dr|p\.m|a\.m|m|mme"
    r"|st)\.)$"
)
_LOCALE = re.compile(r"^/(?:fr|en)(?:[-_][a-z]{2})?(?=/|$)", re.IGNORECASE)


def research_score(text: str) -> int:
    """How many different turns of research prose a text uses, at most eight."""
    seen: set[str] = set()
    for found in _RESEARCH.finditer(text[:1500]):
        seen.add(found[0].lower())
        if len(seen) == 8:
            break
    return len(seen)


def is_announcement(text: str) -> bool:
    """Sentences that announce a course: they invite, enrol or name a cohort; a paper's abstract does not."""
    start = text[:2500]
    invites = bool(_CALL.search(start))
    enrols = bool(_REGISTER.search(start))
    cohort = bool(_COHORT.search(start))
    named = bool(_COURSE.search(start))
    if not (named or cohort) or invites + enrols + cohort == 0:
        return False
    dated = bool(_HELD.search(start)) and any(
        found.kind != "none" or found.rule == "no-year" for found in find_dates(start, None)
    )
    weight = invites + enrols + 2 * cohort + dated + (named and dated)
    return weight >= 2 and research_score(start) <= weight - 1


def is_detail(text: str) -> bool:
    """A short line that belongs to the course above it: its dates, its place, how to enrol."""
    if len(text) > 250:
        return False
    if _REGISTER.search(text) or _PRICE.search(text) or _COHORT.search(text):
        return True
    if (_ONLINE.search(text) or _ONSITE.search(text) or _BLENDED.search(text)) and len(text) < 60:
        return True
    words = len(text.split())
    return words <= 14 and any(found.kind != "none" for found in find_dates(text, date(2000, 1, 1)))


def course(
    title: str,
    sentences: Sequence[str],
    as_of: date | None,
    *,
    details: Sequence[str] = (),
    language: str | None = None,
    provider: str | None = None,
    url: str | None = None,
    registration_url: str | None = None,
) -> CourseRecord | None:
    """The course of an announcement, with an offering for every cohort whose dates are told.

    ``details`` are lines that tell of its offerings and describe nothing (``Register``, ``Online``). Dates
    without a year take it from ``as_of``. Its key: see ``course_key``.
    """
    name = texts.clean(title)
    if not name:
        return None
    body = "\n".join([*sentences, *details])
    description = texts.clean(" ".join(sentences))
    spoken = languages.language_of(f"{name}. {description or ''}", language)
    return CourseRecord(
        source_key=course_key(name, url, spoken),
        title=name,
        language=spoken,
        description=description,
        provider=provider,
        url=url,
        offerings=offerings(body, as_of, registration_url),
    )


def course_key(title: str, url: str | None, language: str | None) -> str:
    """The path of the course's page: without its language prefix and with ``#`` and the language it is told in, or,
    when nobody knows the language, as it is; without an address ``c:`` and a hash of the folded title."""
    if url:
        path = urlsplit(url).path.rstrip("/")
        if language:
            path = _LOCALE.sub("", path).rstrip("/")
        if path:
            return f"{path}#{language}" if language else path
    return "c:" + digest(title_key(title))


def offerings(text: str, as_of: date | None, registration_url: str | None = None) -> tuple[Offering, ...]:
    """The cohorts a text announces, in its order, the sentence of each kept as written."""
    mode, status = _mode(text), _status(text)
    price, currency = _price(text)
    deadline: str | None = None
    dated: list[tuple[str, Dates]] = []
    for sentence in _sentences(text):
        for found in find_dates(sentence, as_of):
            if found.kind == "deadline":
                deadline = deadline or found.end
                continue
            told = found.kind != "none" or found.rule in ("no-year", "ambiguous-numeric")
            if told and not any(found.dates == other.dates and found.start == other.start for _, other in dated):
                dated.append((sentence, found))
    if any(found.kind in ("set", "range", "start") for _, found in dated):
        dated = [(sentence, found) for sentence, found in dated if found.kind != "coarse"]
    single = len(dated) == 1
    taught = [code for code, pattern in _BILINGUAL.items() if pattern.search(text)]
    result: list[Offering] = []
    for sentence, found in dated:
        result.append(
            Offering(
                dates_text=sentence,
                date_kind=found.kind,
                start_date=found.start,
                end_date=found.end,
                date_precision=found.precision,
                year_inferred=found.year_inferred,
                date_confidence=round(found.confidence, 2),
                date_rule=found.rule,
                sessions=_days(found),
                mode=_mode(sentence) or mode,
                language=taught[0] if len(taught) == 1 else None,
                registration_status=status,
                registration_url=registration_url,
                registration_deadline=deadline if single else None,
                price=price,
                currency=currency,
            )
        )
    if not result and (status or deadline):
        result.append(
            Offering(mode=mode, registration_status=status, registration_url=registration_url,
                     registration_deadline=deadline, price=price, currency=currency, date_confidence=0.0)
        )  # fmt: skip
    return tuple(result)


def _days(found: Dates) -> tuple[CourseSession, ...]:
    """One session a day when single days are told; a range and a start do not say which days."""
    if found.kind != "set":
        return ()
    start, end = found.times
    return tuple(CourseSession(date=day, start_time=start, end_time=end) for day in found.dates)


def _sentences(text: str) -> list[str]:
    """Sentences as written; a month's abbreviation ends none."""
    parts: list[str] = []
    for part in _SENTENCE_END.split(text):
        piece = part.strip()
        if not piece:
            continue
        if parts and _NOT_AN_END.search(parts[-1]):
            parts[-1] = f"{parts[-1]} {piece}"
        else:
            parts.append(piece)
    return parts


def _mode(text: str) -> str | None:
    online, onsite = bool(_ONLINE.search(text)), bool(_ONSITE.search(text))
    if _BLENDED.search(text) or (online and onsite):
        return "blended"
    return "online" if online else "onsite" if onsite else None


def _status(text: str) -> str | None:
    if _CLOSED.search(text):
        return "closed"
    if _FULL.search(text):
        return "full"
    if _OPEN.search(text):
        return "open"
    return "announced" if _SOON.search(text) else None


def _price(text: str) -> tuple[str | None, str | None]:
    if found := _PRICE.search(text):
        sign = found["before"] or found["after"]
        if sign:
            amount = re.sub(r"[\s\u00a0]", "", found["amount"])
            amount = re.sub(r"[,.](?=\d{3}(?:\D|$))", "", amount).replace(",", ".")
            named = _CURRENCY.match(text, found.end("amount"))
            return amount, named[1].upper() if named else {"$": None, "€": "EUR"}.get(sign, sign.upper())
    return ("0", None) if _FREE.search(text) else (None, None)
