"""Titles, abstracts and other prose as plain text: no markup, single blanks, NFC; and whether it is all there.

``clean`` runs on every field of every record, so what is clean already is recognised in well under a
microsecond per hundred characters and returned as it came.
"""

from __future__ import annotations

import html
import re
import unicodedata

from worker.record import TextState

ROUNDS = 4
"""Sources escape twice at most (Crossref: ``&amp;amp;``); what is nested deeper stays as it is."""

_ENTITY = re.compile(r"&(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")

# C1 controls are Windows-1252 characters that somebody decoded as Latin-1; zero-width joiners stay, they are
# spelling in Persian and the Indic scripts; direction marks and other invisible characters go.
_BLANKS = "\t\n\x0b\x0c\r\x1c-\x1f\x85\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"
_INVISIBLE = "\x00-\x08\x0e-\x1b\x7f\xad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"
_CONTROL = re.compile(f"[{_BLANKS}]|[{_INVISIBLE}]+|[\x80-\x9f]")
_BLANK = re.compile(f"[{_BLANKS}]")
_SURROGATE = re.compile("[\ud800-\udfff]")

_SUPERSCRIPT = str.maketrans("0123456789+-−=()ni", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁼⁽⁾ⁿⁱ")
_SUBSCRIPT = str.maketrans("0123456789+-−=()", "₀₁₂₃₄₅₆₇₈₉₊₋₋₌₍₎")

_INLINE = (
    "a|abbr|acronym|b|bdi|bdo|big|bold|cite|code|del|dfn|em|email|ext-link|fixed-case|font|i|"
    "inline-formula|inline-graphic|ins|italic|kbd|mark|monospace|named-content|nobr|o|overline|q|roman|s|"
    "samp|sc|sans-serif|small|span|strike|strong|styled-content|sub|sup|tt|u|underline|uri|url|var|wbr|"
    "xref|tex-math|alternatives|math|maction|menclose|merror|mfenced|mfrac|mglyph|mi|mmultiscripts|mn|mo|"
    "mover|mpadded|mphantom|mprescripts|mroot|mrow|ms|mspace|msqrt|mstyle|msub|msubsup|msup|mtext|munder|"
    "munderover|none|semantics|annotation|annotation-xml|scp|inf"
)
_BLOCK = (
    "abstract|address|article|aside|blockquote|body|br|center|dd|def-list|disp-formula|div|dl|dt|"
    "figcaption|figure|footer|h1|h2|h3|h4|h5|h6|head|header|hr|html|label|li|list|list-item|ol|p|para|"
    "pre|sec|section|simple-para|table|tbody|td|tfoot|th|thead|title|tr|ul|mtable|mtr|mtd|break|"
    "disp-quote|trans-title|subtitle"
)
_ATTRIBUTES = r"(?:\s+[A-Za-z_:][\w:.-]*(?:\s*=\s*(?:\"[^\"<>]*\"|'[^'<>]*'|[^\s\"'<>=]+))?)*"
# A tag is a known name, or any name with a namespace or with attributes in quotes: "<unk>" and "<mask>" are
# words of machine-learning papers, "p <0.5" and "a < b" are mathematics.
_TAG = re.compile(
    rf"</?(?:(?:jats|mml|m|ns\d|xocs|ce|sb|html):[A-Za-z][\w-]*|(?P<name>(?i:{_INLINE}|{_BLOCK})))(?P<rest>{_ATTRIBUTES})\s*/?>"
    r"|</?[A-Za-z][\w:.-]*(?:\s+[A-Za-z_:][\w:.-]*=(?:\"[^\"<>]*\"|'[^'<>]*'))+\s*/?>"
)
_BLOCKS = frozenset(_BLOCK.split("|"))
_BLOCK_JATS = re.compile(r"</?(?:jats|html):([A-Za-z][\w-]*)")
# What is inside these is no text. Read with a scan, for a pattern would look for every missing end anew.
_HIDDEN = re.compile(r"(?i)<!--|<(script|style|(?:mml:|m:)?annotation(?:-xml)?)\b[^<>]*>")
_TEX_TWIN = re.compile(r"<((?:jats:)?tex-math)\b[^<>]*>[^<]*</\1>(?=\s*<(?:mml:|m:)?math\b)")
_RAISED = re.compile(r"(?is)<((?:jats:)?)(su[bp])\b[^<>]*>([^<>]{1,40})</\1\2\s*>")
_SCRIPTED = re.compile(
    r"(?s)<((?:mml:|m:)?)(msu[bp])\b[^<>]*>\s*<\1(mi|mn|mtext)\b[^<>]*>([^<>]*)</\1\3>\s*"
    r"<\1(mi|mn|mo)\b[^<>]*>([^<>]*)</\1\5>\s*</\1\2>"
)
_MATH_GAP = re.compile(r"(?<=>)\s+(?=</?(?:mml:|m:)?(?:m[a-z]+|semantics|none)\b)")

_HEADING = re.compile(
    r"(?i)^(?:abstract|abstrait|r[ée]sum[ée]|summary|sommaire)"
    r"(?:\s*[:.\u2014\u2013|]+\s*|\s+-+\s+|(?-i:\s+(?=[A-ZÀ-Ý0-9\"“«(\[])))"
)
# Terms of art that begin a sentence with the same word as the heading.
_TERM = re.compile(
    r"(?i)^(?:abstract (?:meaning|syntax|interpretation|argumentation|data|state|dialectical|algebra\w*|"
    r"reasoning|wiener|text\w*|concepts?|anaphora|art|visual|machines?|domains?|models?|rewriting|"
    r"harmonic|simplicial|cauchy|polytopes?|graphs?)|r[ée]sum[ée] (?:parsing|screening)|summary statistics)\b"
)
_JATS_HEADING = re.compile(
    r"(?is)^\s*(?:<(?:jats:)?(?:abstract|sec|p)\b[^<>]*>\s*)*<(?:jats:)?title\b[^<>]*>\s*"
    r"(?:abstract|r[ée]sum[ée]|summary)\s*+[:.]?\s*+</(?:jats:)?title>"
)

_MARKER = re.compile(r"(?i)(?:…|\.\.\.)[ \u00a0]?\((?:voir plus|see more)\)")
_MARKER_AT_END = re.compile(_MARKER.pattern + r"\s*\Z")
_FINAL = ".!?。！？．।؟۔։"
_CLOSERS = "\"'”’»›“‘)]}>*†‡$」』）】\u00a0 "
_URL = re.compile(
    r"(?i)[\[({<\"'“‘«]*(?:https?://|www\.|[\w-]+(?:\.[\w-]+)*\.(?:com|org|io|ai|net|ca|edu)/)\S*[\w/#=~%)\]}>\"'”’»-]"
)
_ABBREVIATION = re.compile(
    r"(?i)(?:^|[\s(\[])(?:e\.g|i\.e|cf|vs|resp|viz|al|et al|fig|figs|eq|eqs|sec|ref|refs|approx|ca|dr|prof|mr|mrs|"
    r"st|no|vol|pp|c\.-à-d|p\. ex)\.$"
)


def clean(text: object) -> str | None:
    """Plain text of a field: entities decoded, markup dropped, controls removed, NFC, single blanks.

    Superscript and subscript digits become Unicode ones. Numbers become their digits; what is neither text
    nor number, and what is empty, becomes nothing.
    """
    if text is None:
        return None
    if not isinstance(text, str):
        return _digits(text)
    # Printable leaves out every control, format and private character, lone surrogates, and all blanks but
    # the plain one.
    if (
        text.isprintable()
        and "&" not in text
        and "<" not in text
        and "  " not in text
        and text[:1] != " "
        and text[-1:] != " "
        and (text.isascii() or unicodedata.is_normalized("NFC", text))
    ):
        return text or None
    return _rewrite(text) or None


def clean_abstract(text: object) -> str | None:
    """``clean``, and without the heading some sources put first (Abstract, Résumé, Summary)."""
    if isinstance(text, str) and "<" in text[:200]:
        text = _JATS_HEADING.sub("", text, count=1)
    cleaned = clean(text)
    if cleaned is None or cleaned[:1] not in "AaRrSs":
        return cleaned
    heading = _HEADING.match(cleaned)
    if heading is None or _TERM.match(cleaned):
        return None if cleaned.casefold() in ("abstract", "résumé", "resume", "summary") else cleaned
    return cleaned[heading.end() :] or None


def rejoin(text: str) -> tuple[str, TextState]:
    """The text without the marker a listing puts where it folds a long abstract, and whether it is whole.

    ``fr… (voir plus)om a given`` becomes ``from a given``: exactly the marker goes, no blank comes or goes. A
    text that ends at the marker is cut.
    """
    if "plus)" not in text and "more)" not in text:
        return text, abstract_state(text)
    joined = _MARKER.sub("", text)
    return joined, "cut" if _MARKER_AT_END.search(text) else abstract_state(joined)


def abstract_state(text: str | None) -> TextState:
    """``whole`` when the text ends as sentences end, perhaps with quotes, brackets or an address after it;
    ``cut`` when it stops in mid-sentence or at an ellipsis; ``unknown`` when there is none.
    """
    if not text or text.isspace():
        return "unknown"
    end = text[-300:].rstrip(_CLOSERS + "\n\t\r")
    if end.endswith(("…", "...", "..")):
        return "cut"
    if end and end[-1] in _FINAL:
        return "cut" if _ABBREVIATION.search(end[-12:]) or _open_bracket(text) else "whole"
    last_word = text[-300:].rsplit(None, 1)[-1]
    return "whole" if "." in last_word and _URL.fullmatch(last_word) else "cut"


def _open_bracket(text: str) -> bool:
    """A bracket opened in the last words and not closed: the full stop belongs to what stands inside."""
    opened = text.rfind("(", -80)
    return opened > 0 and text.rfind(")", -80) < opened


def _digits(number: object) -> str | None:
    if isinstance(number, bool) or not isinstance(number, int | float) or not abs(number) < 1e300:
        return None
    return str(number)


def _rewrite(text: str) -> str:
    if not text.isprintable():
        # Line ends and other blanks are most of what is not printable, and are dealt with at once.
        text = " ".join(text.split())
    text = _without_controls(text)
    if "&" in text or "<" in text:
        for _ in range(ROUNDS):
            plainer = _without_markup(text)
            if plainer == text:
                break
            text = _without_controls(plainer)
    if not text.isascii():
        text = unicodedata.normalize("NFC", text)
    return " ".join(text.split())


def _without_controls(text: str) -> str:
    if text.isprintable():
        return text
    if _SURROGATE.search(text):
        text = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return _CONTROL.sub(_visible, text)


def _visible(control: re.Match[str]) -> str:
    if _BLANK.match(control[0]):
        return " "
    code = ord(control[0][0])
    return bytes([code]).decode("cp1252", "ignore") if 0x80 <= code < 0xA0 else ""


def _without_markup(text: str) -> str:
    """One round: entities, then tags."""
    if "&" in text:
        text = _ENTITY.sub(_decoded, text)
    if "<" in text:
        if "<![CDATA[" in text:
            text = text.replace("<![CDATA[", "").replace("]]>", "")
        text = _without_hidden(text)
        if "math" in text:
            text = _MATH_GAP.sub("", _TEX_TWIN.sub("", text))
            text = _SCRIPTED.sub(_scripted, text)
        text = _RAISED.sub(lambda hit: _raised(hit[2], hit[3]), text)
        text = _TAG.sub(_gap, text)
    return text


def _without_hidden(text: str) -> str:
    """Comments, scripts, styles and the second spelling of formulas removed with all they contain."""
    kept: list[str] = []
    position = 0
    endless: set[str] = set()
    for opening in _HIDDEN.finditer(text):
        name = (opening[1] or "").lower()
        if opening.start() < position or name in endless:
            continue
        closing = re.compile(rf"(?i)</{name}\s*>" if name else "-->").search(text, opening.end())
        if closing is None:
            endless.add(name)
            continue
        kept.append(text[position : opening.start()])
        position = closing.end()
    return "".join(kept) + text[position:] if kept or position else text


def _decoded(entity: re.Match[str]) -> str:
    return html.unescape(entity[0])


def _gap(tag: re.Match[str]) -> str:
    """A blank for a tag that ends a line, nothing for one inside a word."""
    name = tag["name"]
    if name is None:
        jats = _BLOCK_JATS.match(tag[0])
        name = jats[1] if jats else ""
    return " " if name.lower() in _BLOCKS else ""


def _scripted(hit: re.Match[str]) -> str:
    return hit[4].strip() + _raised(hit[2][1:], hit[6].strip())


def _raised(kind: str, content: str) -> str:
    """Superscript and subscript digits and signs; other content stays as it is."""
    plain = content.strip()
    table = _SUPERSCRIPT if kind.lower() == "sup" else _SUBSCRIPT
    return plain.translate(table) if plain and all(ord(character) in table for character in plain) else content
