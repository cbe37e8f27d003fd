"""French or English? By function words and accents: titles and abstracts are long enough for it, names are not."""

from __future__ import annotations

import re

READ = 160
"""Characters looked at; a text shows its language in its first sentence."""

_ENGLISH, _FRENCH, _FRENCH_TOO, _OTHER = range(4)
_WORDS = {
    _ENGLISH: "the of and in for with on to from by an is are we this that via using towards toward how what why can "
    "does without between at its as be has have our their these which it not or under into over beyond than when "
    "was were been study based approach analysis learning",
    _FRENCH: "les des une et dans pour sur avec est aux au ces cette nous qui que sont pas du par ou leur leurs entre "
    "ainsi cet afin ont été être comment chez vers sans selon lors dont plusieurs étude apprentissage où très",
    # French, and Spanish, Italian, Portuguese or Catalan as well: they count for half.
    _FRENCH_TOO: "de la le un en à se plus",
    _OTHER: "el los las del y una con por para como su lo al es il di che della per gli nel dei delle com não uma do "
    "da os dos na no em der die das und für mit von ein eine zur zum ist auf den im het een van voor och att av "
    "sobre más são",
}
_LANGUAGE = {word: language for language, words in _WORDS.items() for word in words.split()}
_ELISION = re.compile(r"\b(?:[ldnsjcm]|qu|jusqu|lorsqu)['’][aeéèêiïoôuhy]")
_FRENCH_LETTERS = re.compile("[éèêëâçîïôûùœ]")
_OTHER_LETTERS = re.compile("[áíóúñãõäöüßåøæìò¿¡]")


def language_of(text: str | None, hint: str | None = None) -> str | None:
    """``fr``, ``en``, or ``hint`` when the text does not tell (too short, another language, another script)."""
    if not text:
        return hint
    start = text[:READ].lower()
    languages = list(map(_LANGUAGE.get, start.split()))
    english: float = languages.count(_ENGLISH)
    other: float = languages.count(_OTHER)
    only_french = languages.count(_FRENCH)
    french = only_french + languages.count(_FRENCH_TOO) / 2
    if not start.isascii():
        other += len(_OTHER_LETTERS.findall(start)) / 2
        accents = min(1.0, len(_FRENCH_LETTERS.findall(start)) / 2)
    else:
        accents = 0.0
    elisions = len(_ELISION.findall(start)) if "'" in start or "’" in start else 0
    if french or elisions:
        french += accents + elisions
    if english > french and english > other:
        return "en"
    if french >= 1 and french > english and french > other and (only_french or elisions or accents):
        return "fr"
    return hint
