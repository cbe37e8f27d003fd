"""Records of two sources, three pairs of which nobody but a person can decide."""

from __future__ import annotations

ALPHA = [
    {"id": "1", "title": "Slow turtles in the far north", "authors": "Dan Poe", "year": 2020, "venue": "arXiv"},
    {"id": "2", "title": "Deep Learning", "authors": "Yann LeCun; Yoshua Bengio", "year": 2015, "venue": "Nature"},
    {"id": "3", "title": "Graph Kernels", "authors": "Bo Li; Dan Poe", "year": 2019, "venue": "ICML"},
]
BETA = [
    {"id": "x", "title": "Slow turtles of the far north", "authors": "D. Poe; Eve Moe", "year": 2021,
     "venue": "Journal of Turtles", "doi": "10.5555/12345679"},
    {"id": "y", "title": "Deep learning", "authors": "Y. Bengio", "year": 2016, "venue": "Annual Review"},
    {"id": "z", "title": "Graph kernels", "authors": "Bo Li; Fay Roe", "year": 2019, "venue": "AISTATS"},
]  # fmt: skip
