"""A title as a key: what stays equal when accents, punctuation, markup and encodings differ.

``title_key`` runs on every record, so a plain ASCII title takes one translation (about 2 microseconds).
"""

from __future__ import annotations

import re
import unicodedata

from worker.normalise.texts import clean

_ASCII: dict[int, str | None] = {
    **dict.fromkeys(range(128), " "),
    **{ord(letter): letter for letter in "abcdefghijklmnopqrstuvwxyz0123456789"},
    **{ord(letter): letter.lower() for letter in "ABCDEFGHIJKLMNOPQRSTUVWXYZ"},
    ord("'"): None,
    ord("`"): None,
    ord("&"): " and ",
}
# Letters that Unicode does not take apart.
_LETTERS = {
    "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ı": "i", "ħ": "h", "ŧ": "t",
    "ŋ": "n", "ĸ": "k", "ſ": "s", "ƶ": "z", "ɛ": "e", "ə": "e",
}  # fmt: skip
_GREEK_LINE = (
    "alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi omicron pi rho sigma tau "
    "upsilon phi chi psi omega"
)
_GREEK_NAMES = _GREEK_LINE.split()
_GREEK = dict(zip("αβγδεζηθικλμνξοπρστυφχψω", _GREEK_NAMES, strict=True))
_LONE_GREEK = re.compile("(?<![\u0370-\u03ff])[α-ω](?![\u0370-\u03ff])")
_APOSTROPHES = frozenset("'’‘ʼ´`′ʻ")

_ACCENTS = {
    "`": "\u0300", "'": "\u0301", "^": "\u0302", "~": "\u0303", "=": "\u0304", "u": "\u0306", ".": "\u0307",
    '"': "\u0308", "r": "\u030a", "H": "\u030b", "v": "\u030c", "d": "\u0323", "c": "\u0327", "k": "\u0328",
    "b": "\u0331",
}  # fmt: skip
_ACCENT = re.compile(
    r"""\\(?:([`'^~=."])\s*(?:\{\s*\\?([A-Za-z])\s*\}|\\?([A-Za-z])(?:\{\})?)"""
    r"""|([uvHcdbkr])\s*\{\s*\\?([A-Za-z])\s*\}|([uvHcdbkr])\s+\\?([A-Za-z])(?![A-Za-z]))"""
)
_NOTE = re.compile(r"\\(?:footnote(?:mark|text)?|thanks|cite[a-z]*|label|ref)\*?(?:\[[^\]]*\])?(?:\{[^{}]*\})?")
_COMMAND = re.compile(r"\\([A-Za-z]+)\*?(\s*\{\}|\s+(?=[A-Za-z]))?|\\(.)|\\")
_TEX_SIGNS: dict[int, str | None] = {ord("{"): None, ord("}"): None, ord("$"): None, ord("~"): " "}
_FORMULA = re.compile(r"\$[^$]*\$")
_COMMAND_LETTERS = {
    "ss": "ß", "o": "ø", "O": "Ø", "l": "ł", "L": "Ł", "aa": "å", "AA": "Å", "ae": "æ", "AE": "Æ", "oe": "œ",
    "OE": "Œ", "i": "i", "j": "j", "ell": "l", "dh": "ð", "DH": "Ð", "th": "þ", "TH": "Þ", "dj": "đ", "DJ": "Đ",
}  # fmt: skip
_COMMAND_LINE = "arg cos cot deg det dim exp gcd inf ker lim ln log max min mod poly sin sup tan tanh TeX LaTeX"
_COMMAND_WORDS = frozenset(_COMMAND_LINE.split())

# UTF-8 that somebody read as Windows-1252 or Latin-1: a lead byte and its continuation bytes, as characters.
_CP1252_HIGH = "".join(bytes([code]).decode("cp1252", "ignore") for code in range(0x80, 0xA0))
_CONTINUATION = f"[\x80-\xbf{_CP1252_HIGH}]"
_MOJIBAKE = re.compile(f"[\xc2-\xdf]{_CONTINUATION}|[\xe0-\xef]{_CONTINUATION}{{2}}|[\xf0-\xf4]{_CONTINUATION}{{3}}")
_BYTES = {ord(character): chr(code) for code in range(0x80, 0xA0)
          if (character := bytes([code]).decode("cp1252", "ignore"))}  # fmt: skip


_NOT_ASCII = re.compile(r"[^\x00-\x7f]")


class _Folding(dict[str, str]):
    """What becomes of one character that is not ASCII; worked out at its first meeting."""

    def __missing__(self, character: str) -> str:
        kept: list[str] = []
        for part in unicodedata.normalize("NFKD", character).casefold():
            if "\u0300" <= part <= "\u036f" or part in _APOSTROPHES:
                continue
            # Vowel signs of Indic scripts are marks, and spelling.
            spelling = part.isalnum() or unicodedata.category(part) in ("Mn", "Mc")
            kept.append(_LETTERS.get(part, part) if spelling else " ")
        return self.setdefault(character, "".join(kept))


_FOLDING = _Folding()


def title_key(title: str) -> str:
    """Folded title: no accents, case, punctuation, markup or LaTeX; letters and digits with single blanks.

    Text that was decoded twice is repaired, entities and tags are dropped, lone Greek letters are spelt
    out (``β-VAE`` and ``$\\beta$-VAE`` are ``beta vae``), ``&`` is ``and``, apostrophes vanish. Every script
    keeps its letters. A title of signs alone gives the empty string.
    """
    if title.isascii():
        if "\\" in title or "$" in title or "{" in title or "&" in title or "<" in title:
            return _thorough(title)
        return " ".join(title.translate(_ASCII).split())
    return _thorough(title)


def repaired(text: str) -> str:
    """The text with UTF-8 that was read as Windows-1252 or Latin-1, once or twice, read again as UTF-8."""
    for _ in range(2):
        if text.isascii() or _MOJIBAKE.search(text) is None:
            break
        text = _MOJIBAKE.sub(_reread, text)
    return text


def plain_tex(text: str) -> str:
    """The text without LaTeX: accents as Unicode letters (NFC), formatting commands, braces and dollars gone.

    Footnotes go with what they say; Greek letters and functions keep their names; other commands become
    a blank.
    """
    if "\\" in text:
        text = _NOTE.sub("", text)
        text = _ACCENT.sub(_accented, text)
        text = _COMMAND.sub(_said, text)
        text = unicodedata.normalize("NFC", text)
    return text.translate(_TEX_SIGNS)


def _thorough(title: str) -> str:
    title = repaired(title)
    if "&" in title or "<" in title:
        title = repaired(clean(title) or "")
    if "\\" in title or "$" in title or "{" in title:
        # "H_2" and "L^p" are one word, as they are with raised and lowered digits.
        title = _FORMULA.sub(lambda formula: formula[0].replace("_", "").replace("^", ""), title)
        title = plain_tex(title)
    if not title.isascii():
        title = _NOT_ASCII.sub(_folded, title)
        if not title.isascii():
            title = _LONE_GREEK.sub(_greek, title)
    return " ".join(title.translate(_ASCII).split())


def _folded(character: re.Match[str]) -> str:
    return _FOLDING[character[0]]


def _greek(letter: re.Match[str]) -> str:
    return _GREEK[letter[0]]


def _reread(broken: re.Match[str]) -> str:
    try:
        return broken[0].translate(_BYTES).encode("latin-1").decode("utf-8")
    except UnicodeError:
        return broken[0]


def _accented(accent: re.Match[str]) -> str:
    mark = accent[1] or accent[4] or accent[6]
    letter = accent[2] or accent[3] or accent[5] or accent[7]
    return letter + _ACCENTS[mark]


def _said(command: re.Match[str]) -> str:
    name = command[1]
    if name is None:
        return command[3] if command[3] and command[3] in "&%#_$" else " "
    if name in _COMMAND_LETTERS:
        return _COMMAND_LETTERS[name]
    blank = " " if command[2] else ""
    greek = name.removeprefix("var").lower()
    if greek in _GREEK_NAMES:
        return greek + blank
    if name in _COMMAND_WORDS:
        return name + blank
    return "" if command.end() < len(command.string) and command.string[command.end()] == "{" else " "
