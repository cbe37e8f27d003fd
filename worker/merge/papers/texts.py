"""Titles and abstracts: a whole one before a cut one, one for each language."""

from __future__ import annotations

from collections.abc import Sequence

from worker.merge.papers.ranking import STATES, Ranked, field_order, why
from worker.record import Record, TextState


def known_language(code: str | None) -> str | None:
    """A language code that tells something: ``und`` does not."""
    return code if code and code != "und" else None


def _holds(longer: str | None, shorter: str | None) -> bool:
    """Whether a text is the longer one's beginning, dots at its end aside."""
    if not longer or not shorter or len(longer) <= len(shorter):
        return False
    return longer.startswith(shorter.rstrip(" .…"))


def best_text(
    field: str,
    ranked: Ranked,
    texts: Sequence[str | None],
    languages: Sequence[str | None],
    states: Sequence[TextState],
    main: str | None,
) -> tuple[int, str | None, str, list[tuple[str, int]]] | None:
    """Winner, its language, the rule, and the best text of every further language; nothing without texts.

    A text of unknown language competes with those of the main language. The main language is the one that
    has the most complete text; among equals ``main``, else that of the most trusted source.
    """
    if not any(texts):
        return None
    n = len(texts)
    order = [i for i in field_order(field, ranked) if texts[i]]
    if texts.count(texts[0]) == states.count(states[0]) == languages.count(languages[0]) == n > 1:
        return order[0], known_language(languages[0]), "agreed", []
    if len(order) == 1:
        return order[0], known_language(languages[order[0]]), "only", []
    ranks = [STATES[state] for state in states]
    order.sort(key=ranks.__getitem__)
    codes = [known_language(code) for code in languages]
    known = {codes[i] for i in order} - {None}
    if len(known) < 2:
        winner, rule = _best_of_language(field, ranked, texts, ranks, order)
        return winner, next(iter(known), None), rule, []
    language = codes[min((i for i in order if codes[i]), key=lambda i: (ranks[i], codes[i] != main))]
    pool = [i for i in order if codes[i] is None or codes[i] == language]
    winner, rule = _best_of_language(field, ranked, texts, ranks, pool)
    others = []
    for code in sorted(c for c in known if c and c != language):
        best, _ = _best_of_language(field, ranked, texts, ranks, [i for i in order if codes[i] == code])
        others.append((code, best))
        if rule in ("only", "agreed"):
            rule = "whole_text" if ranks[winner] < ranks[best] else "main_language"
    return winner, language, rule, others


def _best_of_language(
    field: str, ranked: Ranked, texts: Sequence[str | None], ranks: Sequence[int], pool: Sequence[int]
) -> tuple[int, str]:
    """The winner among texts of one language, which come by state and trust, and the rule.

    A text of unknown extent that begins a longer one is plainly not whole, and gives way even to a cut one.
    The first then gives way to the longest text of its own state that it begins; a whole title does not (a
    subtitle somebody added is no sign of a missing end).
    """
    first = pool[0]
    best = texts[first]
    rival = next((i for i in pool if texts[i] != best), None)
    if rival is None:
        return first, "agreed" if len(pool) > 1 else "only"
    winner = first
    if ranks[first] == 1:
        winner = next(i for i in pool if ranks[i] != 1 or not any(_holds(texts[j], texts[i]) for j in pool))
    if ranks[winner] or field == "abstract":
        beginning = texts[winner]
        for i in pool:
            if ranks[i] == ranks[winner] and _holds(texts[i], beginning) and _longer(texts[i], texts[winner]):
                winner = i
    return winner, "beginning" if winner != first else why_text(field, ranked, winner, rival)


def _longer(a: str | None, b: str | None) -> bool:
    return len(a or "") > len(b or "")


def why_text(field: str, ranked: Ranked, winner: int, loser: int) -> str:
    """The rule that puts one text before another, whatever languages they are in."""
    ours, our_state, our_code = _text_of(field, ranked.claims[winner].record)
    theirs, their_state, their_code = _text_of(field, ranked.claims[loser].record)
    if STATES[our_state] > STATES[their_state]:
        return "beginning"
    gives_way = their_state != "whole" or field == "abstract"
    if gives_way and our_state == their_state and _holds(ours, theirs):
        return "beginning"
    if our_state != their_state:
        return "whole_text"
    if our_code and their_code and our_code != their_code:
        return "main_language"
    return why(field, ranked, winner, loser)


def _text_of(field: str, record: Record) -> tuple[str | None, TextState, str | None]:
    if field == "title":
        return record.title, record.title_state, known_language(record.title_language)
    return record.abstract, record.abstract_state, known_language(record.abstract_language)
