"""What a venue's printed name tells: which kind of place it is, and which series.

Names are messy (``In Proc. 26th ACM Sympos. Theory Comput.``), so a series is a small set of telling words,
compared with abbreviations and initials allowed; a short list of well-known names brings together what no
spelling rule can.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from worker.normalise.titles import title_key


class Venue(NamedTuple):
    """``kind``: ``preprint``, ``conference``, ``journal``, ``report``, ``thesis``, or empty when the name does not
    tell. ``series``: telling words of the name; ``acronym``: a known series, or empty. ``year``: of the meeting, if it
    is in the name, or 0.
    """

    kind: str
    series: frozenset[str]
    acronym: str
    year: int


# Full names (folded, as they occur inside a venue's name) of series whose short name is no abbreviation of it.
# The first that is found wins; a journal's name stands before the conference it is named after.
_KNOWN: tuple[tuple[str, str, str], ...] = (
    ("sigmod record", "sigmod record", "journal"),
    ("vldb journal", "vldb journal", "journal"),
    ("vldb j", "vldb journal", "journal"),
    ("journal on very large data bases", "vldb journal", "journal"),
    ("proceedings of the vldb endowment", "pvldb", "journal"),
    ("proc vldb endow", "pvldb", "journal"),
    ("pvldb", "pvldb", "journal"),
    ("transactions on database systems", "tods", "journal"),
    ("trans database syst", "tods", "journal"),
    ("tods", "tods", "journal"),
    ("journal of machine learning research", "jmlr", "journal"),
    ("jmlr", "jmlr", "journal"),
    ("transactions on machine learning research", "tmlr", "journal"),
    ("tmlr", "tmlr", "journal"),
    ("transactions of the association for computational linguistics", "tacl", "journal"),
    ("tacl", "tacl", "journal"),
    ("journal of the association for computing machinery", "jacm", "journal"),
    ("journal of the acm", "jacm", "journal"),
    ("j acm", "jacm", "journal"),
    ("jacm", "jacm", "journal"),
    ("communications of the acm", "cacm", "journal"),
    ("commun acm", "cacm", "journal"),
    ("cacm", "cacm", "journal"),
    ("journal of computer and system sciences", "jcss", "journal"),
    ("jcss", "jcss", "journal"),
    ("pattern analysis and machine intelligence", "tpami", "journal"),
    ("pattern anal mach intell", "tpami", "journal"),
    ("knowledge and data engineering", "tkde", "journal"),
    ("knowl data eng", "tkde", "journal"),
    ("very large data base", "vldb", "conference"),
    ("very large database", "vldb", "conference"),
    ("vldb", "vldb", "conference"),
    ("management of data", "sigmod", "conference"),
    ("sigmod", "sigmod", "conference"),
    ("principles of database systems", "pods", "conference"),
    ("pods", "pods", "conference"),
    ("conference on data engineering", "icde", "conference"),
    ("icde", "icde", "conference"),
    ("neural information processing", "nips", "conference"),
    ("neurips", "nips", "conference"),
    ("nips", "nips", "conference"),
    ("learning representations", "iclr", "conference"),
    ("iclr", "iclr", "conference"),
    ("international conference on machine learning", "icml", "conference"),
    ("international conference on international conference on machine learning", "icml", "conference"),
    ("icml", "icml", "conference"),
    ("knowledge discovery and data mining", "kdd", "conference"),
    ("knowledge discovery data mining", "kdd", "conference"),
    ("kdd", "kdd", "conference"),
    ("computer vision and pattern recognition", "cvpr", "conference"),
    ("cvpr", "cvpr", "conference"),
    ("conference on computer vision", "iccv", "conference"),
    ("iccv", "iccv", "conference"),
    ("artificial intelligence and statistics", "aistats", "conference"),
    ("aistats", "aistats", "conference"),
    ("joint conference on artificial intelligence", "ijcai", "conference"),
    ("joint conferences on artificial intelligence", "ijcai", "conference"),
    ("ijcai", "ijcai", "conference"),
    ("conference on artificial intelligence", "aaai", "conference"),
    ("aaai", "aaai", "conference"),
    ("uncertainty in artificial intelligence", "uai", "conference"),
    ("empirical methods in natural language", "emnlp", "conference"),
    ("emnlp", "emnlp", "conference"),
    ("robotics and automation", "icra", "conference"),
    ("icra", "icra", "conference"),
    ("conference on multimedia", "mm", "conference"),
    ("acm multimedia", "mm", "conference"),
    ("acm mm", "mm", "conference"),
    ("theory of computing", "stoc", "conference"),
    ("theory of computation", "stoc", "conference"),
    ("theory comput", "stoc", "conference"),
    ("stoc", "stoc", "conference"),
    ("foundations of computer science", "focs", "conference"),
    ("found comput sci", "focs", "conference"),
    ("focs", "focs", "conference"),
    ("computational learning theory", "colt", "conference"),
    ("comput learn", "colt", "conference"),
    ("colt", "colt", "conference"),
)

_PREPRINT = re.compile(r"\b(?:arxiv|corr|biorxiv|medrxiv|chemrxiv|ssrn|preprints?|eprint|e prints?|openreview)\b")
_THESIS = re.compile(r"\b(?:thesis|dissertation|these|memoire)\b")
_REPORT = re.compile(
    r"\b(?:tech\w* (?:rep\w*|memo\w*)|rapport|working papers?|unpublished|manuscript|memorandum)\b|\btr\b"
)
_CONFERENCE = re.compile(
    r"\b(?:proc\w*|conf\w*|symp\w*|workshops?|works|wksh\w*|colloqui\w*|meeting|congress|advances in neural\w*|"
    r"annual acm|annu|in the \w+|eurocolt)\b"
)
_JOURNAL = re.compile(
    r"\b(?:j|jour\w*|journal|trans|transactions?|letters?|magazine|mag|bulletin|record|rev|revue|review|quarterly|"
    r"annals|archives?|acta|communications|commun|computing surveys|comput surv|sigact news|newsletter|notices?)\b|"
    r"^(?:in )?(?:machine learning|mach learn|artificial intelligence|artif intell|information and computation|"
    r"inf\w* (?:and )?comput\w*|theoretical computer science|nature|science|cell|plos one|neural computation|"
    r"scientific reports|ieee access|the lancet|neuron|data mining and knowledge discovery|computer|ieee software|"
    r"siam j\w*.*|information systems|inf syst|algorithmica)\b(?: \d+)*$"
)
_EMPTY = """
proceedings proceeding proc procs of the in on an a and for to conference conf international int intl annual annu ann
acm ieee siam symposium symp sympos workshop works wksh meeting congress advances th st nd rd first second third
fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth fourteenth fifteenth sixteenth seventeenth
eighteenth nineteenth twentieth twenty thirtieth thirty fortieth forty one two three four five six seven eight nine
press springer verlag usa volume vol pp pages edition ed eds editors editor journal j jour transactions trans letters
joint national european society association us canada uk
"""
TELLS_NOTHING = frozenset(_EMPTY.split())


_YEAR = re.compile(r"\b(?:19[5-9]\d|20[0-4]\d)\b")
_ACRONYMS = "|".join(sorted({name for name, _, kind in _KNOWN if kind == "conference" and " " not in name}))
_SHORT_YEAR = re.compile(rf"(?i)['’‘`]\s?(\d\d)\b|\b(?:euro)?(?:{_ACRONYMS})[\s-]?([5-9]\d)\b")
"""``Crypto '93``, ``FOCS-90``: the year of a meeting. ``NIPS-14`` is the fourteenth."""


@lru_cache(maxsize=1 << 14)
def venue(name: str) -> Venue | None:
    """What a printed name tells, or nothing when there is no letter in it."""
    folded = title_key(name)
    if not folded or "abstract appeared" in folded:
        # "An extended abstract appeared in ..." tells of another version.
        return None
    padded = f" {folded} "
    known = next((entry for entry in _KNOWN if f" {entry[0]}" in padded), None)
    words = frozenset(
        word for word in folded.split() if word not in TELLS_NOTHING and len(word) > 1 and not word[0].isdigit()
    )
    if _PREPRINT.search(folded):
        kind = "preprint"
    elif _THESIS.search(folded):
        kind = "thesis"
    elif _REPORT.search(folded):
        kind = "report"
    elif known is not None and known[2] == "journal":
        kind = "journal"
    elif _CONFERENCE.search(folded):
        kind = "conference"
    elif _JOURNAL.search(folded):
        kind = "journal"
    else:
        kind = known[2] if known is not None else ""
    acronym = known[1] if known is not None and kind in ("", known[2]) else ""
    return Venue(kind, words, acronym, _year(name))


def _year(name: str) -> int:
    found = _YEAR.search(name)
    if found is not None:
        return int(found[0])
    short = _SHORT_YEAR.search(name)
    if short is None:
        return 0
    year = int(short[1] or short[2])
    return year + (1900 if year > 49 else 2000)


def same_series(a: Venue, b: Venue) -> bool | None:
    """Whether two names mean one series; nothing when one of them is too vague to tell."""
    if a.acronym and b.acronym:
        return a.acronym == b.acronym
    if not a.series or not b.series:
        return None
    if a.series == b.series:
        return True
    shorter, longer = sorted((a.series, b.series), key=lambda words: (len(words), sorted(words)))
    shared = sum(1 for word in shorter if word in longer or _abbreviated(word, longer))
    if shared >= (len(shorter) + 1) // 2:
        return True
    if len(shorter) == 1 and len(longer) > 1:
        # An acronym need not follow the words one knows of its name.
        return None
    return False if shared == 0 else None


def one_issue(a: Venue, b: Venue) -> bool:
    """Whether a conference and a journal are of one special interest group: its proceedings are an issue of its
    newsletter (SIGMOD Record, SIGPLAN Notices), and cited under either name.
    """
    return not _groups(a).isdisjoint(_groups(b))


def _groups(venue: Venue) -> set[str]:
    return {word for word in (*venue.series, *venue.acronym.split()) if word.startswith("sig") and len(word) > 3}


def _abbreviated(word: str, words: frozenset[str]) -> bool:
    return any(
        (len(word) >= 3 and other.startswith(word)) or (len(other) >= 3 and word.startswith(other)) for other in words
    )
