"""LaTeX of bibliographies as plain text: accents and letters as Unicode, commands gone, formulas as they are.

The usual few (accents, escaped signs, letters with names) are read here; whatever else has a backslash goes to
pylatexenc, and the answer is remembered.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import Any

REMEMBERED = 1 << 14
LONGEST_TEX = 20_000
"""Characters pylatexenc is given; what is longer keeps its rare commands as their names."""

_MARKS = {
    "`": "\u0300", "'": "\u0301", "^": "\u0302", "~": "\u0303", "=": "\u0304", "u": "\u0306", ".": "\u0307",
    '"': "\u0308", "r": "\u030a", "H": "\u030b", "v": "\u030c", "d": "\u0323", "c": "\u0327", "k": "\u0328",
    "b": "\u0331", "t": "\u0361",
}  # fmt: skip
_ACCENT = re.compile(
    r"""\\(?:([`'^~=."])\s*(?:\{\s*(\\?[^\W\d_]|\\[ij](?![a-z]))\s*\}|(\\[ij](?![A-Za-z])|[^\W\d_])(?:\{\})?)"""
    r"""|([uvHcdbkrt])\s*\{\s*(\\?[^\W\d_])[^{}]?\s*\}|([uvHcdbkrt])\s+(\\?[^\W\d_])(?![A-Za-z]))"""
)
_LETTERS = {
    "ss": "ß", "o": "ø", "O": "Ø", "l": "ł", "L": "Ł", "aa": "å", "AA": "Å", "ae": "æ", "AE": "Æ", "oe": "œ",
    "OE": "Œ", "i": "ı", "j": "ȷ", "dh": "ð", "DH": "Ð", "th": "þ", "TH": "Þ", "dj": "đ", "DJ": "Đ",
    "textquotesingle": "'", "textquoteright": "’", "textquoteleft": "‘", "textendash": "–", "textemdash": "—",
    "textquotedblleft": "“", "textquotedblright": "”", "ldots": "…", "dots": "…", "slash": "/",
    "textasciitilde": "\x05", "textasciicircum": "^", "textbackslash": "\x01", "textunderscore": "_", "newline": " ",
    "par": " ", "relax": "", "LaTeX": "LaTeX", "TeX": "TeX", "BibTeX": "BibTeX",
}  # fmt: skip
_LETTER = re.compile(r"\\(" + "|".join(sorted(_LETTERS, key=len, reverse=True)) + r")(?![A-Za-z])(?:\{\}|[ \t\n]+)?")
_SIGN = re.compile(r"\\([&%$#_{}])|\\([-/,;:! ]|\\)")
_WRAPPER = re.compile(
    r"\\(?:text(?:it|bf|sc|tt|rm|sf|sl|up|md|normal|subscript|superscript)?|emph|mbox|hbox|url|path|uppercase|lowercase|"
    r"enquote|texorpdfstring|mkbib[a-z]+|bibinfo\{[^{}]*\}|natexlab|noopsort|relax)\s*(?=\{)"
    r"|\\(?:it|bf|sc|tt|rm|sf|sl|em|itshape|bfseries|scshape|normalfont)(?![A-Za-z])\s*"
)
_HREF = re.compile(r"\\href\s*\{[^{}]*\}")
_FORMULA = re.compile(r"(?<!\\)(\$\$?[^$]{1,2000}(?<!\\)\$\$?)")
_KEPT_SIGNS = {"&": "&", "%": "%", "$": "\x02", "#": "#", "_": "_", "{": "\x03", "}": "\x04"}
_BACK = str.maketrans({"\x01": "\\", "\x02": "$", "\x03": "{", "\x04": "}", "\x05": "~"})
_DASHES = re.compile(r"(?<!-)---?(?!-)")
_BRACES = str.maketrans("", "", "{}")


def plain(raw: str) -> str:
    """The text a reader of the printed page would see; formulas between dollars stay as they are written."""
    if "\\" in raw or "$" in raw:
        return _plain(raw)
    if "{" in raw or "}" in raw:
        raw = raw.replace("{", "").replace("}", "")
    return _signs(raw) if "~" in raw or "--" in raw or "``" in raw else raw


@lru_cache(maxsize=REMEMBERED)
def _plain(raw: str) -> str:
    if "$" not in raw:
        return unicodedata.normalize("NFC", _text(raw).translate(_BACK))
    pieces = _FORMULA.split(raw)
    pieces[::2] = [_text(piece) for piece in pieces[::2]]
    return unicodedata.normalize("NFC", "".join(pieces).translate(_BACK))


def _text(raw: str) -> str:
    if "\\" in raw:
        raw = _ACCENT.sub(_accented, raw)
    if "\\" in raw:
        raw = _SIGN.sub(_sign, _LETTER.sub(lambda letter: _LETTERS[letter[1]], raw))
    if "\\" in raw:
        raw = _WRAPPER.sub("", _HREF.sub("", raw))
    if "\\" in raw:
        raw = _rare(raw)
    return _signs(raw.translate(_BRACES))


def _signs(text: str) -> str:
    if "~" in text:
        text = text.replace("~", " ")
    if "--" in text:
        text = _DASHES.sub(lambda dash: "–" if len(dash[0]) == 2 else "—", text)
    return text.replace("``", "“").replace("''", "”") if "``" in text else text


def _accented(accent: re.Match[str]) -> str:
    mark = accent[1] or accent[4] or accent[6]
    letter = (accent[2] or accent[3] or accent[5] or accent[7]).removeprefix("\\")
    return unicodedata.normalize("NFC", letter + _MARKS[mark])


def _sign(found: re.Match[str]) -> str:
    if found[1]:
        return _KEPT_SIGNS[found[1]]
    return " " if found[2] in " ,;:\\" else "-" if found[2] == "\x00" else ""


def _rare(raw: str) -> str:
    if len(raw) > LONGEST_TEX or raw.count("{") > 200 or raw.count("\\") > 200:
        return raw.replace("\\", " ")
    try:
        said: str = _converter().latex_to_text(raw)
    except Exception:
        return raw.replace("\\", " ")
    return said


@lru_cache(maxsize=1)
def _converter() -> Any:
    from pylatexenc.latex2text import LatexNodes2Text

    return LatexNodes2Text(math_mode="verbatim", keep_comments=True, strict_latex_spaces=False)
