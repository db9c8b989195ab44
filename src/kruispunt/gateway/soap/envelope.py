"""SOAP 1.1 envelopes: opened with one element in their body, closed around a reply or a fault."""

from typing import Final

from lxml import etree

from kruispunt.gateway.soap.port import Opened
from kruispunt.gateway.soap.xml import Element, write_xml
from kruispunt.web import HttpReply

SOAP: Final = "http://schemas.xmlsoap.org/soap/envelope/"
CLIENT: Final = "Client"
SERVER: Final = "Server"
VERSION_MISMATCH: Final = "VersionMismatch"
MUST_UNDERSTAND: Final = "MustUnderstand"

SECURITY: Final = (
    "{http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd}Security"
)
"""The only header that this door understands."""

MUST: Final = f"{{{SOAP}}}mustUnderstand"
MEDIA_TYPE: Final = "text/xml"

_ENVELOPE: Final = f"{{{SOAP}}}Envelope"
_HEADER: Final = f"{{{SOAP}}}Header"
_BODY: Final = f"{{{SOAP}}}Body"
_FAULT: Final = f"{{{SOAP}}}Fault"
_HEADERS: Final = {"content-type": "text/xml; charset=utf-8", "cache-control": "no-store"}
_PREFIXES: Final = {"soapenv": SOAP}


class SoapFault(Exception):
    """The reply is a fault: `code` is one of SOAP 1.1, `detail` what stands in its detail."""

    def __init__(
        self, code: str, words: str, *, detail: Element | None = None, status: int = 500
    ) -> None:
        super().__init__(words)
        self.code = code
        self.words = words
        self.detail = detail
        self.status = status


def opened(root: Element) -> Opened:
    """The envelope with one element in its body.

    Raises:
        SoapFault: it is no SOAP 1.1 envelope, its body holds none or several, or it brings a
            header that must be understood and is not.
    """
    if root.tag != _ENVELOPE:
        is_other = root.tag.endswith("}Envelope")
        raise SoapFault(
            VERSION_MISMATCH if is_other else CLIENT, "expected an envelope of SOAP 1.1"
        )
    parts = list(root)
    header = parts.pop(0) if parts and parts[0].tag == _HEADER else None
    if len(parts) != 1 or parts[0].tag != _BODY:
        raise SoapFault(CLIENT, "expected a header at most, then one body")
    if len(parts[0]) != 1:
        raise SoapFault(CLIENT, "expected one element in the body")
    if header is not None and not all(map(_is_understood, header)):
        raise SoapFault(MUST_UNDERSTAND, "expected no header to be understood but wsse:Security")
    return Opened(root=root, header=header, body=parts[0][0])


def _is_understood(entry: Element) -> bool:
    return entry.tag == SECURITY or entry.get(MUST, "0").strip() in ("0", "false")


def soap(body: Element) -> HttpReply:
    """A reply with one element in its body."""
    return _reply(body, status=200)


def fault(code: str, words: str, *, detail: Element | None = None, status: int = 500) -> HttpReply:
    """A fault: `code` is one of SOAP 1.1."""
    told = etree.Element(_FAULT, nsmap=_PREFIXES)
    etree.SubElement(told, "faultcode").text = f"soapenv:{code}"
    etree.SubElement(told, "faultstring").text = words
    if detail is not None:
        etree.SubElement(told, "detail").append(detail)
    return _reply(told, status=status)


def _reply(body: Element, *, status: int) -> HttpReply:
    envelope = etree.Element(_ENVELOPE, nsmap=_PREFIXES)
    etree.SubElement(envelope, _BODY).append(body)
    return HttpReply(status=status, headers=_HEADERS, body=write_xml(envelope))
