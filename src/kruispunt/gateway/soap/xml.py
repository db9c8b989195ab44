"""XML in and out: bytes are read within hard bounds, and nothing in them is ever expanded."""

import re
from asyncio import get_running_loop
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Thread
from typing import Final, TypeVar

from lxml import etree

from kruispunt.gateway.soap.familiar import Familiar

Document = TypeVar("Document", bytes, str)
Element = etree._Element  # pyright: ignore[reportPrivateUsage] - its only name

MAX_BYTES: Final = 2 * 1024 * 1024
MAX_DEPTH: Final = 64
MAX_ELEMENTS: Final = 50_000
MAX_ATTRIBUTES: Final = 50_000
LARGE: Final = 64 * 1024
"""What is larger is read beside the loop, one at a time; of somebody unproven it is not read."""

_DECLARED: Final = re.compile(rb"""\s*+<\?xml\s[^>]{0,200}?encoding\s*=\s*["']([^"']{1,40})["']""")
_BOM: Final = b"\xef\xbb\xbf"
_AS_IT_IS: Final = frozenset((b"utf-8", b"utf8", b"us-ascii", b"ascii"))
_OF_ONE_BYTE: Final = frozenset((b"iso-8859-1", b"iso-8859-15", b"windows-1252"))

_DEEP: Final = etree.XPath(f"boolean({'/*' * (MAX_DEPTH + 1)})")
_FEW: Final = etree.XPath(f"count(//*) <= {MAX_ELEMENTS}")


FAMILIAR: Final = Familiar()
"""One for the process, as what libxml2 keeps is the process's."""

_place: Final = ThreadPoolExecutor(max_workers=1, thread_name_prefix="xml")
"""The one place where large documents are read; who is given up meanwhile still has it."""


class NotXml(Exception):
    """Bytes that are no XML this door reads; the message names the rule, never what was found."""

    def __init__(self, rule: str) -> None:
        super().__init__(rule)
        self.rule = rule


async def read_in_turn(read: Callable[[Document], Element], document: Document) -> Element:
    """What `read` makes of a document. Others are answered while a large one is read.

    Raises:
        NotXml: as `read` says.
    """
    if len(document) <= LARGE:
        return read(document)
    return await get_running_loop().run_in_executor(_place, read, document)


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

    What its declaration says of its encoding is no longer so, and is not looked at.

    Raises:
        NotXml: as `read_xml`.
    """
    body = text.encode(errors="replace")
    if len(body) > MAX_BYTES:
        raise NotXml(f"expected at most {MAX_BYTES} bytes")
    return _read(body.removeprefix(_BOM))


def learn(body: bytes) -> None:
    """A document that this door took from a caller who is proven: its like is read faster."""
    if len(body) <= LARGE:
        FAMILIAR.add(body)


def write_xml(element: Element) -> bytes:
    """A document in UTF-8, with its declaration."""
    return etree.tostring(element, encoding="UTF-8", xml_declaration=True)


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
    is_familiar = len(body) <= LARGE and FAMILIAR.holds(body)
    root = _parse(body) if is_familiar else _parse_apart(body)
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

    A thread of libxml2 keeps every name it ever met, also of what is not well-formed. Measured:
    50 000 new names a document, and the process stood at 870 MB after 389 documents and could
    learn no more; so it stays at 24 MB. It costs a tenth of a millisecond and more, where what is
    `FAMILIAR` costs a fifth of that.
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
        compact=True,
        collect_ids=False,
        remove_comments=True,
        remove_pis=True,
    )
