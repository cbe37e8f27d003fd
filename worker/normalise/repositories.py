"""DOIs of preprint servers and repositories, which stand beside the publisher's DOI and not against it."""

from __future__ import annotations

import re

_SERVERS = re.compile(r"10\.(?:48550|64898|2139|21203|20944|26434|31234|31219|31235|35542|36227|32388)/|10\.1101/[0-9]")
"""arXiv, openRxiv, SSRN, Research Square, Preprints.org, ChemRxiv, PsyArXiv, OSF, SocArXiv, EdArXiv, TechRxiv, Qeios;
bioRxiv and medRxiv number theirs, the journals of the same prefix begin with letters.
"""
_REPOSITORIES = re.compile(r"10\.(?:5281|6084|13140|22541|3929|17863|15763|5167|1101)/")
"""Zenodo, figshare, ResearchGate and archives of universities, where everything is kept, published papers too."""


def is_preprint_doi(doi: str) -> bool:
    """Whether a normalised DOI was given by a preprint server, told by its prefix."""
    return _SERVERS.match(doi) is not None


def is_repository_doi(doi: str) -> bool:
    """The same for preprint servers and for repositories of any kind."""
    return _SERVERS.match(doi) is not None or _REPOSITORIES.match(doi) is not None
