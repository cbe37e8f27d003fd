"""French or English, and no guess about the rest."""

from __future__ import annotations

import gzip
import json

import pytest

from tests.shared import SHARED, needs_shared
from worker.normalise.languages import language_of


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Masked Autoencoders Are Scalable Vision Learners", "en"),
        ("Attention is all you need", "en"),
        ("De novo design of proteins", "en"),
        ("Apprentissage par renforcement", "fr"),
        ("L’apprentissage profond", "fr"),
        ("Reconnaissance d'entités nommées", "fr"),
        ("Un modèle de la grammaire", "fr"),
        ("Étiquetage morpho-syntaxique du français", "fr"),
        ("Le Monde", None),
        ("Poincaré embeddings", None),
        ("Análisis de sentimientos en la web", None),
        ("El aprendizaje de la lengua", None),
        ("Eine Studie zur Analyse der Sprache", None),
        ("Об одном примере", None),
        ("I'm a model", None),
        ("", None),
        (None, None),
    ],
)
def test_language(text: str | None, language: str | None) -> None:
    assert language_of(text) == language
    assert language_of(text, hint="de") == (language or "de")


@needs_shared
def test_titles_marked_by_their_source() -> None:
    """Titles of the French conferences of the ACL Anthology against those of its English ones."""
    found: dict[bool, list[str | None]] = {True: [], False: []}
    with gzip.open(SHARED / "scale" / "acl_anthology_2021-02.jsonl.gz") as lines:
        for line in lines:
            paper = json.loads(line)
            if "jeptalnrecital" in paper["id"]:
                found[True].append(language_of(paper["title"]))
            elif paper["id"].startswith(("P1", "2020.acl-main")):
                found[False].append(language_of(paper["title"]))
    assert found[True].count("fr") > 0.75 * len(found[True]) > 500
    assert found[False].count("fr") < 0.001 * len(found[False])
    assert found[False].count("en") > 0.85 * len(found[False]) > 1000
