"""Evidence: small named functions for and against two records being one work.

The docstring of each is the sentence a curator reads. A weight is in the same unit for all: about the natural
logarithm of how much more often the observation is met in pairs of one work than in other pairs, set by hand on
the development sets and rounded. ``judge`` hands two records over in one order.
"""

from __future__ import annotations

from collections.abc import Callable
from types import FunctionType
from typing import NamedTuple

from rapidfuzz.distance import Indel

from worker.match.facts import Facts
from worker.match.people import People
from worker.match.titles import Titles, opposite_words
from worker.match.venues import one_issue, same_series
from worker.normalise.repositories import is_repository_doi


class Reason(NamedTuple):
    """The name of the evidence, its signed weight, and what it saw."""

    name: str
    weight: float
    detail: str | None = None


SAME_TITLE = 4.3
"""A long equal title decides alone when nothing speaks against it."""
TITLE_ZERO = 0.80
"""Likeness at which a title speaks neither for nor against: half of the pairs there are one work."""
HARDLY_REWORDED = 0.96
"""Likeness of titles that differ by a slip of the pen."""
SAME_ID = {"doi": 8.0}
"""A DOI is printed wrongly, or names a container, more often than the number an archive gives its own papers."""
ARCHIVE_ID = 13.0
PLACE_IN_PRINT = 7.0
"""Librarians find articles by journal, volume and pages: nearly an identifier, but copied by hand. With an author it
just outweighs a title that is another one.
"""
OTHER_PLACE = -4.0
"""A report of one name, by one author, in another year's volume: a person is asked."""
INSTALMENT = -1.5
"""The same of a column."""
CONFLICT = {
    "doi": 5.0, "arxiv": 6.0, "pmid": 6.0, "pmlr": 4.0, "acl": 4.0, "openreview": 3.0, "corpusid": 3.0, "s2": 3.0,
    "pmcid": 3.0, "openalex": 2.0, "hal": 2.0, "dblp": 2.0, "wikidata": 1.0,
}  # fmt: skip
"""Archives that number the same work twice (a resubmission at OpenReview, duplicates at OpenAlex) weigh less."""


def same_identifier(a: Facts, b: Facts, titles: Titles, people: People) -> Reason | None:
    """Both carry the same identifier."""
    shared = a.ids & b.ids
    if not shared:
        return None
    best = max(shared, key=lambda found: (SAME_ID.get(found.scheme, ARCHIVE_ID), found))
    return Reason("same_identifier", SAME_ID.get(best.scheme, ARCHIVE_ID), f"{best.scheme} {best.value}")


def other_identifier(a: Facts, b: Facts, titles: Titles, people: People) -> Reason | None:
    """Each carries another identifier of a scheme that numbers a work once."""
    if not a.ids or not b.ids or not a.ids.isdisjoint(b.ids):
        return None
    worst, detail = 0.0, ""
    for scheme in sorted({found.scheme for found in a.ids} & {found.scheme for found in b.ids}):
        mine = sorted(found.value for found in a.ids if found.scheme == scheme)
        theirs = sorted(found.value for found in b.ids if found.scheme == scheme)
        weight = CONFLICT.get(scheme, 2.0)
        if scheme == "doi":
            mine, theirs = _published(mine), _published(theirs)
            if not mine or not theirs:
                continue
            if {doi.split("/")[0] for doi in mine}.isdisjoint(doi.split("/")[0] for doi in theirs):
                weight = 2.0
        elif scheme == "dblp" and _is_corr(mine) != _is_corr(theirs):
            continue
        if weight > worst:
            first, second = sorted((mine[0], theirs[0]))
            worst, detail = weight, f"{scheme} {first} and {second}"
    return Reason("other_identifier", -worst, detail) if worst else None


def _published(dois: list[str]) -> list[str]:
    return [doi for doi in dois if not is_repository_doi(doi)]


def _is_corr(keys: list[str]) -> bool:
    return all(key.startswith("journals/corr/") for key in keys)


def title(a: Facts, b: Facts, titles: Titles, people: People) -> Reason | None:
    """How alike the titles are."""
    likeness, relation, _ = titles
    if relation == "none":
        return None
    if relation == "same":
        if a.weak or b.weak:
            return Reason("same_short_title", 1.5 if a.genre == "column" else 2.5, a.title)
        return _SAME
    if relation == "glued" and not (a.weak or b.weak):
        return _GLUED_TITLE
    weight = SAME_TITLE * (likeness - TITLE_ZERO) / (1 - TITLE_ZERO)
    if a.weak or b.weak:
        weight = min(weight, 1.0)
        if weight < -1.0 and (a.compact in b.compact or b.compact in a.compact):
            return Reason("column_part", -1.0, f"{likeness:.2f}")
    name = "title_part" if relation == "begins" else "similar_title" if weight > 0 else "other_title"
    return Reason(name, round(max(weight, -6.0), 2), f"{likeness:.2f}")


_SAME = Reason("same_title", SAME_TITLE)
_GLUED_TITLE = Reason("glued_title", SAME_TITLE - 0.5)


def same_short_title() -> None:
    """The titles are equal, but so short or so usual that other works bear them too."""


def same_title() -> None:
    """The titles are equal, apart from case, accents, punctuation and markup."""


def glued_title() -> None:
    """The titles are equal, but for authors, venue or year of the other record that stand in one of them."""


def title_part() -> None:
    """One title is the beginning or the end of the other: a subtitle left out, or cut."""


def column_part() -> None:
    """A short or usual title stands in a longer one: "Introduction", and what is introduced."""


def similar_title() -> None:
    """The titles differ by a few letters or words."""


def other_title() -> None:
    """The titles differ."""


def other_number(a: Facts, b: Facts, titles: Titles, people: People) -> Reason | None:
    """The titles differ in a number, a part or a volume."""
    if a.numbers == b.numbers or titles.relation == "glued":
        return None
    if a.ids and b.ids and any(found.scheme not in SAME_ID for found in a.ids & b.ids):
        # The archive says it is one work; its title was changed.
        return None
    mine, theirs = a.numbers - b.numbers, b.numbers - a.numbers
    if mine and theirs:
        first, second = sorted((" ".join(sorted(mine)), " ".join(sorted(theirs))))
        return Reason("other_number", -6.0, f"{first} and {second}")
    if titles.relation == "other" or (titles.relation == "begins" and (a.is_cut or b.is_cut)):
        # A number more is one word more of a title that is another one, or that goes on.
        return None
    number = next(iter(sorted(mine or theirs)))
    if titles.relation == "begins" and abs(len(a.words) - len(b.words)) > 2:
        return Reason("other_number", -0.5, number)
    if a.part != b.part and (a.part or b.part) in (mine or theirs):
        return Reason("other_number", -5.0, number)
    return Reason("other_number", -0.5, number)


def opposite(a: Facts, b: Facts, titles: Titles, people: People) -> Reason | None:
    """A word of one title turns the meaning of the other: with and without, supervised and unsupervised."""
    if titles.likeness < TITLE_ZERO or titles.relation in ("same", "glued"):
        return None
    words = opposite_words(a, b)
    return Reason("opposite", -6.0, " and ".join(sorted(words))) if words else None


def other_genre(a: Facts, b: Facts, titles: Titles, people: People) -> Reason | None:
    """One is a correction, a reply or a review of something, the other is not."""
    if a.genre == b.genre:
        return None
    kinds = {a.genre, b.genre}
    detail = " and ".join(sorted(kind or "paper" for kind in kinds))
    if "correction" in kinds or "reply" in kinds:
        return Reason("other_genre", -12.0, detail)
    return Reason("other_genre", -1.0, detail)


def authors(a: Facts, b: Facts, titles: Titles, people: People) -> Reason | None:
    """How far the author lists agree."""
    both, contradict, n_a, n_b = people
    if titles.named and not both:
        return Reason("named_authors", 3.0 if titles.named > 1 else 2.5, str(titles.named))
    if not n_a or not n_b:
        return None
    if not both:
        return Reason("other_authors", -5.0 if a.all_authors and b.all_authors else -4.0)
    fewer, more = (n_a, n_b) if n_a < n_b else (n_b, n_a)
    # A list that says "et al.", and a first author alone, hold fewer names than the whole.
    cut = not (a.all_authors and b.all_authors)
    agreement = both / fewer if cut else 0.5 * (both / fewer + both / more)
    if contradict:
        agreement -= 0.5 * contradict / more
    weight = 3.0 if both > 1 else 2.5
    detail = f"{both} of {n_a}" if n_a == n_b else f"{both} of {fewer} and {more}"
    if agreement >= 0.999:
        return Reason("same_authors", weight, detail)
    points = round((weight + 2.0) * agreement - 2.0, 2)
    return Reason("shared_authors" if points > 0 else "few_authors", points, detail)


def named_authors() -> None:
    """One title names the other record's authors."""


def same_authors() -> None:
    """The authors are the same, whatever the order; initials stand for names."""


def shared_authors() -> None:
    """Most authors are in both lists."""


def few_authors() -> None:
    """Few authors are in both lists."""


def other_authors() -> None:
    """No author is in both lists."""


def year(a: Facts, b: Facts, titles: Titles, people: People) -> Reason | None:
    """How far the years lie apart."""
    if not a.year or not b.year:
        return None
    gap = abs(a.year - b.year)
    if gap == 0:
        return Reason("same_year", 0.5, str(a.year))
    detail = f"{min(a.year, b.year)} and {max(a.year, b.year)}"
    if _is_preprint_of(a, b) and gap <= 3:
        return Reason("near_year", -0.1 * gap, detail)
    if gap == 1:
        # A title reworded and another year: seldom one work.
        return Reason("near_year", -2.5 if TITLE_ZERO < titles.likeness < HARDLY_REWORDED else -0.5, detail)
    return Reason("other_year", max(-2.1 * gap + 2.1, -7.0), detail)


def same_year() -> None:
    """Both are of one year."""


def near_year() -> None:
    """The years lie as far apart as a preprint and its publication, or two dates of one publication."""


def other_year() -> None:
    """The years lie far apart."""


def _is_preprint_of(a: Facts, b: Facts) -> bool:
    return (a.version in _EARLY) != (b.version in _EARLY)


_EARLY = frozenset(("preprint", "report"))
_PLACES = frozenset(("conference", "journal"))


def place(a: Facts, b: Facts, titles: Titles, people: People) -> Reason | None:
    """Whether venue and kind of publication agree."""
    mine, theirs = a.version, b.version
    if mine and theirs and mine != theirs:
        kinds = " and ".join(sorted((mine, theirs)))
        if _is_preprint_of(a, b):
            return Reason("versions", 0.0, kinds)
        if mine in _PLACES and theirs in _PLACES:
            if a.is_declared and b.is_declared:
                return Reason("versions", 0.0, kinds)
            if a.venue is not None and b.venue is not None and one_issue(a.venue, b.venue):
                return Reason("newsletter", 0.0, kinds)
            if a.year and b.year:
                return Reason("other_publication", -1.5 if a.year == b.year else -5.5, kinds)
            return Reason("other_publication", -3.5, kinds)
        return Reason("other_publication", -4.0, kinds)
    if a.venue is None or b.venue is None:
        return None
    same = same_series(a.venue, b.venue)
    if same:
        return _SAME_VENUE
    if same is None:
        return None
    return Reason("other_venue", -0.7)


_SAME_VENUE = Reason("same_venue", 0.7)


def versions() -> None:
    """Versions of one work: a preprint or report, and what was published."""


def newsletter() -> None:
    """The proceedings of a special interest group are an issue of its newsletter, and cited under either name."""


def same_venue() -> None:
    """Both appeared in the same journal or series of conferences."""


def other_venue() -> None:
    """They appeared in different places."""


def other_publication() -> None:
    """Publications of different kinds, of different years or as different things: a conference paper and a journal
    article, a thesis, a book and its chapter.
    """


def pages(a: Facts, b: Facts, titles: Titles, people: People) -> Reason | None:
    """Whether pages, volume and year agree."""
    if not a.first_page or not b.first_page:
        return None
    if a.first_page != b.first_page:
        elsewhere = a.pages and b.pages and a.year and b.year and a.year != b.year
        if elsewhere and _of_one_series(a, b):
            first, second = sorted((f"{a.year}: {a.pages}", f"{b.year}: {b.pages}"))
            return Reason("other_place", OTHER_PLACE, f"{first} and {second}")
        return None
    if may_be_in_one_place(a, b) and people.both and _of_one_series(a, b):
        return Reason("same_place", PLACE_IN_PRINT, f"{a.volume or a.year}: {a.pages}")
    if a.volume and a.volume == b.volume:
        return Reason("same_pages", 1.5, f"{a.volume}: {a.first_page}")
    return Reason("same_pages", 1.0, a.first_page)


def same_place() -> None:
    """An author in common, and the same pages of the same volume: one work, whatever a citation makes of its title."""


def other_place() -> None:
    """Other pages of another year's proceedings or volume: one of the two may be copied wrongly, hardly both."""


def may_be_in_one_place(a: Facts, b: Facts) -> bool:
    """Whether both fill the same pages, more than one, of a volume of one number or, where one tells none, of one year,
    and a family name is in common. Several items of one group of people may share a single page.
    """
    if not a.pages or a.pages != b.pages or a.families.isdisjoint(b.families):
        return False
    return a.volume == b.volume if a.volume and b.volume else a.year == b.year != 0


def _of_one_series(a: Facts, b: Facts) -> bool:
    return a.venue is not None and b.venue is not None and same_series(a.venue, b.venue) is True


def decoration(a: Facts, b: Facts, titles: Titles, people: People) -> Reason | None:
    """Whether both are called a demonstration, a tutorial, a panel or an abstract."""
    if a.decoration == b.decoration:
        return Reason("decoration", 0.3, a.decoration) if a.decoration else None
    return Reason("decoration", -0.3, " and ".join(sorted((a.decoration or "paper", b.decoration or "paper"))))


def same_pages() -> None:
    """The same first page."""


def abstract(a: Facts, b: Facts, titles: Titles, people: People) -> Reason | None:
    """Whether the abstracts are one text; a cut one is a beginning of the whole."""
    x, y = a.abstract, b.abstract
    if len(x) < _SHORTEST_ABSTRACT or len(y) < _SHORTEST_ABSTRACT:
        return None
    if len(x) > len(y) or (len(x) == len(y) and x > y):
        x, y = y, x
    alike = 1.0
    if not y.startswith(x):
        start = y.find(x[:40], 0, 120)
        if start < 0:
            start = 0
            back = x.find(y[:40], 0, 120)
            if back > 0:
                x = x[back:]
        alike = Indel.normalized_similarity(x, y[start : start + len(x)], score_cutoff=0.4)
    if alike >= 0.85:
        return Reason("same_abstract", 8.0 if len(x) >= 200 else 5.0, f"{alike:.2f}")
    if alike >= 0.7:
        return Reason("similar_abstract", 2.0, f"{alike:.2f}")
    if alike < 0.55:
        return Reason("other_abstract", -1.5)
    return None


_SHORTEST_ABSTRACT = 60


def same_abstract() -> None:
    """The abstracts are one text, perhaps cut in one of them."""


def similar_abstract() -> None:
    """The abstracts are much alike."""


def other_abstract() -> None:
    """The abstracts are different texts."""


def column(a: Facts, b: Facts, titles: Titles, people: People) -> Reason | None:
    """A recurring column or front matter: without the same issue it is another instalment."""
    if a.genre != "column" or b.genre != "column":
        return None
    elsewhere = a.venue is not None and b.venue is not None and same_series(a.venue, b.venue) is False
    if elsewhere or not a.year or a.year != b.year or not people.both:
        return Reason("column", -2.5, None)
    recurs = a.version in _RECURRING and b.version in _RECURRING and "guest" not in a.words
    if recurs and people.n_a == people.n_b == 1 and (not a.first_page or a.first_page != b.first_page):
        return Reason("instalment", INSTALMENT)
    return None


def instalment() -> None:
    """A column by one author in one year: a journal prints several, and no page says that these are the same."""


_RECURRING = frozenset(("journal", ""))


def same_source(a: Facts, b: Facts, titles: Titles, people: People) -> Reason | None:
    """The source lists each work once, and these are two of its entries."""
    if not a.deduplicates or not b.deduplicates or a.source != b.source or a.key == b.key:
        return None
    if _is_preprint_of(a, b) and a.is_declared and b.is_declared:
        return Reason("same_source", -1.0, a.source)
    return Reason("same_source", -8.0, a.source)


Evidence = Callable[[Facts, Facts, Titles, People], Reason | None]

EVIDENCE: tuple[Evidence, ...] = (
    same_identifier, other_identifier, title, authors, abstract, other_number, opposite, other_genre, column, year,
    place, pages, decoration, same_source,
)  # fmt: skip

_SENTENCES = {
    name: " ".join((found.__doc__ or "").split())
    for name, found in list(globals().items())
    if isinstance(found, FunctionType) and not name.startswith("_")
}
"""Reasons that one function gives under several names have a function of that name for their sentence."""


def sentence(name: str) -> str:
    """The sentence a curator reads for a reason.

    Raises:
        KeyError: no such evidence.
    """
    return _SENTENCES[name]
