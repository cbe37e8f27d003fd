"""Whose author list stays, and what the other records know of the same people."""

from __future__ import annotations

from collections.abc import Sequence

from worker.merge.namesakes import assign, initials_only
from worker.merge.papers.ranking import STATES, Ranked, field_order, why
from worker.merge.papers.values import Claim, MergedAuthor
from worker.record import Author


def author_list(ranked: Ranked) -> tuple[int, str]:
    """Position of the record whose author list stays, and the rule; at least one record names authors.

    Whole before cut, full names before initials, then trust; a longer list that holds every author of
    the first one takes its place.
    """
    order = [i for i in field_order("authors", ranked) if ranked.claims[i].record.authors]
    if len(order) == 1:
        return order[0], "only"
    lists = [c.record.authors for c in ranked.claims]
    names = [[a.name for a in authors] for authors in lists]
    states = [STATES[c.record.authors_state] for c in ranked.claims]
    order.sort(key=states.__getitem__)
    rest = [i for i in order if names[i] != names[order[0]]]
    if not rest:
        first = order[0]
        return first, "agreed" if states[first] == states[order[-1]] else "whole_list"
    short = [_abbreviated(some) for some in names]
    order.sort(key=lambda i: (states[i], short[i]))
    first = winner = order[0]
    for i in order:
        if (
            states[i] == states[first]
            and short[i] == short[first]
            and len(lists[i]) > len(lists[winner])
            and -1 not in assign(names[first], names[i])
        ):
            winner = i
    if winner != first:
        return winner, "longer_list"
    rival = next(i for i in order if names[i] != names[winner])
    return winner, why_list(ranked, winner, rival)


def _abbreviated(names: Sequence[str]) -> bool:
    """Whether most of the names have initials only."""
    return 2 * sum(map(initials_only, names)) > len(names)


def why_list(ranked: Ranked, winner: int, loser: int) -> str:
    """The rule that puts one author list before another."""
    ours, theirs = ranked.claims[winner].record, ranked.claims[loser].record
    if ours.authors_state != theirs.authors_state:
        return "whole_list"
    names, other_names = [a.name for a in ours.authors], [a.name for a in theirs.authors]
    if _abbreviated(names) != _abbreviated(other_names):
        return "full_names"
    if len(names) > len(other_names) and -1 not in assign(other_names, names):
        return "longer_list"
    return why("authors", ranked, winner, loser)


def united_authors(ranked: Ranked, first: int) -> tuple[MergedAuthor, ...]:
    """The list at ``first`` with what the other records know of the same people.

    Lent are identifiers of schemes the author has none of, affiliations where there are none, the mark of
    the corresponding author, and a full name where the list has initials.
    """
    claims = ranked.claims
    own = claims[first].record.authors
    number = claims[first].record_id
    names: list[str] | None = None
    lent: list[list[tuple[int, Author]]] = [[] for _ in own]
    for i in field_order("authors", ranked):
        theirs = claims[i].record.authors
        if not theirs or i == first or theirs == own:
            continue
        if names is None:
            names = [a.name for a in own]
        for position, match in enumerate(assign(names, [a.name for a in theirs])):
            if match >= 0 and theirs[match] != own[position]:
                lent[position].append((i, theirs[match]))
    return tuple(
        [
            _lend(author, number, loans, claims) if loans else as_merged(author, number)
            for author, loans in zip(own, lent, strict=True)
        ]
    )


def as_merged(a: Author, number: int) -> MergedAuthor:
    """An author as the record of that number prints it."""
    return MergedAuthor(a.name, a.given, a.family, a.identifiers, a.affiliations, a.corresponding, number)


def _lend(author: Author, number: int, loans: Sequence[tuple[int, Author]], claims: Sequence[Claim]) -> MergedAuthor:
    """One author with what is lent, the first lender first."""
    name, given, family = author.name, author.given, author.family
    identifiers, affiliations = author.identifiers, author.affiliations
    corresponding = author.corresponding
    short = initials_only(name)
    for i, loan in loans:
        if short and not initials_only(loan.name):
            name, given, family, number, short = loan.name, loan.given, loan.family, claims[i].record_id, False
        elif given is None and loan.given is not None and loan.name == name:
            given, family = loan.given, loan.family
        if loan.identifiers and loan.identifiers != identifiers:
            schemes = {x.scheme for x in identifiers}
            identifiers += tuple([x for x in loan.identifiers if x.scheme not in schemes])
        affiliations = affiliations or loan.affiliations
        corresponding = corresponding or loan.corresponding
    if identifiers is not author.identifiers:
        identifiers = tuple(sorted(identifiers))
    return MergedAuthor(name, given, family, identifiers, affiliations, corresponding, number)


def with_known(names: Sequence[MergedAuthor], records: Sequence[MergedAuthor]) -> tuple[MergedAuthor, ...]:
    """Authors as a person listed them, with what records say of the same people."""
    found = []
    for author, match in zip(names, assign([a.name for a in names], [a.name for a in records]), strict=True):
        theirs = records[match] if match >= 0 else MergedAuthor("")
        found.append(
            MergedAuthor(
                author.name,
                author.given or theirs.given,
                author.family or theirs.family,
                author.identifiers or theirs.identifiers,
                author.affiliations or theirs.affiliations,
                author.corresponding or theirs.corresponding,
            )
        )
    return tuple(found)
