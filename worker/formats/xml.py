"""XML of strangers, read safely: no entity is expanded, nothing is fetched, no tree is huge; one broken record costs
only itself.

Strict first. What real files are known for (HTML's names of characters, control characters, a declaration that is not
the first thing, a wrong encoding) gets a second look with exactly that mended; the rest is ``Malformed`` with the
parser's reason. Elements are compared by their local name: every format here is met with and without its namespace.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Iterator
from functools import lru_cache
from html.entities import html5
from typing import IO, Any

from lxml import etree

from worker.errors import Malformed
from worker.page import Page, decode_text
from worker.record import Record

Element = Any
"""An element of lxml."""

LONGEST_RECORD = 64 << 20
"""Bytes of one record in a stream; what is longer is no record."""
CHUNK = 1 << 20

_NAMED = re.compile(rb"&([A-Za-z][A-Za-z0-9]{1,31});")
_OWN = frozenset((b"amp", b"lt", b"gt", b"quot", b"apos"))
_BARE = re.compile(rb"&(?!#[0-9]{1,7};|#[xX][0-9a-fA-F]{1,6};|[A-Za-z_:][\w.:-]*;)")
_CONTROLS = re.compile(
    rb"[\x00-\x08\x0b\x0c\x0e-\x1f]+|&#(?:[0-8]|1[124-9]|2[0-9]|3[01]|[xX]0?[0-8bBcCeEfF]|[xX]1[0-9a-fA-F]);"
)
_DECLARATION = re.compile(rb"\s*<\?xml\b[^>]*\?>")
_DOCTYPE = re.compile(rb"<!DOCTYPE\b[^>\[]*(\[)?", re.I)
_NAMESPACE = re.compile(rb"(\bxmlns(?::[\w.-]+)?\s*=\s*[\"'])([^\"'<>]*)([\"'])")
_PREFIX = re.compile(rb"(?:</?|\s)([A-Za-z_][\w.-]*):[A-Za-z_][\w.-]*(?=[\s=/>])")
_DECLARES = re.compile(rb"\bxmlns:([A-Za-z_][\w.-]*)\s*=")
_ROOT_TAG = re.compile(rb"<[A-Za-z_][\w.:-]*")
_ROOT = re.compile(rb"<(?:([A-Za-z_][\w.-]*):)?([A-Za-z_][\w.-]*)(?=[\s/>])")
_BEFORE_ROOT = re.compile(rb"(?s)\s+|<\?.*?\?>|<!--.*?-->|<!DOCTYPE[^>\[]*(?:\[.*?\]\s*)?>", re.I)
_TAG = re.compile(rb"(?s)<!--.*?-->|<!\[CDATA\[.*?\]\]>|<\?.*?\?>|<!DOCTYPE[^>]*>|<(/?)([A-Za-z_][\w.:-]*)[^<>]*?(/?)>")


def parse(body: bytes, where: str) -> Element:
    """The root element.

    Raises:
        Malformed: not XML, an entity is declared, or it is nested or written beyond measure.
    """
    text = _characters(body)
    failed: etree.XMLSyntaxError | None = None
    for attempt in (_strict, _strict_mended, _strict_large):
        try:
            return attempt(text, where)
        except etree.XMLSyntaxError as error:
            failed = failed or error
    assert failed is not None
    start = body[:60].decode("utf-8", errors="replace")
    raise Malformed(f"{where}: expected XML, found {start!r} ({failed.msg})", body) from failed


def _strict_mended(body: bytes, where: str) -> Element:
    return _strict(_mended(body), where)


def _strict_large(body: bytes, where: str) -> Element:
    """One text of more than 10 MB, or 256 levels, cost the page nothing; libxml2 must then be told that entities are
    none, since it no longer counts what they grow to."""
    text = _mended(body)
    declared = _DECLARATION.match(text)
    plain = decode_text(text[declared.end() :] if declared else text)
    if "<!ENTITY" in plain:
        raise Malformed(f"{where}: expected XML without declared entities, found a DOCTYPE with <!ENTITY", body)
    return _strict(plain.encode(), where, large=True)


def _strict(body: bytes, where: str, *, large: bool = False) -> Element:
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=large, recover=False, remove_comments=True,
        remove_pis=True,
    )  # fmt: skip
    try:
        root = etree.fromstring(body, parser)
    except (ValueError, AssertionError) as error:
        raise Malformed(f"{where}: expected XML, found {body[:60]!r} ({error})", body) from error
    if root is None:
        raise Malformed(f"{where}: expected XML, found nothing", body)
    dtd: Any = root.getroottree().docinfo.internalDTD
    if dtd is not None and any(True for _ in dtd.iterentities()):
        raise Malformed(f"{where}: expected XML without declared entities, found a DOCTYPE with <!ENTITY", body)
    return root


def _characters(body: bytes) -> bytes:
    """The bytes with HTML's names of characters as numbers; XML knows only five names without a DTD."""
    if b"&" not in body:
        return body
    return _NAMED.sub(_numbered, body)


def entities(text: bytes) -> bytes:
    """Text of an element as written, with its entities decoded."""
    return html.unescape(text.decode("utf-8", "replace")).encode() if b"&" in text else text


def _numbered(name: re.Match[bytes]) -> bytes:
    if name[1] in _OWN:
        return name[0]
    characters = html5.get(name[1].decode() + ";")
    return name[0] if characters is None else "".join(f"&#{ord(one)};" for one in characters).encode()


def _mended(body: bytes) -> bytes:
    """What is wrong with many real files, put right: what stands before the declaration, bare ampersands, control
    characters, bytes that are not of the declared encoding."""
    start = body.find(b"<")
    if start > 0:
        body = body[start:]
    declaration = _DECLARATION.match(body)
    try:
        body.decode("utf-8")
    except UnicodeDecodeError:
        if declaration is None or b"utf-8" in declaration[0].lower():
            body = decode_text(body).encode()
    if declaration is not None and body.count(b"<?xml ", declaration.end()):
        body = body[: declaration.end()] + body[declaration.end() :].replace(b"<?xml ", b"<?xml- ")
    body = _BARE.sub(b"&amp;", _CONTROLS.sub(b" ", body))
    return _declared(_NAMESPACE.sub(lambda one: one[1] + b"".join(one[2].split()) + one[3], body))


def _declared(body: bytes) -> bytes:
    """With the prefixes declared at the root that are used and declared nowhere."""
    lacking = {*_PREFIX.findall(body)} - {*_DECLARES.findall(body)} - {b"xml", b"xmlns"}
    root = _ROOT_TAG.search(body)
    if not lacking or root is None:
        return body
    told = b"".join(b' xmlns:%s="urn:undeclared:%s"' % (prefix, prefix) for prefix in sorted(lacking))
    return body[: root.end()] + told + body[root.end() :]


def root_name(head: bytes) -> tuple[bytes, bytes] | None:
    """Prefix and local name of the root element in the first bytes of a file; nothing when it is no XML."""
    at = 3 if head.startswith(b"\xef\xbb\xbf") else 0
    while (skipped := _BEFORE_ROOT.match(head, at)) is not None:
        at = skipped.end()
    found = _ROOT.match(head, at)
    return (found[1] or b"", found[2]) if found else None


def breaks_off(body: bytes) -> bool:
    """Whether a document begins a root element and does not end it: it was not sent, or not received, to its end."""
    root = root_name(body[:65_536])
    end = body[-1024:].rstrip()
    return root is not None and b"</" + b":".join(filter(None, root)) not in end and not end.endswith(b"/>")


def local(element: Element) -> str:
    """The name of an element without its namespace; empty for what is no element."""
    return _local(element.tag)


@lru_cache(maxsize=4096)
def _local(tag: object) -> str:
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""


def children(element: Element | None, *names: str) -> Iterator[Element]:
    """Children of these local names, in order; none of nothing."""
    if element is not None:
        for one in element:
            if local(one) in names:
                yield one


def child(element: Element | None, *path: str) -> Element | None:
    """The first child of that name, and so on down the path."""
    for name in path:
        if element is None:
            return None
        element = next((one for one in element if local(one) == name), None)
    return element


def below(element: Element, *names: str) -> Iterator[Element]:
    """Elements of these local names anywhere below, in order of the document."""
    for one in element.iter(etree.Element):
        if one is not element and local(one) in names:
            yield one


def text(element: Element | None, *path: str) -> str | None:
    """All text inside the element at the end of the path, as it stands; nothing when it is blank."""
    found = child(element, *path) if path else element
    if found is None:
        return None
    said = found.text if len(found) == 0 else "".join(found.itertext(etree.Element))
    return said if said and not said.isspace() else None


def markup(element: Element | None) -> str | None:
    """What an element holds with its markup by local names, for ``texts.clean`` to read; nothing when it is blank."""
    if element is None:
        return None
    if len(element) == 0:
        whole = element.text or ""
    else:
        parts: list[str] = []
        _write(element, parts, 0)
        whole = "".join(parts)
    return whole if whole and not whole.isspace() else None


def _write(element: Element, parts: list[str], depth: int) -> None:
    if element.text:
        parts.append(element.text)
    for one in element:
        name = local(one)
        if name and depth < DEEPEST:
            parts.append(f"<{name}>")
            _write(one, parts, depth + 1)
            parts.append(f"</{name}>")
        if one.tail:
            parts.append(one.tail)


DEEPEST = 60
"""Levels of markup inside one text."""


def attribute(element: Element, name: str) -> str | None:
    """An attribute by its local name."""
    for key, value in element.attrib.items():
        if key == name or key.rpartition("}")[2] == name:
            return str(value)
    return None


# -- records of a page ---------------------------------------------------------------------------------------------


def elements(body: bytes, where: str, *names: str) -> Iterator[Element | Malformed]:
    """The record elements of a page: the outermost ones of these names, or the root when there is none.

    When the page as a whole is no XML, its records are read one by one, and each that is broken is ``Malformed``.

    Raises:
        Malformed: it is no XML, and there is no record in it that would be.
    """
    try:
        root = parse(body, where)
    except Malformed as whole:
        yield from _piecewise(body, where, names, whole)
        return
    if local(root) in names:
        yield root
        return
    yield from outermost(root, names)


def outermost(root: Element, names: tuple[str, ...]) -> Iterator[Element]:
    """Elements of these names that are not inside another of them."""
    for one in root:
        if local(one) in names:
            yield one
        elif len(one):
            yield from outermost(one, names)


def _piecewise(body: bytes, where: str, names: tuple[str, ...], whole: Malformed) -> Iterator[Element | Malformed]:
    if root_name(body) is None or (_DOCTYPE.search(body[:4096]) and b"<!ENTITY" in body[:65536]):
        raise whole
    pieces = list(_slices([body], names))
    if not pieces or not isinstance(pieces[0], Frame) or len(pieces) < 3:
        raise whole
    frame = pieces[0]
    for number, piece in enumerate(pieces[1:], 1):
        if isinstance(piece, Tail):
            if not piece.is_end:
                yield Malformed(f"{where}, record {number}: {whole}", bytes(piece))
            continue
        try:
            root = parse(frame.header + piece + frame.footer, f"{where}, record {number}")
        except Malformed as error:
            yield Malformed(str(error), bytes(piece).lstrip())
            continue
        yield from outermost(root, names)


def records(page: Page, read: Callable[[Element], Record | None], *names: str) -> Iterator[Record | Malformed]:
    """What ``read`` makes of every record element of a page; a ``Malformed`` with its bytes where it fails, nothing
    where it returns nothing.

    Raises:
        Malformed: it is no XML, or has no element of these names.
    """
    number = 0
    for number, element in enumerate(elements(page.body, page.url, *names), 1):
        if isinstance(element, Malformed):
            yield element
            continue
        try:
            record = read(element)
        except (KeyError, IndexError, TypeError, ValueError, AttributeError, RecursionError) as error:
            content = etree.tostring(element, encoding="utf-8", with_tail=False)
            yield Malformed(f"{page.url}, <{local(element)}> {number}: {error}", content)
            continue
        if record is not None:
            yield record
    if number == 0:
        root = root_name(page.body)
        found = root[1].decode() if root else "nothing"
        raise Malformed(f"{page.url}: expected <{'> or <'.join(names)}>, found <{found}>", page.body)


# -- cutting -------------------------------------------------------------------------------------------------------


class Tail(bytes):
    """The end of a file; ``is_end`` says that it closes what its beginning opened."""

    is_end = True


class Frame(bytes):
    """What stands around the records: the beginning of the file, and the tags that close what it opened."""

    footer: bytes = b""

    @property
    def header(self) -> bytes:
        return bytes(self)


def slices(stream: IO[bytes], names: tuple[str, ...]) -> Iterator[bytes]:
    """A frame (``header``, ``footer``), then the bytes of one record after the other with what stands before each,
    at last a ``Tail``. Nothing but the tail when there is no record.

    Raises:
        Malformed: a record longer than ``LONGEST_RECORD``.
    """
    return _slices(iter(lambda: stream.read(CHUNK), b""), names)


def _slices(chunks: Any, names: tuple[str, ...]) -> Iterator[bytes]:
    either = "|".join(map(re.escape, names)).encode()
    mark = re.compile(rb"<!--|<!\[CDATA\[|<(/?)(?:[A-Za-z_][\w.-]*:)?(?:" + either + rb")(?=[\s/>])")
    buffer, at, start, depth = b"", 0, 0, 0
    frame: Frame | None = None
    source = iter(chunks)
    ended = False
    while True:
        found = mark.search(buffer, at)
        if found is not None:
            closing = {b"<!--": b"-->", b"<![CDATA[": b"]]>"}.get(found[0], b">")
            end = buffer.find(closing, found.end())
        if found is None or end < 0:
            # Nothing more in what is here: read on, keeping what may be the beginning of a mark.
            at = found.start() if found is not None else max(at, len(buffer) - 300)
            if start:
                buffer, at, start = buffer[start:], at - start, 0
            if len(buffer) > LONGEST_RECORD:
                wanted = "a longer one" if frame else f"no <{names[0]}> in them"
                raise Malformed(f"expected records of at most {LONGEST_RECORD >> 20} MB, found {wanted}")
            piece = next(source, b"") if not ended else b""
            if not piece:
                break
            buffer += piece
            continue
        at = end + len(closing)
        if closing != b">":
            continue
        if frame is None:
            frame = _frame(buffer[: found.start()])
            start = found.start()
            yield frame
        if found[1]:
            depth = max(0, depth - 1)
        elif buffer[end - 1 : end] != b"/":
            depth += 1
        if depth == 0:
            yield buffer[start:at]
            start = at
    tail = Tail(buffer[start:])
    if frame is not None:
        tail.is_end = depth == 0 and _closes(bytes(tail), frame)
    yield tail


def _frame(header: bytes) -> Frame:
    frame = Frame(header)
    frame.footer = b"".join(b"</" + name + b">" for name in reversed(_open(header)))
    return frame


def _open(header: bytes) -> list[bytes]:
    stack: list[bytes] = []
    for tag in _TAG.finditer(header):
        if tag[2] is None or tag[3]:
            continue
        if not tag[1]:
            stack.append(tag[2])
        elif tag[2] in stack:
            while stack.pop() != tag[2]:
                pass
    return stack


def _closes(tail: bytes, frame: Frame) -> bool:
    names = _open(frame.header)
    return not names or re.search(rb"</" + re.escape(names[0]) + rb"\s*>", tail) is not None
