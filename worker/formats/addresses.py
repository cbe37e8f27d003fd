"""A source that is a few files on the web: the sources file names them in ``pages``."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urljoin

from worker.errors import Misconfigured
from worker.page import Request, Site, Window


def first(site: Site, window: Window) -> Iterator[Request]:
    """One request for every file the sources file names in ``pages`` (addresses, or tables with a ``url``); a file has
    no dates to ask for.

    Raises:
        Misconfigured: no file is named, or one without an address.
    """
    pages = site.options.get("pages") or ([site.base_url] if site.base_url else [])
    if not pages:
        raise Misconfigured(f"{site.name}: expected pages = [...] or base_url in the sources file, found neither")
    for page in pages:
        address = page.get("url") if isinstance(page, dict) else page
        if not isinstance(address, str) or not address:
            raise Misconfigured(f"{site.name}: expected a file's address in pages, found {page!r}")
        yield Request(urljoin(site.base_url, address))
