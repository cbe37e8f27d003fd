"""BibTeX and BibLaTeX files, brought or fetched: a group's ``publications.bib`` on the web is a source of its own.

How they are read is told in ``worker/formats/bibtex.py``.
"""

from worker.formats import addresses, bibtex
from worker.page import Source

SOURCE = Source(
    name="bibtex",
    title="BibTeX and BibLaTeX files",
    revision=1,
    parse=bibtex.parse,
    first=addresses.first,
    media="text",
)
