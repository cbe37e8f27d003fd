"""Identifiers in one spelling each, so that two sources that mean the same thing write the same value.

What cannot be an identifier of its scheme (wrong shape, wrong check digit) becomes nothing: a missing
identifier costs a question, a wrong one merges strangers.
"""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Callable
from functools import lru_cache
from urllib.parse import unquote

from worker.record import Identifier

REMEMBERED = 1 << 14
"""People and organisations come again and again, works a few times in a row."""
LONGEST = 500
"""Characters; nothing longer is an identifier of any scheme known here."""

_LOWER = {code: code + 32 for code in range(ord("A"), ord("Z") + 1)}
_PLAIN_DOI = re.compile(r"10\.[0-9]{4,9}/[a-z0-9._-]*(?:/[a-z0-9._-]*[0-9]|[a-z0-9])")
_DOI = re.compile(r"(?<![0-9.])10\.[0-9]{4,9}(?:\.[0-9]+)*/\S+")
_DOI_TAIL = re.compile(r"/(?:abstract|full|fulltext|full-text|pdf|epdf|pdfdirect|meta|html)/?$")
_BIORXIV_VERSION = re.compile(r"v[0-9]+(?:\.(?:full|abstract|supplementary-material))?(?:\.pdf)?$")
_ARXIV_DOI = "10.48550/arxiv."
_ARXIV_PREFIX = re.compile(
    r"(?i)\s*(?:(?:https?:)?//)?(?:(?:[a-z]+\.)?arxiv\.org/(?:abs|pdf|html|format|ps|src)/)?"
    r"(?:10\.48550/)?(?:arxiv[:.]\s*)?"
)
_ARXIV = re.compile(r"([0-9]{2})([0-9]{2})\.([0-9]{4,5})(?:v[0-9]+)?(?:\.pdf)?")
_ARXIV_OLD = re.compile(r"([a-z]+(?:-[a-z]+)?)(?:\.[a-z]{2})?/([0-9]{7})(?:v[0-9]+)?(?:\.pdf)?")
_DBLP_CORR = re.compile(r"journals/corr/abs-([0-9]{4})-([0-9]{4,5})")
_ACL_DOI = "10.18653/v1/"
_PLAIN_ACL = re.compile(r"[12][0-9]{3}\.[a-z][a-z0-9]*-[a-z0-9_]+\.[0-9]+|[A-Z][0-9]{2}-[0-9]{4,5}")
_ACL = re.compile(
    r"(?i)(?:(?:https?:)?//(?:www\.)?acl(?:anthology\.org|web\.org/anthology)/)?"
    r"(?:([12][0-9]{3}\.[a-z][a-z0-9]*-[a-z0-9_]+\.[0-9]+)|([a-z][0-9]{2}-[0-9]{4,5}))"
    r"(?:v[0-9]+)?(?:\.(?:pdf|bib|html))?/?"
)
_DBLP_PLACE = re.compile(r"(?i)(?:dblp:|(?:https?:)?//[^/]+/(?:rec/(?:bibtex[0-9]?/)?|db/))")
_DBLP_ENDING = re.compile(r"\.(?:html|xml|bib|rdf|ttl|nt|json)(?:\?.*)?$")
_TILDE_ID = re.compile(r"~(?:[\d_]|[^\w\s])*[^\W\d_]\S*[0-9]")
_DBLP = re.compile(r"(?:conf|journals|books|phd|series|reference|tr|www|data|homepages|persons|ms)/[^\s?#]+")
_CROCKFORD = "0123456789abcdefghjkmnpqrstvwxyz"


def normalise(scheme: str, raw: object) -> Identifier | None:
    """The identifier in its canonical form, or nothing when ``raw`` is not one of ``scheme``.

    Schemes: doi, arxiv, orcid, openalex, openreview, openreview_profile, dblp, dblp_pid, s2, s2_author,
    corpusid,    pmid, pmcid, hal, acl, pmlr, isbn, issn, ror, wikidata. Any other scheme gives nothing.
    """
    if raw is None:
        return None
    if not isinstance(raw, str):
        if not isinstance(raw, int) or isinstance(raw, bool) or raw.bit_length() > 64:
            return None
        raw = str(raw)
    return _normalised(scheme, raw)


@lru_cache(maxsize=REMEMBERED)
def _normalised(scheme: str, raw: str) -> Identifier | None:
    canonical = _CANONICAL.get(scheme)
    if canonical is None:
        return None
    if not (raw.isascii() and raw.isprintable()):
        raw = _printable(raw)
    value = canonical(raw.strip())
    if not value or len(value) > LONGEST:
        return None
    return Identifier(scheme, value)


def of(**by_scheme: object) -> tuple[Identifier, ...]:
    """Identifiers by scheme, sorted, each once; values may be lists, and nothing is skipped.

    What one identifier says of another is added: the DOI of an arXiv paper and the dblp key of a CoRR paper
    hold its arXiv number, the DOI of an ACL Anthology paper its Anthology id.
    """
    found: list[Identifier] = []
    for scheme, raw in by_scheme.items():
        if raw is None:
            continue
        for one in raw if isinstance(raw, list | tuple) else (raw,):
            identifier = normalise(scheme, one)
            if identifier is None or identifier in found:
                continue
            found.append(identifier)
            implied = implies(identifier) if scheme == "doi" or scheme == "dblp" else None
            if implied is not None and implied not in found:
                found.append(implied)
    if len(found) > 1:
        found.sort()
    return tuple(found)


def united(*groups: tuple[Identifier, ...]) -> tuple[Identifier, ...]:
    """Several groups as one, sorted, each identifier once."""
    return tuple(sorted({identifier for group in groups for identifier in group}))


def implies(identifier: Identifier) -> Identifier | None:
    """The other identifier that is written inside this one, when there is one."""
    value = identifier.value
    if identifier.scheme == "doi":
        if value.startswith(_ARXIV_DOI):
            return normalise("arxiv", value)
        if value.startswith(_ACL_DOI):
            return normalise("acl", value[len(_ACL_DOI) :])
    elif identifier.scheme == "dblp" and (corr := _DBLP_CORR.fullmatch(value)):
        return normalise("arxiv", f"{corr[1]}.{corr[2]}")
    return None


def from_url(url: object) -> Identifier | None:
    """The identifier a web address stands for: resolvers, archives, and publishers' pages that show a DOI."""
    if not isinstance(url, str) or len(url) > 4 * LONGEST:
        return None
    if url.startswith("https://doi.org/10.") and "?" not in url and "#" not in url:
        return normalise("doi", url[16:])
    address = _URL.match(url)
    if address is None:
        return None
    host, path, query = address.groups("")
    host = host.lower()
    if host in ("doi.org", "dx.doi.org"):
        return normalise("doi", path[1:])
    shown = f"{path}?{query}" if query else path
    domain = host
    while domain:
        for scheme, pattern in _BY_DOMAIN.get(domain, ()):
            hit = pattern.search(shown)
            if hit is not None:
                return normalise(scheme, unquote(hit[1]))
        domain = domain.partition(".")[2]
    doi = _SHOWN_DOI.search(shown) if "10." in shown else None
    if doi is None:
        return None
    return normalise("doi", re.sub(r"(?i)\.(?:pdf|html?|epub|xml)$", "", unquote(doi[1])))


def _printable(raw: str) -> str:
    """Blanks made plain, control and format characters and lone surrogates removed."""
    kept = [
        " " if character.isspace() else character
        for character in unicodedata.normalize("NFC", raw)
        if character.isspace() or unicodedata.category(character) not in ("Cc", "Cf", "Cs")
    ]
    return "".join(kept)


def _doi(raw: str) -> str | None:
    """Lower case for ASCII letters only, as the DOI Handbook (3.4) says; no resolver, no prose around it."""
    value = raw.lower() if raw.isascii() else raw.translate(_LOWER)
    if _PLAIN_DOI.fullmatch(value) is None:
        while (shorter := _bare_doi(value)) != value:
            if shorter is None:
                return None
            value = shorter
    if value.startswith(_ARXIV_DOI):
        number = _arxiv(value)
        return _ARXIV_DOI + number if number else value
    if value.startswith("10.1101/"):
        return _BIORXIV_VERSION.sub("", value)
    return value


def _bare_doi(value: str) -> str | None:
    """One round of taking off what is written around a DOI: percent signs, entities, prose, a page's name."""
    if "%" in value:
        value = _printable(unquote(value).translate(_LOWER))
    if "&" in value:
        value = html.unescape(value).translate(_LOWER)
    found = _DOI.search(value)
    if found is None or "\ufffd" in found[0]:
        return None
    value = found[0].rstrip(".,;:'\"”’»/")
    for opening, closing in ("()", "[]", "{}"):
        while value.endswith(closing) and value.count(closing) > value.count(opening):
            value = value[:-1].rstrip(".,;:'\"”’»/")
    return _DOI_TAIL.sub("", value)


def _arxiv(raw: str) -> str | None:
    """Without version; four digits until 2014, five since 2015; old numbers without their subject class."""
    value = raw.lower()
    if not value[:4].isdecimal():
        value = _ARXIV_PREFIX.sub("", value, count=1)
    value = value.partition("?")[0].partition("#")[0].split(" ", 1)[0].rstrip(".,;/)]")
    if new := _ARXIV.fullmatch(value):
        year, month, number = new.groups()
        if not 1 <= int(month) <= 12 or int(year) < 7 or (len(number) == 5) != (int(year) >= 15):
            return None
        return f"{year}{month}.{number}"
    if old := _ARXIV_OLD.fullmatch(value):
        return f"{old[1]}/{old[2]}" if 1 <= int(old[2][2:4]) <= 12 else None
    return None


def _orcid(raw: str) -> str | None:
    """Check digit after ISO 7064 mod 11-2, within the blocks ORCID assigns (other numbers are ISNIs)."""
    found = re.fullmatch(
        r"(?i)(?:.*orcid(?:\.org)?[/:]\s*)?([0-9]{4})-?([0-9]{4})-?([0-9]{4})-?([0-9]{3}[0-9x])/?", raw
    )
    if found is None:
        return None
    digits = "".join(found.groups()).upper()
    total = 0
    for digit in digits[:15]:
        total = (total + int(digit)) * 2
    check = (12 - total % 11) % 11
    if digits[15] != ("X" if check == 10 else str(check)):
        return None
    block = int(digits[:15])
    if not (15000000 <= block <= 35000000 or 900000000000 <= block <= 900100000000):
        return None
    return "-".join(digits[start : start + 4] for start in (0, 4, 8, 12))


def _shaped(pattern: str, change: Callable[[str], str] = str) -> Callable[[str], str | None]:
    """A canonical form that is one group of a pattern, perhaps in another case."""
    compiled = re.compile(pattern)

    def canonical(raw: str) -> str | None:
        found = compiled.fullmatch(raw)
        return change(found[1]) if found else None

    return canonical


def _openreview_profile(raw: str) -> str | None:
    """A tilde id. An e-mail address, which stands here for people without a profile, is never kept."""
    value = unquote(raw.rpartition("id=")[2]) if "id=" in raw else raw
    if value[:1] != "~" or "@" in value or not _TILDE_ID.fullmatch(value):
        return None
    return unicodedata.normalize("NFC", value)


def _dblp(raw: str) -> str | None:
    place = _DBLP_PLACE.match(raw)
    value = _DBLP_ENDING.sub("", raw[place.end() :] if place else raw)
    return value if _DBLP.fullmatch(value) else None


def _acl(raw: str) -> str | None:
    """``2024.acl-long.1`` since 2020, ``P18-1001`` before."""
    if _PLAIN_ACL.fullmatch(raw):
        return raw
    found = _ACL.fullmatch(raw)
    if found is None:
        return None
    return found[1].lower() if found[1] else found[2].upper()


def _pmid(raw: str) -> str | None:
    found = re.fullmatch(r"(?i)(?:pmid:?\s*|(?:https?:)?//.*/)?0*([1-9][0-9]{0,8})/?", raw)
    return found[1] if found else None


def _pmcid(raw: str) -> str | None:
    found = re.fullmatch(r"(?i)(?:pmcid:?\s*|(?:https?:)?//.*/)?(?:pmc)?0*([1-9][0-9]{0,9})(?:\.[0-9]+)?/?", raw)
    return f"PMC{found[1]}" if found else None


def _isbn(raw: str) -> str | None:
    """Thirteen digits; a ten-digit number is rewritten; both check digits are checked."""
    value = re.sub(r"(?i)^(?:urn:)?isbn(?:-1[03])?:?\s*", "", raw)
    value = re.sub(r"[-\s‐‑–]", "", value).upper()
    if re.fullmatch(r"[0-9]{9}[0-9X]", value):
        digits = [10 if digit == "X" else int(digit) for digit in value]
        if sum(weight * digit for weight, digit in zip(range(10, 0, -1), digits, strict=True)) % 11:
            return None
        body = "978" + value[:9]
        return body + str(-_ean_sum(body) % 10)
    if re.fullmatch(r"97[89][0-9]{10}", value) and _ean_sum(value) % 10 == 0:
        return value
    return None


def _ean_sum(digits: str) -> int:
    return sum(int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(digits))


def _issn(raw: str) -> str | None:
    found = re.fullmatch(r"(?i)(?:(?:urn:)?e?issn:?\s*)?([0-9]{4})[-‐‑–]?([0-9]{3}[0-9x])", raw)
    if found is None:
        return None
    value = (found[1] + found[2]).upper()
    total = sum(
        weight * (10 if digit == "X" else int(digit)) for weight, digit in zip(range(8, 0, -1), value, strict=True)
    )
    return f"{value[:4]}-{value[4:]}" if total % 11 == 0 else None


def _ror(raw: str) -> str | None:
    """Six Crockford base-32 characters after the 0, then two check digits (ISO 7064 mod 97-10)."""
    found = re.fullmatch(r"(?:.*ror\.org/|ror:)?(0[a-hj-km-np-tv-z0-9]{6}[0-9]{2})/?", raw.lower())
    if found is None:
        return None
    number = 0
    for character in found[1][:7]:
        number = number * 32 + _CROCKFORD.index(character)
    return found[1] if 98 - number * 100 % 97 == int(found[1][7:]) else None


_CANONICAL: dict[str, Callable[[str], str | None]] = {
    "doi": _doi,
    "arxiv": _arxiv,
    "orcid": _orcid,
    "openalex": _shaped(r"(?i)(?:(?:https?:)?//.*/|openalex:)?([awistpfc][0-9]{2,12})/?", str.upper),
    "openreview": _shaped(r"(?:.*[?&]id=|openreview:)?([A-Za-z0-9_-]{8,16})(?:[&#].*)?"),
    "openreview_profile": _openreview_profile,
    "dblp": _dblp,
    "dblp_pid": _shaped(r"(?:.*/pid/|pid:)?([0-9a-z]+/[0-9A-Za-z=:_-]+)(?:\.html|\.xml)?"),
    "s2": _shaped(r"(?i)(?:.*/)?([0-9a-f]{40})", str.lower),
    "s2_author": _shaped(r"(?i)(?:.*/author/(?:[^/]+/)?)?([1-9][0-9]{0,12})"),
    "corpusid": _shaped(r"(?i)(?:corpusid:\s*)?0*([1-9][0-9]{0,17})"),
    "pmid": _pmid,
    "pmcid": _pmcid,
    "hal": _shaped(r"(?i)(?:.*/|hal:)?([a-z]+(?:-[a-z]+)*-[0-9]{8})(?:v[0-9]+)?(?:[/?#].*)?", str.lower),
    "acl": _acl,
    "pmlr": _shaped(r"(?i)(?:.*/)?(v[0-9]+/[a-z][a-z0-9_-]*[0-9]{2}[a-z]*)(?:[./].*)?", str.lower),
    "isbn": _isbn,
    "issn": _issn,
    "ror": _ror,
    "wikidata": _shaped(r"(?i)(?:.*/|wd:)?(q[1-9][0-9]*)", str.upper),
}

_URL = re.compile(
    r"\s*(?:https?:)?//(?:[^/@\s]*@)?(?:www\.)?([^/:?#\s]+)(?::[0-9]+)?"
    r"(/[^?#\s]*)?(?:\?([^#\s]*))?"
)
_SHOWN_DOI = re.compile(r"(?:/|[?&](?:id|doi|DOI)=)(10\.[0-9]{4,9}(?:\.[0-9]+)*(?:/|%2[fF])[^?&#\s]+)")
_HOSTS: tuple[tuple[str, str, re.Pattern[str]], ...] = (
    ("arxiv.org", "arxiv", re.compile(r"^/(?:abs|pdf|html|format|ps|src)/(.+?)/?$")),
    ("openreview.net", "openreview_profile", re.compile(r"^/profile\?(?:.*&)?id=(~[^&]+)")),
    ("openreview.net", "openreview", re.compile(r"^/(?:forum|pdf|attachment)\?(?:.*&)?id=([A-Za-z0-9_-]+)")),
    ("openalex.org", "openalex", re.compile(r"^/(?:[a-z]+/)?([A-Za-z][0-9]+)$")),
    ("dblp.org", "dblp", re.compile(r"^/rec/(?:bibtex\d?/)?([^?]+)")),
    ("dblp.uni-trier.de", "dblp", re.compile(r"^/rec/(?:bibtex\d?/)?([^?]+)")),
    ("dblp.dagstuhl.de", "dblp", re.compile(r"^/rec/(?:bibtex\d?/)?([^?]+)")),
    ("aclanthology.org", "acl", re.compile(r"^/([^/?]+)")),
    ("aclweb.org", "acl", re.compile(r"^/anthology/([^/?]+)")),
    ("pubmed.ncbi.nlm.nih.gov", "pmid", re.compile(r"^/([0-9]+)")),
    ("ncbi.nlm.nih.gov", "pmid", re.compile(r"^/pubmed/([0-9]+)")),
    ("ncbi.nlm.nih.gov", "pmcid", re.compile(r"^/(?:pmc/)?articles/((?:PMC)?[0-9]+)")),
    ("europepmc.org", "pmcid", re.compile(r"/(PMC[0-9]+)")),
    ("europepmc.org", "pmid", re.compile(r"/med/([0-9]+)")),
    ("semanticscholar.org", "s2", re.compile(r"/paper/(?:[^/]+/)?([0-9a-f]{40})")),
    ("semanticscholar.org", "corpusid", re.compile(r"^/CorpusID:([0-9]+)")),
    ("orcid.org", "orcid", re.compile(r"^/([0-9Xx-]+)")),
    ("ror.org", "ror", re.compile(r"^/(0[a-z0-9]{8})")),
    ("wikidata.org", "wikidata", re.compile(r"/(Q[0-9]+)")),
    ("proceedings.mlr.press", "pmlr", re.compile(r"^/(v[0-9]+/[a-z][a-z0-9_-]*[0-9]{2}[a-z]*)")),
    ("hal.science", "hal", re.compile(r"/([a-z]+(?:-[a-z]+)*-[0-9]{8})")),
    ("archives-ouvertes.fr", "hal", re.compile(r"/([a-z]+(?:-[a-z]+)*-[0-9]{8})")),
)
_BY_DOMAIN: dict[str, tuple[tuple[str, re.Pattern[str]], ...]] = {
    domain: tuple((scheme, pattern) for ending, scheme, pattern in _HOSTS if ending == domain)
    for domain in {ending for ending, _, _ in _HOSTS}
}
