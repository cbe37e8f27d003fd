"""Four views of the same papers: listing pages, OpenAlex works, OpenReview notes, a faculty spreadsheet.

Pure and deterministic: the same facts always give the same bytes. The disagreements between the views are written
down here, next to the view that has them, so that a surprising catalog can be traced to its cause.

OpenAlex ids in this sample start at ``W9900000001`` and ``A9900000001``, far above any that OpenAlex has issued.
"""

from __future__ import annotations

import csv
import functools
import html
import io
import re
from importlib import resources
from typing import Any, Literal

import msgspec

Language = Literal["fr", "en"]
CardState = Literal["whole", "untitled", "unauthored", "cut", "stopped", "untitled stopped", "bare"]
"""What a listing card shows.

``whole`` has title, authors and the abstract with the marker inside; ``untitled`` the abstract only;
``unauthored`` lacks the authors; ``cut`` ends at the marker; ``stopped`` has the marker but breaks off before the
end all the same, as pages do at a formula; ``bare`` has no abstract.
"""

INSTITUTE = {"fr": "Institut Boréal d'intelligence artificielle", "en": "Boréal Artificial Intelligence Institute"}
HOME = "https://institute.example"
"""Where the pages say they live, so that their links stay the same whatever port serves them."""
MARKER = {"fr": "… (voir plus)", "en": "… (see more)"}
SHOWN = 140
"""Characters of an abstract before the marker."""
AUTHORS_LISTED = 25
"""Authors an OpenAlex list shows of one work; the real service stops at 100."""
MODIFIED = "2026-03-20T13:00:00+00:00"
"""When the listing pages say they were last changed."""


class Paper(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is true of one paper. ``venueid`` and ``profiles`` are OpenReview's, profiles in author order."""

    key: str
    title: str
    authors: tuple[str, ...]
    year: int
    venue: str
    kind: str
    doi: str | None = None
    arxiv: str | None = None
    openreview: str | None = None
    venueid: str | None = None
    profiles: tuple[str, ...] = ()
    url: str | None = None
    preprint_year: int | None = None
    volume: str | None = None
    issue: str | None = None
    pages: str | None = None
    sample: bool = False
    """Invented for this sample."""
    abstract: str = ""


class Course(msgspec.Struct, frozen=True, kw_only=True):
    """One course announcement in one language; ``path`` is the registration page both languages link to."""

    path: str
    title: str
    text: str


COURSES: dict[str, tuple[Course, ...]] = {
    "fr": (
        Course(
            path="/inscription/boussole",
            title="BOUSSOLE : évaluer un projet d'IA en santé",
            text="Apprenez à juger si un projet d'IA tient ses promesses en clinique, des données jusqu'au chevet. "
            "Inscrivez-vous à la prochaine cohorte qui débutera le 6 mai.",
        ),
        Course(
            path="/inscription/plume",
            title="PLUME : rédiger avec l’IA générative dans un bureau municipal",
            text="Apprenez à préparer lettres et résumés avec un assistant, et à vérifier ce qu’il propose. "
            "La prochaine cohorte se déroulera en ligne les 12 et 14 mai 2026.",
        ),
    ),
    "en": (
        Course(
            path="/inscription/boussole",
            title="BOUSSOLE: assessing an AI project in health care",
            text="Learn to judge whether an AI project keeps its promises in the clinic, from the data to the bedside. "
            "Register now for the next cohort, which will start on May 6.",
        ),
        Course(
            path="/inscription/plume",
            title="PLUME: writing with generative AI in a municipal office",
            text="Learn to prepare letters and summaries with an assistant, and to check what it proposes. "
            "The next cohort will take place online on May 12 and 14, 2026.",
        ),
    ),
}

# A paper on both pages shows the same in both: one content system prints them.
CARDS: dict[str, tuple[tuple[str, CardState], ...]] = {
    "fr": (
        ("oc-gfn", "whole"),
        ("lmc-lsvi", "untitled stopped"),
        ("raidar", "untitled"),
        ("ldcq", "unauthored"),
        ("reward-ensembles", "whole"),
        ("str2str", "untitled"),
        ("tactis-2", "unauthored"),
        ("curse-diversity", "whole"),
        ("ultra-kg", "untitled"),
        ("hyena", "cut"),
        ("gflowout", "whole"),
        ("faenet", "whole"),
        ("protst", "cut"),
        ("climateset", "whole"),
        ("geo-bench", "bare"),
        ("climategan", "whole"),
        ("diffusion-itm", "untitled"),
        ("repo-prompts", "stopped"),
        ("climate-change", "cut"),
        ("gat", "unauthored"),
        ("dgi", "whole"),
        ("deep-learning", "bare"),
        ("gflownet", "whole"),
        ("double-gumbel", "whole"),
    ),
    "en": (
        ("oc-gfn", "whole"),
        ("lmc-lsvi", "untitled stopped"),
        ("raidar", "untitled"),
        ("reward-ensembles", "whole"),
        ("str2str", "untitled"),
        ("curse-diversity", "whole"),
        ("hyena", "cut"),
        ("bbf", "whole"),
        ("subtb", "whole"),
        ("canonicalization", "untitled"),
        ("protst", "cut"),
        ("hyena-dna", "whole"),
        ("elastic-reset", "unauthored"),
        ("climategan", "whole"),
        ("hotpotqa", "whole"),
        ("film", "bare"),
        ("option-critic", "cut"),
        ("align-and-translate", "whole"),
        ("gan", "unauthored"),
        ("n-beats", "whole"),
        ("rliable", "untitled"),
        ("jsp-gfn", "whole"),
        ("imagecode", "whole"),
        ("neuroscience-framework", "cut"),
    ),
}

CAPTURE: tuple[tuple[str, CardState], ...] = (
    ("interventional-crl", "whole"),
    ("sparsity-disentanglement", "untitled"),
    ("continuous-gfn", "untitled"),
    ("gfn-combinatorial", "unauthored"),
    ("dales-law", "whole"),
    ("compositional-attention", "untitled stopped"),
    ("comln", "untitled"),
    ("dcdi", "whole"),
)
"""The text capture of the older publications, in page order."""

LABELS = {
    "fr": {
        "menu": ("Accueil", "Recherche", "Publications", "Formation", "À propos", "English"),
        "heading": "Publications",
        "courses": "Formation professionnelle",
        "register": "S'inscrire",
        "cookies": "Nous utilisons des témoins pour mesurer la fréquentation de notre site et adapter son contenu. "
        "Vous pouvez les refuser à tout moment, mais certaines fonctions du site pourraient en souffrir.",
        "settings": "Paramètre des cookies",
        "essential": "Ces cookies sont nécessaires au fonctionnement du site et ne peuvent être désactivés.",
        "accept": "Tout accepter",
        "footer": "Tous droits réservés. Politique de protection de la vie privée. Abonnez-vous à notre infolettre.",
        "next": "Page suivante",
    },
    "en": {
        "menu": ("Home", "Research", "Publications", "Training", "About", "Français"),
        "heading": "Publications",
        "courses": "Professional training",
        "register": "Register",
        "cookies": "We use cookies to measure visits to our website and to adapt its content. "
        "You can refuse them at any time, but some functions of the site may suffer.",
        "settings": "Setting cookies",
        "essential": "These cookies are necessary for the operation of the site and cannot be deactivated.",
        "accept": "Accept all",
        "footer": "All rights reserved. Privacy policy. Subscribe to our newsletter.",
        "next": "Next page",
    },
}


@functools.cache
def papers() -> tuple[Paper, ...]:
    """Every paper of the sample, in the order of the facts file."""
    facts = resources.files("worker.demo").joinpath("papers.json").read_bytes()
    return msgspec.json.decode(facts, type=tuple[Paper, ...])


@functools.cache
def paper(key: str) -> Paper:
    """The paper with this key.

    Raises:
        KeyError: no such paper.
    """
    for each in papers():
        if each.key == key:
            return each
    raise KeyError(key)


def landing(paper: Paper) -> str | None:
    """Where a reader would be sent: publisher, OpenReview, arXiv, or the proceedings page."""
    if paper.doi:
        return f"https://doi.org/{paper.doi}"
    if paper.openreview:
        return f"https://openreview.net/forum?id={paper.openreview}"
    return f"https://arxiv.org/abs/{paper.arxiv}" if paper.arxiv else paper.url


# -- listing pages ---------------------------------------------------------------------------------------------


def shown_abstract(abstract: str, state: CardState, marker: str) -> tuple[str, str]:
    """The part of an abstract before the marker, and the part after it, as this card shows them.

    The marker falls wherever ``SHOWN`` characters end, inside a word as often as not.
    """
    if state == "bare" or not abstract:
        return "", ""
    rest = abstract[SHOWN:]
    if state == "cut":
        rest = ""
    elif state.endswith("stopped"):
        rest = rest[: rest.rindex(" ", 0, len(rest) * 2 // 3)]
    return abstract[:SHOWN] + marker, rest


def listing_page(language: Language, page: int = 0) -> str:
    """The institute's publications page in one language, as HTML with menu, banner, courses, cards and footer.

    All cards stand on page 0; a later page repeats the frame with no card, as sites with a pager do.
    """
    say, escape = LABELS[language], html.escape
    menu = "".join(f'<li><a href="/{language}/{n}">{escape(label)}</a></li>' for n, label in enumerate(say["menu"]))
    courses = "\n".join(
        f'<article class="course-card"><h3 class="course-card__title"><a href="{course.path}">'
        f'{escape(course.title)}</a></h3><p class="course-card__text">{escape(course.text)}</p>'
        f'<a class="button" href="{course.path}">{escape(str(say["register"]))}</a></article>'
        for course in COURSES[language]
    )
    cards = "\n".join(_card(paper(key), state, language) for key, state in (() if page else CARDS[language]))
    other = "en" if language == "fr" else "fr"
    return f"""<!DOCTYPE html>
<html lang="{language}">
<head>
<meta charset="utf-8">
<base href="{HOME}/">
<title>Publications | {escape(INSTITUTE[language])}</title>
<meta property="article:modified_time" content="{MODIFIED}">
<link rel="alternate" hreflang="{other}" href="{PATHS[other]}">
<style>.card {{ margin: 1em 0 }}</style>
<script>window.site = {{"page": "publications", "cards": {len(CARDS[language])}}};</script>
</head>
<body>
<header><a href="/{language}">{escape(INSTITUTE[language])}</a><nav><ul>{menu}</ul></nav></header>
<div class="cookie-banner" role="dialog"><p>{escape(str(say["cookies"]))}</p><h2>{say["settings"]}</h2>
<p>{escape(str(say["essential"]))}</p><button>{say["accept"]}</button></div>
<main>
<section class="courses"><h2>{say["courses"]}</h2>
{courses}
</section>
<section class="publications"><h1>{say["heading"]}</h1>
<div class="cards">
{cards}
</div>
<nav class="pager"><a href="?page=0">1</a> <span>{say["next"]}</span></nav>
</section>
</main>
<footer><p>{escape(str(say["footer"]))}</p></footer>
</body>
</html>
"""


PATHS = {"fr": "/fr/recherche/publications", "en": "/en/research/publications"}
CAPTURE_PATH = "/fr/recherche/publications.txt"


def _card(paper: Paper, state: CardState, language: Language) -> str:
    escape = html.escape
    parts = ['<article class="card publication">']
    if not state.startswith("untitled"):
        url = landing(paper)
        title = escape(paper.title)
        # Every third title is plain text: pages forget links, and those papers must be found by their words.
        linked = url is not None and len(paper.key) % 3 != 0
        parts.append(f'<h3 class="card__title"><a href="{escape(url or "")}">{title}</a></h3>' if linked
                     else f'<h3 class="card__title">{title}</h3>')  # fmt: skip
        if state != "unauthored":
            authors = "".join(f'<li class="author">{escape(name)}</li>' for name in paper.authors)
            parts.append(f'<ul class="card__authors">{authors}</ul>')
    marker = MARKER[language]
    head, rest = shown_abstract(paper.abstract, state, marker)
    if head:
        first, more = head.removesuffix(marker), marker.removeprefix("… ")
        parts.append(
            f'<p class="card__abstract">{escape(first)}… <a class="more" href="#">{more}</a>'
            f"<span>{escape(rest)}</span></p>"
        )
    parts.append("</article>")
    return "\n".join(parts)


def listing_text() -> str:
    """A plain text capture of the French page of older publications: banner, menu words and dropped lines included."""
    say = LABELS["fr"]
    lines = [str(say["cookies"]), str(say["settings"]), str(say["essential"]), str(say["heading"])]
    for key, state in CAPTURE:
        each = paper(key)
        if not state.startswith("untitled"):
            lines.append(each.title)
            if state != "unauthored":
                lines.extend(each.authors)
        head, rest = shown_abstract(each.abstract, state, MARKER["fr"])
        lines.append(head + rest)
    return "\n".join(lines) + "\n"


# -- OpenAlex --------------------------------------------------------------------------------------------------

NOT_IN_OPENALEX = frozenset({"withdrawn", "nplm", "raidar", "curse-diversity", "double-gumbel", "turkish-erratum"})
BEYOND_THE_INSTITUTE = frozenset({"slam-1", "slam-2", "turkish", "document-recognition"})
"""Works that answer a question but are in no list of the institute."""
WITHOUT_ABSTRACT = frozenset(
    {"deep-learning", "representation-learning", "long-term-dependencies", "document-recognition", "brain-tumor"}
)
TWO_WORKS = ("hotpotqa", "film", "deep-rl-matters", "climate-change", "option-critic", "rnn-encoder-decoder")
"""Papers whose preprint OpenAlex keeps as a work of its own."""
OPENALEX_TITLES = {
    "dales-law": "Learning better with Dale&#8217;s Law: A Spectral Perspective",
    "protst": "ProtST: Multi-Modality Learning of Protein Sequences &amp; Biomedical Texts",
    "continuous-gfn": "A Theory of Continuous Generative Flow Networks",
    "rnn-encoder-decoder": "Learning Phrase Representations using RNN Encoder-Decoder for Statistical "
    "Machine Translation",
    "gan": "Generative Adversarial Networks",
    "how-not-to-evaluate": "How <scp>NOT</scp> To Evaluate Your Dialogue System: An Empirical Study of Unsupervised "
    "Evaluation Metrics for Dialogue Response Generation",
    "film": "FiLM: Visual Reasoning with a General Conditioning Layer ",
    "gfn-combinatorial": "Let the Flows Tell: Solving Graph Combinatorial Optimization Problems with GFlowNets",
    "subtb": "Learning GFlowNets from partial episodes for improved convergence and stability",
}
OPENALEX_NAMES = {
    "Alex Hernández-García": "Alex Hernandez-Garcia",
    "Sébastien Lachapelle": "Sebastien Lachapelle",
    "Christopher Re": "Christopher Ré",
    "R Devon Hjelm": "R. Devon Hjelm",
    "Devon Hjelm": "R. Devon Hjelm",
    "Pierluca D'Oro": "Pierluca D’Oro",
    "Timothy P Lillicrap": "Timothy P. Lillicrap",
    "Blake A Richards": "Blake A. Richards",
    "Bart van Merriënboer": "Bart van Merrienboer",
}
"""Names OpenAlex spells its own way; the printed spelling stays in ``raw_author_name``."""
MEMBERS = frozenset(
    {
        "Yoshua Bengio", "Aaron Courville", "Doina Precup", "Joelle Pineau", "Hugo Larochelle", "Gauthier Gidel",
        "Simon Lacoste-Julien", "Ioannis Mitliagkas", "Siva Reddy", "Guillaume Lajoie", "David Rolnick",
        "Glen Berseth", "Laurent Charlin", "Pascal Vincent", "Pierre-Luc Bacon", "Jian Tang", "Irina Rish",
    }
)  # fmt: skip
MILA: dict[str, Any] = {
    "id": "https://openalex.org/I4210164802",
    "ror": "https://ror.org/05c22rx21",
    "display_name": "Mila - Quebec Artificial Intelligence Institute",
    "country_code": "CA",
    "type": "facility",
    "lineage": ["https://openalex.org/I4210164802"],
}


def inverted_index(text: str) -> dict[str, list[int]]:
    """Each word of a text with its positions, in order of first appearance: how OpenAlex gives abstracts."""
    index: dict[str, list[int]] = {}
    for position, word in enumerate(text.split()):
        index.setdefault(word, []).append(position)
    return index


@functools.cache
def openalex_works() -> tuple[dict[str, Any], ...]:
    """Every work in full, with whole author lists; papers that OpenAlex keeps twice give two works."""
    works = []
    for number, each in enumerate(papers(), 1):
        if each.key in NOT_IN_OPENALEX:
            continue
        works.append(_work(each, 9900000000 + number, preprint=each.doi is None and each.arxiv is not None))
        if each.key in TWO_WORKS:
            works.append(_work(each, 9900000500 + number, preprint=True))
    return tuple(works)


def in_institute_list(work: dict[str, Any]) -> bool:
    """Whether the institute's list shows this work."""
    return str(work["id"]) not in _beyond()


@functools.cache
def _beyond() -> frozenset[str]:
    numbers = [n for n, each in enumerate(papers(), 1) if each.key in BEYOND_THE_INSTITUTE]
    return frozenset(f"https://openalex.org/W{9900000000 + n}" for n in numbers)


def as_listed(work: dict[str, Any]) -> dict[str, Any]:
    """A work as lists show it: long author lists stop early and say so."""
    if len(work["authorships"]) <= AUTHORS_LISTED:
        return work
    return {**work, "authorships": work["authorships"][:AUTHORS_LISTED], "is_authors_truncated": True}


@functools.cache
def _author_ids() -> dict[str, str]:
    names = sorted({OPENALEX_NAMES.get(name, name) for each in papers() for name in each.authors})
    return {name: f"https://openalex.org/A{9900000000 + n}" for n, name in enumerate(names, 1)}


def _authorships(paper: Paper) -> list[dict[str, Any]]:
    last = len(paper.authors) - 1
    authorships = []
    for position, printed in enumerate(paper.authors):
        name = OPENALEX_NAMES.get(printed, printed)
        at_mila = paper.year >= 2018 and name in MEMBERS
        authorships.append(
            {
                "author_position": "first" if position == 0 else "last" if position == last else "middle",
                "author": {"id": _author_ids()[name], "display_name": name, "orcid": None},
                "institutions": [MILA] if at_mila else [],
                "countries": ["CA"] if at_mila else [],
                "is_corresponding": position == 0,
                "raw_author_name": printed,
                "raw_affiliation_strings": ["Mila, Montréal, Canada"] if at_mila else [],
            }
        )
    return authorships


def _work(paper: Paper, number: int, *, preprint: bool) -> dict[str, Any]:
    year = (paper.preprint_year or paper.year) if preprint else paper.year
    doi = f"https://doi.org/10.48550/arxiv.{paper.arxiv}" if preprint else paper.doi and f"https://doi.org/{paper.doi}"
    title = OPENALEX_TITLES.get(paper.key, paper.title)
    location = {
        "is_oa": preprint,
        "landing_page_url": f"http://arxiv.org/abs/{paper.arxiv}" if preprint else landing(paper),
        "pdf_url": f"https://arxiv.org/pdf/{paper.arxiv}" if preprint else None,
        "source": {
            "id": f"https://openalex.org/S{9900000000 + (0 if preprint else number % 1000)}",
            "display_name": "arXiv (Cornell University)" if preprint else paper.venue,
            "issn_l": None,
            "issn": None,
            "type": "repository" if preprint else "journal" if paper.volume else "conference",
            "host_organization_name": "Cornell University" if preprint else None,
        },
        "version": "submittedVersion" if preprint else "publishedVersion",
        "license": None,
        "is_accepted": not preprint,
        "is_published": not preprint,
    }
    first_page, _, last_page = (paper.pages or "").partition("-")
    shows_abstract = paper.abstract and paper.key not in WITHOUT_ABSTRACT
    # Some abstracts at OpenAlex open with the heading that stood above them.
    abstract = f"Abstract {paper.abstract}" if paper.key == "denoising-autoencoders" else paper.abstract
    work_id = f"https://openalex.org/W{number}"
    return {
        "id": work_id,
        "doi": doi,
        "title": title,
        "display_name": title,
        "publication_year": year,
        "publication_date": f"{year}-01-01",
        "ids": {"openalex": work_id, **({"doi": doi} if doi else {})},
        "language": "en",
        "primary_location": location,
        "type": "preprint" if preprint else "review" if paper.kind == "review" else "article",
        "type_crossref": "posted-content" if preprint else "journal-article" if paper.volume else "proceedings-article",
        "indexed_in": ["arxiv", "datacite"] if preprint else ["crossref"],
        "open_access": {
            "is_oa": preprint,
            "oa_status": "green" if preprint else "closed",
            "oa_url": location["pdf_url"],
            "any_repository_has_fulltext": preprint,
        },
        "authorships": _authorships(paper),
        "biblio": {
            "volume": None if preprint else paper.volume,
            "issue": None if preprint else paper.issue,
            "first_page": first_page if first_page and not preprint else None,
            "last_page": last_page or first_page if first_page and not preprint else None,
        },
        "cited_by_count": 0,
        "is_retracted": False,
        "is_paratext": False,
        "locations": [location],
        "best_oa_location": location if preprint else None,
        "topics": [],
        "keywords": [],
        "referenced_works": [],
        "abstract_inverted_index": inverted_index(abstract) if shows_abstract else None,
        "created_date": "2026-01-15",
        "updated_date": "2026-03-01T00:00:00.000000",
    }


# -- OpenReview ------------------------------------------------------------------------------------------------

API2_VENUES = ("ICLR.cc/2024/", "ICML.cc/2023/", "NeurIPS.cc/2023/")
"""Venues that answer at the second version of the API; older ones stayed with the first."""
_SUBMITTED = {"ICLR.cc/2024/": 1695900000000, "ICML.cc/2023/": 1674800000000, "NeurIPS.cc/2023/": 1683700000000}
_PUBLISHED = {"ICLR.cc/2024/": 1705400000000, "ICML.cc/2023/": 1682400000000, "NeurIPS.cc/2023/": 1695300000000}
"""Milliseconds since 1970, by the prefix of the venue."""


@functools.cache
def openreview_notes() -> tuple[dict[str, Any], ...]:
    """The notes of the newer venues, one of them withdrawn, in the shape of the second version of the API."""
    notes = []
    for number, each in enumerate(papers(), 1):
        prefix = next((p for p in API2_VENUES if (each.venueid or "").startswith(p)), None)
        if each.openreview is None or each.venueid is None or prefix is None:
            continue
        conference = each.venueid.removesuffix("/Withdrawn_Submission")
        created = _SUBMITTED[prefix] + number * 1000
        content: dict[str, Any] = {
            "title": each.title,
            "authors": list(each.authors),
            **({"authorids": list(each.profiles)} if each.profiles else {}),
            "abstract": each.abstract,
            "venue": each.venue,
            "venueid": each.venueid,
            "pdf": f"/pdf/{each.openreview}.pdf",
        }
        notes.append(
            {
                "id": each.openreview,
                "forum": each.openreview,
                "number": number,
                "cdate": created,
                "tcdate": created,
                **({"pdate": _PUBLISHED[prefix]} if conference == each.venueid else {}),
                "mdate": created + 86_400_000,
                "tmdate": created + 86_400_000,
                "invitations": [f"{conference}/-/Submission"],
                "signatures": [f"{conference}/Submission{number}/Authors"],
                "readers": ["everyone"],
                "license": "CC BY 4.0",
                "content": {field: {"value": value} for field, value in content.items()},
            }
        )
    return tuple(notes)


# -- the faculty spreadsheet -----------------------------------------------------------------------------------

AuthorStyle = Literal["full", "initials", "family first", "et al."]

FACULTY_PATH = "/faculty/publications.csv"
FACULTY: tuple[tuple[str, AuthorStyle, dict[str, str]], ...] = (
    ("deep-learning", "full", {"doi": "DOI: 10.1038/nature14539"}),
    ("representation-learning", "family first", {"doi": "http://dx.doi.org/10.1109/TPAMI.2013.50"}),
    ("long-term-dependencies", "initials", {"venue": "IEEE Trans. Neural Networks"}),
    ("document-recognition", "et al.", {"doi": "10.1109/5.726791"}),
    ("curriculum-learning", "full", {"title": "Curriculum Learning", "year": "", "doi": ""}),
    ("denoising-autoencoders", "initials", {"title": "Extracting and composing robust features with denoising "
                                            "auto-encoders", "doi": ""}),
    ("rnn-encoder-decoder", "initials", {"doi": "10.3115/v1/D14-1179", "venue": "EMNLP"}),
    ("large-vocabulary", "full", {"title": "On using very large target vocabulary for neural machine translation",
                                  "doi": "", "venue": "ACL"}),
    ("how-not-to-evaluate", "et al.", {"doi": "https://doi.org/10.18653/v1/D16-1230", "year": ""}),
    ("hotpotqa", "family first", {"title": "HotpotQA: A Dataset for Diverse, Explainable Multi-hop Question Answring",
                                  "doi": "", "venue": "EMNLP"}),
    ("film", "initials", {"title": "FiLM: Visual reasoning with a general conditioning layer", "doi": "",
                          "year": "2017", "venue": "arXiv"}),
    ("deep-rl-matters", "full", {"title": "Deep Reinforcment Learning that Matters", "doi": "", "venue": "AAAI"}),
    ("option-critic", "family first", {"doi": "doi:10.1609/AAAI.V31I1.10916"}),
    ("climate-change", "et al.", {"doi": "", "year": "2019", "venue": "arXiv"}),
    ("segregated-dendrites", "initials", {"doi": "https://doi.org/10.7554/eLife.22901"}),
    ("equilibrium-propagation", "full", {"title": "Equilibrium propagation: bridging the gap between energy-based "
                                         "models and back-propagation", "doi": ""}),
    ("causal-representation", "et al.", {"doi": "10.1109/JPROC.2021.3058954"}),
    ("brain-tumor", "et al.", {"title": "Brain Tumour Segmentation with Deep Neural Networks", "doi": ""}),
    ("align-and-translate", "family first", {"year": "2014", "venue": "arXiv preprint arXiv:1409.0473"}),
    ("gan", "full", {"venue": "NIPS"}),
    ("gat", "initials", {"year": ""}),
    ("nplm", "full", {}),
    ("ultra-kg", "full", {"venue": "ICLR"}),
    ("hyena", "et al.", {"venue": "ICML"}),
    ("dann", "family first", {"venue": "JMLR"}),
    ("slam-1", "full", {}),
    ("slam-2", "full", {"title": "Simultaneous Localization and Mapping: Part II", "doi": ""}),
    ("turkish", "full", {}),
    ("turkish-erratum", "full", {"doi": ""}),
)  # fmt: skip
"""Rows of the spreadsheet: which paper, how its authors are written, which cells differ from the facts."""

_PARTICLES = frozenset({"de", "van", "von", "der"})


def split_name(name: str) -> tuple[str, str]:
    """Given and family part of a printed name; particles belong to the family name."""
    words = name.split()
    start = next((n for n, word in enumerate(words) if n and word.casefold() in _PARTICLES), len(words) - 1)
    return " ".join(words[:start]), " ".join(words[start:])


def written(authors: tuple[str, ...], style: AuthorStyle) -> str:
    """An author list the way one member of the faculty writes it, separated by semicolons."""
    if style == "full":
        return "; ".join(authors)
    if style == "family first":
        return "; ".join(", ".join(reversed(split_name(name))) for name in authors)
    shown = authors[:1] if style == "et al." else authors
    names = []
    for name in shown:
        given, family = split_name(name)
        names.append(" ".join([*(f"{part[0]}." for part in re.split(r"[\s-]+", given)), family]))
    return "; ".join([*names, "et al."] if style == "et al." else names)


def faculty_csv() -> str:
    """The spreadsheet that the faculty office keeps by hand, as CSV with a byte order mark and CRLF lines."""
    out = io.StringIO()
    rows = csv.writer(out, lineterminator="\r\n")
    rows.writerow(["id", "title", "authors", "venue", "year", "doi"])
    for number, (key, style, cells) in enumerate(FACULTY, 1):
        each = paper(key)
        facts = {"title": each.title, "venue": each.venue, "year": str(each.year), "doi": each.doi or "", **cells}
        authors = written(each.authors, style)
        rows.writerow([f"F{number:03}", facts["title"], authors, facts["venue"], facts["year"], facts["doi"]])
    return "\ufeff" + out.getvalue()
