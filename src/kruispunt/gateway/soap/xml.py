"""XML in and out: bytes are read within hard bounds, and nothing in them is ever expanded."""

import re
from threading import Thread
from typing import Final

from lxml import etree

Element = etree._Element  # pyright: ignore[reportPrivateUsage] - its only name

MAX_BYTES: Final = 2 * 1024 * 1024
MAX_DEPTH: Final = 64
MAX_ELEMENTS: Final = 50_000
MAX_ATTRIBUTES: Final = 50_000
MAX_KNOWN: Final = 4096
MAX_NAME: Final = 256

_DECLARED: Final = re.compile(rb"""\s*+<\?xml\s[^>]{0,200}?encoding\s*=\s*["']([^"']{1,40})["']""")
_BOM: Final = b"\xef\xbb\xbf"
_AS_IT_IS: Final = frozenset((b"utf-8", b"utf8", b"us-ascii", b"ascii"))
_OF_ONE_BYTE: Final = frozenset((b"iso-8859-1", b"iso-8859-15", b"windows-1252"))

_TAGS: Final = re.compile(rb"<([^\s<>/!]++)")
_IS: Final = re.compile(rb"""=\s*+["']""")
_VALUE: Final = re.compile(rb"""[^"'<]*+""")
_NAMESPACE: Final = b"xmlns"
_UNKNOWABLE: Final = b"=" * MAX_NAME

_DEEP: Final = etree.XPath(f"boolean({'/*' * (MAX_DEPTH + 1)})")
_FEW: Final = etree.XPath(f"count(//*) <= {MAX_ELEMENTS}")


class NotXml(Exception):
    """Bytes that are no XML this door reads; the message names the rule, never what was found."""

    def __init__(self, rule: str) -> None:
        super().__init__(rule)
        self.rule = rule


def read_xml(body: bytes) -> Element:
    """The root of a document. Comments and processing instructions are left out.

    At most 2 MiB, 50 000 elements, as many attributes and a depth of 64; in UTF-8, or what its
    declaration says of encodings of one byte. Memory stays within 64 MB, also by new names.

    Raises:
        NotXml: it is not well-formed or beyond these bounds, or it brings a document type.
    """
    if len(body) > MAX_BYTES:
        raise NotXml(f"expected at most {MAX_BYTES} bytes")
    return _read(_decoded(body))


def read_inner(text: str) -> Element:
    """The root of a document that came as text in another.

    What its declaration says of its encoding is no longer so, and is not looked at. Whoever sent
    the other is proven by now: its names are remembered.

    Raises:
        NotXml: as `read_xml`.
    """
    body = text.encode(errors="replace")
    if len(body) > MAX_BYTES:
        raise NotXml(f"expected at most {MAX_BYTES} bytes")
    root = _read(body.removeprefix(_BOM))
    know(body)
    return root


def know(body: bytes) -> None:
    """Remember the names in a document from a proven caller: the next such is read faster."""
    _known.learn(names_in(body))


def write_xml(element: Element) -> bytes:
    """A document in UTF-8, with its declaration."""
    return etree.tostring(element, encoding="UTF-8", xml_declaration=True)


def names_in(body: bytes) -> set[bytes]:
    """The names and namespaces in a document, and perhaps words that only look like one.

    In the place of an attribute's name that is too long to be known, one that never is.
    """
    found = set(_TAGS.findall(body))
    for sign in _IS.finditer(body):
        begin = max(0, sign.start() - MAX_NAME)
        before = body[begin : sign.start()].split()
        name = before[-1] if len(before) > 1 or (before and not begin) else _UNKNOWABLE
        found.add(name)
        if name.startswith(_NAMESPACE):
            value = _VALUE.match(body, sign.end())
            found.add(b"" if value is None else value[0])
    return found


def _decoded(body: bytes) -> bytes:
    """The document in UTF-8."""
    body = body.removeprefix(_BOM)
    found = _DECLARED.match(body)
    said = b"utf-8" if found is None else found[1].lower()
    if said in _AS_IT_IS:
        return body
    if said not in _OF_ONE_BYTE:
        raise NotXml("expected UTF-8")
    return body.decode(said.decode("ascii"), "replace").encode()


def _read(body: bytes) -> Element:
    # INVARIANT: counted before a tree is built: each markup begins with `<` and each attribute
    # has its `=`, and a node takes up to 120 bytes. 2 MiB could hold 500 000 of them.
    if body.count(b"<") > 2 * MAX_ELEMENTS:
        raise NotXml(f"expected at most {MAX_ELEMENTS} elements")
    if body.count(b"=") > MAX_ATTRIBUTES:
        raise NotXml(f"expected at most {MAX_ATTRIBUTES} attributes")
    if b"<!DOCTYPE" in body or b"<!ENTITY" in body:
        raise NotXml("expected no document type")
    root = _parse(body) if _known.knows(names_in(body)) else _parse_apart(body)
    if _DEEP(root):
        raise NotXml(f"expected a depth of at most {MAX_DEPTH}")
    if len(body) > MAX_ELEMENTS and not _FEW(root):
        raise NotXml(f"expected at most {MAX_ELEMENTS} elements")
    return root


def _parse(body: bytes) -> Element:
    try:
        return etree.fromstring(body, _parser())
    except etree.XMLSyntaxError:
        raise NotXml("expected well-formed XML") from None


def _parse_apart(body: bytes) -> Element:
    """Read by a thread of its own, whose names go with it.

    A thread of libxml2 keeps every name it ever met. Measured: 50 000 new names a document, and
    the process stood at 870 MB after 389 documents and could learn no more; so it stays at 24 MB.
    """
    found: list[Element | NotXml] = []

    def read() -> None:
        try:
            found.append(_parse(body))
        except NotXml as wrong:
            found.append(wrong)

    reader = Thread(target=read, name="xml")
    reader.start()
    reader.join()
    result = found.pop()
    if isinstance(result, NotXml):
        raise result
    return result


def _parser() -> etree.XMLParser:
    return etree.XMLParser(
        encoding="utf-8",
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        collect_ids=False,
        remove_comments=True,
        remove_pis=True,
    )


class _Known:
    """Names that this process keeps anyway: those of proven callers, so many at most."""

    def __init__(self) -> None:
        self._names: set[bytes] = set()

    def knows(self, names: set[bytes]) -> bool:
        return names <= self._names

    def learn(self, names: set[bytes]) -> None:
        fresh = names - self._names
        room = MAX_KNOWN - len(self._names)
        if fresh and len(fresh) <= room and all(len(name) < MAX_NAME for name in fresh):
            self._names |= fresh


_known: Final = _Known()
"""libxml2's own names are of the whole process, and so is what we know of them."""
