"""Lines of names, venue lines and printed references, as institutes' pages write them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from worker.formats.agreement import fold, is_common
from worker.formats.vocabulary import FAMILY_NAMES, GIVEN_NAMES, TITLE_WORDS
from worker.normalise import names
from worker.record import TextState

_PARTICLE_LINE = (
    "van von der den de da di do dos das del della la le el al bin ibn ben ter ten te zu zur af av y e du des 't st "
    "san dit abu abd ul op in"
)
_PARTICLES = frozenset(_PARTICLE_LINE.split())
_INITIAL = re.compile(r"(?:[^\W\d_]\.?-?){1,3}\.?")
_TOKEN = re.compile(r"[^\W\d_]+(?:['’ʼ`.\-‐‑]{1,2}[^\W\d_]+)*[.'’]?")
_ROMAN = frozenset({"ii", "iii", "iv", "jr", "jr.", "sr", "sr.", "phd", "ph.d.", "dr", "dr.", "prof", "prof."})
_MARKS = re.compile(
    r"(?:(?<=[^\W\d_.])|(?<=\.))\d(?:[\d,]{0,5}\d)?(?=[\s,;*†‡]|$)|[*†‡§¶‖#∗⋆✉🏆]+|\((?:\d|\*|[a-z])\)|[⁰¹²³⁴⁵⁶⁷⁸⁹]+"
)
_ET_AL = re.compile(
    r"(?i)[\s,;]*(?:\bet\s+al\b\.?|\bet\s+coll?\b\.?|\band\s+(?:\d+\s+)?(?:others|colleagues|more)\b|…|\.\.\."
    r"|\+\s?\d+\s*(?:more|autres)?"
    r"|\bet\s+(?:\d+\s+)?autres\b)[\s,;.]*"
)
_SEPARATOR = re.compile(r"\s*(?:[;·•|]|\s[-–—/]\s)\s*")
_CONJUNCTION = re.compile(r"\s*,?\s+(?:and|et|und|y|with|avec)\s+|\s*,?\s*&\s*|\s*[,，、]\s*")
_LEAD = re.compile(
    r"(?i)^\s*(?:authors?|auteurs?|auteur\(s\)|author\(s\)|auteur·?(?:e|ice|rice)·?s?|by|par|with|avec)\s*[:\s]\s*"
)
_BARE_INITIALS = re.compile(r"(?:[^\W\d_]\.[\s-]?-?){1,4}|[A-Z]{1,3}")


_BETWEEN = re.compile(r"[,;·•|&，、/]|\b(?:and|et|und|y)\b|\s[-–—]\s")
_NO_NAME = re.compile(r"\d{4}|\s[.:]\s|\b[Ii]n:? [A-Z]|https?:|[@=→]")


@lru_cache(maxsize=32768)
def name_likeness(text: str) -> int:
    """How much a line looks like one person's name: 0 not at all, 1 perhaps, 2 by its shape, 3 surely.

    ``Fair Normalizing Flows`` has the shape and is made of words (0); ``Ribal Atallah`` has the shape and no
    word of a title (2); ``Thomas Coste`` begins with a given name (3); ``Yang Long`` shares a word (1).
    """
    if not 3 <= len(text) <= 60 or not text[0].isalpha():
        return 0
    tokens = fold(text).replace(",", " ").split()
    lowered = text.islower()
    if not 2 <= len(tokens) <= 6 or text.count(",") > 1 or text.endswith((":", "?", "!", ";")):
        return 0
    words: list[str] = []
    initials = small = 0
    for token in tokens:
        low = token.lower()
        if low in _PARTICLES and token != tokens[-1]:
            continue
        if low in _ROMAN:
            continue
        if not _TOKEN.fullmatch(token):
            return 0
        if not token[0].isupper() and not (token[1:2] in "'’" and token[2:3].isupper()):
            foreign = token[0].isalpha() and token[0].lower() == token[0].upper()
            if len(token) == 1 and words:
                initials += 1
            elif foreign or lowered or (words and tokens[tokens.index(token) - 1].lower() in _PARTICLES):
                words.append(token)
            elif len(tokens) <= 3:
                small += 1
                words.append(token)
            else:
                return 0
            continue
        if len(token) <= 2 or (token.endswith(".") and _INITIAL.fullmatch(token)):
            initials += token.endswith(".") or token.isupper()
            if len(token) == 2 and token.isalpha() and not token.isupper():
                words.append(token)
            continue
        words.append(token)
    if not words:
        words = [token for token in tokens if token.isalpha() and len(token) == 2]
        if len(words) < 2:
            return 0
    known = common = 0
    for word in words:
        folded = fold(word).lower().rstrip(".")
        parts = [part for part in re.split(r"[-‐‑'’.]", folded) if part]
        if any(part in GIVEN_NAMES or part in FAMILY_NAMES for part in parts):
            known += 1
        elif any(len(part) > 2 and (part in TITLE_WORDS or is_common(part)) for part in parts):
            common += 1
    if len(words) > 1 and all(word.isupper() and len(word) > 3 for word in words) and not known:
        return 0
    if lowered:
        return (2 if known else 1) if not common and len(words) <= 3 else 0
    if small:
        return 1 if not common and small * 2 <= len(words) else 0
    if common == 0:
        return 3 if known or initials else 2
    if common == 1 and len(words) == 2 and fold(words[0]).lower() in GIVEN_NAMES:
        return 2
    return 1 if common == 1 and len(words) <= 3 else 0


def _may_be_names(text: str) -> bool:
    """A look before the work: names begin with capitals, and many of them have marks between them."""
    words = text.split()
    if len(words) < 4:
        return True
    capital = sum(1 for word in words if not word[0].islower())
    if capital * 2 < len(words) and not text.islower():
        return False
    return len(words) <= 7 or _BETWEEN.search(text) is not None


def is_title_word(word: str) -> bool:
    """A word that titles use and people do not bear."""
    folded = fold(word).lower()
    return folded in TITLE_WORDS or is_common(folded)


def author_names(text: str) -> tuple[tuple[str, ...], TextState] | None:
    """The people of a line of names, in order, or None when the line is something else.

    One name, or several between commas, semicolons, dots or bars, the last after ``and``. Reads ``Family, G.,
    Family2, G.`` too. The state is ``cut`` when the list ends in ``et al.`` or has a gap.
    """
    if len(text) > 6000 or not _may_be_names(text):
        return None
    bare = _LEAD.sub("", text)
    labelled = bare != text
    bare = re.sub(r"\([^()]*\)|\[[^\[\]]*\]", " ", bare)
    bare = _MARKS.sub(" ", bare).strip(" ,;:")
    if not re.search(r"\b[A-Z]\.$", bare):
        bare = bare.rstrip(" .,;:")
    state: TextState = "whole"
    if (shorter := _ET_AL.sub(", ", bare)) != bare:
        bare, state = shorter.strip(" ,;"), "cut"
    parts = _people(bare)
    if not parts or any(_NO_NAME.search(part) for part in parts):
        return None
    scores = [name_likeness(part) for part in parts]
    single = sum(1 for part in parts if " " not in part and part[:1].isupper() and part.isalpha())
    good = sum(1 for score in scores if score >= 2)
    fair = sum(1 for score in scores if score == 1)
    if len(parts) == 1:
        if scores[0] < (1 if labelled else 2):
            return None
    elif good * 2 < len(parts) or (not labelled and not _plausible(parts, good + fair + (single if good else 0))):
        return None
    people = tuple(name for part in parts if (name := names.clean_name(part)))
    return (people, state) if people else None


def _plausible(parts: list[str], names_seen: int) -> bool:
    """Most parts are names, and the others could be: short and capitalised."""
    if names_seen >= len(parts) * 0.8:
        return True
    return names_seen * 5 >= len(parts) * 3 and all(
        len(part.split()) <= 6 and part[:1].isupper() and not part.isupper() for part in parts
    )


def _people(text: str) -> list[str]:
    """A line taken apart at its separators, initials put back to their family names."""
    if len(_SEPARATOR.split(text)) > 1:
        parts = [part.strip(" ,.;") for part in _SEPARATOR.split(text)]
        flat: list[str] = []
        for part in parts:
            pieces = [piece.strip(" ,;") for piece in _CONJUNCTION.split(part)]
            whole = len(pieces) == 2 and "," in part and not (name_likeness(pieces[0]) and name_likeness(pieces[1]))
            flat += [part] if whole else pieces
        return [part for part in flat if part]
    parts = [part.strip(" ;") for part in _CONJUNCTION.split(text) if part and part.strip(" .;")]
    if len(parts) >= 2 and sum(1 for part in parts if _BARE_INITIALS.fullmatch(part)) * 2 >= len(parts) - 1:
        return _with_initials(parts)
    if len(parts) == 2 and "," in text and " " not in parts[0] and name_likeness(text) >= 2 and " and " not in text:
        return [text]
    return [part.rstrip(".") if not re.search(r"\b[A-Z]\.$", part) else part for part in parts]


def _with_initials(parts: list[str]) -> list[str]:
    """``Coste, T., Anwar, U.``: every family name takes the initials that follow it."""
    people: list[str] = []
    dotted = any(part.endswith(".") for part in parts)
    for part in parts:
        if dotted and len(part) == 1:
            part = f"{part}."
        if _BARE_INITIALS.fullmatch(part) and people and "," not in people[-1]:
            people[-1] = f"{people[-1]}, {part}"
        else:
            people.append(part)
    return people


_VENUE_START = re.compile(
    r"(?i)^(?:in\s*:?\s+)?(?:the\s+)?(?:proceedings|proc\.|advances in|transactions|journal|ieee\b|acm\b|annual\b"
    r"|international conference|european conference|conference on|conf[ée]rence\b|symposium|workshop|atelier\b"
    r"|arxiv\b|biorxiv\b|medrxiv\b|ssrn\b|nature\b|science\b|plos\b|preprint|pr[ée]publication|actes\b|revue\b"
    r"|findings of (?:the )?(?:assoc|acl\b|emnlp|naacl|eacl)|chapter in|published in|publi[ée] dans|lecture notes"
    r"|canadian journal|th[èe]se\b|thesis\b"
    r"|phd\b|under review|en cours|submitted|soumis|accepted|to appear|[àa] para[iî]tre)"
)
_VENUE_WORD = re.compile(
    r"(?i)\b(?:conference|conf\.|proceedings|journal|transactions|workshop|symposium|letters|arxiv|preprint|review"
    r"|revue|annals|bulletin"
    r"|magazine|lncs|neurips|nips|icml|iclr|aaai|ijcai|acl|emnlp|naacl|eacl|coling|cvpr|iccv|eccv|icra|iros|kdd|www"
    r"|sigir|aistats|uai"
    r"|colt|jmlr|tmlr|tacl|lrec|interspeech|icassp|miccai|colm|corl|rss|chi|fse|icse|stoc|focs|soda|sigmod|vldb"
    r"|plos|pnas)\b"
)
_VENUE_TAIL = re.compile(
    r"(?i)\((?:published|publi[ée]e?|poster|oral|spotlight|preprint|accepted|accept[ée]e?|notable.{0,20}|in press|"
    r"sous presse|to appear|under review|submitted|workshop.{0,20}|conference.{0,20}|journal|[A-Z]{3,10})\)\s*$"
)
_ACRONYM_YEAR = re.compile(
    r"^[A-Z][A-Za-z&+\-*/@]{1,20}(?:[ ’'@-]{1,2}[A-Z][A-Za-z&-]{1,15}){0,2}"
    r"[ ,’'-]{1,3}(?:(?:19|20)\d\d|\d\d)\b.{0,40}$"
)
_YEAR = re.compile(r"(?<![\d/.:])((?:19|20)\d\d)(?![\d/]|\.\d)")


def is_venue(text: str) -> bool:
    """A line that says where a paper appeared: ``International Conference on ... (published)``, ``ICLR 2024``."""
    if len(text) > 220 or len(text.split()) > 28:
        return False
    if len(text) <= 16 and _VENUE_WORD.fullmatch(text):
        return True
    if _ACRONYM_YEAR.match(text) and _VENUE_WORD.search(text):
        return True
    if _VENUE_TAIL.search(text):
        return True
    if _VENUE_START.match(text):
        return bool(_VENUE_WORD.search(text) or _YEAR.search(text) or len(text.split()) <= 6)
    return bool(_VENUE_WORD.search(text) and _YEAR.search(text) and len(text.split()) <= 14 and ":" not in text)


def venue_name(text: str) -> str | None:
    """A venue line without ``In``, year, volume and the words in brackets after it."""
    bare = re.sub(r"(?i)^\s*\.?\s*(?:in\s*:?\s+(?=[A-Z0-9\"“«])|published in\s+|publi[ée] dans\s+|dans\s+)", "", text)
    bare = _VENUE_TAIL.sub("", bare)
    cut = re.split(r"(?i)[,;.]?\s*\(?(?<![\d/])(?:19|20)\d\d\)?|,\s*(?:vol|pp|pages|no)\b|\s+\d+\s*\(\d+\)", bare)
    named = next((part for part in cut if re.search(r"[^\W\d_]{2}", part)), "")
    named = named.strip(" .,;:-–—()[]")
    return named if 2 <= len(named) <= 200 else None


def year_in(text: str) -> str | None:
    """The last plausible year written in a text."""
    found = _YEAR.findall(text)
    return found[-1] if found else None


@dataclass(frozen=True, slots=True)
class Citation:
    """A printed reference taken apart."""

    title: str
    authors: tuple[str, ...] = ()
    authors_state: TextState = "whole"
    venue: str | None = None
    year: str | None = None


_QUOTED = re.compile(r"[\"“«]\s*([^\"“”«»]{12,400}?)\s*[,.]?\s*[\"”»]")
_AUTHOR_YEAR = re.compile(r"^(.{3,4000}?)[\s,.:]*\(((?:19|20)\d\d)[a-z]?(?:,[^()]{1,20})?\)[\s.,:]*(.{8,})$", re.DOTALL)
_SENTENCE = re.compile(r"(?<!\b[A-Z])(?<!\b(?:vs|al|Jr|Sr|Dr|St|no|No))\.\s+(?=[^\W\d_]|[\"“«\d])")


def citation(text: str) -> Citation | None:
    """A printed reference: ``Authors (year). Title. Venue``, ``Authors. "Title". Venue, year``,
    ``Authors. Title. Venue, year`` or ``Title. Authors. Venue, year``; None when it reads like none of them.
    """
    text = " ".join(text.split())
    if not 20 <= len(text) <= 4000:
        return None
    if quoted := _QUOTED.search(text):
        people = author_names(re.sub(r"\((?:19|20)\d\d\)", "", text[: quoted.start()]))
        rest = text[quoted.end() :]
        if people:
            return Citation(quoted[1].strip(" ,."), *people, venue_name(rest), year_in(rest) or year_in(text))
    if dated := _AUTHOR_YEAR.match(text):
        people = author_names(dated[1])
        if people:
            title, _, rest = _first_sentence(dated[3])
            return Citation(title, *people, venue_name(rest), dated[2]) if len(title) >= 8 else None
    first, _, rest = _first_sentence(text)
    people = author_names(first)
    if people and rest and (len(people[0]) > 1 or "," in first or name_likeness(first) >= 3):
        title, _, tail = _first_sentence(rest)
        if len(title.split()) >= 2 and not is_venue(title):
            return Citation(title, *people, venue_name(tail), year_in(tail) or year_in(text))
        return None
    if rest:
        second, _, tail = _first_sentence(rest)
        people = author_names(second)
        if people and len(first.split()) >= 3:
            return Citation(first, *people, venue_name(tail), year_in(tail))
    return None


def _first_sentence(text: str) -> tuple[str, str, str]:
    """The text before its first full stop that is no initial's or abbreviation's, and what follows."""
    for stop in _SENTENCE.finditer(text):
        before = text[: stop.start()]
        if re.search(r"(?:^|[\s.\-])[A-Z]$|\bet al$|\b(?:vs|cf|St|Dr|Jr)$", before):
            continue
        return before.strip(), ".", text[stop.end() :].strip()
    question = re.search(r"[?!]\s+(?=[A-Z])", text)
    if question:
        return text[: question.start() + 1].strip(), "?", text[question.end() :].strip()
    return text.strip(" ."), "", ""
