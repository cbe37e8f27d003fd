"""An institute's own page: publications and courses, as HTML or as a plain text capture.

In the sources file a listing names its pages, and may name selectors::

    [sources.mila]
    kind = "listing"
    base_url = "https://..."
    pages = [{url = "/fr/recherche/publications", language = "fr"}, "/en/research/publications"]
    provider = "Mila"

    [sources.mila.selectors]
    item = "article"
    title = "h3"

or the site generator they come from: ``preset = "al-folio"``. What a page embeds for machines is read by itself.

Instead of pages, or beside them, it may name the site's maps; every page in them whose address matches is read::

    sitemaps = ["/sitemap.xml"]
    match = "/publications?/"
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any
from urllib.parse import urljoin, urlsplit

from worker.errors import Malformed, Misconfigured
from worker.formats import listing_html, listing_text, sitemap, values
from worker.formats.listing_html import following
from worker.page import Page, Request, Site, Source, Window
from worker.record import AnyRecord

MOST_PAGES = 5_000
"""Pages that one map leads to."""

_MARKUP = re.compile(
    r"(?i)<(?:!doctype html|html|head|body|div|p|ul|ol|li|table|article|section|main|h[1-6]|span|a\s)\b"
)
_LANGUAGE = re.compile(r"(?i)(?:^|[/._-])(fr|en)(?:[/._-]|$)")


def first(site: Site, window: Window) -> Iterable[Request]:
    """One request for every page the sources file names; a listing has no dates to ask for.

    Raises:
        Misconfigured: no page is named, or one without an address.
    """
    maps = values.listed(site.options.get("sitemaps"))
    pages = site.options.get("pages") or ([site.base_url] if site.base_url and not maps else [])
    if not pages and not maps:
        raise Misconfigured(f"{site.name}: expected pages = [...] or base_url in the sources file, found neither")
    for page in [*pages, *maps]:
        yield Request(urljoin(site.base_url, _address(site, page)))


def _address(site: Site, page: Any) -> str:
    address = page.get("url") if isinstance(page, dict) else page
    if not isinstance(address, str) or not address:
        raise Misconfigured(f"{site.name}: expected a page's address in pages, found {page!r}")
    return address


def refetch(site: Site, page: Page) -> Iterable[Request]:
    """What a map of the site leads to on the same host: further maps, and the pages whose address matches.

    Raises:
        Misconfigured: ``match`` is no pattern.
    """
    if not sitemap.is_sitemap(page):
        return
    told = site.options.get("match")
    try:
        wanted = re.compile(told if isinstance(told, str) else "")
    except re.error as error:
        raise Misconfigured(f"{site.name}: match = {told!r} is no pattern: {error}") from error
    found = sitemap.read(page)
    leads = [*found.maps, *(one for one in found.pages if wanted.search(one))]
    for address in leads[:MOST_PAGES]:
        if urlsplit(address).netloc == urlsplit(page.url).netloc and address != page.url:
            yield Request(address)


def next_page(site: Site, page: Page) -> Request | None:
    """The following page of the list, when an HTML page links to one on its own site."""
    if sitemap.is_sitemap(page):
        return None
    text = page.text()
    if not _is_html(text):
        return None
    address = following.next_page(text, page.url)
    return Request(address) if address else None


def parse(page: Page) -> Iterable[AnyRecord | Malformed]:
    """The records and courses of a page; its bytes tell whether it is HTML or a text capture. A map holds none.

    Raises:
        Malformed: it is empty, or nothing on it is a publication or a course.
    """
    if sitemap.is_sitemap(page):
        return iter(())
    text = page.text()
    if not text.strip():
        raise Malformed(f"{page.url}: expected an institute's page, found nothing")
    as_of = _date_of(page)
    language = _language(page)
    if _is_html(text):
        options = {**page.options, **{key: value for key, value in _configured(page).items() if key == "selectors"}}
        return listing_html.read(text, page.url, options, as_of, language)
    provider = page.options.get("provider")
    return listing_text.read(text, page.url, as_of, language, provider if isinstance(provider, str) else None)


def _is_html(text: str) -> bool:
    """Some tags of structure near the beginning; a capture may speak of ``<mask>`` but holds no such pair."""
    start = text[:20000].lstrip()
    return bool(re.match(r"(?i)<(?:!doctype|html|head|body|\?xml)", start)) or len(_MARKUP.findall(start)) >= 4


def _configured(page: Page) -> Mapping[str, Any]:
    """What the sources file says of this very page, told by its path."""
    path = _path(page.url)
    for one in page.options.get("pages") or ():
        if isinstance(one, dict) and _path(str(one.get("url", ""))).rstrip("/") == path.rstrip("/"):
            return one
    return {}


def _path(url: str) -> str:
    try:
        return urlsplit(url).path
    except ValueError:
        return url


def _language(page: Page) -> str | None:
    """``fr`` or ``en``: as configured for this page, as configured at all, or as its address says."""
    told = _configured(page).get("language") or page.options.get("language")
    if told:
        return str(told)
    found = _LANGUAGE.search(_path(page.url))
    return found[1].lower() if found else None


def _date_of(page: Page) -> date | None:
    return page.as_of.date() if isinstance(page.as_of, datetime) else page.as_of


SOURCE = Source(
    name="listing",
    title="An institute's publications page",
    revision=1,
    first=first,
    next=next_page,
    refetch=refetch,
    parse=parse,
    trust=60,
    deduplicates=False,
    media="any",
)
