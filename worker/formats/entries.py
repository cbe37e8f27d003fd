"""One publication as an institute's page shows it, on its way to a record; and the noise around it."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, field
from functools import lru_cache

from worker.formats.agreement import fold
from worker.normalise import identifiers, languages, texts
from worker.normalise.dates import partial_date
from worker.normalise.titles import title_key
from worker.record import Author, Identifier, Link, PaperKind, Record, TextState

_MORE = (
    r"(?:voir plus|see more|lire la suite|lire plus|read more|show more|afficher (?:la suite|plus)|en voir plus"
    r"|more|plus|suite)"
)
MARKER = re.compile(
    rf"(?i)(?:…|\.\s?\.\s?\.)[ \u00a0]?(?:\(\s*{_MORE}\s*\)|\[\s*{_MORE}\s*\]|{_MORE}(?=\s*$))|[\[(](?:…"
    rf"|\.\.\.)[\])]\s*{_MORE}(?=\s*$)"
)
"""Where a page folds a long abstract, in the spellings we know of; ``texts.rejoin`` reads one of them."""
_LESS = re.compile(r"(?i)\s*[\[(]?(?:voir moins|see less|read less|show less|lire moins|moins|less)[\])]\s*$")
_PLAIN_MARKER = "… (see more)"

_NOISE = re.compile(
    r"(?i)\bcookies?\b|\bt[ée]moins\b|\bprivacy policy\b|politique de (?:protection|confidentialit)|vie priv[ée]e"
    r"|lecteur multim[ée]dia|multimedia player|\bnewsletter\b|infolettre|all rights reserved|tous droits r[ée]serv"
    r"|©|\bcopyright\b|terms of (?:use|service)|conditions d'utilisation|javascript|subscribe to|abonnez-vous"
    r"|suivez-nous|follow us|partagez? (?:sur|cette)|share (?:on|this)|skip to (?:main )?content|passer au contenu"
    r"|aller au contenu|(?:still|always) active\)|toujours actif|browser does not support|trafic et l.utilisation"
)
_NOISE_LINE = (
    "cookie,moins,privacy,confidentialit,protection,vie priv,multim,newsletter,infolettre,reserv,réserv,©,copyright,"
    "terms of,conditions d,javascript,subscribe,abonnez,suivez,follow us,partage,share ,skip to,passer au,aller au,"
    "actif,active),browser,trafic"
)
_NOISE_WORDS = tuple(_NOISE_LINE.split(","))
"""One of them stands in whatever ``_NOISE`` finds: looked for first, for that is ten times as fast."""
_ADDRESSED = re.compile(
    r"(?i)\b(?:you|your|vous|votre|vos|nous utilisons|we use|ces cookies|these cookies|nos sites?|our (?:web)?sites?"
    r"|all rights|tous droits|skip to|passer au|aller au|suivez|follow us|abonnez|subscribe|share (?:on|this)"
    r"|partage)"
    r"|©"
)
_CONTROL = re.compile(
    r"(?i)^(?:(?:learn|read|see|show|view|load|find out|en savoir|lire|voir|afficher|charger"
    r"|d[ée]couvrir)\s+(?:more|all|less|plus|tout|tous|toutes|"
    r"la suite|moins|les publications|publications|details?|davantage)\b.{0,25}|accept(?:er|ez)?(?: (?:all|tout|tous"
    r"|les).{0,20})?|reject.{0,10}|refuser.{0,12}"
    r"|(?:next|previous|last|first)(?: page)?|suivante?|pr[ée]c[ée]dente?|page (?:suivante|pr[ée]c[ée]dente|\d+)"
    r"|derni[èe]re(?: page)?|premi[èe]re(?: page)?"
    r"|menu|search|rechercher?|recherche|filter.{0,20}|filtr.{0,20}|sort by.{0,20}|trier.{0,20}|share|partager"
    r"|print|imprimer|download.{0,12}"
    r"|t[ée]l[ée]charger.{0,12}|pdf|html|doi|bibtex|cite|citer|code|video|vid[ée]o|slides|poster|abstract|abs"
    r"|r[ée]sum[ée]|arxiv|paper|article|link|lien|website|demo"
    r"|home|accueil|fran[çc]ais|english|fr|en|login|sign in"
    r"|connexion|se connecter|s'inscrire|inscrivez-vous|register(?: now)?|apply(?: now)?|featured|en vedette|all"
    r"|tous|toutes|close|fermer|back|retour|"
    r"new|nouveau|top|haut de page|results?|r[ée]sultats?.{0,15}|\d+\s+(?:results?|r[ée]sultats?|publications?)"
    r"|(?:photo|portrait|image|logo|picture) (?:of|de|d['’]).{0,80})"
    r"\s*[→›»>↗+…:]*$"
)
_PUBLICATIONS = re.compile(
    r"(?i)^(?:(?:all|our|my|latest|recent|selected|featured|key|new|peer[- ]reviewed|refereed|list of"
    r"|toutes? (?:les|nos)|nos|mes|derni[èe]res|"
    r"liste des|conference|journal|scientific|research|academic|workshop)\s+)*(?:publications?|papers?|preprints?"
    r"|pr[ée]publications?|articles?"
    r"|travaux|proceedings|theses|th[èe]ses|conferences?|journals?|workshops?|books?|book chapters?)"
    r"(?:\s+(?:r[ée]centes?|scientifiques?|s[ée]lectionn[ée]es?|choisies|de recherche|and preprints|in press|list"
    r"|papers|articles?|publications?"
    r"|with .{0,30}|avec .{0,30}|by .{0,30}|de (?:l|la|notre).{0,40}|\(.{0,40}\)|and .{0,30}|et .{0,30}))*\s*[:.]?$"
)
_HEADING = re.compile(
    r"(?i)^(?:biograph(?:y|ie)|research (?:topics|interests|areas|themes)|sujets de recherche"
    r"|th[èe]mes de recherche|current students|[ée]tudiant.{0,30}"
    r"|students|alumni|team|[ée]quipe|members?|membres|people|faculty|professeurs?|corps professoral|partners?"
    r"|partenaires|nos partenaires|our partners"
    r"|upcoming events|[ée]v[ée]nements [àa] venir|ressources|resources|projects?|projets|teaching|enseignement"
    r"|courses?|cours|formations?|training"
    r"|programmes?|programs|awards|prix|grants|talks|pr[ée]sentations|software|logiciels|jobs|careers|carri[èe]res"
    r"|emplois|opportunities|join us"
    r"|joignez-vous.{0,20}|media|m[ée]dias|blog|blogue|publications? in the media|footer|pied de page"
    r"|navigation.{0,20}|quick links|liens.{0,20}|jury"
    r"|useful links|description|details|d[ée]tails|key facts|faits saillants|contact.{0,20}|about|[àa] propos"
    r"|news|nouvelles|actualit[ée]s|events?|[ée]v[ée]nements?)\s*:?$"
)


def is_noise(text: str) -> bool:
    """Banners, cookie texts, rights and share lines; not a paper about cookies or copyright."""
    start = text[:1500]
    low = start.lower()
    if not any(word in low for word in _NOISE_WORDS):
        return False
    return bool(_NOISE.search(start)) and (len(text.split()) <= 4 or bool(_ADDRESSED.search(start)))


def is_control(text: str) -> bool:
    """What one clicks, not what one reads: ``Learn more``, ``Suivant``, ``PDF``."""
    return len(text) <= 90 and bool(_CONTROL.match(text))


def is_publications_heading(text: str) -> bool:
    """A heading under which publications follow."""
    return len(text) <= 70 and bool(_PUBLICATIONS.match(text))


def is_other_heading(text: str) -> bool:
    """A heading of something else: people, projects, news."""
    return len(text) <= 50 and bool(_HEADING.match(text))


def has_marker(text: str) -> bool:
    """The text is folded somewhere."""
    return ("…" in text or ".." in text or ". ." in text) and MARKER.search(text) is not None


def unfolded(text: str) -> tuple[str, TextState, bool]:
    """An abstract put together again: the text, whether it is whole, and whether a marker stood in it.

    The marker is deleted and no blank is added, for it falls inside words: ``fr… (voir plus)om a given``.
    """
    if text.endswith((")", "]")):
        text = text[:-40] + _LESS.sub("", text[-40:])
    marked = has_marker(text)
    if marked:
        text = MARKER.sub(_PLAIN_MARKER, text)
    joined, state = texts.rejoin(text)
    return texts.clean_abstract(joined) or "", state, marked


@dataclass(slots=True)
class Entry:
    """A publication being read."""

    title: str | None = None
    abstract: str | None = None
    abstract_state: TextState = "unknown"
    authors: list[str] = field(default_factory=list)
    authors_state: TextState = "whole"
    date: str | None = None
    venue: str | None = None
    kind: PaperKind | None = None
    links: list[Link] = field(default_factory=list)
    language: str | None = None

    def identifiers(self) -> tuple[Identifier, ...]:
        """What the links stand for, and what their identifiers imply of each other."""
        found = [one for link in self.links if (one := known_at(link.url)) is not None]
        implied = [other for one in found if (other := identifiers.implies(one)) is not None]
        return identifiers.united(tuple(found), tuple(implied))

    def record(self, source_key: str | None = None) -> Record | None:
        """The record, under a key of its content unless one is given; None when it says nothing."""
        title, title_state = self.title, "whole"
        if title is not None:
            title = texts.clean(title)
        if title and title.endswith(("…", "...")):
            title_state = "cut"
        abstract = self.abstract or None
        known = self.identifiers()
        if not (title or abstract or known):
            return None
        abstract_language = languages.language_of(abstract)
        people = tuple(Author(name=name) for name in dict.fromkeys(self.authors))
        return Record(
            source_key=source_key or content_key(title, abstract, known),
            title=title,
            title_language=languages.language_of(title, abstract_language) if title else None,
            title_state="cut" if title_state == "cut" else "whole",
            abstract=abstract,
            abstract_language=abstract_language or (self.language if abstract else None),
            abstract_state=self.abstract_state if abstract else "unknown",
            authors=people,
            authors_state=self.authors_state if people else "whole",
            identifiers=known,
            kind=self.kind,
            date=partial_date(self.date) if self.date else None,
            venue=texts.clean(self.venue) if self.venue else None,
            links=tuple(sorted(set(self.links))),
        )


@lru_cache(maxsize=32768)
def known_at(url: str) -> Identifier | None:
    """The identifier an address stands for; asked several times of every address of a page."""
    return identifiers.from_url(url)


def content_key(title: str | None, abstract: str | None, known: tuple[Identifier, ...] = ()) -> str:
    """A key for what has no address: what a page said stays its own record when it later says less.

    A hash of the folded title and the first twelve folded words of the abstract; of the identifiers when
    there is neither.
    """
    words = re.findall(r"[^\W_]+", fold(abstract or "").lower())[:12]
    identity = f"{title_key(title) if title else ''}|{' '.join(words)}"
    if identity == "|":
        identity += " ".join(f"{one.scheme}:{one.value}" for one in known)
    return "t:" + digest(identity)


def digest(identity: str) -> str:
    """Sixteen hexadecimal characters that stand for a text (BLAKE2b)."""
    return hashlib.blake2b(identity.encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()
